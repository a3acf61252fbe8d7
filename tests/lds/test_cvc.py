"""Card-verifiable certificates and EF.CVCA: what is read, what is refused and under which name."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cvc_kit import AT, IS, TA, Holder, authority, chain, day, unsigned
from ecid.encoding.oid import encode_oid
from ecid.encoding.tlv import children, encode, parse_one
from ecid.errors import EcidError, MalformedData, UnsupportedData
from ecid.lds.cvc import MAX_CERTIFICATE, parse_cvc, parse_cvca_file
from ecid.lds.cvc_types import CvcEcKey, CvcRole
from ecid_crypto.curves import decode_point
from ecid_crypto.errors import UnsupportedAlgorithm
from ecid_crypto.public_key import EcPublicKey, RsaPublicKey
from ecid_crypto.signature import verify

EXAMPLE = Path(__file__).resolve().parents[2] / "fixtures" / "spec" / "eac-worked-example.json"


@pytest.fixture(scope="module")
def example() -> dict[str, Any]:
    """Return the numbers of BSI's worked example."""
    found: dict[str, Any] = json.loads(EXAMPLE.read_text("utf-8"))
    return found


@pytest.fixture(scope="module")
def cvca() -> Holder:
    """Return a CVCA on a curve."""
    return authority("ZZCVCA00001")


# What is read -----------------------------------------------------------------------------


def test_published_certificates(example: dict[str, Any]) -> None:
    """BSI's chain is read, and each certificate is signed with the key above it."""
    names = ("cvca", "dv", "terminal")
    certificates = [parse_cvc(bytes.fromhex(example["ecdh"][name])) for name in names]
    references = [(c.authority_reference, c.holder_reference) for c in certificates]
    assert references == [
        ("DECVCAAT00001", "DECVCAAT00001"),
        ("DECVCAAT00001", "DETESTDVDE019"),
        ("DETESTDVDE019", "DETESTATDE019"),
    ]
    roles = [c.authorization.role for c in certificates]
    assert roles == [CvcRole.CVCA, CvcRole.DV_DOMESTIC, CvcRole.TERMINAL]
    assert certificates[0].effective == date(2010, 9, 30)
    assert certificates[0].expiration == date(2011, 9, 25)

    issuer = certificates[0].public_key.key
    assert isinstance(issuer, CvcEcKey)
    assert issuer.parameters is not None
    curve = issuer.parameters.curve()
    assert curve.name == "brainpoolP512r1"
    above = certificates[0]
    for certificate in certificates:
        key = above.public_key.key
        assert isinstance(key, CvcEcKey)
        public = EcPublicKey(curve, decode_point(curve, key.point))
        verify(above.public_key.scheme, public, certificate.signature, certificate.raw_body)
        above = certificate


def test_published_rsa_certificate(example: dict[str, Any]) -> None:
    """BSI's CVCA with RSA of 1024 bits signed itself."""
    certificate = parse_cvc(bytes.fromhex(example["dh"]["cvca"]))
    key = certificate.public_key.key
    assert isinstance(key, RsaPublicKey)
    assert (key.bits, key.e) == (1024, 65537)
    verify(certificate.public_key.scheme, key, certificate.signature, certificate.raw_body)


@pytest.mark.parametrize("algorithm", ["1.1", "1.4", "2.3"])
def test_every_field(algorithm: str) -> None:
    """What was written is what is read, and what is signed is the body as received."""
    holder = chain(algorithm)[1]
    found = holder.certificate
    assert found.raw == holder.raw
    assert found.raw_body in found.raw
    assert found.public_key.oid == f"{TA}.{algorithm}"
    assert (found.authority_reference, found.holder_reference) == ("ZZCVCA00001", "ZZDV00001")
    assert (found.effective, found.expiration) == (date(2025, 1, 1), date(2027, 12, 31))
    assert found.authorization.oid == IS
    assert found.authorization.role.is_verifier
    assert found.authorization.reads_fingerprints
    assert found.authorization.reads_irises
    assert found.authorization.rights == b"\x03"
    assert found.extensions is None


@pytest.mark.parametrize(("rights", "dg3", "dg4"), [(0, 0, 0), (1, 1, 0), (2, 0, 1), (3, 1, 1)])
def test_rights(cvca: Holder, rights: int, dg3: int, dg4: int) -> None:
    """Bit 0 is fingerprints, bit 1 is iris."""
    found = cvca.issue("ZZDV00001", 0b01, rights=rights).certificate.authorization
    assert (found.reads_fingerprints, found.reads_irises) == (bool(dg3), bool(dg4))
    assert found.role is CvcRole.DV_FOREIGN


