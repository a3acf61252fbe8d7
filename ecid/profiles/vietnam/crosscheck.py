"""DG13 against DG1: two files of one card, both signed, that must speak of one person."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

from ecid.inspection.folding import says_no_expiry
from ecid.inspection.profile import Contents
from ecid.lds.dg13 import Dg13
from ecid.mrz.mrz import Mrz
from ecid.outcome import SUCCESS, Finding, Reason, failed, not_supported, undetermined
from ecid.profiles.vietnam import fields
from ecid.profiles.vietnam.fields import Field
from ecid.profiles.vietnam.identity import identity, sex
from ecid.profiles.vietnam.number import parse as parse_number
from ecid.profiles.vietnam.validity import PERMANENT
from ecid.profiles.vietnam.zone import own_check_digit_fits, personal_number

_APOSTROPHES = re.compile("['\u2018\u2019\u02bc]")
#: Three letters that look the same: the Vietnamese one, the Icelandic one, the African one.
_D_WITH_STROKE = re.compile("[\u0110\u00d0\u0189]")


def crosscheck(contents: Contents, at: date) -> Finding:
    """Compare number, birth date, sex, expiry and name. ``detail`` names the fields that differ.

    Names are compared after the transliteration of the MRZ, which may cut them off.
    """
    group = fields.read(contents.files)
    if group is None:
        present = "DG13" in contents.files
        return (
            undetermined(Reason.MALFORMED) if present else not_supported(Reason.NOTHING_TO_COMPARE)
        )
    different = _different(contents, group)
    if different:
        return failed(Reason.CROSS_MISMATCH, fields=", ".join(different))
    unlike = _unlike_its_number(contents, at)
    if not own_check_digit_fits(contents.mrz):
        unlike.append("optional_data_1")
    if unlike:
        # The law guarantees twelve digits and no structure: worth a look, and no failure.
        return undetermined(Reason.NUMBER_STRUCTURE, fields=", ".join(unlike))
    return SUCCESS


def transliterate(name: str) -> str:
    """Return ``name`` as the MRZ writes it: A to Z and single spaces (Doc 9303-3 §4.6, §6).

    Apostrophes are left out, any other sign separates words.
    """
    folded = _APOSTROPHES.sub("", _D_WITH_STROKE.sub("D", name.upper()))
    decomposed = unicodedata.normalize("NFD", folded)
    plain = "".join(c for c in decomposed if not unicodedata.combining(c))
    return " ".join("".join(c if "A" <= c <= "Z" else " " for c in plain).split())


def _different(contents: Contents, group: Dg13) -> list[str]:
    """Return the names of the fields in which DG1 and DG13 contradict each other."""
    mrz = contents.mrz
    by_words = fields.text(group, Field.PERSONAL_NUMBER)
    number = parse_number(personal_number(mrz) or by_words or "")
    sides = {
        "personal_number": (personal_number(mrz), by_words),
        "document_number": (mrz.document_number, number and number.document_number),
        "birth_date": (mrz.birth_date, _yymmdd(group, Field.BIRTH_DATE)),
        "sex": (mrz.sex, sex(fields.text(group, Field.SEX))),
        "expiry_date": (mrz.expiry_date, _expiry(group)),
    }
    # What one side does not say (or says in words) contradicts nothing.
    different = [name for name, (one, other) in sides.items() if one and other and one != other]
    if not _same_name(mrz, fields.text(group, Field.FULL_NAME)):
        different.append("full_name")
    return different


def _unlike_its_number(contents: Contents, at: date) -> list[str]:
    """Return in what the holder is not as the structure of the personal number has it."""
    chip = identity(contents, at)
    number = parse_number(chip.personal_number or "")
    if number is None:
        return []
    sides = {
        "birth_date": (str(number.birth_year), (chip.birth_date or "")[:4]),
        "sex": (number.sex, chip.sex),
    }
    return [name for name, (one, other) in sides.items() if other and one != other]


def _yymmdd(group: Dg13, number: Field) -> str | None:
    found = fields.day(fields.text(group, number))
    return None if found is None else found.strftime("%y%m%d")


def _expiry(group: Dg13) -> str | None:
    """Return the date of expiry as the MRZ writes it, for life included."""
    permanent = says_no_expiry(fields.text(group, Field.EXPIRY_DATE))
    return PERMANENT if permanent else _yymmdd(group, Field.EXPIRY_DATE)


def _same_name(mrz: Mrz, full_name: str | None) -> bool:
    """Compare names; the MRZ may hold only the beginning of a long one (Doc 9303-5 §4.2.3)."""
    if full_name is None:
        return True
    ours = transliterate(full_name)
    theirs = f"{mrz.surname} {mrz.given_names}".strip()
    filled = not mrz.lines[-1].endswith("<")
    return ours == theirs or (filled and ours.startswith(theirs))
