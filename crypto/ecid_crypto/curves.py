"""Elliptic curves over prime fields and arithmetic on their points.

The curves are those of Doc 9303, TR-03110 and TR-03111: NIST P-192 to P-521, and Brainpool P160
to P512 in both forms (r1 and the twisted t1).
All have cofactor 1, so every finite point but none other is a valid public key. Affine, not in
constant time: for public values and for one-time secrets only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

from ecdsa.numbertheory import Error as NoSquareRoot
from ecdsa.numbertheory import square_root_mod_prime

from ecid_crypto._curve_table import ROWS
from ecid_crypto.errors import InvalidPoint, UnsupportedAlgorithm


class Point(NamedTuple):
    """A finite point in affine coordinates. Infinity has no value: it is an ``InvalidPoint``."""

    x: int
    y: int


@dataclass(frozen=True, slots=True)
class Curve:
    """Domain parameters of y² = x³ + a·x + b over the integers modulo p (TR-03111 §4.1)."""

    name: str
    """``P-256``, ``brainpoolP256r1`` and so on."""
    oid: str
    """Object identifier of the named curve, dotted."""
    p: int
    """Prime of the field."""
    a: int
    """First coefficient, reduced modulo p."""
    b: int
    """Second coefficient, reduced modulo p."""
    g: Point
    """Base point."""
    n: int
    """Prime order of the base point."""
    h: int
    """Cofactor."""

    @property
    def bits(self) -> int:
        """Return the length of p in bits."""
        return self.p.bit_length()

    @property
    def field_length(self) -> int:
        """Return the length of a coordinate in bytes."""
        return (self.bits + 7) // 8

    @property
    def order_length(self) -> int:
        """Return the length of a scalar in bytes."""
        return (self.n.bit_length() + 7) // 8


def curve_by_name(name: str) -> Curve:
    """Return the curve called ``name``, or raise ``UnsupportedAlgorithm``."""
    return _found(CURVES.get(name))


def curve_by_oid(dotted: str) -> Curve:
    """Return the curve with this object identifier, or raise ``UnsupportedAlgorithm``."""
    return _found(_BY_OID.get(dotted))


def curve_by_parameters(  # noqa: PLR0917 (six numbers, in the order every standard prints them)
    p: int, a: int, b: int, g: Point, n: int, h: int
) -> Curve:
    """Return the named curve that has exactly these parameters.

    Explicit parameters are never trusted as such: with one value of the attacker's choice a
    signature can be made to verify (CVE-2020-0601). All six must agree, else
    ``UnsupportedAlgorithm``.
    """
    return _found(_BY_PARAMETERS.get((p, a, b, g, n, h)))


def standardised_curve(parameter_id: int) -> Curve:
    """Return the curve of a standardised domain parameter identifier.

    Identifiers 8 to 18 (Doc 9303-11 §9.5.1, TR-03110-3 A.2.1.1); 0 to 2 are finite-field groups,
    which, like every other number, raise ``UnsupportedAlgorithm``.
    """
    name = _STANDARDISED.get(parameter_id)
    return _found(None if name is None else CURVES[name])


def encode_point(curve: Curve, point: Point) -> bytes:
    """Return 04 || x || y with coordinates of ``field_length`` bytes (TR-03111 §3.2.1).

    Raises ``InvalidPoint`` if the point is not on the curve.
    """
    check_point(curve, point)
    width = curve.field_length
    return b"\x04" + point.x.to_bytes(width, "big") + point.y.to_bytes(width, "big")


def decode_point(curve: Curve, data: bytes) -> Point:
    """Return the point of an uncompressed encoding 04 || x || y (Doc 9303-11 §9.4).

    Compressed and hybrid forms, infinity, a wrong length, a coordinate that is not below p and
    a point off the curve raise ``InvalidPoint``.
    """
    width = curve.field_length
    if len(data) != 1 + 2 * width:
        raise InvalidPoint("point_length")
    if data[0] != 0x04:
        raise InvalidPoint("point_not_uncompressed")
    x, y = data[1 : 1 + width], data[1 + width :]
    point = Point(int.from_bytes(x, "big"), int.from_bytes(y, "big"))
    check_point(curve, point)
    return point


def decompress_point(curve: Curve, data: bytes) -> Point:
    """Return the point of a compressed encoding 02 || x or 03 || x (TR-03111 §3.2.1).

    Only certificates may hold one; Doc 9303-11 §9.4 wants the uncompressed form from a chip.
    Anything else, and an x that belongs to no point, raises ``InvalidPoint``.
    """
    if len(data) != 1 + curve.field_length:
        raise InvalidPoint("point_length")
    if data[0] not in (0x02, 0x03):
        raise InvalidPoint("point_not_compressed")
    x = int.from_bytes(data[1:], "big")
    if x >= curve.p:
        raise InvalidPoint("coordinate_range")
    try:
        y = int(square_root_mod_prime(((x * x + curve.a) * x + curve.b) % curve.p, curve.p))
    except NoSquareRoot as exc:
        raise InvalidPoint("point_off_curve") from exc
    point = Point(x, y if y % 2 == data[0] % 2 else curve.p - y)
    check_point(curve, point)
    return point


def check_point(curve: Curve, point: Point) -> None:
    """Return quietly if ``point`` is on ``curve``, else raise ``InvalidPoint``.

    As the cofactor is 1, this is complete public key validation (TR-03111 §3.2.2).
    """
    x, y = point
    if not (0 <= x < curve.p and 0 <= y < curve.p):
        raise InvalidPoint("coordinate_range")
    if (y * y - (x * x + curve.a) * x - curve.b) % curve.p:
        raise InvalidPoint("point_off_curve")


def add(curve: Curve, first: Point, second: Point) -> Point:
    """Return the sum of two points of ``curve``, equal ones included.

    Raises ``InvalidPoint`` if one is not on the curve or if the sum is infinity.
    """
    check_point(curve, first)
    check_point(curve, second)
    p = curve.p
    slope = _slope(curve, first, second)
    x = (slope * slope - first.x - second.x) % p
    return Point(x, (slope * (first.x - x) - first.y) % p)


def _slope(curve: Curve, first: Point, second: Point) -> int:
    """Return the slope of the chord, or of the tangent where the points are equal."""
    p = curve.p
    if first.x != second.x:
        return (second.y - first.y) * pow(second.x - first.x, -1, p) % p
    if (first.y + second.y) % p == 0:
        raise InvalidPoint("point_at_infinity")
    return (3 * first.x * first.x + curve.a) * pow(2 * first.y, -1, p) % p


def _found(curve: Curve | None) -> Curve:
    if curve is None:
        raise UnsupportedAlgorithm("curve")
    return curve


def _curve(row: tuple[str, str, str, str, str, str, str, str]) -> Curve:
    name, oid, *numbers = row
    p, a, b, x, y, n = (int(number, 16) for number in numbers)
    return Curve(name, oid, p, a, b, Point(x, y), n, 1)


CURVES: Mapping[str, Curve] = MappingProxyType({row[0]: _curve(row) for row in ROWS})
"""Every known curve by name."""

_BY_OID = {curve.oid: curve for curve in CURVES.values()}
_BY_PARAMETERS = {(c.p, c.a, c.b, c.g, c.n, c.h): c for c in CURVES.values()}

_STANDARDISED = {
    8: "P-192",
    9: "brainpoolP192r1",
    10: "P-224",
    11: "brainpoolP224r1",
    12: "P-256",
    13: "brainpoolP256r1",
    14: "brainpoolP320r1",
    15: "P-384",
    16: "brainpoolP384r1",
    17: "brainpoolP512r1",
    18: "P-521",
}
