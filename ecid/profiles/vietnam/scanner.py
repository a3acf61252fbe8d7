"""What scanners that pretend to be keyboards do to Vietnamese letters, named and undone.

Digits come through whatever happens, letters do not. Seven shapes are known (public traces of
shops and desks); where the letters can be had back they are, and where they cannot, each word in
doubt becomes ``?``: a person's name is never guessed. The words are shown as unverified until the
chip says them; the keys are made of digits only.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import unquote

LETTERS = "àáâãèéêìíòóôõùúýăđĩũơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ"
"""The letters of Vietnamese that ASCII lacks, lower case."""

_ALL = frozenset(LETTERS + LETTERS.upper())
UNKNOWN = "?"


class Damage(StrEnum):
    """How letters were damaged; each has a page in the catalogue (``damage.<code>``)."""

    UTF8_DECIMALS = "utf8_decimals"
    """Each byte of UTF-8 as four decimal digits: ``Tr022501860167n``."""
    CODE_POINT_DECIMALS = "code_point_decimals"
    """Each letter as its number: ``Tr7847n``."""
    LOW_BYTE = "low_byte"
    """The low byte of each number in an old code page: not to be undone."""
    WRONG_CODE_PAGE = "wrong_code_page"
    """UTF-8 read as Windows-1252 or code page 437: ``Tráº§n``."""
    DECOMPOSED = "decomposed"
    """Letters and accents apart (NFD): looks right and is not."""
    ESCAPED = "escaped"
    """HTML entities or percent encoding: ``Tr&#7847;n``."""
    INPUT_METHOD = "input_method"
    """An input method rewrote letters on the way: not to be undone."""
    UNREADABLE = "unreadable"
    """There is no personal number in the text."""


@dataclass(frozen=True, slots=True)
class Mended:
    """Texts with their letters, as far as they can be had, and how they were damaged."""

    name: str = field(repr=False)
    others: tuple[str, ...] = field(repr=False)
    damage: Damage | None = None


def mend(name: str, *others: str) -> Mended:
    """Return the texts with their letters repaired, and the damage that was found.

    A name has no digits, so it tells whether letters came as numbers; in an address a house
    number looks the same. What is wrong with the name is undone in the ``others``.
    """
    texts = (name, *others)
    for damage, undo in _REVERSIBLE:
        looked_at = (name,) if damage in _BY_NUMBERS else texts
        if any(undo(text) is not None for text in looked_at):
            first, *rest = (_undone(text, undo, damage) for text in texts)
            return Mended(first, tuple(rest), damage)
    for damage, shows, doubtful in _IRREVERSIBLE:
        if any(shows(word) for text in texts for word in _WORD.findall(text)):
            first, *rest = (_without(text, doubtful) for text in texts)
            return Mended(first, tuple(rest), damage)
    return Mended(name, others)


#: Not at a no-break space, which is half of a letter in the wrong code page.
_WORD = re.compile(r"[^ \t\r\n,.;:|/()\-]+")


def _without(text: str, doubtful: Callable[[str], bool]) -> str:
    """Return ``text`` with ``?`` in place of every doubtful word."""
    return _WORD.sub(lambda word: UNKNOWN if doubtful(word[0]) else word[0], text)


def _undone(text: str, undo: Callable[[str], str | None], damage: Damage) -> str:
    """Return ``text`` as ``undo`` has it; what is still no Vietnamese is given up.

    Where letters came as numbers, the numbers that are left may be letters, too: a word of none
    but such letters looks like a house number.
    """
    found = undo(text)
    if found is None and damage is Damage.WRONG_CODE_PAGE:
        return _without(text, lambda word: not word.isascii())
    mended = unicodedata.normalize("NFC", found or text)

    def doubtful(word: str) -> bool:
        number = damage in _BY_NUMBERS and _NUMBER.search(word)
        return bool(number) or UNKNOWN in word or any(shows(word) for _, shows, _ in _IRREVERSIBLE)

    return _without(mended, doubtful)


# What can be undone: each returns the text, or None where it is not damaged in this way.

_UTF8_RUN = re.compile(r"(?:0(?:1[2-9]\d|2[0-4]\d|25[0-5]))+", re.ASCII)
#: What may be the number of a letter: the least has three digits.
_NUMBER = re.compile(r"[0-9]{3}", re.ASCII)
#: A syllable has three vowels at most, so longer runs are no letters.
_DIGITS = re.compile(r"(?<![0-9])[0-9]{3,16}(?![0-9])", re.ASCII)
_BY_NUMBERS = (Damage.UTF8_DECIMALS, Damage.CODE_POINT_DECIMALS)


def _from_utf8_decimals(text: str) -> str | None:
    """Read runs of four-digit bytes; one that is no UTF-8, or no Vietnamese, is left alone."""

    def letters(run: re.Match[str]) -> str:
        octets = bytes(int(run[0][at : at + 4]) for at in range(0, len(run[0]), 4))
        try:
            found = octets.decode()
        except UnicodeDecodeError:
            return run[0]
        return found if set(unicodedata.normalize("NFC", found)) <= _ALL else run[0]

    return _changed(text, _UTF8_RUN.sub(letters, text))


def _from_code_points(text: str) -> str | None:
    """Read numbers of Vietnamese letters inside words: ``Tr7847n``. House numbers stay: 225A.

    Of digits that can be read in two ways nothing is made but ``?``.
    """

    def letters(run: re.Match[str]) -> str:
        before, after = text[max(0, run.start() - 1) : run.start()], text[run.end() :][:1]
        if not (before.isalpha() or after.islower()):
            return run[0]
        readings = _readings(run[0])
        return readings[0] if len(readings) == 1 else UNKNOWN if readings else run[0]

    return _changed(text, _DIGITS.sub(letters, text))


