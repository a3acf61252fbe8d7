"""Curves and points."""

from __future__ import annotations

import pytest
from ecdsa import curves as other
from hypothesis import given
from hypothesis import strategies as st

from ecid_crypto.curves import (
    CURVES,
    Curve,
    Point,
    add,
    check_point,
    curve_by_name,
    curve_by_oid,
    curve_by_parameters,
    decode_point,
    decompress_point,
    encode_point,
    standardised_curve,
)
from ecid_crypto.errors import InvalidPoint, UnsupportedAlgorithm

P256 = CURVES["P-256"]
every_curve = pytest.mark.parametrize("curve", CURVES.values(), ids=list(CURVES))


def negative(curve: Curve, point: Point) -> Point:
    """Return the other point with the same x-coordinate."""
    return Point(point.x, -point.y % curve.p)


def multiple(curve: Curve, point: Point, scalar: int) -> Point:
    """Return scalar · point by doubling and adding, from the most significant bit."""
    product = point
    for bit in bin(scalar)[3:]:
        product = add(curve, product, product)
        if bit == "1":
            product = add(curve, product, point)
    return product


@every_curve
def test_parameters_make_a_group_of_prime_order(curve: Curve) -> None:
    """P and n pass Fermat's test, G is on the curve, (n - 1)·G = -G; a typing error breaks one.

    n is not p: an anomalous curve would be worthless. Hasse: n is within 2·√p of p + 1.
    """
    assert {1} == {pow(2, curve.p - 1, curve.p), pow(2, curve.n - 1, curve.n)}
    check_point(curve, curve.g)
    assert negative(curve, curve.g) == multiple(curve, curve.g, curve.n - 1)
    assert curve.n != curve.p
    assert (curve.p + 1 - curve.n) ** 2 <= 4 * curve.p
    assert curve.h == 1


@every_curve
def test_parameters_agree_with_another_library(curve: Curve) -> None:
    """The `ecdsa` package has the same numbers under the same object identifier."""
    theirs = {".".join(map(str, c.oid)): c for c in other.curves if c.oid}[curve.oid]
    p = theirs.curve.p()
    numbers = (p, theirs.curve.a() % p, theirs.curve.b() % p, theirs.order)
    assert numbers == (curve.p, curve.a, curve.b, curve.n)
    assert (theirs.generator.x(), theirs.generator.y()) == curve.g


@pytest.mark.parametrize("bits", [160, 192, 224, 256, 320, 384, 512])
def test_twisted_curves(bits: int) -> None:
    """RFC 5639 §2.2: the twist has the same field and order, and a = -3."""
    straight, twist = CURVES[f"brainpoolP{bits}r1"], CURVES[f"brainpoolP{bits}t1"]
    assert (straight.p, straight.n) == (twist.p, twist.n)
    assert twist.p - 3 == twist.a


def test_domain_parameters_of_the_worked_example(doc9303: dict[str, dict[str, bytes]]) -> None:
    """Doc 9303-11 G.1: brainpoolP256r1 as printed."""
    values = {k: int.from_bytes(v, "big") for k, v in doc9303["G.1.parameters"].items()}
    base = Point(values["group_generator_x"], values["group_generator_y"])
    found = curve_by_parameters(
        values["prime_p"],
        values["parameter_a"],
        values["parameter_b"],
        base,
        values["group_order_n"],
        values["cofactor_f"],
    )
    assert found.name == "brainpoolP256r1"


@every_curve
def test_look_up(curve: Curve) -> None:
    """By name, by object identifier and by all parameters."""
    assert curve is curve_by_name(curve.name)
    assert curve is curve_by_oid(curve.oid)
    assert curve is curve_by_parameters(curve.p, curve.a, curve.b, curve.g, curve.n, curve.h)


@pytest.mark.parametrize("which", range(6))
def test_one_other_parameter_is_another_curve(which: int) -> None:
    """CVE-2020-0601: a generator of the attacker's choice, and each of the other five."""
    parameters = [P256.p, P256.a, P256.b, P256.n, P256.h]
    base = P256.g
    if which == 5:
        base = add(P256, base, base)
    else:
        parameters[which] += 1
    p, a, b, n, h = parameters
    with pytest.raises(UnsupportedAlgorithm):
        curve_by_parameters(p, a, b, base, n, h)


def test_unknown_names() -> None:
    """secp256k1 is a curve, but none of Doc 9303."""
    with pytest.raises(UnsupportedAlgorithm):
        curve_by_name("secp256k1")
    with pytest.raises(UnsupportedAlgorithm):
        curve_by_oid("1.3.132.0.10")


