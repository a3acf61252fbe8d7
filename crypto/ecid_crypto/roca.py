"""The fingerprint of RSA keys made by the generator of CVE-2017-15361 (ROCA).

That generator made primes of the form k·M + (65537^a mod M), M being the product of the first
primes. So the modulus is a power of 65537 modulo each of these, which a modulus of other origin
is with a probability of about 2^-28. Published in Nemec, Sys, Svenda, Klinec, Matyas: The Return of
Coppersmith's Attack, CCS 2017, §2.3.
"""

from __future__ import annotations

from ecid_crypto.public_key import RsaPublicKey

_GENERATOR = 65537

#: The odd primes below 168, which are factors of M at every key length.
_PRIMES = (
    *(3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71),
    *(73, 79, 83, 89, 97, 101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167),
)


def has_roca_fingerprint(key: RsaPublicKey) -> bool:
    """Return whether ``key`` looks like one whose factors can be found (CVE-2017-15361)."""
    return all(key.n % prime in powers for prime, powers in _POWERS)


def _powers(prime: int) -> frozenset[int]:
    """Return the powers of 65537 modulo ``prime``."""
    found, power = {1}, _GENERATOR % prime
    while power not in found:
        found.add(power)
        power = power * _GENERATOR % prime
    return frozenset(found)


_POWERS = tuple((prime, _powers(prime)) for prime in _PRIMES)
