"""Private keys of emulated chips and issuers, as numbers.

They are throw-away keys that anybody can compute from the seed; the arithmetic on them may be
plain Python.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from Crypto.PublicKey import RSA

from ecid_crypto.curves import Curve
from ecid_crypto.dh import DhGroup, DhPrivateKey, DhPublicKey
from ecid_crypto.domain import AgreementKey, DhDomain, Domain, EcDomain
from ecid_crypto.ec_key import EcPrivateKey
from ecid_crypto.public_key import EcPublicKey, RsaPublicKey
from ecid_crypto.rng import Rng


@dataclass(frozen=True, slots=True)
class EcSecret:
    """A private scalar, 1 <= scalar < n, on a curve of prime order."""

    curve: Curve
    scalar: int = field(repr=False)

    @property
    def key(self) -> EcPrivateKey:
        """Return the key that agrees and multiplies."""
        return EcPrivateKey.from_scalar(self.curve, self.scalar)

    @property
    def public(self) -> EcPublicKey:
        """Return the public key."""
        return EcPublicKey(self.curve, self.key.public_point())

    @property
    def domain(self) -> Domain:
        """Return the group that the key agrees in."""
        return EcDomain(self.curve)

    @property
    def agreement(self) -> AgreementKey:
        """Return the key in the shape that is common to both kinds of agreement."""
        return self.domain.key(self.scalar)


@dataclass(frozen=True, slots=True)
class DhSecret:
    """A private exponent of a finite-field group."""

    group: DhGroup
    exponent: int = field(repr=False)

    @property
    def public(self) -> DhPublicKey:
        """Return the public key."""
        return DhPublicKey(self.group, DhPrivateKey(self.group, self.exponent).public_value())

    @property
    def domain(self) -> Domain:
        """Return the group that the key agrees in."""
        return DhDomain(self.group)

    @property
    def agreement(self) -> AgreementKey:
        """Return the key in the shape that is common to both kinds of agreement."""
        return self.domain.key(self.exponent)


@dataclass(frozen=True, slots=True)
class RsaSecret:
    """An RSA private key: modulus, public and private exponent and the two primes."""

    n: int
    e: int
    d: int = field(repr=False)
    p: int = field(repr=False)
    q: int = field(repr=False)

    @property
    def public(self) -> RsaPublicKey:
        """Return the public key."""
        return RsaPublicKey(self.n, self.e)


Secret = EcSecret | RsaSecret
"""Any private key that signs: a chip's in Active Authentication, an issuer's, a terminal's."""

AgreementSecret = EcSecret | DhSecret
"""Any private key of Chip Authentication."""


def generate_ec(curve: Curve, rng: Rng) -> EcSecret:
    """Return a new key by rejection sampling, ``curve.order_length`` bytes a try."""
    surplus = 8 * curve.order_length - curve.n.bit_length()
    while True:
        scalar = int.from_bytes(rng(curve.order_length), "big") >> surplus
        if 1 <= scalar < curve.n:
            return EcSecret(curve, scalar)


def generate_dh(group: DhGroup, rng: Rng) -> DhSecret:
    """Return a new key below the order of ``group``, or below (p - 1) / 2 where it has none."""
    bound = group.q if group.q is not None else (group.p - 1) // 2
    length = (bound.bit_length() + 7) // 8
    while True:
        exponent = int.from_bytes(rng(length), "big") >> (8 * length - bound.bit_length())
        if 1 <= exponent < bound:
            return DhSecret(group, exponent)


def generate_rsa(bits: int, rng: Rng) -> RsaSecret:
    """Return a new RSA key of ``bits`` bits, e = 65537; the same ``rng`` gives the same key."""
    return from_library(RSA.generate(bits, randfunc=rng))


def from_library(key: RSA.RsaKey) -> RsaSecret:
    """Return the key that pycryptodome holds, as numbers."""
    return RsaSecret(int(key.n), int(key.e), int(key.d), int(key.p), int(key.q))


def to_library(secret: RsaSecret) -> RSA.RsaKey:
    """Return the key as pycryptodome takes it."""
    return RSA.construct((secret.n, secret.e, secret.d, secret.p, secret.q))
