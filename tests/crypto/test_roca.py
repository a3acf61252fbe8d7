"""The fingerprint of CVE-2017-15361: keys of the broken generator have it, others do not."""

from __future__ import annotations

import pytest

from ecid.emulator.keys import generate_rsa
from ecid_crypto.public_key import RsaPublicKey
from ecid_crypto.rng import SeededRng
from ecid_crypto.roca import has_roca_fingerprint
from roca_key import roca_secret


@pytest.mark.parametrize("bits", [1024, pytest.param(2048, marks=pytest.mark.slow)])
def test_keys_of_the_broken_generator(bits: int) -> None:
    """Made here as the generator made them, for two lengths with different M."""
    key = roca_secret(bits).public
    assert key.bits == bits
    assert has_roca_fingerprint(key)


def test_one_prime_makes_the_difference() -> None:
    """The modulus must be a power of 65537 modulo every prime."""
    key = roca_secret(1024).public
    changed = [RsaPublicKey(key.n + 2 * step, key.e) for step in range(1, 200)]
    assert not any(map(has_roca_fingerprint, changed))


def test_other_keys() -> None:
    """Keys of another generator."""
    for seed in range(3):
        key = generate_rsa(1024, SeededRng(b"honest %d" % seed)).public
        assert not has_roca_fingerprint(key)


def test_random_numbers() -> None:
    """Twenty thousand odd numbers, none of which has it: about one in 2^28 would."""
    rng = SeededRng(b"numbers")
    numbers = (int.from_bytes(rng(128), "big") | 1 for _ in range(20_000))
    assert not any(has_roca_fingerprint(RsaPublicKey(n, 65537)) for n in numbers)
