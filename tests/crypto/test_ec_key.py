"""Private keys: multiplication, key agreement, generation."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography import exceptions
from cryptography.hazmat.primitives.asymmetric import ec
from ecdsa import curves as other
from hypothesis import given, settings
from hypothesis import strategies as st

from ecid_crypto.curves import CURVES, Curve, Point, add, decode_point, encode_point
from ecid_crypto.ec_key import EcPrivateKey
from ecid_crypto.errors import CryptoError, InvalidKey, InvalidPoint, UnsupportedAlgorithm
from ecid_crypto.rng import ScriptedRng, SeededRng

P256 = CURVES["P-256"]
EDGES = (1, 2, 3, -3, -2, -1)
every_curve = pytest.mark.parametrize("curve", CURVES.values(), ids=list(CURVES))


def scalars(curve: Curve) -> st.SearchStrategy[int]:
    """Return scalars of a curve, with the edges of the range drawn often."""
    edges = [edge % curve.n for edge in EDGES]
    return st.one_of(st.sampled_from(edges), st.integers(1, curve.n - 1))


def reference(curve: Curve, point: Point, scalar: int) -> Point:
    """Return scalar · point as the `ecdsa` package computes it."""
    theirs = {".".join(map(str, c.oid)): c for c in other.curves if c.oid}[curve.oid]
    kind = type(theirs.generator)
    product = (kind(theirs.curve, point.x, point.y, 1, curve.n) * scalar).to_affine()
    return Point(product.x(), product.y())


@every_curve
@settings(max_examples=25)  # on each of 19 curves
@given(data=st.data())
def test_multiplication_agrees_with_another_library(curve: Curve, data: st.DataObject) -> None:
    """Full points, x-coordinates and public points, for scalars that include 1, 2, n-2, n-1."""
    scalar, other_scalar = data.draw(scalars(curve)), data.draw(scalars(curve))
    point = EcPrivateKey.from_scalar(curve, other_scalar).public_point()
    assert reference(curve, curve.g, other_scalar) == point
    key, product = EcPrivateKey.from_scalar(curve, scalar), reference(curve, point, scalar)
    assert product == key.multiply(point)
    assert product == key.public_point(point)
    assert product.x.to_bytes(curve.field_length, "big") == key.shared_secret(point)


@every_curve
def test_multiplication_is_repeated_addition(curve: Curve) -> None:
    """The first multiples of 3·G, one by one, and the last ones from the other end."""
    point = add(curve, curve.g, add(curve, curve.g, curve.g))
    product = point
    for scalar in range(2, 7):
        product = add(curve, product, point)
        assert product == EcPrivateKey.from_scalar(curve, scalar).multiply(point)
        mirrored = EcPrivateKey.from_scalar(curve, curve.n - scalar).multiply(point)
        assert Point(product.x, curve.p - product.y) == mirrored


@every_curve
def test_both_sides_agree(curve: Curve) -> None:
    """a·(b·G) = b·(a·G) for generated keys."""
    rng = SeededRng(curve.name.encode())
    ours, theirs = EcPrivateKey.generate(curve, rng), EcPrivateKey.generate(curve, rng)
    assert ours.multiply(theirs.public_point()) == theirs.multiply(ours.public_point())
    secret = ours.shared_secret(theirs.public_point())
    assert secret == theirs.shared_secret(ours.public_point())
    assert curve.field_length == len(secret)


@every_curve
@pytest.mark.parametrize("outside", ["zero", "negative", "order", "above"])
def test_scalar_out_of_range(curve: Curve, outside: str) -> None:
    """0, -1, n and n + 1 are no private keys."""
    scalar = {"zero": 0, "negative": -1, "order": curve.n, "above": curve.n + 1}[outside]
    with pytest.raises(InvalidKey, match="scalar_range"):
        EcPrivateKey.from_scalar(curve, scalar)


@every_curve
def test_points_of_others_are_validated(curve: Curve) -> None:
    """A point off the curve never meets the private key."""
    key = EcPrivateKey.from_scalar(curve, 2)
    stranger = Point(curve.g.x, curve.g.y ^ 1)
    for use in (key.multiply, key.shared_secret, key.public_point):
        with pytest.raises(InvalidPoint):
            use(stranger)


@every_curve
def test_published_scalar_is_reproduced(curve: Curve) -> None:
    """A scripted source gives its scalar: generation is nothing but the range check."""
    scalar = curve.n - 2
    rng = ScriptedRng(scalar.to_bytes(curve.order_length, "big"))
    point = EcPrivateKey.generate(curve, rng).public_point()
    assert EcPrivateKey.from_scalar(curve, scalar).public_point() == point
    assert rng.exhausted


@every_curve
def test_scalars_out_of_range_are_drawn_again(curve: Curve) -> None:
    """0 and n are thrown away, not reduced: reduction would favour small scalars."""
    chunks = [number.to_bytes(curve.order_length, "big") for number in (0, curve.n, 1)]
    rng = ScriptedRng(*chunks)
    assert curve.g == EcPrivateKey.generate(curve, rng).public_point()
    assert rng.exhausted


def test_surplus_bits_are_dropped() -> None:
    """P-521 has scalars of 521 bits in 66 bytes: without the mask 127 of 128 draws are lost."""
    curve = CURVES["P-521"]
    rng = ScriptedRng((0xFE << 520 | 1).to_bytes(66, "big"))
    assert curve.g == EcPrivateKey.generate(curve, rng).public_point()


def test_broken_source_is_reported() -> None:
    """A source that yields zeros for ever does not hang the terminal."""
    with pytest.raises(CryptoError, match="random_source"):
        EcPrivateKey.generate(P256, bytes)


def test_repr_has_no_scalar() -> None:
    """Neither the key nor what it holds shows the scalar."""
    key = EcPrivateKey.from_scalar(P256, 0x1234567890ABCDEF)
    assert repr(key) == "EcPrivateKey(P-256)"
    assert not hasattr(key, "__dict__")


@pytest.mark.parametrize(
    ("foreign", "ours"),
    [
        (ValueError("refused"), InvalidKey),
        (exceptions.UnsupportedAlgorithm("not in this build"), UnsupportedAlgorithm),
    ],
)
def test_refusals_of_openssl_are_translated(
    foreign: Exception, ours: type[CryptoError], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A build of OpenSSL without a curve, or stricter than we are, raises our errors."""

    def refuse(*_: object) -> None:
        raise foreign

    monkeypatch.setattr(ec, "derive_private_key", refuse)
    with pytest.raises(ours) as refusal:
        EcPrivateKey.from_scalar(P256, 1)
    assert foreign is refusal.value.__cause__


def test_recorded_chip_authentication(transcripts: dict[str, Any]) -> None:
    """Four chips: the public key of the terminal, and the secret with one of the chip's keys."""
    names = {"P-256": P256, "brainpoolP256r1": CURVES["brainpoolP256r1"]}
    for run in transcripts["chip_authentication"]:
        curve = names[run["curve"]]
        key = EcPrivateKey.from_scalar(curve, int(run["terminal_private_key"], 16))
        public = encode_point(curve, key.public_point())
        assert run["terminal_public_key"] == public.hex().upper()
        secrets = {key.shared_secret(point).hex().upper() for point in _points(curve, run["dg14"])}
        assert run["shared_secret_computed"] in secrets


def _points(curve: Curve, dg14: str) -> list[Point]:
    """Return what stands in BIT STRINGs of 66 bytes and is a point; reading DG14 is not here."""
    points = []
    for chunk in bytes.fromhex(dg14).split(bytes.fromhex("034200"))[1:]:
        try:
            points.append(decode_point(curve, chunk[:65]))
        except InvalidPoint:
            continue
    return points
