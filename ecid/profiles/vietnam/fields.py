"""The numbered fields of DG13 and the dates in them, which are texts."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from enum import IntEnum

from ecid.errors import EcidError
from ecid.lds import dg13
from ecid.lds.dg13 import Dg13


class Field(IntEnum):
    """What the numbers mean; 14 was seen filled only in parsers, 16 is opaque."""

    PERSONAL_NUMBER = 1
    FULL_NAME = 2
    BIRTH_DATE = 3
    SEX = 4
    NATIONALITY = 5
    ETHNICITY = 6
    RELIGION = 7
    PLACE_OF_ORIGIN = 8
    PLACE_OF_RESIDENCE = 9
    IDENTIFYING_FEATURES = 10
    ISSUE_DATE = 11
    EXPIRY_DATE = 12
    PARENTS = 13
    SPOUSE = 14
    OLD_ID_NUMBER = 15
    CHIP_IDENTIFIER = 16


_DATE = re.compile(r"([0-9]{2})/([0-9]{2})/([0-9]{4})", re.ASCII)


def read(files: Mapping[str, bytes]) -> Dg13 | None:
    """Return DG13, or None where it is absent or unreadable."""
    try:
        return dg13.parse(files["DG13"])
    except (KeyError, EcidError):
        return None


def text(group: Dg13, number: int, position: int = 0) -> str | None:
    """Return the text at ``position`` of field ``number``; an empty one is None."""
    found = texts(group, number)
    return found[position] or None if len(found) > position else None


def texts(group: Dg13, number: int) -> tuple[str, ...]:
    """Return every text of field ``number``, letters composed (NFC); the raw ones are the file's.

    Cards have them composed, and who wrote them apart means the same letters.
    """
    found = group.field(number)
    values = () if found is None else found.values
    return tuple(unicodedata.normalize("NFC", value) for value in values)


def day(value: str | None) -> date | None:
    """Return the date of a ``dd/MM/yyyy`` text, or None for any other text."""
    matched = _DATE.fullmatch(value or "")
    if matched is None:
        return None
    day_, month, year = (int(part) for part in matched.groups())
    try:
        return date(year, month, day_)
    except ValueError:
        return None
