"""Public keys as numbers. Reading them from certificates is not the business of this package."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from Crypto.Util.number import isPrime

from ecid_crypto.curves import Curve, Point
from ecid_crypto.errors import InvalidKey


@dataclass(frozen=True, slots=True)
class RsaPublicKey:
    """An RSA public key (RFC 8017 §3.1), not checked: see ``check_rsa``."""

    n: int
    """Modulus."""
    e: int
    """Public exponent."""

    @property
    def bits(self) -> int:
        """Return the length of the modulus in bits."""
        return self.n.bit_length()

    @property
    def byte_length(self) -> int:
        """Return the length of the modulus, and so of a signature, in bytes."""
        return (self.bits + 7) // 8


@dataclass(frozen=True, slots=True)
class EcPublicKey:
    """A public key on an elliptic curve; the point is checked when it is used."""

    curve: Curve
    """Domain parameters."""
    point: Point
    """The public point."""


@dataclass(frozen=True, slots=True)
class DsaPublicKey:
    """A DSA public key with its domain parameters (FIPS 186-4 §4.1), not checked: ``check_dsa``."""

    p: int
    """Prime modulus."""
    q: int
    """Prime divisor of p - 1, the order of g."""
    g: int
    """Generator of the subgroup."""
    y: int
    """The public value."""


PublicKey = RsaPublicKey | EcPublicKey | DsaPublicKey
"""Any public key this package can use."""


def check_rsa(key: RsaPublicKey) -> None:
    """Return quietly if ``key`` is one a verifier can use, else raise ``InvalidKey``.

    Modulus odd, of 1024 to 8192 bits; exponent odd and 3 <= e < 2**33. The bounds keep a hostile
    key from costing minutes; whether 1024 bits are enough is a question of policy.
    """
    if key.n <= 0 or not 1024 <= key.bits <= 8192:
        raise InvalidKey("rsa_modulus_length")
    if key.n % 2 == 0:
        raise InvalidKey("rsa_modulus_even")
    if not 3 <= key.e < 1 << 33 or key.e % 2 == 0:
        raise InvalidKey("rsa_exponent")


#: Bits of p and q (FIPS 186-4 §4.2).
_DSA_SIZES = {(1024, 160), (2048, 224), (2048, 256), (3072, 256)}


@lru_cache(maxsize=64)
def check_dsa(key: DsaPublicKey) -> None:
    """Return quietly if ``key`` and its domain parameters are proper, else raise ``InvalidKey``.

    Sizes of FIPS 186-4 §4.2, q a prime divisor of p - 1, p prime, g and y of order q. With g = 1
    any signature would verify, so parameters that an issuer sends are never taken on trust.
    """
    if (key.p.bit_length(), key.q.bit_length()) not in _DSA_SIZES:
        raise InvalidKey("dsa_parameter_length")
    if (key.p - 1) % key.q:
        raise InvalidKey("dsa_order")
    if not (2 <= key.g < key.p and 2 <= key.y < key.p):
        raise InvalidKey("dsa_range")
    if pow(key.g, key.q, key.p) != 1 or pow(key.y, key.q, key.p) != 1:
        raise InvalidKey("dsa_order")
    if not (isPrime(key.q) and isPrime(key.p)):
        raise InvalidKey("dsa_not_prime")
