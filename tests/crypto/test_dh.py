"""Finite-field groups and keys: Doc 9303-11 Appendix G.2, RFC 5114, and what is refused."""

from __future__ import annotations

from dataclasses import replace

import pytest
from Crypto.Util.number import isPrime
from hypothesis import given
from hypothesis import strategies as st

from ecid_crypto.dh import (
    DH_GROUPS,
    DhGroup,
    DhPrivateKey,
    check_group,
    check_public,
    decode_public,
    encode_public,
    group_by_parameters,
    standardised_group,
)
from ecid_crypto.errors import CryptoError, InvalidKey, UnsupportedAlgorithm
from ecid_crypto.rng import SeededRng

GROUP = standardised_group(0)


@pytest.mark.parametrize(
    ("number", "bits", "order"), [(0, 1024, 160), (1, 2048, 224), (2, 2048, 256)]
)
def test_standardised_groups(number: int, bits: int, order: int) -> None:
    """Doc 9303-11 §9.5.1: both primes are prime, and the generator has the order."""
    group = standardised_group(number)
    assert group.q is not None
    assert (group.bits, group.q.bit_length()) == (bits, order)
    assert isPrime(group.p)
    assert isPrime(group.q)
    check_group(group)
    assert group.name == f"MODP-{bits}-{order}"


@pytest.mark.parametrize("number", [-1, 3, 7, 8, 13, 1 << 40])
def test_other_numbers(number: int) -> None:
    """What names a curve or nothing is no group."""
    with pytest.raises(UnsupportedAlgorithm):
        standardised_group(number)


@pytest.mark.parametrize(("ours", "theirs"), [("terminal", "chip"), ("chip", "terminal")])
def test_worked_example(ours: str, theirs: str, doc9303: dict[str, dict[str, bytes]]) -> None:
    """Appendix G.2: domain parameters, every key and the shared values, from both sides."""
    run = doc9303["G.2"]
    numbers = {name: int.from_bytes(value, "big") for name, value in run.items()}
    assert GROUP.p == numbers["prime_p"]
    assert GROUP.g == numbers["subgroup_generator_g"]
    assert GROUP.q == numbers["prime_order_q"]
    first = DhPrivateKey(GROUP, numbers[f"map_{ours}_private_key"])
    assert encode_public(GROUP, first.public_value()) == run[f"map_{ours}_public_key"]
    peer = decode_public(GROUP, run[f"map_{theirs}_public_key"])
    assert first.power(peer) == numbers["shared_secret_h"]
    second = DhPrivateKey(GROUP, numbers[f"ka_{ours}_private_key"])
    public = second.public_value(numbers["mapped_generator"])
    assert encode_public(GROUP, public) == run[f"ka_{ours}_public_key"]
    peer = decode_public(GROUP, run[f"ka_{theirs}_public_key"])
    assert second.shared_secret(peer) == run["shared_secret_k"]


def test_scripted_source(doc9303: dict[str, dict[str, bytes]]) -> None:
    """A source that yields a published exponent gives that key; numbers out of range are passed."""
    exponent = doc9303["G.2"]["map_terminal_private_key"]
    script = [bytes(20), b"\xff" * 20, exponent]
    key = DhPrivateKey.generate(GROUP, lambda _length: script.pop(0))
    assert key.public_value() == DhPrivateKey(GROUP, int.from_bytes(exponent, "big")).public_value()
    with pytest.raises(CryptoError, match="random_source"):
        DhPrivateKey.generate(GROUP, bytes)


@pytest.mark.parametrize("y", [0, 1, GROUP.p - 1, GROUP.p, GROUP.p + 2])
def test_public_value_out_of_range(y: int) -> None:
    """0, 1 and p - 1 would give the secret away, and p and more are no residues."""
    with pytest.raises(InvalidKey, match="dh_range"):
        check_public(GROUP, y)
    with pytest.raises(InvalidKey):
        DhPrivateKey(GROUP, 5).shared_secret(y)


