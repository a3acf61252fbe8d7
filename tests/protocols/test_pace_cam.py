"""Chip authentication mapping: one wrong part of the chip's proof at a time (§4.4.3.5)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecid.encoding import der_write as w
from ecid.encoding.spki import write_spki
from ecid.encoding.tlv import encode
from ecid.errors import ProtocolError
from ecid.lds.security_infos import parse
from ecid.outcome import Outcome
from ecid.protocols.pace import PacePassword, PaceResult, check_cam, run_pace, static_keys
from ecid.protocols.pace_cam import open_answer
from ecid_crypto.cipher import Cipher, decrypt_cbc, encrypt_block, encrypt_cbc
from ecid_crypto.curves import curve_by_name, decode_point
from ecid_crypto.domain import standardised_domain
from ecid_crypto.padding import pad
from ecid_crypto.public_key import EcPublicKey
from ecid_crypto.rng import SeededRng
from ecid_readers.apdu import CommandApdu
from forged_sod import flipped, verdict
from pace_chip import PaceChip, suite
from scripted_card import FunctionCard

CAM = suite("6.2", 12)
CURVE = curve_by_name("P-256")
CAN = PacePassword.from_can("123456")
WRONG = "failed wrong_answer"
NO_DATA = "failed wrong_answer chip_authentication_data"
MINUS_ONE = b"\xff" * 16

Change = Callable[[PaceChip, bytes], bytes]


def run(change: Change) -> tuple[PaceResult, PaceChip]:
    """Run PACE with a chip whose DO'8A' is ``change(chip, right value)``."""
    chip = PaceChip(CAM, CAN)

    def answer(command: bytes) -> bytes:
        right = chip.transmit(command)
        apdu = CommandApdu.decode(command)
        if apdu.ins == 0x22 or apdu.cla == 0x10:
            return right
        token, value = right[2:12], right[14:-2]
        return encode(0x7C, token + change(chip, value)) + b"\x90\x00"

    return run_pace(FunctionCard(answer), CAM, CAN, SeededRng(b"terminal")), chip


def judged(change: Change) -> str:
    """Return the verdict on the proof of such a chip; access itself succeeds."""
    result, chip = run(change)
    assert chip.session_keys() == (result.keys.enc, result.keys.mac)
    assert result.chip_authentication is not None
    return verdict(check_cam(result.chip_authentication, chip.static_public()))


def right(_: PaceChip, value: bytes) -> bytes:
    """Return DO'8A' as it should be."""
    return encode(0x8A, value)


def sealed(chip: PaceChip, padded: bytes, block: bytes | None = None) -> bytes:
    """Return DO'8A' with ``padded`` encrypted, under the IV ``block`` if one is given."""
    key, _ = chip.session_keys()
    iv = encrypt_block(Cipher.AES_128, key, MINUS_ONE) if block is None else block
    return encode(0x8A, encrypt_cbc(Cipher.AES_128, key, iv, padded))


def opened(chip: PaceChip, value: bytes) -> bytes:
    """Return CA_IC of a right DO'8A'."""
    key, _ = chip.session_keys()
    iv = encrypt_block(Cipher.AES_128, key, MINUS_ONE)
    return decrypt_cbc(Cipher.AES_128, key, iv, value)[:32]


def test_control() -> None:
    """The proof that the next ones differ from."""
    assert judged(right) == "successful"
    assert judged(lambda chip, value: sealed(chip, pad(opened(chip, value), 16))) == "successful"


def under(block: bytes) -> Change:
    """Return the right data encrypted under the IV ``block``."""
    return lambda chip, value: sealed(chip, pad(opened(chip, value), 16), block)


def test_d03_the_iv_is_encrypted() -> None:
    """Defect D3: IV = E(KSenc, -1); a chip, or a reader, that takes -1 itself meets nobody."""
    assert judged(under(MINUS_ONE)) == WRONG
    assert judged(under(bytes(16))) == WRONG


def test_d03_the_proof_is_checked() -> None:
    """Defect D3: a CA_IC that ties nothing together is a failure, not a line in a log."""
    assert judged(lambda c, v: sealed(c, pad(_plus_one(opened(c, v)), 16))) == WRONG


def _plus_one(data: bytes) -> bytes:
    return (int.from_bytes(data, "big") + 1).to_bytes(len(data), "big")


NOT_A_NUMBER: dict[str, tuple[Change, str]] = {
    "left out": (lambda *_: b"", NO_DATA),
    "empty": (lambda *_: encode(0x8A, b""), NO_DATA),
    "half a block": (lambda _, v: encode(0x8A, v[:-8]), NO_DATA),
    "a block less": (lambda _, v: encode(0x8A, v[:-16]), NO_DATA),
    "a block more": (lambda _, v: encode(0x8A, v + bytes(16)), NO_DATA),
    "no padding": (lambda c, v: sealed(c, opened(c, v)), NO_DATA),
    "padding of a block too many": (
        lambda c, v: sealed(c, pad(opened(c, v), 16) + bytes(16)),
        NO_DATA,
    ),
    "one byte less": (lambda c, v: sealed(c, pad(opened(c, v)[1:], 16)), NO_DATA),
    "one byte more": (lambda c, v: sealed(c, pad(b"\x00" + opened(c, v), 16)), NO_DATA),
    "zero": (lambda c, _: sealed(c, pad(bytes(32), 16)), f"{WRONG} scalar_range"),
    "the order": (
        lambda c, _: sealed(c, pad(CURVE.n.to_bytes(32, "big"), 16)),
        f"{WRONG} scalar_range",
    ),
    "more than the order": (
        lambda c, _: sealed(c, pad(b"\xff" * 32, 16)),
        f"{WRONG} scalar_range",
    ),
}


@pytest.mark.parametrize("name", NOT_A_NUMBER)
def test_no_chip_authentication_data(name: str) -> None:
    """PACE-20: DO'8A' is mandatory, padded strictly, one number below the order in full length."""
    change, expected = NOT_A_NUMBER[name]
    assert judged(change) == expected


@pytest.mark.parametrize("at", [0, 15, 16, 31, 32, 47])
def test_one_wrong_bit_of_the_cryptogram(at: int) -> None:
    """A bit of the first block spoils the number, one of the last the padding or the number."""
    assert judged(lambda _, value: encode(0x8A, flipped(value, at))).startswith(WRONG)


def test_another_static_key() -> None:
    """PACE-22: the right data with a key that is not the chip's."""
    result, chip = run(right)
    answer = result.chip_authentication
    assert answer is not None
    assert check_cam(answer, chip.static_public()).ok
    other = standardised_domain(12).key(8).public()
    assert verdict(check_cam(answer, other)) == WRONG


