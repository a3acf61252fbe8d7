"""What the chip refuses because the standard forbids it to a terminal."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chip_terminal import CA_OID, PACE_OID, Terminal, split, tlv
from ecid.emulator import EmulatedCard, card
from ecid.emulator.behaviour import CardBehaviour
from ecid_crypto.curves import curve_by_name, encode_point
from ecid_crypto.ec_key import EcPrivateKey
from ecid_crypto.rng import SeededRng

CURVE = curve_by_name("brainpoolP256r1")
MSE_PACE = "0022C1A4"
GOOD_MSE = tlv(0x80, PACE_OID) + tlv(0x83, b"\x02")
STEP = {"chained": "10860000", "last": "00860000"}


def point(scalar: int) -> bytes:
    """Return an encoded point of the curve of PACE."""
    return encode_point(CURVE, EcPrivateKey.from_scalar(CURVE, scalar).public_point())


@pytest.mark.parametrize(
    ("command", "sw"),
    [
        ("", 0x6700),
        ("00A404", 0x6700),
        ("00A4020C03011C", 0x6700),
        ("00A4020C02011C0000", 0x6700),
        ("00A4020C0000", 0x6700),
        ("00A4020C000000", 0x6700),
        ("00A4020C00000001", 0x6700),
        ("00A4020C01AA", 0x6700),
        ("80B09C0000", 0x6E00),
        ("04B09C0000", 0x6E00),
        ("0CB09C000D9701048E08ED6705417E96BA5500", 0x6882),
        ("10B09C0000", 0x6884),
        ("00FF0000", 0x6D00),
        ("00B0BC0000", 0x6A86),
        ("00B0000000", 0x6986),
        ("00B09C00", 0x6700),
        ("00A4080C02011C", 0x6A86),
        ("00A4020002011C", 0x6A86),
        ("0022C1B6", 0x6A86),
        ("0022", 0x6700),
    ],
)
def test_single_commands(terminal: Terminal, command: str, sw: int) -> None:
    """Wrong class, length, parameters or instruction: each its own status word."""
    assert terminal.raw(command) == (b"", sw)


@pytest.mark.parametrize(
    ("data", "sw"),
    [
        (b"", 0x6A80),
        (tlv(0x80, PACE_OID), 0x6A80),
        (tlv(0x83, b"\x02"), 0x6A80),
        (tlv(0x80, PACE_OID[:-1] + b"\x04") + tlv(0x83, b"\x02"), 0x6A80),
        (tlv(0x80, b"") + tlv(0x83, b"\x02"), 0x6A80),
        (GOOD_MSE + tlv(0x83, b"\x02"), 0x6A80),
        (GOOD_MSE + tlv(0x87, b"\x02"), 0x9000),
        (GOOD_MSE + b"\x84", 0x6A80),
        (tlv(0x80, PACE_OID) + tlv(0x83, b"\x03"), 0x6A88),
        (GOOD_MSE + tlv(0x84, b"\x0c"), 0x6A88),
        (GOOD_MSE + tlv(0x84, b"\x0d"), 0x9000),
    ],
)
def test_mse_of_pace(terminal: Terminal, data: bytes, sw: int) -> None:
    """Missing or doubled objects are 6A80, unknown ones ignored; a password it lacks is 6A88."""
    assert terminal.send(MSE_PACE, data).sw == sw


def test_general_authenticate_without_mse(terminal: Terminal) -> None:
    """Without MSE:Set AT there is nothing to authenticate."""
    assert terminal.send(STEP["chained"], b"\x7c\x00", 256).sw == 0x6985


@pytest.mark.parametrize(
    ("header", "data", "le", "sw"),
    [
        (STEP["last"], b"\x7c\x00", 256, 0x6883),
        (STEP["chained"], b"\x7c\x00", None, 0x6700),
        ("10860001", b"\x7c\x00", 256, 0x6A86),
        (STEP["chained"], b"", 256, 0x6A80),
        (STEP["chained"], b"\x7c\x02\x80\x00", 256, 0x6A80),
        (STEP["chained"], tlv(0x7C, tlv(0x81, point(7))), 256, 0x6A80),
        (STEP["chained"], b"\x7c\x00\x7c\x00", 256, 0x6A80),
    ],
)
def test_first_step_of_pace(
    terminal: Terminal, header: str, data: bytes, le: int | None, sw: int
) -> None:
    """A wrong first step is refused, and the run is over."""
    assert terminal.send(MSE_PACE, GOOD_MSE).sw == 0x9000
    assert terminal.send(header, data, le).sw == sw
    assert terminal.send(STEP["chained"], b"\x7c\x00", 256).sw == 0x6985


@pytest.mark.parametrize(
    ("data", "sw"),
    [
        (tlv(0x7C, tlv(0x81, point(7)[:-1] + b"\x00")), 0x6300),
        (tlv(0x7C, tlv(0x81, b"\x00")), 0x6300),
        (tlv(0x7C, tlv(0x81, b"\x02" + point(7)[1:33])), 0x6300),
        (tlv(0x7C, tlv(0x83, point(7))), 0x6A80),
        (b"\x7c\x00", 0x6A80),
    ],
)
def test_second_step_of_pace(terminal: Terminal, data: bytes, sw: int) -> None:
    """A point off the curve, infinity, a compressed point: 6300; a wrong object: 6A80."""
    terminal.send(MSE_PACE, GOOD_MSE)
    assert terminal.send(STEP["chained"], b"\x7c\x00", 256).sw == 0x9000
    assert terminal.send(STEP["chained"], data, 256).sw == sw
    assert terminal.send(STEP["chained"], tlv(0x7C, tlv(0x81, point(7))), 256).sw == 0x6985


def test_own_public_key_sent_back() -> None:
    """The terminal may not send the chip's own key, in either exchange (§4.4.1)."""
    scalars = (7).to_bytes(32, "big"), (9).to_bytes(32, "big")
    for step in (0x81, 0x83):
        chip = card("vn-cccd-2021", rng=_scripted(bytes(15) + b"\x05", *scalars))
        terminal = Terminal(chip)
        terminal.send(MSE_PACE, GOOD_MSE)
        terminal.send(STEP["chained"], b"\x7c\x00", 256)
        if step == 0x83:
            reply = terminal.send(STEP["chained"], tlv(0x7C, tlv(0x81, point(11))), 256)
            assert reply.data == tlv(0x7C, tlv(0x82, point(7)))
            # G' = 5·G + 77·G, so the chip's second key is 9·82·G.
            echo = point(9 * 82)
        else:
            echo = point(7)
        assert terminal.send(STEP["chained"], tlv(0x7C, tlv(step, echo)), 256).sw == 0x6300


