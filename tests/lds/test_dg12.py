"""DG12: the date of issue in its two encodings (Doc 9303-10 §4.7.12)."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecid.encoding.tlv import encode
from ecid.errors import MalformedData
from ecid.lds.dg12 import issue_date


def dg12(*parts: bytes) -> bytes:
    """Return EF.DG12 with a tag list and these objects."""
    return encode(0x6C, encode(0x5C, bytes.fromhex("5F195F26")) + b"".join(parts))


AUTHORITY = encode(0x5F19, b"UTOPIA")


@pytest.mark.parametrize(
    ("value", "day"),
    [
        (b"20200229", date(2020, 2, 29)),
        (bytes.fromhex("20200229"), date(2020, 2, 29)),
        (b"20210229", None),
        (b"2020022", None),
        (b"2020<<<<", None),
        (bytes.fromhex("2020022A"), None),
        (b"", None),
    ],
)
def test_date(value: bytes, day: date | None) -> None:
    """Digits or BCD; what names no day is none."""
    assert issue_date(dg12(AUTHORITY, encode(0x5F26, value))) == day


def test_no_date() -> None:
    """The object is optional."""
    assert issue_date(dg12(AUTHORITY)) is None


def test_two_dates() -> None:
    """Which of two counts is nobody's choice."""
    with pytest.raises(MalformedData) as caught:
        issue_date(dg12(encode(0x5F26, b"20200101"), encode(0x5F26, b"20200102")))
    assert caught.value.rule == "duplicate_field"


@given(st.binary(max_size=60))
def test_any_bytes(data: bytes) -> None:
    """A day, None or ``MalformedData``."""
    for each in (data, encode(0x6C, data), dg12(encode(0x5F26, data))):
        try:
            found = issue_date(each)
        except MalformedData:
            continue
        assert found is None or isinstance(found, date)
