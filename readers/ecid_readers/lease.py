"""One user for each reader within this process; between processes PC/SC itself sees to it."""

from __future__ import annotations

import threading

from ecid_readers.errors import ReaderBusy

_held: set[str] = set()
_guard = threading.Lock()


class Lease:
    """The right to use ``reader``, held from construction until ``release``."""

    def __init__(self, reader: str) -> None:
        """Take the lease. Raises ``ReaderBusy`` if somebody in this process has it."""
        with _guard:
            if reader in _held:
                raise ReaderBusy(reader)
            _held.add(reader)
        self._reader: str | None = reader

    def release(self) -> None:
        """Give the lease back; more than once does no harm."""
        with _guard:
            if self._reader is not None:
                _held.discard(self._reader)
                self._reader = None
