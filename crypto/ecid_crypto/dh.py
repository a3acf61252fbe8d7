"""Finite-field Diffie-Hellman: groups, public values and one-time keys (RFC 2631, RFC 5114).

Plain integers and Python's ``pow``, not in constant time: for one-time keys of a terminal and the
keys of emulated chips.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from ecid_crypto._dh_table import ROWS
from ecid_crypto.errors import CryptoError, InvalidKey, UnsupportedAlgorithm
from ecid_crypto.rng import Rng

_ATTEMPTS = 256
_PRIME_BITS = range(1024, 4097)
_LEAST_ORDER_BITS = 160

#: Bits of p times bits of q: what one power costs, about 50 ms at most.
_MOST_WORK = 2048 * 2048


@dataclass(frozen=True, slots=True)
class DhGroup:
    """A group of integers modulo a prime; what an issuer sends is not checked: ``check_group``."""

    name: str
    """``MODP-1024-160`` and so on; empty for a group that no standard names."""
    p: int
    """Prime modulus."""
    g: int
    """Generator."""
    q: int | None = None
    """Order of the generator, None where it is not known (PKCS #3)."""

    @property
    def bits(self) -> int:
        """Return the length of p in bits."""
        return self.p.bit_length()

    @property
    def field_length(self) -> int:
        """Return the length of a public value and of a shared secret in bytes."""
        return (self.bits + 7) // 8


@dataclass(frozen=True, slots=True)
class DhPublicKey:
    """A public value with its group; the value is checked when it is used."""

    group: DhGroup
    y: int


def standardised_group(parameter_id: int) -> DhGroup:
    """Return the group of a standardised domain parameter identifier (Doc 9303-11 §9.5.1).

    Identifiers 0 to 2; ``UnsupportedAlgorithm`` for every other number.
    """
    if not 0 <= parameter_id < len(_STANDARDISED):
        raise UnsupportedAlgorithm("domain_parameters")
    return _STANDARDISED[parameter_id]


def group_by_parameters(p: int, g: int, q: int | None) -> DhGroup:
    """Return the group of these numbers: a standardised one by its name, which brings its order.

    Raises ``InvalidKey`` for a group that nobody should compute in: ``check_group``.
    """
    for known in _STANDARDISED:
        if (known.p, known.g) == (p, g) and q in (None, known.q):
            return known
    group = DhGroup("", p, g, q)
    check_group(group)
    return group


def check_group(group: DhGroup) -> None:
    """Return quietly if a verifier can work in ``group``, else raise ``InvalidKey``.

    p odd and of 1024 to 4096 bits, 2 <= g <= p - 2, and where the order is known at least 160 bits
    of it, dividing p - 1, with g of that order, and not so many bits that a power takes long. The
    bounds keep a hostile group from costing minutes; that p and q are prime is the word of whoever
    signed them.
    """
    p, q = group.p, group.q
    if p <= 0 or group.bits not in _PRIME_BITS or p % 2 == 0:
        raise InvalidKey("dh_modulus")
    if not 2 <= group.g <= p - 2:
        raise InvalidKey("dh_generator")
    if q is None:
        return
    right_size = q.bit_length() >= _LEAST_ORDER_BITS and q.bit_length() * group.bits <= _MOST_WORK
    if not right_size or (p - 1) % q or not _has_order(p, q, group.g):
        raise InvalidKey("dh_order")


@lru_cache(maxsize=64)
def _has_order(p: int, q: int, element: int) -> bool:
    """Whether ``element`` is of order q; a file is parsed more than once, and this is dear."""
    return pow(element, q, p) == 1


def check_range(group: DhGroup, y: int) -> None:
    """Return quietly if 2 <= ``y`` <= p - 2, else raise ``InvalidKey``."""
    if not 2 <= y <= group.p - 2:
        raise InvalidKey("dh_range")


def check_public(group: DhGroup, y: int) -> None:
    """Return quietly if ``y`` is a public value of ``group``, else raise ``InvalidKey``.

    2 <= y <= p - 2, and of order q where q is known (RFC 2631 §2.1.5).
    """
    check_range(group, y)
    if group.q is not None and not _has_order(group.p, group.q, y):
        raise InvalidKey("dh_order")


def encode_public(group: DhGroup, y: int) -> bytes:
    """Return ``y`` as chip and terminal send it: big-endian, no leading zeros (§9.4.1).

    Only the shared secret has the length of p (§9.4.3, note).
    """
    check_range(group, y)
    return y.to_bytes((y.bit_length() + 7) // 8, "big")


def decode_public(group: DhGroup, data: bytes) -> int:
    """Return the public value of ``data``; a leading zero or a wrong value raises ``InvalidKey``.

    One value has one encoding, so that an echo of our own is one by its bytes.
    """
    if not 0 < len(data) <= group.field_length or data[0] == 0:
        raise InvalidKey("dh_length")
    y = int.from_bytes(data, "big")
    check_public(group, y)
    return y


class DhPrivateKey:
    """A private exponent x, 1 <= x < q, or below (p - 1) / 2; its repr does not show it."""

    __slots__ = ("_exponent", "group")

    group: DhGroup
    """The group of the key."""

    def __init__(self, group: DhGroup, exponent: int) -> None:
        if not 1 <= exponent < _bound(group):
            raise InvalidKey("exponent_range")
        self.group, self._exponent = group, exponent

    @classmethod
    def generate(cls, group: DhGroup, rng: Rng) -> DhPrivateKey:
        """Return a new key from ``rng`` by rejection sampling.

        Each attempt asks for as many bytes as the order has and drops bits above it, so a
        scripted source with a published exponent gives that exponent. Raises ``CryptoError`` for
        a source that never yields one.
        """
        bits = _bound(group).bit_length()
        for _ in range(_ATTEMPTS):
            exponent = int.from_bytes(rng((bits + 7) // 8), "big") & ((1 << bits) - 1)
            if 1 <= exponent < _bound(group):
                return cls(group, exponent)
        raise CryptoError("random_source")

    def public_value(self, generator: int | None = None) -> int:
        """Return g^x, or that of another ``generator`` (PACE, Doc 9303-11 §4.4.3.3)."""
        return pow(self.group.g if generator is None else generator, self._exponent, self.group.p)

    def power(self, y: int) -> int:
        """Return y^x for a public value of the other side, checked first: ``InvalidKey``."""
        check_public(self.group, y)
        return pow(y, self._exponent, self.group.p)

    def shared_secret(self, y: int) -> bytes:
        """Return y^x in as many bytes as p has (RFC 2631 §2.1.2). Raises as ``power`` does."""
        return self.power(y).to_bytes(self.group.field_length, "big")

    def __repr__(self) -> str:
        return f"DhPrivateKey({self.group.name or self.group.bits})"


def _bound(group: DhGroup) -> int:
    return group.q if group.q is not None else (group.p - 1) // 2


def _number(text: str) -> int:
    return int("".join(text.split()), 16)


_STANDARDISED = tuple(DhGroup(name, _number(p), _number(g), _number(q)) for name, p, g, q in ROWS)

DH_GROUPS = MappingProxyType({group.name: group for group in _STANDARDISED})
"""The standardised groups by name."""