def _scripted(*chunks: bytes) -> _Chunks:
    return _Chunks(*chunks)


class _Chunks:
    """A source of prepared chunks."""

    def __init__(self, *chunks: bytes) -> None:
        self._left = list(chunks)

    def __call__(self, length: int) -> bytes:
        assert len(self._left[0]) == length
        return self._left.pop(0)


def test_wrong_can(terminal: Terminal) -> None:
    """A wrong password shows at mutual authentication, and no session follows."""
    assert terminal.pace(b"123457").sw == 0x6300
    assert terminal.select_application().sw == 0x9000
    assert terminal.select(0x0101).sw == 0x6982


def test_another_command_ends_a_run_of_pace(terminal: Terminal) -> None:
    """PACE cannot be taken up again after another command."""
    terminal.send(MSE_PACE, GOOD_MSE)
    terminal.send(STEP["chained"], b"\x7c\x00", 256)
    assert terminal.select(0x011C).sw == 0x9000
    data = tlv(0x7C, tlv(0x81, point(7)))
    assert terminal.send(STEP["chained"], data, 256).sw == 0x6985


def test_pace_under_secure_messaging(opened: Terminal) -> None:
    """PACE is not run inside a session."""
    assert opened.send(MSE_PACE, GOOD_MSE).sw == 0x6985


def test_wrong_bac_key(terminal: Terminal) -> None:
    """EXTERNAL AUTHENTICATE with the key of another document: 6300, and no session."""
    terminal.select_application()
    assert terminal.bac("090123457190071503007158").sw == 0x6300
    assert terminal.select(0x0101).sw == 0x6982


