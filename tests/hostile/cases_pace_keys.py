"""Group PACE, public keys: those that are none, those that are ours, and one that cancels out.

A run of PACE that was not finished leaves nothing to judge: it is an exception, not a check
(design, section 3).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from chips import (
    AGREEMENT,
    MAPPING,
    NO_BAC,
    Host,
    broken,
    cam_chip,
    case,
    dh_chip,
)
from ecid.emulator.chip.spots import Alteration, Spot
from ecid.protocols.pace import PacePassword
from ecid.testing import Case, LiveCard, canary_card, flip
from ecid_crypto.cipher import Cipher, decrypt_cbc
from ecid_crypto.curves import curve_by_name, encode_point
from ecid_crypto.dh import standardised_group
from ecid_crypto.domain import Domain, standardised_domain
from ecid_crypto.rng import SeededRng

GM, CAM, DH = Host(canary_card), Host(cam_chip), Host(dh_chip)

CURVE, GROUP = curve_by_name("brainpoolP256r1"), standardised_group(1)
P_LENGTH = (GROUP.p.bit_length() + 7) // 8


# Public keys that are none.


def number(value: int) -> bytes:
    """Return a number in the length of the prime of ``GROUP``."""
    return value.to_bytes(P_LENGTH, "big")


def coordinates(point: bytes) -> tuple[int, int]:
    """Return both coordinates of an encoded point of ``CURVE``."""
    half = len(point) // 2
    return int.from_bytes(point[1 : half + 1], "big"), int.from_bytes(point[half + 1 :], "big")


def uncompressed(x: int, y: int) -> bytes:
    """Return an encoded pair of coordinates, whether they are a point or not."""
    length = CURVE.field_length
    return b"\x04" + x.to_bytes(length, "big") + y.to_bytes(length, "big")


def hybrid(point: bytes) -> bytes:
    """Return the point in hybrid form: all of it, and the sign of y in the first byte."""
    return bytes([6 + (point[-1] & 1)]) + point[1:]


def compressed(point: bytes) -> bytes:
    """Return the point in compressed form."""
    return bytes([2 + (point[-1] & 1)]) + point[1 : 1 + CURVE.field_length]


def beyond_p(point: bytes) -> bytes:
    """Return the point with p added to x, where that still fits, else x of all ones."""
    x, y = coordinates(point)
    added = x + CURVE.p
    return uncompressed(added if added.bit_length() <= CURVE.bits else (1 << CURVE.bits) - 1, y)


def on_the_twist(point: bytes) -> bytes:
    """Return a pair with the same x that solves the equation of another curve."""
    x, y = coordinates(point)
    return uncompressed(x, y * 2 % CURVE.p)


def other_curve(_: bytes) -> bytes:
    """Return a point of a curve of the same length."""
    curve = curve_by_name("P-256")
    return encode_point(curve, curve.g)


NO_POINTS: dict[str, Callable[[bytes], bytes]] = {
    "off the curve": flip,
    "twist": on_the_twist,
    "other curve": other_curve,
    "x beyond p": beyond_p,
    "infinity": lambda _: b"\x00",
    "zeros": lambda _: uncompressed(0, 0),
    "one byte short": lambda point: point[:-1],
    "one byte long": lambda point: point + b"\x00",
    "compressed": compressed,
    "hybrid": hybrid,
    "empty": lambda _: b"",
}

NO_NUMBERS = {
    "0": b"\x00",
    "1": b"\x01",
    "p - 1": number(GROUP.p - 1),
    "p": number(GROUP.p),
    "p + 2": number(GROUP.p + 2),
    "outside the subgroup": b"\x02" if pow(2, GROUP.q or 1, GROUP.p) != 1 else b"\x03",
    "leading zero": number(GROUP.g >> 8),
    "empty": b"",
}


def _bad_keys() -> list[Case]:
    found = []
    for id_, spot, step in (
        ("PACE-04", Spot.PACE_MAPPING, MAPPING),
        ("PACE-05", Spot.PACE_EPHEMERAL, AGREEMENT),
    ):
        expected = broken("bad_point", step)
        for name, change in NO_POINTS.items():
            mutation = f"the chip's public key in {step}: {name}"
            found.append(
                case(id_, 5, mutation, GM.forging(spot, change), expected, name, sent=NO_BAC)
            )
        for name, value in NO_NUMBERS.items():
            mutation = f"the chip's public number in {step}: {name}"
            build = DH.forging(spot, lambda _, value=value: value)  # type: ignore[misc]
            found.append(case(id_, 5, mutation, build, expected, f"DH {name}"))
    return found


# A generator that generates nothing.


def cancelling(
    host: Host, domain: Domain, order: int, minus: Callable[[int, int], bytes]
) -> Callable[[], LiveCard]:
    """Return the reading of a chip that knows what the terminal will draw.

    It picks its mapping key so that H is the inverse of s·G: the sum is the neutral element.
    ``minus`` makes that key of s and the terminal's private key.
    """
    heard: dict[str, bytes] = {}

    def nonce(value: bytes, _: bytes) -> bytes:
        password = PacePassword.from_can(host.make().secrets.can)
        key = password.key(Cipher.AES_128)
        heard["s"] = decrypt_cbc(Cipher.AES_128, key, bytes(16), value)
        return value

    def mapping(_: bytes, received: bytes) -> bytes:
        drawn = SeededRng(b"known")
        private = int.from_bytes(drawn((order.bit_length() + 7) // 8), "big")
        if domain.key(private).public() != received:
            raise AssertionError
        return minus(int.from_bytes(heard["s"], "big"), private)

    alter: dict[Spot, Alteration] = {Spot.PACE_NONCE: nonce, Spot.PACE_MAPPING: mapping}

    def build() -> LiveCard:
        behaviour = replace(host.make().behaviour, alter=alter)
        return host.live(behaviour=behaviour, rng=lambda: SeededRng(b"known"))

    return build


def minus_point(s: int, private: int) -> bytes:
    """Return the point whose product with ``private`` is −s·G."""
    domain = standardised_domain(13)
    return domain.key(-s * pow(private, -1, CURVE.n) % CURVE.n).public()


def minus_number(s: int, private: int) -> bytes:
    """Return the number whose power by ``private`` is g to the power of −s."""
    q = GROUP.q or 0
    return number(pow(GROUP.g, -s * pow(private, -1, q) % q, GROUP.p))


IDENTICAL = (("GM", GM), ("CAM", CAM), ("DH", DH))

CASES = (
    *(
        case(
            "PACE-01",
            5,
            "the chip returns our own mapping key",
            host.echoing(Spot.PACE_MAPPING),
            broken("identical_keys", MAPPING),
            name,
        )
        for name, host in IDENTICAL
    ),
    *(
        case(
            "PACE-02",
            5,
            "the chip returns our own ephemeral key",
            host.echoing(Spot.PACE_EPHEMERAL),
            broken("identical_keys", AGREEMENT),
            name,
        )
        for name, host in IDENTICAL
    ),
    *_bad_keys(),
    case(
        "PACE-07",
        5,
        "the mapped generator is infinity: the chip knows our mapping key beforehand",
        cancelling(GM, standardised_domain(13), CURVE.n, minus_point),
        broken("bad_point", MAPPING),
        "GM",
    ),
    case(
        "PACE-07",
        5,
        "the mapped generator is 1: the chip knows our mapping key beforehand",
        cancelling(DH, standardised_domain(1), GROUP.q or 0, minus_number),
        broken("bad_point", MAPPING),
        "DH",
    ),
)
