"""Whatever a chip answers, at whatever step, the protocols end in a named error or a result."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecid.encoding.tlv import encode
from ecid.errors import AccessDenied, MalformedData, ProtocolError
from ecid.protocols.active_authentication import internal_authenticate
from ecid.protocols.bac import BacKey, run_bac
from ecid.protocols.chip_authentication import (
    ChipAuthenticationChoice,
    run_chip_authentication,
)
from ecid.protocols.exchange import exchange, require, tries_left
from ecid.protocols.pace import PacePassword, run_pace
from ecid_crypto.cipher import Cipher
from ecid_crypto.domain import standardised_domain
from ecid_crypto.public_key import RsaPublicKey
from ecid_crypto.rng import SeededRng
from ecid_readers.apdu import CommandApdu
from pace_chip import PaceChip, suite
from scripted_card import FunctionCard, ScriptedCard

CAN = PacePassword.from_can("123456")
NAMED = (ProtocolError, AccessDenied, MalformedData)

#: Tags of PACE, those of other classes that look like them, and nonsense.
TAGS = [0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x8A, 0x90, 0x92, 0x94, 0x96, 0x7C]
WORDS = st.sampled_from([0x9000] * 6 + [0x6300, 0x63C0, 0x63C2, 0x6700, 0x6A80, 0x6D00, 0x6F00])


def objects(tags: list[int], value: bytes) -> bytes:
    """Return 7C with the same value under each tag."""
    return encode(0x7C, b"".join(encode(tag, value) for tag in tags))


ANSWERS = st.one_of(
    st.binary(max_size=80),
    st.builds(objects, st.lists(st.sampled_from(TAGS), max_size=3), st.binary(max_size=66)),
    st.just(b"\x7c\x00"),
)


@st.composite
def mutations(draw: st.DrawFn) -> dict[int, tuple[str, int, bytes, int]]:
    """Return, for some of the steps, what the chip does to its right answer."""
    kinds = st.sampled_from(["replace", "truncate", "flip", "repeat", "append", "retag", "word"])
    one = st.tuples(kinds, st.integers(0, 2**16), ANSWERS, WORDS)
    return draw(st.dictionaries(st.integers(1, 5), one, min_size=1, max_size=3))


def mutated(right: bytes, kind: str, number: int, other: bytes, word: int) -> bytes:
    """Return a right answer with one thing done to it."""
    data, sw = bytearray(right[:-2]), right[-2:]
    if kind == "replace":
        return other + word.to_bytes(2, "big")
    if kind == "word":
        return bytes(data) + word.to_bytes(2, "big")
    if kind == "append":
        return bytes(data) + other + sw
    if not data:
        return sw
    at = number % len(data)
    if kind == "truncate":
        return bytes(data[:at]) + sw
    if kind == "repeat":
        inner = bytes(data[2:])
        return encode(0x7C, inner * (2 + number % 3)) + sw
    if kind == "retag":
        at = 2 % len(data)
        data[at] = TAGS[number % len(TAGS)]
    else:
        data[at] ^= 1 << number % 8
    return bytes(data) + sw


@pytest.mark.parametrize("arcs", ["2.2", "1.2", "4.2", "3.1", "6.2"])
@given(changes=mutations())
def test_pace(arcs: str, changes: dict[int, tuple[str, int, bytes, int]]) -> None:
    """A chip that knows the password and does up to three odd things."""
    parameters = suite(arcs, 12 if arcs[0] in "246" else 0)
    chip, step = PaceChip(parameters, CAN), 0

    def answer(command: bytes) -> bytes:
        nonlocal step
        step += 1
        right = chip.transmit(command)
        return mutated(right, *changes[step]) if step in changes else right

    card = FunctionCard(answer)
    try:
        result = run_pace(card, parameters, CAN, SeededRng(b"terminal"))
    except NAMED:
        assert len(card.commands) <= 6
    else:
        # What changed was of no consequence: both sides have the same keys.
        assert chip.session_keys() == (result.keys.enc, result.keys.mac)


@pytest.mark.parametrize("arcs", ["2.2", "1.2", "4.2", "6.2"])
@given(answers=st.lists(st.tuples(ANSWERS, WORDS), min_size=6, max_size=6))
def test_pace_with_a_chip_that_knows_nothing(arcs: str, answers: list[tuple[bytes, int]]) -> None:
    """Made-up answers never open anything."""
    parameters = suite(arcs, 12 if arcs[0] in "246" else 0)
    wire = iter(answers)

    def answer(_: bytes) -> bytes:
        data, word = next(wire)
        return data + word.to_bytes(2, "big")

    with pytest.raises(NAMED):
        run_pace(FunctionCard(answer), parameters, CAN, SeededRng(b"terminal"))


@pytest.mark.parametrize("number", [0, 12])
@pytest.mark.parametrize("cipher", Cipher)
@given(data=ANSWERS, word=WORDS)
def test_chip_authentication(number: int, cipher: Cipher, data: bytes, word: int) -> None:
    """Keys after 9000, and ``ProtocolError`` after anything else; the data are not looked at."""
    domain = standardised_domain(number)
    public = domain.key(3).public()
    choice = ChipAuthenticationChoice("0.4.0.127.0.7.2.2.3.2.2", cipher, domain, public, None)
    card = FunctionCard(lambda _: data + word.to_bytes(2, "big"))
    if word == 0x9000:
        domain.check(run_chip_authentication(card, choice, SeededRng(b"terminal")).public)
        return
    with pytest.raises(ProtocolError) as caught:
        run_chip_authentication(card, choice, SeededRng(b"terminal"))
    assert caught.value.sw == word


@given(data=st.lists(st.tuples(st.binary(max_size=45), WORDS), min_size=2, max_size=2))
def test_bac(data: list[tuple[bytes, int]]) -> None:
    """Made-up answers never open anything."""
    wire = iter(data)

    def answer(_: bytes) -> bytes:
        value, word = next(wire)
        return value + word.to_bytes(2, "big")

    with pytest.raises(NAMED):
        run_bac(FunctionCard(answer), BacKey.from_mrz_information("X"), SeededRng(b"terminal"))


@given(data=st.binary(max_size=300), word=WORDS)
def test_internal_authenticate(data: bytes, word: int) -> None:
    """The answer is handed on as it is."""
    card = FunctionCard(lambda _: data + word.to_bytes(2, "big"))
    response = internal_authenticate(card, bytes(8), RsaPublicKey(1 << 1023, 3), 223)
    assert (response.data, response.sw) == (data, word)


def test_d08_every_status_word() -> None:
    """Defect D8: 9000 is success and none of the other 65,535 is, whatever it ends in."""
    command = CommandApdu(0x00, 0x84, 0x00, 0x00, le=8)
    accepted = []
    for word in range(0x10000):
        card = ScriptedCard([b"\x01" + word.to_bytes(2, "big")] * 2)
        assert exchange(card, command).sw == word
        with contextlib.suppress(ProtocolError):
            require(card, command, "step")
            accepted.append(word)
        assert tries_left(word) == (word & 0xF if 0x63C0 <= word <= 0x63CF else None)
    assert accepted == [0x9000]


@pytest.mark.parametrize("word", [0x6300, 0x6700, 0x6D00, 0x6F00, 0x6100, 0x9100, 0x9001])
def test_d08_at_the_last_step(word: int) -> None:
    """Defect D8: right data under a wrong status word open nothing."""
    chip = PaceChip(suite("2.2", 12), CAN)

    def answer(command: bytes) -> bytes:
        right = chip.transmit(command)
        return right if command[0] == 0x10 or command[1] == 0x22 else _with(right, word)

    with pytest.raises(AccessDenied):
        run_pace(FunctionCard(answer), suite("2.2", 12), CAN, SeededRng(b"terminal"))


def _with(right: bytes, word: int) -> bytes:
    return right[:-2] + word.to_bytes(2, "big")
