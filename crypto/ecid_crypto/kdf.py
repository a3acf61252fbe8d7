"""Key derivation of Doc 9303-11 §9.7.1: a hash over secret and counter."""

from __future__ import annotations

import enum

from ecid_crypto.cipher import Cipher
from ecid_crypto.hashes import Hash


class KdfCounter(enum.IntEnum):
    """What a derived key is for (Doc 9303-11 §9.7.1)."""

    ENC = 1
    """Encryption."""
    MAC = 2
    """Message authentication."""
    PASSWORD = 3
    """Decryption of the nonce of PACE (Kπ)."""


def derive_key(secret: bytes, counter: KdfCounter, cipher: Cipher) -> bytes:
    """Return KDF(secret, counter), ``cipher.key_length`` bytes.

    SHA-1 for 3DES and AES-128, SHA-256 for AES-192 and AES-256; the digest is cut to length.
    The parity bits of 3DES keys are adjusted, which the cipher ignores and the worked examples
    of Appendix D show.
    """
    digest = _hash_for(cipher).digest(secret + int(counter).to_bytes(4, "big"))
    key = digest[: cipher.key_length]
    return _odd_parity(key) if cipher is Cipher.TDES else key


def derive_session_keys(secret: bytes, cipher: Cipher) -> tuple[bytes, bytes]:
    """Return KSenc and KSmac of a shared secret (Doc 9303-11 §9.7.1 and §9.7.4)."""
    enc = derive_key(secret, KdfCounter.ENC, cipher)
    return enc, derive_key(secret, KdfCounter.MAC, cipher)


def _hash_for(cipher: Cipher) -> Hash:
    return Hash.SHA1 if cipher in (Cipher.TDES, Cipher.AES_128) else Hash.SHA256


def _odd_parity(key: bytes) -> bytes:
    return bytes(octet & 0xFE | (octet >> 1).bit_count() & 1 ^ 1 for octet in key)
