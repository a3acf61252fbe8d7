"""Block ciphers of Doc 9303-11: two-key 3DES and AES, in CBC mode and as a single block.

No padding happens here; secure messaging and the protocols pad as their clause says.
"""

from __future__ import annotations

import enum
import hmac

from cryptography.hazmat.primitives import ciphers
from cryptography.hazmat.primitives.ciphers import algorithms, modes

from ecid_crypto._des import tdes_cbc
from ecid_crypto.errors import InvalidKey, InvalidPadding


class Cipher(enum.Enum):
    """A block cipher with its key length."""

    TDES = "3DES"
    AES_128 = "AES-128"
    AES_192 = "AES-192"
    AES_256 = "AES-256"

    @property
    def key_length(self) -> int:
        """Return the key length in bytes; 16 for 3DES, which always has two keys here."""
        return _KEY_LENGTHS[self]

    @property
    def block_length(self) -> int:
        """Return the block length in bytes: 8 or 16."""
        return 8 if self is Cipher.TDES else 16


def encrypt_cbc(cipher: Cipher, key: bytes, iv: bytes, data: bytes) -> bytes:
    """Encrypt whole blocks in CBC mode (ISO/IEC 10116; Doc 9303-11 §9.8.6.1, §9.8.7.1).

    ``key`` has ``cipher.key_length`` bytes, ``iv`` one block; the result is as long as ``data``.
    Raises ``InvalidKey`` for a key or IV of the wrong length, and for a 3DES key whose halves
    are equal (it would be single DES); ``InvalidPadding`` for data that is not whole blocks.
    """
    _check(cipher, key, iv, data)
    if cipher is Cipher.TDES:
        return tdes_cbc(key, iv).encrypt(data)
    encryptor = _aes(key, modes.CBC(iv)).encryptor()
    return encryptor.update(data) + encryptor.finalize()


def decrypt_cbc(cipher: Cipher, key: bytes, iv: bytes, data: bytes) -> bytes:
    """Decrypt what ``encrypt_cbc`` made, with the same arguments and refusals.

    Padding is still there, and nothing says that the key was right: verify the MAC first.
    """
    _check(cipher, key, iv, data)
    if cipher is Cipher.TDES:
        return tdes_cbc(key, iv).decrypt(data)
    decryptor = _aes(key, modes.CBC(iv)).decryptor()
    return decryptor.update(data) + decryptor.finalize()


def encrypt_block(cipher: Cipher, key: bytes, block: bytes) -> bytes:
    """Encrypt exactly one block without chaining, as for the IV of AES (Doc 9303-11 §9.8.7.1).

    Raises ``InvalidKey`` and ``InvalidPadding`` as ``encrypt_cbc`` does.
    """
    if len(block) != cipher.block_length:
        raise InvalidPadding("one_block")
    # One block in CBC mode with a zero IV is the bare cipher.
    return encrypt_cbc(cipher, key, bytes(cipher.block_length), block)


def check_key(cipher: Cipher, key: bytes) -> None:
    """Return quietly if ``key`` fits ``cipher``, else raise ``InvalidKey``.

    A 3DES key whose halves agree in all but the parity bits is refused: it is single DES in
    disguise. Derived keys degenerate like this once in 2**56 times at most.
    """
    if len(key) != cipher.key_length:
        raise InvalidKey("key_length")
    if cipher is Cipher.TDES and hmac.compare_digest(_no_parity(key[:8]), _no_parity(key[8:])):
        raise InvalidKey("degenerate_3des_key")


def _check(cipher: Cipher, key: bytes, iv: bytes, data: bytes) -> None:
    check_key(cipher, key)
    if len(iv) != cipher.block_length:
        raise InvalidKey("iv_length")
    if len(data) % cipher.block_length:
        raise InvalidPadding("whole_blocks")


def _no_parity(half: bytes) -> bytes:
    return bytes(octet & 0xFE for octet in half)


def _aes(key: bytes, mode: modes.CBC) -> ciphers.Cipher[modes.CBC]:
    return ciphers.Cipher(algorithms.AES(key), mode)


_KEY_LENGTHS = {Cipher.TDES: 16, Cipher.AES_128: 16, Cipher.AES_192: 24, Cipher.AES_256: 32}
