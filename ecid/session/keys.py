"""The keys of one secure messaging session."""

from __future__ import annotations

from dataclasses import dataclass, field

from ecid_crypto.cipher import Cipher, check_key
from ecid_crypto.errors import InvalidKey


@dataclass(frozen=True, slots=True)
class SessionKeys:
    """What access control or Chip Authentication agreed on (Doc 9303-11 §9.8.1).

    ``enc`` and ``mac`` have ``cipher.key_length`` bytes. ``ssc`` is the send sequence counter
    before the first command: one block, 8 bytes with 3DES and 16 with AES; zero after PACE and
    Chip Authentication, made of the two nonces after BAC (§9.8.6.1, §9.8.7). Raises
    ``ecid_crypto.errors.InvalidKey`` for any other length. Nothing of it is printed.
    """

    cipher: Cipher
    enc: bytes = field(repr=False)
    mac: bytes = field(repr=False)
    ssc: bytes = field(repr=False)

    def __post_init__(self) -> None:
        check_key(self.cipher, self.enc)
        check_key(self.cipher, self.mac)
        if len(self.ssc) != self.cipher.block_length:
            raise InvalidKey("ssc_length")

    @classmethod
    def with_zero_counter(cls, cipher: Cipher, enc: bytes, mac: bytes) -> SessionKeys:
        """Return keys whose counter starts at zero, as after PACE and Chip Authentication."""
        return cls(cipher, enc, mac, bytes(cipher.block_length))
