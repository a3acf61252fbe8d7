"""Key agreement in one shape, over elliptic curves and over finite fields (Doc 9303-11 §9.4, §9.5).

    domain = standardised_domain(13)
    key = domain.generate(rng)
    key.public()                                  bytes, as they are sent

Public values are bytes in the one encoding that Doc 9303-11 §9.4 knows, so two of them are equal
exactly if their bytes are. Whatever comes from the other side is validated by the method it is
given to, which raises ``InvalidPoint`` or ``InvalidKey`` (both ``CryptoError``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from ecid_crypto import mapping
from ecid_crypto.cipher import Cipher
from ecid_crypto.curves import Curve, decode_point, encode_point, standardised_curve
from ecid_crypto.dh import (
    DhGroup,
    DhPrivateKey,
    DhPublicKey,
    decode_public,
    encode_public,
    standardised_group,
)
from ecid_crypto.ec_key import EcPrivateKey
from ecid_crypto.public_key import EcPublicKey
from ecid_crypto.rng import Rng

_FIRST_CURVE = 8


class AgreementKey(Protocol):
    """A private key of a domain."""

    def public(self, generator: bytes | None = None) -> bytes:
        """Return the public value, over another ``generator`` if one is given."""
        ...

    def multiply(self, public: bytes) -> bytes:
        """Return the whole shared element, encoded like a public value."""
        ...

    def shared_secret(self, public: bytes) -> bytes:
        """Return the shared secret: an x-coordinate, or the number itself, in full length."""
        ...


class Domain(Protocol):
    """A group in which two sides agree on keys."""

    @property
    def name(self) -> str:
        """Return the name of the curve or group; empty for one that no standard names."""
        ...

    @property
    def bits(self) -> int:
        """Return the length of the prime in bits."""
        ...

    def check(self, public: bytes) -> None:
        """Return quietly if ``public`` is a valid public value, else raise ``CryptoError``."""
        ...

    def key(self, number: int) -> AgreementKey:
        """Return the private key with this number. Raises ``InvalidKey`` if it is out of range."""
        ...

    def generate(self, rng: Rng) -> AgreementKey:
        """Return a new private key: see ``EcPrivateKey.generate``, ``DhPrivateKey.generate``."""
        ...

    def map_generic(self, nonce: bytes, shared: bytes) -> bytes:
        """Return the generator of the generic mapping (§4.4.3.3.1)."""
        ...

    def map_integrated(self, cipher: Cipher, s: bytes, t: bytes) -> bytes:
        """Return the generator of the integrated mapping (§4.4.3.3.2)."""
        ...


def standardised_domain(parameter_id: int) -> Domain:
    """Return the domain of a standardised identifier, 0 to 2 and 8 to 18 (§9.5.1).

    Raises ``UnsupportedAlgorithm`` for every other number.
    """
    if parameter_id < _FIRST_CURVE:
        return DhDomain(standardised_group(parameter_id))
    return EcDomain(standardised_curve(parameter_id))


def domain_of(key: EcPublicKey | DhPublicKey) -> tuple[Domain, bytes]:
    """Return the domain of a public key and its encoded value. Raises ``CryptoError``."""
    if isinstance(key, EcPublicKey):
        return EcDomain(key.curve), encode_point(key.curve, key.point)
    public = encode_public(key.group, key.y)
    decode_public(key.group, public)
    return DhDomain(key.group), public


@dataclass(frozen=True, slots=True)
class EcDomain:
    """An elliptic curve; public values are 04 || x || y."""

    curve: Curve

    @property
    def name(self) -> str:
        """Return the name of the curve."""
        return self.curve.name

    @property
    def bits(self) -> int:
        """Return the length of p in bits."""
        return self.curve.bits

    def check(self, public: bytes) -> None:
        """Return quietly for a finite point of the curve, else raise ``InvalidPoint``."""
        decode_point(self.curve, public)

    def key(self, number: int) -> AgreementKey:
        """Return the private key with this scalar, or raise ``InvalidKey``."""
        return _EcKey(EcPrivateKey.from_scalar(self.curve, number))

    def generate(self, rng: Rng) -> AgreementKey:
        """Return a new private key from ``rng``."""
        return _EcKey(EcPrivateKey.generate(self.curve, rng))

    def map_generic(self, nonce: bytes, shared: bytes) -> bytes:
        """Return s·G + H, encoded."""
        point = mapping.map_generic(self.curve, nonce, decode_point(self.curve, shared))
        return encode_point(self.curve, point)

    def map_integrated(self, cipher: Cipher, s: bytes, t: bytes) -> bytes:
        """Return the point of R(s, t), encoded."""
        return encode_point(self.curve, mapping.map_integrated(self.curve, cipher, s, t))


@dataclass(frozen=True, slots=True)
class DhDomain:
    """A finite-field group; public values are numbers without leading zeros."""

    group: DhGroup

    @property
    def name(self) -> str:
        """Return the name of the group, empty if no standard names it."""
        return self.group.name

    @property
    def bits(self) -> int:
        """Return the length of p in bits."""
        return self.group.bits

    def check(self, public: bytes) -> None:
        """Return quietly for a public value of the group, else raise ``InvalidKey``."""
        decode_public(self.group, public)

    def key(self, number: int) -> AgreementKey:
        """Return the private key with this exponent, or raise ``InvalidKey``."""
        return _DhKey(DhPrivateKey(self.group, number))

    def generate(self, rng: Rng) -> AgreementKey:
        """Return a new private key from ``rng``."""
        return _DhKey(DhPrivateKey.generate(self.group, rng))

    def map_generic(self, nonce: bytes, shared: bytes) -> bytes:
        """Return g^s · h, encoded."""
        found = mapping.map_generic_dh(self.group, nonce, decode_public(self.group, shared))
        return encode_public(self.group, found)

    def map_integrated(self, cipher: Cipher, s: bytes, t: bytes) -> bytes:
        """Return R(s, t)^((p - 1) / q), encoded."""
        return encode_public(self.group, mapping.map_integrated_dh(self.group, cipher, s, t))


@dataclass(frozen=True, slots=True)
class _EcKey:
    private: EcPrivateKey

    def public(self, generator: bytes | None = None) -> bytes:
        curve = self.private.curve
        point = None if generator is None else decode_point(curve, generator)
        return encode_point(curve, self.private.public_point(point))

    def multiply(self, public: bytes) -> bytes:
        curve = self.private.curve
        return encode_point(curve, self.private.multiply(decode_point(curve, public)))

    def shared_secret(self, public: bytes) -> bytes:
        return self.private.shared_secret(decode_point(self.private.curve, public))


@dataclass(frozen=True, slots=True)
class _DhKey:
    private: DhPrivateKey

    def public(self, generator: bytes | None = None) -> bytes:
        group = self.private.group
        base = None if generator is None else decode_public(group, generator)
        return encode_public(group, self.private.public_value(base))

    def multiply(self, public: bytes) -> bytes:
        group = self.private.group
        return encode_public(group, self.private.power(decode_public(group, public)))

    def shared_secret(self, public: bytes) -> bytes:
        return self.private.shared_secret(decode_public(self.private.group, public))
