"""Damage that can be undone: each function returns the text, or None where it is not so damaged."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable
from urllib.parse import unquote

from ecid.profiles.vietnam.letters import ALL, is_vietnamese

UNKNOWN = "?"
"""Stands for a word that cannot be had back."""

_UTF8_RUN = re.compile(r"(?:0(?:1[2-9]\d|2[0-4]\d|25[0-5]))+", re.ASCII)
#: A syllable has three vowels at most, so longer runs are no letters.
_DIGITS = re.compile(r"(?<![0-9])[0-9]{3,16}(?![0-9])", re.ASCII)
#: Digits in the middle of a word, or after the consonants that a word begins with: ``Ph250``.
_INSIDE = re.compile(r"(?<=[A-Za-z])[0-9]{3,16}(?=[a-z])")
_AFTER_ONSET = re.compile(r"\b(?:[PpTtCcNnGgKk]h|[Tt]r|[Nn]gh?)([0-9]{3,16})\b", re.ASCII)
_ALONE = re.compile(r"[A-Za-z]([0-9]{4})", re.ASCII)
#: Halves of letters beyond the first plane are left: no letter of Vietnamese is there.
_ESCAPE = re.compile(r"\\u(?![dD][89a-fA-F])([0-9A-Fa-f]{4})")


def from_utf8_decimals(text: str) -> str | None:
    """Read runs of four-digit bytes; one that is no UTF-8, or no Vietnamese, is left alone."""

    def letters(run: re.Match[str]) -> str:
        octets = bytes(int(run[0][at : at + 4]) for at in range(0, len(run[0]), 4))
        try:
            found = octets.decode()
        except UnicodeDecodeError:
            return run[0]
        return found if set(unicodedata.normalize("NFC", found)) <= ALL else run[0]

    return _changed(text, _UTF8_RUN.sub(letters, text))


def from_code_points(text: str) -> str | None:
    """Read numbers of Vietnamese letters inside words: ``Tr7847n``. House numbers stay: 225A.

    Of digits that can be read in two ways nothing is made but ``?``.
    """

    def letters(run: re.Match[str]) -> str:
        before, after = text[max(0, run.start() - 1) : run.start()], text[run.end() :][:1]
        return _letters(run[0]) if before.isalpha() or after.islower() else run[0]

    return _changed(text, _DIGITS.sub(letters, text))


def from_code_points_in_name(text: str) -> str | None:
    """Read every number of Vietnamese letters: a name has no house number. ``Lan 221``."""
    return _changed(text, _DIGITS.sub(lambda run: _letters(run[0]), text))


def shows_code_points(text: str) -> bool:
    """Whether a text other than a name shows that its letters came as numbers: ``Ph250``.

    A letter before digits may be a house, unless it is all there is, as where a sex stands.
    """
    alone = _ALONE.fullmatch(text)
    runs = [alone[1]] if alone else [*_INSIDE.findall(text), *_AFTER_ONSET.findall(text)]
    return any(map(_readings, runs))


def _letters(digits: str) -> str:
    readings = _readings(digits)
    return readings[0] if len(readings) == 1 else UNKNOWN if readings else digits


def _readings(digits: str) -> list[str]:
    """Return every way to read ``digits`` as numbers of Vietnamese letters, side by side."""
    readings: dict[int, list[str]] = {0: [""]}
    for end in range(1, len(digits) + 1):
        readings[end] = [
            before + chr(int(digits[end - size : end]))
            for size in (3, 4)
            for before in readings.get(end - size, [])
            if chr(int(digits[end - size : end])) in ALL
        ]
    return readings[len(digits)]


def _windows_1252(text: str) -> bytes:
    """Return the bytes of ``text``; those that the code page leaves out stand for themselves."""
    return b"".join(c.encode("latin-1" if "\x80" <= c <= "\x9f" else "cp1252") for c in text)


_CODE_PAGES: tuple[Callable[[str], bytes], ...] = (
    _windows_1252,
    lambda text: text.encode("cp437"),
    lambda text: text.encode("cp850"),
    lambda text: text.encode("cp1258"),
    lambda text: text.encode("mac_roman"),
)


def from_wrong_code_page(text: str) -> str | None:
    """Write the text in the code page it was read with, and read it as UTF-8."""
    if text.isascii():
        return None
    for encode in _CODE_PAGES:
        try:
            found = encode(text).decode()
        except UnicodeError:
            continue
        if found != text and is_vietnamese(found):
            return found
    return None


def composed(text: str) -> str | None:
    """Put letters and accents together."""
    return _changed(text, unicodedata.normalize("NFC", text))


def unescaped(text: str) -> str | None:
    """Undo HTML entities, percent codes, or the escapes of JSON."""
    if "\\u" in text:
        return _changed(text, _ESCAPE.sub(lambda code: chr(int(code[1], 16)), text))
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