def test_bac_challenge_serves_once(terminal: Terminal, chip: EmulatedCard) -> None:
    """No challenge, a used one, or a command in between: 6985."""
    authenticate = "0082000028" + "00" * 40 + "28"
    terminal.select_application()
    assert terminal.raw(authenticate).sw == 0x6985
    assert terminal.raw("0084000008").sw == 0x9000
    assert terminal.raw(authenticate).sw == 0x6300
    assert terminal.raw(authenticate).sw == 0x6985
    assert terminal.raw("0084000008").sw == 0x9000
    assert terminal.select_application().sw == 0x9000
    assert terminal.raw(authenticate).sw == 0x6985
    assert terminal.bac(chip.issued.secrets.mrz_information).sw == 0x9000


@pytest.mark.parametrize(
    ("command", "sw"),
    [
        ("0084000000", 0x6700),
        ("0084000004", 0x6700),
        ("00840000", 0x6700),
        ("0084000108", 0x6A86),
        ("0082000127" + "00" * 39 + "28", 0x6A86),
    ],
)
def test_bac_commands(terminal: Terminal, command: str, sw: int) -> None:
    """Lengths and parameters of the two commands of BAC."""
    terminal.select_application()
    assert terminal.raw(command).sw == sw


@pytest.mark.parametrize(
    "tail", ["27" + "00" * 39 + "28", "28" + "00" * 40, "28" + "00" * 40 + "08"]
)
def test_external_authenticate_lengths(terminal: Terminal, tail: str) -> None:
    """40 bytes in and 40 bytes wanted, else 6700."""
    terminal.select_application()
    terminal.raw("0084000008")
    assert terminal.raw("00820000" + tail).sw == 0x6700


def test_bac_inside_a_session(opened: Terminal) -> None:
    """GET CHALLENGE serves BAC only, which a session has made needless."""
    assert opened.send("00840000", le=8).sw == 0x6985


@pytest.mark.parametrize(
    ("header", "data", "sw"),
    [
        ("002241A4", tlv(0x80, CA_OID[:-1] + b"\x01"), 0x6A80),
        ("002241A4", b"", 0x6A80),
        ("002241A4", tlv(0x80, CA_OID) + tlv(0x84, b"\x01"), 0x6A88),
        ("002241A6", tlv(0x91, point(7)), 0x6A80),
        ("00860000", tlv(0x7C, tlv(0x80, point(7))), 0x6985),
    ],
)
def test_chip_authentication_refuses(opened: Terminal, header: str, data: bytes, sw: int) -> None:
    """Unknown protocol or key, Set KAT where only AES is offered, no MSE: the session stays."""
    assert opened.send(header, data, 256).sw == sw
    assert opened.select(0x0101).sw == 0x9000


@pytest.mark.parametrize("bad", [point(7)[:-1] + b"\x00", b"\x00", point(7)[1:]])
def test_chip_authentication_with_a_bad_point(opened: Terminal, bad: bytes) -> None:
    """A point that is none: 6300 under the old keys, which stay."""
    assert opened.send("002241A4", tlv(0x80, CA_OID)).sw == 0x9000
    assert opened.send("00860000", tlv(0x7C, tlv(0x80, bad)), 256).sw == 0x6300
    assert opened.select(0x0101).sw == 0x9000


def test_chip_authentication_in_the_clear(terminal: Terminal) -> None:
    """Without secure messaging: 6982."""
    terminal.select_application()
    assert terminal.send("002241A4", tlv(0x80, CA_OID)).sw == 0x6982


def test_card_without_extended_length(chip: EmulatedCard) -> None:
    """A chip that knows short commands only says 6700 to others."""
    short = EmulatedCard(chip.issued, behaviour=CardBehaviour(extended_length=False))
    assert Terminal(short).raw("00B09C00000000").sw == 0x6700
    assert Terminal(short).raw("00B09C0000").sw == 0x6282


def test_pace_in_the_application_of_a_strict_card(chip: EmulatedCard) -> None:
    """A strict card runs PACE at the master file only."""
    terminal = Terminal(EmulatedCard(chip.issued, behaviour=CardBehaviour()))
    terminal.select_application()
    assert terminal.send(MSE_PACE, GOOD_MSE).sw == 0x6985


def test_nonces_are_fresh(terminal: Terminal) -> None:
    """Two runs of PACE and two challenges differ."""
    seen = []
    for _ in range(2):
        terminal.send(MSE_PACE, GOOD_MSE)
        seen.append(split(terminal.send(STEP["chained"], b"\x7c\x00", 256).data))
    assert seen[0] != seen[1]
    terminal.select_application()
    assert terminal.raw("0084000008") != terminal.raw("0084000008")


