"""The Vietnamese zone says its number twice: no typing mistake in it is ever tried on a chip."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ecid.emulator.personalise.person import people
from ecid.errors import Misuse
from ecid.mrz.mrz import parse
from ecid.profiles.vietnam import zone
from ecid.secret import AccessSecret

PEOPLE = people()
#: Document number and its check digit.
PLACES = range(5, 15)


def single_digits(right: str) -> Iterator[str]:
    """Yield ``right`` with one other digit in the document number or its check digit."""
    for at in PLACES:
        for digit in "0123456789":
            if digit != right[at]:
                yield right[:at] + digit + right[at + 1 :]


def transpositions(right: str) -> Iterator[str]:
    """Yield ``right`` with two neighbours there that changed places."""
    for at in PLACES[:-1]:
        if right[at] != right[at + 1]:
            yield right[:at] + right[at + 1] + right[at] + right[at + 2 :]


@pytest.mark.parametrize("name", PEOPLE)
def test_no_mistake_is_tried(name: str) -> None:
    """Every wrong digit and every exchange of neighbours is refused, without an exception.

    Check digits alone miss neighbours that differ by five; the repeated number misses nothing.
    """
    right = PEOPLE[name].mrz
    tried = 0
    for wrong in (*single_digits(right), *transpositions(right)):
        tried += 1
        with pytest.raises(Misuse) as caught:
            AccessSecret.from_mrz(wrong)
        assert caught.value.code == "mrz_check_digit"
    assert tried > 90
    assert AccessSecret.from_mrz(right).mrz_information == parse(right).mrz_information


def test_neighbours_that_differ_by_five() -> None:
    """All check digits fit, and the number is another one all the same."""
    missed = [
        wrong
        for person in PEOPLE.values()
        for wrong in transpositions(person.mrz)
        if not parse(wrong).wrong_check_digits
    ]
    assert missed
    assert not any(zone.agrees(parse(wrong)) for wrong in missed)


def test_digit_that_a_letter_would_suit() -> None:
    """``5`` typed for ``0``: with ``S`` two digits on, every check digit would fit."""
    wrong = (
        "IDVNM5901234562000090123456<<29007150M3007158VNM<<<<<<<<<<<8NGUYEN<<VAN<MAU<<<<<<<<<<<<<<<"
    )
    with pytest.raises(Misuse) as caught:
        AccessSecret.from_mrz(wrong)
    assert caught.value.code == "mrz_check_digit"


def test_letter_that_no_check_digit_tells() -> None:
    """``G`` counts as ``6`` does; the repeated number has the digit."""
    right = PEOPLE["nam"].mrz
    at = right.index("6", 5, 14)
    typed = right[:at] + "G" + right[at + 1 :]
    assert parse(typed).wrong_check_digits == ()
    assert AccessSecret.from_mrz(typed).mrz_information == parse(right).mrz_information


@pytest.mark.parametrize("at", [17, 30, 40, 50])
def test_mistake_that_only_the_composite_tells(at: int) -> None:
    """A zone with any mistake is not tried, though the key be made of the rest."""
    right = PEOPLE["nam"].mrz
    other = {"M": "F", "<": "1"}.get(right[at]) or str((int(right[at]) + 1) % 10)
    with pytest.raises(Misuse):
        AccessSecret.from_mrz(right[:at] + other + right[at + 1 :])


def test_zones_of_others() -> None:
    """What another state keeps in its optional data is no number of ours."""
    foreign = PEOPLE["nam"].mrz.replace("VNM", "UTO").replace("000090123456", "123456789012")
    assert zone.agrees(parse(foreign))
