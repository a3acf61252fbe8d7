"""The Vietnamese card of 2021, command by command (reference/cccd.md §2; design, 6.18 and 6.19)."""

from __future__ import annotations

import pytest

from chip_terminal import AID, Terminal, tlv
from ecid.emulator import EmulatedCard, card
from ecid.emulator.behaviour import STANDARD
from ecid.emulator.keys import RsaSecret
from ecid_crypto.hashes import Hash
from ecid_crypto.iso9796_2 import verify_scheme1

ALL_FILES = {
    "COM": 0x011E,
    "SOD": 0x011D,
    "DG1": 0x0101,
    "DG2": 0x0102,
    "DG13": 0x010D,
    "DG14": 0x010E,
    "DG15": 0x010F,
}


def test_select_master_file(terminal: Terminal) -> None:
    """SELECT MF answers 6D00, and 9000 on the named variant."""
    assert terminal.raw("00A4000C023F00").sw == 0x6D00
    assert terminal.raw("00A4000C").sw == 0x6D00
    variant = Terminal(card("vn-cccd-2021-mf"))
    assert variant.raw("00A4000C023F00").sw == 0x9000


def test_card_access_before_the_application(terminal: Terminal, chip: EmulatedCard) -> None:
    """EF.CardAccess is read by FID and by SFI at the MF, which nobody selected."""
    expected = chip.issued.files["CardAccess"]
    assert terminal.raw("00B09C0036") == (expected, 0x9000)
    chip.reset()
    assert terminal.select(0x011C).sw == 0x9000
    assert terminal.read(0, 54) == (expected, 0x9000)
    assert terminal.read(50, 256) == (expected[50:], 0x6282)
    assert terminal.read(54, 1).sw == 0x6B00


def test_directory(terminal: Terminal) -> None:
    """EF.DIR names the application (Doc 9303-10 §3.11.1)."""
    assert terminal.select(0x2F00).sw == 0x9000
    assert terminal.read(0, 256).data == tlv(0x61, tlv(0x4F, AID))


def test_card_access_after_the_application(terminal: Terminal) -> None:
    """Once the application is selected in the clear, every file needs secure messaging."""
    assert terminal.select_application().sw == 0x9000
    for fid in (0x011C, 0x011D, 0x011E, 0x0101, 0x010B):
        assert terminal.select(fid).sw == 0x6982
    assert terminal.raw("00B09C0000").sw == 0x6982
    assert terminal.read(0, 1).sw == 0x6982


def test_identifiers_resolve_in_the_current_application(opened: Terminal) -> None:
    """011C is EF.CVCA in the application, and absent; 011D is EF.SOD."""
    assert opened.select(0x011C).sw == 0x6A82
    assert opened.send("00B09C00", le=8).sw == 0x6A82
    assert opened.select(0x011D).sw == 0x9000
    assert opened.read(0, 1).data == b"\x77"
    assert opened.send("00B09D00", le=1).data == b"\x77"


def test_files_of_the_application_are_not_at_the_master_file(terminal: Terminal) -> None:
    """Before SELECT AID there are no data groups."""
    assert terminal.select(0x0101).sw == 0x6A82
    assert terminal.raw("00B0810000").sw == 0x6A82


def test_failed_select_changes_nothing(terminal: Terminal, chip: EmulatedCard) -> None:
    """The current file and the current application stay."""
    assert terminal.select(0x011C).sw == 0x9000
    assert terminal.select(0x0101).sw == 0x6A82
    assert terminal.send("00A4040C", AID[:-1] + b"\x02").sw == 0x6A82
    assert terminal.raw("00A4000C023F00").sw == 0x6D00
    assert terminal.read(0, 54).data == chip.issued.files["CardAccess"]


@pytest.mark.parametrize("command", ["0084000008", "00820000" + "28" + "00" * 40 + "28"])
def test_bac_before_the_application(terminal: Terminal, command: str) -> None:
    """GET CHALLENGE and EXTERNAL AUTHENTICATE answer 6D00 before SELECT AID."""
    assert terminal.raw(command).sw == 0x6D00


