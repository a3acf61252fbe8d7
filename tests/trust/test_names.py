"""Distinguished names: the two attributes that are looked for, and what is no name."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecid.encoding import der_write as w
from ecid.encoding.tlv import children, encode, parse_one
from ecid.errors import MalformedData
from ecid.trust import names
from ecid.trust.names import Likeness
from ecid.trust.tolerance import Tolerances

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


PAIR_PARTS = (w.oid(names.COUNTRY), w.printable("UT"))
PAIR = w.seq(*PAIR_PARTS)
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
    "relative name that is no SET": (w.seq(w.seq(PAIR)), "not_a_name"),
    "relative name that is primitive": (w.seq(encode(0x11, PAIR)), "not_a_name"),
    "attribute that is no SEQUENCE": (w.seq(w.set_of(w.set_of(*PAIR_PARTS))), "not_a_name"),
    "attribute that is primitive": (
        w.seq(w.set_of(encode(0x10, b"".join(PAIR_PARTS)))),
        "not_a_name",
    ),
    "empty identifier": (w.seq(w.set_of(w.seq(encode(6, b""), w.printable("UT")))), "bad_oid"),
}


@pytest.mark.parametrize("name", NOT_NAMES)
def test_not_a_name(name: str) -> None:
    """Bytes that are no Name say which rule they break."""
    data, rule = NOT_NAMES[name]
    with pytest.raises(MalformedData) as caught:
        names.attributes(data, "name")
    assert (caught.value.where, caught.value.rule) == ("name", rule)


# Comparison -------------------------------------------------------------------------------

STATE, SAID = rdn(names.COUNTRY, w.printable("UT")), rdn(names.COMMON_NAME, w.utf8("CSCA ÄB 1"))
NAME = w.seq(STATE, SAID)


def _members(relative: bytes) -> list[bytes]:
    return [each.raw for each in children(parse_one(relative, 0x31, "x"))]


def said(value: bytes) -> bytes:
    """Return ``NAME`` with another commonName."""
    return w.seq(STATE, rdn(names.COMMON_NAME, value))


LONG = w.set_of(
    w.seq(w.oid(names.COUNTRY), w.printable("UT")), w.seq(w.oid("2.5.4.10"), w.utf8("x"))
)
ALIKE = {
    "the same": (NAME, NAME, Likeness.IDENTICAL),
    "both empty": (w.seq(), w.seq(), Likeness.IDENTICAL),
    "another string type": (
        NAME,
        said(encode(0x1E, "CSCA ÄB 1".encode("utf-16-be"))),
        Likeness.ENCODING,
    ),
    "latin": (NAME, said(encode(0x14, "CSCA ÄB 1".encode("latin-1"))), Likeness.ENCODING),
    "another case": (NAME, said(w.utf8("csca äb 1")), Likeness.ENCODING),
    "white space": (NAME, said(w.utf8("  CSCA   ÄB 1 ")), Likeness.ENCODING),
    "letter and accent apart": (NAME, said(w.utf8("CSCA A\u0308B 1")), Likeness.ENCODING),
    "another width": (NAME, said(w.utf8("ＣＳＣＡ ÄB １")), Likeness.ENCODING),
    "length of BER": (NAME, b"\x30\x81" + NAME[1:], Likeness.ENCODING),
    "members of a part out of order": (
        w.seq(LONG),
        w.seq(w.set_of(*_members(LONG)[::-1], sort=False)),
        Likeness.ENCODING,
    ),
    "another order": (NAME, w.seq(SAID, STATE), Likeness.ORDER),
    "another order and case": (
        NAME,
        w.seq(rdn(names.COMMON_NAME, w.utf8("csca äb 1")), STATE),
        Likeness.ORDER,
    ),
    "a part less": (NAME, w.seq(STATE), None),
    "a part twice": (NAME, w.seq(STATE, SAID, SAID), None),
    "another text": (NAME, said(w.utf8("CSCA ÄB 2")), None),
    "no space": (NAME, said(w.utf8("CSCAÄB 1")), None),
    "another letter": (NAME, said(w.utf8("CSCA AB 1")), None),
    "another type": (NAME, w.seq(STATE, rdn("2.5.4.10", w.utf8("CSCA ÄB 1"))), None),
    "two parts in one": (w.seq(LONG), w.seq(*(w.set_of(m) for m in _members(LONG))), None),
    "values that are no text": (said(w.octets(b"x")), said(w.octets(b"X")), None),
    "no text and text": (said(w.octets(b"x")), said(w.utf8("x")), None),
    "empty and not": (w.seq(), NAME, None),
}


@pytest.mark.parametrize("name", ALIKE)
def test_likeness(name: str) -> None:
    """Names are compared by what they say (RFC 5280 §7.1), in both directions alike."""
    one, other, expected = ALIKE[name]
    assert names.likeness(one, other, "name") == expected
    assert names.likeness(other, one, "name") == expected


@pytest.mark.parametrize("name", ALIKE)
def test_index_key(name: str) -> None:
    """The key of an index is the same exactly for names that are alike."""
    one, other, expected = ALIKE[name]
    keys = [names.index_key(each, "name") for each in (one, other)]
    assert (keys[0] == keys[1]) is (expected is not None)
    assert {len(key) for key in keys} == {32}


@pytest.mark.parametrize("name", NOT_NAMES)
def test_comparing_what_is_no_name(name: str) -> None:
    """Only the same bytes are alike without being read."""
    data, rule = NOT_NAMES[name]
    assert names.likeness(data, data, "name") is Likeness.IDENTICAL
    for compare in (
        lambda: names.likeness(data, NAME, "name"),
        lambda: names.likeness(NAME, data, "name"),
        lambda: names.index_key(data, "name"),
    ):
        with pytest.raises(MalformedData) as caught:
            compare()
        assert (caught.value.where, caught.value.rule) == ("name", rule)


def test_codes_of_deviations() -> None:
    """The two weaker likenesses are called as the table of tolerances has them."""
    granted = Tolerances.load("field")
    assert granted.grants(Likeness.ENCODING.value, "UT")
    assert granted.grants(Likeness.ORDER.value, "UT")
    assert not granted.grants(Likeness.IDENTICAL.value, "UT")


@given(st.lists(st.text(max_size=8), max_size=4), st.data())
def test_any_order(texts: list[str], data: st.DataObject) -> None:
    """The parts in any order are alike, and have one key."""
    parts = [rdn(names.COMMON_NAME, w.utf8(text)) for text in texts]
    one, other = w.seq(*parts), w.seq(*data.draw(st.permutations(parts)))
    assert names.likeness(one, other, "name") in set(Likeness)
    assert names.index_key(one, "name") == names.index_key(other, "name")


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
