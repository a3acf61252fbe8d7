"""Cards and services that do not answer: an end is put to the waiting, and the process can end."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from pcsc_stack import READER, Agent, Process, Stack

pytestmark = pytest.mark.slow

VERIFIED = {"exit": 0, "verdict": "verified"}
TIMEOUT = {"error": "TransportTimeout", "code": "timeout", "exit": None}
NO_SERVICE = {"error": "NoService", "code": "no_service", "exit": None}
SELECT_CARD_ACCESS = "00A4020C02011C"

#: The command with less patience than it has.
IMPATIENT = """
from ecid.cli.main import entry_point
from ecid_readers import pcsc
pcsc.APDU_TIMEOUT = 0.5
entry_point()
"""


@pytest.fixture
def agent(stack: Stack) -> Agent:
    """Return a process with little patience."""
    agent = stack.agent()
    agent("limit", APDU_TIMEOUT=0.5, SERVICE_TIMEOUT=0.5, _CLOSING=0.5)
    return agent


@pytest.fixture
def paused(stack: Stack) -> Iterator[Process]:
    """Return a card on the reader; pcscd, which the test pauses, goes on in any case."""
    yield stack.emulate()
    stack.resume()


def leave(agent: Agent) -> int:
    """End the input of the process and return its exit code."""
    agent.process.hang_up()
    return agent.process.wait()


def test_mute_card(stack: Stack, agent: Agent, csca: Path) -> None:
    """A command without an answer ends in a time-out; the connection is dead, the process not."""
    card = stack.card("--mute-at", "2")
    assert agent("open") == READER
    assert agent("transmit", command=SELECT_CARD_ACCESS) == "9000"
    assert agent("transmit", command=SELECT_CARD_ACCESS) == TIMEOUT
    assert agent("transmit", command=SELECT_CARD_ACCESS) == TIMEOUT
    assert agent("close") is None
    assert agent("open", timeout=2)["error"] == "ReaderBusy"  # until the command comes back
    card.end()
    stack.emulate()
    assert agent("limit", APDU_TIMEOUT=20) is None
    assert agent("read") == VERIFIED
    assert leave(agent) == 0


def test_mute_card_through_the_front_door(stack: Stack, agent: Agent) -> None:
    """``ecid.read`` says time-out, and the process ends while the command still hangs."""
    stack.card("--mute-at", "12")
    answer = agent("read_api")
    assert answer == {"error": "LinkTimeout", "code": "timeout", "exit": 9}
    assert leave(agent) == 0


def test_mute_card_and_the_command(stack: Stack) -> None:
    """``ecid read`` leaves with exit code 9 and the error object."""
    stack.card("--mute-at", "12")
    done = stack.python(IMPATIENT, "read", "--can", "-", "--json", stdin="123456")
    assert (done.code, done.err) == (9, "")
    assert (done.json["code"], done.json["exit"]) == ("timeout", 9)


def test_other_threads_run_meanwhile(stack: Stack, agent: Agent) -> None:
    """A command lets go of the interpreter; without that nothing here works."""
    stack.card("--mute-at", "1")
    assert agent("open") == READER
    assert agent("ticks_while_sending", command=SELECT_CARD_ACCESS) >= 5


def test_paused_service(stack: Stack, agent: Agent, paused: Process) -> None:
    """A service that hangs in mid-command: time-out, an end, and another process reads on."""
    assert agent("open") == READER
    stack.pause()
    assert agent("transmit", command=SELECT_CARD_ACCESS) == TIMEOUT
    assert agent("close") is None
    assert leave(agent) == 0
    stack.resume()
    assert stack.agent()("read") == VERIFIED


def test_paused_service_goes_on(stack: Stack, agent: Agent, paused: Process) -> None:
    """Once the service goes on, the lost command comes back and the same process reads."""
    assert agent("open") == READER
    stack.pause()
    assert agent("transmit", command=SELECT_CARD_ACCESS) == TIMEOUT
    assert agent("close") is None
    stack.resume()
    assert agent("limit", APDU_TIMEOUT=20, SERVICE_TIMEOUT=5) is None
    assert agent("read") == VERIFIED


@pytest.mark.parametrize("used_before", [False, True])
def test_service_that_hangs_is_as_good_as_none(
    stack: Stack, agent: Agent, paused: Process, used_before: bool
) -> None:
    """Asking a service that hangs ends; it works again with the same object afterwards."""
    if used_before:
        assert agent("wait_for_card")
    stack.pause()
    assert agent("readers") == NO_SERVICE
    assert agent("read_api") == {"error": "ReaderError", "code": "no_service", "exit": 3}
    stack.resume()
    assert agent("limit", SERVICE_TIMEOUT=5) is None
    assert agent("limit", APDU_TIMEOUT=20) is None
    assert agent("read") == VERIFIED


def test_interrupted_reading(stack: Stack) -> None:
    """Ctrl-C while a command hangs: exit 130, no traceback."""
    card = stack.card("--mute-at", "12")
    reading = stack.ecid_started("--lang", "en", "read", "--can", "-", "--json")
    reading.say("123456")
    reading.hang_up()
    assert card.line() == "mute\n"
    reading.interrupt()
    answer = json.loads(reading.line())
    assert (reading.wait(), answer["code"]) == (130, "interrupted")
    assert "Traceback" not in "".join(reading.errors)
