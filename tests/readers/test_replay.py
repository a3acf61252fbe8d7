"""A replay is strict: the recorded command, in its turn, or an error that names it."""

from __future__ import annotations

import pytest

from ecid_readers.errors import UnexpectedCommand
from ecid_readers.replay import Replay

SELECT = bytes.fromhex("00A4020C02011E")
READ = bytes.fromhex("00B0000000")
OK = bytes.fromhex("9000")


@pytest.mark.parametrize(
    ("command", "header"),
    [
        (READ, "00B00000"),
        (bytes.fromhex("00A4020C02011D"), "00A4020C"),
        (SELECT + b"\x00", "00A4020C"),
        (b"", ""),
    ],
    ids=["out of turn", "other data", "longer", "empty"],
)
def test_any_other_command(command: bytes, header: str) -> None:
    """A command that is not the next one is refused, by its header alone, and not skipped."""
    replay = Replay([(SELECT, OK), (READ, OK)])
    with pytest.raises(UnexpectedCommand) as caught:
        replay.transmit(command)
    assert header == caught.value.detail
    assert replay.remaining == 2
    assert replay.transmit(SELECT) == OK


def test_after_the_end() -> None:
    """There is no answer after the last one."""
    replay = Replay([(READ, OK)])
    replay.transmit(READ)
    assert replay.remaining == 0
    with pytest.raises(UnexpectedCommand):
        replay.transmit(READ)
