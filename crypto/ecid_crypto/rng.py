"""Sources of random bytes: randomness is an argument of every function that needs it."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable

from ecid_crypto.errors import CryptoError

Rng = Callable[[int], bytes]
"""Takes a number of bytes, returns exactly that many."""


def system_rng(length: int) -> bytes:
    """Return ``length`` bytes from the generator of the operating system."""
    return secrets.token_bytes(length)


class ScriptedRng:
    """Hands out prepared chunks, one for each call: reproduces published worked examples.

    Strict on purpose: each call must ask for exactly the length of the next chunk, otherwise
    ``CryptoError``. For tests only.
    """

    def __init__(self, *chunks: bytes) -> None:
        self._left = list(chunks)

    def __call__(self, length: int) -> bytes:
        """Return the next chunk; ``CryptoError`` if it is absent or of another length."""
        if not self._left:
            raise CryptoError("script_exhausted")
        if len(self._left[0]) != length:
            raise CryptoError("script_length")
        return self._left.pop(0)

    @property
    def exhausted(self) -> bool:
        """Return whether every chunk was handed out."""
        return not self._left


class SeededRng:
    """A reproducible stream: SHA-256 over seed and counter.

    For emulated cards and tests only: whoever knows the seed knows every byte.
    """

    def __init__(self, seed: bytes) -> None:
        self._seed = seed
        self._counter = 0
        self._pending = b""

    def __call__(self, length: int) -> bytes:
        """Return the next ``length`` bytes of the stream."""
        while len(self._pending) < length:
            block = self._seed + self._counter.to_bytes(8, "big")
            self._pending += hashlib.sha256(block).digest()
            self._counter += 1
        taken, self._pending = self._pending[:length], self._pending[length:]
        return taken