def test_rights_of_other_terminals(cvca: Holder) -> None:
    """The same bits of an authentication terminal mean something else."""
    found = cvca.issue("ZZDV00001", 0b10, oid=AT).certificate.authorization
    assert len(found.authorization) == 5
    assert not found.reads_fingerprints
    assert not found.reads_irises


def test_extensions(cvca: Holder) -> None:
    """Extensions are kept as they came."""
    extensions = encode(0x65, encode(0x73, encode(0x06, encode_oid(AT)) + encode(0x80, b"x")))
    assert cvca.issue("ZZDV00001", 0b10, extensions=extensions).certificate.extensions == extensions


def test_nothing_of_the_key_is_printed(cvca: Holder) -> None:
    """The representation is short: names, roles and days."""
    assert len(repr(cvca.certificate)) < 400


# What is refused --------------------------------------------------------------------------


def rewritten(raw: bytes, tag: int, value: bytes | None) -> bytes:
    """Return the certificate with the body's object ``tag`` given another value, or left out."""
    body, signature = children(parse_one(raw, 0x7F21, "test"))
    objects = [
        (part.tag, value if part.tag == tag else part.value)
        for part in children(body)
        if part.tag != tag or value is not None
    ]
    inner = b"".join(encode(number, content) for number, content in objects if content is not None)
    return encode(0x7F21, encode(0x7F4E, inner) + signature.raw)


def test_rewriting_nothing_changes_nothing(cvca: Holder) -> None:
    """The control of the cases below."""
    assert rewritten(cvca.raw, 0x5F29, b"\x00") == cvca.raw


FIELDS: dict[str, tuple[int, bytes | None, str]] = {
    "profile 1": (0x5F29, b"\x01", "profile"),
    "profile of two bytes": (0x5F29, b"\x00\x00", "profile"),
    "no profile": (0x5F29, None, "unexpected_tag"),
    "empty reference": (0x42, b"", "reference_length"),
    "long reference": (0x42, b"ZZCVCA" + b"0" * 11, "reference_length"),
    "control character": (0x5F20, b"ZZCVCA\n0001", "reference_characters"),
    "control character of the upper half": (0x5F20, b"ZZCVCA\x850001", "reference_characters"),
    "no holder": (0x5F20, None, "unexpected_tag"),
    "month 13": (0x5F25, b"\x02\x05\x01\x03\x00\x01", "date"),
    "30 February": (0x5F24, b"\x02\x05\x00\x02\x03\x00", "date"),
    "date in ASCII": (0x5F24, b"250101", "date"),
    "date of five digits": (0x5F24, b"\x02\x05\x00\x01\x01", "date"),
    "packed date": (0x5F24, b"\x25\x01\x01", "date"),
    "no date": (0x5F24, None, "truncated"),
    "rights of two bytes": (
        0x7F4C,
        encode(0x06, encode_oid(IS)) + encode(0x53, b"\xc3\x00"),
        "authorization",
    ),
    "no rights": (0x7F4C, encode(0x06, encode_oid(IS)) + encode(0x53, b""), "empty"),
    "rights without type": (0x7F4C, encode(0x53, b"\xc3"), "unexpected_tag"),
    "more after the rights": (
        0x7F4C,
        encode(0x06, encode_oid(IS)) + encode(0x53, b"\xc3") + b"\x80\x00",
        "trailing_data",
    ),
    "broken type": (0x7F4C, encode(0x06, b"\x80\x01") + encode(0x53, b"\xc3"), "bad_oid"),
}


@pytest.mark.parametrize("case", FIELDS)
def test_broken_field(cvca: Holder, case: str) -> None:
    """One field is wrong and the error names how."""
    tag, value, rule = FIELDS[case]
    with pytest.raises(MalformedData) as caught:
        parse_cvc(rewritten(cvca.raw, tag, value))
    assert (caught.value.where, caught.value.rule) == ("CVC", rule)


EXTENSIONS = {
    "empty": encode(0x65, b""),
    "not a template": encode(0x65, encode(0x80, b"x")),
    "without identifier": encode(0x65, encode(0x73, encode(0x80, b"x"))),
    "empty template": encode(0x65, encode(0x73, b"")),
    "another object": encode(0x66, b"x"),
    "twice": encode(0x65, encode(0x73, encode(0x06, b"\x2a"))) * 2,
}


