"""Verification of signatures: RSA PKCS #1 v1.5, RSASSA-PSS, ECDSA and DSA (Doc 9303-12 §4.4)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

from cryptography import exceptions
from cryptography.hazmat.primitives.asymmetric import dsa, ec, padding, rsa, utils

from ecid_crypto._ec_backend import OPENSSL_CURVES, openssl_public_key, python_verifies
from ecid_crypto.curves import Curve, check_point
from ecid_crypto.errors import InvalidKey, InvalidSignature, UnsupportedAlgorithm
from ecid_crypto.hashes import Hash, primitive
from ecid_crypto.public_key import (
    DsaPublicKey,
    EcPublicKey,
    PublicKey,
    RsaPublicKey,
    check_dsa,
    check_rsa,
)


@dataclass(frozen=True)
class RsaPkcs1v15:
    """RSASSA-PKCS1-v1_5 (RFC 8017 §8.2); the DigestInfo must be the one DER encoding of §9.2."""

    hash: Hash
    """Hash of the message."""
    null: bool = True
    """Whether the hash of the DigestInfo has its NULL parameter. §9.2 wants it; some issuers
    leave it out, which is another encoding and never both."""


@dataclass(frozen=True)
class RsaPss:
    """RSASSA-PSS with MGF1 and trailer field 1 (RFC 8017 §8.1)."""

    hash: Hash
    """Hash of the message."""
    mgf_hash: Hash
    """Hash of the mask generation function."""
    salt_length: int
    """Length of the salt in bytes; a signature with another length is refused."""


@dataclass(frozen=True)
class Ecdsa:
    """ECDSA (FIPS 186-4 §6.4, TR-03111 §4.2.1)."""

    hash: Hash
    """Hash of the message; where it is longer than the order, its leftmost bits count."""
    encoding: Literal["der", "plain"]
    """``der``: ECDSA-Sig-Value (RFC 3279 §2.2.3); ``plain``: r || s (TR-03111 §5.2.1)."""


@dataclass(frozen=True)
class Dsa:
    """DSA (FIPS 186-4 §4.7); the signature is a Dss-Sig-Value (RFC 3279 §2.2.2)."""

    hash: Hash
    """Hash of the message; where it is longer than q, its leftmost bits count."""


Scheme = RsaPkcs1v15 | RsaPss | Ecdsa | Dsa
"""Any signature scheme with its parameters."""


def verify(scheme: Scheme, key: PublicKey, signature: bytes, message: bytes) -> None:
    """Return quietly if ``signature`` over ``message`` verifies under ``key``.

    Raises ``InvalidSignature`` if it does not or is malformed, ``InvalidKey`` or
    ``InvalidPoint`` if the key is unusable or of the other kind, and ``UnsupportedAlgorithm`` if
    the library underneath lacks the algorithm. Nothing else leaves this function.
    """
    if isinstance(scheme, Ecdsa):
        if not isinstance(key, EcPublicKey):
            raise InvalidKey("key_kind")
        _verify_ecdsa(scheme, key, signature, message)
    elif isinstance(scheme, Dsa):
        if not isinstance(key, DsaPublicKey):
            raise InvalidKey("key_kind")
        _verify_dsa(scheme, key, signature, message)
    else:
        if not isinstance(key, RsaPublicKey):
            raise InvalidKey("key_kind")
        _verify_rsa(scheme, key, signature, message)


def _verify_rsa(
    scheme: RsaPkcs1v15 | RsaPss, key: RsaPublicKey, signature: bytes, message: bytes
) -> None:
    check_rsa(key)
    if len(signature) != key.byte_length:
        raise InvalidSignature("signature_length")
    with _foreign_errors(InvalidKey("rsa_key_refused")):
        public_key = rsa.RSAPublicNumbers(key.e, key.n).public_key()
    with _foreign_errors(InvalidSignature("signature_refused")):
        if isinstance(scheme, RsaPkcs1v15) and not scheme.null:
            info = _digest_info_without_null(scheme.hash, message)
            bare: Any = utils.NoDigestInfo()  # missing in the type information of the library
            public_key.verify(signature, info, padding.PKCS1v15(), bare)
        else:
            public_key.verify(signature, message, _rsa_padding(scheme), primitive(scheme.hash))


def _digest_info_without_null(hash_function: Hash, message: bytes) -> bytes:
    """Return the DigestInfo (RFC 8017 §9.2) whose hash has no parameters at all."""
    algorithm = _tlv(0x30, _tlv(0x06, bytes.fromhex(_HASH_OIDS[hash_function])))
    return _tlv(0x30, algorithm + _tlv(0x04, hash_function.digest(message)))


def _tlv(tag: int, value: bytes) -> bytes:
    """Return a DER object of at most 127 bytes."""
    return bytes([tag, len(value)]) + value


def _rsa_padding(scheme: RsaPkcs1v15 | RsaPss) -> padding.PKCS1v15 | padding.PSS:
    if isinstance(scheme, RsaPkcs1v15):
        return padding.PKCS1v15()
    return padding.PSS(padding.MGF1(primitive(scheme.mgf_hash)), scheme.salt_length)


def _verify_ecdsa(scheme: Ecdsa, key: EcPublicKey, signature: bytes, message: bytes) -> None:
    check_point(key.curve, key.point)
    r, s = _numbers(scheme, key.curve, signature)
    digest = scheme.hash.digest(message)
    if key.curve.name in OPENSSL_CURVES:
        public_key = openssl_public_key(key.curve, key.point)
        algorithm = ec.ECDSA(utils.Prehashed(primitive(scheme.hash)))
        with _foreign_errors(InvalidSignature("signature_refused")):
            public_key.verify(utils.encode_dss_signature(r, s), digest, algorithm)
    elif not python_verifies(key.curve, key.point, _leftmost_bits(key.curve, digest), r, s):
        raise InvalidSignature("signature_mismatch")


def _verify_dsa(scheme: Dsa, key: DsaPublicKey, signature: bytes, message: bytes) -> None:
    check_dsa(key)
    with _foreign_errors(InvalidSignature("signature_not_der")):
        r, s = utils.decode_dss_signature(signature)
    if not (1 <= r < key.q and 1 <= s < key.q):
        raise InvalidSignature("signature_range")
    parameters = dsa.DSAParameterNumbers(key.p, key.q, key.g)
    with _foreign_errors(InvalidKey("dsa_key_refused")):
        public_key = dsa.DSAPublicNumbers(key.y, parameters).public_key()
    with _foreign_errors(InvalidSignature("signature_refused")):
        public_key.verify(utils.encode_dss_signature(r, s), message, primitive(scheme.hash))


def _numbers(scheme: Ecdsa, curve: Curve, signature: bytes) -> tuple[int, int]:
    """Return r and s, both in 1 to n - 1."""
    decode = _from_der if scheme.encoding == "der" else _from_plain
    r, s = decode(curve, signature)
    if not (1 <= r < curve.n and 1 <= s < curve.n):
        raise InvalidSignature("signature_range")
    return r, s


def _from_der(_curve: Curve, signature: bytes) -> tuple[int, int]:
    with _foreign_errors(InvalidSignature("signature_not_der")):
        return utils.decode_dss_signature(signature)


def _from_plain(curve: Curve, signature: bytes) -> tuple[int, int]:
    width = curve.order_length
    if len(signature) != 2 * width:
        raise InvalidSignature("signature_length")
    return int.from_bytes(signature[:width], "big"), int.from_bytes(signature[width:], "big")


def _leftmost_bits(curve: Curve, digest: bytes) -> int:
    surplus = max(0, 8 * len(digest) - curve.n.bit_length())
    return int.from_bytes(digest, "big") >> surplus


@contextmanager
def _foreign_errors(refusal: InvalidKey | InvalidSignature) -> Iterator[None]:
    """Turn what `cryptography` raises into ``refusal``, keeping the cause."""
    try:
        yield
    except exceptions.InvalidSignature as exc:
        raise InvalidSignature("signature_mismatch") from exc
    except exceptions.UnsupportedAlgorithm as exc:
        raise UnsupportedAlgorithm("signature_algorithm") from exc
    except (ValueError, TypeError, OverflowError) as exc:
        raise refusal from exc


#: Contents of the object identifiers (RFC 8017 §B.1).
_HASH_OIDS = {
    Hash.SHA1: "2b0e03021a",
    Hash.SHA224: "608648016503040204",
    Hash.SHA256: "608648016503040201",
    Hash.SHA384: "608648016503040202",
    Hash.SHA512: "608648016503040203",
}
