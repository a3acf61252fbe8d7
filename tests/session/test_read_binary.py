"""The forms of READ BINARY, and the arithmetic of the short read."""

from __future__ import annotations

import pytest

from ecid.errors import MalformedData
from ecid.session.read_binary import Read, short_read_length
from ecid_crypto.cipher import Cipher
from ecid_readers.apdu import ResponseApdu
from scripted_card import ChipSide, tlv


@pytest.mark.parametrize(
    ("cipher", "expected"),
    [
        (None, 256),
        (Cipher.TDES, 231),
        (Cipher.AES_128, 223),
        (Cipher.AES_192, 223),
        (Cipher.AES_256, 223),
    ],
)
def test_short_read_length(cipher: Cipher | None, expected: int) -> None:
    """223 plain bytes with AES, 231 with 3DES, 256 in clear (design section 6, item 1)."""
    assert expected == short_read_length(cipher)


@pytest.mark.parametrize("cipher", list(Cipher))
def test_short_read_is_the_longest_that_fits(cipher: Cipher) -> None:
    """A real protected response of that length fits 256 bytes; one byte more does not."""
    key = bytes(range(1, cipher.key_length + 1))
    longest = short_read_length(cipher)
    fits, exceeds = (
        len(ChipSide(cipher, key, key).answer(bytes(length))) for length in (longest, longest + 1)
    )
    assert fits <= 256 < exceeds


@pytest.mark.parametrize(
    ("read", "command"),
    [
        (Read(0, 223), "00B00000DF"),
        (Read(0, 256), "00B0000000"),
        (Read(0x1234, 16), "00B0123410"),
        (Read(0x7FFF, 1), "00B07FFF01"),
        (Read(0, 2048), "00B00000000800"),
        (Read(0, 4, sfi=0x1E), "00B09E0004"),
        (Read(200, 4, sfi=0x01), "00B081C804"),
        (Read(0x8000, 16), "00B100000454028000" + "10"),
        (Read(0x012345, 223), "00B10000055403012345" + "DF"),
    ],
)
def test_commands(read: Read, command: str) -> None:
    """Offsets to 7FFF stand in P1-P2, greater ones in DO'54' (ISO 7816-4 §11.2.3)."""
    assert bytes.fromhex(command) == read.command().encode()


@pytest.mark.parametrize(
    ("wanted", "offset", "longest", "le"),
    [
        (10, 0, 223, 10),
        (500, 0, 223, 223),
        (10, 0x7FFF, 223, 10),
        (10, 0x8000, 223, 12),
        (127, 0x8000, 223, 129),
        (128, 0x8000, 223, 131),
        (300, 0x8000, 2048, 304),
        (500, 0x8000, 223, 223),
    ],
)
def test_room_for_the_object_header(wanted: int, offset: int, longest: int, le: int) -> None:
    """Beyond 7FFF the answer is a DO'53', whose header counts within Le."""
    assert le == Read.up_to(wanted, offset, longest).le


def test_data_of_an_answer() -> None:
    """No more than was asked for is taken, with and without DO'53'."""
    assert Read(0, 3).data(ResponseApdu(b"ABCDE", 0x9000), "DG2") == b"ABC"
    odd = Read(0x8000, 5)
    assert odd.data(ResponseApdu(tlv(0x53, b"ABC"), 0x9000), "DG2") == b"ABC"
    assert odd.data(ResponseApdu(b"", 0x9000), "DG2") == b""


@pytest.mark.parametrize("body", [b"ABC", b"\x54\x01A", b"\x53\x05ABC", b"\x53\x01AB"])
def test_an_answer_that_is_no_discretionary_data(body: bytes) -> None:
    """Where DO'53' is due, anything else is malformed."""
    with pytest.raises(MalformedData) as caught:
        Read(0x8000, 16).data(ResponseApdu(body, 0x9000), "DG2")
    assert caught.value.where == "DG2"
