"""Two-digit years and dates that are known in part."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecid.errors import MalformedData
from ecid.mrz.dates import PartialDate, birth_date, expiry_date

NOW = date(2026, 7, 15)
DAYS = st.dates(date(1950, 1, 1), date(2090, 12, 31))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("900715", PartialDate(1990, 7, 15)),
        ("260715", PartialDate(2026, 7, 15)),
        ("260716", PartialDate(1926, 7, 16)),
        ("690101", PartialDate(1969, 1, 1)),
        ("680101", PartialDate(1968, 1, 1)),
        ("000229", PartialDate(2000, 2, 29)),
        ("9007<<", PartialDate(1990, 7)),
        ("900700", PartialDate(1990, 7)),
        ("90<<<<", PartialDate(1990)),
        ("900000", PartialDate(1990)),
        ("90<<15", PartialDate(1990)),
        ("26<<<<", PartialDate(2026)),
        ("<<<<<<", None),
        ("<<0715", None),
        ("000000", None),
    ],
)
def test_birth_dates(text: str, expected: PartialDate | None) -> None:
    """The latest past date; unknown parts are None, and a date of nothing is None."""
    assert expected == birth_date(text, NOW)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("300715", PartialDate(2030, 7, 15)),
        ("410715", PartialDate(2041, 7, 15)),
        ("410716", PartialDate(1941, 7, 16)),
        ("250101", PartialDate(2025, 1, 1)),
        ("991231", PartialDate(1999, 12, 31)),
        ("<<<<<<", None),
        ("000000", None),
    ],
)
def test_expiry_dates(text: str, expected: PartialDate | None) -> None:
    """Up to 15 years ahead, else the century before; 991231 is left to the profile."""
    assert expected == expiry_date(text, NOW)


# A hundred years have 36,524 days where one of the centuries' ends is no leap year.
@given(DAYS, st.integers(0, 36_523))
def test_birth_dates_of_a_hundred_years(now: date, age: int) -> None:
    """Every birth date of the last hundred years comes back from its six digits."""
    born = now - timedelta(days=age)
    assert PartialDate(born.year, born.month, born.day) == birth_date(f"{born:%y%m%d}", now)


@given(DAYS, st.integers(-31000, 5470))
def test_expiry_dates_of_a_window(now: date, days: int) -> None:
    """Every date from 84 years ago to 15 years ahead comes back from its six digits."""
    expires = now + timedelta(days=days)
    assert PartialDate(expires.year, expires.month, expires.day) == expiry_date(
        f"{expires:%y%m%d}", now
    )


@pytest.mark.parametrize(
    "text",
    ["", "90071", "9007155", "901301", "900732", "010229", "9O0715", "90071٥", "9<0715", "-10715"],
)
def test_refused(text: str) -> None:
    """What is no date in any century is refused under the name of its field."""
    for function in (birth_date, expiry_date):
        with pytest.raises(MalformedData) as caught:
            function(text, NOW)
        assert caught.value.rule == function.__name__


@given(st.text("0123456789<", min_size=6, max_size=6), DAYS)
def test_any_six_characters(text: str, now: date) -> None:
    """A date within the window, None, or ``MalformedData``."""
    try:
        found = birth_date(text, now)
    except MalformedData:
        return
    assert found is None or (found.year, found.month or 1, found.day or 1) <= (
        now.year,
        now.month,
        now.day,
    )


def test_partial_date_forms() -> None:
    """ISO 8601 with as much as is known; only a whole date is a calendar date."""
    texts = [PartialDate(1990, 7, 5), PartialDate(1990, 7), PartialDate(1990)]
    assert [part.isoformat() for part in texts] == ["1990-07-05", "1990-07", "1990"]
    assert [part.complete for part in texts] == [date(1990, 7, 5), None, None]
    assert "1990" not in repr(texts[0])
