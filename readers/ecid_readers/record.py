"""Transports that watch: one counts, one keeps every exchange."""

from __future__ import annotations

from ecid_readers.transport import Transport


class Meter:
    """Counts what passes: ``apdus``, ``bytes_sent`` and ``bytes_received`` (with status words).

    A command that the link lost counts as sent.
    """

    def __init__(self, inner: Transport) -> None:
        self._inner = inner
        self.apdus = 0
        self.bytes_sent = 0
        self.bytes_received = 0

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}(apdus={self.apdus}, bytes_sent={self.bytes_sent}, "
            f"bytes_received={self.bytes_received})"
        )

    def transmit(self, command: bytes, /) -> bytes:
        """Pass ``command`` on, count it and its answer, and return the answer unchanged."""
        self.apdus += 1
        self.bytes_sent += len(command)
        response = self._inner.transmit(command)
        self.bytes_received += len(response)
        return response


class Recording(Meter):
    """Keeps every completed exchange, and counts like ``Meter``.

    Warning: what it keeps is the traffic itself. Placed outside secure messaging that is
    personal data in clear; it is never printed by ``repr``.
    """

    def __init__(self, inner: Transport) -> None:
        super().__init__(inner)
        self._exchanges: list[tuple[bytes, bytes]] = []

    @property
    def exchanges(self) -> tuple[tuple[bytes, bytes], ...]:
        """Every command with its answer, in order."""
        return tuple(self._exchanges)

    def transmit(self, command: bytes, /) -> bytes:
        """Pass ``command`` on, keep it with its answer, and return the answer unchanged."""
        response = super().transmit(command)
        self._exchanges.append((bytes(command), bytes(response)))
        return response
