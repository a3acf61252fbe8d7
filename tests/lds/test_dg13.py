"""DG13 of the Vietnamese card."""

from __future__ import annotations

import contextlib
import hashlib
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecid.encoding import der_write as w
from ecid.encoding.tlv import encode
from ecid.errors import EcidError, MalformedData
from ecid.lds.dg13 import parse

#: The synthetic vector of cccd.md §1.5, 448 bytes.
SYNTHETIC = bytes.fromhex(
    "6d8201bc308201b8020101060628d316010008318201a93011020101130c303030303930313233343536301802010"
    "20c134e677579e1bb856e2056c4836e204de1baab75300f020103130a31352f30372f3139393030080201040c034e"
    "616d300f0201050c0a5669e1bb8774204e616d30090201060c044b696e68300b0201070c064b68c3b46e67302b020"
    "1080c2658c3a3204de1baab752c20487579e1bb876e204de1baab752c2054e1bb896e68204de1baab753048020109"
    "0c4353e1bb91203120c490c6b0e1bb9d6e67204de1baab752c205068c6b0e1bb9d6e67204de1baab752c205175e1b"
    "aad6e204de1baab752c2054e1bb896e68204de1baab75303002010a0c2b4ee1bb9174207275e1bb936920433a2031"
    "636d2064c6b0e1bb9b6920736175206de1baaf74207472c3a169300f02010b130a30312f30362f32303231300f020"
    "10c0c0a31352f30372f32303330302d02010d30130c114e677579e1bb856e2056c4836e2043686130130c115472e1"
    "baa76e205468e1bb8b204de1bab9301502010e30100c0e4cc3aa205468e1bb8b2056e1bba3300e02010f130930313"
    "23334353637383015020110131030323934414142424343444430303030"
)
EXPECTED = {
    1: ("000090123456",),
    2: ("Nguyễn Văn Mẫu",),
    3: ("15/07/1990",),
    4: ("Nam",),
    5: ("Việt Nam",),
    6: ("Kinh",),
    7: ("Không",),
    8: ("Xã Mẫu, Huyện Mẫu, Tỉnh Mẫu",),
    9: ("Số 1 Đường Mẫu, Phường Mẫu, Quận Mẫu, Tỉnh Mẫu",),
    10: ("Nốt ruồi C: 1cm dưới sau mắt trái",),
    11: ("01/06/2021",),
    12: ("15/07/2030",),
    13: ("Nguyễn Văn Cha", "Trần Thị Mẹ"),
    14: ("Lê Thị Vợ",),
    15: ("012345678",),
    16: ("0294AABBCCDD0000",),
}


def entry(number: int, *values: bytes) -> bytes:
    """Return one field."""
    return w.seq(w.integer(number), *values)


def dg13(*fields: bytes, version: bytes = w.integer(1)) -> bytes:
    """Return DG13 with these fields."""
    body = w.seq(version, w.oid("1.0.10646.1.0.8"), w.set_of(*fields, sort=False))
    return encode(0x6D, body)


def test_synthetic_vector() -> None:
    """cccd.md §1.5: sixteen fields, each text, and the hash that the vector states."""
    digest = "e4e65216aa8d7d4f56706339f28b8358767ad0ad55bc557333220a571353fd37"
    assert (448, digest) == (len(SYNTHETIC), hashlib.sha256(SYNTHETIC).hexdigest())
    read = parse(SYNTHETIC)
    assert (read.version, read.encoding) == (1, "1.0.10646.1.0.8")
    assert {field.id: field.values for field in read.fields} == EXPECTED
    assert all(field.normalised and not field.uninterpreted for field in read.fields)
    assert b"".join(field.raw for field in read.fields) == SYNTHETIC[23:]


def test_corpus_card(corpus: Path) -> None:
    """The other synthetic card: an empty field 14, and an address beyond the short lengths."""
    read = parse((corpus / "chips" / "vn-synthetic" / "DG13_synthetic.bin").read_bytes())
    assert list(range(1, 17)) == [field.id for field in read.fields]
    spouse, parents = read.field(14), read.field(13)
    assert spouse is not None
    assert parents is not None
    assert (spouse.values, parents.values) == ((), ("Nguyễn Văn Cha", "Trần Thị Mẹ"))
    assert read.field(17) is None


@given(st.dictionaries(st.integers(0, 2**31 - 1), st.lists(st.text(), max_size=3), max_size=20))
def test_round_trip(fields: dict[int, list[str]]) -> None:
    """Any numbers in any order, any texts of any length, none or several."""
    data = dg13(*(entry(number, *map(w.utf8, texts)) for number, texts in fields.items()))
    assert fields == {field.id: list(field.values) for field in parse(data).fields}


