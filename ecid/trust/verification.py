"""A signature under a certificate's key, as findings and never as exceptions."""

from __future__ import annotations

from dataclasses import replace

from ecid.encoding.der_write import oid, seq
from ecid.encoding.oid import RSASSA_PSS
from ecid.encoding.signature_algorithm import SignatureAlgorithm, parse_signature_algorithm
from ecid.encoding.spki import SubjectPublicKey
from ecid.errors import MalformedData, UnsupportedData
from ecid.outcome import SUCCESS, Finding, Reason, failed, undetermined
from ecid.trust.certificate import Certificate
from ecid_crypto.errors import (
    CryptoError,
    InvalidKey,
    InvalidPoint,
    InvalidSignature,
    UnsupportedAlgorithm,
)
from ecid_crypto.hashes import Hash
from ecid_crypto.public_key import DsaPublicKey, EcPublicKey, PublicKey, RsaPublicKey
from ecid_crypto.signature import Dsa, Ecdsa, RsaPkcs1v15, RsaPss, Scheme
from ecid_crypto.signature import verify as verify_signature

_BROKEN_HASHES = {
    "1.2.840.113549.2.2",  # MD2, then MD4 and MD5
    "1.2.840.113549.2.4",
    "1.2.840.113549.2.5",
    "1.2.840.113549.1.1.2",  # the same with RSA (RFC 8017 §A.2.4)
    "1.2.840.113549.1.1.3",
    "1.2.840.113549.1.1.4",
}


#: Open questions that leave it certain whose key signed.
SIGNED_ALL_THE_SAME = (Reason.WEAK_HASH, Reason.DIGEST_INFO_WITHOUT_NULL)


def unusable(oid: str) -> Finding:
    """Return the finding about an algorithm that is not computed with: broken, or unknown."""
    if oid in _BROKEN_HASHES:
        return failed(Reason.WEAK_HASH)
    return undetermined(Reason.UNSUPPORTED_ALGORITHM, what=oid)


def check_signature(
    key: SubjectPublicKey, algorithm: SignatureAlgorithm, signature: bytes, message: bytes
) -> Finding:
    """Verify ``signature`` over ``message``; a valid one with SHA-1 stays undetermined.

    The outcomes are those of design.md section 6, item 14: ``signature_invalid`` and
    ``weak_key`` fail, ``weak_hash`` and ``unsupported_algorithm`` stay open, and so does a
    signature that is right but for the NULL its hash lacks (``digest_info_without_null``).
    """
    scheme = algorithm.scheme
    if not _key_allows(key, scheme):
        return failed(Reason.SIGNATURE_INVALID, rule="pss_restriction")
    if not _fits(key.key, scheme):
        return failed(Reason.SIGNATURE_INVALID, rule="key_kind")
    try:
        verify_signature(scheme, key.key, signature, message)
    except InvalidSignature:
        if isinstance(scheme, RsaPkcs1v15) and _lacks_null(scheme, key.key, signature, message):
            return undetermined(Reason.DIGEST_INFO_WITHOUT_NULL)
        return failed(Reason.SIGNATURE_INVALID)
    except (InvalidKey, InvalidPoint):
        return failed(Reason.WEAK_KEY)
    except UnsupportedAlgorithm:
        return undetermined(Reason.UNSUPPORTED_ALGORITHM)
    return undetermined(Reason.WEAK_HASH) if scheme.hash is Hash.SHA1 else SUCCESS


def _fits(key: PublicKey, scheme: Scheme) -> bool:
    """Whether ``key`` is of the kind that ``scheme`` is made for."""
    if isinstance(scheme, Ecdsa):
        return isinstance(key, EcPublicKey)
    return isinstance(key, DsaPublicKey if isinstance(scheme, Dsa) else RsaPublicKey)


def _lacks_null(scheme: RsaPkcs1v15, key: PublicKey, signature: bytes, message: bytes) -> bool:
    """Whether the signature is right for a DigestInfo without NULL; SHA-1 on top is too much."""
    if scheme.hash is Hash.SHA1:
        return False
    try:
        verify_signature(replace(scheme, null=False), key, signature, message)
    except CryptoError:
        return False
    return True


def check_issued(certificate: Certificate, issuer: SubjectPublicKey) -> Finding:
    """Verify the signature on ``certificate`` with the key of its supposed issuer."""
    try:
        algorithm = certificate.signature_algorithm
    except MalformedData:
        return failed(Reason.MALFORMED)
    except UnsupportedData as exc:
        return unusable(exc.what)
    return check_signature(issuer, algorithm, certificate.signature, certificate.raw_tbs)


def _key_allows(key: SubjectPublicKey, scheme: Scheme) -> bool:
    """Whether a key that is restricted to RSASSA-PSS admits ``scheme`` (RFC 4055 §3.3).

    The hash functions must be the key's, the salt at least as long.
    """
    if not key.rsa_pss_restricted:
        return True
    if not isinstance(scheme, RsaPss):
        return False
    if key.restriction is None:
        return True
    identifier = seq(oid(RSASSA_PSS), key.restriction)
    try:
        allowed = parse_signature_algorithm(identifier, "certificate").scheme
    except (MalformedData, UnsupportedData):
        return False
    assert isinstance(allowed, RsaPss)
    same = (allowed.hash, allowed.mgf_hash) == (scheme.hash, scheme.mgf_hash)
    return same and scheme.salt_length >= allowed.salt_length