@pytest.mark.parametrize("case", EXTENSIONS)
def test_broken_extensions(cvca: Holder, case: str) -> None:
    """Extensions are templates that start with an identifier, and stand once."""
    with pytest.raises(MalformedData):
        parse_cvc(cvca.issue("ZZDV00001", 0b10, extensions=EXTENSIONS[case]).raw)


def swapped(raw: bytes) -> bytes:
    """Return the certificate with its two dates in the other order."""
    body, signature = children(parse_one(raw, 0x7F21, "test"))
    parts = [part.raw for part in children(body)]
    parts[-2:] = reversed(parts[-2:])
    return encode(0x7F21, encode(0x7F4E, b"".join(parts)) + signature.raw)


def long_length(raw: bytes) -> bytes:
    """Return the certificate with a length of the body in one byte more than needed."""
    body, signature = children(parse_one(raw, 0x7F21, "test"))
    length = len(body.value).to_bytes(3, "big")
    return encode(0x7F21, b"\x7f\x4e\x83" + length + body.value + signature.raw)


WHOLE: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "nothing": (lambda _: b"", "truncated"),
    "cut off": (lambda raw: raw[:-1], "truncated"),
    "followed by a byte": (lambda raw: raw + b"\x00", "trailing_data"),
    "without the template": (lambda raw: raw[5:], "unexpected_tag"),
    "dates swapped": (swapped, "unexpected_tag"),
    "long length": (long_length, "length_not_minimal"),
    "no signature": (lambda raw: encode(0x7F21, children(parse_one(raw, 0x7F21, ""))[0].raw), "tr"),
    "huge": (lambda raw: raw + bytes(MAX_CERTIFICATE), "too_large"),
}


@pytest.mark.parametrize("case", WHOLE)
def test_broken_whole(cvca: Holder, case: str) -> None:
    """The object as a whole is wrong."""
    change, rule = WHOLE[case]
    with pytest.raises(MalformedData) as caught:
        parse_cvc(change(cvca.raw))
    assert caught.value.rule.startswith(rule)


def key_object(oid: str, *objects: tuple[int, bytes]) -> bytes:
    """Return the value of 7F49."""
    inner = b"".join(encode(tag, value) for tag, value in objects)
    return encode(0x06, encode_oid(oid)) + inner


KEYS: dict[str, tuple[bytes, str]] = {
    "leading zero": (
        key_object(f"{TA}.1.2", (0x81, b"\x00\xff"), (0x82, b"\x03")),
        "leading_zero",
    ),
    "no exponent": (key_object(f"{TA}.1.2", (0x81, b"\xff")), "truncated"),
    "empty modulus": (key_object(f"{TA}.1.2", (0x81, b""), (0x82, b"\x03")), "empty"),
    "three numbers": (
        key_object(f"{TA}.1.2", (0x81, b"\xff"), (0x82, b"\x03"), (0x83, b"\x01")),
        "trailing_data",
    ),
    "RSA numbers for ECDSA": (
        key_object(f"{TA}.2.3", (0x81, b"\xff"), (0x82, b"\x03")),
        "truncated",
    ),
    "half a domain": (
        key_object(f"{TA}.2.3", (0x81, b"\xff"), (0x82, b"\x03"), (0x86, b"\x04")),
        "unexpected_tag",
    ),
}


@pytest.mark.parametrize("case", KEYS)
def test_broken_key(cvca: Holder, case: str) -> None:
    """The public key breaks its format."""
    value, rule = KEYS[case]
    with pytest.raises(MalformedData) as caught:
        parse_cvc(rewritten(cvca.raw, 0x7F49, value))
    assert caught.value.rule == rule


@pytest.mark.parametrize("oid", [TA, f"{TA}.1.7", f"{TA}.2.6", f"{TA}.3.1", "1.2.840.113549.1.1.1"])
def test_unknown_algorithm(cvca: Holder, oid: str) -> None:
    """An algorithm that Terminal Authentication has not is named as such."""
    with pytest.raises(UnsupportedData) as caught:
        parse_cvc(rewritten(cvca.raw, 0x7F49, key_object(oid, (0x81, b"\xff"), (0x82, b"\x03"))))
    assert caught.value.what == "public_key_algorithm"


@pytest.mark.parametrize("name", [b"Z", b"Z" * 16, b"VN\xa0\xad\xff00001", b"VN~ 00001"])
def test_references(cvca: Holder, name: bytes) -> None:
    """Every character that ISO 8859-1 assigns may stand in a reference (§D.2.1.4)."""
    found = parse_cvc(rewritten(cvca.raw, 0x5F20, name))
    assert found.holder_reference.encode("iso-8859-1") == name


