"""Message authentication codes of Doc 9303-11 §9.8: retail MAC for 3DES, CMAC for AES."""

from __future__ import annotations

import hmac

from cryptography.hazmat.primitives.ciphers import algorithms
from cryptography.hazmat.primitives.cmac import CMAC

from ecid_crypto._des import des_cbc
from ecid_crypto.cipher import Cipher, check_key
from ecid_crypto.errors import InvalidKey, InvalidMac, InvalidPadding
from ecid_crypto.padding import pad

MAC_LENGTH = 8
"""Bytes of every code in this module (Doc 9303-11 §9.8.6.2 and §9.8.7.2)."""


def retail_mac(key: bytes, padded: bytes) -> bytes:
    """Return the 8-byte ISO/IEC 9797-1 MAC algorithm 3 with DES and a zero IV (§9.8.6.2).

    ``key`` is K1 || K2, 16 bytes; ``padded`` is one or more whole 8-byte blocks: the caller pads.
    Raises ``InvalidKey`` (length, or equal halves) and ``InvalidPadding``.
    """
    check_key(Cipher.TDES, key)
    if not padded or len(padded) % 8:
        raise InvalidPadding("whole_blocks")
    first, second, zero = key[:8], key[8:], bytes(8)
    chained = des_cbc(first, zero).encrypt(padded)[-8:]
    # Output transformation 3: decrypt with the second key, encrypt with the first.
    return des_cbc(first, zero).encrypt(des_cbc(second, zero).decrypt(chained))


def cmac(key: bytes, message: bytes) -> bytes:
    """Return the leftmost 8 bytes of AES-CMAC (RFC 4493, SP 800-38B; Doc 9303-11 §9.8.7.2).

    ``key`` has 16, 24 or 32 bytes, otherwise ``InvalidKey``; ``message`` any length.
    """
    if len(key) not in (16, 24, 32):
        raise InvalidKey("key_length")
    context = CMAC(algorithms.AES(key))
    context.update(message)
    return context.finalize()[:MAC_LENGTH]


def mac(cipher: Cipher, key: bytes, message: bytes) -> bytes:
    """Return the code of an unpadded ``message``, as BAC and the PACE tokens need it.

    3DES: padding method 2, then ``retail_mac``; AES: ``cmac``, which pads inside.
    """
    check_key(cipher, key)
    if cipher is Cipher.TDES:
        return retail_mac(key, pad(message, cipher.block_length))
    return cmac(key, message)


def mac_padded(cipher: Cipher, key: bytes, padded: bytes) -> bytes:
    """Return the code of a message the caller has padded (secure messaging, §9.8).

    Raises ``InvalidKey``, and ``InvalidPadding`` for data that is not whole blocks.
    """
    check_key(cipher, key)
    if not padded or len(padded) % cipher.block_length:
        raise InvalidPadding("whole_blocks")
    return retail_mac(key, padded) if cipher is Cipher.TDES else cmac(key, padded)


def verify(expected: bytes, received: bytes) -> None:
    """Return quietly if the codes are equal, else raise ``InvalidMac``; in constant time.

    Both must have all 8 bytes: a shortened code is refused.
    """
    if len(received) != len(expected) or len(expected) != MAC_LENGTH:
        raise InvalidMac("mac_length")
    if not hmac.compare_digest(expected, received):
        raise InvalidMac("mac_mismatch")
