"""Verification of signatures: RSA PKCS #1 v1.5, RSASSA-PSS and ECDSA (Doc 9303-12 §4.4)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from cryptography import exceptions
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils

from ecid_crypto._ec_backend import OPENSSL_CURVES, openssl_public_key, python_verifies
from ecid_crypto.curves import Curve, check_point
from ecid_crypto.errors import InvalidKey, InvalidSignature, UnsupportedAlgorithm
from ecid_crypto.hashes import Hash, primitive
from ecid_crypto.public_key import EcPublicKey, PublicKey, RsaPublicKey, check_rsa


@dataclass(frozen=True)
class RsaPkcs1v15:
    """RSASSA-PKCS1-v1_5 (RFC 8017 §8.2); the DigestInfo must be the DER of §9.2, NULL included."""

    hash: Hash
    """Hash of the message."""


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


Scheme = RsaPkcs1v15 | RsaPss | Ecdsa
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
        public_key.verify(signature, message, _rsa_padding(scheme), primitive(scheme.hash))


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