def test_cofactor_may_be_absent(cvca: Holder) -> None:
    """Of the domain parameters only the cofactor may be left out (§D.3.3)."""
    objects = children(children(children(parse_one(cvca.raw, 0x7F21, ""))[0])[2])
    assert objects[-1].raw == b"\x87\x01\x01"
    without = b"".join(part.raw for part in objects[:-1])
    key = parse_cvc(rewritten(cvca.raw, 0x7F49, without)).public_key.key
    assert isinstance(key, CvcEcKey)
    assert key.parameters is not None
    assert key.parameters.curve().name == "brainpoolP256r1"
    short = b"".join(part.raw for part in (*objects[:5], *objects[6:]))
    with pytest.raises(MalformedData):
        parse_cvc(rewritten(cvca.raw, 0x7F49, short))


def test_domain_of_no_known_curve(cvca: Holder) -> None:
    """Parameters are read as they stand and make no curve unless every one is a known curve's."""
    old = cvca.certificate.public_key.key
    assert isinstance(old, CvcEcKey)
    assert old.parameters is not None
    p = old.parameters
    assert p.curve().name == "brainpoolP256r1"
    base = p.generator
    other = base[:-1] + bytes([base[-1] ^ 1])
    for generator, order in ((other, p.order), (base, p.order + 2), (base[:-1], p.order)):
        objects = (
            *((0x80 + n, unsigned(v)) for n, v in ((1, p.p), (2, p.a), (3, p.b))),
            *((0x84, generator), (0x85, unsigned(order)), (0x86, old.point), (0x87, b"\x01")),
        )
        changed = parse_cvc(rewritten(cvca.raw, 0x7F49, key_object(f"{TA}.2.3", *objects)))
        key = changed.public_key.key
        assert isinstance(key, CvcEcKey)
        assert key.parameters is not None
        with pytest.raises(UnsupportedAlgorithm):
            key.parameters.curve()


@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    """Whatever the bytes, the answer is a value or an error of ours."""
    for parse in (parse_cvc, parse_cvca_file):
        try:
            parse(data)
        except EcidError:
            continue


RAW = [authority("ZZCVCA00001").raw, chain("1.2")[2].raw]


@given(st.sampled_from(RAW), st.data())
def test_one_byte_changed(raw: bytes, data: st.DataObject) -> None:
    """One other byte gives another certificate or an error; never the same, never a crash."""
    at = data.draw(st.integers(0, len(raw) - 1))
    value = data.draw(st.integers(0, 255).filter(lambda v: v != raw[at]))
    try:
        found = parse_cvc(raw[:at] + bytes([value]) + raw[at + 1 :])
    except EcidError:
        return
    assert found != parse_cvc(raw)


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_every_day(when: date) -> None:
    """Every day of the century is read as it was written."""
    assert parse_cvc(rewritten(RAW[0], 0x5F24, day(when))).expiration == when


# EF.CVCA ----------------------------------------------------------------------------------

ONE, TWO = encode(0x42, b"ZZCVCA00002"), encode(0x42, b"ZZCVCA00001")


@pytest.mark.parametrize("padding", [0, 1, 10])
def test_cvca_file(padding: int) -> None:
    """One reference or two, the current one first, then zeros."""
    assert parse_cvca_file(ONE + bytes(padding)) == ("ZZCVCA00002",)
    assert parse_cvca_file(ONE + TWO + bytes(padding)) == ("ZZCVCA00002", "ZZCVCA00001")


FILES = {
    "empty": (b"", "no_reference"),
    "zeros": (bytes(36), "no_reference"),
    "another object": (encode(0x43, b"ZZ"), "no_reference"),
    "three references": (ONE + TWO + ONE, "padding"),
    "padded with ones": (ONE + b"\xff\xff", "padding"),
    "zeros between": (ONE + b"\x00" + TWO, "padding"),
    "cut off": (ONE[:-1], "truncated"),
    "empty reference": (b"\x42\x00", "reference_length"),
    "long reference": (encode(0x42, b"Z" * 17), "reference_length"),
    "control character": (encode(0x42, b"ZZ\x00CVCA"), "reference_characters"),
    "long length": (b"\x42\x81\x02ZZ", "length_not_minimal"),
}


@pytest.mark.parametrize("case", FILES)
def test_broken_cvca_file(case: str) -> None:
    """The file is refused, and the error says by which rule."""
    data, rule = FILES[case]
    with pytest.raises(MalformedData) as caught:
        parse_cvca_file(data)
    assert (caught.value.where, caught.value.rule) == ("CVCA", rule)