def test_seeded_chip_repeats_itself() -> None:
    """The same source of randomness gives the same answers."""
    answers = []
    for _ in range(2):
        terminal = Terminal(card("vn-cccd-2021", rng=SeededRng(b"x")))
        terminal.select_application()
        answers.append(terminal.raw("0084000008"))
    assert answers[0] == answers[1]


def test_odd_read_binary(opened: Terminal) -> None:
    """B1 without an offset, without Le, or with an offset too long; a file by its FID."""
    assert opened.send("00B10001", b"", 256).sw == 0x6A80
    assert opened.send("00B10001", tlv(0x54, b""), 256).sw == 0x6A80
    assert opened.send("00B10001", tlv(0x54, bytes(4)), 256).sw == 0x6A80
    assert opened.send("00B10001", tlv(0x54, b"\x00")).sw == 0x6700
    assert opened.send("00B1010B", tlv(0x54, b"\x00"), 256).sw == 0x6A82
    assert opened.send("00B10101", tlv(0x54, b"\x00"), 5).data == tlv(0x53, b"\x61\x5d\x5f")


def test_chip_authentication_at_the_master_file(terminal: Terminal) -> None:
    """Chip Authentication belongs to the application."""
    assert terminal.pace(b"123456").sw == 0x9000
    assert terminal.send("002241A4", tlv(0x80, CA_OID)).sw == 0x6985


@pytest.mark.parametrize(
    ("header", "le", "sw"),
    [("10860000", 256, 0x6884), ("00860001", 256, 0x6A86), ("00860000", None, 0x6700)],
)
def test_general_authenticate_of_ca(opened: Terminal, header: str, le: int | None, sw: int) -> None:
    """One step, not chained, and an answer is wanted; the key reference has to be set again."""
    data = tlv(0x7C, tlv(0x80, point(7)))
    assert opened.send("002241A4", tlv(0x80, CA_OID)).sw == 0x9000
    assert opened.send(header, data, le).sw == sw
    assert opened.send("00860000", data, 256).sw == 0x6985


@pytest.mark.parametrize(("reference", "sw"), [(b"", 0x9000), (b"\x07", 0x9000), (b"\x08", 0x6A88)])
def test_key_reference_of_ca(chip: EmulatedCard, reference: bytes, sw: int) -> None:
    """Where DG14 numbers its key, 84 may name that number and no other."""
    info = bytes.fromhex("3012 060A 04007F00070202030202 020101 020107")
    files = {**chip.issued.files, "DG14": tlv(0x6E, tlv(0x31, info))}
    terminal = Terminal(EmulatedCard(replace(chip.issued, files=files)))
    terminal.pace(b"123456")
    terminal.select_application()
    given = tlv(0x84, reference) if reference else b""
    assert terminal.send("002241A4", tlv(0x80, CA_OID) + given).sw == sw


def test_active_authentication_commands(opened: Terminal) -> None:
    """Eight bytes, P1 and P2 zero, and an answer wanted."""
    assert opened.send("00880001", bytes(8), 256).sw == 0x6A86
    assert opened.send("00880000", bytes(7), 256).sw == 0x6700
    assert opened.send("00880000", bytes(8)).sw == 0x6700


def test_pace_with_unknown_parameters(chip: EmulatedCard) -> None:
    """A PACEInfo for a group that is not emulated offers nothing."""
    info = bytes.fromhex("3012 060A 04007F00070202040202 020102 020101")
    files = {**chip.issued.files, "CardAccess": tlv(0x31, info)}
    terminal = Terminal(EmulatedCard(replace(chip.issued, files=files)))
    assert terminal.send(MSE_PACE, GOOD_MSE).sw == 0x6A80


def test_replayed_bac(terminal: Terminal, chip: EmulatedCard) -> None:
    """A cryptogram over an earlier challenge is not accepted for a new one."""
    sent: list[bytes] = []

    class Tapped:
        """Keeps what the terminal sends."""

        def transmit(self, command: bytes, /) -> bytes:
            """Hand on."""
            sent.append(command)
            return chip.transmit(command)

    terminal.select_application()
    assert Terminal(Tapped()).bac(chip.issued.secrets.mrz_information).sw == 0x9000
    assert terminal.raw("0084000008").sw == 0x9000
    assert terminal.raw(sent[-1]).sw == 0x6300
