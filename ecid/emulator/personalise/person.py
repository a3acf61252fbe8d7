"""The invented people of the shipped cards, and what is printed on their cards."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import resources
from types import MappingProxyType

from ecid.mrz.checksum import check_digit
from ecid.mrz.mrz import build_td1


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One invented holder; dates are dd/MM/yyyy, as DG13 has them. Nobody real has this data.

    ``expiry_date`` may be a text such as "Không thời hạn"; ``features``, ``father_name``,
    ``mother_name``, ``spouse_name`` and ``old_number`` may be empty.
    """

    number: str = field(repr=False)
    full_name: str = field(repr=False)
    surname: str = field(repr=False)
    given_names: str = field(repr=False)
    birth_date: str = field(repr=False)
    sex: str = field(repr=False)
    nationality: str = field(repr=False)
    ethnicity: str = field(repr=False)
    religion: str = field(repr=False)
    origin: str = field(repr=False)
    residence: str = field(repr=False)
    features: str = field(repr=False)
    issue_date: str = field(repr=False)
    expiry_date: str = field(repr=False)
    father_name: str = field(repr=False)
    mother_name: str = field(repr=False)
    spouse_name: str = field(repr=False)
    old_number: str = field(repr=False)
    chip_identifier: str = field(repr=False)
    portrait: str
    """Name of the drawing in ``portraits/``."""
    edition: str = "2021"
    """The card's layout: ``2021`` or ``2024``."""

    def expiring(self, date: str) -> Person:
        """Return the same person with a card that expires on ``date`` (dd/MM/yyyy)."""
        return replace(self, expiry_date=date)

    @property
    def document_number(self) -> str:
        """Return the document number of the MRZ: the last nine digits of the number."""
        return self.number[3:]

    @property
    def can(self) -> str:
        """Return the card access number: the last six digits of the number."""
        return self.number[-6:]

    @property
    def birth_yymmdd(self) -> str:
        """Return the birth date as the MRZ has it."""
        return _yymmdd(self.birth_date)

    @property
    def expiry_yymmdd(self) -> str:
        """Return the expiry date as the MRZ has it; 991231 where there is none."""
        return _yymmdd(self.expiry_date) if self.expiry_date[:1].isdigit() else "991231"

    @property
    def mrz(self) -> str:
        """Return the 90 characters of the TD1 zone (Doc 9303-5 §4.2).

        Optional data 1 is the number, two fillers and a national check digit over it.
        """
        return build_td1(
            document_code="ID",
            issuing_state="VNM",
            document_number=self.document_number,
            optional_data_1=f"{self.number}<<{check_digit(self.number)}",
            birth_date=self.birth_yymmdd,
            sex="male" if self.sex == "Nam" else "female",
            expiry_date=self.expiry_yymmdd,
            nationality="VNM",
            surname=self.surname,
            given_names=self.given_names,
        )

    @property
    def qr(self) -> str:
        """Return the text of the QR code: seven fields, dates as ddMMyyyy.

        The layout of 2024 has four more; nobody has published what they hold.
        """
        birth, issue = (date.replace("/", "") for date in (self.birth_date, self.issue_date))
        parts = (self.number, self.old_number, self.full_name, birth, self.sex, self.residence)
        more = ("",) * 4 if self.edition == "2024" else ()
        return "|".join((*parts, issue, *more))


@cache
def people() -> Mapping[str, Person]:
    """Return the invented people by the key they have in ``people.toml``."""
    text = resources.files("ecid.emulator").joinpath("people.toml").read_text("utf-8")
    return MappingProxyType({key: Person(**row) for key, row in tomllib.loads(text).items()})


def portrait(name: str) -> bytes:
    """Return the JPEG drawing ``name``, 480 by 640 pixels."""
    path = resources.files("ecid.emulator").joinpath("portraits").joinpath(f"{name}.jpg")
    return path.read_bytes()


def _yymmdd(date: str) -> str:
    day, month, year = date.split("/")
    return year[2:] + month + day
