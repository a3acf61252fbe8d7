"""The QR code of the Vietnamese card: seven fields in 2021, eleven and more since 2024.

    number|old number|name|ddMMyyyy|sex|residence|ddMMyyyy

Scanners damage letters, keyboards damage the bars between the fields, so digits are what the
text is read by: the twelve it begins with, perhaps nine, and two dates. **Only digits are used
for keys**; words are shown as unverified until the chip says them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from ecid.profiles.vietnam import validity
from ecid.profiles.vietnam.number import PersonalNumber, parse
from ecid.profiles.vietnam.qr_layout import Layout, by_bars, by_digits
from ecid.profiles.vietnam.repair import unescaped
from ecid.profiles.vietnam.scanner import Damage, mend

#: A QR code holds under three kilobytes.
MAX_LENGTH = 4096

#: At the start, in one piece or in threes. A number elsewhere is somebody else's, and one that
#: touches letters has lost a digit or won one.
_NUMBER = re.compile(r"([0-9]{12}|[0-9]{3}(?: [0-9]{3}){3})(?!\w)(?! [0-9]{3}(?![0-9]))")
_DATE = re.compile(r"[0-9]{8}", re.ASCII)
_OLD_NUMBER = re.compile(r"[0-9]{9}", re.ASCII)
_HALVES = re.compile("[\ud800-\udfff]")
_FIRST_YEAR = 1900


@dataclass(frozen=True, slots=True, kw_only=True)
class QrText:
    """What the text of a QR code says; what is not there is None. The ``repr`` shows nothing.

    ``scanned`` are the fields as they came, ``extra`` those beyond the seventh, raw; ``raw`` are
    those that are no words, by identity key, whether they could be read or not. Words with ``?``
    in them could not be had back.
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
    raw: Mapping[str, str] = field(default_factory=dict, repr=False)
    damage: Damage | None = None

    @property
    def expiry_candidates(self) -> tuple[date | None, ...]:
        """Dates of expiry the card may carry, the likeliest first; empty without both dates."""
        if self.birth_date is None or self.issue_date is None:
            return ()
        return validity.expiry_candidates(self.birth_date, self.issue_date)


def read(text: str) -> QrText:
    """Return what ``text``, as a scanner gives it, says. Never raises.

    Without a personal number at its start the damage is ``unreadable``; a number alone is read,
    too.
    """
    # Bytes that are no UTF-8 come from a command line as halves of letters.
    whole = _HALVES.sub("\ufffd", text[:MAX_LENGTH]).lstrip("\ufeff").strip()
    scanned = tuple(part.strip() for part in whole.split("|"))
    found = _NUMBER.match(whole)
    if found is None or ("|" in whole and found[0] != scanned[0]):
        return QrText(damage=Damage.UNREADABLE, scanned=scanned)
    # Software that escapes letters escapes the bars as well.
    plain = None if "|" in whole else unescaped(whole)
    escaped = None if plain is None or "|" not in plain else Damage.ESCAPED
    rest = (plain if escaped and plain else whole)[found.end() :]
    layout = by_bars(rest) if "|" in rest else by_digits(rest)
    return _read(found[1].replace(" ", ""), layout, scanned, escaped)


def _read(number: str, layout: Layout, scanned: tuple[str, ...], escaped: Damage | None) -> QrText:
    mended = mend(layout.full_name, layout.sex, layout.residence)
    birth, issue = _in_order(_day(layout.birth_date), _day(layout.issue_date))
    raw = {
        "old_id_number": layout.old_id_number,
        "birth_date": layout.birth_date,
        "sex": layout.sex,
        "issue_date": layout.issue_date,
    }
    return QrText(
        number=parse(number),
        old_id_number=_old_number(layout.old_id_number),
        full_name=mended.name or None,
        birth_date=birth,
        sex=_sex(layout.sex),
        residence=mended.others[1] or None,
        issue_date=issue,
        extra=layout.extra,
        scanned=scanned,
        raw={key: text for key, text in raw.items() if text},
        damage=escaped or mended.damage or layout.damage,
    )


def _day(text: str) -> date | None:
    """Return the day of ``ddMMyyyy``; before 1900 nobody was born who has a card."""
    if not _DATE.fullmatch(text):
        return None
    try:
        found = date(int(text[4:]), int(text[2:4]), int(text[:2]))
    except ValueError:
        return None
    return found if found.year >= _FIRST_YEAR else None


def _in_order(birth: date | None, issue: date | None) -> tuple[date | None, date | None]:
    """Return both dates, or neither if the card would be older than its holder."""
    return (None, None) if birth and issue and issue < birth else (birth, issue)


def _old_number(text: str) -> str | None:
    digits = "".join(text.split())
    return digits if _OLD_NUMBER.fullmatch(digits) else None


def _sex(text: str) -> str | None:
    """Return the sex: ``Nam`` is ASCII, and of ``Nữ`` the N comes through whatever happens."""
    folded = text.casefold()
    if folded == "nam":
        return "male"
    return "female" if folded.startswith("n") and not folded.startswith("na") else None
