"""How texts of people are compared: what counts is what they say, not how it was typed.

One folding for everything that is laid beside a chip, so that two checks never disagree about the
same words. Accents count; capitals, spacing, punctuation, invisible characters and the two
spellings of a tone do not.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

NO_EXPIRY: Final = "no expiry"

_NUMBERS: Final = frozenset(
    {"personal_number", "old_id_number", "document_number", "chip_identifier"}
)
_SEXES: Final = {"nam": "male", "m": "male", "nữ": "female", "f": "female"}
_NO_EXPIRY: Final = frozenset({"không thời hạn", NO_EXPIRY})
_DAY_FIRST: Final = re.compile(r"([0-9]{1,2})([/.-])([0-9]{1,2})\2([0-9]{4})", re.ASCII)

#: The letter with a stroke has two doubles that look the same and are other letters.
_STROKES: Final = str.maketrans({"\u00f0": "đ", "\u0256": "đ"})
#: ``hoà`` and ``hòa``, ``khoẻ`` and ``khỏe``, ``thuý`` and ``thúy``: one word in two spellings.
_TONE = "[\u0300\u0301\u0303\u0309\u0323]"
_EARLY_TONE: Final = re.compile(f"(o)({_TONE})([ae])|(u)({_TONE})(y)")
#: What stands between words; any other sign is left out, the sign for a lost word is kept.
_BETWEEN: Final = frozenset(",.;:|/-_")
LOST: Final = "?"
"""Stands for a word that a scanner destroyed."""


def folded(key: str, text: str | None) -> str:
    """Return what ``text`` says as the value of the identity key ``key``; empty for nothing."""
    if key.endswith("_date"):
        return _day(text or "")
    if key in _NUMBERS:
        return "".join(_seen(text or "").casefold().split())
    words = " ".join(words_of(text))
    return _SEXES.get(words, words) if key == "sex" else words


def says_no_expiry(text: str | None) -> bool:
    """Whether ``text``, where a date of expiry is wanted, says that there is none."""
    return " ".join(words_of(text)) in _NO_EXPIRY


def words_of(text: str | None) -> tuple[str, ...]:
    """Return the words of ``text``, folded; ``LOST`` is one."""
    plain = "".join(map(_kept, _seen(text or "").casefold().translate(_STROKES)))
    plain = _EARLY_TONE.sub(_later, unicodedata.normalize("NFD", plain))
    return tuple(unicodedata.normalize("NFC", plain).split())


def _kept(character: str) -> str:
    if character.isalnum() or character.isspace() or character == LOST:
        return character
    # A letter without a composed form keeps its accents.
    if unicodedata.category(character).startswith("M"):
        return character
    return " " if character in _BETWEEN else ""


def _later(found: re.Match[str]) -> str:
    first, tone, second = (part for part in found.groups() if part)
    return first + second + tone


def _seen(text: str) -> str:
    """Return ``text`` composed and without characters that nobody sees."""
    return unicodedata.normalize("NFC", "".join(c for c in text if unicodedata.category(c) != "Cf"))


def _day(text: str) -> str:
    """Return a date in ISO 8601, however it was typed, day first; other words as words."""
    words = "".join(_seen(text).split())
    matched = _DAY_FIRST.fullmatch(words)
    if matched:
        return f"{matched[4]}-{int(matched[3]):02d}-{int(matched[1]):02d}"
    return NO_EXPIRY if says_no_expiry(text) else words.casefold()
