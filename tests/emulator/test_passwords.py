"""Passwords of PACE: which the card has, and how many wrong attempts they bear."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chip_terminal import Terminal
from ecid.emulator import EmulatedCard, card, issue
from pace_terminal import Suite, pace

SUITE = Suite("GM", 2, 13)
MRZ, CAN, PIN, PUK = 1, 2, 3, 4
RIGHT = {CAN: b"271828", PIN: b"935562", PUK: b"4870243291"}


@pytest.fixture
def pin_card() -> EmulatedCard:
    """Return the shipped card with four passwords."""
    return card("pace-pin-puk")


def attempt(chip: EmulatedCard, reference: int, password: bytes | None = None) -> list[int]:
    """Return the answers to MSE:Set AT and to the end of PACE, after a reset."""
    chip.reset()
    terminal = Terminal(chip)
    told = terminal.send(
        "0022C1A4", bytes.fromhex("800A04007F000702020402028301") + bytes([reference])
    ).sw
    password = RIGHT[reference] if password is None else password
    return [told, pace(terminal, SUITE, password, reference=reference).reply.sw]


def resumed(chip: EmulatedCard, password: bytes) -> int:
    """Return how PACE with the PIN ends inside a session of the CAN."""
    chip.reset()
    terminal = Terminal(chip)
    assert pace(terminal, SUITE, RIGHT[CAN], reference=CAN).reply.sw == 0x9000
    return pace(terminal, SUITE, password, reference=PIN).reply.sw


def blocked(chip: EmulatedCard) -> None:
    """Use every try of the PIN up."""
    for expected in (0x63C2, 0x63C1):
        assert attempt(chip, PIN, b"000000")[1] == expected
    assert resumed(chip, b"000000") == 0x63C0


@pytest.mark.parametrize("reference", [CAN, PIN, PUK])
def test_each_opens(pin_card: EmulatedCard, reference: int) -> None:
    """CAN, PIN and PUK open the same card."""
    assert attempt(pin_card, reference) == [0x9000, 0x9000]


@pytest.mark.parametrize("reference", [PIN, PUK])
def test_absent_password(reference: int) -> None:
    """A card without PIN and PUK says 6A88 at MSE:Set AT."""
    assert attempt(card("vn-cccd-2021"), reference, b"1") == [0x6A88, 0x6A88]


@pytest.mark.parametrize("reference", [0, 5, 255])
def test_no_such_password(pin_card: EmulatedCard, reference: int) -> None:
    """Other numbers name nothing."""
    assert attempt(pin_card, reference, b"1") == [0x6A88, 0x6A88]


def test_can_has_no_counter(pin_card: EmulatedCard) -> None:
    """A wrong CAN is 6300, however often; the right one still opens (Doc 9303-11 §4.4.1)."""
    assert [attempt(pin_card, CAN, b"000000") for _ in range(5)] == [[0x9000, 0x6300]] * 5
    assert attempt(pin_card, CAN) == [0x9000, 0x9000]


def test_a_right_pin_gives_all_tries_back(pin_card: EmulatedCard) -> None:
    """63C2 is a warning at the next MSE:Set AT, and 9000 after a right attempt."""
    assert attempt(pin_card, PIN, b"000000") == [0x9000, 0x63C2]
    assert attempt(pin_card, PIN) == [0x63C2, 0x9000]
    assert attempt(pin_card, PIN) == [0x9000, 0x9000]


def test_suspended(pin_card: EmulatedCard) -> None:
    """With one try left the PIN needs a session of the CAN first; a reset does not help."""
    attempt(pin_card, PIN, b"000000")
    attempt(pin_card, PIN, b"000000")
    assert attempt(pin_card, PIN) == [0x63C1, 0x6985]
    assert resumed(pin_card, RIGHT[PIN]) == 0x9000
    assert attempt(pin_card, PIN) == [0x9000, 0x9000]


def test_resumption_is_for_a_suspended_pin(pin_card: EmulatedCard) -> None:
    """PACE inside a session is refused otherwise."""
    assert resumed(pin_card, RIGHT[PIN]) == 0x6985


def test_blocked(pin_card: EmulatedCard) -> None:
    """With no try left: 63C0 at MSE:Set AT and 6983 after it; the CAN does not help."""
    blocked(pin_card)
    assert attempt(pin_card, PIN) == [0x63C0, 0x6983]
    assert resumed(pin_card, RIGHT[PIN]) == 0x6985
    assert attempt(pin_card, CAN) == [0x9000, 0x9000]


def test_unblocked(pin_card: EmulatedCard) -> None:
    """RESET RETRY COUNTER in a session of the PUK gives the PIN its tries back."""
    blocked(pin_card)
    pin_card.reset()
    terminal = Terminal(pin_card)
    pace(terminal, SUITE, RIGHT[PUK], reference=PUK)
    assert terminal.send("002C0303").sw == 0x9000
    assert attempt(pin_card, PIN) == [0x9000, 0x9000]


@pytest.mark.parametrize("reference", [CAN, PIN])
def test_only_the_puk_unblocks(pin_card: EmulatedCard, reference: int) -> None:
    """6982 in any other session, and in the clear."""
    assert Terminal(pin_card).send("002C0303").sw == 0x6982
    pin_card.reset()
    terminal = Terminal(pin_card)
    pace(terminal, SUITE, RIGHT[reference], reference=reference)
    assert terminal.send("002C0303").sw == 0x6982


@pytest.mark.parametrize(
    ("header", "data", "sw"),
    [
        ("002C0203", b"", 0x6A86),
        ("002C0302", b"", 0x6A86),
        ("002C0304", b"", 0x6A86),
        ("002C0303", b"1", 0x6700),
    ],
)
def test_reset_retry_counter_is_strict(
    pin_card: EmulatedCard, header: str, data: bytes, sw: int
) -> None:
    """Only the counter of a password that has one, and no new password."""
    terminal = Terminal(pin_card)
    pace(terminal, SUITE, RIGHT[PUK], reference=PUK)
    assert terminal.send(header, data).sw == sw


def test_can_with_a_counter() -> None:
    """A behaviour may count the CAN as well: warnings, then 6983, and the PUK helps."""
    issued = replace(issue("pace-pin-puk"), settings={"tries": {"2": 2, "3": 3}})
    chip = EmulatedCard(issued)
    assert attempt(chip, CAN, b"000000") == [0x9000, 0x63C1]
    assert attempt(chip, CAN, b"000000") == [0x63C1, 0x63C0]
    assert attempt(chip, CAN) == [0x63C0, 0x6983]
    chip.reset()
    terminal = Terminal(chip)
    pace(terminal, SUITE, RIGHT[PUK], reference=PUK)
    assert terminal.send("002C0302").sw == 0x9000
    assert attempt(chip, CAN) == [0x9000, 0x9000]