def _readings(digits: str) -> list[str]:
    """Return every way to read ``digits`` as numbers of Vietnamese letters, side by side."""
    readings: dict[int, list[str]] = {0: [""]}
    for end in range(1, len(digits) + 1):
        readings[end] = [
            before + chr(int(digits[end - size : end]))
            for size in (3, 4)
            for before in readings.get(end - size, [])
            if chr(int(digits[end - size : end])) in _ALL
        ]
    return readings[len(digits)]


def _from_wrong_code_page(text: str) -> str | None:
    """Write the text in the code page it was read with, and read it as UTF-8."""
    if text.isascii():
        return None
    for encode in (_windows_1252, lambda whole: whole.encode("cp437")):
        try:
            found = encode(text).decode()
        except UnicodeError:
            continue
        if found != text and _is_vietnamese(found):
            return found
    return None


def _windows_1252(text: str) -> bytes:
    """Return the bytes of ``text``; those that the code page leaves out stand for themselves."""
    return b"".join(c.encode("latin-1" if "\x80" <= c <= "\x9f" else "cp1252") for c in text)


def _composed(text: str) -> str | None:
    return _changed(text, unicodedata.normalize("NFC", text))


def unescaped(text: str) -> str | None:
    """Return ``text`` without HTML entities or percent codes, None where it has none."""
    if "&" in text and ";" in text:
        return _changed(text, html.unescape(text))
    if "%" in text:
        try:
            return _changed(text, unquote(text, errors="strict"))
        except UnicodeDecodeError:
            return None
    return None


def _changed(before: str, after: str) -> str | None:
    return after if after != before else None


def _is_vietnamese(text: str) -> bool:
    """Whether every letter beyond ASCII is one of Vietnamese, and there is one."""
    beyond = {c for c in unicodedata.normalize("NFC", text) if not c.isascii()}
    return bool(beyond) and beyond <= _ALL


_REVERSIBLE: tuple[tuple[Damage, Callable[[str], str | None]], ...] = (
    (Damage.UTF8_DECIMALS, _from_utf8_decimals),
    (Damage.CODE_POINT_DECIMALS, _from_code_points),
    (Damage.ESCAPED, unescaped),
    (Damage.WRONG_CODE_PAGE, _from_wrong_code_page),
    (Damage.DECOMPOSED, _composed),
)

REVERSIBLE = frozenset(damage for damage, _ in _REVERSIBLE)
"""Damage whose letters can be had back; a word that cannot is ``?`` all the same."""


# What cannot be undone: what shows it in one word, and which words it then puts in doubt.

_TONES = {"\u0300", "\u0301", "\u0303", "\u0309", "\u0323"}
_FOREIGN = re.compile(r"[fjwz]", re.IGNORECASE)
_DIGIT_INSIDE = re.compile(r"[^\W\d_]\d|\d[^\W\d_]")


#: What code page 437 shows for a byte beyond ASCII, and Vietnamese does not have.
_CODE_PAGE_SIGNS = frozenset(bytes(range(0x80, 0x100)).decode("cp437")) - _ALL
#: Low bytes of Vietnamese letters that are ASCII: of Ĩ, ĩ, Ũ, ũ, and of Ă, ă, Đ, đ.
_LOW_ASCII, _LOW_CONTROLS = frozenset("()hi"), frozenset("\x02\x03\x10\x11")


def _has_foreign_signs(word: str) -> bool:
    """Whether a sign of the old code page stands between letters, as in no Vietnamese text."""
    found = any(c in _CODE_PAGE_SIGNS or c in _LOW_CONTROLS for c in word)
    return found and any(c.isalpha() and c.isascii() for c in word)


def _may_be_low_bytes(word: str) -> bool:
    """Whether a letter of the word may be the low byte of another one."""
    return any(not c.isascii() or c in _LOW_ASCII or c in _LOW_CONTROLS for c in word)


def _whatever(_: str) -> bool:
    """Return True: an input method leaves no word beyond doubt, whole though it may look."""
    return True


def _is_no_syllable(word: str) -> bool:
    """Whether an input method has been at the word: two tones, or its keys left behind.

    House numbers such as 12A and codes in capitals are left alone.
    """
    tones = sum(c in _TONES for c in unicodedata.normalize("NFD", word))
    if tones > 1:
        return True
    letters = [c for c in word if c.isalpha()]
    if not letters or all(c.isupper() for c in letters):
        return False
    marked = any(c in _ALL for c in word)
    return marked and bool(_FOREIGN.search(word) or _DIGIT_INSIDE.search(word))


def _has_lost_letters(word: str) -> bool:
    """Whether somebody put the sign for what could not be read in place of a letter."""
    return "\ufffd" in word or _MOJIBAKE.search(word) is not None


#: UTF-8 of Vietnamese letters as Windows-1252 shows it.
_MOJIBAKE = re.compile("á[º»]|Ã[^a-zA-ZÀ-ỹ]|Æ[°¡]|Ä[‘]|â\u20ac")

_Judge = Callable[[str], bool]
_IRREVERSIBLE: tuple[tuple[Damage, _Judge, _Judge], ...] = (
    (Damage.WRONG_CODE_PAGE, _has_lost_letters, lambda word: not word.isascii()),
    (Damage.LOW_BYTE, _has_foreign_signs, _may_be_low_bytes),
    (Damage.INPUT_METHOD, _is_no_syllable, _whatever),
)
