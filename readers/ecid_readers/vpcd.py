"""The card's side of vpcd, the virtual PC/SC reader: any transport, laid on a reader of software.

Wire protocol: every message is a length of two bytes, big-endian, and a body. From the reader, a
body of one byte is control (00 power off, 01 power on, 02 reset, 04 get ATR) and only the last is
answered; any other body is a command APDU. The card connects, the reader listens.
"""

from __future__ import annotations

import contextlib
import socket
from typing import Final, Protocol

DEFAULT_PORT: Final = 35963
"""Slot 0 of the reader that Debian's vsmartcard-vpcd configures."""

_POWER_OFF, _POWER_ON, _RESET, _GET_ATR = 0x00, 0x01, 0x02, 0x04
_MAX_MESSAGE = 0xFFFF

#: Debian's vpcd sends length and body apart and lets Nagle wait for our delayed
#: acknowledgement: 44 ms an APDU. Acknowledging at once must be asked for after every receive,
#: since the kernel forgets it. Linux only; elsewhere there is nothing to set.
_QUICK_ACK: Final = getattr(socket, "TCP_QUICKACK", None)


class VirtualCard(Protocol):
    """What can be laid on the virtual reader: a transport with an ATR that can be reset."""

    @property
    def atr(self) -> bytes:
        """The answer to reset, at most 33 bytes, always the same."""

    def reset(self) -> None:
        """Return to the state after power-on."""

    def transmit(self, command: bytes, /) -> bytes:
        """Answer one command APDU."""


class Slot:
    """A connection to one slot of the virtual reader; the card is present while it is open."""

    def __init__(self, host: str = "127.0.0.1", port: int = DEFAULT_PORT) -> None:
        """Connect to the reader. Raises ``OSError`` if nothing listens there."""
        self._socket = socket.create_connection((host, port))

    def close(self) -> None:
        """Take the card off the reader; what ``serve`` waits for ends."""
        with contextlib.suppress(OSError):  # the reader may have been faster
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def serve(self, card: VirtualCard) -> None:
        """Answer the reader with ``card`` until either side closes the connection.

        What ``card.transmit`` raises passes through, with the card taken off the reader.
        """
        try:
            while (message := self._receive()) is not None:
                answer = _answer(card, message)
                if answer is not None:
                    self._socket.sendall(len(answer).to_bytes(2, "big") + answer)
        except OSError:
            return  # closed by ``close`` or by the reader in mid-message
        finally:
            self.close()

    def _receive(self) -> bytes | None:
        """Return the next message, or None once the reader has closed."""
        length = self._exactly(2)
        return None if length is None else self._exactly(int.from_bytes(length, "big"))

    def _exactly(self, count: int) -> bytes | None:
        """Return ``count`` bytes; TCP may bring them in pieces."""
        data = b""
        while len(data) < count:
            piece = self._socket.recv(count - len(data))
            if not piece:
                return None
            if _QUICK_ACK is not None:
                self._socket.setsockopt(socket.IPPROTO_TCP, _QUICK_ACK, 1)
            data += piece
        return data


def _answer(card: VirtualCard, message: bytes) -> bytes | None:
    """Return what the card says to ``message``, None where the reader expects nothing."""
    if len(message) != 1:
        return card.transmit(message)[:_MAX_MESSAGE]
    if message[0] == _GET_ATR:
        return card.atr
    if message[0] in {_POWER_OFF, _POWER_ON, _RESET}:
        card.reset()
    return None
