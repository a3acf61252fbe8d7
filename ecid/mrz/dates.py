"""Dates of two-digit years, and dates known in part (Doc 9303-3 §4.8, TR-03135-1).

The century is a matter of the moment of reading, which is an argument. A birth date is the
latest that is not in the future; an expiry date is the latest within 15 years from then.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass, field
from datetime import date

from ecid.errors import MalformedData

EXPIRY_YEARS_AHEAD = 15
"""No travel document is valid for longer (TR-03135-1)."""

_PARTS = re.compile(r"([0-9]{2}|<<)([0-9]{2}|<<)([0-9]{2}|<<)", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class PartialDate:
    """A date whose month or day may be unknown (None). Without a month there is no day."""

    year: int = field(repr=False)
    month: int | None = field(default=None, repr=False)
    day: int | None = field(default=None, repr=False)

    @property
    def complete(self) -> date | None:
        """Return the calendar date, or None if a part is unknown."""
        if self.month is None or self.day is None:
            return None
        return date(self.year, self.month, self.day)

    def isoformat(self) -> str:
        """Return ``YYYY-MM-DD``, ``YYYY-MM`` or ``YYYY`` (ISO 8601)."""
        parts = [f"{self.year:04d}"]
        parts += [f"{part:02d}" for part in (self.month, self.day) if part is not None]
        return "-".join(parts)


def birth_date(yymmdd: str, at: date) -> PartialDate | None:
    """Return the latest date not after ``at``, or None if the year is unknown.

    Limit: a holder over a hundred is taken for a child; a date with four digits elsewhere decides.
    Raises ``MalformedData("MRZ", "birth_date")`` for what is no date.
    """
    return _latest(yymmdd, (at.year, at.month, at.day), "birth_date")


def expiry_date(yymmdd: str, at: date) -> PartialDate | None:
    """Return the latest date not more than 15 years after ``at``, or None if the year is unknown.

    Raises ``MalformedData("MRZ", "expiry_date")`` for what is no date. National values for "no
    expiry" are left to the profiles.
    """
    return _latest(yymmdd, (at.year + EXPIRY_YEARS_AHEAD, at.month, at.day), "expiry_date")


def _latest(text: str, limit: tuple[int, int, int], rule: str) -> PartialDate | None:
    matched = _PARTS.fullmatch(text)
    if matched is None:
        raise MalformedData("MRZ", rule)
    year, month, day = (None if part == "<<" else int(part) for part in matched.groups())
    # Six zeros stand for an unknown date, as six fillers do, and never for the year 2000.
    if year is None or text == "000000":
        return None
    month = month or None
    day = day or None if month else None
    century = limit[0] - limit[0] % 100
    for candidate in (century + year, century + year - 100, century + year - 200):
        earliest = (candidate, month or 1, day or 1)
        if earliest <= limit and _exists(*earliest):
            return PartialDate(candidate, month, day)
    raise MalformedData("MRZ", rule)


def _exists(year: int, month: int, day: int) -> bool:
    return year >= 1 and month <= 12 and day <= calendar.monthrange(year, month)[1]
