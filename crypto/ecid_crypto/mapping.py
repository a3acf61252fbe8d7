"""Generic mapping of the nonce of PACE to a generator (Doc 9303-11 §4.4.3.3.1)."""

from __future__ import annotations

from ecid_crypto.curves import Curve, Point, add, check_point
from ecid_crypto.ec_key import EcPrivateKey
from ecid_crypto.errors import InvalidPoint


def map_generic(curve: Curve, nonce: bytes, shared: Point) -> Point:
    """Return the mapped generator s·G + H.

    ``nonce`` is the decrypted nonce s as a big-endian number, taken modulo the order; ``shared``
    is H, the full point of the anonymous key agreement. Raises ``InvalidPoint`` if H is not on
    the curve, or if s·G or the sum is infinity: no honest chip lets that happen.
    """
    check_point(curve, shared)
    s = int.from_bytes(nonce, "big") % curve.n
    if s == 0:
        raise InvalidPoint("point_at_infinity")
    return add(curve, EcPrivateKey.from_scalar(curve, s).public_point(), shared)
