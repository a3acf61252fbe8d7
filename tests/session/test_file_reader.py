"""Reading files: exact numbers of commands, every habit of a card, and an end to every loop."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecid.errors import (
    LimitExceeded,
    ProtocolError,
)
from ecid.lds.files import COM, CVCA, SOD, ElementaryFile, data_group
from ecid.session.file_reader import (
    FileReader,
    read_file,
)
from ecid.session.keys import SessionKeys
from ecid.session.read_binary import short_read_length
from ecid.session.secure_messaging import SecureMessaging
from ecid_crypto.cipher import Cipher
from ecid_readers.record import Meter
from scripted_card import (
    ChipSide,
    FileCard,
    FunctionCard,
    ProtectedCard,
    ScriptedCard,
    content,
    tlv,
)

OK = b"\x90\x00"
DG1, DG2, DG13, DG14, DG15 = (data_group(number) for number in (1, 2, 13, 14, 15))

#: The reference card of design section 5: name, whole size in bytes.
REFERENCE = {COM: 26, SOD: 1770, DG1: 95, DG2: 18_432, DG13: 456, DG14: 386, DG15: 298}


def card_with(ef: ElementaryFile, data: bytes) -> FileCard:
    """Return a card with one file."""
    return FileCard({ef.fid: data})


def sent(card: FileCard) -> list[str]:
    """Return what ``card`` was sent, in hex."""
    return [command.encode().hex().upper() for command in card.commands]


# --- how many commands ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cipher", "max_read", "budget"),
    [
        (Cipher.AES_128, None, 100),
        (Cipher.TDES, None, 96),
        (Cipher.AES_128, 2048, 15),
        (Cipher.AES_256, 18_432, 7),
    ],
)
@pytest.mark.parametrize("end", ["9000", "6282"])
def test_reading_budget(cipher: Cipher, max_read: int | None, budget: int, end: str) -> None:
    """The reference card takes exactly as many commands as design section 5 allows."""
    files = {ef.fid: content(ef, size) for ef, size in REFERENCE.items()}
    enc, mac = bytes(range(cipher.key_length)), bytes(range(50, 50 + cipher.key_length))
    chip = ChipSide(cipher, enc, mac)
    meter = Meter(ProtectedCard(chip, FileCard(files, end)))
    session = SecureMessaging(meter, SessionKeys.with_zero_counter(cipher, enc, mac))
    reader = FileReader(session, max_read or short_read_length(cipher))
    for ef in REFERENCE:
        assert files[ef.fid] == reader.read(ef, use_sfi=True)
    assert budget == meter.apdus


def test_commands_of_one_file() -> None:
    """SELECT, a full first read, then exactly what is missing."""
    card = card_with(DG13, content(DG13, 456))
    assert card.files[DG13.fid] == read_file(card, DG13, max_read=223)
    assert sent(card) == ["00A4020C02010D", "00B00000DF", "00B000DFDF", "00B001BE0A"]


def test_commands_by_short_identifier() -> None:
    """The first read names the file, later ones go by offset; nothing selects."""
    card = card_with(DG14, content(DG14, 386))
    assert card.files[DG14.fid] == read_file(card, DG14, max_read=256, use_sfi=True)
    assert sent(card) == ["00B08E0000", "00B0010082"]


def test_extended_read_asks_within_the_limit_of_the_file() -> None:
    """With extended length no more is asked for than the file may hold, and one byte."""
    card = card_with(COM, content(COM, 26))
    assert card.files[COM.fid] == read_file(card, COM, max_read=65_536, use_sfi=True)
    assert [command.le for command in card.commands] == [1025]


@pytest.mark.parametrize("size", [0x7FFF, 0x8000, 0x8001, 70_000])
@pytest.mark.parametrize("max_read", [223, 256, 4096])
def test_files_beyond_the_short_offset(size: int, max_read: int) -> None:
    """Offsets over 7FFF are read with the odd INS, without a gap or an overlap."""
    card = card_with(DG2, content(DG2, size))
    assert card.files[DG2.fid] == read_file(card, DG2, max_read=max_read)
    instructions = [command.ins for command in card.commands[1:]]
    assert sorted(instructions) == instructions
    reads = {ins: instructions.count(ins) for ins in (0xB0, 0xB1)}
    # Whole chunks start at every multiple of max_read up to 7FFF; the rest is odd.
    assert 0x7FFF // max_read + 1 == reads[0xB0] or size <= 0x8000
    assert (reads[0xB1] > 0) == (reads[0xB0] * max_read < size)


@pytest.mark.parametrize("cipher", [Cipher.TDES, Cipher.AES_128])
def test_long_file_under_secure_messaging(cipher: Cipher) -> None:
    """Reads with the odd INS travel in DO'85' and come back whole."""
    enc, mac = bytes(range(16)), bytes(range(50, 66))
    data = content(DG2, 34_000)
    card = ProtectedCard(ChipSide(cipher, enc, mac), card_with(DG2, data))
    session = SecureMessaging(card, SessionKeys.with_zero_counter(cipher, enc, mac))
    assert data == read_file(session, DG2, max_read=short_read_length(cipher), use_sfi=True)


#: Sizes that an object with the shortest length field can have.
SIZES = st.integers(2, 1500).filter(lambda size: size not in {130, 259})


# --- what cards do ------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["9000", "6282", "6Cxx"])
@pytest.mark.parametrize("use_sfi", [False, True])
@given(size=SIZES, max_read=st.integers(16, 2000), surplus=st.binary(max_size=9))
def test_any_size(end: str, use_sfi: bool, size: int, max_read: int, surplus: bytes) -> None:
    """Whatever its size and the card's habit, a file comes back exact, without what follows."""
    whole = content(DG14, size)
    card = FileCard({DG14.fid: whole + surplus}, end)
    assert whole == read_file(card, DG14, max_read=max_read, use_sfi=use_sfi)


