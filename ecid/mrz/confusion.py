"""What a misread zone may have been: look-alike letters and digits, told by check digits.

Where the format allows digits only, a letter is its look-alike. In the document number and in
optional data 1 up to two characters may be another one; only zones in which every check digit
fits are readings (Doc 9303-3 §4.9). That is arithmetic on the text, not a trial on a chip.

A check digit tells one wrong zone in ten from a right one, and in TD1 that of the number and the
composite have the same weights, so a change that suits one suits both. All readings are good for
showing; what is good for a key is ``certain``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import combinations
from typing import Final

from ecid.errors import EcidError
from ecid.mrz.layout import BY_LENGTH, Layout
from ecid.mrz.mrz import Mrz, parse

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
    is no zone. For people to compare with the document, never to be tried.
    """
    found = [
        (sum(1 if before in _DIGIT_FOR else 2 for before in changed), zone)
        for changed, zone in _fitting(text)
    ]
    least = min((cost for cost, _ in found), default=0)
    return tuple(each for cost, each in found if cost == least)[:MAX_READINGS]


def certain(text: str, agrees: Callable[[Mrz], bool] = lambda _: True) -> str | None:
    """Return the one zone, without line ends, that ``text`` is; None where more than one may be.

    That is the zone as it stands, or else with digits in place of look-alike letters if that fits
    in one way only. The other way round nothing is certain: a wrong digit is a typing mistake as
    likely as a letter misread. ``agrees`` refuses zones in which what is said twice differs.
    """
    found = [
        (changed, zone)
        for changed, zone in _fitting(text)
        if set(changed) <= set(_DIGIT_FOR) and agrees(parse(zone))
    ]
    as_it_stands = [zone for changed, zone in found if not changed]
    possible = as_it_stands or [zone for _, zone in found]
    return possible[0] if len(possible) == 1 else None


def _fitting(text: str) -> Iterator[tuple[str, str]]:
    """Yield what was exchanged for its look-alike, and the zone in which all check digits fit."""
    zone = "".join(text.upper().split())
    layout = BY_LENGTH.get(len(zone))
    if layout is None:
        return
    zone = _with_digits(zone, layout)
    for changes in range(_MOST_CHANGES + 1):
        for changed, each in _variants(zone, layout, changes):
            if _fits(each):
                yield changed, each


def _with_digits(zone: str, layout: Layout) -> str:
    """Return ``zone`` with look-alike letters read as digits where no letter may stand."""
    characters = list(zone)
    for field in (layout.birth_date, layout.expiry_date):
        for at in range(field.start, field.stop + 1):  # the check digit stands behind the field
            characters[at] = _DIGIT_FOR.get(characters[at], characters[at])
    for at in (layout.document_number.stop, layout.composite_digit):
        characters[at] = _DIGIT_FOR.get(characters[at], characters[at])
    return "".join(characters)


def _variants(zone: str, layout: Layout, changes: int) -> Iterator[tuple[str, str]]:
    """Yield the characters of ``zone`` that are exchanged, that many, and the zone without them."""
    fields = (layout.document_number, layout.optional_1)
    places = [at for field in fields for at in range(field.start, field.stop)]
    open_to_doubt = [at for at in places if zone[at] in _DIGIT_FOR or zone[at] in _LETTER_FOR]
    for chosen in combinations(open_to_doubt, changes):
        characters = list(zone)
        for at in chosen:
            characters[at] = _DIGIT_FOR.get(zone[at]) or _LETTER_FOR[zone[at]]
        yield "".join(zone[at] for at in chosen), "".join(characters)


def _fits(zone: str) -> bool:
    try:
        return not parse(zone).wrong_check_digits
    except EcidError:
        return False
