"""PACE: one wrong answer at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ecid.encoding.tlv import children, encode, parse_one
from ecid.errors import AccessDenied, MalformedData, ProtocolError
from ecid.protocols.pace import PaceParameters, PacePassword, PaceResult, run_pace
from ecid_crypto.curves import Point, curve_by_name, encode_point
from ecid_crypto.dh import standardised_group
from ecid_crypto.ec_key import EcPrivateKey
from ecid_crypto.rng import SeededRng
from ecid_readers.apdu import CommandApdu
from pace_chip import Habits, PaceChip, suite
from scripted_card import FunctionCard, ScriptedCard

CURVE = curve_by_name("brainpoolP256r1")
GM = suite("2.2", 13)
DH = suite("1.2", 0)
IM = suite("4.2", 13)
CAM = suite("6.2", 13)
CAN = PacePassword.from_can("123456")


def run_with(
    step: int,
    replacement: Any,
    parameters: PaceParameters = GM,
    habits: Habits | None = None,
) -> PaceResult:
    """Run PACE; ``replacement(right answer, command)`` is what the chip says to ``step``."""
    chip = PaceChip(parameters, CAN, habits=habits)
    count = 0

    def answer(command: bytes) -> bytes:
        nonlocal count
        count += 1
        right = chip.transmit(command)
        return bytes(replacement(right, command)) if count == step else right

    return run_pace(FunctionCard(answer), parameters, CAN, SeededRng(b"terminal"))


NONCE, MAPPING, AGREEMENT, TOKEN = 2, 3, 4, 5
NAMES = {
    NONCE: "PACE nonce",
    MAPPING: "PACE mapping",
    AGREEMENT: "PACE key agreement",
    TOKEN: "PACE mutual authentication",
}
TAGS = {NONCE: 0x80, MAPPING: 0x82, AGREEMENT: 0x84, TOKEN: 0x86}


def objects(*pairs: tuple[int, bytes], sw: int = 0x9000) -> bytes:
    """Return a response with 7C."""
    return encode(0x7C, objects_of(*pairs)) + sw.to_bytes(2, "big")


def objects_of(*pairs: tuple[int, bytes]) -> bytes:
    """Return data objects one after the other."""
    return b"".join(encode(*pair) for pair in pairs)


def value_of(right: bytes) -> bytes:
    """Return the value of the one object in a right answer."""
    (found,) = children(parse_one(right[:-2], 0x7C, "answer"))
    return found.value


def refused(step: int, replacement: Any, code: str, parameters: PaceParameters = GM) -> None:
    """Assert that the replaced answer ends the protocol with ``code``, naming the step."""
    with pytest.raises(ProtocolError) as caught:
        run_with(step, replacement, parameters)
    assert type(caught.value) is ProtocolError
    assert (caught.value.code, caught.value.step) == (code, NAMES[step])


@pytest.mark.parametrize("step", NAMES)
@pytest.mark.parametrize("parameters", [GM, DH, IM])
def test_the_mutations_start_from_green(step: int, parameters: PaceParameters) -> None:
    """Answers that pass through the helpers unchanged are accepted."""
    run_with(step, lambda right, _: objects((TAGS[step], value_of(right))), parameters)


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


@pytest.mark.parametrize("parameters", [GM, DH, IM, CAM])
def test_wrong_password(parameters: PaceParameters) -> None:
    """A chip with another password notices first; a chip that does not care proves nothing."""
    other = PacePassword.from_can("654321")
    with pytest.raises(AccessDenied):
        run_pace(PaceChip(parameters, other), parameters, CAN, SeededRng(b"terminal"))
    chip = PaceChip(parameters, other, habits=Habits(careless=True))
    with pytest.raises(ProtocolError) as caught:
        run_pace(chip, parameters, CAN, SeededRng(b"terminal"))
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
    """PACE-11: the right value under another tag, or the tag of another step or class."""
    for tag in {0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x8A, 0x90, 0x92, 0x94, 0x96} - {
        TAGS[step]
    }:
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


WRONG_NONCES = {
    "2.1": [0, 7, 9, 24, 32],
    "2.2": [0, 8, 15, 17, 32],
    "2.3": [0, 8, 15, 24, 31, 33, 48],
    "2.4": [0, 8, 15, 24, 31, 33, 48],
    "4.1": [0, 8, 15, 32],
    "4.3": [0, 16, 24, 48],
    "4.4": [0, 16, 24, 48],
    "6.4": [0, 8, 24, 48],
}


@pytest.mark.parametrize(
    ("arcs", "length"), [(arcs, length) for arcs, row in WRONG_NONCES.items() for length in row]
)
def test_nonce_length(arcs: str, length: int) -> None:
    """PACE-10: the nonce is one key long, in whole blocks (§4.4.3.3), or a single block."""
    answer = objects((0x80, bytes(length)))
    refused(NONCE, lambda *_: answer, "wrong_length", suite(arcs, 13))


@pytest.mark.parametrize(
    ("arcs", "length"), [("2.1", 8), ("1.1", 8), ("2.3", 16), ("2.4", 16), ("6.4", 16)]
)
def test_nonce_of_one_block(arcs: str, length: int) -> None:
    """OpenPACE sends one block with every cipher; generic mapping allows it, and it is named."""
    parameters = suite(arcs, 0 if arcs.startswith("1") else 13)
    result = run_with(0, None, parameters, Habits(nonce_length=length))
    assert result.deviations == ("pace_nonce_one_block",)
    assert run_with(0, None, parameters).deviations == ()


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


P = standardised_group(0).p
WIDTH = standardised_group(0).field_length
BAD_NUMBERS = {
    "zero": bytes(WIDTH),
    "one": bytes(WIDTH - 1) + b"\x01",
    "minus one": (P - 1).to_bytes(WIDTH, "big"),
    "the prime": P.to_bytes(WIDTH, "big"),
    "outside the subgroup": bytes(WIDTH - 1) + b"\x02",
    "one byte short": standardised_group(0).g.to_bytes(WIDTH, "big")[1:],
    "one byte long": bytes(1) + standardised_group(0).g.to_bytes(WIDTH, "big"),
    "empty": b"",
}


@pytest.mark.parametrize("step", [MAPPING, AGREEMENT])
@pytest.mark.parametrize("name", BAD_NUMBERS)
def test_bad_number(step: int, name: str) -> None:
    """A public value that generates nothing, or is of another length (RFC 2631 §2.1.5)."""
    refused(step, lambda *_: objects((TAGS[step], BAD_NUMBERS[name])), "bad_point", DH)


@pytest.mark.parametrize("step", [MAPPING, AGREEMENT])
@pytest.mark.parametrize("parameters", [GM, DH, CAM])
def test_our_own_key(step: int, parameters: PaceParameters) -> None:
    """PACE-01, PACE-02: the chip sends our public key back (§4.4.1, PA1)."""
    refused(
        step,
        lambda _, command: objects((TAGS[step], _sent_key(command))),
        "identical_keys",
        parameters,
    )


def test_our_own_key_after_integrated_mapping() -> None:
    """There is no mapping key then, and the ephemeral one may not be ours either."""
    refused(AGREEMENT, lambda _, c: objects((0x84, _sent_key(c))), "identical_keys", IM)


def test_mapping_to_infinity() -> None:
    """A chip that steers the mapped generator into infinity is refused."""
    rng = SeededRng(b"terminal")
    ours = EcPrivateKey.generate(CURVE, rng)
    chip = PaceChip(GM, CAN)
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
    both = objects_of((0x87, b"UTCVCA00002"), (0x88, b"UTCVCA00001"))
    result = run_with(0, None, GM, Habits(authorities=both))
    assert result.certification_authorities == ("UTCVCA00002", "UTCVCA00001")
    only = run_with(0, None, GM, Habits(authorities=objects_of((0x87, b"UTCVCA00002"))))
    assert only.certification_authorities == ("UTCVCA00002",)
    assert run_with(0, None).certification_authorities == ()


@pytest.mark.parametrize("reference", [b"", b"UTCVCA00000000017"])
def test_authority_reference_of_a_wrong_length(reference: bytes) -> None:
    """A reference has one to sixteen characters (TR-03110-3 §A.6.1)."""
    with pytest.raises(ProtocolError) as caught:
        run_with(0, None, GM, Habits(authorities=objects_of((0x87, reference))))
    assert caught.value.code == "wrong_length"


# Integrated mapping -----------------------------------------------------------------------


def test_mapping_data_left_out() -> None:
    """DO'82' should stand empty; a chip that leaves it out is taken, and named."""
    result = run_with(0, None, IM, Habits(omit_mapping_data=True))
    assert result.deviations == ("pace_mapping_data_absent",)
    assert run_with(0, None, IM).deviations == ()


def test_mapping_data_not_empty() -> None:
    """PACE-11: the chip has nothing to say in this step, under this tag or another."""
    refused(MAPPING, lambda *_: objects((0x82, b"\x00")), "wrong_length", IM)
    for tag in (0x81, 0x84, 0x92):
        refused(MAPPING, lambda *_, tag=tag: objects((tag, b"")), "unexpected_object", IM)
    refused(MAPPING, lambda *_: objects((0x82, b""), (0x82, b"")), "repeated_object", IM)


def test_no_generator(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pair of nonces that maps to nothing: no chip can bring it about, and none can use it."""
    for parameters in (IM, suite("3.2", 0)):
        monkeypatch.setattr("ecid_crypto.mapping.pseudo_random", lambda *_: 0)
        with pytest.raises(ProtocolError) as caught:
            run_pace(_answering_nonce(parameters), parameters, CAN, SeededRng(b"terminal"))
        assert (caught.value.code, caught.value.step) == ("bad_point", "PACE mapping")


def _answering_nonce(parameters: PaceParameters) -> ScriptedCard:
    nonce = bytes(PaceChip(parameters, CAN).nonce)
    return ScriptedCard([b"\x90\x00", objects((0x80, nonce)), objects((0x82, b""))])


def test_nothing_is_sent_after_a_failure() -> None:
    """The first wrong answer is the last exchange."""
    card = ScriptedCard([b"\x90\x00", objects((0x80, bytes(8)))])
    with pytest.raises(ProtocolError):
        run_pace(card, GM, CAN, SeededRng(b"terminal"))
    assert len(card.commands) == 2


def _sent_key(command: bytes) -> bytes:
    """Return the public key inside 7C {81|83} of ``command``."""
    (found,) = children(parse_one(CommandApdu.decode(command).data, 0x7C, "command"))
    return found.value


def _negative(point: Point) -> Point:
    return Point(point.x, CURVE.p - point.y)


def _scalar_of(rng: SeededRng) -> int:
    """Return the private key that the terminal takes first from ``rng``."""
    while not 1 <= (scalar := int.from_bytes(rng(CURVE.order_length), "big")) < CURVE.n:
        pass
    return scalar
