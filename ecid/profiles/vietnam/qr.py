"""The QR code of the Vietnamese card: seven fields in 2021, eleven and more since 2024.

    number|old number|name|ddMMyyyy|sex|residence|ddMMyyyy

Scanners damage letters, keyboards damage the bars between the fields, so digits are what the
text is read by: twelve, perhaps nine, and two dates. **Only digits are used for keys**; words
are shown as unverified until the chip says them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date

from ecid.profiles.vietnam import validity
from ecid.profiles.vietnam.number import PersonalNumber, parse
from ecid.profiles.vietnam.scanner import Damage, mend, unescaped

#: A QR code holds under three kilobytes.
MAX_LENGTH = 4096

_NUMBER = re.compile(r"(?<![0-9])([0-9]{12})(?![0-9])", re.ASCII)
_DATE = re.compile(r"(?<![0-9])([0-9]{8})(?![0-9])", re.ASCII)
_OLD_NUMBER = re.compile(r"[0-9]{9}", re.ASCII)
_NAMED = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class QrText:
    """What the text of a QR code says; what is not there is None. The ``repr`` shows nothing.

    ``scanned`` are the fields as they came, ``extra`` those beyond the seventh, raw. Words with
    ``?`` in them could not be had back.
    """

    number: PersonalNumber | None = field(default=None, repr=False)
    old_id_number: str | None = field(default=None, repr=False)
    full_name: str | None = field(default=None, repr=False)
    birth_date: date | None = field(default=None, repr=False)
    sex: str | None = field(default=None, repr=False)
    """``male`` or ``female``."""
    residence: str | None = field(default=None, repr=False)
    issue_date: date | None = field(default=None, repr=False)
    extra: tuple[str, ...] = field(default=(), repr=False)
    scanned: tuple[str, ...] = field(default=(), repr=False)
    damage: Damage | None = None

    @property
    def expiry_candidates(self) -> tuple[date | None, ...]:
        """Dates of expiry the card may carry, the likeliest first; empty without both dates."""
        if self.birth_date is None or self.issue_date is None:
            return ()
        return validity.expiry_candidates(self.birth_date, self.issue_date)


def read(text: str) -> QrText:
    """Return what ``text``, as a scanner gives it, says. Never raises.

    Without a personal number the damage is ``unreadable``; a number alone is read, too.
    """
    whole = text[:MAX_LENGTH].lstrip("\ufeff").strip()
    found = _NUMBER.search(whole)
    if found is None:
        return QrText(damage=Damage.UNREADABLE, scanned=tuple(whole.split("|")))
    # Software that escapes letters escapes the bars as well.
    plain = None if "|" in whole else unescaped(whole)
    scanned, parts = _parts(whole), _parts(plain or whole)
    if len(parts) >= _NAMED and parts[0] == found[1]:
        return _by_bars(parts, found[1], scanned, None if plain is None else Damage.ESCAPED)
    return _by_digits(whole, found[1], scanned)


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split("|"))


def _by_bars(
    parts: tuple[str, ...], number: str, scanned: tuple[str, ...], damage: Damage | None
) -> QrText:
    mended = mend(parts[2], parts[5], parts[4])
    residence = mended.others[0]
    return QrText(
        number=parse(number),
        old_id_number=parts[1] if _OLD_NUMBER.fullmatch(parts[1]) else None,
        full_name=mended.name or None,
        birth_date=_day(parts[3]),
        sex=_sex(parts[4]),
        residence=residence or None,
        issue_date=_day(parts[6]),
        extra=parts[_NAMED:],
        scanned=scanned,
        damage=damage or mended.damage,
    )


def _by_digits(whole: str, number: str, parts: tuple[str, ...]) -> QrText:
    """Read a text whose bars are gone: the number, and the first and last of the dates in it."""
    rest = whole.replace(number, "", 1)
    days = [day for day in map(_day, _DATE.findall(rest)) if day is not None]
    return QrText(
        number=parse(number),
        birth_date=days[0] if days else None,
        issue_date=days[-1] if len(days) > 1 else None,
        scanned=parts,
        damage=None if not rest.strip(" |") else Damage.INPUT_METHOD,
    )


def _day(text: str) -> date | None:
    if not _DATE.fullmatch(text):
        return None
    try:
        return date(int(text[4:]), int(text[2:4]), int(text[:2]))
    except ValueError:
        return None


def _sex(text: str) -> str | None:
    """Return the sex: ``Nam`` is ASCII, and of ``Nữ`` the N comes through whatever happens."""
    folded = text.casefold()
    if folded == "nam":
        return "male"
    return "female" if folded.startswith("n") and not folded.startswith("na") else None
