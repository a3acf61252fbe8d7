"""PACE with generic mapping: both sides, and one wrong answer at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecid.encoding.tlv import children, encode, parse_one
from ecid.errors import (
    AccessDenied,
    AccessRefused,
    ChipError,
    MalformedData,
    ProtocolError,
)
from ecid.protocols.pace import (
    PaceParameters,
    PacePassword,
    run_pace,
)
from ecid.session.keys import SessionKeys
from ecid_crypto.cipher import Cipher
from ecid_crypto.curves import Point, curve_by_name, encode_point
from ecid_crypto.ec_key import EcPrivateKey
from ecid_crypto.rng import SeededRng
from ecid_readers.errors import MalformedApdu
from pace_chip import PaceChip
from scripted_card import FunctionCard, ScriptedCard

CURVE = curve_by_name("brainpoolP256r1")
GM_AES_128 = PaceParameters("0.4.0.127.0.7.2.2.4.2.2", Cipher.AES_128, CURVE, 13)
CAN = PacePassword.from_can("123456")


@pytest.mark.parametrize("cipher", Cipher)
@pytest.mark.parametrize("curve", ["P-256", "brainpoolP256r1", "brainpoolP512r1"])
def test_control(cipher: Cipher, curve: str) -> None:
    """Both sides arrive at the same keys, counter zero, with every cipher."""
    last = {Cipher.TDES: 1, Cipher.AES_128: 2, Cipher.AES_192: 3, Cipher.AES_256: 4}[cipher]
    oid = f"0.4.0.127.0.7.2.2.4.2.{last}"
    parameters = PaceParameters(oid, cipher, curve_by_name(curve), 13)
    chip = PaceChip(oid, cipher, parameters.curve, CAN.secret)
    keys = run_pace(chip, parameters, CAN, SeededRng(b"terminal"))
    assert SessionKeys.with_zero_counter(cipher, *chip.session_keys()) == keys


def run_with(step: int, replacement: Any) -> None:
    """Run PACE; ``replacement(right answer, command)`` is what the chip says to ``step``."""
    chip = PaceChip(GM_AES_128.oid, Cipher.AES_128, CURVE, CAN.secret)
    count = 0

    def answer(command: bytes) -> bytes:
        nonlocal count
        count += 1
        right = chip.transmit(command)
        return bytes(replacement(right, command)) if count == step else right

    run_pace(FunctionCard(answer), GM_AES_128, CAN, SeededRng(b"terminal"))


MSE, NONCE, MAPPING, AGREEMENT, TOKEN = 1, 2, 3, 4, 5
NAMES = {
    NONCE: "PACE nonce",
    MAPPING: "PACE mapping",
    AGREEMENT: "PACE key agreement",
    TOKEN: "PACE mutual authentication",
}
TAGS = {NONCE: 0x80, MAPPING: 0x82, AGREEMENT: 0x84, TOKEN: 0x86}


def objects(*pairs: tuple[int, bytes], sw: int = 0x9000) -> bytes:
    """Return a response with 7C."""
    return encode(0x7C, b"".join(encode(*pair) for pair in pairs)) + sw.to_bytes(2, "big")


def value_of(right: bytes) -> bytes:
    """Return the value of the one object in a right answer."""
    (found,) = children(parse_one(right[:-2], 0x7C, "answer"))
    return found.value


def refused(step: int, replacement: Any, code: str) -> None:
    """Assert that the replaced answer ends the protocol with ``code``, naming the step."""
    with pytest.raises(ProtocolError) as caught:
        run_with(step, replacement)
    assert type(caught.value) is ProtocolError
    assert (caught.value.code, caught.value.step) == (code, NAMES[step])


@pytest.mark.parametrize("step", NAMES)
def test_the_mutations_start_from_green(step: int) -> None:
    """Answers that pass through the helpers unchanged are accepted."""
    run_with(step, lambda right, _: objects((TAGS[step], value_of(right))))


@pytest.mark.parametrize("sw", [0x63C1, 0x63C2, 0x63CF])
def test_few_tries_left(sw: int) -> None:
    """63Cx at MSE:Set AT only warns (§4.4.4.1)."""
    run_with(MSE, lambda *_: sw.to_bytes(2, "big"))


@pytest.mark.parametrize("sw", [0x6A80, 0x6A88, 0x6D00, 0x6FFF, 0x6300, 0x63C0, 0x6283])
def test_refused_start(sw: int) -> None:
    """Any other status word refuses the protocol; 63C0 says that the password is blocked."""
    with pytest.raises(AccessRefused) as caught:
        run_with(MSE, lambda *_: sw.to_bytes(2, "big"))
    assert (caught.value.code, caught.value.sw) == ("access_refused", sw)


@pytest.mark.parametrize("step", [NONCE, MAPPING, AGREEMENT])
@pytest.mark.parametrize("sw", [0x6300, 0x6982, 0x6F00])
def test_refused_step(step: int, sw: int) -> None:
    """A refusal before the token is a broken protocol, not a wrong password."""
    with pytest.raises(ProtocolError) as caught:
        run_with(step, lambda right, _: right[:-2] + sw.to_bytes(2, "big"))
    assert (caught.value.code, caught.value.sw) == ("protocol", sw)
    assert caught.value.step == NAMES[step]


@pytest.mark.parametrize("sw", [0x6300, 0x63C1, 0x6982, 0x6F00])
def test_refused_token(sw: int) -> None:
    """After our token every refusal means the password, even with a right answer beside it."""
    with pytest.raises(AccessDenied) as caught:
        run_with(TOKEN, lambda right, _: right[:-2] + sw.to_bytes(2, "big"))
    assert caught.value.code == "wrong_key"


def test_wrong_password() -> None:
    """A chip with another password notices first; a chip that does not care proves nothing."""
    chip = PaceChip(GM_AES_128.oid, Cipher.AES_128, CURVE, b"654321")
    with pytest.raises(AccessDenied):
        run_pace(chip, GM_AES_128, CAN, SeededRng(b"terminal"))
    chip = PaceChip(GM_AES_128.oid, Cipher.AES_128, CURVE, b"654321", careless=True)
    with pytest.raises(ProtocolError) as caught:
        run_pace(chip, GM_AES_128, CAN, SeededRng(b"terminal"))
    assert caught.value.code == "access_unproven"


@pytest.mark.parametrize("step", NAMES)
def test_duplicate_object(step: int) -> None:
    """No object may stand twice."""
    tag = TAGS[step]
    refused(
        step,
        lambda right, _: objects((tag, value_of(right)), (tag, value_of(right))),
        "repeated_object",
    )


@pytest.mark.parametrize("step", NAMES)
@pytest.mark.parametrize("extra", [0x81, 0x8A])
def test_extra_object(step: int, extra: int) -> None:
    """Nor any that does not belong there; 8A would be chip authentication mapping (PA7)."""
    refused(
        step,
        lambda right, _: objects((TAGS[step], value_of(right)), (extra, bytes(16))),
        "unexpected_object",
    )


@pytest.mark.parametrize("step", NAMES)
def test_missing_object(step: int) -> None:
    """7C with nothing inside."""
    refused(step, lambda *_: objects(), "unexpected_object")


@pytest.mark.parametrize("step", NAMES)
def test_wrong_object(step: int) -> None:
    """The right value under another tag: that of a later version, or of another step."""
    for tag in {0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x8A} - {TAGS[step]}:
        refused(
            step,
            lambda right, _, tag=tag: objects((tag, value_of(right))),
            "unexpected_object",
        )


@pytest.mark.parametrize("step", NAMES)
@pytest.mark.parametrize(
    ("response", "rule"),
    [
        ("9000", "truncated"),
        ("7C9000", "truncated"),
        ("7C029000", "truncated"),
        ("7D009000", "unexpected_tag"),
        ("7C00009000", "trailing_data"),
        ("7C8000009000", "indefinite_length"),
    ],
)
def test_no_data_objects(step: int, response: str, rule: str) -> None:
    """Answers that are no TLV."""
    with pytest.raises(MalformedData) as caught:
        run_with(step, lambda *_: bytes.fromhex(response))
    assert (caught.value.rule, caught.value.where) == (rule, NAMES[step])


@pytest.mark.parametrize("length", [0, 8, 15, 17, 32])
def test_nonce_length(length: int) -> None:
    """The nonce has one block of sixteen bytes (§4.4.3.3)."""
    refused(NONCE, lambda *_: objects((0x80, bytes(length))), "wrong_length")


OFF_CURVE = encode_point(CURVE, CURVE.g)[:-1] + b"\x00"
BAD_POINTS = {
    "off the curve": OFF_CURVE,
    "infinity": b"\x00",
    "empty": b"",
    "zero": b"\x04" + bytes(64),
    "compressed": b"\x02" + encode_point(CURVE, CURVE.g)[1:33],
    "hybrid": b"\x06" + encode_point(CURVE, CURVE.g)[1:],
    "one byte short": encode_point(CURVE, CURVE.g)[:-1],
    "one byte long": encode_point(CURVE, CURVE.g) + b"\x00",
    "coordinate too large": b"\x04" + b"\xff" * 64,
    "point of another curve": encode_point(curve_by_name("P-256"), curve_by_name("P-256").g),
}


@pytest.mark.parametrize("step", [MAPPING, AGREEMENT])
@pytest.mark.parametrize("name", BAD_POINTS)
def test_bad_point(step: int, name: str) -> None:
    """A public key that is no finite point of the curve ends the protocol (PA2)."""
    refused(step, lambda *_: objects((TAGS[step], BAD_POINTS[name])), "bad_point")


@pytest.mark.parametrize("step", [MAPPING, AGREEMENT])
def test_our_own_key(step: int) -> None:
    """The chip sends our public key back (§4.4.1, PA1)."""
    refused(
        step,
        lambda _, command: objects((TAGS[step], _sent_point(command))),
        "identical_keys",
    )


def test_mapping_to_infinity() -> None:
    """A chip that steers the mapped generator into infinity is refused."""
    rng = SeededRng(b"terminal")
    ours = EcPrivateKey.generate(CURVE, rng)
    chip = PaceChip(GM_AES_128.oid, Cipher.AES_128, CURVE, CAN.secret)
    # s·G + H is infinity for H = -s·G: the chip knows s and wants the point -s / ours · G.
    scalar = int.from_bytes(chip.nonce, "big") % CURVE.n
    inverse = pow(_scalar_of(SeededRng(b"terminal")), -1, CURVE.n)
    evil = EcPrivateKey.from_scalar(CURVE, -scalar * inverse % CURVE.n).public_point()
    assert ours.multiply(evil) == _negative(EcPrivateKey.from_scalar(CURVE, scalar).public_point())
    refused(MAPPING, lambda *_: objects((0x82, encode_point(CURVE, evil))), "bad_point")


WRONG_TOKENS: dict[str, Callable[[bytes], bytes]] = {
    "one bit": lambda token: token[:-1] + bytes((token[-1] ^ 1,)),
    "seven bytes": lambda token: token[:7],
    "nine bytes": lambda token: token + b"\x00",
    "empty": lambda _: b"",
    "zeros": lambda _: bytes(8),
}


@pytest.mark.parametrize("name", WRONG_TOKENS)
def test_wrong_token(name: str) -> None:
    """The whole token must be right: eight bytes, each of them (PA3)."""
    change = WRONG_TOKENS[name]
    refused(TOKEN, lambda right, _: objects((0x86, change(value_of(right)))), "access_unproven")


def test_our_token_sent_back() -> None:
    """Our own token is over another key."""
    refused(TOKEN, lambda _, command: objects((0x86, command[9:17])), "access_unproven")


def test_authority_references() -> None:
    """87 and 88 name authorities for terminal authentication and are allowed (§4.4.4.2)."""
    run_with(
        TOKEN,
        lambda right, _: objects((0x86, value_of(right)), (0x87, b"CVCA1"), (0x88, b"CVCA2")),
    )


@pytest.mark.parametrize("step", NAMES)
@given(data=st.binary(max_size=100))
def test_arbitrary_answer(step: int, data: bytes) -> None:
    """Any answer to any step ends in a named error."""
    with pytest.raises((ChipError, MalformedData, MalformedApdu)):
        run_with(step, lambda *_: data)


def test_nothing_is_sent_after_a_failure() -> None:
    """The first wrong answer is the last exchange."""
    card = ScriptedCard([b"\x90\x00", objects((0x80, bytes(8)))])
    with pytest.raises(ProtocolError):
        run_pace(card, GM_AES_128, CAN, SeededRng(b"terminal"))
    assert len(card.commands) == 2


def _sent_point(command: bytes) -> bytes:
    """Return the public key inside 7C {81|83} of ``command``."""
    return command[9:74]


def _negative(point: Point) -> Point:
    return Point(point.x, CURVE.p - point.y)


def _scalar_of(rng: SeededRng) -> int:
    """Return the private key that the terminal takes first from ``rng``."""
    while not 1 <= (scalar := int.from_bytes(rng(CURVE.order_length), "big")) < CURVE.n:
        pass
    return scalar
