"""Public keys out of certificates, with named and with written-out curves."""

from __future__ import annotations

import base64
import contextlib
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsa_key import PUBLIC
from ecid.encoding import der_write as w
from ecid.encoding.oid import DSA, EC_PUBLIC_KEY, PRIME_FIELD, RSA_ENCRYPTION, RSASSA_PSS
from ecid.encoding.spki import parse_spki, write_ec_parameters, write_spki
from ecid.encoding.tlv import children, parse_one
from ecid.errors import EcidError, MalformedData, UnsupportedData
from ecid_crypto.curves import CURVES, Curve, Point, curve_by_name, encode_point
from ecid_crypto.public_key import DsaPublicKey, EcPublicKey, RsaPublicKey

P256 = curve_by_name("P-256")
NO_POINT = next(
    x for x in range(100) if pow(x**3 + P256.a * x + P256.b, (P256.p - 1) // 2, P256.p) != 1
)
RSA_KEY = RsaPublicKey((1 << 1023) + 12345, 65537)


def spki_of(certificate: bytes) -> bytes:
    """Return the SubjectPublicKeyInfo of a certificate in DER or PEM."""
    if certificate.lstrip().startswith(b"-----"):
        certificate = base64.b64decode(certificate.split(b"-----")[2])
    members = children(children(parse_one(certificate, 0x30, "x"))[0])
    return members[6 if members[0].tag == 0xA0 else 5].raw


@pytest.mark.parametrize("explicit", [False, True])
@pytest.mark.parametrize("name", sorted(CURVES))
def test_round_trip_of_every_curve(name: str, explicit: bool) -> None:
    """A key on each curve comes back, whether the curve is named or written out."""
    curve = CURVES[name]
    key = EcPublicKey(curve, curve.g)
    read = parse_spki(write_spki(key, explicit), "x")
    assert (key, EC_PUBLIC_KEY, explicit, ()) == (
        read.key,
        read.algorithm,
        read.explicit_parameters,
        read.deviations,
    )


@given(st.integers(1, 1 << 2048), st.integers(1, 1 << 64))
def test_round_trip_of_rsa(n: int, e: int) -> None:
    """Any positive numbers come back; how good they are is judged elsewhere."""
    read = parse_spki(write_spki(RsaPublicKey(n, e)), "x")
    assert (RsaPublicKey(n, e), False) == (read.key, read.rsa_pss_restricted)


@given(st.binary(max_size=300))
def test_any_bytes(data: bytes) -> None:
    """Whatever the bytes, a key or ``EcidError``."""
    with pytest.raises(EcidError):
        parse_spki(data, "x")


@given(st.data())
def test_any_byte_changed(data: st.DataObject) -> None:
    """A written key with one byte changed gives a key or ``EcidError``."""
    raw = bytearray(write_spki(EcPublicKey(P256, P256.g), explicit=True))
    raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(EcidError):
        assert isinstance(parse_spki(bytes(raw), "x").key, EcPublicKey)


def ec_spki(parameters: bytes, point: bytes = b"") -> bytes:
    """Return an EC key with these parameters and point octets (the generator of P-256)."""
    octets = point or encode_point(P256, P256.g)
    return w.seq(w.seq(w.oid(EC_PUBLIC_KEY), parameters), w.bits(octets))


def parameters(
    *,
    version: int = 1,
    field: str = PRIME_FIELD,
    change: dict[str, int] | None = None,
    base: bytes | None = None,
    seed: bytes = b"",
    cofactor: bool = True,
    width: int = 32,
) -> bytes:
    """Return the parameters of P-256 with something changed."""
    values = {name: getattr(P256, name) for name in ("p", "a", "b", "n", "h")} | (change or {})
    coefficients = [w.octets(values[name].to_bytes(width, "big")) for name in "ab"]
    if seed:
        coefficients.append(w.bits(seed))
    return w.seq(
        w.integer(version),
        w.seq(w.oid(field), w.integer(values["p"])),
        w.seq(*coefficients),
        w.octets(encode_point(P256, P256.g) if base is None else base),
        w.integer(values["n"]),
        *([w.integer(values["h"])] if cofactor else []),
    )


def test_written_out_parameters_are_what_the_writer_writes() -> None:
    """The helper of these tests and the library agree, so the changes below are the only ones."""
    assert write_ec_parameters(P256) == parameters()


@pytest.mark.parametrize("name", ["p", "a", "b", "n", "h"])
def test_one_parameter_off_is_another_curve(name: str) -> None:
    """A curve is known only if every parameter is equal (CVE-2020-0601 and its kin)."""
    changed = parameters(change={name: getattr(P256, name) + 2})
    with pytest.raises(UnsupportedData) as caught:
        parse_spki(ec_spki(changed), "x")
    assert caught.value.what == "unknown_curve"


def test_another_generator_is_another_curve() -> None:
    """A point on the right curve that is not its generator is refused (CVE-2020-0601)."""
    opposite = encode_point(P256, Point(P256.g.x, P256.p - P256.g.y))
    with pytest.raises(UnsupportedData) as caught:
        parse_spki(ec_spki(parameters(base=opposite)), "x")
    assert caught.value.what == "unknown_curve"


def test_what_may_vary() -> None:
    """A seed is passed over; an absent cofactor and wider field elements are deviations."""
    assert parse_spki(ec_spki(parameters(seed=b"seed")), "x").deviations == ()
    absent = parse_spki(ec_spki(parameters(cofactor=False)), "x")
    assert (absent.deviations, curve_of(absent.key)) == (("cofactor_absent",), P256)
    short = parse_spki(ec_spki(parameters(width=33)), "x")
    assert (short.deviations, curve_of(short.key)) == (("field_element_length",), P256)


def curve_of(key: object) -> Curve:
    """Return the curve of a key that must be on one."""
    assert isinstance(key, EcPublicKey)
    return key.curve


@pytest.mark.parametrize(
    ("spki", "what"),
    [
        (ec_spki(parameters(version=2)), "ec_parameters_version"),
        (ec_spki(parameters(field="1.2.840.10045.1.2")), "field_not_prime"),
        (ec_spki(parameters(base=b"\x02" + bytes(32))), "unknown_curve"),
        (ec_spki(w.oid("1.3.132.0.10")), "1.3.132.0.10"),
        (ec_spki(w.null()), "curve_not_named"),
        (w.seq(w.seq(w.oid(DSA), w.null()), w.bits(b"\x00")), "dsa_parameters_inherited"),
        (w.seq(w.seq(w.oid(DSA)), w.bits(w.integer(5))), "dsa_parameters_inherited"),
        (w.seq(w.seq(w.oid("1.3.101.113")), w.bits(bytes(57))), "1.3.101.113"),
    ],
)
def test_unsupported(spki: bytes, what: str) -> None:
    """What is legal and not implemented says so by name."""
    with pytest.raises(UnsupportedData) as caught:
        parse_spki(spki, "x")
    assert caught.value.what == what


@pytest.mark.parametrize(
    ("spki", "rule"),
    [
        (ec_spki(w.oid(P256.oid), b"\x04" + bytes(64)), "bad_point"),
        (ec_spki(w.oid(P256.oid), encode_point(P256, P256.g) + b"\x00"), "bad_point"),
        (ec_spki(w.oid(P256.oid), b"\x00"), "bad_point"),
        (ec_spki(w.oid(P256.oid), b"\x02" + NO_POINT.to_bytes(32, "big")), "bad_point"),
        (ec_spki(w.oid(P256.oid), b"\x02" + bytes(31)), "bad_point"),
        (ec_spki(w.oid(P256.oid), b"\x06" + encode_point(P256, P256.g)[1:]), "bad_point"),
        (w.seq(w.seq(w.oid(DSA), w.seq(w.integer(1))), w.bits(w.integer(1))), "not_der"),
        (w.seq(w.seq(w.oid(DSA), w.integer(1)), w.bits(w.integer(1))), "not_der"),
        (w.seq(w.seq(w.oid(DSA), w.seq(*[w.integer(5)] * 3)), w.bits(b"\x05")), "not_der"),
        (ec_spki(parameters(base=b"\x04" + bytes(63))), "bad_generator"),
        (w.seq(w.seq(w.oid(RSA_ENCRYPTION), w.seq()), w.bits(w.seq())), "key_parameters"),
        (
            w.seq(
                w.seq(w.oid(RSA_ENCRYPTION), w.null()), w.bits(w.seq(w.integer(-5), w.integer(3)))
            ),
            "rsa_key_not_positive",
        ),
        (w.seq(w.seq(w.oid(RSA_ENCRYPTION)), w.bits(b"\x00", 1)), "unused_bits"),
    ],
)
def test_malformed(spki: bytes, rule: str) -> None:
    """What is no key says which rule it breaks."""
    with pytest.raises(MalformedData) as caught:
        parse_spki(spki, "x")
    assert caught.value.rule == rule


@pytest.mark.parametrize("name", sorted(CURVES))
def test_compressed_point(name: str) -> None:
    """Legal (RFC 5480 §2.2) and against Doc 9303-12 §4.1.6.3: the same key, and it is said."""
    curve = CURVES[name]
    for point in (curve.g, Point(curve.g.x, curve.p - curve.g.y)):
        key = EcPublicKey(curve, point)
        for algorithm, explicit in ((w.oid(curve.oid), False), (write_ec_parameters(curve), True)):
            read = parse_spki(ec_spki(algorithm, compressed(curve, point)), "x")
            assert (read.key, read.explicit_parameters) == (key, explicit)
            assert read.deviations == ("compressed_point",)


def compressed(curve: Curve, point: Point) -> bytes:
    """Return 02 || x or 03 || x (TR-03111 §3.2.1)."""
    return bytes([2 + point.y % 2]) + point.x.to_bytes(curve.field_length, "big")


def test_compressed_generator() -> None:
    """The generator, too, may be compressed; it is only ever that of a curve that is known."""
    read = parse_spki(ec_spki(parameters(base=compressed(P256, P256.g))), "x")
    assert (curve_of(read.key), read.deviations) == (P256, ("compressed_point",))
    opposite = Point(P256.g.x, P256.p - P256.g.y)
    other = CURVES["P-384"]
    for base in (compressed(P256, opposite), compressed(other, other.g)):
        with pytest.raises(UnsupportedData) as caught:
            parse_spki(ec_spki(parameters(base=base)), "x")
        assert caught.value.what == "unknown_curve"


def test_compressed_generator_and_point_and_no_cofactor() -> None:
    """Deviations of curve and point stand side by side."""
    bare = parameters(base=compressed(P256, P256.g), cofactor=False)
    assert parse_spki(ec_spki(bare), "x").deviations == ("cofactor_absent", "compressed_point")
    point = compressed(P256, P256.g)
    both = parse_spki(ec_spki(bare, point), "x").deviations
    assert both == ("cofactor_absent", "compressed_point")


def test_dsa() -> None:
    """The domain parameters stand beside the key (RFC 3279 §2.3.2), and nothing is judged yet."""
    read = parse_spki(write_spki(PUBLIC), "x")
    assert (read.key, read.algorithm, read.deviations) == (PUBLIC, DSA, ())
    trivial = DsaPublicKey(23, 11, 1, 1)
    assert parse_spki(write_spki(trivial), "x").key == trivial


@given(st.integers(), st.integers(), st.integers(), st.integers())
def test_round_trip_of_dsa(p: int, q: int, g: int, y: int) -> None:
    """Any four numbers come back; how good they are is judged elsewhere."""
    assert parse_spki(write_spki(DsaPublicKey(p, q, g, y)), "x").key == DsaPublicKey(p, q, g, y)


def test_rsa_without_parameters() -> None:
    """NULL and absent are the same (RFC 3279 §2.3.1 wants NULL, keys without it exist)."""
    body = w.bits(w.seq(w.integer(RSA_KEY.n), w.integer(RSA_KEY.e)))
    assert parse_spki(w.seq(w.seq(w.oid(RSA_ENCRYPTION)), body), "x").key == RSA_KEY


def test_rsa_for_pss_only() -> None:
    """A key for RSASSA-PSS says so and keeps its restriction as received."""
    body = w.bits(w.seq(w.integer(RSA_KEY.n), w.integer(RSA_KEY.e)))
    restriction = w.seq(w.explicit(2, w.integer(32)))
    read = parse_spki(w.seq(w.seq(w.oid(RSASSA_PSS), restriction), body), "x")
    assert (True, restriction, RSA_KEY) == (read.rsa_pss_restricted, read.restriction, read.key)


def test_standardised_domain_parameters() -> None:
    """A number in place of parameters names the curve (TR-03110-3 §A.2.1.1): 13, 256 bits."""
    curve = curve_by_name("brainpoolP256r1")
    algorithm = w.seq(w.oid("0.4.0.127.0.7.1.2"), w.integer(13))
    spki = w.seq(algorithm, w.bits(encode_point(curve, curve.g)))
    assert parse_spki(spki, "x").key == EcPublicKey(curve, curve.g)
    unknown = w.seq(w.oid("0.4.0.127.0.7.1.2"), w.integer(31))
    with pytest.raises(UnsupportedData):
        parse_spki(w.seq(unknown, w.bits(b"\x04")), "x")


def test_repr_hides_the_key() -> None:
    """The key of a chip tells its holder apart: it is in no repr."""
    assert str(RSA_KEY.n) not in repr(parse_spki(write_spki(RSA_KEY), "x"))


def test_every_anchor_has_a_key(corpus: Path) -> None:
    """Every certificate file of the corpus, DER or PEM whatever its suffix, gives a key."""
    folder = corpus / "pki" / "anchors"
    files = [path for path in folder.iterdir() if path.suffix in {".cer", ".crt", ".der"}]
    kinds = Counter(type(parse_spki(spki_of(path.read_bytes()), "x").key) for path in files)
    assert Counter({RsaPublicKey: 14, EcPublicKey: 4}) == kinds


@pytest.mark.parametrize(
    ("name", "curve", "explicit"),
    [
        ("CSCA_ePassport_Vietnam.cer", "brainpoolP512r1", True),
        ("CSCA_Vietnam_001.cer", "P-384", False),
        ("DSC_NationalIdentification_00013.cer", "brainpoolP384r1", False),
    ],
)
def test_vietnamese_certificates(corpus: Path, name: str, curve: str, explicit: bool) -> None:
    """The three Vietnamese certificates: curves, and which one writes its parameters out."""
    read = parse_spki(spki_of((corpus / "pki" / "anchors" / name).read_bytes()), "x")
    assert (curve, explicit, ()) == (
        curve_of(read.key).name,
        read.explicit_parameters,
        read.deviations,
    )


def test_all_of_a_list_of_720(corpus: Path) -> None:
    """No key of 720 real CSCA certificates is refused, and only P-521 elements come short."""
    text = (corpus / "pki" / "anchors" / "AndyQ_masterList.pem").read_text("ascii")
    blocks = text.split("-----BEGIN CERTIFICATE-----")[1:]
    certificates = [base64.b64decode(block.split("-----END")[0]) for block in blocks]
    found = [parse_spki(spki_of(certificate), "x") for certificate in certificates]
    assert len(found) == 720
    assert {"field_element_length"} == {name for read in found for name in read.deviations}
