"""Mapping the nonce of PACE to a generator (Doc 9303-11 §4.4.3.3): generic and integrated."""

from __future__ import annotations

from typing import Final

from ecid_crypto.cipher import Cipher, encrypt_cbc
from ecid_crypto.curves import Curve, Point, add, check_point
from ecid_crypto.dh import DhGroup, check_public
from ecid_crypto.ec_key import EcPrivateKey
from ecid_crypto.errors import InvalidKey, InvalidPoint, UnsupportedAlgorithm

# Constants of the pseudo-random function, for a block of 128 and of 256 bits (§4.4.3.3.2).
_C0_128: Final = bytes.fromhex("a668892a7c41e3ca739f40b057d85904")
_C1_128: Final = bytes.fromhex("a4e136ac725f738b01c1f60217c188ad")
_C0_256: Final = bytes.fromhex("d463d65234124ef7897054986dca0a174e28df758cbaa03f240616414d5a1676")
_C1_256: Final = bytes.fromhex("54bd7255f0aaf831bec3423fcf39d69b6cbf066677d0faae5aadd99df8e53517")

_SURPLUS_BITS: Final = 64
"""How much longer than p the pseudo-random number is, so that it is even modulo p."""


def nonce_length(cipher: Cipher) -> int:
    """Return the bytes of the nonce s: whole blocks, at least as long as the key (§4.4.3.3)."""
    return 32 if cipher.key_length > 16 else 16


def map_generic(curve: Curve, nonce: bytes, shared: Point) -> Point:
    """Return the mapped generator s·G + H (§4.4.3.3.1).

    ``nonce`` is the decrypted nonce s as a big-endian number, taken modulo the order; ``shared``
    is H, the full point of the anonymous key agreement. Raises ``InvalidPoint`` if H is not on
    the curve, or if s·G or the sum is infinity: no honest chip lets that happen.
    """
    check_point(curve, shared)
    s = int.from_bytes(nonce, "big") % curve.n
    if s == 0:
        raise InvalidPoint("point_at_infinity")
    return add(curve, EcPrivateKey.from_scalar(curve, s).public_point(), shared)


def map_generic_dh(group: DhGroup, nonce: bytes, shared: int) -> int:
    """Return the mapped generator g^s · h modulo p (§4.4.3.3.1).

    Raises ``InvalidKey`` if ``shared``, or what comes of it, is no public value of the group.
    """
    check_public(group, shared)
    found = pow(group.g, int.from_bytes(nonce, "big"), group.p) * shared % group.p
    check_public(group, found)
    return found


def map_integrated(curve: Curve, cipher: Cipher, s: bytes, t: bytes) -> Point:
    """Return the point encoding of the nonces s and t (§4.4.3.3.2, Appendix B of TR-03110-3).

    ``s`` is the decrypted nonce, ``t`` the terminal's, as long as a key. Only for primes that are
    3 modulo 4: P-224 (parameters 10) raises ``UnsupportedAlgorithm``. ``InvalidPoint`` for the
    few numbers that have no point.
    """
    if curve.p % 4 != 3:
        raise UnsupportedAlgorithm("integrated_mapping")
    return _point(curve, pseudo_random(cipher, s, t, curve.p))


def map_integrated_dh(group: DhGroup, cipher: Cipher, s: bytes, t: bytes) -> int:
    """Return R(s, t)^((p - 1) / q) modulo p (§4.4.3.3.2).

    Raises ``InvalidKey`` for a result that generates nothing, or a group of unknown order.
    """
    if group.q is None:
        raise InvalidKey("dh_order")
    found = pow(pseudo_random(cipher, s, t, group.p), (group.p - 1) // group.q, group.p)
    check_public(group, found)
    return found


def pseudo_random(cipher: Cipher, s: bytes, t: bytes, p: int) -> int:
    """Return the pseudo-random function R(s, t) modulo ``p`` (§4.4.3.3.2).

    The nonces have ``nonce_length`` and ``key_length`` bytes, else ``InvalidKey``.
    """
    if len(s) != nonce_length(cipher) or len(t) != cipher.key_length:
        raise InvalidKey("nonce_length")
    c0, c1 = (_C0_128, _C1_128) if len(s) == 16 else (_C0_256, _C1_256)
    iv, key, found = bytes(cipher.block_length), t, b""
    key = encrypt_cbc(cipher, key, iv, s)
    while 8 * len(found) < p.bit_length() + _SURPLUS_BITS:
        key = key[: cipher.key_length]
        found += encrypt_cbc(cipher, key, iv, c1)
        key = encrypt_cbc(cipher, key, iv, c0)
    return int.from_bytes(found, "big") % p


def _point(curve: Curve, t: int) -> Point:
    """Return the point of the number ``t``, without a branch that depends on it but the last."""
    p, a, b = curve.p, curve.a, curve.b
    alpha = -t * t % p
    if (alpha + alpha * alpha) % p == 0:
        raise InvalidPoint("no_point_for_number")
    x2 = -b * pow(a, -1, p) * (1 + pow(alpha + alpha * alpha, -1, p)) % p
    x3 = alpha * x2 % p
    h2 = (pow(x2, 3, p) + a * x2 + b) % p
    u = pow(t, 3, p) * h2 % p
    # h2 to the power p - 1 - (p + 1) / 4 is the inverse of its square root, if it has one.
    root = pow(h2, p - 1 - (p + 1) // 4, p)
    found = Point(x2, root * h2 % p) if root * root * h2 % p == 1 else Point(x3, root * u % p)
    check_point(curve, found)
    return found
