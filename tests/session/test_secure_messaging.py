"""The rules of secure messaging: every violation by name, and dead is dead."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecid.errors import SecureMessagingError
from ecid.session.keys import SessionKeys
from ecid.session.secure_messaging import SecureMessaging
from ecid_crypto.cipher import Cipher
from ecid_readers.apdu import CommandApdu, ResponseApdu
from ecid_readers.errors import CardRemoved, MalformedApdu
from scripted_card import ChipSide, FunctionCard, ScriptedCard, tlv

CIPHERS = [Cipher.TDES, Cipher.AES_128, Cipher.AES_256]
READ = CommandApdu(0x00, 0xB0, 0, 0, le=16)
DATA = b"eleven data"
OK = b"\x99\x02\x90\x00"


def key(cipher: Cipher, first: int) -> bytes:
    """Return a key of the right length without equal halves."""
    return bytes(range(first, first + cipher.key_length))


def session_keys(cipher: Cipher) -> SessionKeys:
    """Return the terminal's keys with the counter at zero."""
    return SessionKeys.with_zero_counter(cipher, key(cipher, 1), key(cipher, 101))


def chip_side(cipher: Cipher) -> ChipSide:
    """Return the chip's end of the same session."""
    return ChipSide(cipher, key(cipher, 1), key(cipher, 101))


def answered(cipher: Cipher, make: Callable[[ChipSide], bytes]) -> SecureMessaging:
    """Return a session whose first answer is ``make(chip)``, with the chip's counter set."""

    def answer(command: bytes) -> bytes:
        chip = chip_side(cipher)
        chip.open(command)
        chip.ssc += 1
        return make(chip)

    return SecureMessaging(FunctionCard(answer), session_keys(cipher))


def do87(chip: ChipSide, data: bytes = DATA) -> bytes:
    """Return DO'87' as the standard wants it."""
    return tlv(0x87, b"\x01" + chip.cryptogram(data))


def control(chip: ChipSide) -> bytes:
    """Return the answer that every mutation below starts from."""
    return chip.seal(do87(chip) + OK, 0x9000)


def without_mac(chip: ChipSide) -> bytes:
    """Return the objects of the control before DO'8E'."""
    return do87(chip) + OK


def mac_of(chip: ChipSide, objects: bytes) -> bytes:
    """Return the eight bytes that are right for ``objects``."""
    return chip.seal(objects, 0x9000)[len(objects) + 2 : -2]


def mac_object(chip: ChipSide, mac: Callable[[bytes], bytes]) -> bytes:
    """Return the control with the value of its DO'8E' passed through ``mac``."""
    objects = without_mac(chip)
    return objects + tlv(0x8E, mac(mac_of(chip, objects))) + b"\x90\x00"


def unpadded(chip: ChipSide, last: bytes) -> bytes:
    """Return an answer with a right MAC whose padded text ends in the block ``last``."""
    blocks = last.rjust(2 * chip.cipher.block_length, b"A")
    return chip.seal(tlv(0x87, b"\x01" + chip.cryptogram(blocks, padded=False)) + OK, 0x9000)


