"""The QR code against the chip: which fields speak of somebody else.

Digits are always compared. Words are compared only where all their letters came through or could
be had back: what a scanner destroyed is evidence of the scanner, not of the card.
"""

from __future__ import annotations

import unicodedata
from datetime import date

from ecid.inspection.identity import Identity
from ecid.inspection.profile import Contents
from ecid.outcome import Finding, Outcome, Reason, failed, undetermined
from ecid.profiles.vietnam import days, qr
from ecid.profiles.vietnam.identity import identity
from ecid.profiles.vietnam.scanner import REVERSIBLE, UNKNOWN


def match_qr(text: str, contents: Contents, at: date) -> Finding:
    """Compare the QR ``text`` with the chip. ``detail`` names differing fields and the damage."""
    scanned = qr.read(text)
    damage = {} if scanned.damage is None else {"damage": scanned.damage.value}
    if scanned.number is None:
        return undetermined(Reason.MALFORMED, **damage)
    different = _different(scanned, identity(contents, at))
    if different:
        return failed(Reason.QR_MISMATCH, fields=", ".join(different), **damage)
    return Finding(Outcome.SUCCESSFUL, None, damage)


def _different(scanned: qr.QrText, chip: Identity) -> list[str]:
    sides = {
        "personal_number": (scanned.number and scanned.number.digits, chip.personal_number),
        "birth_date": (days.iso(scanned.birth_date), chip.birth_date),
        "issue_date": (days.iso(scanned.issue_date), chip.issue_date),
        "old_id_number": (scanned.old_id_number, chip.old_id_number),
        "sex": (scanned.sex, chip.sex),
    }
    if scanned.damage is None or scanned.damage in REVERSIBLE:
        sides["full_name"] = (_words(scanned.full_name), _words(chip.full_name))
        sides["place_of_residence"] = (
            _words(scanned.residence),
            _words(chip.place_of_residence),
        )
    # What one side does not say contradicts nothing.
    return [name for name, (one, other) in sides.items() if one and other and one != other]


def _words(text: str | None) -> str | None:
    """Return the words of ``text`` without case and punctuation; None if one was destroyed."""
    if text is None or UNKNOWN in text:
        return None
    plain = unicodedata.normalize("NFC", text).casefold()
    return " ".join("".join(c if c.isalnum() else " " for c in plain).split())
