"""Group ALG: points and curve parameters that nobody may compute with (RFC 5480, SEC 1).

The certificate with them is genuine, unless the case says otherwise: what is wrong in it, the
issuer has signed.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from ecid.emulator.issued import IssuedCard
from ecid.emulator.pki import Authority
from ecid.emulator.signing import SigningKey
from ecid.encoding import der_write as w
from ecid.encoding.oid import EC_PUBLIC_KEY
from ecid.errors import StoreError
from ecid.outcome import Reason
from ecid.testing import (
    Aborted,
    canary_card,
    csca,
    curveball,
    dsc,
    ec_key,
    fails,
    issued_by,
    signed_by,
    stays_open,
)
from ecid.testing.pki import PUBLIC_KEY, curve_parameters, explicit_key
from ecid_crypto.curves import Curve, Point, curve_by_name
from ecid_crypto.public_key import EcPublicKey
from entries import Row, Setup
from issuers import SOON, VN, card_of, weak, with_key

EC_KEY = ec_key("signer", "brainpoolP384r1")
CURVE = curve_by_name("brainpoolP384r1")

UNSUPPORTED = stays_open("sod.signer", Reason.UNSUPPORTED_CURVE)


def public(key: SigningKey) -> EcPublicKey:
    """Return the public key, which is on a curve."""
    found = key.public
    assert isinstance(found, EcPublicKey)
    return found


@cache
def explicit_card() -> IssuedCard:
    """Return a card whose signer has the parameters of its curve written out."""
    spki = explicit_key(public(EC_KEY), curve_parameters(CURVE))
    return signed_by(canary_card(), dsc(VN, EC_KEY, public_key=spki))


def with_parameters(parameters: Callable[[], bytes]) -> Callable[[], Setup]:
    """Return the maker of a card whose signer has other parameters written out."""

    def make() -> Setup:
        signer = dsc(VN, EC_KEY, public_key=explicit_key(public(EC_KEY), parameters()))
        return Setup(holder=explicit_card(), card=signed_by(canary_card(), signer))

    return make


def other_base() -> Point:
    """Return another point of the curve, of the same order."""
    return public(ec_key("base", "brainpoolP384r1")).point


HUGE = (1 << 100_000) - 1
COMPOSITE = CURVE.p - 2
"""No prime: an extraction of a square root modulo it may never end (CVE-2022-0778)."""

CHANGED_PARAMETERS: dict[str, Callable[[], bytes]] = {
    "n": lambda: curve_parameters(CURVE, n=CURVE.n + 2),
    "h = 4": lambda: curve_parameters(CURVE, h=4),
    "h = 0": lambda: curve_parameters(CURVE, h=0),
    "a": lambda: curve_parameters(CURVE, a=CURVE.a ^ 1),
    "b": lambda: curve_parameters(CURVE, b=CURVE.b ^ 1),
    "p": lambda: curve_parameters(CURVE, p=COMPOSITE),
    "G": lambda: curve_parameters(CURVE, g=other_base()),
    "-G": lambda: curve_parameters(CURVE, g=Point(CURVE.g.x, CURVE.p - CURVE.g.y)),
    "version": lambda: curve_parameters(CURVE, version=2),
}


def compressed(curve: Curve, point: Point) -> bytes:
    """Return a point in the compressed form."""
    return bytes([2 | point.y & 1]) + point.x.to_bytes(curve.field_length, "big")


# Curveball.


@cache
def fake_authority(victim: Authority) -> Authority:
    """Return an authority with name, serial and public point of ``victim``.

    Its base point is one with which the private key of that point is known.
    """
    key = curveball(victim.key.public)
    parameters = curve_parameters(public(key).curve, g=key.base)
    return csca(
        "VN",
        key,
        subject=victim.plan.subject,
        serial=victim.plan.serial,
        nodes={PUBLIC_KEY: explicit_key(public(key), parameters)},
    )


@cache
def explicit_authority() -> Authority:
    """Return an authority with the parameters of its curve written out."""
    key = ec_key("explicit", "P-384")
    spki = explicit_key(public(key), curve_parameters(public(key).curve))
    return csca("VN", key, name="CSCA EMULATED Explicit", nodes={PUBLIC_KEY: spki})


def curveball_card(victim: Authority, *, in_store: bool) -> Setup:
    """Return a card under the fake authority, which lies in EF.SOD or beside the anchor."""
    holder = issued_by(canary_card(), victim, dsc(victim))
    fake = fake_authority(victim)
    signer = dsc(fake)
    card = signed_by(holder, signer, certificates=(signer.certificate, fake.certificate))
    files = {"csca.cer": victim.certificate, "fake.cer": fake.certificate}
    return Setup(holder=holder, card=card, trust=files if in_store else None)


def huge_anchor() -> Setup:
    """Return a good card, with an anchor given by hand whose field has 100,000 bits."""
    key = ec_key("huge", "P-384")
    spki = explicit_key(public(key), curve_parameters(public(key).curve, p=HUGE))
    huge = csca("VN", key, nodes={PUBLIC_KEY: spki})
    return Setup(
        holder=card_of(EC_KEY),
        trust={"csca.cer": huge.certificate},
        good_trust={"csca.cer": VN.certificate},
    )


# Points.


def named(octets: bytes, oid: str = CURVE.oid) -> bytes:
    """Return the SubjectPublicKeyInfo of a named curve with any octets for its point."""
    return w.seq(w.seq(w.oid(EC_PUBLIC_KEY), w.oid(oid)), w.bits(octets))


def coordinates(point: Point) -> bytes:
    """Return both coordinates side by side."""
    size = CURVE.field_length
    return point.x.to_bytes(size, "big") + point.y.to_bytes(size, "big")


@cache
def small_x() -> SigningKey:
    """Return a key whose x fits into the field's bytes also after p has been added."""
    keys = (ec_key(f"small x {n}", CURVE.name) for n in range(100))
    return next(k for k in keys if public(k).point.x + CURVE.p < 1 << 8 * CURVE.field_length)


