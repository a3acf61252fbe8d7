"""The letters of Vietnamese, and which texts consist of them."""

from __future__ import annotations

import unicodedata
from typing import Final

LETTERS: Final = "àáâãèéêìíòóôõùúýăđĩũơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ"
"""The letters of Vietnamese that ASCII lacks, lower case."""

ALL: Final = frozenset(LETTERS + LETTERS.upper())
TONES: Final = frozenset("\u0300\u0301\u0303\u0309\u0323")
_VOWELS: Final = frozenset("aeiouy")


def is_vietnamese(text: str) -> bool:
    """Whether every letter beyond ASCII is one of Vietnamese, and there is one."""
    beyond = {c for c in unicodedata.normalize("NFC", text) if not c.isascii()}
    return bool(beyond) and beyond <= ALL


def has_vowel(word: str) -> bool:
    """Whether there is a vowel in ``word``, whatever its accents."""
    return any(c in _VOWELS for c in unicodedata.normalize("NFD", word.casefold()))


def starts_with_vowel(word: str) -> bool:
    """Whether ``word`` begins with a vowel of ASCII."""
    return word[:1].casefold() in _VOWELS
