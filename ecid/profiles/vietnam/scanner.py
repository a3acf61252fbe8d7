"""What scanners that pretend to be keyboards do to Vietnamese letters, named and undone.

Digits come through whatever happens, letters do not. The shapes are known (public traces of shops
and desks); where the letters can be had back they are, and where they cannot, each word in doubt
becomes ``?``: a person's name is never guessed. The words are shown as unverified until the chip
says them; the keys are made of digits only.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from ecid.profiles.vietnam import doubt, repair
from ecid.profiles.vietnam.repair import UNKNOWN


class Damage(StrEnum):
    """How a text was damaged; each has a page in the catalogue (``damage.<code>``)."""

    UTF8_DECIMALS = "utf8_decimals"
    """Each byte of UTF-8 as four decimal digits: ``Tr022501860167n``."""
    CODE_POINT_DECIMALS = "code_point_decimals"
    """Each letter as its number: ``Tr7847n``."""
    LOW_BYTE = "low_byte"
    """The low byte of each number in an old code page: not to be undone."""
    WRONG_CODE_PAGE = "wrong_code_page"
    """UTF-8 read as Windows-1252 or another code page: ``Tráº§n``."""
    DECOMPOSED = "decomposed"
    """Letters and accents apart (NFD): looks right and is not."""
    ESCAPED = "escaped"
    """HTML entities, percent encoding or escapes of JSON: ``Tr&#7847;n``."""
    INPUT_METHOD = "input_method"
    """An input method rewrote letters on the way: not to be undone."""
    REPLACED = "replaced"
    """Letters or the bars between fields became other signs, or none: ``Tr?n``."""
    INCOMPLETE = "incomplete"
    """The number is there, and some of the seven fields are not."""
    UNREADABLE = "unreadable"
    """There is no personal number at the start of the text."""


@dataclass(frozen=True, slots=True)
class Mended:
    """Texts with their letters, as far as they can be had, and how they were damaged."""

    name: str = field(repr=False)
    others: tuple[str, ...] = field(repr=False)
    damage: Damage | None = None


def mend(name: str, *others: str) -> Mended:
    """Return the texts with their letters repaired, and the damage that was found.

    A name has no digits, so it tells whether letters came as numbers; in an address a house
    number looks the same. What is wrong with one text is undone in all.
    """
    for damage, shows, undo_name, undo in _REVERSIBLE:
        if shows(name, others):
            first = _undone(name, undo_name, damage)
            return Mended(first, tuple(_undone(text, undo, damage) for text in others), damage)
    for damage, shows, doubtful in _IRREVERSIBLE:
        if shows(name, others):
            first, *rest = (_without(text, doubtful) for text in (name, *others))
            return Mended(first, tuple(rest), damage)
    return Mended(name, others)


def _without(text: str, doubtful: Callable[[str], bool]) -> str:
    """Return ``text`` with ``?`` in place of every doubtful word."""

    def kept(word: re.Match[str]) -> str:
        return UNKNOWN if UNKNOWN in word[0] or doubtful(word[0]) else word[0]

    return doubt.WORD.sub(kept, text)


def _undone(text: str, undo: Callable[[str], str | None], damage: Damage) -> str:
    """Return ``text`` as ``undo`` has it; what is still no Vietnamese is given up.

    Where letters came as numbers, the numbers that are left may be letters, too: a word of none
    but such letters looks like a house number.
    """
    found = undo(text)
    if found is None and damage is Damage.WRONG_CODE_PAGE:
        return _without(text, doubt.is_beyond_ascii)
    mended = unicodedata.normalize("NFC", found or text)

    def doubtful(word: str) -> bool:
        number = damage in _BY_NUMBERS and _NUMBER.search(word)
        return bool(number) or any(shows("", (word,)) for _, shows, _ in _IRREVERSIBLE[:3])

    return _without(mended, doubtful)


#: What may be the number of a letter: the least has three digits.
_NUMBER = re.compile(r"[0-9]{3}", re.ASCII)
_BY_NUMBERS = (Damage.UTF8_DECIMALS, Damage.CODE_POINT_DECIMALS)

_Undo = Callable[[str], str | None]
_Shows = Callable[[str, Sequence[str]], bool]


def _shows_code_points(name: str, others: Sequence[str]) -> bool:
    """Whether the name has numbers for letters; other texts alone tell only where all is ASCII."""
    if repair.from_code_points_in_name(name) is not None:
        return True
    whole = all(text.isascii() for text in (name, *others))
    return whole and any(map(repair.shows_code_points, others))


def _row(damage: Damage, undo: _Undo) -> tuple[Damage, _Shows, _Undo, _Undo]:
    """Return a row of the table below for damage that looks the same in every text."""

    def shows(name: str, others: Sequence[str]) -> bool:
        return any(undo(text) is not None for text in (name, *others))

    return damage, shows, undo, undo


#: Damage, what shows it, how it is undone in a name, how in other texts.
_REVERSIBLE: tuple[tuple[Damage, _Shows, _Undo, _Undo], ...] = (
    # Escapes are made of numbers, and bytes in decimals of digits that look like letters' numbers.
    _row(Damage.ESCAPED, repair.unescaped),
    _row(Damage.UTF8_DECIMALS, repair.from_utf8_decimals),
    (
        Damage.CODE_POINT_DECIMALS,
        _shows_code_points,
        repair.from_code_points_in_name,
        repair.from_code_points,
    ),
    _row(Damage.WRONG_CODE_PAGE, repair.from_wrong_code_page),
    _row(Damage.DECOMPOSED, repair.composed),
)

REVERSIBLE = frozenset(damage for damage, *_ in _REVERSIBLE)
"""Damage whose letters can be had back; a word that cannot is ``?`` all the same."""

_IRREVERSIBLE: tuple[tuple[Damage, _Shows, Callable[[str], bool]], ...] = (
    (Damage.WRONG_CODE_PAGE, doubt.shows_lost_letters, doubt.is_beyond_ascii),
    (Damage.LOW_BYTE, doubt.shows_low_bytes, doubt.may_be_low_bytes),
    (Damage.INPUT_METHOD, doubt.shows_input_method, doubt.whatever),
    (Damage.REPLACED, doubt.shows_swallowed_letters, doubt.whatever),
    (Damage.REPLACED, doubt.shows_question_marks, doubt.nothing),
)
