"""The invented holders of the cards of Utopia, and their machine readable zones."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Protocol

from ecid.mrz.checksum import check_digit
from ecid.mrz.mrz import build_td1

_SEXES = {"male": "M", "female": "F", "unspecified": "<"}


class Bearer(Protocol):
    """Whoever a card is issued to: what is printed on it."""

    @property
    def mrz(self) -> str:
        """The characters of the zone, without line ends."""
        ...

    @property
    def can(self) -> str:
        """The card access number, or nothing."""
        ...

    @property
    def qr(self) -> str:
        """The text of the QR code, or nothing."""
        ...

    @property
    def portrait(self) -> str:
        """The name of the drawing."""
        ...

    def expiring(self, date: str) -> Bearer:
        """Return the same holder with a card that expires on ``date``, written as in the holder."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """One invented citizen of Utopia; dates are YYMMDD, ``format`` is TD1, TD2 or TD3."""

    format: str
    document_code: str
    document_number: str = field(repr=False)
    surname: str = field(repr=False)
    given_names: str = field(repr=False)
    birth_date: str = field(repr=False)
    sex: str = field(repr=False)
    expiry_date: str = field(repr=False)
    can: str = field(repr=False)
    portrait: str
    optional_data: str = field(default="", repr=False)
    qr: str = field(default="", repr=False)

    def expiring(self, date: str) -> Holder:
        """Return the same holder with a document that expires on ``date`` (YYMMDD)."""
        return replace(self, expiry_date=date)

    @property
    def mrz(self) -> str:
        """Return the zone (Doc 9303-4 §4.2, -5 §4.2, -6 §4.2)."""
        if self.format == "TD1":
            return build_td1(
                document_code=self.document_code,
                issuing_state="UTO",
                document_number=self.document_number,
                birth_date=self.birth_date,
                sex=self.sex,
                expiry_date=self.expiry_date,
                nationality="UTO",
                surname=self.surname,
                given_names=self.given_names,
                optional_data_1=self.optional_data,
            )
        return self._two_lines(44, 14) if self.format == "TD3" else self._two_lines(36, 7)

    def _two_lines(self, width: int, optional: int) -> str:
        """Return the zone of a TD2 or TD3; only TD3 has a check digit over the optional data."""
        names = re.sub(r"[ -]+", "<", f"{self.surname}<<{self.given_names}")
        first = self.document_code.ljust(2, "<") + "UTO" + names[: width - 5].ljust(width - 5, "<")
        number = self.document_number.ljust(9, "<")
        second = number + check_digit(number) + "UTO"
        second += self.birth_date + check_digit(self.birth_date) + _SEXES[self.sex]
        second += self.expiry_date + check_digit(self.expiry_date)
        free = self.optional_data.ljust(optional, "<")
        second += free + (check_digit(free) if self.format == "TD3" else "")
        return first + second + check_digit(second[:10] + second[13:20] + second[21:])


@cache
def utopians() -> Mapping[str, Holder]:
    """Return the holders by the key they have in ``utopians.toml``."""
    text = resources.files("ecid.emulator").joinpath("utopians.toml").read_text("utf-8")
    return MappingProxyType({key: Holder(**row) for key, row in tomllib.loads(text).items()})
