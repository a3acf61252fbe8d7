"""Secure messaging from the chip's side: what ends a session, and what does not."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from chip_terminal import Terminal, tlv
from ecid.emulator import EmulatedCard
from ecid.emulator.chip.command import Answer, parse
from ecid.emulator.chip.secure_messaging import SecureChannel
from ecid_crypto.cipher import Cipher, encrypt_block, encrypt_cbc
from ecid_crypto.mac import cmac
from ecid_crypto.padding import pad

READ = bytes.fromhex("00B08100")

Change = Callable[[bytes], bytes]


def replaced(at: int, value: int) -> Change:
    """Return a change of one byte, XORed with ``value``."""
    return lambda apdu: apdu[:at] + bytes([apdu[at] ^ value]) + apdu[at:][1:]


def body(change: Change) -> Change:
    """Return a change of the data objects, Lc corrected."""

    def apply(apdu: bytes) -> bytes:
        changed = change(apdu[5:-1])
        return apdu[:4] + bytes([len(changed)]) + changed + apdu[-1:]

    return apply


@pytest.mark.parametrize(
    ("change", "sw"),
    [
        (replaced(-2, 0x01), 0x6988),
        (replaced(2, 0x01), 0x6988),
        (replaced(7, 0x01), 0x6988),
        (lambda apdu: apdu[:-1], 0x6700),
        (body(lambda objects: objects[:3]), 0x6987),
        (body(lambda objects: b""), 0x6700),
        (body(lambda objects: objects[3:]), 0x6988),
        (body(lambda objects: objects[3:] + objects[:3]), 0x6988),
        (body(lambda objects: objects[:3] + objects), 0x6988),
        (body(lambda objects: objects + b"\x00"), 0x6988),
        (body(lambda objects: objects[:3] + tlv(0x8E, objects[5:9])), 0x6988),
        (body(lambda objects: tlv(0x81, b"\x01") + objects), 0x6988),
        (body(lambda objects: b"\x97\x03\x00\x00\x00" + objects[3:]), 0x6988),
        (replaced(0, 0x0C), 0x6700),  # in the clear: READ BINARY with data
    ],
    ids=range(14),
)
def test_violations_end_the_session(
    opened: Terminal, chip: EmulatedCard, change: Change, sw: int
) -> None:
    """The answer is a bare status word; after it the same keys are worth nothing."""
    session = opened.session
    assert session is not None
    good = session.protect(READ, le=1)
    bad = change(good)
    response = chip.transmit(bad)
    assert response == sw.to_bytes(2, "big")
    session.counter += 1
    assert chip.transmit(session.protect(READ, le=1)) == b"\x68\x82"
    assert opened.raw("00B0810001").sw == 0x6982


def test_plain_command_ends_the_session(opened: Terminal, chip: EmulatedCard) -> None:
    """An unprotected command is dealt with in the clear; the keys are gone (§9.8.3)."""
    session = opened.session
    assert session is not None
    assert opened.raw("00B0810001").sw == 0x6982
    assert chip.transmit(session.protect(READ, le=1)) == b"\x68\x82"
    assert opened.raw("00A4040C07A0000002471001").sw == 0x9000
    opened.session = None
    assert opened.bac(chip.issued.secrets.mrz_information).sw == 0x9000
    assert opened.select(0x0101).sw == 0x9000


def test_replayed_command(opened: Terminal, chip: EmulatedCard) -> None:
    """The counter moves on: the same protected command a second time is 6988."""
    session = opened.session
    assert session is not None
    command = session.protect(READ, le=1)
    assert session.open(chip.transmit(command)).data == b"\x61"
    assert chip.transmit(command) == b"\x69\x88"


def test_errors_are_protected(opened: Terminal, chip: EmulatedCard) -> None:
    """What the command itself gets wrong has DO'99' and DO'8E', and the session goes on."""
    session = opened.session
    assert session is not None
    wrong = (("00A4020C", None, 0x6700), ("00FF0000", None, 0x6D00), ("00B0FF00", 1, 0x6A86))
    for command, le, sw in wrong:
        response = chip.transmit(session.protect(bytes.fromhex(command), le=le))
        assert response[:2] == b"\x99\x02"
        assert session.open(response) == (b"", sw)
    assert opened.select(0x0101).sw == 0x9000


def test_chained_command_under_protection(opened: Terminal) -> None:
    """Chaining is for PACE only: 6884, protected."""
    assert opened.send("10A4020C", b"\x01\x01").sw == 0x6884


@pytest.mark.parametrize("cipher", list(Cipher))
@pytest.mark.parametrize("limit", [256, 255, 1000, 65_536])
def test_largest_answer_is_the_largest(cipher: Cipher, limit: int) -> None:
    """What ``largest_answer`` says fits, and one byte more does not."""

    def length(plain: int) -> int:
        channel = SecureChannel.from_secret(cipher, b"secret")
        return len(channel.protect(Answer(bytes(plain)))) - 2

    largest = SecureChannel.from_secret(cipher, b"secret").largest_answer(limit)
    assert length(largest) <= limit
    assert length(largest + 1) > limit


def test_nothing_fits_a_tiny_answer() -> None:
    """Below one block of data, the answer is empty."""
    assert SecureChannel.from_secret(Cipher.AES_128, b"secret").largest_answer(16) == 0


@pytest.mark.parametrize(
    ("raw", "data", "le", "extended"),
    [
        ("00B00000", "", None, False),
        ("00B0000000", "", 256, False),
        ("00B00000000000", "", 65_536, True),
        ("00B000000200FF", "00FF", None, False),
        ("00B000000200FF10", "00FF", 16, False),
        ("00B00000000002AABB", "AABB", None, True),
        ("00B00000000002AABB0100", "AABB", 256, True),
    ],
)
def test_command_cases(raw: str, data: str, le: int | None, extended: bool) -> None:
    """The seven cases of a command APDU (ISO/IEC 7816-3 §12.1.3)."""
    command = parse(bytes.fromhex(raw))
    assert (bytes.fromhex(data), le, extended) == (command.data, command.le, command.extended)


def test_secrets_have_no_repr(opened: Terminal, chip: EmulatedCard) -> None:
    """Neither the channel nor the card shows keys or personal data."""
    shown = repr(SecureChannel.from_secret(Cipher.AES_128, b"secret")) + repr(chip.issued)
    shown += repr(chip.issued.secrets) + repr(chip.issued.chip_keys)
    for part in ("123456", "NGUYEN", "900715", "enc=", "mac="):
        assert part not in shown


@pytest.mark.parametrize("value", [b"\x02" + bytes(16), b"\x01", b"", b"\x01" + bytes(15)])
def test_cryptogram_that_is_none(opened: Terminal, chip: EmulatedCard, value: bytes) -> None:
    """A wrong padding indicator, nothing encrypted, or half a block, under a right MAC: 6988."""
    session = opened.session
    assert session is not None
    session.counter += 1
    header = bytes.fromhex("0CA4020C")
    objects = tlv(0x87, value)
    covered = session.counter.to_bytes(16, "big") + pad(pad(header, 16) + objects, 16)
    objects += tlv(0x8E, cmac(session.mac, covered))
    response = chip.transmit(header + bytes([len(objects)]) + objects + b"\x00")
    assert response == b"\x69\x88"


@pytest.mark.parametrize("value", [b"", bytes(3)])
def test_expected_length_that_is_none(opened: Terminal, chip: EmulatedCard, value: bytes) -> None:
    """DO'97' has one or two octets, also under a right MAC."""
    session = opened.session
    assert session is not None
    session.counter += 1
    header = bytes.fromhex("0CB08100")
    objects = tlv(0x97, value)
    covered = session.counter.to_bytes(16, "big") + pad(pad(header, 16) + objects, 16)
    objects += tlv(0x8E, cmac(session.mac, covered))
    response = chip.transmit(header + bytes([len(objects)]) + objects + b"\x00")
    assert response == b"\x69\x88"


def test_padding_indicator(opened: Terminal, chip: EmulatedCard) -> None:
    """Only 01 stands before a cryptogram, though all the rest may be right (§9.8.4)."""
    answers = []
    for indicator in (b"\x01", b"\x02"):
        session = opened.session
        assert session is not None
        session.counter += 1
        ssc, header = session.counter.to_bytes(16, "big"), bytes.fromhex("0CA4020C")
        iv = encrypt_block(session.cipher, session.enc, ssc)
        sealed = encrypt_cbc(session.cipher, session.enc, iv, pad(b"\x01\x01", 16))
        objects = tlv(0x87, indicator + sealed)
        objects += tlv(0x8E, cmac(session.mac, ssc + pad(pad(header, 16) + objects, 16)))
        answers.append(chip.transmit(header + bytes([len(objects)]) + objects + b"\x00")[-2:])
        session.counter += 1
    assert answers == [b"\x90\x00", b"\x69\x88"]


def test_end_of_session_forgets_the_current_file(terminal: Terminal) -> None:
    """A plain READ BINARY after the session has no file any more."""
    assert terminal.pace(b"123456").sw == 0x9000
    assert terminal.select(0x011C).sw == 0x9000
    assert terminal.raw("00B0000001").sw == 0x6986