def unreduced() -> Setup:
    """Return a card whose signer has x + p in the place of x."""
    key = small_x()
    point = public(key).point
    return with_key(named(b"\x04" + coordinates(Point(point.x + CURVE.p, point.y))), key)


POINT = public(EC_KEY).point
POINTS = {
    "off the curve": b"\x04" + coordinates(Point(POINT.x, POINT.y ^ 1)),
    "infinity": b"\x00",
    "infinity in length": bytes(1 + 2 * CURVE.field_length),
    "zeros": b"\x04" + bytes(2 * CURVE.field_length),
    "hybrid": bytes([6 | POINT.y & 1]) + coordinates(POINT),
    "hybrid, wrong sign": bytes([6 | ~POINT.y & 1]) + coordinates(POINT),
    "one byte less": (b"\x04" + coordinates(POINT))[:-1],
    "one byte more": b"\x04" + coordinates(POINT) + b"\x00",
    "nothing": b"",
}


SECT233R1, SECT233K1 = "1.3.132.0.27", "1.3.132.0.26"
BINARY_FIELD = w.seq(
    w.oid("1.2.840.10045.1.2"),
    w.seq(w.integer(233), w.oid("1.2.840.10045.1.2.3.2"), w.integer(74)),
)
BINARY_POINT = b"\x04" + bytes(29) + b"\x01" + bytes(29) + b"\x01"

ROWS = (
    Row(
        id="ALG-13",
        variant="in EF.SOD",
        mutation="an authority with name, serial and point of the anchor, and another base point, "
        "issued the signer. The key identifier is the anchor's, whose key did not sign: failed",
        weight=5,
        make=lambda: curveball_card(VN, in_store=False),
        expected=fails("sod.chain", Reason.BAD_SIGNATURE),
    ),
    Row(
        id="ALG-13",
        variant="beside the anchor",
        mutation="the same, and the fake authority lies in the folder of anchors",
        weight=5,
        make=lambda: curveball_card(VN, in_store=True),
        expected=fails("sod.chain", Reason.BAD_SIGNATURE),
    ),
    Row(
        id="ALG-13",
        variant="explicit anchor",
        mutation="the same, and the anchor itself has its parameters written out",
        weight=5,
        make=lambda: curveball_card(explicit_authority(), in_store=True),
        expected=fails("sod.chain", Reason.BAD_SIGNATURE),
    ),
    *(
        Row(
            id="ALG-14",
            variant=name,
            mutation=f"parameters written out, and {name} is not the curve's",
            weight=5,
            make=with_parameters(parameters),
            expected=UNSUPPORTED,
        )
        for name, parameters in CHANGED_PARAMETERS.items()
    ),
    Row(
        id="ALG-16",
        variant="p",
        mutation="parameters written out, and p has 100,000 bits",
        weight=2,
        make=with_parameters(lambda: curve_parameters(CURVE, p=HUGE)),
        expected=weak("field_too_large"),
        limits=SOON,
    ),
    Row(
        id="ALG-16",
        variant="p, in an anchor",
        mutation="the same in the only anchor that is given by hand",
        weight=2,
        make=huge_anchor,
        expected=Aborted(error=StoreError, code="store_nothing_usable"),
        limits=SOON,
    ),
    Row(
        id="ALG-16",
        variant="n",
        mutation="parameters written out, and n has 100,000 bits",
        weight=2,
        make=with_parameters(lambda: curve_parameters(CURVE, n=HUGE)),
        expected=UNSUPPORTED,
        limits=SOON,
    ),
    Row(
        id="ALG-16",
        variant="compressed base point",
        mutation="p is not prime, and the base point is compressed",
        weight=2,
        make=with_parameters(
            lambda: curve_parameters(CURVE, p=COMPOSITE, g=compressed(CURVE, CURVE.g))
        ),
        expected=UNSUPPORTED,
        limits=SOON,
    ),
    *(
        Row(
            id="ALG-17",
            variant=name,
            mutation=f"the key of the signer: {name}",
            weight=5,
            make=lambda octets=octets: with_key(named(octets), EC_KEY),  # type: ignore[misc]
            expected=weak("bad_point"),
        )
        for name, octets in POINTS.items()
    ),
    Row(
        id="ALG-17",
        variant="not reduced",
        mutation="the key of the signer: x + p in the place of x",
        weight=5,
        make=unreduced,
        expected=weak("bad_point"),
    ),
    *(
        Row(
            id="ALG-25",
            variant=name,
            mutation=f"the key of the signer is on {name}",
            weight=3,
            make=lambda spki=spki: with_key(spki, EC_KEY),  # type: ignore[misc]
            expected=UNSUPPORTED,
        )
        for name, spki in (
            ("sect233r1", named(BINARY_POINT, SECT233R1)),
            ("sect233k1", named(BINARY_POINT, SECT233K1)),
            (
                "a binary curve written out",
                w.seq(
                    w.seq(w.oid(EC_PUBLIC_KEY), curve_parameters(CURVE, field=BINARY_FIELD)),
                    w.bits(BINARY_POINT),
                ),
            ),
        )
    ),
)

CASES = tuple(case for row in ROWS for case in row.cases())
