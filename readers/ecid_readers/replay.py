"""A recorded exchange played back, strictly."""

from __future__ import annotations

from collections.abc import Iterable

from ecid_readers.errors import UnexpectedCommand


class Replay:
    """Answers exactly the recorded commands, in their order, and nothing else.

    ``exchanges`` are pairs of command and response as ``Recording.exchanges`` has them.
    """

    def __init__(self, exchanges: Iterable[tuple[bytes, bytes]]) -> None:
        self._exchanges = tuple(exchanges)
        self._played = 0

    def __repr__(self) -> str:
        return f"{type(self).__name__}(remaining={self.remaining})"

    @property
    def remaining(self) -> int:
        """How many recorded exchanges have not been asked for yet."""
        return len(self._exchanges) - self._played

    def transmit(self, command: bytes, /) -> bytes:
        """Return the recorded answer to ``command``.

        Raises ``UnexpectedCommand``, with the header only, for any other command and after
        the last one; the recording does not move on then.
        """
        if not self.remaining or self._exchanges[self._played][0] != command:
            raise UnexpectedCommand(bytes(command[:4]).hex().upper())
        self._played += 1
        return self._exchanges[self._played - 1][1]
