"""Misread zones: look-alikes told by check digits, never more than they tell (Doc 9303-3 §4.9)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecid.mrz.confusion import MAX_READINGS, certain, readings
from ecid.mrz.mrz import parse

#: The synthetic holder of cccd.md §1.5, and the passport of Doc 9303-4 Appendix B.
CARD = "IDVNM0901234562000090123456<<29007150M3007158VNM<<<<<<<<<<<8NGUYEN<<VAN<MAU<<<<<<<<<<<<<<<"
PASSPORT = (
    "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<L898902C36UTO7408122F1204159ZE184226B<<<<<10"
)
LETTER_FOR = {"0": "OQD", "1": "I", "2": "Z", "5": "S", "6": "G", "8": "B"}

#: Offsets from the start where only digits may stand: the dates and their check digits.
DIGITS_ONLY = {CARD: [*range(30, 37), *range(38, 45)], PASSPORT: [*range(57, 64), *range(65, 72)]}
NUMBER = {CARD: range(5, 14), PASSPORT: range(44, 53)}


def changed(zone: str, *changes: tuple[int, str]) -> str:
    """Return ``zone`` with other characters at the given offsets."""
    characters = list(zone)
    for at, character in changes:
        characters[at] = character
    return "".join(characters)


@pytest.mark.parametrize("zone", [CARD, PASSPORT])
def test_right_zone(zone: str) -> None:
    """It is its only reading, in whatever lines, spaces and case it comes."""
    assert readings(zone) == (zone,)
    assert readings(zone.lower()) == (zone,)
    half = len(zone) // 2
    assert readings(f" {zone[:half]}\r\n{zone[half:]}\n") == (zone,)


@pytest.mark.parametrize("zone", [CARD, PASSPORT])
def test_letter_where_only_digits_stand(zone: str) -> None:
    """Every look-alike at every place of the dates and of their check digits."""
    tried = 0
    for at in DIGITS_ONLY[zone]:
        for letter in LETTER_FOR.get(zone[at], ""):
            tried += 1
            assert readings(changed(zone, (at, letter))) == (zone,)
    assert tried > 10


@pytest.mark.parametrize("zone", [CARD, PASSPORT])
def test_look_alike_in_the_document_number(zone: str) -> None:
    """One at any place: the number that was printed is among the readings."""
    for at in NUMBER[zone]:
        for letter in LETTER_FOR.get(zone[at], "").replace("G", ""):
            assert zone in readings(changed(zone, (at, letter)))


def test_what_no_check_digit_tells() -> None:
    """G counts 16 and 6 counts 6, the same modulo 10: the zone with G is its own reading."""
    with_letter = changed(CARD, (CARD.index("6"), "G"))
    assert readings(with_letter) == (with_letter,)


def test_two_look_alikes() -> None:
    """Two in the number are told, three are not tried."""
    two = changed(CARD, (5, "O"), (8, "I"))
    assert CARD in readings(two)
    three = changed(two, (9, "Z"))
    assert CARD not in readings(three)
    assert CARD in readings(changed(CARD, (9, "Z")))


def test_letters_stay_in_names() -> None:
    """Where no check digit stands, nothing is exchanged."""
    named = CARD[:60] + "BOS<<ISO<ZOE<<<<<<<<<<<<<<<<<<"
    assert readings(named) == (named,)


def test_zone_whose_digits_fit_no_reading() -> None:
    """A wrong digit is no look-alike: nothing is guessed."""
    assert readings(changed(CARD, (31, "9" if CARD[31] != "9" else "4"))) == ()


@pytest.mark.parametrize("text", ["", "X", CARD[:-1], CARD + "<", "A" * 90, "0" * 10_000])
def test_what_is_no_zone(text: str) -> None:
    """No readings."""
    assert readings(text) == ()


@given(
    st.sampled_from([CARD, PASSPORT]),
    st.lists(st.tuples(st.integers(0, 87), st.sampled_from("OQDIZSGB012568<")), max_size=4),
)
def test_readings_fit_and_are_few(zone: str, changes: list[tuple[int, str]]) -> None:
    """Whatever was misread: each reading is another zone in which every check digit fits."""
    found = readings(changed(zone, *changes))
    assert len(found) == len(set(found)) <= MAX_READINGS
    for each in found:
        assert len(each) == len(zone)
        assert parse(each).wrong_check_digits == ()


@given(st.text(max_size=100))
def test_any_text(text: str) -> None:
    """Readings or nothing."""
    assert isinstance(readings(text), tuple)


# What is certain enough to be tried.


@pytest.mark.parametrize("zone", [CARD, PASSPORT])
def test_certain_as_it_stands(zone: str) -> None:
    """A zone in which every check digit fits is itself."""
    assert certain(zone) == zone
    assert certain(zone.lower()) == zone


def test_certain_with_a_digit_for_a_letter() -> None:
    """A letter where a digit was printed is put right if that fits in one way only."""
    assert certain(changed(CARD, (5, "O"))) == CARD
    assert certain(changed(CARD, (31, "O"))) == CARD


def test_never_a_letter_for_a_digit() -> None:
    """A wrong digit that a letter would suit is shown as such, and is not certain."""
    wrong = changed(CARD, (5, "5"))
    assert readings(wrong)
    assert certain(wrong) is None


def test_what_is_said_twice() -> None:
    """A zone that its reader refuses is not certain, though every check digit fits."""
    assert certain(CARD, agrees=lambda _: False) is None


@given(
    st.sampled_from([CARD, PASSPORT]),
    st.lists(st.tuples(st.integers(0, 87), st.sampled_from("OQDIZSGB012568<")), max_size=4),
)
def test_certain_changes_no_digit(zone: str, changes: list[tuple[int, str]]) -> None:
    """Whatever was typed: what is certain has every digit of it, and letters only fewer."""
    typed = changed(zone, *changes)
    found = certain(typed)
    if found is not None:
        assert parse(found).wrong_check_digits == ()
        assert all(b == a for a, b in zip(typed, found, strict=True) if not a.isalpha())