@pytest.mark.parametrize(
    ("parameter_id", "name"),
    [
        (8, "P-192"),
        (9, "brainpoolP192r1"),
        (10, "P-224"),
        (11, "brainpoolP224r1"),
        (12, "P-256"),
        (13, "brainpoolP256r1"),
        (14, "brainpoolP320r1"),
        (15, "P-384"),
        (16, "brainpoolP384r1"),
        (17, "brainpoolP512r1"),
        (18, "P-521"),
    ],
)
def test_standardised_domain_parameters(parameter_id: int, name: str) -> None:
    """Doc 9303-11 §9.5.1."""
    assert name == standardised_curve(parameter_id).name


@given(st.integers().filter(lambda number: not 8 <= number <= 18))
def test_other_domain_parameters(parameter_id: int) -> None:
    """Finite-field groups, reserved numbers and nonsense."""
    with pytest.raises(UnsupportedAlgorithm):
        standardised_curve(parameter_id)


@pytest.mark.parametrize(
    ("name", "lengths"),
    [("P-521", (521, 66, 66)), ("brainpoolP320r1", (320, 40, 40)), ("P-224", (224, 28, 28))],
)
def test_lengths(name: str, lengths: tuple[int, int, int]) -> None:
    """Bits of p, bytes of a coordinate, bytes of a scalar."""
    curve = CURVES[name]
    assert lengths == (curve.bits, curve.field_length, curve.order_length)


@every_curve
def test_encoding_round_trip(curve: Curve) -> None:
    """04 || x || y, both ways."""
    data = encode_point(curve, curve.g)
    assert 1 + 2 * curve.field_length == len(data)
    assert curve.g == decode_point(curve, data)


def _mutations() -> dict[str, bytes]:
    encoded = encode_point(P256, P256.g)
    x, y = encoded[1:33], encoded[33:]
    big_x = (P256.g.x + P256.p).to_bytes(33, "big")
    return {
        "empty": b"",
        "infinity": b"\x00",
        "infinity of full length": bytes(65),
        "compressed": bytes([2 + P256.g.y % 2]) + x,
        "hybrid": bytes([6 + P256.g.y % 2]) + x + y,
        "one byte short": encoded[:-1],
        "one byte long": encoded + b"\x00",
        "no prefix": x + y,
        "off the curve": encoded[:-1] + bytes([encoded[-1] ^ 1]),
        "zeros": b"\x04" + bytes(64),
        "x plus p": b"\x04" + big_x[-32:] + y,
        "x equal to p": b"\x04" + P256.p.to_bytes(32, "big") + y,
        "y equal to p": b"\x04" + x + P256.p.to_bytes(32, "big"),
        "another curve": encode_point(CURVES["brainpoolP256r1"], CURVES["brainpoolP256r1"].g),
    }


@pytest.mark.parametrize("data", _mutations().values(), ids=_mutations())
def test_malformed_points(data: bytes) -> None:
    """Each way to be no uncompressed point of P-256."""
    with pytest.raises(InvalidPoint):
        decode_point(P256, data)


@every_curve
def test_coordinates_are_not_reduced(curve: Curve) -> None:
    """Congruent to a point but outside 0 to p - 1: a second encoding of a key is none."""
    x, y = curve.g
    for other_point in (
        Point(x + curve.p, y),
        Point(x, y + curve.p),
        Point(x - curve.p, y),
        Point(x, y - curve.p),
    ):
        with pytest.raises(InvalidPoint, match="coordinate_range"):
            check_point(curve, other_point)


def test_encoded_coordinates_are_not_reduced() -> None:
    """P-521 leaves seven bits free in each coordinate: room for x + p and for y + p."""
    curve = CURVES["P-521"]
    x, y = curve.g
    for pair in ((x + curve.p, y), (x, y + curve.p)):
        data = b"\x04" + b"".join(number.to_bytes(66, "big") for number in pair)
        with pytest.raises(InvalidPoint, match="coordinate_range"):
            decode_point(curve, data)


@given(st.sampled_from(list(CURVES.values())), st.data())
def test_decoding_gives_a_point_or_a_refusal(curve: Curve, data: st.DataObject) -> None:
    """On any bytes, most of them with the right length and prefix."""
    length = 2 * curve.field_length
    encoded = data.draw(
        st.one_of(
            st.binary(max_size=140),
            st.binary(min_size=length, max_size=length).map(lambda b: b"\x04" + b),
        )
    )
    try:
        point = decode_point(curve, encoded)
    except InvalidPoint:
        return
    assert encoded == encode_point(curve, point)


