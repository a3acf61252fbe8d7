"""What readers of other people demand of a card (reference/interop.md, first tables)."""

from __future__ import annotations

from chip_terminal import Terminal
from ecid.emulator import EmulatedCard


def test_jmrtd(terminal: Terminal, chip: EmulatedCard) -> None:
    """EF.CardAccess by SELECT; SELECT AID under SM; SFI first with 8 bytes, FID later."""
    assert terminal.select(0x011C).sw == 0x9000
    assert terminal.read(0, 8).sw == 0x9000
    assert terminal.pace(b"123456").sw == 0x9000
    assert terminal.select_application().sw == 0x9000
    first = terminal.send("00B08100", le=8)
    assert first == (chip.issued.files["DG1"][:8], 0x9000)
    assert terminal.read(8, 87).data == chip.issued.files["DG1"][8:]
    assert terminal.read_file(0x0101) == chip.issued.files["DG1"]


def test_jmrtd_bac_le(terminal: Terminal, chip: EmulatedCard) -> None:
    """BAC with Le 28 (hex), which the terminal of these tests sends."""
    terminal.select_application()
    assert len(terminal.bac(chip.issued.secrets.mrz_information).data) == 40


def test_gmrtd(terminal: Terminal, chip: EmulatedCard) -> None:
    """EF.CardAccess and EF.DIR although BAC follows; SELECT MF tried; 'not found' protected."""
    terminal.raw("00A4000C023F00")
    assert terminal.read_file(0x011C) == chip.issued.files["CardAccess"]
    assert terminal.read_file(0x2F00) == chip.issued.files["DIR"]
    terminal.select_application()
    terminal.bac(chip.issued.secrets.mrz_information)
    session = terminal.session
    assert session is not None
    response = chip.transmit(session.protect(bytes.fromhex("00A4020C"), b"\x01\x0b"))
    assert response[:4].hex() == "99026a82"
    assert response[4:6].hex() == "8e08"
    assert session.open(response).sw == 0x6A82


def test_npa_tool(terminal: Terminal, chip: EmulatedCard) -> None:
    """EF.CardAccess by SFI 1C at the MF, nothing selected before."""
    assert terminal.raw("00B09C0000") == (chip.issued.files["CardAccess"], 0x6282)


def test_pyscard(chip: EmulatedCard) -> None:
    """The ATR is the same at any time, and a reset works at any time."""
    before = chip.atr
    terminal = Terminal(chip)
    terminal.raw("0022C1A40F800A04007F00070202040202830102")
    chip.reset()
    assert before == chip.atr
    assert terminal.raw("00B09C0001").data == b"\x31"
