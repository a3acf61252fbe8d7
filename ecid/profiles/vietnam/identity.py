"""Identity of the Vietnamese card: the MRZ for the codes, DG13 for the words."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from ecid.errors import MalformedData
from ecid.inspection.identity import Identity
from ecid.inspection.profile import Contents, NoExpiry
from ecid.lds.dg13 import Dg13
from ecid.mrz.mrz import Mrz
from ecid.profiles import icao
from ecid.profiles.vietnam import fields
from ecid.profiles.vietnam.fields import Field
from ecid.profiles.vietnam.validity import PERMANENT
from ecid.profiles.vietnam.zone import personal_number

#: Nobody is older; two digits of a year are ambiguous for those who may be 100 years older.
OLDEST_AGE = 120

_CENTURY = 2000

_SEXES = {"nam": "male", "nữ": "female"}


def expiry(mrz: Mrz, at: date) -> date | NoExpiry | None:
    """Return the expiry date, or ``NoExpiry`` for the value of cards issued for life.

    A card runs for up to 27 years, longer than any passport, and none is older than 2021: the
    century is this one.
    """
    if mrz.expiry_date == PERMANENT:
        return NoExpiry()
    found = icao.expiry(mrz, at)
    if isinstance(found, date) and found.year < _CENTURY:
        return found.replace(year=found.year + 100)
    return found


def issue_date(contents: Contents) -> date | None:
    """Return the date of issue in DG13."""
    group = fields.read(contents.files)
    return None if group is None else fields.day(fields.text(group, Field.ISSUE_DATE))


def identity(contents: Contents, at: date) -> Identity:
    """Return the identity: DG13 where the card has it, completed by the MRZ."""
    by_mrz = replace(
        icao.identity(contents, at),
        full_name=_name(contents.mrz),
        birth_date=_birth_date(contents.mrz, at),
        personal_number=personal_number(contents.mrz),
        expiry_date=_expiry_date(contents.mrz, at),
        no_expiry=contents.mrz.expiry_date == PERMANENT,
    )
    group = fields.read(contents.files)
    return by_mrz if group is None else _with_dg13(by_mrz, group)


def _name(mrz: Mrz) -> str | None:
    """Return the name of the MRZ, surname first; None where it may be cut off."""
    cut = not mrz.lines[-1].endswith("<")
    return None if cut else " ".join(filter(None, (mrz.surname, mrz.given_names))) or None


def _birth_date(mrz: Mrz, at: date) -> str | None:
    """Return the birth date of the MRZ; None where the holder may be a child or over a hundred."""
    found = icao.birth_date(mrz, at)
    young = found is not None and at.year - int(found[:4]) <= OLDEST_AGE - 100
    return None if young else found


def _expiry_date(mrz: Mrz, at: date) -> str | None:
    try:
        found = expiry(mrz, at)
    except MalformedData:
        return None
    return found.isoformat() if isinstance(found, date) else None


def sex(text: str | None) -> str | None:
    """Return ``male`` or ``female`` for the word of DG13, None for any other."""
    return _SEXES.get((text or "").casefold())


def _with_dg13(by_mrz: Identity, group: Dg13) -> Identity:
    def text(number: Field, position: int = 0) -> str | None:
        return fields.text(group, number, position)

    return replace(
        by_mrz,
        personal_number=text(Field.PERSONAL_NUMBER) or by_mrz.personal_number,
        full_name=text(Field.FULL_NAME) or by_mrz.full_name,
        birth_date=_iso(text(Field.BIRTH_DATE)) or by_mrz.birth_date,
        sex=sex(text(Field.SEX)) or by_mrz.sex,
        nationality=text(Field.NATIONALITY) or by_mrz.nationality,
        ethnicity=text(Field.ETHNICITY),
        religion=text(Field.RELIGION),
        place_of_origin=text(Field.PLACE_OF_ORIGIN),
        place_of_residence=text(Field.PLACE_OF_RESIDENCE),
        identifying_features=text(Field.IDENTIFYING_FEATURES),
        issue_date=_iso(text(Field.ISSUE_DATE)) or text(Field.ISSUE_DATE),
        expiry_date=_iso(text(Field.EXPIRY_DATE)) or by_mrz.expiry_date,
        father_name=text(Field.PARENTS),
        mother_name=text(Field.PARENTS, 1),
        spouse_name=text(Field.SPOUSE),
        old_id_number=text(Field.OLD_ID_NUMBER),
        chip_identifier=text(Field.CHIP_IDENTIFIER),
        extra=_extra(group),
    )


def _extra(group: Dg13) -> dict[str, object]:
    """Return the fields without a name of their own, and names beyond those that have one."""
    known = {int(number) for number in Field}
    extra: dict[str, object] = {
        f"dg13.{entry.id}": list(fields.texts(group, entry.id))
        for entry in group.fields
        if entry.id not in known
    }
    for number, named in ((Field.PARENTS, 2), (Field.SPOUSE, 1)):
        further = fields.texts(group, number)[named:]
        if further:
            extra[f"dg13.{int(number)}"] = list(further)
    return extra


def _iso(value: str | None) -> str | None:
    found = fields.day(value)
    return None if found is None else found.isoformat()
