"""DSA: keys that are proper, and signatures of every hash (FIPS 186-4 §4)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)
from hypothesis import given
from hypothesis import strategies as st

from dsa_key import PUBLIC, DsaKey, G, P, Q
from ecid_crypto.errors import CryptoError, InvalidKey, InvalidSignature
from ecid_crypto.hashes import Hash
from ecid_crypto.public_key import DsaPublicKey, RsaPublicKey, check_dsa
from ecid_crypto.signature import Dsa, verify

MESSAGE = b"sample"
SIGNATURE = DsaKey().sign(Hash.SHA256, MESSAGE)
SCHEME = Dsa(Hash.SHA256)


def refused(key: DsaPublicKey) -> str:
    """Return the rule that ``key`` breaks, also when a signature is to be verified with it."""
    with pytest.raises(InvalidKey) as caught:
        check_dsa(key)
    with pytest.raises(InvalidKey, match=caught.value.rule):
        verify(SCHEME, key, SIGNATURE, MESSAGE)
    return caught.value.rule


def test_control() -> None:
    """The key that all the others here differ from in one number is proper, and verifies."""
    check_dsa(PUBLIC)
    verify(SCHEME, PUBLIC, SIGNATURE, MESSAGE)
    with pytest.raises(InvalidSignature, match="signature_mismatch"):
        verify(SCHEME, PUBLIC, SIGNATURE, b"another message")


KEYS = {
    "p too short": (replace(PUBLIC, p=P >> 1), "dsa_parameter_length"),
    "p too long": (replace(PUBLIC, p=P << 1), "dsa_parameter_length"),
    "p negative": (replace(PUBLIC, p=-P), "dsa_order"),
    "p zero": (replace(PUBLIC, p=0), "dsa_parameter_length"),
    "q too short": (replace(PUBLIC, q=Q >> 1), "dsa_parameter_length"),
    "q zero": (replace(PUBLIC, q=0), "dsa_parameter_length"),
    "q of another group": (replace(PUBLIC, q=Q + 2), "dsa_order"),
    # With g = 1, r = 1 and any s every signature would hold, as would a key of one's own.
    "g one": (replace(PUBLIC, g=1), "dsa_range"),
    "g zero": (replace(PUBLIC, g=0), "dsa_range"),
    "g minus one": (replace(PUBLIC, g=P - 1), "dsa_order"),
    "g equal to p": (replace(PUBLIC, g=P), "dsa_range"),
    "g not reduced": (replace(PUBLIC, g=G + P), "dsa_range"),
    "g of another order": (replace(PUBLIC, g=2), "dsa_order"),
    "y one": (replace(PUBLIC, y=1), "dsa_range"),
    "y zero": (replace(PUBLIC, y=0), "dsa_range"),
    "y of another order": (replace(PUBLIC, y=2), "dsa_order"),
    "y not reduced": (replace(PUBLIC, y=PUBLIC.y + P), "dsa_range"),
}


@pytest.mark.parametrize("name", KEYS)
def test_improper_keys(name: str) -> None:
    """Parameters that an issuer sends are never taken on trust."""
    key, rule = KEYS[name]
    assert refused(key) == rule


def test_generator_one_would_verify_anything() -> None:
    """What is refused above: with g = y = 1 the equation of §4.7 holds for r = 1 and any s."""
    s, z = 12345, int.from_bytes(Hash.SHA256.digest(MESSAGE)[:20], "big")
    inverse = pow(s, -1, Q)
    assert pow(1, z * inverse % Q, P) * pow(1, inverse, P) % P % Q == 1


# Two primes that are one more than a multiple of q: modulo each there are numbers of order q, and
# so there are modulo their product of 1024 bits.
FIRST, SECOND = 102 * Q + 1, ((1 << 697) + 40) * Q + 1


def _of_order_q(prime: int) -> int:
    return next(g for g in (pow(b, (prime - 1) // Q, prime) for b in range(2, 50)) if g != 1)


def test_composite_modulus() -> None:
    """A modulus that is no prime is refused though everything else about it is right."""
    p = FIRST * SECOND
    one, other = _of_order_q(FIRST), _of_order_q(SECOND)
    g = one * SECOND * pow(SECOND, -1, FIRST) + other * FIRST * pow(FIRST, -1, SECOND)
    key = DsaPublicKey(p, Q, g % p, pow(g, 7, p))
    assert (p.bit_length(), (p - 1) % Q, pow(key.g, Q, p)) == (1024, 0, 1)
    assert refused(key) == "dsa_not_prime"


def test_composite_order() -> None:
    """An order that is no prime has small groups inside; everything else about it is right."""
    q = ((1 << 80) - 65) * ((1 << 80) - 93)
    p = ((1 << 864) + 470) * q + 1
    g = pow(2, (p - 1) // q, p)
    assert (p.bit_length(), q.bit_length()) == (1024, 160)
    assert refused(DsaPublicKey(p, q, g, pow(g, 7, p))) == "dsa_not_prime"


@pytest.mark.parametrize("hash_function", Hash, ids=lambda h: h.value)
def test_every_hash(hash_function: Hash) -> None:
    """Where the hash is longer than q its leftmost bits count; the hash named is the hash used."""
    signature = DsaKey().sign(hash_function, MESSAGE)
    verify(Dsa(hash_function), PUBLIC, signature, MESSAGE)
    for wrong in set(Hash) - {hash_function}:
        with pytest.raises(InvalidSignature):
            verify(Dsa(wrong), PUBLIC, signature, MESSAGE)


R, S = decode_dss_signature(SIGNATURE)


@pytest.mark.parametrize(
    ("signature", "rule"),
    [
        (b"", "signature_not_der"),
        (SIGNATURE[:-1], "signature_not_der"),
        (SIGNATURE + b"\x00", "signature_not_der"),
        (R.to_bytes(20, "big") + S.to_bytes(20, "big"), "signature_not_der"),
        (encode_dss_signature(0, S), "signature_range"),
        (encode_dss_signature(R, 0), "signature_range"),
        (encode_dss_signature(Q, S), "signature_range"),
        (encode_dss_signature(R + Q, S), "signature_range"),
        (encode_dss_signature(R, S + Q), "signature_range"),
        (encode_dss_signature(S, R), "signature_mismatch"),
    ],
)
def test_signature_out_of_form(signature: bytes, rule: str) -> None:
    """Two numbers in DER, each in 1 to q - 1."""
    with pytest.raises(InvalidSignature, match=rule):
        verify(SCHEME, PUBLIC, signature, MESSAGE)


def test_key_of_another_kind() -> None:
    """DSA takes DSA keys."""
    with pytest.raises(InvalidKey, match="key_kind"):
        verify(SCHEME, RsaPublicKey(P, 65537), SIGNATURE, MESSAGE)


@given(st.integers(), st.integers(), st.integers(), st.integers(), st.binary(max_size=60))
def test_nothing_but_refusals(p: int, q: int, g: int, y: int, signature: bytes) -> None:
    """Whatever the numbers, the answer is a ``CryptoError`` and no other exception."""
    for key in (DsaPublicKey(p, q, g, y), DsaPublicKey(P, Q, g, y), DsaPublicKey(P, q, G, y)):
        with pytest.raises(CryptoError):
            verify(SCHEME, key, signature, MESSAGE)
