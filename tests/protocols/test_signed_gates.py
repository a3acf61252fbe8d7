"""Defect D25: what a chip is challenged with depends on what the issuer signed, nothing else."""

from __future__ import annotations

import pytest

from ecid.emulator import EmulatedCard, IssuedCard
from ecid.emulator.chip.command import Answer, Command
from inspection_kit import changed, issued, outcome, read, resigned

INTERNAL_AUTHENTICATE, SELECT = 0x88, 0xA4
DG15 = b"\x01\x0f"


class Counting(EmulatedCard):
    """A card that notes the commands inside the protection, and refuses challenges if told to."""

    def __init__(self, card: IssuedCard, sw: int | None = None) -> None:
        super().__init__(card)
        self._refusal = sw
        self.challenges = 0
        self.selected: list[bytes] = []

    def _execute(self, command: Command, limit: int) -> Answer:
        if command.ins == SELECT:
            self.selected.append(command.data)
        if command.ins == INTERNAL_AUTHENTICATE:
            self.challenges += 1
            if self._refusal is not None:
                return Answer(sw=self._refusal)
        return super()._execute(command, limit)


@pytest.fixture(scope="module")
def card() -> IssuedCard:
    """Return the shipped card, which has DG15."""
    return issued()


def test_control(card: IssuedCard) -> None:
    """With a signed DG15 the chip is challenged, once."""
    chip = Counting(card)
    assert outcome(read(chip), "chip.aa") == ("successful", None)
    assert chip.challenges == 1
    assert DG15 in chip.selected


def test_d25_no_challenge_without_dg15(card: IssuedCard) -> None:
    """Defect D25: a chip without DG15 is not challenged, and the reading goes on."""
    chip = Counting(resigned(card, DG15=None))
    report = read(chip)
    assert outcome(report, "chip.aa") == ("not_supported", "not_offered")
    assert outcome(report, "chip.ca") == ("successful", None)
    assert outcome(report, "dg.13") == ("successful", None)
    assert chip.challenges == 0
    assert DG15 not in chip.selected


def test_d25_no_challenge_with_an_unsigned_dg15(card: IssuedCard) -> None:
    """AA-02: a DG15 that the SOD does not list is not even looked at."""
    chip = Counting(changed(resigned(card, DG15=None), DG15=card.files["DG15"]))
    report = read(chip)
    assert outcome(report, "chip.aa") == ("not_supported", "not_offered")
    assert chip.challenges == 0
    assert DG15 not in chip.selected


@pytest.mark.parametrize("sw", [0x6A88, 0x6D00, 0x6982, 0x6F00])
def test_d25_a_refusal_is_not_repeated(card: IssuedCard, sw: int) -> None:
    """AA-05: one refusal fails the chip; the reading goes on, and nothing is asked again."""
    chip = Counting(card, sw)
    report = read(chip)
    assert outcome(report, "chip.aa") == ("failed", "chip_refused")
    assert outcome(report, "dg.13") == ("successful", None)
    assert chip.challenges == 1
