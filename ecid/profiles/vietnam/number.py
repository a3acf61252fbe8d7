"""The personal identification number: twelve digits with a structure (Decree 137/2015, art. 13).

Place of birth registration (3), century and sex (1), year of birth (2), six more. The law in
force guarantees twelve digits and nothing else (Law 26/2023, art. 12), so the structure is read
and compared, and never a reason to refuse a number.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources

_NUMBER = re.compile(r"[0-9]{12}", re.ASCII)
_FIRST_CENTURY = 1900


@dataclass(frozen=True, slots=True)
class PersonalNumber:
    """A number taken apart. The ``repr`` shows no digits."""

    digits: str = field(repr=False)
    place_code: str = field(repr=False)
    """Province or country of the birth registration, three digits."""
    place: str | None = field(repr=False)
    """Name of the province, or None: another code, of a country for example."""
    sex: str = field(repr=False)
    """``male`` or ``female``."""
    birth_year: int = field(repr=False)

    @property
    def document_number(self) -> str:
        """The document number of the MRZ: the last nine digits."""
        return self.digits[3:]

    @property
    def card_access_number(self) -> str:
        """The password for PACE: the last six digits."""
        return self.digits[-6:]


def parse(digits: str) -> PersonalNumber | None:
    """Return the ``digits`` taken apart, or None if they are not twelve digits."""
    if not _NUMBER.fullmatch(digits):
        return None
    century, sex = divmod(int(digits[3]), 2)
    return PersonalNumber(
        digits=digits,
        place_code=digits[:3],
        place=provinces().get(digits[:3]),
        sex="female" if sex else "male",
        birth_year=_FIRST_CENTURY + 100 * century + int(digits[4:6]),
    )


@cache
def provinces() -> Mapping[str, str]:
    """Return the 63 province codes and their names."""
    source = resources.files("ecid.profiles.vietnam").joinpath("provinces.toml")
    found: Mapping[str, str] = tomllib.loads(source.read_text("utf-8"))["province"]
    return found