@pytest.mark.parametrize("static", [b"", bytes(65), b"\x04" + bytes(64), b"\x02" + bytes(32)])
def test_static_key_that_is_none(static: bytes) -> None:
    """The check never raises, whatever stands in the place of the key."""
    result, _ = run(right)
    assert result.chip_authentication is not None
    assert check_cam(result.chip_authentication, static).outcome is Outcome.FAILED


def test_twice() -> None:
    """DO'8A' may stand once."""
    with pytest.raises(ProtocolError) as caught:
        run(lambda _, value: encode(0x8A, value) * 2)
    assert caught.value.code == "repeated_object"


@pytest.mark.parametrize("number", [8, 14, 18])
@pytest.mark.parametrize("arcs", ["6.3", "6.4"])
def test_other_curves(arcs: str, number: int) -> None:
    """Numbers of other lengths: 24 and 40 bytes, and 66 where the curve has 521 bits."""
    parameters = suite(arcs, number)
    chip = PaceChip(parameters, CAN)
    answer = run_pace(chip, parameters, CAN, SeededRng(b"terminal")).chip_authentication
    assert answer is not None
    assert answer.data is not None
    assert len(answer.data) == {8: 24, 14: 40, 18: 66}[number]
    assert check_cam(answer, chip.static_public()).ok


def test_static_keys() -> None:
    """Only the key whose id is that of the parameters, on the curve that PACE was run over."""

    def info(curve: str, scalar: int) -> bytes:
        point = decode_point(
            curve_by_name(curve), standardised_domain(_NUMBERS[curve]).key(scalar).public()
        )
        spki = write_spki(EcPublicKey(curve_by_name(curve), point))
        return w.seq(w.oid("0.4.0.127.0.7.2.2.1.2"), spki, w.integer(scalar))

    infos = parse(w.set_of(info("P-256", 12), info("P-384", 4), info("P-256", 5)), "CardSecurity")
    domain = standardised_domain(12)
    assert static_keys(domain, 12, infos) == (domain.key(12).public(),)
    assert static_keys(standardised_domain(15), 12, infos) == ()
    assert static_keys(standardised_domain(13), 13, infos) == ()


_NUMBERS = {"P-256": 12, "P-384": 15}


@given(st.binary(max_size=100) | st.none())
def test_arbitrary_data(data: bytes | None) -> None:
    """Whatever stands in DO'8A' is opened to a number or to nothing, and proves nothing."""
    domain = standardised_domain(12)
    answer = open_answer(domain, Cipher.AES_128, bytes(16), domain.key(9).public(), data)
    assert not check_cam(answer, domain.key(7).public()).ok
