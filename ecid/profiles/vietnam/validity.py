"""Until when a card is valid: the rule of the law, from the dates of birth and issue.

A card is exchanged at certain ages (Law 59/2014 art. 21: 25, 40, 60; Law 26/2023 art. 21, in
force since 2024-07-01: 14, 25, 40, 60), on the birthday. One that is issued within two years
before such an age stays valid to the next; after the last it does not expire. The date is needed
where only the QR is there and the chip wants a key of the MRZ, so likely errors have neighbours,
in a stated order and at most two of them: this is no search for keys.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import MAXYEAR, date
from typing import NamedTuple

#: The first day of Law 26/2023.
NEW_LAW = date(2024, 7, 1)

_OLD_AGES, _NEW_AGES = (25, 40, 60), (14, 25, 40, 60)
_GRACE_YEARS = 2

#: The derived date and at most two neighbours (design, section 6, item 10).
MAX_CANDIDATES = 3

PERMANENT = "991231"
"""What the MRZ of a card without expiry carries; it is no date of 1999."""


class Exchange(NamedTuple):
    """When a card is to be exchanged: the holder's age, and the birthday on which it is reached.

    The ``repr`` does not show the day, which is a birthday.
    """

    age: int
    on: date

    def __repr__(self) -> str:
        return f"Exchange(age={self.age})"


def exchange_ages(issue: date) -> tuple[int, ...]:
    """Return the ages at which a card issued on ``issue`` is exchanged."""
    return _NEW_AGES if issue >= NEW_LAW else _OLD_AGES


def expiry_age(birth: date, issue: date) -> int | None:
    """Return the age until which a card issued on ``issue`` is valid; None: it does not expire."""
    for age in exchange_ages(issue):
        if issue < birthday(birth, age - _GRACE_YEARS):
            return age
    return None


def expiry_candidates(birth: date, issue: date) -> tuple[date | None, ...]:
    """Return the dates of expiry that the card may carry, the likeliest first; None is no expiry.

    The derived one; for a birth on 29 February the other day it may fall on; then the neighbours:
    the age after it, and the age before it. At most ``MAX_CANDIDATES``, each once.
    """
    ages: list[int | None] = [*exchange_ages(issue), None]
    at = ages.index(expiry_age(birth, issue))
    near = [ages[at], *ages[at + 1 : at + 2], *ages[max(0, at - 1) : at]]
    found: list[date | None] = []
    for age in near:
        found += [None] if age is None else birthdays(birth, age)
    # What was over when the card was issued is no date of expiry.
    possible = [day for day in dict.fromkeys(found) if day is None or day > issue]
    return tuple(possible[:MAX_CANDIDATES])


def mrz_dates(candidates: Sequence[date | None]) -> tuple[str, ...]:
    """Return the candidates as the MRZ writes them: YYMMDD, ``PERMANENT`` for no expiry."""
    return tuple(PERMANENT if day is None else f"{day:%y%m%d}" for day in candidates)


def next_exchange(birth: date, issue: date) -> Exchange | None:
    """Return when a card issued on ``issue`` is to be exchanged, or None: it does not expire."""
    age = expiry_age(birth, issue)
    return None if age is None else Exchange(age, birthday(birth, age))


def birthday(birth: date, age: int) -> date:
    """Return the day on which ``age`` is reached; 28 February where the year lacks a 29th."""
    return birthdays(birth, age)[0]


def birthdays(birth: date, age: int) -> tuple[date, ...]:
    """Return the day on which ``age`` is reached, or both that a 29 February may fall on.

    A scanned year may be any: no day is beyond the calendar.
    """
    year = min(birth.year + age, MAXYEAR)
    try:
        return (birth.replace(year=year),)
    except ValueError:
        return date(year, 2, 28), date(year, 3, 1)
