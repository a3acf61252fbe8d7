"""Public keys as numbers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecid_crypto.errors import InvalidKey
from ecid_crypto.public_key import RsaPublicKey, check_rsa

MODULUS = (1 << 2047) + 1


@pytest.mark.parametrize("e", [3, 17, 65537, (1 << 33) - 1])
@pytest.mark.parametrize("bits", [1024, 2048, 8192])
def test_usable_keys(bits: int, e: int) -> None:
    """The bounds themselves are inside; nothing is said about the factors."""
    key = RsaPublicKey((1 << bits - 1) + 1, e)
    check_rsa(key)
    assert (bits, bits // 8) == (key.bits, key.byte_length)


@pytest.mark.parametrize(
    ("n", "e", "rule"),
    [
        ((1 << 1022) + 1, 3, "rsa_modulus_length"),
        ((1 << 8192) + 1, 3, "rsa_modulus_length"),
        (0, 3, "rsa_modulus_length"),
        (-MODULUS, 3, "rsa_modulus_length"),
        (MODULUS + 1, 3, "rsa_modulus_even"),
        (MODULUS, -3, "rsa_exponent"),
        (MODULUS, 0, "rsa_exponent"),
        (MODULUS, 1, "rsa_exponent"),
        (MODULUS, 2, "rsa_exponent"),
        (MODULUS, 65536, "rsa_exponent"),
        (MODULUS, (1 << 33) + 1, "rsa_exponent"),
    ],
)
def test_unusable_keys(n: int, e: int, rule: str) -> None:
    """Each bound, one step outside."""
    with pytest.raises(InvalidKey) as refusal:
        check_rsa(RsaPublicKey(n, e))
    assert rule == refusal.value.rule


@given(st.integers(), st.integers())
def test_any_numbers_are_judged(n: int, e: int) -> None:
    """Small and negative numbers are keys of the wrong length, never another exception."""
    with pytest.raises(InvalidKey):
        check_rsa(RsaPublicKey(n, e))
