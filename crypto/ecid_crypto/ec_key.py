"""Private keys on elliptic curves: key agreement and multiplication of points."""

from __future__ import annotations

from ecid_crypto._ec_backend import multiplier
from ecid_crypto.curves import Curve, Point, check_point
from ecid_crypto.errors import CryptoError, InvalidKey
from ecid_crypto.rng import Rng

_ATTEMPTS = 256


class EcPrivateKey:
    """A private scalar d of a curve, 1 <= d < n; its repr does not show it.

    Meant for one-time keys of a terminal and for the keys of emulated cards. OpenSSL does the
    work on NIST curves and brainpoolP256r1, P384r1 and P512r1; the last step of a full point,
    and all of the other curves, are Python integers and not in constant time.
    """

    __slots__ = ("_multiplier", "curve")

    curve: Curve
    """The curve of the key."""

    def __init__(self, curve: Curve, scalar: int) -> None:
        self.curve = curve
        if not 1 <= scalar < curve.n:
            raise InvalidKey("scalar_range")
        self._multiplier = multiplier(curve, scalar)

    @classmethod
    def from_scalar(cls, curve: Curve, scalar: int) -> EcPrivateKey:
        """Return the key with this scalar; ``InvalidKey`` unless 1 <= scalar < n."""
        return cls(curve, scalar)

    @classmethod
    def generate(cls, curve: Curve, rng: Rng) -> EcPrivateKey:
        """Return a new key from ``rng`` by rejection sampling (TR-03111 §4.1.1, algorithm 1).

        Each attempt asks for ``curve.order_length`` bytes, big-endian, and drops bits above
        those of n, so a scripted source with a published scalar gives that scalar. A source
        that never yields a scalar below n is broken: ``CryptoError``.
        """
        mask = (1 << curve.n.bit_length()) - 1
        for _ in range(_ATTEMPTS):
            scalar = int.from_bytes(rng(curve.order_length), "big") & mask
            if 1 <= scalar < curve.n:
                return cls(curve, scalar)
        raise CryptoError("random_source")

    def public_point(self, generator: Point | None = None) -> Point:
        """Return d · G for the base point, or for ``generator`` (PACE, Doc 9303-11 §4.4.3.3).

        Raises ``InvalidPoint`` for a generator off the curve.
        """
        return self._multiplier.public() if generator is None else self.multiply(generator)

    def multiply(self, point: Point) -> Point:
        """Return d · point with both coordinates; ``InvalidPoint`` if it is off the curve."""
        check_point(self.curve, point)
        return self._multiplier.times(point)

    def shared_secret(self, point: Point) -> bytes:
        """Return the x-coordinate of d · point in ``field_length`` bytes (TR-03111 §4.3.1).

        The point comes from the other side and is validated first: ``InvalidPoint``.
        """
        check_point(self.curve, point)
        return self._multiplier.x_of(point).to_bytes(self.curve.field_length, "big")

    def __repr__(self) -> str:
        return f"EcPrivateKey({self.curve.name})"
