"""Programs of other people over pcscd and vpcd: opensc-tool, scriptor, pcsc_scan, and libeac."""

from __future__ import annotations

import os
import re
import shutil

import pytest

from ecid.emulator import EmulatedCard, IssuedCard
from ecid.lds.files import by_name
from libeac import CAN
from libeac_suites import Suite
from libeac_terminal import EacTerminal
from pcsc_stack import READER, Agent, Stack

SELECT_AID = "00A4040C07A0000002471001"
GET_CHALLENGE = "0084000008"
READ_CARD_ACCESS = "00B09C0000"
PACKAGES = {"opensc-tool": "opensc", "scriptor": "pcsc-tools", "pcsc_scan": "pcsc-tools"}


@pytest.fixture
def laid(stack: Stack) -> Stack:
    """Return the stack with an emulated card on the reader."""
    stack.emulate()
    assert stack.agent()("wait_for_card")
    return stack


def need(program: str) -> None:
    """Skip with the name of the package if ``program`` is not installed."""
    if shutil.which(program) is None:
        if os.environ.get("CI") == "true":
            pytest.fail(f"{PACKAGES[program]} is not installed, and CI may not do without it")
        pytest.skip(f"{PACKAGES[program]} is not installed")


def opensc(stack: Stack, *commands: str) -> list[tuple[bytes, int]]:
    """Send ``commands`` with opensc-tool after a cold reset; return data and status of each."""
    need("opensc-tool")
    stack.run("opensc-tool", "--reset=cold")
    arguments = [part for command in commands for part in ("--send-apdu", command)]
    done = stack.run("opensc-tool", *arguments)
    assert done.code == 0, done.err
    replies = []
    for block in done.out.split("Sending:")[1:]:
        status = re.search(r"SW1=0x(..), SW2=0x(..)", block)
        assert status is not None, block
        dump = re.findall(r"^((?:[0-9A-F]{2} )+)", block.split("\n", 2)[2], re.MULTILINE)
        replies.append((bytes.fromhex("".join(dump)), int("".join(status.groups()), 16)))
    return replies


def scriptor(stack: Stack, *lines: str) -> list[str]:
    """Send ``lines`` with scriptor and return its answers as hexadecimal, words left out."""
    need("scriptor")
    done = stack.run("scriptor", stdin="".join(f"{line}\n" for line in lines))
    assert done.code == 0, done.err
    answers = re.findall(r"^< (?:OK: )?([^:>]*)", done.out, re.MULTILINE)
    return ["".join(answer.split()) for answer in answers]


@pytest.mark.slow
def test_opensc_tool_sees_the_answer_to_reset(laid: Stack, issued: IssuedCard) -> None:
    """The ATR it prints is that of the card."""
    need("opensc-tool")
    done = laid.run("opensc-tool", "--atr")
    assert (done.code, done.out.strip()) == (0, EmulatedCard(issued).atr.hex(":"))


@pytest.mark.slow
def test_opensc_tool_reads_card_access(laid: Stack, issued: IssuedCard) -> None:
    """READ BINARY by SFI at the master file brings EF.CardAccess, then the end of the file."""
    assert opensc(laid, READ_CARD_ACCESS) == [(issued.files["CardAccess"], 0x6282)]


@pytest.mark.slow
def test_opensc_tool_selects_and_asks_for_a_challenge(laid: Stack) -> None:
    """SELECT AID, two challenges that differ, and DG1 that is still locked."""
    selected, first, second, locked = opensc(
        laid, SELECT_AID, GET_CHALLENGE, GET_CHALLENGE, "00B0810000"
    )
    assert selected == (b"", 0x9000)
    assert [len(reply[0]) for reply in (first, second)] == [8, 8]
    assert first != second
    assert locked == (b"", 0x6982)


@pytest.mark.slow
def test_scriptor_reads_card_access(laid: Stack, issued: IssuedCard) -> None:
    """The same command by a Perl program, after a reset of its own."""
    answers = scriptor(laid, "reset", READ_CARD_ACCESS)
    assert answers == [
        EmulatedCard(issued).atr.hex().upper(),
        issued.files["CardAccess"].hex().upper() + "6282",
    ]


@pytest.mark.slow
def test_scriptor_selects_and_asks_for_a_challenge(laid: Stack) -> None:
    """SELECT AID and GET CHALLENGE; a reset forgets the application."""
    answers = scriptor(laid, SELECT_AID, GET_CHALLENGE, "reset", READ_CARD_ACCESS)
    assert answers[0] == "9000"
    assert re.fullmatch("[0-9A-F]{16}9000", answers[1])
    assert answers[3].endswith("6282")


@pytest.mark.slow
def test_pcsc_scan_sees_the_card(laid: Stack, issued: IssuedCard) -> None:
    """The scanner of pcsc-tools names reader, card and ATR."""
    need("pcsc_scan")
    seen = laid.run("pcsc_scan", "-n", "-t", "1").out
    assert READER in seen
    assert "Card inserted" in seen
    assert EmulatedCard(issued).atr.hex(" ").upper() in seen


@pytest.mark.slow
def test_libeac_reads_the_card_over_pcsc(eac: None, laid: Stack, issued: IssuedCard) -> None:
    """PACE by libeac through pcscd, and the whole of DG2 under its keys."""
    agent = laid.agent()
    assert agent("open") == READER
    terminal = EacTerminal(PcscCard(agent))
    suite = Suite("0.4.0.127.0.7.2.2.4.2.2", 13)
    assert terminal.pace(suite, CAN, issued.secrets.can.encode()).sw == 0x9000
    terminal.select_application()
    assert terminal.read_file(by_name("DG2").fid) == issued.files["DG2"]


class PcscCard:
    """A card behind an agent in the namespace of the stack."""

    def __init__(self, agent: Agent) -> None:
        self._agent = agent

    def transmit(self, command: bytes, /) -> bytes:
        """Pass one command."""
        return bytes.fromhex(self._agent("transmit", command=command.hex()))
