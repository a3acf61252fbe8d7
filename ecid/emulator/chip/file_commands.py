"""SELECT and READ BINARY (Doc 9303-10 §3.6.2, §3.6.3; ISO/IEC 7816-4 §11.2.2, §11.3.3)."""

from __future__ import annotations

from ecid.emulator.chip.command import (
    BEYOND_FILE,
    END_OF_FILE,
    EXACT_LENGTH,
    NO_CURRENT_FILE,
    NOT_FOUND,
    OK,
    WRONG_DATA,
    WRONG_LENGTH,
    WRONG_P1_P2,
    Answer,
    Command,
    RefusalError,
)
from ecid.emulator.chip.objects import objects
from ecid.emulator.chip.state import Application, ChipState
from ecid.emulator.issuing import EMRTD_AID
from ecid.encoding.tlv import encode, encode_length

_MASTER_FILE = b"\x3f\x00"


def select(state: ChipState, command: Command) -> Answer:
    """Select the master file, the eMRTD application, or a file in the current application.

    What fails changes nothing.
    """
    if command.p1 == 0x04 and command.p2 in (0x00, 0x0C):
        return _select_application(state, command.data)
    if command.p1 == 0x00 and command.p2 in (0x00, 0x0C) and command.data in (b"", _MASTER_FILE):
        return _select_master_file(state)
    if command.p1 == 0x02 and command.p2 == 0x0C:
        if len(command.data) != 2:
            raise RefusalError(WRONG_LENGTH)
        state.current = state.find(fid=int.from_bytes(command.data, "big"))
        return Answer()
    raise RefusalError(WRONG_P1_P2)


def read_binary(state: ChipState, command: Command) -> Answer:
    """Read from the current file, or from the one that P1 names by its short identifier."""
    if command.le is None or command.data:
        raise RefusalError(WRONG_LENGTH)
    if command.le > state.behaviour.largest_le:
        raise RefusalError(_exact_length(state.behaviour.largest_le))
    if command.p1 & 0x80:
        if command.p1 & 0x60:
            raise RefusalError(WRONG_P1_P2)
        state.current = state.find(sfi=command.p1 & 0x1F)
        offset = command.p2
    else:
        offset = command.p1 << 8 | command.p2
    return _part(state, offset, command.le)


def read_binary_odd(state: ChipState, command: Command) -> Answer:
    """Read with the odd instruction: offset in DO'54', data in DO'53' (files above 32 KiB)."""
    if command.le is None:
        raise RefusalError(WRONG_LENGTH)
    offset = objects(command.data, {0x54}).get(0x54)
    if not offset or len(offset) > 3:
        raise RefusalError(WRONG_DATA)
    identifier = command.p1 << 8 | command.p2
    if 0 < identifier < 0x1F:
        state.current = state.find(sfi=identifier)
    elif identifier:
        state.current = state.find(fid=identifier)
    state.room = min(command.le, state.room)
    part = _part(state, int.from_bytes(offset, "big"), _room_inside(state.room))
    return Answer(encode(0x53, part.data), part.sw)


def _room_inside(limit: int) -> int:
    """Return the most bytes that fit DO'53' if all of it takes at most ``limit`` bytes."""
    for length_field in (1, 2, 3):
        room = max(0, limit - 1 - length_field)
        if len(encode_length(room)) <= length_field:
            return room
    return 0


def _select_application(state: ChipState, aid: bytes) -> Answer:
    if aid != EMRTD_AID:
        raise RefusalError(NOT_FOUND)
    state.application, state.current = Application.EMRTD, None
    return Answer()


def _select_master_file(state: ChipState) -> Answer:
    if state.behaviour.select_master_file != OK:
        raise RefusalError(state.behaviour.select_master_file)
    state.application, state.current = Application.MASTER_FILE, None
    return Answer()


def _part(state: ChipState, offset: int, wanted: int) -> Answer:
    """Return up to ``wanted`` bytes: 6282 where the file ends first, 6B00 where it has ended.

    Where only the room for the answer is short, the rest waits for the next command: 9000.
    """
    state.require_access(state.current)
    if state.current is None:
        raise RefusalError(NO_CURRENT_FILE)
    content = state.content(state.current) or b""
    if offset >= len(content):
        raise RefusalError(BEYOND_FILE)
    rest = content[offset:]
    data = rest[: min(wanted, state.room, state.behaviour.max_read)]
    if len(data) == len(rest) < wanted:
        missing = min(wanted, state.room) - len(data) if state.behaviour.pads_short_reads else 0
        return Answer(data + bytes(missing), END_OF_FILE)
    return Answer(data)


def _exact_length(limit: int) -> int:
    """Return 6Cxx for a length of one byte, else 6700 (ISO/IEC 7816-4 §5.6)."""
    return EXACT_LENGTH | limit if limit < 256 else WRONG_LENGTH
