"""Where on the chip a value for a form stands. What stands nowhere fit for a form is asked.

DG1 has dates, sex and number as good as DG13 has them. It has the name without its accents and a
code for the nationality, and those are no words for a form.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ecid.inspection.folding import says_no_expiry
from ecid.profiles.vietnam import fields
from ecid.profiles.vietnam.fields import Field
from ecid.profiles.vietnam.identity import sex

#: Field of DG13 and position in it, by identity key.
_IN_DG13: Final[Mapping[str, tuple[Field, int]]] = {
    "personal_number": (Field.PERSONAL_NUMBER, 0),
    "full_name": (Field.FULL_NAME, 0),
    "birth_date": (Field.BIRTH_DATE, 0),
    "sex": (Field.SEX, 0),
    "nationality": (Field.NATIONALITY, 0),
    "ethnicity": (Field.ETHNICITY, 0),
    "religion": (Field.RELIGION, 0),
    "place_of_origin": (Field.PLACE_OF_ORIGIN, 0),
    "place_of_residence": (Field.PLACE_OF_RESIDENCE, 0),
    "identifying_features": (Field.IDENTIFYING_FEATURES, 0),
    "issue_date": (Field.ISSUE_DATE, 0),
    "expiry_date": (Field.EXPIRY_DATE, 0),
    "father_name": (Field.PARENTS, 0),
    "mother_name": (Field.PARENTS, 1),
    "spouse_name": (Field.SPOUSE, 0),
    "old_id_number": (Field.OLD_ID_NUMBER, 0),
}
PLACES: Final[Mapping[str, str]] = {
    key: f"DG13.{int(number)}" for key, (number, _) in _IN_DG13.items()
}
"""Where each identity key is expected: DG13 with the number of the field."""

_ON_DG1: Final = frozenset({"personal_number", "birth_date", "sex", "expiry_date"})


def place(key: str, files: Mapping[str, bytes]) -> str | None:
    """Return where the identity has ``key`` from: ``DG13.2``, ``DG1``, or None."""
    if _speaks(key, files):
        return PLACES[key]
    return "DG1" if key in _ON_DG1 else None


def _speaks(key: str, files: Mapping[str, bytes]) -> bool:
    """Whether DG13 has something in the field of ``key`` that the identity takes."""
    group = fields.read(files)
    text = None if group is None else fields.text(group, *_IN_DG13[key])
    if key == "sex":
        return sex(text) is not None
    if key == "birth_date":
        return fields.day(text) is not None
    if key == "expiry_date":
        return fields.day(text) is not None or says_no_expiry(text)
    return text is not None
