"""An emulated card on a PC/SC reader, read like any other: by ``ecid`` and by other programs."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from ecid.emulator import EmulatedCard, IssuedCard
from ecid.inspection.evidence import Evidence
from ecid_readers.apdu import CommandApdu
from pcsc_stack import READER, Stack

SELECT_APPLICATION = "00:A4:04:0C:07:A0:00:00:02:47:10:01"


@pytest.fixture
def opensc_tool(stack: Stack) -> Stack:
    """Return the stack with a card on it, where opensc-tool is installed."""
    if shutil.which("opensc-tool") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("opensc-tool is not installed, and CI may not do without it")
        pytest.skip("opensc-tool is not installed")
    stack.emulate()
    assert stack.agent()("wait_for_card")
    return stack


@pytest.mark.slow
def test_read(stack: Stack, issued: IssuedCard, csca: Path, tmp_path: Path) -> None:
    """PACE, Chip and Active Authentication over PC/SC; the source is the name of the reader."""
    stack.emulate()
    saved = tmp_path / "live.ecid"
    done = stack.ecid(
        *("read", "--qr", "-", "--trust", csca, "--save", saved, "--json"),
        stdin=issued.secrets.qr,
    )
    assert (done.code, done.json["verdict"]) == (0, "verified")
    assert done.json["source"] == READER
    assert done.json["emulated"] is True
    assert done.json["access"]["protocol"] == "PACE"
    outcomes = {check["id"]: check["outcome"] for check in done.json["checks"]}
    for check_id in ("access", "chip", "chip.ca", "chip.aa", "dg.1", "dg.2", "dg.13"):
        assert outcomes[check_id] == "successful"
    facts = Evidence.load(saved).active_authentication
    assert facts is not None
    assert len(facts.signature) >= 256  # under secure messaging longer than a short answer


@pytest.mark.slow
def test_read_for_people(stack: Stack, issued: IssuedCard, csca: Path) -> None:
    """Without --json the page says verified, and where the card lay."""
    stack.emulate()
    done = stack.ecid("read", "--can", "-", "--trust", csca, stdin=issued.secrets.can)
    assert done.code == 0
    assert READER in done.out


@pytest.mark.slow
def test_read_on_a_named_reader(stack: Stack, issued: IssuedCard, csca: Path) -> None:
    """--reader takes a part of the name in any case."""
    stack.emulate()
    done = stack.ecid(
        *("read", "--reader", "virtual pcd 00 00", "--can", "-", "--trust", csca, "--json"),
        stdin=issued.secrets.can,
    )
    assert (done.code, done.json["source"]) == (0, READER)


@pytest.mark.slow
def test_opensc_tool_sees_the_answer_to_reset(opensc_tool: Stack, issued: IssuedCard) -> None:
    """Another program sees the ATR of the emulated card."""
    done = opensc_tool.run("opensc-tool", "--atr")
    assert done.code == 0, done.err
    assert done.out.strip() == EmulatedCard(issued).atr.hex(":")


@pytest.mark.slow
def test_opensc_tool_selects_the_application(opensc_tool: Stack) -> None:
    """Another program selects the application and is answered 9000."""
    done = opensc_tool.run("opensc-tool", "--send-apdu", SELECT_APPLICATION)
    assert done.code == 0, done.err
    assert "SW1=0x90, SW2=0x00" in done.out


@pytest.mark.parametrize(
    ("sent", "received"),
    [(4, 4), (260, 258), (5_000, 5_000), (65_535, 4), (4, 65_533)],
)
def test_any_length_passes(stack: Stack, sent: int, received: int) -> None:
    """Commands up to 65,535 bytes and answers up to 65,533 with their status word pass whole."""
    card, agent = stack.card("--echo"), stack.agent()
    assert agent("open") == READER, stack.last_words(card)
    p1, p2 = received.to_bytes(2, "big")
    data = bytes(max(sent - (5 if sent <= 260 else 7), 0))
    command = CommandApdu(0x80, 0x10, p1, p2, data).encode()
    assert len(command) == sent
    answer = bytes.fromhex(agent("transmit", command=command.hex()))
    assert len(answer) == received + 2
    assert answer == sent.to_bytes(4, "big").ljust(received, b"\xa5") + b"\x90\x00"
