"""Signatures under keys that are restricted to RSASSA-PSS (RFC 4055 §3.3)."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from ecid.encoding import der_write as w
from ecid.encoding.oid import MGF1, RSASSA_PSS
from ecid.encoding.signature_algorithm import SignatureAlgorithm, parse_signature_algorithm
from ecid.encoding.spki import SubjectPublicKey
from ecid.outcome import SUCCESS, Finding
from ecid.trust.verification import check_signature
from ecid_crypto.hashes import Hash
from ecid_crypto.public_key import RsaPublicKey

MESSAGE = b"signed by nobody"
SALT = 32


@pytest.fixture(scope="module")
def private() -> rsa.RSAPrivateKey:
    """Return a throw-away key."""
    return rsa.generate_private_key(65537, 2048)


def parameters(hash_: Hash = Hash.SHA256, salt: int = SALT) -> bytes:
    """Return RSASSA-PSS-params with one hash for both uses."""
    algorithm = w.seq(w.oid(hash_.oid), w.null())
    mgf = w.seq(w.oid(MGF1), algorithm)
    return w.seq(w.explicit(0, algorithm), w.explicit(1, mgf), w.explicit(2, w.integer(salt)))


def judge(private: rsa.RSAPrivateKey, restriction: bytes | None, scheme: str = "pss") -> Finding:
    """Sign with PSS SHA-256 salt 32 (or PKCS#1 v1.5) and verify under a restricted key."""
    numbers = private.public_key().public_numbers()
    key = SubjectPublicKey(RsaPublicKey(numbers.n, numbers.e), RSASSA_PSS, restriction)
    if scheme == "pss":
        pss = padding.PSS(padding.MGF1(hashes.SHA256()), SALT)
        signature = private.sign(MESSAGE, pss, hashes.SHA256())
        raw = w.seq(w.oid(RSASSA_PSS), parameters())
    else:
        signature = private.sign(MESSAGE, padding.PKCS1v15(), hashes.SHA256())
        raw = w.seq(w.oid("1.2.840.113549.1.1.11"), w.null())
    algorithm: SignatureAlgorithm = parse_signature_algorithm(raw, "test")
    return check_signature(key, algorithm, signature, MESSAGE)


@pytest.mark.parametrize("restriction", [None, parameters(), parameters(salt=20)])
def test_allowed(private: rsa.RSAPrivateKey, restriction: bytes | None) -> None:
    """No parameters, the very same, and a shorter salt admit the signature."""
    assert judge(private, restriction) == SUCCESS


@pytest.mark.parametrize(
    "restriction",
    [parameters(Hash.SHA512), parameters(salt=48), w.seq(w.integer(1)), b"\x30\x01"],
)
def test_refused(private: rsa.RSAPrivateKey, restriction: bytes) -> None:
    """Another hash, a longer salt and broken parameters refuse the control's signature."""
    assert judge(private, parameters()) == SUCCESS
    found = judge(private, restriction)
    assert (found.outcome, dict(found.detail)) == ("failed", {"rule": "pss_restriction"})


def test_restricted_key_refuses_other_padding(private: rsa.RSAPrivateKey) -> None:
    """A key for RSASSA-PSS does not verify PKCS#1 v1.5."""
    assert judge(private, None) == SUCCESS
    assert judge(private, None, scheme="pkcs1").outcome == "failed"
