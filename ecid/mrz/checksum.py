"""The 7-3-1 check digit (Doc 9303-3 §4.9)."""

from __future__ import annotations

import re

from ecid.errors import MalformedData

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_VALUES = {character: value for value, character in enumerate(_ALPHABET)} | {"<": 0}
_ALLOWED = re.compile(r"[0-9A-Z<]*", re.ASCII)
_WEIGHTS = (7, 3, 1)


def check_digit(text: str) -> str:
    """Return the check digit of ``text`` ("0" to "9").

    Raises ``MalformedData("MRZ", "charset")`` for anything but A to Z, 0 to 9 and ``<``.
    """
    if not _ALLOWED.fullmatch(text):
        raise MalformedData("MRZ", "charset")
    total = sum(_VALUES[letter] * _WEIGHTS[place % 3] for place, letter in enumerate(text))
    return str(total % 10)