def test_public_value_of_another_order() -> None:
    """A value outside the subgroup leaks the exponent modulo a small factor."""
    outside = next(y for y in range(2, 99) if pow(y, GROUP.q or 0, GROUP.p) != 1)
    with pytest.raises(InvalidKey, match="dh_order"):
        check_public(GROUP, outside)
    check_public(replace(GROUP, q=None), outside)


def test_encoding_without_leading_zeros() -> None:
    """A public value has as few octets as it needs, and one encoding only (§9.4.1)."""
    group = replace(GROUP, q=None)
    small = 1 << 1000
    assert encode_public(group, small) == b"\x01" + bytes(125)
    assert decode_public(group, encode_public(group, small)) == small
    for data in (b"", bytes(2) + encode_public(group, small), b"\x02" * 129):
        with pytest.raises(InvalidKey, match="dh_length"):
            decode_public(group, data)


@given(st.integers(1, 1 << 159))
def test_agreement(exponent: int) -> None:
    """Both sides have the same secret, always as long as p."""
    ours, theirs = DhPrivateKey(GROUP, exponent), DhPrivateKey.generate(GROUP, SeededRng(b"them"))
    secret = ours.shared_secret(theirs.public_value())
    assert secret == theirs.shared_secret(ours.public_value())
    assert len(secret) == 128


@pytest.mark.parametrize("zeros", [1, 2])
def test_secret_with_leading_zeros(zeros: int) -> None:
    """A secret that begins with zero bytes keeps them (RFC 2631 §2.1.2)."""
    small = 1 << 8 * (128 - zeros) - 1
    group = replace(GROUP, q=None)
    assert DhPrivateKey(group, 1).shared_secret(small)[: zeros + 1] == bytes(zeros) + b"\x80"


@pytest.mark.parametrize("exponent", [0, -1, GROUP.q])
def test_private_exponent_out_of_range(exponent: int) -> None:
    """1 <= x < q."""
    with pytest.raises(InvalidKey, match="exponent_range"):
        DhPrivateKey(GROUP, exponent)


def test_known_group_brings_its_order() -> None:
    """PKCS #3 parameters carry no order; those of a standardised group do not need it."""
    for group in DH_GROUPS.values():
        assert group_by_parameters(group.p, group.g, None) is group
        assert group_by_parameters(group.p, group.g, group.q) is group


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"p": GROUP.p + 1}, "dh_modulus"),
        ({"p": (1 << 1023) - 1}, "dh_modulus"),
        ({"p": (1 << 4097) + 1}, "dh_modulus"),
        ({"p": -GROUP.p}, "dh_modulus"),
        ({"g": 1}, "dh_generator"),
        ({"g": GROUP.p - 1}, "dh_generator"),
        ({"q": 3}, "dh_order"),
        ({"q": (GROUP.q or 0) + 2}, "dh_order"),
    ],
)
def test_group_nobody_should_compute_in(change: dict[str, int], rule: str) -> None:
    """Sizes, ranges and the order are checked before the first power."""
    numbers = {"p": GROUP.p, "g": GROUP.g, "q": GROUP.q or 0} | change
    with pytest.raises(InvalidKey, match=rule):
        group_by_parameters(**numbers)


def test_foreign_group() -> None:
    """A group that no standard names is used as it was sent: with and without its order."""
    g = pow(GROUP.g, 2, GROUP.p)
    assert group_by_parameters(GROUP.p, g, None) == DhGroup("", GROUP.p, g)
    assert group_by_parameters(GROUP.p, g, GROUP.q) == DhGroup("", GROUP.p, g, GROUP.q)


def test_repr_shows_no_exponent() -> None:
    """A private key prints the name of its group."""
    assert repr(DhPrivateKey(GROUP, 12345)) == "DhPrivateKey(MODP-1024-160)"
