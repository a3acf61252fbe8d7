"""The QR code against the chip: which fields speak of somebody else.

Digits are always compared, and what ought to be digits and is not agrees with nothing. Words are
compared one by one, and only those that a scanner destroyed may be any: that is evidence of the
scanner, not of the card.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from ecid.inspection.folding import LOST, folded, words_of
from ecid.inspection.identity import Identity
from ecid.inspection.profile import Contents
from ecid.outcome import Finding, Outcome, Reason, failed, undetermined
from ecid.profiles.vietnam import days, qr
from ecid.profiles.vietnam.crosscheck import transliterate
from ecid.profiles.vietnam.identity import identity
from ecid.profiles.vietnam.places import place

#: A lost word may have been two, where what divided them was lost, or a sign that is no word.
_MOST_LOST = 2
_ISO = len("1990-07-15")


def match_qr(text: str, contents: Contents, at: date) -> Finding:
    """Compare the QR ``text`` with the chip. ``detail`` names differing fields and the damage.

    A number alone says nothing about whose the chip is, since it is what opened it: undetermined.
    """
    scanned = qr.read(text)
    damage = {} if scanned.damage is None else {"damage": scanned.damage.value}
    if scanned.number is None:
        return undetermined(Reason.MALFORMED, **damage)
    chip = identity(contents, at)
    same = _digits(scanned, chip) | _words(scanned, chip)
    if "full_name" in same and place("full_name", contents.files) is None:
        same["full_name"] = _same_in_zone(scanned.full_name, chip.full_name)
    different = [name for name, agrees in same.items() if not agrees]
    if different:
        return failed(Reason.QR_MISMATCH, fields=", ".join(different), **damage)
    if set(same) <= {"personal_number"}:
        return undetermined(Reason.NOTHING_TO_COMPARE, **damage)
    return Finding(Outcome.SUCCESSFUL, None, damage)


def _digits(scanned: qr.QrText, chip: Identity) -> dict[str, bool]:
    """Return whether both sides agree, by field; what one side does not say is left out."""
    same: dict[str, bool] = {}
    if scanned.number is not None and chip.personal_number:
        same["personal_number"] = scanned.number.digits == chip.personal_number
    read = {
        "birth_date": days.iso(scanned.birth_date),
        "issue_date": days.iso(scanned.issue_date),
        "old_id_number": scanned.old_id_number,
        "sex": scanned.sex,
    }
    for name, value in read.items():
        on_chip = getattr(chip, name)
        if name in scanned.raw and on_chip:
            same[name] = _same(name, value, scanned.raw[name], on_chip)
    return same


def _words(scanned: qr.QrText, chip: Identity) -> dict[str, bool]:
    """Return the same for words; where none came through there is nothing to compare."""
    same: dict[str, bool] = {}
    sides = (
        ("full_name", scanned.full_name, chip.full_name),
        ("place_of_residence", scanned.residence, chip.place_of_residence),
    )
    for name, text, on_chip in sides:
        words = words_of(text)
        if set(words) - {LOST} and on_chip:
            same[name] = same_words(words, words_of(on_chip))
    return same


def _same(name: str, value: str | None, raw: str, on_chip: str) -> bool:
    """Compare a field that is no words.

    One that was not understood may be a date with signs in it, or one known in part.
    """
    if folded(name, value or raw) == folded(name, on_chip):
        return True
    known_in_part = value is None and name.endswith("_date") and len(on_chip) < _ISO
    return known_in_part and raw.endswith(on_chip[:4])


def _same_in_zone(scanned: str | None, on_chip: str | None) -> bool:
    """Compare with a name out of the zone, which has no accents."""
    words = [word if word == LOST else transliterate(word) for word in words_of(scanned)]
    return same_words(words, (on_chip or "").split())


def same_words(scanned: Sequence[str], on_chip: Sequence[str]) -> bool:
    """Whether ``scanned`` are the words ``on_chip``, where each ``LOST`` is none, one or two."""
    reached = {0}
    for word in scanned:
        if word == LOST:
            reached = {at + more for at in reached for more in range(_MOST_LOST + 1)}
        else:
            reached = {at + 1 for at in reached if at < len(on_chip) and on_chip[at] == word}
        reached = {at for at in reached if at <= len(on_chip)}
    return len(on_chip) in reached
