"""A signature under a certificate's key, as findings and never as exceptions."""

from __future__ import annotations

from ecid.encoding.signature_algorithm import SignatureAlgorithm
from ecid.encoding.spki import SubjectPublicKey
from ecid.errors import MalformedData, UnsupportedData
from ecid.outcome import SUCCESS, Finding, Reason, failed, undetermined
from ecid.trust.certificate import Certificate
from ecid_crypto.errors import InvalidKey, InvalidSignature, UnsupportedAlgorithm
from ecid_crypto.hashes import Hash
from ecid_crypto.signature import Scheme
from ecid_crypto.signature import verify as verify_signature


def check_signature(
    key: SubjectPublicKey, algorithm: SignatureAlgorithm, signature: bytes, message: bytes
) -> Finding:
    """Verify ``signature`` over ``message``; a valid one with SHA-1 stays undetermined.

    The outcomes are those of design.md section 6, item 14: ``signature_invalid`` and
    ``weak_key`` fail, ``weak_hash`` and ``unsupported_algorithm`` stay open.
    """
    try:
        verify_signature(algorithm.scheme, key.key, signature, message)
    except InvalidSignature:
        return failed(Reason.SIGNATURE_INVALID)
    except InvalidKey:
        return failed(Reason.WEAK_KEY)
    except UnsupportedAlgorithm:
        return undetermined(Reason.UNSUPPORTED_ALGORITHM)
    return undetermined(Reason.WEAK_HASH) if _hash_of(algorithm.scheme) is Hash.SHA1 else SUCCESS


def check_issued(certificate: Certificate, issuer: SubjectPublicKey) -> Finding:
    """Verify the signature on ``certificate`` with the key of its supposed issuer."""
    try:
        algorithm = certificate.signature_algorithm
    except MalformedData:
        return failed(Reason.MALFORMED)
    except UnsupportedData:
        return undetermined(Reason.UNSUPPORTED_ALGORITHM)
    return check_signature(issuer, algorithm, certificate.signature, certificate.raw_tbs)


def _hash_of(scheme: Scheme) -> Hash:
    return scheme.hash
