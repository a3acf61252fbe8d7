"""Two verifiers, one answer: 2,000 SODs, genuine, reissued, spliced and damaged."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)

from ecid import emulator
from ecid.emulator.pki import SIGNING_TIME, emulated_issuer, sign_sod
from ecid.encoding.tlv import children, encode, parse_one
from ecid.protocols.passive_authentication import authenticate
from ecid.trust.store import TrustStore
from ecid_crypto.rng import SeededRng
from tests.deep import reference_verifier
from tests.deep.kit import control

pytestmark = pytest.mark.deep

CHUNKS, EACH = 20, 100

UNSIGNED = {"name_encoding", "digest_algorithm_unlisted"}
"""Deviations in what no signature covers."""


class Dice:
    """Numbers from a seed."""

    def __init__(self, seed: bytes) -> None:
        self._rng = SeededRng(seed)

    def below(self, limit: int) -> int:
        """Return a number from 0 to below ``limit``."""
        return int.from_bytes(self._rng(8), "big") % limit

    def bytes(self, count: int) -> bytes:
        """Return ``count`` bytes."""
        return self._rng(count)


@cache
def sods() -> tuple[bytes, ...]:
    """Return SODs of several cards and issuers; not all of them are of the control's."""
    names = [name for name in emulator.names() if emulator.issue(name).country == "VN"]
    others = [emulator.issue(name).files["SOD"] for name in names]
    foreign = emulator.issue("vn-cccd-2021", seed=1).files["SOD"]
    rogue = emulator.card("vn-cccd-2021", fault="rogue-csca").issued.files["SOD"]
    return (*others, foreign, rogue)


def reissued(dice: Dice) -> bytes:
    """Return a genuine SOD over random groups, or one of another issuer."""
    groups = {n: dice.bytes(20) for n in (1, 2, 13, 14, 15)[: 1 + dice.below(5)]}
    label = ("issuer", "issuer", "rogue")[dice.below(3)]
    _, signer = emulated_issuer(control().seed, label)
    return sign_sod(groups, signer, signing_time=SIGNING_TIME)


def flipped(dice: Dice) -> bytes:
    """Return a genuine SOD with one bit changed."""
    data = bytearray(pick(dice))
    data[dice.below(len(data))] ^= 1 << dice.below(8)
    return bytes(data)


def replaced(dice: Dice) -> bytes:
    """Return a genuine SOD with a few bytes overwritten."""
    data = bytearray(pick(dice))
    at, count = dice.below(len(data)), 1 + dice.below(4)
    data[at : at + count] = dice.bytes(count)
    return bytes(data)


def cut_or_grown(dice: Dice) -> bytes:
    """Return a genuine SOD with bytes taken out or put in, lengths as they were."""
    data, count = pick(dice), 1 + dice.below(3)
    at = dice.below(len(data) - count)
    if dice.below(2):
        return data[:at] + data[at + count :]
    return data[:at] + dice.bytes(count) + data[at:]


def spliced(dice: Dice) -> bytes:
    """Return a SOD whose parts come from two genuine ones, lengths right."""
    one, other = parts(pick(dice)), parts(pick(dice))
    mixed = [one[n] if dice.below(2) else other[n] for n in range(5)]
    return joined(mixed)


def mirrored(dice: Dice) -> bytes:
    """Return a SOD with the other of the two ECDSA signatures, n - s for s."""
    found = parts(pick(dice))
    info = children(parse_one(found[4], 0x31, "SOD"))[0]
    fields = [field.raw for field in children(info)]
    r, s = decode_dss_signature(parse_one(fields[5], 0x04, "SOD").value)
    order = emulated_issuer(0)[1].key.public.curve.n  # type: ignore[union-attr]
    fields[5] = encode(0x04, encode_dss_signature(r, order - s))
    found[4] = encode(0x31, encode(0x30, b"".join(fields)))
    return joined(found)


def pick(dice: Dice) -> bytes:
    """Return one of the genuine SODs."""
    return sods()[dice.below(len(sods()))]


def parts(sod: bytes) -> list[bytes]:
    """Return the five parts of the SignedData."""
    content = children(children(parse_one(sod, 0x77, "SOD"))[0])[1]
    return [part.raw for part in children(children(content)[0])]


def joined(signed: list[bytes]) -> bytes:
    """Return EF.SOD round the parts of a SignedData."""
    oid = children(children(parse_one(control().files["SOD"], 0x77, "SOD"))[0])[0].raw
    body = encode(0xA0, encode(0x30, b"".join(signed)))
    return encode(0x77, encode(0x30, oid + body))


KINDS: tuple[Callable[[Dice], bytes], ...] = (
    pick,
    reissued,
    flipped,
    flipped,
    replaced,
    cut_or_grown,
    spliced,
    mirrored,
)


def cases(chunk: int) -> Iterator[bytes]:
    """Yield the SODs of one chunk, always the same."""
    dice = Dice(f"differential/{chunk}".encode())
    for number in range(EACH):
        yield KINDS[number % len(KINDS)](dice)


def ours(sod: bytes) -> bool:
    """Return what ``ecid`` says of signature and chain, with nothing tolerated.

    The signer identifier and the list of digest algorithms are signed by nobody: a name in another
    case there (RFC 5280 §7.1), or an algorithm that the list lacks, is a named deviation, and the
    reference verifier knows none.
    """
    found = authenticate(sod, TrustStore.of(control().csca))
    valid = found.format.ok and found.signature.ok and found.chain.ok
    assert not valid or {each.code for each in found.deviations} <= UNSIGNED
    return valid and not found.deviations


@pytest.mark.filterwarnings("ignore:Parsed a serial number")  # of the reference verifier
@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_same_answer(chunk: int) -> None:
    """Both say valid, or both say that it is not."""
    answers = [
        (ours(sod), reference_verifier.is_valid(sod, control().csca)) for sod in cases(chunk)
    ]
    assert [at for at, (one, other) in enumerate(answers) if one is not other] == []
    valid = sum(one for one, _ in answers)
    assert EACH // 10 < valid < EACH * 9 // 10
