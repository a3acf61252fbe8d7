"""The strict decoder and the small writer, one against the other."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecid.encoding import der_write as w
from ecid.encoding.der import (
    TLV,
    BitString,
    Explicit,
    GeneralizedTime,
    IA5String,
    Implicit,
    Null,
    ObjectIdentifier,
    PrintableString,
    SetOf,
    UTCTime,
    bit_string_octets,
    decode,
    decode_set_of,
    sequence,
    tlv_raw,
)
from ecid.errors import MalformedData, Misuse

MOMENT = datetime(2026, 7, 15, 12, 30, 1, tzinfo=UTC)


@sequence
class Everything:
    """One field for each function of the writer."""

    number: int
    oid: ObjectIdentifier
    octets: bytes
    bits: BitString
    null: Null
    flag: bool
    text: str
    printable: PrintableString
    ia5: IA5String
    utc: UTCTime
    generalized: GeneralizedTime
    numbers: SetOf[int]
    explicit: Annotated[int | None, Explicit(0)]
    implicit: Annotated[int | None, Implicit(1)]


@given(
    st.integers(-(2**300), 2**300), st.binary(max_size=200), st.booleans(), st.lists(st.integers())
)
def test_what_is_written_is_read(
    number: int, octets: bytes, flag: bool, numbers: list[int]
) -> None:
    """Every type that the writer knows comes out of the strict decoder as it went in."""
    read = decode(
        Everything,
        w.seq(
            w.integer(number),
            w.oid("2.23.136.1.1.1"),
            w.octets(octets),
            w.bits(octets),
            w.null(),
            w.boolean(flag),
            w.utf8("Nguyễn"),
            w.printable("0107"),
            w.ia5("a@b"),
            w.utc_time(MOMENT),
            w.generalized_time(MOMENT),
            w.set_of(*map(w.integer, numbers)),
            w.explicit(0, w.integer(5)),
            w.implicit(1, w.integer(-6)),
        ),
        "x",
    )
    assert (number, octets, flag) == (read.number, read.octets, read.flag)
    assert sorted(numbers) == sorted(read.numbers.as_list())
    assert (read.explicit, read.implicit) == (5, -6)
    assert (read.text, read.printable.as_str(), read.ia5.as_str()) == ("Nguyễn", "0107", "a@b")
    naive = MOMENT.replace(tzinfo=None)
    assert (naive, naive) == (
        read.utc.as_datetime().replace(tzinfo=None),
        read.generalized.as_datetime().replace(tzinfo=None),
    )
    assert octets == bit_string_octets(read.bits, "x")


@given(st.binary(max_size=120))
def test_any_bytes(data: bytes) -> None:
    """Whatever the bytes, there is a value or ``MalformedData``: nothing foreign gets out."""
    for cls in (Everything, OneNumber):
        with contextlib.suppress(MalformedData):
            assert isinstance(decode(cls, data, "x"), cls)


@sequence
class OneNumber:
    """A number alone."""

    number: int


@given(st.lists(st.binary(max_size=20), max_size=6))
def test_bare_set(values: list[bytes]) -> None:
    """A bare SET OF gives its members as received; only DER order is accepted."""
    members = [w.octets(value) for value in values]
    assert sorted(members) == [tlv_raw(tlv) for tlv in decode_set_of(w.set_of(*members), "x")]
    if members != sorted(members):
        with pytest.raises(MalformedData):
            decode_set_of(w.set_of(*members, sort=False), "x")


@pytest.mark.parametrize("data", ["", "3003020101", "3103020101 00", "318103020101"])
def test_bare_set_refused(data: str) -> None:
    """Another tag, something after the set, a length too long: not DER."""
    with pytest.raises(MalformedData) as caught:
        decode_set_of(bytes.fromhex(data), "x")
    assert caught.value.rule == "not_der"


@pytest.mark.parametrize("length", [0, 1, 127, 128, 255, 256, 70_000])
def test_raw_is_rebuilt(length: int) -> None:
    """DER has one header for each length, so rebuilding it gives the bytes received."""
    raw = w.octets(bytes(length))
    (member,) = decode_set_of(w.set_of(raw), "x")
    assert isinstance(member, TLV)
    assert raw == tlv_raw(member)


def test_unused_bits() -> None:
    """A BIT STRING that does not end on an octet holds no key."""
    with pytest.raises(MalformedData) as caught:
        bit_string_octets(BitString(b"\xf0", 4), "x")
    assert caught.value.rule == "unused_bits"


def test_times_are_written_in_zulu() -> None:
    """Another zone is converted, a missing one refused."""
    hanoi = MOMENT.astimezone(timezone(timedelta(hours=7)))
    assert w.utc_time(MOMENT) == w.utc_time(hanoi) == b"\x17\x0d260715123001Z"
    assert w.generalized_time(hanoi) == b"\x18\x0f20260715123001Z"
    with pytest.raises(Misuse):
        w.utc_time(MOMENT.replace(tzinfo=None))
    with pytest.raises(Misuse):
        w.utc_time(MOMENT.replace(year=2050))


def test_writer_refuses_what_no_type_holds() -> None:
    """Wrong characters, tag numbers and padding are the caller's mistake."""
    calls: list[Callable[[], bytes]] = [
        lambda: w.printable("a_b"),
        lambda: w.ia5("Đ"),
        lambda: w.explicit(31, w.null()),
        lambda: w.bits(b"\x01", 1),
        lambda: w.bits(b"", 1),
        lambda: w.bits(b"\x00", 8),
    ]
    for call in calls:
        with pytest.raises(Misuse):
            call()


def test_implicit_keeps_the_form() -> None:
    """A context tag is constructed where the tag it replaces was, unless told otherwise."""
    assert w.implicit(0, w.seq(w.null())).hex() == "a0020500"
    assert w.implicit(0, w.octets(b"\x05\x00")).hex() == "80020500"
    assert w.implicit(0, w.octets(b"\x05\x00"), constructed=True).hex() == "a0020500"


@pytest.mark.parametrize(
    "name",
    ["der_nested_3000", "der_huge_tag", "der_huge_oid_arc", "sod_len_4GiB", "sod_gmrtd_indef"],
)
def test_hostile_files(corpus: Path, name: str) -> None:
    """The published attack files are ``not_der`` and nothing worse."""
    data = (corpus / "malformed" / f"{name}.bin").read_bytes()
    with pytest.raises(MalformedData) as caught:
        decode(Everything, data, "SOD")
    assert caught.value.rule == "not_der"