#: Every row breaks one rule of 9303-11 §9.8 and keeps the others: where nothing is said about
#: the MAC, it is the right one for the bytes sent.
VIOLATIONS: dict[str, tuple[str, Callable[[ChipSide], bytes]]] = {
    "plain success": ("plain_response", lambda _: b"\x90\x00"),
    "plain data": ("plain_response", lambda _: DATA + b"\x90\x00"),
    "plain 6988": ("plain_response", lambda _: b"\x69\x88"),
    "plain 6987": ("plain_response", lambda _: b"\x69\x87"),
    "plain 6982": ("plain_response", lambda _: b"\x69\x82"),
    "an unknown object first": ("plain_response", lambda c: c.seal(b"\x81\x01A" + OK, 0x9000)),
    "no bytes": ("malformed", lambda _: b""),
    "one byte": ("malformed", lambda _: b"\x90"),
    "DO99 cut short": ("malformed", lambda _: b"\x99\x02\x90\x90\x00"),
    "a zero byte after DO8E": ("malformed", lambda c: control(c)[:-2] + b"\x00\x90\x00"),
    "indefinite length": ("malformed", lambda c: c.seal(b"\x87\x80\x01\x00\x00" + OK, 0x9000)),
    "no DO99": ("missing_status", lambda c: c.seal(do87(c), 0x9000)),
    "DO8E alone": ("missing_status", lambda c: c.seal(b"", 0x9000)),
    "no DO8E": ("missing_mac", lambda c: without_mac(c) + b"\x90\x00"),
    "DO87 and 6282 without DO8E": ("missing_status", lambda c: do87(c) + b"\x62\x82"),
    "an empty DO8E": ("mac_length", lambda c: mac_object(c, lambda _: b"")),
    "four bytes of MAC": ("mac_length", lambda c: mac_object(c, lambda m: m[:4])),
    "seven bytes of MAC": ("mac_length", lambda c: mac_object(c, lambda m: m[:7])),
    "nine bytes of MAC": ("mac_length", lambda c: mac_object(c, lambda m: m + b"\x00")),
    "DO8E with a long length field": (
        "mac_length",
        lambda c: without_mac(c) + b"\x8e\x81\x08" + mac_of(c, without_mac(c)) + b"\x90\x00",
    ),
    "first bit of the MAC": (
        "wrong_mac",
        lambda c: mac_object(c, lambda m: bytes((m[0] ^ 0x80,)) + m[1:]),
    ),
    "last bit of the MAC": (
        "wrong_mac",
        lambda c: mac_object(c, lambda m: m[:-1] + bytes((m[-1] ^ 1,))),
    ),
    "a MAC of zeros": ("wrong_mac", lambda c: mac_object(c, lambda _: bytes(8))),
    "a MAC with the counter of the command": (
        "wrong_mac",
        lambda c: control(ChipSide(c.cipher, c.enc, c.mac, c.ssc - 1)),
    ),
    "a MAC with the counter one ahead": (
        "wrong_mac",
        lambda c: control(ChipSide(c.cipher, c.enc, c.mac, c.ssc + 1)),
    ),
    "DO99 altered with the outer status": (
        "wrong_mac",
        lambda c: control(c).replace(b"\x90\x00", b"\x62\x82"),
    ),
    "outer status altered": ("status_mismatch", lambda c: control(c)[:-2] + b"\x62\x82"),
    "outer success round an inner error": (
        "status_mismatch",
        lambda c: c.seal(b"\x99\x02\x6a\x82", 0x9000),
    ),
    "DO99 of one byte": ("status_length", lambda c: c.seal(do87(c) + b"\x99\x01\x90", 0x9000)),
    "DO99 empty": ("status_length", lambda c: c.seal(do87(c) + b"\x99\x00", 0x9000)),
    "DO99 with a long length field": (
        "status_length",
        lambda c: c.seal(do87(c) + b"\x99\x81\x02\x90\x00", 0x9000),
    ),
    "DO85 after an even INS": (
        "unexpected_object",
        lambda c: c.seal(tlv(0x85, c.cryptogram(DATA)) + OK, 0x9000),
    ),
    "an unknown object inside": (
        "unexpected_object",
        lambda c: c.seal(do87(c) + b"\x81\x01A" + OK, 0x9000),
    ),
    "an object after DO8E": (
        "unexpected_object",
        lambda c: control(c)[:-2] + b"\x81\x01A" + b"\x90\x00",
    ),
    "DO87 twice": ("duplicate_object", lambda c: c.seal(do87(c) + do87(c) + OK, 0x9000)),
    "DO99 twice": ("duplicate_object", lambda c: c.seal(do87(c) + OK + OK, 0x9000)),
    "DO8E twice": (
        "duplicate_object",
        lambda c: control(c)[:-2] + control(c)[-12:-2] + b"\x90\x00",
    ),
    "DO99 before DO87": ("object_order", lambda c: c.seal(OK + do87(c), 0x9000)),
    "DO8E before DO99": (
        "object_order",
        lambda c: c.seal(do87(c), 0x9000)[:-2] + OK + b"\x90\x00",
    ),
    "padding indicator 02": (
        "padding_indicator",
        lambda c: c.seal(tlv(0x87, b"\x02" + c.cryptogram(DATA)) + OK, 0x9000),
    ),
    "no padding indicator": (
        "padding_indicator",
        lambda c: c.seal(tlv(0x87, b"\x00" + c.cryptogram(DATA)) + OK, 0x9000),
    ),
    "an empty DO87": ("padding_indicator", lambda c: c.seal(tlv(0x87, b"") + OK, 0x9000)),
    "DO87 without a block": (
        "bad_cryptogram_length",
        lambda c: c.seal(tlv(0x87, b"\x01") + OK, 0x9000),
    ),
    "DO87 of half a block": (
        "bad_cryptogram_length",
        lambda c: c.seal(tlv(0x87, b"\x01" + c.cryptogram(DATA)[:-4]) + OK, 0x9000),
    ),
    "no padding": ("padding", lambda c: unpadded(c, b"no padding here!"[: c.cipher.block_length])),
    "only zeros": ("padding", lambda c: unpadded(c, b"".rjust(2 * c.cipher.block_length, b"\0"))),
    "a block of zeros too many": (
        "padding",
        lambda c: unpadded(c, b"\x80".ljust(c.cipher.block_length + 1, b"\0")),
    ),
    "more data than Le": ("too_long", lambda c: c.seal(do87(c, bytes(17)) + OK, 0x9000)),
}


