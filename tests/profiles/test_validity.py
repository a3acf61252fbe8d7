"""Until when a card is valid: both sides of every boundary of the two laws, and their rule."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecid.emulator.definitions import shipped
from ecid.emulator.personalise.person import people
from ecid.profiles.vietnam import qr, validity

#: Birth, issue, expiry ("-": none). Law 59/2014 art. 21 until 2024-06-30: 25, 40, 60. Law 26/2023
#: art. 21 from 2024-07-01: 14, 25, 40, 60. Issued within two years before an age: the next one.
TABLE = """
1999-07-02 2021-07-01 2024-07-02
1999-07-01 2021-07-01 2024-07-01
1998-07-02 2021-07-01 2023-07-02
1998-07-01 2021-07-01 2038-07-01
1998-06-30 2021-07-01 2038-06-30
1996-07-02 2021-07-01 2036-07-02
1996-07-01 2021-07-01 2036-07-01
1996-06-30 2021-07-01 2036-06-30
1990-07-15 2021-06-01 2030-07-15
1983-07-02 2021-07-01 2023-07-02
1983-07-01 2021-07-01 2043-07-01
1983-06-30 2021-07-01 2043-06-30
1981-07-02 2021-07-01 2041-07-02
1981-07-01 2021-07-01 2041-07-01
1970-12-31 2021-07-01 2030-12-31
1963-07-02 2021-07-01 2023-07-02
1963-07-01 2021-07-01 -
1963-06-30 2021-07-01 -
1961-07-02 2021-07-01 -
1961-07-01 2021-07-01 -
1950-09-02 2021-06-01 -
2007-03-01 2021-03-01 2032-03-01
2012-06-30 2024-06-30 2037-06-30
2012-07-01 2024-06-30 2037-07-01
2012-07-01 2024-07-01 2037-07-01
2012-07-02 2024-07-01 2026-07-02
2012-06-30 2024-07-01 2037-06-30
2010-07-02 2024-07-01 2035-07-02
2010-07-01 2024-07-01 2035-07-01
2019-05-10 2024-08-20 2033-05-10
2024-07-01 2024-07-01 2038-07-01
2001-07-02 2024-07-01 2026-07-02
2001-07-01 2024-07-01 2041-07-01
2001-06-30 2024-07-01 2041-06-30
1999-07-01 2024-07-01 2039-07-01
1986-07-02 2024-07-01 2026-07-02
1986-07-01 2024-07-01 2046-07-01
1986-06-30 2024-07-01 2046-06-30
1984-07-01 2024-07-01 2044-07-01
1966-07-02 2024-07-01 2026-07-02
1966-07-01 2024-07-01 -
1966-06-30 2024-07-01 -
1964-07-01 2024-07-01 -
2000-02-29 2021-06-01 2025-02-28
2000-02-29 2023-02-27 2025-02-28
2000-02-29 2023-02-28 2040-02-29
1964-02-29 2022-02-27 2024-02-29
1964-02-29 2022-02-28 -
"""
ROWS = [line.split() for line in TABLE.split("\n") if line]

births = st.dates(date(1920, 1, 1), date(2025, 12, 31))
days = st.integers(0, 40_000).map(lambda n: timedelta(days=n))


def test_table_is_long() -> None:
    """The table holds what was asked for."""
    assert len(ROWS) >= 40


@pytest.mark.parametrize(("birth", "issue", "expiry"), ROWS)
def test_expiry(birth: str, issue: str, expiry: str) -> None:
    """The likeliest date is the one of the law."""
    found = validity.expiry_candidates(date.fromisoformat(birth), date.fromisoformat(issue))
    assert found[0] == (None if expiry == "-" else date.fromisoformat(expiry))


@given(births, days)
def test_candidates(birth: date, later: timedelta) -> None:
    """At most three, each once, none over at issue, and the first at least two years away."""
    issue = birth + later
    found = validity.expiry_candidates(birth, issue)
    assert 1 <= len(found) <= validity.MAX_CANDIDATES
    assert len(set(found)) == len(found)
    assert all(day is None or day > issue for day in found)
    if found[0] is not None:
        age = found[0].year - birth.year
        assert age in validity.exchange_ages(issue)
        assert issue < validity.birthday(birth, age - 2)


@given(births, days)
def test_next_exchange(birth: date, later: timedelta) -> None:
    """The next exchange is the likeliest date, with its age; without an expiry there is none."""
    found = validity.next_exchange(birth, birth + later)
    first = validity.expiry_candidates(birth, birth + later)[0]
    assert (None if found is None else found.on) == first


def test_permanent_in_the_mrz() -> None:
    """No expiry is 991231 there."""
    assert validity.mrz_dates([None, date(2030, 7, 15)]) == ("991231", "300715")


HOLDERS = {each.holder for each in shipped().values() if each.layout == "vn-cccd"}


@pytest.mark.parametrize("name", sorted(HOLDERS))
def test_every_invented_person(name: str) -> None:
    """The QR text of each leads to the date that the MRZ of the card has."""
    person = people()[name]
    found = validity.mrz_dates(qr.read(person.qr).expiry_candidates)
    assert found[0] == person.expiry_yymmdd


def test_twelve_people() -> None:
    """There are at least twelve, all of the province that does not exist."""
    assert len(people()) >= 12
    assert all(person.number.startswith("000") for person in people().values())
