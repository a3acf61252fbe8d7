"""What a card is to everything above: one method."""

from __future__ import annotations

from typing import Protocol


class Transport(Protocol):
    """Carries one command APDU to a chip and brings back its response APDU.

    It never interprets a status word and never repeats a command by itself; whatever does
    (chaining, secure messaging, recording) is a transport round another transport.
    """

    def transmit(self, command: bytes, /) -> bytes:
        """Send one encoded command APDU and return the response: data, then two status bytes.

        Raises a ``ReaderError`` if the link failed (``CardRemoved``, ``TransportTimeout``).
        """
        ...
