"""Times that strict DER refuses: without seconds, or with an offset (X.680 §46, §47)."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecid.encoding.tlv import encode, parse_one
from ecid.errors import MalformedData
from ecid.trust.times import parse_time

UTC_TIME, GENERALIZED = 0x17, 0x18


def read(tag: int, text: str | bytes) -> datetime:
    """Return the moment that the time ``text`` of type ``tag`` names."""
    octets = text if isinstance(text, bytes) else text.encode()
    return parse_time(parse_one(encode(tag, octets), tag, "x"), "x")


@pytest.mark.parametrize(
    ("tag", "text", "expected"),
    [
        (UTC_TIME, "210528030405Z", datetime(2021, 5, 28, 3, 4, 5, tzinfo=UTC)),
        (UTC_TIME, "2105280304Z", datetime(2021, 5, 28, 3, 4, tzinfo=UTC)),
        (UTC_TIME, "210528100405+0700", datetime(2021, 5, 28, 3, 4, 5, tzinfo=UTC)),
        (UTC_TIME, "2105281004+0700", datetime(2021, 5, 28, 3, 4, tzinfo=UTC)),
        (UTC_TIME, "210527223405-0430", datetime(2021, 5, 28, 3, 4, 5, tzinfo=UTC)),
        (UTC_TIME, "210528030405+0000", datetime(2021, 5, 28, 3, 4, 5, tzinfo=UTC)),
        # RFC 5280 §4.1.2.5.1: 50 to 99 are of the last century.
        (UTC_TIME, "490101000000Z", datetime(2049, 1, 1, tzinfo=UTC)),
        (UTC_TIME, "500101000000Z", datetime(1950, 1, 1, tzinfo=UTC)),
        (UTC_TIME, "000229000000Z", datetime(2000, 2, 29, tzinfo=UTC)),
        (GENERALIZED, "20550528030405Z", datetime(2055, 5, 28, 3, 4, 5, tzinfo=UTC)),
        (GENERALIZED, "205505280304Z", datetime(2055, 5, 28, 3, 4, tzinfo=UTC)),
        (GENERALIZED, "20550528100405+0700", datetime(2055, 5, 28, 3, 4, 5, tzinfo=UTC)),
    ],
)
def test_forms(tag: int, text: str, expected: datetime) -> None:
    """Aware and in UTC, whatever the offset."""
    found = read(tag, text)
    assert (found, found.tzinfo) == (expected, UTC)


@pytest.mark.parametrize(
    ("tag", "text"),
    [
        (UTC_TIME, ""),
        (UTC_TIME, "Z"),
        # Whose midnight it is, nobody knows.
        (UTC_TIME, "210528030405"),
        (UTC_TIME, "2105280304"),
        (UTC_TIME, "21052803Z"),
        (UTC_TIME, "210528030405z"),
        (UTC_TIME, "210528030405+07"),
        (UTC_TIME, "210528030405+07:00"),
        (UTC_TIME, "210528030405Z+0700"),
        (UTC_TIME, "210528030405.5Z"),
        (UTC_TIME, " 210528030405Z"),
        (UTC_TIME, "210528030405Z\n"),
        (UTC_TIME, "20210528030405Z"),
        (UTC_TIME, "211328030405Z"),
        (UTC_TIME, "210229030405Z"),
        (UTC_TIME, "210528240000Z"),
        (UTC_TIME, "210528036005Z"),
        (UTC_TIME, "210528030460Z"),
        (UTC_TIME, "210528030405+2400"),
        (UTC_TIME, "٢١0528030405Z"),
        (GENERALIZED, "210528030405Z"),
        (GENERALIZED, "00000101000000Z"),
        # The first moment of the calendar, seen from a place that was ahead of it.
        (GENERALIZED, "00010101000000+0100"),
        (GENERALIZED, "99991231235959-0100"),
        (0x16, "210528030405Z"),
        (0x13, "20550528030405Z"),
    ],
)
def test_refused(tag: int, text: str) -> None:
    """Nothing is guessed: no zone, other digits, a day that there is not, another type."""
    with pytest.raises(MalformedData) as caught:
        read(tag, text)
    assert (caught.value.where, caught.value.rule) == ("x", "time")


def test_latin_digits_only() -> None:
    """Bytes that are no ASCII are no digits, in whatever encoding they would be some."""
    with pytest.raises(MalformedData):
        read(UTC_TIME, "²10528030405Z".encode("latin-1"))


@given(st.integers(0, 100 * 365 * 24 * 3600), st.integers(-14 * 60, 14 * 60), st.booleans())
def test_any_moment(after: int, minutes: int, seconds: bool) -> None:
    """Written in any zone, with or without seconds, in either type: the same moment."""
    zone = timezone(timedelta(minutes=minutes))
    local = datetime(1950, 1, 2, tzinfo=zone) + timedelta(seconds=after)
    local = local if seconds else local.replace(second=0)
    form = "%m%d%H%M" + ("%S" if seconds else "") + "%z"
    if 1950 <= local.year < 2050:
        assert read(UTC_TIME, f"{local.year % 100:02}{local.strftime(form)}") == local
    assert read(GENERALIZED, f"{local.year}{local.strftime(form)}") == local


@given(st.sampled_from([UTC_TIME, GENERALIZED, 0x16]), st.binary(max_size=25))
def test_any_bytes(tag: int, octets: bytes) -> None:
    """An aware moment or ``MalformedData``."""
    with suppress(MalformedData):
        assert read(tag, octets).tzinfo is UTC
