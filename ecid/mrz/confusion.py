"""What a misread zone may have been: look-alike letters and digits, told by check digits.

Where the format allows digits only, a letter is its look-alike. In the document number and in
optional data 1 up to two characters may be another one; only zones in which every check digit
fits are readings (Doc 9303-3 §4.9). That is arithmetic on the text, not a trial on a chip.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Final

from ecid.errors import EcidError
from ecid.mrz.layout import BY_LENGTH, Layout
from ecid.mrz.mrz import parse

#: Letters that stand for one digit; of the letters for zero only O is also read the other way.
_DIGIT_FOR: Final[Mapping[str, str]] = dict(zip("OQDIZSGB", "00012568", strict=True))
_LETTER_FOR: Final[Mapping[str, str]] = dict(zip("012568", "OIZSGB", strict=True))
_MOST_CHANGES: Final = 2

MAX_READINGS: Final = 8
"""More readings than this say nothing about the zone."""


def readings(text: str) -> tuple[str, ...]:
    """Return the zones, without line ends, that ``text`` may be a misreading of.

    The likeliest alone, at most ``MAX_READINGS``: fewest changes, and a digit in place of a letter
    before the other way round. The zone itself if all its check digits fit, and nothing for what
    is no zone.
    """
    zone = "".join(text.upper().split())
    layout = BY_LENGTH.get(len(zone))
    if layout is None:
        return ()
    zone = _with_digits(zone, layout)
    found = [
        (cost, each)
        for changes in range(_MOST_CHANGES + 1)
        for cost, each in _variants(zone, layout, changes)
        if _fits(each)
    ]
    least = min((cost for cost, _ in found), default=0)
    return tuple(each for cost, each in found if cost == least)[:MAX_READINGS]


def _with_digits(zone: str, layout: Layout) -> str:
    """Return ``zone`` with look-alike letters read as digits where no letter may stand."""
    characters = list(zone)
    for field in (layout.birth_date, layout.expiry_date):
        for at in range(field.start, field.stop + 1):  # the check digit stands behind the field
            characters[at] = _DIGIT_FOR.get(characters[at], characters[at])
    for at in (layout.document_number.stop, layout.composite_digit):
        characters[at] = _DIGIT_FOR.get(characters[at], characters[at])
    return "".join(characters)


def _variants(zone: str, layout: Layout, changes: int) -> Iterator[tuple[int, str]]:
    """Yield ``zone`` with that many look-alikes exchanged, and how unlikely that is."""
    fields = (layout.document_number, layout.optional_1)
    places = [at for field in fields for at in range(field.start, field.stop)]
    open_to_doubt = [at for at in places if zone[at] in _DIGIT_FOR or zone[at] in _LETTER_FOR]
    for chosen in combinations(open_to_doubt, changes):
        characters = list(zone)
        for at in chosen:
            characters[at] = _DIGIT_FOR.get(zone[at]) or _LETTER_FOR[zone[at]]
        yield sum(1 if zone[at] in _DIGIT_FOR else 2 for at in chosen), "".join(characters)


def _fits(zone: str) -> bool:
    try:
        return not parse(zone).wrong_check_digits
    except EcidError:
        return False
