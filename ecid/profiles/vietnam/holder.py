"""The identity as Vietnam has it: dates as dates, the number taken apart, every field of DG13."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from ecid.inspection.identity import Identity
from ecid.inspection.profile import NoExpiry
from ecid.inspection.report import Report
from ecid.profiles.vietnam import days, fields, validity
from ecid.profiles.vietnam.fields import Field
from ecid.profiles.vietnam.number import PersonalNumber, parse
from ecid.profiles.vietnam.validity import Exchange


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class VietnameseIdentity:
    """What a Vietnamese card says of its holder; None or empty where it says nothing.

    ``other`` holds the texts of fields whose number has no meaning here. The ``repr`` shows no
    values.
    """

    number: PersonalNumber | None
    full_name: str | None
    birth_date: date | None
    sex: str | None
    """``male`` or ``female``."""
    nationality: str | None
    ethnicity: str | None
    religion: str | None
    place_of_origin: str | None
    """On the card of 2024 the place of birth registration."""
    place_of_residence: str | None
    identifying_features: str | None
    issue_date: date | None
    expiry: date | NoExpiry | None
    father_name: str | None
    mother_name: str | None
    other_relatives: tuple[str, ...]
    """Names in field 13 beyond the parents'; no public source says whose they are."""
    spouses: tuple[str, ...]
    old_id_number: str | None
    chip_identifier: str | None
    other: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    edition: str

    def __repr__(self) -> str:
        return f"{type(self).__name__}(<personal data>)"

    @classmethod
    def from_report(cls, report: Report) -> VietnameseIdentity:
        """Return the identity in ``report``. Raises ``NotVerified`` unless that is verified."""
        return cls._of(report.identity, report.evidence.files)

    @property
    def next_exchange(self) -> Exchange | None:
        """Age and day of the next exchange by law; None: none, or a date is not known."""
        return _exchange(self.birth_date, self.issue_date, self.expiry)

    @classmethod
    def _of(cls, plain: Identity, files: Mapping[str, bytes]) -> VietnameseIdentity:
        group = fields.read(files)
        texts = {} if group is None else {e.id: fields.texts(group, e.id) for e in group.fields}
        known = {int(number) for number in Field}
        return cls(
            number=parse(plain.personal_number or ""),
            full_name=plain.full_name,
            birth_date=days.of(plain.birth_date),
            sex=plain.sex,
            nationality=plain.nationality,
            ethnicity=plain.ethnicity,
            religion=plain.religion,
            place_of_origin=plain.place_of_origin,
            place_of_residence=plain.place_of_residence,
            identifying_features=plain.identifying_features,
            issue_date=days.of(plain.issue_date),
            expiry=NoExpiry() if plain.no_expiry else days.of(plain.expiry_date),
            father_name=plain.father_name,
            mother_name=plain.mother_name,
            other_relatives=texts.get(Field.PARENTS, ())[2:],
            spouses=tuple(filter(None, texts.get(Field.SPOUSE, ()))),
            old_id_number=plain.old_id_number,
            chip_identifier=plain.chip_identifier,
            other={number: found for number, found in texts.items() if number not in known},
            edition=edition(plain),
        )


def edition(plain: Identity) -> str:
    """Return ``2024`` for a card issued under the law of that year, else ``2021``."""
    return edition_of(days.of(plain.issue_date))


def edition_of(issued: date | None) -> str:
    """Return the same by the date of issue; without one it is the older."""
    return "2024" if issued is not None and issued >= validity.NEW_LAW else "2021"


def exchange(plain: Identity) -> Exchange | None:
    """Return when the card of ``plain`` is to be exchanged; None: never, or not to be known."""
    expiry = NoExpiry() if plain.no_expiry else None
    return _exchange(days.of(plain.birth_date), days.of(plain.issue_date), expiry)


def _exchange(
    born: date | None, issued: date | None, expiry: date | NoExpiry | None
) -> Exchange | None:
    if born is None or issued is None or isinstance(expiry, NoExpiry):
        return None
    return validity.next_exchange(born, issued)