@pytest.mark.parametrize("cipher", CIPHERS)
@pytest.mark.parametrize("flaw", sorted(VIOLATIONS))
def test_violations(cipher: Cipher, flaw: str) -> None:
    """The control is read; the same answer with one rule broken ends the session by name."""
    reason, mutate = VIOLATIONS[flaw]
    green = answered(cipher, control)
    assert green.transmit(READ.encode()) == DATA + b"\x90\x00"
    assert green.alive

    session = answered(cipher, mutate)
    with pytest.raises(SecureMessagingError) as caught:
        session.transmit(READ.encode())
    assert reason == caught.value.reason
    assert_closed(session)


def assert_closed(session: SecureMessaging) -> None:
    """Assert that nothing passes any more, and that nothing more is sent."""
    assert not session.alive
    inner = session._inner
    assert isinstance(inner, FunctionCard | ScriptedCard)
    sent = len(inner.commands)
    with pytest.raises(SecureMessagingError) as caught:
        session.transmit(READ.encode())
    assert caught.value.reason == "session_closed"
    assert sent == len(inner.commands)


@pytest.mark.parametrize("cipher", CIPHERS)
def test_every_bit_counts(cipher: Cipher) -> None:
    """Of a right answer, no single bit can be changed."""
    length = 8 * len(control(chip_side(cipher)))
    for bit in range(length):

        def flip(chip: ChipSide, bit: int = bit) -> bytes:
            raw = bytearray(control(chip))
            raw[bit // 8] ^= 0x80 >> bit % 8
            return bytes(raw)

        with pytest.raises(SecureMessagingError):
            answered(cipher, flip).transmit(READ.encode())


@pytest.mark.parametrize("cipher", CIPHERS)
def test_a_replayed_answer(cipher: Cipher) -> None:
    """The answer to the last command is not the answer to this one."""
    chip = chip_side(cipher)
    chip.ssc = 1
    first = chip.answer(DATA)
    session = SecureMessaging(ScriptedCard([first, first]), session_keys(cipher))
    assert session.transmit(READ.encode()) == DATA + b"\x90\x00"
    with pytest.raises(SecureMessagingError) as caught:
        session.transmit(READ.encode())
    assert caught.value.reason == "wrong_mac"
    assert_closed(session)


@pytest.mark.parametrize("sw", [0x6A82, 0x6282, 0x6B00, 0x6982])
def test_protected_errors_keep_the_session(sw: int) -> None:
    """An error that is itself protected is an ordinary answer."""
    cipher = Cipher.AES_128
    session = answered(cipher, lambda chip: chip.seal(b"\x99\x02" + sw.to_bytes(2, "big"), sw))
    assert sw.to_bytes(2, "big") == session.transmit(READ.encode())
    assert session.alive


@pytest.mark.parametrize("error", [CardRemoved(), KeyboardInterrupt()])
def test_a_lost_link_closes_the_session(error: BaseException) -> None:
    """What the inner transport raises passes unchanged, and the session is closed."""

    def lose(_: bytes) -> bytes:
        raise error

    session = SecureMessaging(FunctionCard(lose), session_keys(Cipher.AES_128))
    with pytest.raises(type(error)) as caught:
        session.transmit(READ.encode())
    assert error is caught.value
    assert_closed(session)


def test_a_malformed_command_changes_nothing() -> None:
    """What is no APDU is refused before the counter moves."""
    session = answered(Cipher.TDES, control)
    with pytest.raises(MalformedApdu):
        session.transmit(b"\x00\xb0")
    assert session.transmit(READ.encode()) == DATA + b"\x90\x00"


@given(cipher=st.sampled_from(CIPHERS), raw=st.binary(max_size=300), sw=st.booleans())
def test_any_answer(cipher: Cipher, raw: bytes, sw: bool) -> None:
    """Arbitrary bytes are never data: they end the session, and in no other way."""
    answer = raw + b"\x90\x00" if sw else raw
    session = SecureMessaging(ScriptedCard([answer]), session_keys(cipher))
    with pytest.raises(SecureMessagingError):
        session.transmit(READ.encode())
    assert_closed(session)


@given(
    cipher=st.sampled_from(CIPHERS),
    objects=st.lists(
        st.tuples(st.sampled_from([0x81, 0x85, 0x87, 0x97, 0x99, 0x8E]), st.binary(max_size=40)),
        max_size=5,
    ),
    ins=st.sampled_from([0xB0, 0xB1]),
)
def test_any_objects(cipher: Cipher, objects: list[tuple[int, bytes]], ins: int) -> None:
    """Arbitrary objects under a right MAC are a plain answer within Le, or the end."""
    body = b"".join(tlv(tag, value) for tag, value in objects)
    session = answered(cipher, lambda chip: chip.seal(body, 0x9000))
    try:
        answer = session.transmit(CommandApdu(0, ins, 0, 0, le=16).encode())
    except SecureMessagingError:
        assert_closed(session)
    else:
        assert len(answer) <= 16 + 2


COMMANDS = st.builds(
    CommandApdu,
    cla=st.sampled_from([0x00, 0x10, 0x80]),
    ins=st.integers(0, 255),
    p1=st.integers(0, 255),
    p2=st.integers(0, 255),
    data=st.binary(max_size=600),
    le=st.none() | st.integers(1, 65_536),
    extended=st.booleans(),
)


@given(
    cipher=st.sampled_from(list(Cipher)),
    commands=st.lists(COMMANDS, min_size=1, max_size=4),
    data=st.binary(max_size=400),
)
def test_both_ends_understand_each_other(
    cipher: Cipher, commands: list[CommandApdu], data: bytes
) -> None:
    """A chip that follows the standard sees the plain command, and we its plain answer."""
    chip = chip_side(cipher)
    opened: list[CommandApdu] = []

    def answer(raw: bytes) -> bytes:
        opened.append(chip.open(raw))
        odd = bool(opened[-1].ins & 1)
        return chip.answer(data[: opened[-1].le or 0], 0x9000, odd=odd)

    session = SecureMessaging(FunctionCard(answer), session_keys(cipher))
    for sent in commands:
        plain = ResponseApdu.decode(session.transmit(sent.encode()))
        assert (data[: sent.le or 0], 0x9000) == (plain.data, plain.sw)
    fields = [(c.cla, c.ins, c.p1, c.p2, c.data, c.le) for c in commands]
    assert fields == [(c.cla, c.ins, c.p1, c.p2, c.data, c.le) for c in opened]


def test_an_answer_longer_than_a_short_le() -> None:
    """256 plain bytes to a short Le come in 285 bytes, as the Vietnamese card sends them."""
    data = bytes(range(256))
    session = answered(Cipher.TDES, lambda chip: chip.seal(do87(chip, data) + OK, 0x9000))
    assert data + b"\x90\x00" == session.transmit(bytes.fromhex("00B0000000"))
    chip = chip_side(Cipher.TDES)
    assert len(chip.seal(do87(chip, data) + OK, 0x9000)) - 2 == 4 + 1 + 264 + 4 + 10


@pytest.mark.parametrize(
    ("plain", "start", "end"),
    [
        (CommandApdu(0, 0xB0, 0, 0, le=256), "0CB000000D9701008E08", "00"),
        (CommandApdu(0, 0xB0, 0, 0, le=300), "0CB0000000000E9702012C8E08", "0000"),
        (CommandApdu(0, 0xB0, 0, 0, le=65_536), "0CB0000000000E970200008E08", "0000"),
        (CommandApdu(0, 0xB0, 0, 0, le=16, extended=True), "0CB0000000000D9701108E08", "0000"),
        (CommandApdu(0, 0xD6, 0, 0, bytes(231)), "0CD60000F68781E901", "00"),
        (CommandApdu(0, 0xD6, 0, 0, bytes(239)), "0CD60000FE8781F101", "00"),
        (CommandApdu(0, 0xD6, 0, 0, bytes(240)), "0CD600000001068781F901", "0000"),
        (CommandApdu(0, 0x44, 0, 0), "0C4400000A8E08", "00"),
    ],
)
def test_form_of_the_protected_command(plain: CommandApdu, start: str, end: str) -> None:
    """Short where all fits and the plain command was short; else extended, Le 00 or 0000."""
    card = ScriptedCard([b"\x69\x88"])
    with pytest.raises(SecureMessagingError):
        SecureMessaging(card, session_keys(Cipher.TDES)).transmit(plain.encode())
    sent = card.commands[0].hex().upper()
    assert sent.startswith(start)
    assert sent.endswith(end)
    assert CommandApdu.decode(card.commands[0]).extended == (end == "0000")


def test_counter_passes_its_end() -> None:
    """A counter of BAC that starts at its greatest value goes on at zero."""
    keys = session_keys(Cipher.TDES)
    chip = chip_side(Cipher.TDES)
    chip.ssc = -1

    def answer(raw: bytes) -> bytes:
        chip.open(raw)
        return chip.answer(DATA)

    full = SessionKeys(keys.cipher, keys.enc, keys.mac, b"\xff" * 8)
    assert SecureMessaging(FunctionCard(answer), full).transmit(READ.encode()) == DATA + b"\x90\x00"


def test_nothing_is_printed() -> None:
    """``repr`` tells whether the session stands, nothing else."""
    assert repr(answered(Cipher.TDES, control)) == "SecureMessaging(alive=True)"
