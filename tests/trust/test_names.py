"""Distinguished names: the two attributes that are looked for, and what is no name."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecid.encoding import der_write as w
from ecid.encoding.tlv import encode
from ecid.errors import MalformedData
from ecid.trust import names

TEXT = {
    0x0C: "Đường".encode(),
    0x13: b"plain",
    0x14: "é".encode("latin-1"),
    0x16: b"a@b",
    0x1E: "Đường".encode("utf-16-be"),
}


def rdn(oid: str, value: bytes) -> bytes:
    """Return a RelativeDistinguishedName with one attribute."""
    return w.set_of(w.seq(w.oid(oid), value))


def country_of(*values: str) -> str | None:
    """Return the country of a name with these countryNames."""
    return names.country(w.seq(*(rdn(names.COUNTRY, w.printable(v)) for v in values)), "name")


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["VN"], "VN"),
        (["vn"], "VN"),
        ([], None),
        (["VN", "vn"], "VN"),
        (["VN", "UT"], None),
    ],
)
def test_country(values: list[str], expected: str | None) -> None:
    """In upper case; two different ones are none at all."""
    assert country_of(*values) == expected


def test_several_attributes_in_one_part() -> None:
    """A RelativeDistinguishedName may hold more than one attribute (RFC 5280 §4.1.2.4)."""
    pairs = (
        w.seq(w.oid(names.COUNTRY), w.printable("UT")),
        w.seq(w.oid(names.COMMON_NAME), w.utf8("CSCA")),
    )
    name = w.seq(w.set_of(*pairs))
    assert names.country(name, "name") == "UT"
    assert names.common_name(name, "name") == "CSCA"


def test_common_names() -> None:
    """Several are joined, none is empty."""
    parts = [rdn(names.COMMON_NAME, w.utf8(text)) for text in ("one", "two")]
    assert names.common_name(w.seq(*parts), "name") == "one two"
    assert names.common_name(w.seq(), "name") == ""


@pytest.mark.parametrize("tag", TEXT)
def test_text_types(tag: int) -> None:
    """The five string types that names have."""
    encodings = {0x0C: "utf-8", 0x13: "ascii", 0x14: "latin-1", 0x16: "ascii", 0x1E: "utf-16-be"}
    name = w.seq(rdn(names.COMMON_NAME, encode(tag, TEXT[tag])))
    assert names.common_name(name, "name") == TEXT[tag].decode(encodings[tag])


def test_other_types_are_left_out() -> None:
    """A value that is no text is no attribute we compare."""
    name = w.seq(rdn(names.COMMON_NAME, w.octets(b"x")), rdn(names.COUNTRY, w.printable("UT")))
    assert names.attributes(name, "name") == ((names.COUNTRY, "UT"),)


NOT_NAMES = {
    "SET instead of SEQUENCE": (w.set_of(), "unexpected_tag"),
    "bytes after it": (w.seq() + b"\x00", "trailing_data"),
    "attribute without value": (w.seq(w.set_of(w.seq(w.oid(names.COUNTRY)))), "not_a_name"),
    "attribute with two values": (
        w.seq(w.set_of(w.seq(w.oid(names.COUNTRY), w.printable("UT"), w.null()))),
        "not_a_name",
    ),
    "type that is none": (w.seq(w.set_of(w.seq(w.null(), w.printable("UT")))), "not_a_name"),
    "no UTF-8": (w.seq(rdn(names.COMMON_NAME, encode(0x0C, b"\xff"))), "not_text"),
    "no ASCII": (w.seq(rdn(names.COMMON_NAME, encode(0x13, b"\xe9"))), "not_text"),
    "half a character": (w.seq(rdn(names.COMMON_NAME, encode(0x1E, b"\x01"))), "not_text"),
    "empty identifier": (w.seq(w.set_of(w.seq(encode(6, b""), w.printable("UT")))), "bad_oid"),
}


@pytest.mark.parametrize("name", NOT_NAMES)
def test_not_a_name(name: str) -> None:
    """Bytes that are no Name say which rule they break."""
    data, rule = NOT_NAMES[name]
    with pytest.raises(MalformedData) as caught:
        names.attributes(data, "name")
    assert (caught.value.where, caught.value.rule) == ("name", rule)


@given(st.lists(st.text(max_size=20), max_size=4))
def test_any_text(texts: list[str]) -> None:
    """What was written comes back, in order."""
    name = w.seq(*(rdn(names.COMMON_NAME, w.utf8(text)) for text in texts))
    found = tuple((names.COMMON_NAME, text) for text in texts)
    assert names.attributes(name, "name") == found


@given(st.binary(max_size=100))
def test_arbitrary_bytes(data: bytes) -> None:
    """A value or ``MalformedData``, with and without the outer SEQUENCE."""
    for candidate in (data, encode(0x30, data), w.seq(w.set_of(w.seq(data)))):
        with suppress(MalformedData):
            assert isinstance(names.attributes(candidate, "name"), tuple)