# Compressed points ------------------------------------------------------------------------


def compressed(curve: Curve, point: Point) -> bytes:
    """Return 02 || x or 03 || x (TR-03111 §3.2.1)."""
    return bytes([2 + point.y % 2]) + point.x.to_bytes(curve.field_length, "big")


@every_curve
def test_decompression(curve: Curve) -> None:
    """Both points of an x come back, each from its own first byte."""
    for scalar in (1, 2, 7, 12345):
        for point in (
            multiple(curve, curve.g, scalar),
            negative(curve, multiple(curve, curve.g, scalar)),
        ):
            assert decompress_point(curve, compressed(curve, point)) == point


@given(st.sampled_from(list(CURVES.values())), st.data())
def test_decompression_gives_a_point_or_a_refusal(curve: Curve, data: st.DataObject) -> None:
    """About half of all x belong to a point, which then has that x and the parity asked for."""
    x = data.draw(st.integers(0, (1 << 8 * curve.field_length) - 1))
    parity = data.draw(st.integers(0, 1))
    encoded = bytes([2 + parity]) + x.to_bytes(curve.field_length, "big")
    square = (x**3 + curve.a * x + curve.b) % curve.p
    if x < curve.p and pow(square, (curve.p - 1) // 2, curve.p) == 1:
        point = decompress_point(curve, encoded)
        check_point(curve, point)
        assert (point.x, point.y % 2) == (x, parity)
    else:
        with pytest.raises(InvalidPoint):
            decompress_point(curve, encoded)


COMPRESSED = compressed(P256, P256.g)
NO_POINT = next(
    x for x in range(100) if pow(x**3 + P256.a * x + P256.b, (P256.p - 1) // 2, P256.p) != 1
)


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (b"", "point_length"),
        (COMPRESSED[:1], "point_length"),
        (COMPRESSED[:-1], "point_length"),
        (COMPRESSED + b"\x00", "point_length"),
        (encode_point(P256, P256.g), "point_length"),
        (b"\x00" + COMPRESSED[1:], "point_not_compressed"),
        (b"\x04" + COMPRESSED[1:], "point_not_compressed"),
        (b"\x06" + COMPRESSED[1:], "point_not_compressed"),
        (b"\x02" + P256.p.to_bytes(32, "big"), "coordinate_range"),
        (b"\x02" + b"\xff" * 32, "coordinate_range"),
        (b"\x02" + NO_POINT.to_bytes(32, "big"), "point_off_curve"),
    ],
)
def test_malformed_compressed_points(data: bytes, rule: str) -> None:
    """Another length or first byte, an x that is not below p, and one that no point has."""
    with pytest.raises(InvalidPoint) as refusal:
        decompress_point(P256, data)
    assert refusal.value.rule == rule


def test_compressed_points_are_not_for_chips() -> None:
    """Doc 9303-11 §9.4 wants the uncompressed form: the other decoder has its own name."""
    assert decompress_point(P256, COMPRESSED) == P256.g
    with pytest.raises(InvalidPoint):
        decode_point(P256, COMPRESSED)


@given(st.integers(-1, P256.p), st.integers(-1, P256.p))
def test_points_off_the_curve_are_used_nowhere(x: int, y: int) -> None:
    """Two random coordinates are no point, and every function says so."""
    point = Point(x, y)
    for refused in (
        lambda: check_point(P256, point),
        lambda: encode_point(P256, point),
        lambda: add(P256, P256.g, point),
        lambda: add(P256, point, P256.g),
    ):
        with pytest.raises(InvalidPoint):
            refused()


@every_curve
def test_infinity_is_refused(curve: Curve) -> None:
    """P + (-P) has no coordinates."""
    with pytest.raises(InvalidPoint, match="point_at_infinity"):
        add(curve, curve.g, negative(curve, curve.g))


@given(st.sampled_from(list(CURVES.values())), st.integers(1, 1 << 64), st.integers(1, 1 << 64))
def test_addition_is_that_of_the_integers(curve: Curve, first: int, second: int) -> None:
    """first·G + second·G = (first + second)·G, in either order, equal ones included."""
    one, two = multiple(curve, curve.g, first), multiple(curve, curve.g, second)
    total = multiple(curve, curve.g, first + second)
    assert total == add(curve, one, two)
    assert total == add(curve, two, one)