def test_surplus_is_not_asked_for() -> None:
    """A file padded to a fixed size is read to the end of its value only."""
    whole = content(DG14, 300)
    card = card_with(DG14, whole + bytes(5000))
    assert whole == read_file(card, DG14, max_read=223)
    assert sent(card) == ["00A4020C02010E", "00B00000DF", "00B000DF4D"]


def test_end_of_file_warning_is_taken_once() -> None:
    """6282 with the data is an ordinary end."""
    card = FileCard({COM.fid: content(COM, 26)}, "6282")
    assert card.files[COM.fid] == read_file(card, COM, max_read=223, use_sfi=True)
    assert sent(card) == ["00B09E00DF"]


def test_corrected_length() -> None:
    """6Cxx is followed once by that length."""
    card = FileCard({COM.fid: content(COM, 26)}, "6Cxx")
    assert card.files[COM.fid] == read_file(card, COM, max_read=223, use_sfi=True)
    assert sent(card) == ["00B09E00DF", "00B09E001A"]


def test_corrected_length_holds_for_the_file() -> None:
    """A card that wants 100 bytes at a time is asked for 100 from then on."""
    card = FileCard({DG13.fid: content(DG13, 456)}, correct_over=100)
    reader = FileReader(card, 223)
    assert card.files[DG13.fid] == reader.read(DG13, use_sfi=True)
    assert [command.le for command in card.commands] == [223, 100, 100, 100, 100, 56]
    assert reader.max_read == 223


def test_corrected_length_without_end() -> None:
    """The second 6Cxx at one offset ends the reading."""
    card = FunctionCard(lambda _: b"\x6c\x10")
    with pytest.raises(LimitExceeded) as caught:
        read_file(card, COM, max_read=223, use_sfi=True)
    assert caught.value.what == "progress"
    assert len(card.commands) == 2


@pytest.mark.parametrize(
    ("start", "limit", "asked"),
    [
        (2048, 300, [1536, 223]),
        (2048, 130, [1536, 223, 128]),
        (231, 100, [231, 223, 128, 64]),
        (223, 64, [223, 128, 64]),
    ],
)
def test_wrong_length_steps_down(start: int, limit: int, asked: list[int]) -> None:
    """6700 brings a smaller read, and the next file starts with it."""
    small = ElementaryFile("DG14", 0x010E, 0x0E, 0x6E, 1535, "EF_DG14.bin")
    card = FileCard({0x010E: content(DG14, 400)}, refuse_over=limit)
    reader = FileReader(card, start)
    assert card.files[0x010E] == reader.read(small, use_sfi=True)
    assert asked == [command.le for command in card.commands[: len(asked)]]
    assert asked[-1] == reader.max_read
    card.commands.clear()
    reader.read(small, use_sfi=True)
    assert asked[-1] == card.commands[0].le


def test_wrong_length_to_the_last_step() -> None:
    """A card that refuses even 64 bytes has broken the protocol."""
    card = FileCard({COM.fid: content(COM, 26)}, refuse_over=10)
    with pytest.raises(ProtocolError) as caught:
        read_file(card, COM, max_read=231)
    assert (caught.value.step, caught.value.sw) == ("read_binary", 0x6700)
    assert len(card.commands) == 1 + 4


def test_short_answers_are_continued() -> None:
    """A card that gives less than asked is asked on from where it stopped."""
    card = FileCard({DG1.fid: content(DG1, 95)}, answer_at_most=7)
    assert card.files[DG1.fid] == read_file(card, DG1, max_read=223)


def test_header_in_pieces() -> None:
    """Even a header that comes byte by byte is understood."""
    card = FileCard({DG14.fid: tlv(0x6E, bytes(5))}, answer_at_most=1)
    assert card.files[DG14.fid] == read_file(card, DG14, max_read=223)


def test_file_without_a_tag_is_read_to_its_end() -> None:
    """EF.CVCA: references and zeros, 36 bytes, no header to go by (TR-03110-3 A.6.2.1)."""
    data = tlv(0x42, b"XXCVCA00001").ljust(36, b"\0")
    for end, commands in (("9000", 3), ("6282", 2), ("6Cxx", 4)):
        card = FileCard({CVCA.fid: data}, end)
        assert data == read_file(card, CVCA, max_read=223)
        assert commands == len(card.commands)


def test_file_without_a_tag_and_an_empty_end() -> None:
    """Nothing with 9000 after data is an end too where no header tells the length."""
    card = ScriptedCard([b"\x42\x01A" + OK, OK])
    assert read_file(card, CVCA, max_read=223, use_sfi=True) == b"\x42\x01A"


def test_progress_is_told() -> None:
    """The callback hears bytes so far and bytes in all."""
    card = card_with(DG13, content(DG13, 456))
    told: list[tuple[int, int]] = []
    read_file(card, DG13, max_read=223, on_bytes=lambda done, total: told.append((done, total)))
    assert told == [(223, 456), (446, 456), (456, 456)]
