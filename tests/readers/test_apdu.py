"""Command and response APDUs: all seven cases, both ways, and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecid_readers.apdu import CommandApdu, ResponseApdu
from ecid_readers.errors import MalformedApdu, ResponseTooLong

DATA_300 = bytes(300)

#: ISO 7816-4 §5.1: one encoding and one value of every case.
CASES = {
    "1": ("00A4000C", CommandApdu(0x00, 0xA4, 0x00, 0x0C)),
    "2S": ("00B0000004", CommandApdu(0x00, 0xB0, 0, 0, le=4)),
    "2S of 256": ("00B0000000", CommandApdu(0x00, 0xB0, 0, 0, le=256)),
    "3S": ("00A4020C02011E", CommandApdu(0x00, 0xA4, 0x02, 0x0C, b"\x01\x1e")),
    "4S": ("0088000002AABB00", CommandApdu(0x00, 0x88, 0, 0, b"\xaa\xbb", 256)),
    "2E": ("00B00000000800", CommandApdu(0x00, 0xB0, 0, 0, le=2048)),
    "2E of 65536": ("00B00000000000", CommandApdu(0x00, 0xB0, 0, 0, le=65_536)),
    "2E kept": ("00B00000000010", CommandApdu(0x00, 0xB0, 0, 0, le=16, extended=True)),
    "3E": ("002A00BE00012C" + DATA_300.hex(), CommandApdu(0x00, 0x2A, 0, 0xBE, DATA_300)),
    "3E kept": ("00A4020C000002011E", CommandApdu(0, 0xA4, 2, 0x0C, b"\x01\x1e", None, True)),
    "4E": ("0086000000012C" + DATA_300.hex() + "0000", CommandApdu(0, 0x86, 0, 0, DATA_300, 65536)),
    "4E of short data": ("00880000000001AA012C", CommandApdu(0x00, 0x88, 0, 0, b"\xaa", 300)),
}

MALFORMED = {
    "empty": ("", "header_truncated"),
    "three bytes": ("00A400", "header_truncated"),
    "data shorter than Lc": ("00A4020C0301", "lc_mismatch"),
    "data longer than Lc and Le": ("00A4020C02010203AA", "lc_mismatch"),
    "Le in its short form after extended data": ("00A4020C000001AA00", "lc_mismatch"),
    "three bytes after extended data": ("00A4020C000001AA000000", "lc_mismatch"),
    "extended data cut short": ("00A4020C000002AA", "lc_mismatch"),
    "half an extended length": ("00A4020C0001", "extended_length_truncated"),
    "extended Lc of zero": ("00A4020C000000AA", "extended_lc_zero"),
}

BYTE = st.integers(0, 255)
NO_DATA = st.just(b"")
SHORT_DATA = st.binary(min_size=1, max_size=255)
LONG_DATA = st.binary(min_size=1, max_size=700)
SHORT_LE = st.integers(1, 256)
LONG_LE = st.integers(1, 65_536)
SEVEN_CASES = st.one_of(
    st.tuples(NO_DATA, st.none(), st.just(False)),
    st.tuples(NO_DATA, SHORT_LE, st.just(False)),
    st.tuples(SHORT_DATA, st.none(), st.just(False)),
    st.tuples(SHORT_DATA, SHORT_LE, st.just(False)),
    st.tuples(NO_DATA, LONG_LE, st.just(True)),
    st.tuples(LONG_DATA, st.none(), st.just(True)),
    st.tuples(LONG_DATA, LONG_LE, st.just(True)),
)


@pytest.mark.parametrize("case", sorted(CASES))
def test_cases_of_the_standard(case: str) -> None:
    """Every case encodes to the bytes of ISO 7816-4 and decodes to the same value."""
    encoded, command = CASES[case]
    assert bytes.fromhex(encoded) == command.encode()
    assert command == CommandApdu.decode(bytes.fromhex(encoded))


@pytest.mark.parametrize("flaw", sorted(MALFORMED))
def test_malformed_commands(flaw: str) -> None:
    """Bytes that no case explains are refused by the name of the rule."""
    encoded, rule = MALFORMED[flaw]
    with pytest.raises(MalformedApdu) as caught:
        CommandApdu.decode(bytes.fromhex(encoded))
    assert rule == caught.value.detail


@given(st.tuples(BYTE, BYTE, BYTE, BYTE), SEVEN_CASES)
def test_round_trip(
    header: tuple[int, int, int, int], body: tuple[bytes, int | None, bool]
) -> None:
    """What is encoded in any of the seven cases is decoded to the same command."""
    command = CommandApdu(*header, *body)
    assert command == CommandApdu.decode(command.encode())


@given(st.binary(max_size=40))
def test_any_bytes(raw: bytes) -> None:
    """Any bytes are a command that encodes to exactly them, or ``MalformedApdu``."""
    try:
        command = CommandApdu.decode(raw)
    except MalformedApdu:
        return
    assert raw == command.encode()


def test_values_without_an_encoding() -> None:
    """A command that cannot be sent cannot be made."""
    for le in (0, -1, 65_537):
        with pytest.raises(MalformedApdu):
            CommandApdu(0, 0xB0, 0, 0, le=le)
    with pytest.raises(MalformedApdu):
        CommandApdu(0, 0xB0, 256, 0)
    with pytest.raises(MalformedApdu):
        CommandApdu(0, 0xB0, 0, 0, bytes(65_536))
    assert len(CommandApdu(0, 0xD6, 0, 0, bytes(65_535)).encode()) == 4 + 3 + 65_535


def test_extended_tells_the_form_on_the_wire() -> None:
    """The flag is set where short fields do not reach and cleared where there are none."""
    assert CommandApdu(0, 0xB0, 0, 0, le=257).extended
    assert CommandApdu(0, 0xD6, 0, 0, bytes(256)).extended
    assert not CommandApdu(0, 0xD6, 0, 0, bytes(255), 256).extended
    assert not CommandApdu(0, 0xA4, 0, 0x0C, extended=True).extended


def test_response() -> None:
    """A response is its data and a 16-bit status word."""
    response = ResponseApdu.decode(bytes.fromhex("60146282"))
    assert ResponseApdu(b"\x60\x14", 0x6282) == response
    assert bytes.fromhex("60146282") == response.encode()


@pytest.mark.parametrize("raw", [b"", b"\x90"])
def test_response_without_status(raw: bytes) -> None:
    """Fewer than two bytes are no response."""
    with pytest.raises(MalformedApdu):
        ResponseApdu.decode(raw)


def test_response_beyond_extended_length() -> None:
    """65,536 data bytes are the most that ISO 7816-4 can carry."""
    assert len(ResponseApdu.decode(bytes(65_538)).data) == 65_536
    with pytest.raises(ResponseTooLong):
        ResponseApdu.decode(bytes(65_539))


def test_no_data_in_repr() -> None:
    """Neither APDU prints its data."""
    secret = b"SECRET"
    printed = repr(CommandApdu(0, 0xA4, 4, 12, secret)) + repr(ResponseApdu(secret, 0x9000))
    assert "SECRET" not in printed
    assert secret.hex() not in printed.lower()
