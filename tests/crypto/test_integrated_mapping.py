"""PACE with integrated mapping: Doc 9303-11 Appendices H.1 and H.2, and what has no mapping."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecid_crypto.cipher import Cipher
from ecid_crypto.curves import CURVES, Point, check_point, standardised_curve
from ecid_crypto.dh import check_public, standardised_group
from ecid_crypto.errors import InvalidKey, UnsupportedAlgorithm
from ecid_crypto.mapping import (
    map_generic_dh,
    map_integrated,
    map_integrated_dh,
    nonce_length,
    pseudo_random,
)

CURVE = CURVES["brainpoolP256r1"]
ZERO = bytes(16)


def test_over_a_curve(doc9303: dict[str, dict[str, bytes]]) -> None:
    """Appendix H.1: the pseudo-random number and the point."""
    run = doc9303["H.1"]
    number = pseudo_random(Cipher.AES_128, run["nonce_s"], run["nonce_t"], CURVE.p)
    assert number.to_bytes(32, "big") == run["pseudo_random_r_p"]
    x, y = (int.from_bytes(run[f"mapped_generator_{name}"], "big") for name in "xy")
    assert map_integrated(CURVE, Cipher.AES_128, run["nonce_s"], run["nonce_t"]) == Point(x, y)


def test_over_a_finite_field(doc9303: dict[str, dict[str, bytes]]) -> None:
    """Appendix H.2: the pseudo-random number and the generator."""
    run, group = doc9303["H.2"], standardised_group(0)
    number = pseudo_random(Cipher.AES_128, run["nonce_s"], run["nonce_t"], group.p)
    assert number.to_bytes(128, "big") == run["pseudo_random_r_p"]
    found = map_integrated_dh(group, Cipher.AES_128, run["nonce_s"], run["nonce_t"])
    assert found.to_bytes(128, "big") == run["mapped_generator"]


def test_generic_over_a_finite_field(doc9303: dict[str, dict[str, bytes]]) -> None:
    """Appendix G.2: g^s · h."""
    run, group = doc9303["G.2"], standardised_group(0)
    shared = int.from_bytes(run["shared_secret_h"], "big")
    found = map_generic_dh(group, run["nonce_s"], shared)
    assert found.to_bytes(128, "big") == run["mapped_generator"]


@pytest.mark.parametrize("number", [8, 9, 11, 12, 13, 14, 15, 16, 17, 18])
@pytest.mark.parametrize("cipher", list(Cipher))
def test_every_curve_has_points(number: int, cipher: Cipher) -> None:
    """A generator of the curve for every cipher, and another one for another nonce."""
    curve = standardised_curve(number)
    s, t = b"\x11" * nonce_length(cipher), bytes(range(1, cipher.key_length + 1))
    found = map_integrated(curve, cipher, s, t)
    check_point(curve, found)
    assert found != map_integrated(curve, cipher, b"\x12" + s[1:], t)
    assert found != map_integrated(curve, cipher, s, b"\x02" + t[1:])


@pytest.mark.parametrize("number", [0, 1, 2])
@pytest.mark.parametrize("cipher", list(Cipher))
def test_every_group_has_generators(number: int, cipher: Cipher) -> None:
    """An element of the subgroup for every cipher."""
    group = standardised_group(number)
    s, t = b"\x11" * nonce_length(cipher), bytes(range(1, cipher.key_length + 1))
    check_public(group, map_integrated_dh(group, cipher, s, t))


def test_curve_without_mapping() -> None:
    """P-224 (parameters 10): its prime is 1 modulo 4 (Doc 9303-11 §4.4.3.3.2)."""
    with pytest.raises(UnsupportedAlgorithm, match="integrated_mapping"):
        map_integrated(CURVES["P-224"], Cipher.AES_128, ZERO, ZERO)


@pytest.mark.parametrize(
    ("cipher", "s", "t"),
    [(Cipher.AES_128, 15, 16), (Cipher.AES_256, 16, 32), (Cipher.AES_192, 32, 32)],
)
def test_nonces_of_another_length(cipher: Cipher, s: int, t: int) -> None:
    """S is whole blocks as long as a key at least, t as long as a key."""
    with pytest.raises(InvalidKey, match="nonce_length"):
        pseudo_random(cipher, bytes(s), bytes(t), CURVE.p)


@given(st.binary(min_size=16, max_size=16), st.binary(min_size=16, max_size=16))
def test_any_nonces(s: bytes, t: bytes) -> None:
    """A point of the curve, whatever the nonces."""
    check_point(CURVE, map_integrated(CURVE, Cipher.AES_128, s, t))


@pytest.mark.parametrize("shared", [0, 1])
def test_shared_value_is_validated(shared: int) -> None:
    """What is no public value of the group maps to nothing."""
    group = standardised_group(0)
    with pytest.raises(InvalidKey):
        map_generic_dh(group, ZERO, shared)


def test_generator_that_is_one() -> None:
    """H = g^-s would make every later key agreement trivial."""
    group = standardised_group(0)
    opposite = pow(pow(group.g, 5, group.p), -1, group.p)
    with pytest.raises(InvalidKey, match="dh_range"):
        map_generic_dh(group, b"\x05", opposite)
