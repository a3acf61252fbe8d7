"""One long-lived process and one service object, while cards and the service come and go."""

from __future__ import annotations

import pytest

from pcsc_stack import READER, Agent, Stack

pytestmark = pytest.mark.slow

VERIFIED = {"exit": 0, "verdict": "verified"}
BUSY = {"error": "ReaderBusy", "code": "reader_busy", "exit": None}

#: MSE:Set AT for PACE with the CAN, ECDH-GM-AES-128 (Doc 9303-11 §4.4.4.1), and its first step.
SET_TEMPLATE = "0022C1A40F800A04007F00070202040202830102"
FIRST_STEP = "10860000027C0000"
SELECT_CARD_ACCESS = "00A4020C02011C"


@pytest.fixture
def agent(stack: Stack) -> Agent:
    """Return a process with one service object."""
    return stack.agent()


def test_card_after_card(stack: Stack, agent: Agent) -> None:
    """A card is read twice, taken away, and the next one is read."""
    card = stack.emulate()
    assert agent("read") == VERIFIED
    assert agent("read") == VERIFIED
    card.end()
    assert agent("wait_for_removal", timeout=10) is True
    stack.emulate()
    assert agent("read") == VERIFIED
    assert agent("read_api") == VERIFIED


def test_service_restarted_between_readings(stack: Stack, agent: Agent) -> None:
    """The same service object works with the new pcscd; in between it says what is missing."""
    card = stack.emulate()
    assert agent("read") == VERIFIED
    stack.stop()
    card.end()
    assert agent("read")["error"] == "NoService"
    assert agent("readers")["error"] == "NoService"
    stack.start()
    stack.emulate()
    assert agent("read") == VERIFIED


def test_service_restarted_unnoticed(stack: Stack, agent: Agent) -> None:
    """If nobody asks while pcscd is away, nobody notices."""
    card = stack.emulate()
    assert agent("read") == VERIFIED
    stack.restart()
    card.end()
    stack.emulate()
    assert agent("read") == VERIFIED


def test_service_restarted_under_an_open_connection(stack: Stack, agent: Agent) -> None:
    """The connection is lost, closing it does no harm, and the next card is read."""
    card = stack.emulate()
    assert agent("open") == READER
    stack.restart()
    card.end()
    assert agent("transmit", command=SELECT_CARD_ACCESS)["error"] == "NoService"
    assert agent("close") is None
    stack.emulate()
    assert agent("read") == VERIFIED


def test_removal(stack: Stack, agent: Agent) -> None:
    """False while the card lies there, True once it is gone, and True when it has long gone."""
    card = stack.emulate()
    assert agent("wait_for_card")
    assert agent("wait_for_removal", timeout=0.6) is False
    agent.start("wait_for_removal", timeout=10)
    card.end()
    assert agent.answer() is True
    assert agent("wait_for_removal", timeout=0) is True


def test_removal_is_seen_beside_an_open_connection(stack: Stack, agent: Agent) -> None:
    """Waiting goes on while the card is held open, and a command then says that it left."""
    card = stack.emulate()
    assert agent("open") == READER
    assert agent("wait_for_removal", timeout=0.6) is False
    card.end()
    assert agent("wait_for_removal", timeout=10) is True
    assert agent("transmit", command=SELECT_CARD_ACCESS)["error"] == "CardRemoved"
    assert agent("close") is None


def test_reader_goes_with_the_service(stack: Stack, agent: Agent) -> None:
    """Waiting for the removal of a card whose service died ends."""
    stack.emulate()
    assert agent("wait_for_card")
    agent.start("wait_for_removal", timeout=20)
    stack.stop()
    try:
        assert agent.answer()["error"] == "NoService"
    finally:
        stack.start()


def test_one_user_of_a_reader(stack: Stack, agent: Agent) -> None:
    """A second thread is refused while the first reads, and welcome afterwards."""
    stack.emulate()
    assert agent("open") == READER
    assert agent("open_in_thread") == BUSY
    assert agent("transmit", command=SELECT_CARD_ACCESS) == "9000"
    assert agent("close") is None
    assert agent("close") is None
    assert agent("open_in_thread") == READER


def test_one_program_on_a_reader(stack: Stack, agent: Agent) -> None:
    """A second process is refused while ours reads."""
    stack.emulate()
    assert agent("open") == READER
    assert stack.agent()("open", timeout=3) == BUSY
    assert agent("close") is None


def test_foreign_session_does_not_leak_in(stack: Stack, agent: Agent) -> None:
    """Half a PACE that another program left behind is gone, and a reading succeeds."""
    stack.emulate()
    assert agent("wait_for_card")
    agent("other_connect", exclusive=False)
    assert agent("other_transmit", command=SET_TEMPLATE) == "9000"
    agent("other_leave")
    agent("other_connect", exclusive=False)  # the control: this is what leaks
    assert agent("other_transmit", command=FIRST_STEP)[-4:] == "9000"
    assert agent("other_transmit", command=SET_TEMPLATE) == "9000"
    agent("other_leave")
    assert agent("open") == READER
    assert agent("transmit", command=FIRST_STEP)[-4:] != "9000"
    assert agent("close") is None
    assert agent("read") == VERIFIED


def test_our_session_does_not_leak_out(stack: Stack, agent: Agent) -> None:
    """Half a PACE of ours is gone when the next program looks."""
    stack.emulate()
    assert agent("open") == READER
    assert agent("transmit", command=SET_TEMPLATE) == "9000"
    assert agent("close") is None
    agent("other_connect", exclusive=False)
    assert agent("other_transmit", command=FIRST_STEP)[-4:] != "9000"
    agent("other_leave")
