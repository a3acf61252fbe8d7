"""Signatures with message recovery of active authentication (Doc 9303-11 §6.1, Appendix F).

ISO/IEC 9796-2 digital signature scheme 1 with partial recovery: the message representative is
F = 6A || M1 || H(M1 || M2) || trailer, where M2 is the challenge.
"""

from __future__ import annotations

import hmac

from ecid_crypto.errors import InvalidSignature, UnsupportedAlgorithm
from ecid_crypto.hashes import Hash
from ecid_crypto.public_key import RsaPublicKey, check_rsa


def verify_scheme1(
    key: RsaPublicKey, signature: bytes, m2: bytes, *, hash_expected: Hash | None = None
) -> Hash:
    """Verify ``signature`` over the chip's M1 and the challenge ``m2``; return the hash it used.

    The signature has as many bytes as the modulus and is a number below it. With
    ``hash_expected`` a trailer that names another hash is refused. Raises ``InvalidKey``,
    ``InvalidSignature``, and ``UnsupportedAlgorithm`` for SHA-512/224 and SHA-512/256, which the
    standard knows and this package does not.
    """
    check_rsa(key)
    if len(signature) != key.byte_length:
        raise InvalidSignature("signature_length")
    number = int.from_bytes(signature, "big")
    if number >= key.n:
        raise InvalidSignature("signature_range")
    recovered = pow(number, key.e, key.n)
    # Annex B.4 sends the smaller of s and n - s (Doc 9303-11 §6.1.2.2): every trailer ends in C,
    # and n is odd, so only one of the two numbers does.
    if recovered % 16 != _LAST_NIBBLE:
        recovered = key.n - recovered
    representative = recovered.to_bytes(key.byte_length, "big")
    return check_representative(representative, m2, hash_expected=hash_expected)


def check_representative(
    representative: bytes, m2: bytes, *, hash_expected: Hash | None = None
) -> Hash:
    """Check a recovered message representative F against ``m2``; return the hash it used.

    Steps 12 to 18 of Doc 9303-11 Appendix F; raises as ``verify_scheme1`` does.
    """
    if representative[:1] != b"\x6a":
        raise InvalidSignature("header")
    hash_function, trailer_length = _trailer(representative)
    if hash_expected not in (None, hash_function):
        raise InvalidSignature("hash_not_expected")
    end = len(representative) - trailer_length
    start = end - hash_function.digest_length
    if start < 1:
        raise InvalidSignature("representative_length")
    computed = hash_function.digest(representative[1:start] + m2)
    if not hmac.compare_digest(computed, representative[start:end]):
        raise InvalidSignature("hash_mismatch")
    return hash_function


def _trailer(representative: bytes) -> tuple[Hash, int]:
    """Return the hash the trailer names, and the length of the trailer in bytes."""
    if representative.endswith(b"\xbc"):
        return Hash.SHA1, 1  # option 1: it fixes SHA-1
    if not representative.endswith(b"\xcc"):
        raise InvalidSignature("trailer")
    identifier = representative[-2]
    if identifier in _UNSUPPORTED:
        raise UnsupportedAlgorithm("hash_algorithm")
    if identifier not in _HASHES:
        raise InvalidSignature("trailer")
    return _HASHES[identifier], 2


_LAST_NIBBLE = 0xC

# Hash identifiers of ISO/IEC 10118-3, as far as active authentication uses them.
_HASHES = {
    0x33: Hash.SHA1,
    0x34: Hash.SHA256,
    0x35: Hash.SHA512,
    0x36: Hash.SHA384,
    0x38: Hash.SHA224,
}
_UNSUPPORTED = frozenset({0x39, 0x3A})  # SHA-512/224 and SHA-512/256