@pytest.mark.parametrize("reference", [1, 2])
def test_pace_leaves_the_card_at_the_master_file(
    terminal: Terminal, chip: EmulatedCard, reference: int
) -> None:
    """PACE with MRZ or CAN; EF.CardAccess under secure messaging, then SELECT AID under it."""
    information = chip.issued.secrets.mrz_information.encode()
    password = b"123456" if reference == 2 else Hash.SHA1.digest(information)
    assert terminal.pace(password, reference).sw == 0x9000
    assert terminal.select(0x0101).sw == 0x6A82
    assert terminal.read_file(0x011C) == chip.issued.files["CardAccess"]
    assert terminal.select_application().sw == 0x9000
    assert terminal.read_file(0x0101) == chip.issued.files["DG1"]


def test_pace_inside_the_application(terminal: Terminal, chip: EmulatedCard) -> None:
    """Telephones select the application by themselves; this card runs PACE there, too."""
    assert terminal.select_application().sw == 0x9000
    assert terminal.pace(b"123456").sw == 0x9000
    assert terminal.read_file(0x0101) == chip.issued.files["DG1"]


def test_bac_opens_the_same_files(terminal: Terminal, chip: EmulatedCard) -> None:
    """BAC with the MRZ after a plain SELECT AID."""
    assert terminal.select_application().sw == 0x9000
    assert terminal.bac("090123456290071503007158").sw == 0x9000
    for name, fid in ALL_FILES.items():
        assert terminal.read_file(fid) == chip.issued.files[name]


def test_every_file_after_pace(opened: Terminal, chip: EmulatedCard) -> None:
    """All readable files by FID; DG3 is locked at SELECT and DG11 absent, both protected."""
    for name, fid in ALL_FILES.items():
        assert opened.read_file(fid) == chip.issued.files[name]
    assert opened.select(0x0103).sw == 0x6982
    assert opened.send("00B08300", le=1).sw == 0x6982
    assert opened.select(0x010B).sw == 0x6A82
    assert opened.select_application().sw == 0x9000


def test_overlong_answer_to_a_short_le(terminal: Terminal, chip: EmulatedCard) -> None:
    """Le 00 under 3DES brings 256 plain bytes in 285 (cccd.md §2.1)."""
    terminal.select_application()
    terminal.bac("090123456290071503007158")
    terminal.select(0x0102)
    session = terminal.session
    assert session is not None
    response = chip.transmit(session.protect(bytes.fromhex("00B00000"), le=256))
    assert len(response) == 285
    assert response[:5].hex() == "8782010901"
    assert session.open(response).data == chip.issued.files["DG2"][:256]


def test_extended_length(opened: Terminal, chip: EmulatedCard) -> None:
    """2,048 plain bytes at once; asked for more, the card gives that many with 9000."""
    content = chip.issued.files["DG2"]
    assert opened.select(0x0102).sw == 0x9000
    assert opened.read(0, 2048, extended=True) == (content[:2048], 0x9000)
    assert opened.read(100, 20_000, extended=True) == (content[100:2148], 0x9000)
    last = opened.read(len(content) - 10, 2048, extended=True)
    assert last == (content[-10:], 0x6282)


def test_strict_card_gives_what_fits() -> None:
    """A strict card answers Le 00 with 223 bytes under AES and 231 under 3DES."""
    issued = card("vn-cccd-2021").issued
    strict = EmulatedCard(issued, behaviour=STANDARD)
    terminal = Terminal(strict)
    terminal.pace(b"123456")
    terminal.select_application()
    terminal.select(0x0102)
    assert terminal.read(0, 256) == (issued.files["DG2"][:223], 0x9000)
    strict.reset()
    terminal = Terminal(strict)
    terminal.select_application()
    terminal.bac("090123456290071503007158")
    terminal.select(0x0102)
    assert terminal.read(0, 256) == (issued.files["DG2"][:231], 0x9000)


