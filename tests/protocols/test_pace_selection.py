"""MSE:Set AT of PACE: what the chip is told, its warnings, and the form it wants (§4.4.4.1)."""

from __future__ import annotations

import pytest

from ecid.errors import AccessDenied, AccessRefused
from ecid.protocols.pace import PacePassword, PaceResult, run_pace
from ecid_crypto.rng import SeededRng
from ecid_readers.apdu import CommandApdu
from pace_chip import PaceChip, suite
from scripted_card import FunctionCard

GM = suite("2.2", 13)
CAN = PacePassword.from_can("123456")
NAMED = b"\x84\x01\x0d"
SELECT, OK = 0x22, 0x9000
OTHER_FORM = [0x6A80, 0x6A87, 0x6A88]


def selecting(answers: list[int], *, named: bool) -> tuple[PaceResult, list[bool]]:
    """Run PACE with a chip that answers so to one MSE:Set AT after the other.

    Return the result, and for each of them whether it named the parameters.
    """
    card, forms = chip_that_answers(answers)
    result = run_pace(card, GM, CAN, SeededRng(b"terminal"), name_parameters=named)
    assert answers == []
    return result, forms


def chip_that_answers(answers: list[int]) -> tuple[FunctionCard, list[bool]]:
    """Return a chip that takes its answers to MSE:Set AT from a list, and a list of the forms."""
    chip, forms = PaceChip(GM, CAN), list[bool]()

    def answer(command: bytes) -> bytes:
        right = chip.transmit(command)
        apdu = CommandApdu.decode(command)
        if apdu.ins != SELECT:
            return right
        forms.append(apdu.data.endswith(NAMED))
        return answers.pop(0).to_bytes(2, "big")

    return FunctionCard(answer), forms


def refusing(answers: list[int], *, named: bool = False) -> tuple[AccessRefused, FunctionCard]:
    """Return the refusal that a chip with these answers ends in, and the chip."""
    card, _ = chip_that_answers(answers)
    with pytest.raises(AccessRefused) as caught:
        run_pace(card, GM, CAN, SeededRng(b"terminal"), name_parameters=named)
    return caught.value, card


@pytest.mark.parametrize("named", [False, True])
def test_control(named: bool) -> None:
    """One command; DO'84' stands in it exactly if it is asked for."""
    result, forms = selecting([OK], named=named)
    assert forms == [named]
    assert result.deviations == ()


@pytest.mark.parametrize("sw", OTHER_FORM)
@pytest.mark.parametrize(
    ("named", "deviation"),
    [(False, "pace_parameters_named"), (True, "pace_parameters_not_named")],
)
def test_other_form(sw: int, named: bool, deviation: str) -> None:
    """Ukrainian passports want DO'84' (gmrtd 93, 108): one more try in the other form, and told."""
    result, forms = selecting([sw, OK], named=named)
    assert forms == [named, not named]
    assert result.deviations == (deviation,)


@pytest.mark.parametrize("sw", OTHER_FORM)
def test_other_form_is_tried_once(sw: int) -> None:
    """Both forms refused: that is the end, with the last status word."""
    refusal, card = refusing([sw, 0x6A88])
    assert (refusal.code, refusal.sw) == ("access_refused", 0x6A88)
    assert len(card.commands) == 2


@pytest.mark.parametrize("sw", [0x6A82, 0x6985, 0x6D00, 0x6FFF, 0x6300, 0x6283, 0x9001, 0x6200])
def test_refused_start(sw: int) -> None:
    """Any other status word refuses the protocol, at once and in either form."""
    for named in (False, True):
        refusal, card = refusing([sw], named=named)
        assert (refusal.code, refusal.sw) == ("access_refused", sw)
        assert refusal.step == "PACE MSE:Set AT"
        assert len(card.commands) == 1


@pytest.mark.parametrize("tries", [1, 2, 9, 15])
def test_few_tries_left(tries: int) -> None:
    """63Cx warns that x tries are left: the run goes on and says so."""
    result, _ = selecting([0x63C0 | tries], named=False)
    assert result.tries_left == tries
    assert selecting([OK], named=False)[0].tries_left is None


def test_warning_after_the_other_form() -> None:
    """The warning counts whichever form it answers."""
    result, _ = selecting([0x6A80, 0x63C1], named=False)
    assert result.tries_left == 1
    assert result.deviations == ("pace_parameters_named",)


def test_blocked_password() -> None:
    """63C0: no try is left, so none is made."""
    refusal, card = refusing([0x63C0])
    assert (refusal.code, refusal.sw) == ("password_blocked", 0x63C0)
    assert len(card.commands) == 1


@pytest.mark.parametrize(
    ("sw", "left"), [(0x6300, None), (0x63C2, 2), (0x63C0, 0), (0x6983, None), (0x6F00, None)]
)
def test_tries_left_after_a_wrong_password(sw: int, left: int | None) -> None:
    """PACE-13: the chip refuses our token and says how many tries are left; none is repeated."""
    chip = PaceChip(GM, CAN)

    def answer(command: bytes) -> bytes:
        right = chip.transmit(command)
        return right if command[0] == 0x10 or command[1] == SELECT else sw.to_bytes(2, "big")

    card = FunctionCard(answer)
    with pytest.raises(AccessDenied) as caught:
        run_pace(card, GM, CAN, SeededRng(b"terminal"))
    assert (caught.value.code, caught.value.tries_left) == ("wrong_key", left)
    assert len(card.commands) == 5
