"""The two libraries behind ``ec_key`` and ``signature``, each with the curves it knows.

`cryptography` (OpenSSL) gives keys, ECDH and ECDSA, but no arithmetic on points. The `ecdsa`
package is arithmetic in Python, not in constant time: it serves the curves OpenSSL has no name
for, with one-time, emulated or public values.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Protocol

from cryptography import exceptions
from cryptography.hazmat.primitives.asymmetric import ec
from ecdsa import ellipticcurve

from ecid_crypto.curves import Curve, Point
from ecid_crypto.errors import InvalidKey, InvalidPoint, UnsupportedAlgorithm

OPENSSL_CURVES: dict[str, ec.EllipticCurve] = {
    "P-192": ec.SECP192R1(),
    "P-224": ec.SECP224R1(),
    "P-256": ec.SECP256R1(),
    "P-384": ec.SECP384R1(),
    "P-521": ec.SECP521R1(),
    "brainpoolP256r1": ec.BrainpoolP256R1(),
    "brainpoolP384r1": ec.BrainpoolP384R1(),
    "brainpoolP512r1": ec.BrainpoolP512R1(),
}


class Multiplier(Protocol):
    """A scalar bound to a curve. Points passed in have been validated by the caller."""

    def public(self) -> Point:
        """Return scalar · base point."""
        ...

    def x_of(self, point: Point) -> int:
        """Return the x-coordinate of scalar · point."""
        ...

    def times(self, point: Point) -> Point:
        """Return scalar · point."""
        ...


def multiplier(curve: Curve, scalar: int) -> Multiplier:
    """Return the multiplier for ``scalar``, 1 <= scalar < n, with the library for ``curve``."""
    if curve.name in OPENSSL_CURVES:
        return _OpenSslMultiplier(curve, scalar)
    return _PythonMultiplier(curve, scalar)


def openssl_public_key(curve: Curve, point: Point) -> ec.EllipticCurvePublicKey:
    """Return the `cryptography` key of a point; ``InvalidPoint`` if OpenSSL refuses it."""
    numbers = ec.EllipticCurvePublicNumbers(point.x, point.y, OPENSSL_CURVES[curve.name])
    with _foreign_errors(InvalidPoint("point_refused")):
        return numbers.public_key()


def python_verifies(curve: Curve, point: Point, digest: int, r: int, s: int) -> bool:
    """Return whether the ECDSA equation holds (FIPS 186-4 §6.4), with the `ecdsa` package.

    ``digest`` is already cut to the bits of the order, ``r`` and ``s`` are in range.
    """
    inverse = pow(s, -1, curve.n)
    u1, u2 = digest * inverse % curve.n, r * inverse % curve.n
    base, public = _python_point(curve, curve.g), _python_point(curve, point)
    total = _affine(base.mul_add(u1, public, u2))
    return total is not None and total.x % curve.n == r


class _OpenSslMultiplier:
    """Full points from two x-only results: Q = k·P and R = (k+1)·P.

    The x-coordinate of R = Q + P, solved for y(Q), is linear: there is no sign to guess. The
    key objects are kept, because deriving one computes its public half.
    """

    def __init__(self, curve: Curve, scalar: int) -> None:
        self._curve = curve
        self._scalar = scalar
        self._key = _derive(curve, scalar)
        self._next_key: ec.EllipticCurvePrivateKey | None = None

    def public(self) -> Point:
        numbers = self._key.public_key().public_numbers()
        return Point(numbers.x, numbers.y)

    def x_of(self, point: Point) -> int:
        return _exchange(self._key, openssl_public_key(self._curve, point))

    def times(self, point: Point) -> Point:
        p = self._curve.p
        if self._scalar == self._curve.n - 1:  # R would be infinity
            return Point(point.x, p - point.y)
        if point.y == 0:  # order 2: impossible with a prime order, and no divisor below
            raise InvalidPoint("point_order")
        peer = openssl_public_key(self._curve, point)
        x_q = _exchange(self._key, peer)
        x_r = _exchange(self._successor(), peer)
        return Point(x_q, self._recover_y(point, x_q, x_r))

    def _recover_y(self, point: Point, x_q: int, x_r: int) -> int:
        p, (x, y) = self._curve.p, point
        square = (x_q * x_q + self._curve.a) * x_q + self._curve.b
        chord = (x_r + x_q + x) * (x_q - x) ** 2
        return (square + y * y - chord) * pow(2 * y, -1, p) % p

    def _successor(self) -> ec.EllipticCurvePrivateKey:
        if self._next_key is None:
            self._next_key = _derive(self._curve, self._scalar + 1)
        return self._next_key


class _PythonMultiplier:
    def __init__(self, curve: Curve, scalar: int) -> None:
        self._curve = curve
        self._scalar = scalar
        self._public: Point | None = None

    def public(self) -> Point:
        if self._public is None:
            self._public = self.times(self._curve.g)
        return self._public

    def x_of(self, point: Point) -> int:
        return self.times(point).x

    def times(self, point: Point) -> Point:
        product = _affine(_python_point(self._curve, point) * self._scalar)
        if product is None:  # impossible with a prime order
            raise InvalidPoint("point_at_infinity")
        return product


def _derive(curve: Curve, scalar: int) -> ec.EllipticCurvePrivateKey:
    with _foreign_errors(InvalidKey("scalar_refused")):
        return ec.derive_private_key(scalar, OPENSSL_CURVES[curve.name])


def _exchange(key: ec.EllipticCurvePrivateKey, peer: ec.EllipticCurvePublicKey) -> int:
    with _foreign_errors(InvalidPoint("key_agreement_refused")):
        return int.from_bytes(key.exchange(ec.ECDH(), peer), "big")


def _python_point(curve: Curve, point: Point) -> ellipticcurve.PointJacobi:
    return ellipticcurve.PointJacobi(_python_curve(curve), point.x, point.y, 1, curve.n)


def _affine(point: ellipticcurve.PointJacobi) -> Point | None:
    """Return a point of the `ecdsa` package as ours; None for infinity, another type there."""
    if point == ellipticcurve.INFINITY:
        return None
    return Point(int(point.x()), int(point.y()))


@cache
def _python_curve(curve: Curve) -> ellipticcurve.CurveFp:
    return ellipticcurve.CurveFp(curve.p, curve.a, curve.b, curve.h)


@contextmanager
def _foreign_errors(refusal: Exception) -> Iterator[None]:
    """Turn what `cryptography` raises into ``refusal``, keeping the cause."""
    try:
        yield
    except exceptions.UnsupportedAlgorithm as exc:
        raise UnsupportedAlgorithm("curve_not_in_this_build") from exc
    except ValueError as exc:
        raise refusal from exc