def test_read_binary_with_odd_instruction(opened: Terminal, chip: EmulatedCard) -> None:
    """B1 takes the offset in DO'54' and returns DO'53' (ISO/IEC 7816-4 §11.3.3)."""
    content = chip.issued.files["DG2"]
    opened.select(0x0102)
    reply = opened.send("00B10000", tlv(0x54, b"\x10\x00"), 102)
    assert reply == (tlv(0x53, content[0x1000 : 0x1000 + 100]), 0x9000)
    # The header of DO'53' takes as much of Le as it has to, so that a last byte can be asked for.
    last = len(content) - 1
    reply = opened.send("00B10000", tlv(0x54, last.to_bytes(2, "big")), 3)
    assert reply == (tlv(0x53, content[-1:]), 0x9000)
    for le, size in ((129, 127), (130, 127), (131, 128)):
        reply = opened.send("00B10000", tlv(0x54, b"\x10\x00"), le)
        assert reply == (tlv(0x53, content[0x1000 : 0x1000 + size]), 0x9000)
    reply = opened.send("00B10001", tlv(0x54, b"\x00"), 256)
    assert reply == (tlv(0x53, chip.issued.files["DG1"]), 0x6282)


def test_chip_authentication_changes_the_keys(opened: Terminal, chip: EmulatedCard) -> None:
    """7C00 comes under the old keys; reading goes on under the new ones, counter at zero."""
    point = chip.issued.files["DG14"][-65:]
    assert opened.chip_authentication(point).sw == 0x9000
    assert opened.read_file(0x0101) == chip.issued.files["DG1"]


def test_active_authentication(opened: Terminal, chip: EmulatedCard) -> None:
    """ISO/IEC 9796-2 scheme 1 with SHA-1 over the challenge, verified with the key of DG15."""
    secret = chip.issued.chip_keys.active_authentication
    assert isinstance(secret, RsaSecret)
    challenge = bytes(range(8))
    reply = opened.send("00880000", challenge, 256)
    assert reply.sw == 0x9000
    assert verify_scheme1(secret.public, reply.data, challenge) is Hash.SHA1


def test_active_authentication_needs_secure_messaging(terminal: Terminal) -> None:
    """6D00 at the master file, 6982 in the clear."""
    command = "0088000008" + "00" * 8 + "00"
    assert terminal.raw(command).sw == 0x6D00
    terminal.select_application()
    assert terminal.raw(command).sw == 0x6982


def test_strict_card_cannot_carry_the_signature() -> None:
    """256 bytes do not fit a short answer: 6700, and the session goes on (design 6.15)."""
    terminal = Terminal(EmulatedCard(card("vn-cccd-2021").issued, behaviour=STANDARD))
    terminal.pace(b"123456")
    terminal.select_application()
    assert terminal.send("00880000", bytes(8), 256).sw == 0x6700
    assert terminal.send("00880000", bytes(8), 65_536, extended=True).sw == 0x9000


def test_answer_to_reset(chip: EmulatedCard) -> None:
    """Contactless style: T=0 and T=1 offered, so the XOR of all bytes but TS is zero."""
    assert chip.atr[0] == 0x3B
    assert chip.atr[2:4] == b"\x80\x01"
    assert len(chip.atr) == 4 + (chip.atr[1] & 0x0F) + 1
    check = 0
    for octet in chip.atr[1:]:
        check ^= octet
    assert check == 0


def test_reset_forgets_the_session(opened: Terminal, chip: EmulatedCard) -> None:
    """After a reset the card is at the master file, and the old keys are worth nothing."""
    session = opened.session
    assert session is not None
    chip.reset()
    assert chip.transmit(session.protect(bytes.fromhex("00B00000"), le=1)) == b"\x68\x82"
    assert opened.raw("00B09C0001") == (b"\x31", 0x9000)
