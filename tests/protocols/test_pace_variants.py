"""Both sides of PACE meet in every variant, with every password."""

from __future__ import annotations

import pytest

from ecid.outcome import SUCCESS
from ecid.protocols.pace import PacePassword, check_cam, run_pace
from ecid.session.keys import SessionKeys
from ecid_crypto.rng import SeededRng
from ecid_readers.apdu import CommandApdu
from ecid_readers.record import Recording
from pace_chip import PaceChip, every_suite, suite

PASSWORDS = {
    1: PacePassword.from_mrz_information("T22000129364081251010318"),
    2: PacePassword.from_can("123456"),
    3: PacePassword.from_pin("123456"),
    4: PacePassword.from_puk("1234567890"),
}


@pytest.mark.parametrize(("arcs", "number"), every_suite())
def test_variant(arcs: str, number: int) -> None:
    """Both sides arrive at the same keys, counter zero; the proof of the chip holds."""
    parameters, password = suite(arcs, number), PASSWORDS[2]
    chip = PaceChip(parameters, password)
    result = run_pace(chip, parameters, password, SeededRng(b"terminal"))
    cipher = parameters.cipher
    assert SessionKeys.with_zero_counter(cipher, *chip.session_keys()) == result.keys
    assert chip.public == result.chip_public
    assert result.deviations == ()
    answer = result.chip_authentication
    assert (answer is not None) == (parameters.mapping == "CAM")
    if answer is not None:
        assert chip.mapping_key == answer.mapping_key
        assert check_cam(answer, chip.static_public()) == SUCCESS


@pytest.mark.parametrize("reference", PASSWORDS)
@pytest.mark.parametrize("arcs", ["2.1", "2.2", "4.3", "6.4"])
def test_password(reference: int, arcs: str) -> None:
    """Every password, and the chip is told which one it is (DO'83')."""
    parameters, password = suite(arcs, 12), PASSWORDS[reference]
    chip = PaceChip(parameters, password)
    wire = Recording(chip)
    result = run_pace(wire, parameters, password, SeededRng(b"terminal"))
    assert chip.session_keys() == (result.keys.enc, result.keys.mac)
    selection = CommandApdu.decode(wire.exchanges[0][0])
    assert selection.data[-3:] == bytes((0x83, 1, reference))


@pytest.mark.parametrize(("number", "le"), [(0, 256), (1, 65_536), (2, 65_536), (18, 256)])
def test_length_of_the_answer(number: int, le: int) -> None:
    """Public values of 2048 bits fit no short response, and only they ask for an extended one."""
    parameters = suite("1.2" if number < 8 else "2.2", number)
    wire = Recording(PaceChip(parameters, PASSWORDS[2]))
    run_pace(wire, parameters, PASSWORDS[2], SeededRng(b"terminal"))
    asked = [CommandApdu.decode(command).le for command, _ in wire.exchanges]
    assert asked == [None, 256, le, le, 256]


def test_d12_the_cipher_of_the_nonce() -> None:
    """Defect D12: the nonce is decrypted with the negotiated cipher and key length.

    A nonce decrypted with another one gives another generator, and the tokens do not match: every
    cipher with every mapping runs through.
    """
    for arcs in ("2.1", "2.2", "2.3", "2.4", "4.1", "4.2", "4.3", "4.4", "6.2", "6.3", "6.4"):
        parameters = suite(arcs, 12)
        chip = PaceChip(parameters, PASSWORDS[2])
        result = run_pace(chip, parameters, PASSWORDS[2], SeededRng(b"terminal"))
        assert len(chip.nonce) == (32 if parameters.cipher.key_length > 16 else 16)
        assert chip.session_keys() == (result.keys.enc, result.keys.mac)
        assert len(result.keys.mac) == parameters.cipher.key_length


def test_nothing_secret_is_printed() -> None:
    """The result of a run shows no key, no chip authentication data and no mapping key."""
    parameters = suite("6.2", 12)
    chip = PaceChip(parameters, PASSWORDS[2])
    result = run_pace(chip, parameters, PASSWORDS[2], SeededRng(b"terminal"))
    answer = result.chip_authentication
    assert answer is not None
    assert answer.data is not None
    shown = repr(result)
    for secret in (result.keys.enc, result.keys.mac, answer.data, answer.mapping_key):
        assert repr(secret) not in shown
