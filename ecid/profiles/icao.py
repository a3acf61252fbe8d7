"""The standard alone: every eMRTD, nothing national (Doc 9303)."""

from __future__ import annotations

from calendar import monthrange
from datetime import date

from ecid.errors import MalformedData
from ecid.inspection.identity import Identity, Portrait
from ecid.inspection.profile import Contents, NoExpiry, Profile
from ecid.lds.face import FaceImage
from ecid.mrz import dates
from ecid.mrz.mrz import Mrz
from ecid.outcome import Finding, Reason, not_supported


def expiry(mrz: Mrz, at: date) -> date | NoExpiry | None:
    """Return the expiry date; of one known in part, the last day that it can mean."""
    found = dates.expiry_date(mrz.expiry_date, at)
    return None if found is None else _last_day(found)


def identity(contents: Contents, at: date) -> Identity:
    """Return what the MRZ and the face image say."""
    mrz = contents.mrz
    name = " ".join(part for part in (mrz.given_names, mrz.surname) if part)
    return Identity(
        document_type=mrz.document_code,
        document_number=mrz.document_number,
        issuing_state=mrz.issuing_state,
        surname=mrz.surname or None,
        given_names=mrz.given_names or None,
        nationality_code=mrz.nationality,
        nationality=mrz.nationality,
        personal_number=mrz.optional_data_1 or None,
        full_name=name or None,
        birth_date=birth_date(mrz, at),
        sex=mrz.sex,
        expiry_date=_iso(expiry_or_none(mrz, at)),
        portrait=portrait(contents.face),
    )


def birth_date(mrz: Mrz, at: date) -> str | None:
    """Return the birth date in ISO 8601, as far as it is known."""
    try:
        found = dates.birth_date(mrz.birth_date, at)
    except MalformedData:
        return None
    return None if found is None else found.isoformat()


def expiry_or_none(mrz: Mrz, at: date) -> date | None:
    """Return the expiry date, or None where it is unknown or no date at all."""
    try:
        found = expiry(mrz, at)
    except MalformedData:
        return None
    return found if isinstance(found, date) else None


def portrait(face: FaceImage | None) -> Portrait | None:
    """Return the face image as a portrait; of a format that is not recognised, None."""
    if face is None or face.media_type is None:
        return None
    return Portrait(face.media_type, face.width, face.height, face.data)


def nothing_to_crosscheck(contents: Contents, at: date) -> Finding:
    """Return not_supported: there is no second source for what the MRZ says."""
    return not_supported(Reason.NOTHING_TO_COMPARE)


def no_issue_date(contents: Contents) -> date | None:
    """Return None: the MRZ carries no date of issue."""
    return None


def _last_day(partial: dates.PartialDate) -> date:
    month = partial.month or 12
    return date(partial.year, month, partial.day or monthrange(partial.year, month)[1])


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


ICAO = Profile(
    name="icao",
    data_groups=frozenset({1, 2}),
    parsers={},
    active_authentication=True,
    optional_data_identifies=False,
    expiry=expiry,
    identity=identity,
    crosscheck=nothing_to_crosscheck,
    issue_date=no_issue_date,
)
