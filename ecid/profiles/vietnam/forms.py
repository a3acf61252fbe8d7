"""The forms of the 25 essential services of Project 06, and filling them from verified chips.

One data file per service says which form it has, which people stand in it, and of each field
whether it comes from the chip, is derived (and from what), or has to be asked. A form that was
not found in a public source says so.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any

from ecid.errors import Misuse
from ecid.inspection.identity import Identity
from ecid.inspection.report import Report
from ecid.profiles.vietnam import days, validity


class From(StrEnum):
    """Where the content of a field comes from."""

    CHIP = "chip"
    DERIVED = "derived"
    ASK = "ask"


@dataclass(frozen=True, slots=True)
class Role:
    """A person in a form: the ``key`` of the data, names for people, other words for the key."""

    key: str
    vi: str
    en: str
    aliases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FormField:
    """A field of a form. ``key`` is an identity key where it comes from the chip."""

    person: str
    key: str
    vi: str
    en: str
    source: From

    @property
    def name(self) -> str:
        """The name of the field in the filled form: ``mother.full_name``."""
        return f"{self.person}.{self.key}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One service and its form. ``sourced`` is whether the form was seen in a public source."""

    number: int
    slug: str
    title_vi: str
    title_en: str
    form: str
    legal_basis: str
    sourced: bool
    roles: tuple[Role, ...]
    fields: tuple[FormField, ...]

    def role(self, word: str) -> Role:
        """Return the role called ``word``, by key or another word for it. Raises ``Misuse``."""
        for role in self.roles:
            if word in (role.key, *role.aliases):
                return role
        known = ", ".join(role.key for role in self.roles)
        raise Misuse("unknown_role", role=word, known=known)


@dataclass(frozen=True, slots=True)
class FilledField:
    """A field with its content as a form has it, and where that stands: ``DG13.2``."""

    wanted: FormField
    value: str = field(repr=False)
    source: str


@dataclass(frozen=True, slots=True)
class FilledForm:
    """A form filled as far as chips go; ``open`` are the fields that somebody has to be asked."""

    service: Service
    filled: tuple[FilledField, ...]
    open: tuple[FormField, ...]


#: Where each identity key stands on the chip: DG13 with the number of the field, else DG1.
PLACES: Mapping[str, str] = {
    "personal_number": "DG13.1",
    "full_name": "DG13.2",
    "birth_date": "DG13.3",
    "sex": "DG13.4",
    "nationality": "DG13.5",
    "ethnicity": "DG13.6",
    "religion": "DG13.7",
    "place_of_origin": "DG13.8",
    "place_of_residence": "DG13.9",
    "identifying_features": "DG13.10",
    "issue_date": "DG13.11",
    "expiry_date": "DG13.12",
    "father_name": "DG13.13",
    "mother_name": "DG13.13",
    "spouse_name": "DG13.14",
    "old_id_number": "DG13.15",
}
_ON_DG1 = frozenset(
    {"personal_number", "full_name", "birth_date", "sex", "nationality", "expiry_date"}
)

_OLD_AUTHORITY = "Cục Cảnh sát quản lý hành chính về trật tự xã hội"
_NEW_AUTHORITY = "Bộ Công an"
_SEXES = {"male": "Nam", "female": "Nữ"}
NO_EXPIRY = "Không thời hạn"


@cache
def services() -> tuple[Service, ...]:
    """Return the 25 services in the order of their numbers."""
    folder = resources.files("ecid.profiles.vietnam").joinpath("services")
    tables = [
        tomllib.loads(each.read_text("utf-8"))
        for each in folder.iterdir()
        if each.name.endswith(".toml")
    ]
    return tuple(sorted(map(_service, tables), key=lambda service: service.number))


def service(code: str) -> Service:
    """Return the service with the number or slug ``code``. Raises ``Misuse`` if there is none."""
    wanted = code.strip().lower()
    for each in services():
        if wanted in (str(each.number), each.slug):
            return each
    raise Misuse("unknown_form", code=code[:60])


def fill(chosen: Service, people: Mapping[str, Report]) -> FilledForm:
    """Fill the form of ``chosen`` from the reports about ``people``, by role key.

    Raises ``NotVerified`` if one of the reports is not verified: a form is no place for data that
    nobody vouches for.
    """
    filled: list[FilledField] = []
    open_: list[FormField] = []
    for each in chosen.fields:
        report = people.get(each.person)
        found = None if report is None else _content(each, report)
        if found is None:
            open_.append(each)
        else:
            filled.append(found)
    return FilledForm(chosen, tuple(filled), tuple(open_))


def _content(wanted: FormField, report: Report) -> FilledField | None:
    """Return the content of ``wanted``, or None where the chip has none."""
    identity = report.identity
    if wanted.source is From.ASK:
        return None
    if wanted.source is From.DERIVED:
        value, source = _DERIVED[wanted.key](identity)
    else:
        value, source = _written(identity, wanted.key), _place(wanted.key, report)
    return FilledField(wanted, value, source) if value else None


def _place(key: str, report: Report) -> str:
    if "DG13" in report.evidence.files:
        return PLACES[key]
    return "DG1" if key in _ON_DG1 else ""


def _written(identity: Identity, key: str) -> str:
    """Return a value the way forms have it: dates as dd/MM/yyyy, sex as a word."""
    if key == "expiry_date" and identity.no_expiry:
        return NO_EXPIRY
    value = getattr(identity, key)
    if key == "sex":
        return _SEXES.get(value or "", "")
    return written_date(value) if key.endswith("_date") else str(value or "")


def written_date(value: str | None) -> str:
    """Return an ISO date as dd/MM/yyyy, any other text as it is."""
    day = days.of(value)
    return value or "" if day is None else f"{day:%d/%m/%Y}"


def _birth_year(identity: Identity) -> tuple[str, str]:
    return (identity.birth_date or "")[:4], "derived: DG13.3"


def _issuing_authority(identity: Identity) -> tuple[str, str]:
    """Return who issued the card. The chip does not say; the date of issue decides."""
    issued = days.of(identity.issue_date)
    if issued is None:
        return "", ""
    authority = _NEW_AUTHORITY if issued >= validity.NEW_LAW else _OLD_AUTHORITY
    return authority, "derived: DG13.11"


_DERIVED = {"birth_year": _birth_year, "issuing_authority": _issuing_authority}


def _service(table: Mapping[str, Any]) -> Service:
    return Service(
        number=table["number"],
        slug=table["slug"],
        title_vi=table["title_vi"],
        title_en=table["title_en"],
        form=table["form"],
        legal_basis=table["legal_basis"],
        sourced=table["sourced"],
        roles=tuple(
            Role(each["role"], each["vi"], each["en"], tuple(each["aliases"]))
            for each in table["person"]
        ),
        fields=tuple(
            FormField(each["person"], each["key"], each["vi"], each["en"], From(each["from"]))
            for each in table["field"]
        ),
    )
