"""Where each field of a QR text stands, with bars between them and without, after the number."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from ecid.profiles.vietnam.scanner import Damage

#: The fields that have a name, the number among them.
NAMED = 7

_OLD_NUMBER = re.compile(r"(?:[0-9]{9})?", re.ASCII)
_DATE = re.compile(r"[0-9]{8}", re.ASCII)
_CUT_DATE = re.compile(r"[0-9]{1,7}", re.ASCII)
_DATES = re.compile(r"(?<![0-9])[0-9]{8}(?![0-9])", re.ASCII)
_OLD_THEN_NAME = re.compile(r"\W*([0-9]{9})(?![0-9])(.*)", re.DOTALL)
#: The word for a sex, where no bars tell: what is left of ``Nữ`` has no other letter.
_SEX_THEN_PLACE = re.compile(
    r"\W*(nam|nux|nuwx|n[^a-z\s]*)(?![a-z])(.*)", re.DOTALL | re.IGNORECASE
)
#: What may have come in place of a bar.
_BETWEEN = " \t\r\n|;:,~^#!\\/`\u00a6\u00a7"


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The fields behind the number, as they came; empty for what is not there."""

    old_id_number: str = field(default="", repr=False)
    full_name: str = field(default="", repr=False)
    birth_date: str = field(default="", repr=False)
    sex: str = field(default="", repr=False)
    residence: str = field(default="", repr=False)
    issue_date: str = field(default="", repr=False)
    extra: tuple[str, ...] = field(default=(), repr=False)
    damage: Damage | None = None


def by_bars(text: str) -> Layout:
    """Return the fields of ``text``, which begins with the bar behind the number."""
    parts = ["", *(part.strip() for part in text.split("|")[1:])]
    damage = None
    if len(parts) == NAMED and _CUT_DATE.fullmatch(parts[-1]):
        parts[-1], damage = "", Damage.INCOMPLETE
    elif len(parts) == NAMED - 1 and _is_short(parts):
        parts.insert(1, "")
        damage = Damage.INCOMPLETE
    elif len(parts) < NAMED:
        # The last one may have lost its end: half a field is no evidence of anything.
        parts = [*parts[:-1], *[""] * NAMED][:NAMED]
        damage = Damage.INCOMPLETE
    return Layout(
        old_id_number=parts[1],
        full_name=parts[2],
        birth_date=parts[3],
        sex=parts[4],
        residence=parts[5],
        issue_date=parts[6],
        extra=tuple(parts[NAMED:]),
        damage=damage,
    )


def _is_short(parts: list[str]) -> bool:
    """Whether the six fields are the seven without the old number."""
    dates = _DATE.fullmatch(parts[2]) and _DATE.fullmatch(parts[5])
    return bool(dates) and not _OLD_NUMBER.fullmatch(parts[1])


def by_digits(text: str) -> Layout:
    """Return the fields of ``text``, whose bars became other signs: told by exactly two dates."""
    if not text.strip(_BETWEEN):
        return Layout()
    dates = list(_DATES.finditer(text))
    if len(dates) != 2:
        return Layout(damage=Damage.INCOMPLETE)
    birth, issue = dates
    old, name = _split(_OLD_THEN_NAME, text[: birth.start()])
    sex, residence = _split(_SEX_THEN_PLACE, text[birth.end() : issue.start()])
    return Layout(
        old_id_number=old,
        full_name=name.strip(_BETWEEN),
        birth_date=birth[0],
        sex=sex,
        residence=residence.strip(_BETWEEN),
        issue_date=issue[0],
        damage=Damage.REPLACED,
    )


def _split(pattern: re.Pattern[str], text: str) -> tuple[str, str]:
    """Return what ``pattern`` finds at the start and the rest; nothing and ``text`` if nothing."""
    found = pattern.fullmatch(text)
    return ("", text) if found is None else (found[1], found[2])
