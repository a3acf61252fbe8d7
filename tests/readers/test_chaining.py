"""Chaining, GET RESPONSE and the corrected Le: what goes over the wire, and where it ends."""

from __future__ import annotations

from collections.abc import Callable
from itertools import repeat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecid_readers.apdu import CommandApdu, ResponseApdu
from ecid_readers.chaining import MAX_GET_RESPONSE, CommandChaining, CorrectLength, GetResponse
from ecid_readers.errors import LoopGuard, ReaderError
from ecid_readers.replay import Replay
from ecid_readers.transport import Transport
from scripted_card import FunctionCard, ScriptedCard

READ = bytes.fromhex("00B0000000")


def hexed(*pairs: tuple[str, str]) -> Replay:
    """Return a strict card from pairs of hex strings."""
    return Replay((bytes.fromhex(command), bytes.fromhex(answer)) for command, answer in pairs)


def test_long_data_goes_in_parts() -> None:
    """CLA bit 5 marks all parts but the last, and only the last asks for data."""
    card = hexed(("10860000020102", "9000"), ("00860000010300", "7C009000"))
    long = CommandApdu(0x00, 0x86, 0, 0, b"\x01\x02\x03", 256)
    assert bytes.fromhex("7C009000") == CommandChaining(card, max_data=2).transmit(long.encode())
    assert card.remaining == 0


def test_default_parts_are_short() -> None:
    """600 bytes become 255, 255 and 90, and an extended Le becomes 256."""
    card = ScriptedCard(repeat(b"\x90\x00"))
    command = CommandApdu(0x0C, 0x86, 0, 0, bytes(range(200)) * 3, 65_536)
    CommandChaining(card).transmit(command.encode())
    parts = [CommandApdu.decode(sent) for sent in card.commands]
    assert command.data == b"".join(part.data for part in parts)
    assert [(part.cla, len(part.data), part.le, part.extended) for part in parts] == [
        (0x1C, 255, None, False),
        (0x1C, 255, None, False),
        (0x0C, 90, 256, False),
    ]


def test_a_refused_part_ends_the_chain() -> None:
    """The first answer that is not 9000 is the answer."""
    card = hexed(("10860000020102", "6883"))
    command = CommandApdu(0x00, 0x86, 0, 0, b"\x01\x02\x03")
    assert bytes.fromhex("6883") == CommandChaining(card, 2).transmit(command.encode())


def test_what_fits_is_not_touched() -> None:
    """A command that fits passes as it came, whatever its form."""
    command = CommandApdu(0, 0xB0, 0, 0, b"\x01", 2048).encode()
    card = ScriptedCard([b"\x90\x00"])
    CommandChaining(card).transmit(command)
    assert [command] == card.commands


def test_get_response_collects() -> None:
    """61xx is followed by GET RESPONSE with that length until another status comes."""
    card = hexed(("00B0000000", "AAAA6102"), ("00C0000002", "BBBB6100"), ("00C0000000", "CC6282"))
    assert bytes.fromhex("AAAABBBBCC6282") == GetResponse(card).transmit(READ)
    assert card.remaining == 0


def test_get_response_keeps_the_channel_only() -> None:
    """GET RESPONSE is sent in clear on the logical channel of the command."""
    card = hexed(("0DB0000000", "6101"), ("01C0000001", "AA9000"))
    assert bytes.fromhex("AA9000") == GetResponse(card).transmit(bytes.fromhex("0DB0000000"))


def test_get_response_carries_a_full_extended_answer() -> None:
    """65,536 bytes in steps of 256 are within the bound."""
    answers = [bytes.fromhex("6100"), *[bytes(256) + b"\x61\x00"] * 255, bytes(256) + b"\x90\x00"]
    assert len(GetResponse(ScriptedCard(answers)).transmit(READ)) == 65_536 + 2


@pytest.mark.parametrize(
    ("body", "commands"),
    [(b"", 1 + 2), (b"\xaa", 1 + MAX_GET_RESPONSE), (bytes(256), 1 + 256), (bytes(60_000), 1 + 1)],
)
def test_get_response_without_end(body: bytes, commands: int) -> None:
    """A card that always has more is stopped by rounds, by bytes, or for bringing nothing."""
    card = ScriptedCard(repeat(body + b"\x61\x00"))
    with pytest.raises(LoopGuard):
        GetResponse(card).transmit(READ)
    assert commands == len(card.commands)


def test_correct_length_repeats_once() -> None:
    """6Cxx brings the same command with that Le; the second 6Cxx is handed up."""
    card = hexed(("00B0000000", "6C1A"), ("00B000001A", "6C19"))
    assert bytes.fromhex("6C19") == CorrectLength(card).transmit(READ)
    assert card.remaining == 0


def test_correct_length_of_256() -> None:
    """6C00 asks for 256 bytes."""
    card = hexed(("00B0000010", "6C00"), ("00B0000000", "AA9000"))
    answer = CorrectLength(card).transmit(bytes.fromhex("00B0000010"))
    assert bytes.fromhex("AA9000") == answer


def test_no_length_to_correct() -> None:
    """A command without Le is not repeated, and other answers pass untouched."""
    card = hexed(("00A4020C02011E", "6C10"), ("00B0000000", "AA9000"))
    link = CorrectLength(card)
    assert bytes.fromhex("6C10") == link.transmit(bytes.fromhex("00A4020C02011E"))
    assert bytes.fromhex("AA9000") == link.transmit(READ)


def test_protected_command_is_not_repeated() -> None:
    """Whoever has the keys sends it anew: the chip has counted, and may have answered in full."""
    for cla in ("04", "08", "0C", "0D"):
        command = bytes.fromhex(f"{cla}B0000000")
        for answer in ("6C1A", "99026C1A8E0801020304050607086C1A"):
            card = ScriptedCard([bytes.fromhex(answer)])
            assert CorrectLength(card).transmit(command) == bytes.fromhex(answer)
            assert card.commands == [command]


def _all(inner: Transport) -> Transport:
    return CommandChaining(GetResponse(CorrectLength(inner)))


@pytest.mark.parametrize("wrap", [CommandChaining, GetResponse, CorrectLength, _all])
@given(answers=st.lists(st.binary(max_size=6), min_size=1), data=st.binary(max_size=600))
def test_any_answers(
    wrap: Callable[[Transport], Transport], answers: list[bytes], data: bytes
) -> None:
    """Whatever a card answers, the end is a response or a ``ReaderError``, in bounded time."""
    endless = (answers[at % len(answers)] for at in range(100_000))
    card = FunctionCard(lambda _: next(endless))
    link = wrap(card)
    command = CommandApdu(0, 0x86, 0, 0, data, 256).encode()
    try:
        ResponseApdu.decode(link.transmit(command))
    except ReaderError as exc:
        assert exc.code in {"loop_guard", "malformed_apdu"}  # noqa: PT017
    assert len(card.commands) <= 2 * (MAX_GET_RESPONSE + 1) + 3
