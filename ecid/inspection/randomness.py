"""The random source of one reading, watched: a source that repeats itself ends the reading.

Every key of the terminal and every challenge comes from it. One that is stuck makes nothing fail
that anybody could see: protocols run through, and whoever knows the bytes reads along, or has an
old answer of Active Authentication ready (Doc 9303-11 §6.1.1 forbids to use a challenge twice).
"""

from __future__ import annotations

from ecid.errors import RandomnessError
from ecid_crypto.rng import Rng

#: Draws shorter than this are not compared, and of longer ones this is what is: two of them are
#: equal by chance in one of 2^128 cases.
COMPARED = 16


class WatchedRng:
    """A source that hands on what ``inner`` gives, and remembers how each draw began.

    Raises ``RandomnessError`` for a draw that begins like an earlier one, or is of another length
    than was asked for. To be used for one reading.
    """

    def __init__(self, inner: Rng) -> None:
        self._inner = inner
        self._seen: set[bytes] = set()

    def __call__(self, length: int) -> bytes:
        """Return ``length`` bytes of ``inner``."""
        drawn = self._inner(length)
        beginning = drawn[:COMPARED]
        if len(drawn) != length or beginning in self._seen:
            raise RandomnessError
        if len(beginning) == COMPARED:
            self._seen.add(beginning)
        return drawn
