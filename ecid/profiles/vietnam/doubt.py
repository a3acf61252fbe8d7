"""Damage that cannot be undone: what shows it, and which words it then puts in doubt."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from ecid.profiles.vietnam.letters import ALL, TONES, has_vowel, starts_with_vowel

#: Not at a no-break space, which is half of a letter in the wrong code page; not at brackets,
#: which are the low bytes of two letters.
WORD = re.compile(r"[^ \t\r\n,.;:|/\-]+")

_FOREIGN = re.compile(r"[fjwz]", re.IGNORECASE)
_DIGIT_INSIDE = re.compile(r"[^\W\d_]\d|\d[^\W\d_]")
#: Keys of Telex that no Vietnamese word has, or not at its end.
_TELEX = re.compile(r"[fjw]|dd|aa|ee|oo|[aeiouy](?:ng|nh|ch|[nmtpc])?[srx]$", re.IGNORECASE)
_TWO = 2
#: The keys of ``Nữ``, and the keys of VNI in an address.
_SEX_KEYS = re.compile(r"n[uw][a-z0-9]*", re.IGNORECASE)
_VNI = re.compile(r"[a-z][1-9]")

#: What code page 437 shows for a byte beyond ASCII, and Vietnamese does not have.
_CODE_PAGE_SIGNS = frozenset(bytes(range(0x80, 0xFF)).decode("cp437")) - ALL
#: Low bytes of Vietnamese letters that are ASCII: of Ĩ, ĩ, Ũ, ũ; of Ă, ă, Đ, đ as they are, and
#: as Windows shows them.
_LOW_ASCII, _LOW_CONTROLS = frozenset("()hi"), frozenset("\x02\x03\x10\x11☻♥►◄")

#: Code page 437 has small letters at the low bytes of capitals: ``MáC``.
_SMALL_AMONG_CAPITALS = re.compile("[à-ý](?=[A-Z])")

#: UTF-8 of Vietnamese letters as Windows-1252 shows it.
_MOJIBAKE = re.compile("á[º»]|Ã[^a-zA-ZÀ-ỹ]|Æ[°¡]|Ä[‘]|â\u20ac")


def shows_lost_letters(name: str, others: Sequence[str]) -> bool:
    """Whether a decoder put its sign in place of a letter."""
    return any("\ufffd" in text or _MOJIBAKE.search(text) for text in (name, *others))


def is_beyond_ascii(word: str) -> bool:
    """Whether the word has a letter that a wrong code page may have changed."""
    return not word.isascii()


def shows_low_bytes(name: str, others: Sequence[str]) -> bool:
    """Whether a sign of the old code page stands between letters, or a bracket in the name."""
    return any(map(_has_foreign_signs, _words(name, *others))) or bool({"(", ")"} & set(name))


def _has_foreign_signs(word: str) -> bool:
    if not _LOW_CONTROLS.isdisjoint(word) or _SMALL_AMONG_CAPITALS.search(word):
        return True
    found = any(c in _CODE_PAGE_SIGNS for c in word)
    return found and any(c.isalpha() and c.isascii() for c in word)


def may_be_low_bytes(word: str) -> bool:
    """Whether a letter of the word may be the low byte of another one, or was swallowed.

    Programs take the low bytes of Ă, ă, Đ and đ for control characters: ``Vn``, ``inh``.
    """
    if not word.isascii() or not (_LOW_ASCII | _LOW_CONTROLS).isdisjoint(word):
        return True
    long = sum(1 for c in word if c.isalpha()) > 1
    if not has_vowel(word):
        return long
    return starts_with_vowel(word) and (word[0].islower() or (long and word.isupper()))


def shows_input_method(name: str, others: Sequence[str]) -> bool:
    """Whether an input method has been at work: two tones in a word, or its keys left behind."""
    # What is no half of a letter by now is a space after all.
    words = [part for word in _words(name, *others) for part in word.split()]
    if any(map(_is_no_syllable, words)) or any(c.isdigit() for c in name):
        return True
    if not all(text.isascii() for text in (name, *others)):
        return False
    keys = sum(1 for word in words if _TELEX.search(word) or _VNI.search(word))
    return keys >= _TWO or any(map(_SEX_KEYS.fullmatch, others))


def _is_no_syllable(word: str) -> bool:
    """Whether no Vietnamese word is like that. House numbers such as 12A and codes may stay."""
    tones = sum(c in TONES for c in unicodedata.normalize("NFD", word))
    if tones > 1:
        return True
    letters = [c for c in word if c.isalpha()]
    if not letters or all(c.isupper() for c in letters):
        return False
    marked = any(c in ALL for c in word)
    return marked and bool(_FOREIGN.search(word) or _DIGIT_INSIDE.search(word))


def shows_swallowed_letters(name: str, others: Sequence[str]) -> bool:
    """Whether letters are missing: ``Ngc`` in a name, ``N`` for a sex, ``Phng`` in an address."""
    if any(map(_lacks_vowels, _words(name))) or any(text.casefold() == "n" for text in others):
        return True
    if not all(text.isascii() for text in (name, *others)):
        return False
    long = (word for word in _words(*others) if len(word) > _TWO and word.isalpha())
    return any(not word.isupper() and not has_vowel(word) for word in long)


def _lacks_vowels(word: str) -> bool:
    """Whether a word of a name has letters and no vowel; K' and H' are whole in the highlands."""
    return word.isascii() and word.isalpha() and not has_vowel(word)


def shows_question_marks(name: str, others: Sequence[str]) -> bool:
    """Whether software wrote ``?`` for what it could not write."""
    return any("?" in text for text in (name, *others))


def nothing(_: str) -> bool:
    """Return False: the words in doubt show it themselves."""
    return False


def whatever(_: str) -> bool:
    """Return True: no word is beyond doubt, whole though it may look."""
    return True


def _words(*texts: str) -> list[str]:
    return [word for text in texts for word in WORD.findall(text)]
