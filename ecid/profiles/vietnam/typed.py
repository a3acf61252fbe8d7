"""What a clerk may type or scan where the card's number is wanted: QR text, MRZ, number alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from ecid.errors import EcidError
from ecid.inspection.profile import NoExpiry
from ecid.mrz import confusion
from ecid.mrz.mrz import Mrz
from ecid.mrz.mrz import parse as parse_mrz
from ecid.profiles import icao
from ecid.profiles.vietnam import days, qr, zone
from ecid.profiles.vietnam.holder import edition_of
from ecid.profiles.vietnam.identity import expiry
from ecid.profiles.vietnam.number import parse as parse_number
from ecid.profiles.vietnam.scanner import Damage

_ZONE_LENGTHS = (72, 88, 90)


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What a text says, unverified. The ``repr`` shows nothing of it.

    ``scanned`` are the fields as they came, ``repaired`` those that have a name, by identity key;
    ``readings`` are the zones that a misread MRZ may have been.
    """

    kind: str
    """``qr``, ``mrz`` or ``number``."""
    personal_number: str | None = field(default=None, repr=False)
    scanned: tuple[str, ...] = field(default=(), repr=False)
    repaired: Mapping[str, str] = field(default_factory=dict, repr=False)
    extra: tuple[str, ...] = field(default=(), repr=False)
    damage: Damage | None = None
    birth_date: date | None = field(default=None, repr=False)
    issue_date: date | None = field(default=None, repr=False)
    expiry_candidates: tuple[date | None, ...] = field(default=(), repr=False)
    readings: tuple[str, ...] = field(default=(), repr=False)

    @property
    def edition(self) -> str:
        """The layout of the card, ``2021`` or ``2024``, by its date of issue."""
        return edition_of(self.issue_date)

    def to_dict(self) -> dict[str, object]:
        """Return the object that ``ecid qr`` prints (design, section 3)."""
        return {
            "kind": self.kind,
            "personal_number": self.personal_number,
            "fields": {
                "scanned": list(self.scanned),
                "repaired": dict(self.repaired),
                "extra": list(self.extra),
            },
            "damage": None if self.damage is None else self.damage.value,
            "birth_date": days.iso(self.birth_date),
            "issue_date": days.iso(self.issue_date),
            "expiry_candidates": [days.iso(day) for day in self.expiry_candidates],
            "mrz_readings": list(self.readings),
        }


def read(text: str) -> Typed:
    """Return what ``text`` says: an MRZ by its length, else a QR text or a number. Never raises."""
    joined = "".join(text.split())
    if len(joined) in _ZONE_LENGTHS and "<" in joined and "|" not in joined:
        return _from_mrz(text, joined)
    return _from_qr(qr.read(text))


def _from_qr(found: qr.QrText) -> Typed:
    number = None if found.number is None else found.number.digits
    repaired = {
        "personal_number": number,
        "old_id_number": found.old_id_number,
        "full_name": found.full_name,
        "birth_date": days.iso(found.birth_date),
        "sex": found.sex,
        "place_of_residence": found.residence,
        "issue_date": days.iso(found.issue_date),
    }
    return Typed(
        kind="number" if number and not found.damage and len(found.scanned) == 1 else "qr",
        personal_number=number,
        scanned=found.scanned,
        repaired={name: value for name, value in repaired.items() if value},
        extra=found.extra,
        damage=found.damage,
        birth_date=found.birth_date,
        issue_date=found.issue_date,
        expiry_candidates=found.expiry_candidates,
    )


def _from_mrz(text: str, joined: str) -> Typed:
    """Return what the zone says if it is certain; readings of another one are for showing only."""
    certain = confusion.certain(joined, zone.agrees)
    mrz = None if certain is None else _parsed(certain)
    number = None if mrz is None else zone.personal_number(mrz)
    scanned = tuple(text.split())
    if mrz is None or number is None:
        readings = tuple(each for each in confusion.readings(joined) if _may_be(each))
        return Typed(kind="mrz", scanned=scanned, damage=Damage.UNREADABLE, readings=readings)
    today = datetime.now(UTC).date()
    born = _birth_date(mrz, number, today)
    repaired = {"personal_number": number, "birth_date": born, "sex": mrz.sex}
    return Typed(
        kind="mrz",
        personal_number=number,
        scanned=scanned,
        repaired={name: value for name, value in repaired.items() if value},
        birth_date=days.of(born),
        expiry_candidates=_expiry(mrz, today),
        readings=() if certain is None or certain == joined.upper() else (certain,),
    )


def _may_be(reading: str) -> bool:
    """Whether a zone says the same number twice, so that it is worth comparing with the card."""
    mrz = _parsed(reading)
    return mrz is not None and zone.agrees(mrz)


def _birth_date(mrz: Mrz, number: str, today: date) -> str | None:
    """Return the birth date of the zone, in the century that the number gives."""
    born, known = icao.birth_date(mrz, today), parse_number(number)
    if born is None or known is None or known.birth_year % 100 != int(born[2:4]):
        return born
    by_number = days.of(f"{known.birth_year}{born[4:]}")
    # The structure of the number is no law: it may not make an old man of somebody unborn.
    return born if by_number is None or by_number > today else by_number.isoformat()


def _parsed(zone: str) -> Mrz | None:
    try:
        return parse_mrz(zone)
    except EcidError:
        return None


def _expiry(mrz: Mrz, today: date) -> tuple[date | None, ...]:
    try:
        found = expiry(mrz, today)
    except EcidError:
        return ()
    if isinstance(found, NoExpiry):
        return (None,)
    return () if found is None else (found,)
