"""Recording and counting change nothing and print nothing."""

from __future__ import annotations

import pytest

from ecid_readers.errors import CardRemoved
from ecid_readers.record import Meter, Recording
from ecid_readers.replay import Replay
from scripted_card import FunctionCard, ScriptedCard

SELECT = bytes.fromhex("00A4020C02011E")
READ = bytes.fromhex("00B0000000")
OK = bytes.fromhex("9000")
DATA = bytes.fromhex("5345435245549000")


def removed(_: bytes) -> bytes:
    """Behave like a card that is gone."""
    raise CardRemoved


@pytest.mark.parametrize("kind", [Meter, Recording])
def test_counts(kind: type[Meter]) -> None:
    """Both count commands, bytes sent and bytes received, status words included."""
    link = kind(ScriptedCard([OK, DATA]))
    assert [link.transmit(SELECT), link.transmit(READ)] == [OK, DATA]
    assert (link.apdus, link.bytes_sent, link.bytes_received) == (2, 12, 10)


def test_a_lost_command_counts_as_sent_only() -> None:
    """When the card goes, the command was sent, nothing was received, nothing is kept."""
    link = Recording(FunctionCard(removed))
    with pytest.raises(CardRemoved):
        link.transmit(READ)
    assert (link.apdus, link.bytes_sent, link.bytes_received) == (1, 5, 0)
    assert link.exchanges == ()


def test_a_recording_can_be_replayed() -> None:
    """What was recorded answers the same commands in the same way."""
    recording = Recording(ScriptedCard([OK, DATA]))
    for command in (SELECT, READ):
        recording.transmit(command)
    assert recording.exchanges == ((SELECT, OK), (READ, DATA))
    replay = Replay(recording.exchanges)
    assert [replay.transmit(SELECT), replay.transmit(READ)] == [OK, DATA]


def test_nothing_is_printed() -> None:
    """``repr`` shows counters, never traffic."""
    recording = Recording(ScriptedCard([DATA]))
    recording.transmit(READ)
    assert repr(recording) == "Recording(apdus=1, bytes_sent=5, bytes_received=8)"
    assert repr(Replay(recording.exchanges)) == "Replay(remaining=1)"