def test_nested_names() -> None:
    """More than two names, none, and several in one list: each keeps its place."""
    data = dg13(entry(13, w.seq(w.utf8("A")), w.seq(), w.seq(w.utf8("B"), w.utf8("C"))))
    assert parse(data).fields[0].values == ("A", "", "B", "C")


def test_string_types() -> None:
    """UTF8, Printable, IA5 and BMP strings."""
    values = (
        w.utf8("Đ"),
        encode(0x13, b"x"),
        encode(0x16, b"@"),
        encode(0x1E, "Đ".encode("utf-16-be")),
    )
    assert parse(dg13(entry(1, *values))).fields[0].values == ("Đ", "x", "@", "Đ")


def test_the_version_is_no_field() -> None:
    """The body starts like a field does; only its place tells (cccd.md §1.3)."""
    assert [field.id for field in parse(dg13(entry(2, w.utf8("x")))).fields] == [2]


def test_what_is_not_text_is_kept_and_told() -> None:
    """Fields of a later card may hold other types: raw bytes stay, the rest is read."""
    (field,) = parse(dg13(entry(40, w.utf8("x"), w.seq(w.integer(7))))).fields
    assert (field.id, field.values, field.uninterpreted) == (40, ("x", ""), True)
    assert field.raw.endswith(w.seq(w.integer(7)))


def test_decomposed_text_is_kept_and_told() -> None:
    """Text that is not in NFC is neither changed nor refused."""
    text = unicodedata.normalize("NFD", "Nguyễn")
    (field,) = parse(dg13(entry(2, w.utf8(text)))).fields
    assert ((text,), False) == (field.values, field.normalised)


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (dg13(entry(1, encode(0x0C, b"\xc0\xaf"))), "bad_text"),
        (dg13(entry(1, encode(0x0C, b"\xed\xa0\x80"))), "bad_text"),
        (dg13(entry(1, encode(0x13, b"\xc3\xa9"))), "bad_text"),
        (dg13(entry(1, encode(0x1E, b"\x00"))), "bad_text"),
        (dg13(entry(1, encode(0x1E, b"\xd8\x00"))), "bad_text"),
        (dg13(entry(1), entry(1)), "duplicate_field"),
        (dg13(entry(-1)), "bad_number"),
        (dg13(entry(2**31)), "bad_number"),
        (dg13(w.seq(encode(0x02, b""))), "bad_number"),
        (dg13(w.seq()), "truncated"),
        (dg13(w.set_of(w.integer(1))), "unexpected_tag"),
        (dg13(version=w.null()), "unexpected_tag"),
        (SYNTHETIC + b"\x00", "trailing_data"),
        (SYNTHETIC[:-1], "truncated"),
        (encode(0x6E, SYNTHETIC[4:]), "unexpected_tag"),
        (encode(0x6D, w.seq(w.integer(1), encode(0x06, b"\x80"), w.set_of())), "bad_oid"),
    ],
)
def test_refused(data: bytes, rule: str) -> None:
    """Invalid text, a number twice or out of range, something missing or left over."""
    with pytest.raises(MalformedData) as caught:
        parse(data)
    assert ("DG13", rule) == (caught.value.where, caught.value.rule)


def test_bad_text_is_not_quoted() -> None:
    """Neither the error nor what it came from shows the text."""
    with pytest.raises(MalformedData) as caught:
        parse(dg13(entry(2, encode(0x0C, b"CANARY\xff"))))
    assert caught.value.__cause__ is None
    assert "CANARY" not in repr(caught.value.fields)


def test_deep_nesting_is_refused() -> None:
    """Lists in lists end at the cap, not in a RecursionError."""
    value = w.utf8("x")
    for _ in range(3000):
        value = w.seq(value)
    with pytest.raises(MalformedData) as caught:
        parse(dg13(entry(13, value)))
    assert caught.value.rule == "too_deep"


@given(st.binary(max_size=100), st.integers(0, len(SYNTHETIC) - 1), st.integers(0, 255))
def test_any_bytes(data: bytes, place: int, value: int) -> None:
    """Whatever the bytes, and whichever one is changed: fields or ``EcidError``."""
    changed = SYNTHETIC[:place] + bytes([value]) + SYNTHETIC[place + 1 :]
    for candidate in (data, encode(0x6D, data), dg13(data), dg13(entry(1, data)), changed):
        with contextlib.suppress(EcidError):
            assert parse(candidate).version >= 0


def test_repr_shows_nothing_personal() -> None:
    """No text of any field appears in the repr."""
    shown = repr(parse(SYNTHETIC))
    for values in EXPECTED.values():
        for value in values:
            assert value not in shown
