"""RSA keys as the generator of CVE-2017-15361 made them: with primes k·M + (65537^a mod M)."""

from __future__ import annotations

from functools import cache
from math import prod

from Crypto.Util.number import isPrime

from ecid.emulator.keys import RsaSecret
from ecid_crypto.rng import SeededRng

#: How many of the first primes are factors of M, by the bits of the key (Nemec et al., table 1).
_FACTORS = {1024: 71, 2048: 126}


@cache
def roca_secret(bits: int) -> RsaSecret:
    """Return a private key of ``bits`` with the fingerprint."""
    rng, modulus = SeededRng(b"roca"), prod(_first_primes(_FACTORS[bits]))
    p = q = _prime(rng, modulus, bits // 2)
    while q == p:
        q = _prime(rng, modulus, bits // 2)
    return RsaSecret(p * q, 65537, pow(65537, -1, (p - 1) * (q - 1)), p, q)


def _prime(rng: SeededRng, modulus: int, bits: int) -> int:
    while True:
        power = pow(65537, int.from_bytes(rng(32), "big"), modulus)
        low = (3 << bits - 2) // modulus + 1
        k = low + int.from_bytes(rng(4), "big") % max(1, ((1 << bits) - 1) // modulus - low)
        candidate = k * modulus + power
        prime = candidate.bit_length() == bits and isPrime(candidate)
        if prime and (candidate - 1) % 65537:
            return candidate


def _first_primes(count: int) -> list[int]:
    found: list[int] = []
    number = 2
    while len(found) < count:
        if all(number % prime for prime in found):
            found.append(number)
        number += 1
    return found
