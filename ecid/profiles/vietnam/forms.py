"""Filling a form from verified chips, and saying what is odd about who stands where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import combinations

from ecid.errors import Misuse
from ecid.inspection.identity import Identity
from ecid.inspection.report import Report
from ecid.outcome import Reason
from ecid.profiles.vietnam import days, validity
from ecid.profiles.vietnam.catalogue import FormField, From, Role, Service, service, services
from ecid.profiles.vietnam.places import PLACES, place

__all__ = [
    "NO_EXPIRY",
    "PLACES",
    "FilledField",
    "FilledForm",
    "FormField",
    "From",
    "Oddity",
    "Remark",
    "Role",
    "Service",
    "fill",
    "places",
    "remarks",
    "service",
    "services",
    "written_date",
]

_OLD_AUTHORITY = "Cục Cảnh sát quản lý hành chính về trật tự xã hội"
_NEW_AUTHORITY = "Bộ Công an"
_SEXES = {"male": "Nam", "female": "Nữ"}
NO_EXPIRY = "Không thời hạn"


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


class Oddity(StrEnum):
    """What a clerk ought to look at again, and may have a reason for."""

    DOCUMENT_EXPIRED = "document_expired"
    SAME_PERSON = "same_person"
    UNLIKE_SEX = "unlike_sex"


@dataclass(frozen=True, slots=True)
class Remark:
    """What is odd, and about whom."""

    oddity: Oddity
    places: tuple[str, ...]


def fill(chosen: Service, people: Mapping[str, Report]) -> FilledForm:
    """Fill the form of ``chosen`` from the reports about ``people``, by role key.

    Several people with one role stand as ``member.1``, ``member.2`` and so on. Raises
    ``NotVerified`` if one of the reports is not verified: a form is no place for data that nobody
    vouches for.
    """
    filled: list[FilledField] = []
    open_: list[FormField] = []
    for each in _fields(chosen, people):
        report = people.get(each.person)
        found = None if report is None else _content(each, report)
        if found is None:
            open_.append(each)
        else:
            filled.append(found)
    return FilledForm(chosen, tuple(filled), tuple(open_))


def places(role: Role, people: Mapping[str, object]) -> list[str]:
    """Return where people with ``role`` stand; of a role for several there is one place at least.

    Places count from 1, without a gap.
    """
    if not role.repeat:
        return [role.key]
    several = sum(1 for each in people if each.partition(".")[0] == role.key)
    return [f"{role.key}.{number}" for number in range(1, max(1, several) + 1)]


def _fields(chosen: Service, people: Mapping[str, Report]) -> Iterator[FormField]:
    """Yield the fields of the form, those of a role for several people once for each person."""
    done: set[str] = set()
    for each in chosen.fields:
        role = chosen.role(each.person)
        if not role.repeat:
            yield each
        elif role.key not in done:
            done.add(role.key)
            theirs = [other for other in chosen.fields if other.person == role.key]
            for at in places(role, people):
                yield from (replace(other, person=at) for other in theirs)


def remarks(chosen: Service, people: Mapping[str, Report]) -> tuple[Remark, ...]:
    """Return what is odd about ``people`` in their roles.

    Raises ``Misuse`` (``same_person``) where one card stands for a man and for a woman.
    """
    found = [
        Remark(Oddity.UNLIKE_SEX, (at,))
        for at, report in people.items()
        if _unlike(chosen.role_at(at), report.identity)
    ]
    for one, other in combinations(people, 2):
        if _apart(chosen, one, other) and _same(people[one].identity, people[other].identity):
            sexes = {chosen.role_at(at).sex for at in (one, other)}
            if sexes == set(_SEXES):
                raise Misuse("same_person", roles=f"{one}, {other}")
            found.append(Remark(Oddity.SAME_PERSON, (one, other)))
    expired = tuple(at for at, report in people.items() if _expired(report))
    return (*found, *([Remark(Oddity.DOCUMENT_EXPIRED, expired)] if expired else []))


def _unlike(role: Role, identity: Identity) -> bool:
    return role.sex is not None and identity.sex in _SEXES and identity.sex != role.sex


def _apart(chosen: Service, one: str, other: str) -> bool:
    first, second = chosen.role_at(one), chosen.role_at(other)
    return first is second or first.key in second.apart or second.key in first.apart


def _same(one: Identity, other: Identity) -> bool:
    return one.personal_number is not None and one.personal_number == other.personal_number


def _expired(report: Report) -> bool:
    return any(check.reason is Reason.DOCUMENT_EXPIRED for check in report.checks)


def _content(wanted: FormField, report: Report) -> FilledField | None:
    """Return the content of ``wanted``, or None where the chip has none."""
    if wanted.source is From.ASK:
        return None
    identity, derived = report.identity, _DERIVED.get(wanted.key)
    key = wanted.key if derived is None else derived[0]
    value = _written(identity, key) if derived is None else derived[1](identity)
    source = place(key, report.evidence.files)
    if source is None or not value:
        return None
    return FilledField(wanted, value, source if derived is None else f"derived: {source}")


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


def _birth_year(identity: Identity) -> str:
    return (identity.birth_date or "")[:4]


def _issuing_authority(identity: Identity) -> str:
    """Return who issued the card. The chip does not say; the date of issue decides."""
    issued = days.of(identity.issue_date)
    if issued is None:
        return ""
    return _NEW_AUTHORITY if issued >= validity.NEW_LAW else _OLD_AUTHORITY


#: What a derived field is made of, and how.
_DERIVED = {
    "birth_year": ("birth_date", _birth_year),
    "issuing_authority": ("issue_date", _issuing_authority),
}
