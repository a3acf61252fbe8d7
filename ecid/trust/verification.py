"""A signature under a certificate's key, as findings and never as exceptions."""

from __future__ import annotations

from ecid.encoding.der_write import oid, seq
from ecid.encoding.oid import RSASSA_PSS
from ecid.encoding.signature_algorithm import SignatureAlgorithm, parse_signature_algorithm
from ecid.encoding.spki import SubjectPublicKey
from ecid.errors import MalformedData, UnsupportedData
from ecid.outcome import SUCCESS, Finding, Reason, failed, undetermined
from ecid.trust.certificate import Certificate
from ecid_crypto.errors import InvalidKey, InvalidPoint, InvalidSignature, UnsupportedAlgorithm
from ecid_crypto.hashes import Hash
from ecid_crypto.signature import RsaPss, Scheme
from ecid_crypto.signature import verify as verify_signature


def check_signature(
    key: SubjectPublicKey, algorithm: SignatureAlgorithm, signature: bytes, message: bytes
) -> Finding:
    """Verify ``signature`` over ``message``; a valid one with SHA-1 stays undetermined.

    The outcomes are those of design.md section 6, item 14: ``signature_invalid`` and
    ``weak_key`` fail, ``weak_hash`` and ``unsupported_algorithm`` stay open.
    """
    if not _key_allows(key, algorithm.scheme):
        return failed(Reason.SIGNATURE_INVALID, rule="pss_restriction")
    try:
        verify_signature(algorithm.scheme, key.key, signature, message)
    except InvalidSignature:
        return failed(Reason.SIGNATURE_INVALID)
    except (InvalidKey, InvalidPoint):
        return failed(Reason.WEAK_KEY)
    except UnsupportedAlgorithm:
        return undetermined(Reason.UNSUPPORTED_ALGORITHM)
    return undetermined(Reason.WEAK_HASH) if algorithm.scheme.hash is Hash.SHA1 else SUCCESS


def check_issued(certificate: Certificate, issuer: SubjectPublicKey) -> Finding:
    """Verify the signature on ``certificate`` with the key of its supposed issuer."""
    try:
        algorithm = certificate.signature_algorithm
    except MalformedData:
        return failed(Reason.MALFORMED)
    except UnsupportedData:
        return undetermined(Reason.UNSUPPORTED_ALGORITHM)
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
