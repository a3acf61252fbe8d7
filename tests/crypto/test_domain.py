"""Key agreement in one shape: the same promises over curves and finite fields."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecid_crypto.cipher import Cipher
from ecid_crypto.curves import CURVES
from ecid_crypto.dh import DhGroup, DhPublicKey, standardised_group
from ecid_crypto.domain import DhDomain, EcDomain, domain_of, standardised_domain
from ecid_crypto.errors import CryptoError, InvalidKey, UnsupportedAlgorithm
from ecid_crypto.public_key import EcPublicKey
from ecid_crypto.rng import SeededRng

NUMBERS = [0, 1, 2, *range(8, 19)]


@pytest.mark.parametrize("number", NUMBERS)
def test_agreement(number: int) -> None:
    """Both sides get the same element and the same secret, over G and over a mapped generator."""
    domain = standardised_domain(number)
    ours, theirs = domain.generate(SeededRng(b"ours")), domain.generate(SeededRng(b"theirs"))
    shared = ours.multiply(theirs.public())
    assert shared == theirs.multiply(ours.public())
    assert ours.shared_secret(theirs.public()) == theirs.shared_secret(ours.public())
    generator = domain.map_generic(b"\x07" * 16, shared)
    first, second = ours.public(generator), theirs.public(generator)
    assert ours.shared_secret(second) == theirs.shared_secret(first)
    assert first != ours.public()
    assert len(first) == len(shared) == len(generator)


@pytest.mark.parametrize("number", [n for n in NUMBERS if n != 10])
def test_integrated_mapping(number: int) -> None:
    """The mapped generator is an element of the same domain."""
    domain = standardised_domain(number)
    generator = domain.map_integrated(Cipher.AES_128, b"\x01" * 16, b"\x02" * 16)
    domain.check(generator)


@pytest.mark.parametrize("number", [-1, 3, 7, 19, 255])
def test_unknown_parameters(number: int) -> None:
    """Numbers that Doc 9303-11 §9.5.1 leaves out."""
    with pytest.raises(UnsupportedAlgorithm):
        standardised_domain(number)


@pytest.mark.parametrize("number", [0, 13])
@given(data=st.binary(max_size=140))
def test_any_bytes_for_a_public_value(number: int, data: bytes) -> None:
    """Refused by name, by every method that takes one."""
    domain = standardised_domain(number)
    key = domain.key(5)
    for use in (domain.check, key.multiply, key.shared_secret, key.public):
        with pytest.raises(CryptoError):
            use(data)


def test_domain_of_a_key() -> None:
    """Public keys of DG14 in the shape of the protocols, checked."""
    curve, group = CURVES["P-256"], standardised_group(2)
    domain, public = domain_of(EcPublicKey(curve, curve.g))
    assert (domain, len(public)) == (EcDomain(curve), 65)
    domain, public = domain_of(DhPublicKey(group, group.g))
    assert (domain, len(public)) == (DhDomain(group), 256)
    with pytest.raises(InvalidKey):
        domain_of(DhPublicKey(group, 1))


def test_names_and_sizes() -> None:
    """What a report and a choice need to know."""
    assert [(standardised_domain(n).name, standardised_domain(n).bits) for n in (1, 13)] == [
        ("MODP-2048-224", 2048),
        ("brainpoolP256r1", 256),
    ]
    assert DhDomain(DhGroup("", 23, 5)).name == ""
