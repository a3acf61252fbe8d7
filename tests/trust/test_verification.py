"""Signatures as findings: restricted keys (RFC 4055 §3.3), other kinds of keys, weak hashes."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from dsa_key import PUBLIC, DsaKey
from ecid.emulator.keys import generate_rsa
from ecid.emulator.signing import RsaKey, SigningKey
from ecid.encoding import der_write as w
from ecid.encoding.oid import MGF1, RSASSA_PSS
from ecid.encoding.signature_algorithm import SignatureAlgorithm, parse_signature_algorithm
from ecid.encoding.spki import SubjectPublicKey, parse_spki, write_spki
from ecid.outcome import SUCCESS, Finding
from ecid.trust import verification
from ecid.trust.verification import check_signature
from ecid_crypto.errors import UnsupportedAlgorithm
from ecid_crypto.hashes import Hash
from ecid_crypto.public_key import RsaPublicKey
from ecid_crypto.rng import SeededRng
from forged_sod import ec_key, rsa_secret, verdict

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


# Findings ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class WithoutNull(RsaKey):
    """RSA PKCS #1 v1.5 whose DigestInfo has a hash without NULL (RFC 8017 §9.2)."""

    def sign(self, hash_function: Hash, message: bytes) -> bytes:
        """Return the signature over that DigestInfo."""
        algorithm = w.seq(w.oid(hash_function.oid))
        info = w.seq(algorithm, w.octets(hash_function.digest(message)))
        length = self.secret.public.byte_length
        block = b"\x00\x01" + b"\xff" * (length - len(info) - 3) + b"\x00" + info
        number = pow(int.from_bytes(block, "big"), self.secret.d, self.secret.n)
        return number.to_bytes(length, "big")


RSA, EC, DSA = RsaKey(rsa_secret()), ec_key("verification"), DsaKey()
NO_NULL = WithoutNull(rsa_secret())


def finding(
    key: SigningKey, hash_: Hash = Hash.SHA256, *, by: SigningKey | None = None, edit: bytes = b""
) -> str:
    """Return the verdict on a signature of ``key``; ``by`` is whose public key verifies it."""
    signature = key.sign(hash_, MESSAGE)
    algorithm = parse_signature_algorithm(key.algorithm(hash_), "test")
    public = parse_spki(write_spki((by or key).public), "test")
    return verdict(check_signature(public, algorithm, signature, MESSAGE + edit))


@pytest.mark.parametrize("key", [RSA, EC, DSA], ids=["RSA", "EC", "DSA"])
def test_kinds_of_keys(key: SigningKey) -> None:
    """Each verifies its own; SHA-1 stays open, and hides nothing that is wrong."""
    assert finding(key) == "successful"
    assert finding(key, edit=b"!") == "failed signature_invalid"
    assert finding(key, Hash.SHA1) == "undetermined weak_hash"
    assert finding(key, Hash.SHA1, edit=b"!") == "failed signature_invalid"


@pytest.mark.parametrize("key", [RSA, EC, DSA], ids=["RSA", "EC", "DSA"])
@pytest.mark.parametrize("by", [RSA, EC, DSA], ids=["RSA", "EC", "DSA"])
def test_key_of_another_kind(key: SigningKey, by: SigningKey) -> None:
    """A key that could not have made the signature did not: that is no weakness of the key."""
    expected = "successful" if by is key else "failed signature_invalid key_kind"
    assert finding(key, by=by) == expected


def test_digest_info_without_null() -> None:
    """Right but for its NULL: open, under a reason of its own; SHA-1 on top is too much."""
    assert finding(RSA) == "successful"
    assert finding(NO_NULL) == "undetermined digest_info_without_null"
    assert finding(NO_NULL, edit=b"!") == "failed signature_invalid"
    assert finding(NO_NULL, Hash.SHA1) == "failed signature_invalid"
    assert finding(NO_NULL, by=RsaKey(generate_rsa(1024, SeededRng(b"other")))) == (
        "failed signature_invalid"
    )


def test_weak_keys() -> None:
    """Keys that a verifier refuses to compute with."""
    trivial = DsaKey(replace(PUBLIC, g=1))
    assert finding(DSA, by=trivial) == "failed weak_key"
    small = RsaKey(generate_rsa(1024, SeededRng(b"small")))
    cut = replace(small.secret, n=small.secret.n >> 1)
    assert finding(small) == "successful"
    assert finding(small, by=RsaKey(cut)) == "failed weak_key"


def test_algorithm_missing_in_openssl(monkeypatch: pytest.MonkeyPatch) -> None:
    """A library without the algorithm leaves the question open."""

    def refuse(*_: object) -> None:
        raise UnsupportedAlgorithm("signature_algorithm")

    assert finding(RSA) == "successful"
    monkeypatch.setattr(verification, "verify_signature", refuse)
    assert finding(RSA) == "undetermined unsupported_algorithm"
