"""Defects of single values: objects, lengths, points and keys (docs/reference/defects.md), D26."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from Crypto.Util.number import getPrime

from ecid.emulator.keys import RsaSecret
from ecid.encoding import der_write as w
from ecid.encoding.dh_spki import write_dh_spki
from ecid.encoding.oid import EC_PUBLIC_KEY
from ecid.encoding.tlv import encode, encode_length
from ecid.errors import EcidError, LimitExceeded, MalformedData, ProtocolError
from ecid.lds import com, dg1, dg2, dg12, dg13, dg14, dg15
from ecid.lds.cvc import parse_cvc, parse_cvca_file
from ecid.lds.files import COM, SOD, ElementaryFile, data_group
from ecid.lds.security_infos import parse_card_access
from ecid.lds.security_object import unwrap_sod
from ecid.outcome import Outcome, Reason
from ecid.protocols.active_authentication import check_answer
from ecid.protocols.exchange import single_object
from ecid.protocols.pace import PacePassword, run_pace
from ecid.protocols.pace_mapping import swap_public
from ecid.session.file_reader import read_file
from ecid.trust.signed_data import parse_signed_data
from ecid_crypto.curves import CURVES, Point, add
from ecid_crypto.dh import DhPublicKey, standardised_group
from ecid_crypto.domain import DhDomain, EcDomain, standardised_domain
from ecid_crypto.errors import InvalidPoint
from ecid_crypto.hashes import Hash
from ecid_crypto.rng import ScriptedRng, SeededRng
from pace_chip import PaceChip, suite
from scripted_card import FunctionCard, ScriptedCard, tlv

CAN = PacePassword.from_can("123456")
CURVE = suite("2.2", 12)

#: Every parser that a chip feeds, and the tag its input begins with.
PARSERS: dict[str, tuple[int, Callable[[bytes], object]]] = {
    "COM": (0x60, com.parse),
    "DG1": (0x61, dg1.parse),
    "DG2": (0x75, dg2.parse),
    "DG12": (0x6C, dg12.issue_date),
    "DG13": (0x6D, dg13.parse),
    "DG14": (0x6E, dg14.parse),
    "DG15": (0x6F, dg15.parse),
    "SOD": (0x77, lambda data: parse_signed_data(unwrap_sod(data), "SOD")),
    "CardAccess": (0x31, parse_card_access),
    "CardSecurity": (0x30, lambda data: parse_signed_data(data, "CardSecurity")),
    "CVCA": (0x42, parse_cvca_file),
    "certificate": (0x7F21, parse_cvc),
    "authentication data": (0x7C, lambda data: single_object(data, 0x80, "step")),
}


def nested(tag: int, depth: int) -> bytes:
    """Return objects one inside the other: ``tag``, then sequences."""
    body = b""
    for _ in range(depth):
        body = b"\x30" + encode_length(len(body)) + body
    return encode(tag, body)


@pytest.mark.parametrize("depth", [40, 1000, 5000])
@pytest.mark.parametrize("name", PARSERS)
def test_d26c_nested_objects(name: str, depth: int) -> None:
    """D26c: objects thousands deep are a named error, never a recursion without end."""
    tag, parser = PARSERS[name]
    refuses(parser, nested(tag, depth))


@pytest.mark.parametrize("item", [b"\x05\x00", b"\x30\x00", b"\x31\x02\x30\x00", b"\x5c\x00"])
@pytest.mark.parametrize("name", PARSERS)
def test_d26c_many_objects(name: str, item: bytes) -> None:
    """D26c: so are twenty thousand of them side by side."""
    tag, parser = PARSERS[name]
    refuses(parser, encode(tag, item * 20_000))


def refuses(parser: Callable[[bytes], object], data: bytes) -> None:
    """Assert that ``data`` is refused by an error of ours, or is nothing that matters."""
    try:
        found = parser(data)
    except EcidError:
        return
    # DG12 skips what it does not know, however much of it there is.
    assert found is None


LENGTHS = ["8400000000", "847FFFFFFF", "8480000000", "84FFFFFFFF", "84FFFFFFF8", "85FFFFFFFFFF"]


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("name", PARSERS)
def test_d26d_lengths_of_32_bits(name: str, length: str) -> None:
    """D26d: a length is never negative, and never believed beyond the bytes that are there."""
    tag, parser = PARSERS[name]
    with pytest.raises(EcidError):
        parser(tag.to_bytes(2 if tag > 0xFF else 1, "big") + bytes.fromhex(length) + b"\x30\x00")


@pytest.mark.parametrize("length", LENGTHS[1:])
@pytest.mark.parametrize("ef", [COM, SOD, data_group(1), data_group(2)], ids=lambda ef: ef.name)
def test_d26d_a_file_that_announces_gigabytes(ef: ElementaryFile, length: str) -> None:
    """D26d: what a chip announces is refused after the first read, and nothing is reserved."""
    head = bytes((ef.tag or 0,)) + bytes.fromhex(length)
    card = FunctionCard(
        lambda command: b"\x90\x00" if command[1] == 0xA4 else head + bytes(200) + b"\x90\x00"
    )
    with pytest.raises((LimitExceeded, MalformedData)):
        read_file(card, ef, max_read=223)
    assert len(card.commands) == 2


# Points -----------------------------------------------------------------------------------


def nothings(number: int) -> dict[str, bytes]:
    """Return what is no public value of a domain: infinity, zeros, the ends of the range."""
    domain = standardised_domain(number)
    if isinstance(domain, DhDomain):
        p = domain.group.p
        width = domain.group.field_length
        return {
            "empty": b"",
            "zero": b"\x00",
            "zeros": bytes(width),
            "one": b"\x01",
            "p - 1": (p - 1).to_bytes(width, "big"),
            "p": p.to_bytes(width, "big"),
            "p + 1": (p + 1).to_bytes(width, "big"),
        }
    assert isinstance(domain, EcDomain)
    width = domain.curve.field_length
    return {
        "empty": b"",
        "infinity": b"\x00",
        "04 alone": b"\x04",
        "zeros": bytes(1 + 2 * width),
        "(0, 0)": b"\x04" + bytes(2 * width),
        "(p, p)": b"\x04" + 2 * domain.curve.p.to_bytes(width, "big"),
        "compressed": domain.key(5).public()[: 1 + width],
    }


@pytest.mark.parametrize("number", [0, 1, 2, *range(8, 19)])
def test_d26e_no_point_is_no_key(number: int) -> None:
    """D26e: infinity, zero, one and their like are refused as public keys, in every domain."""
    domain = standardised_domain(number)
    ours, theirs = domain.key(3).public(), domain.key(5).public()
    for name, value in {"right": theirs, **nothings(number)}.items():
        card = ScriptedCard([tlv(0x7C, tlv(0x84, value)) + b"\x90\x00"])
        if name == "right":
            assert swap_public(card, domain, ours, "step", sent=0x83, received=0x84) == theirs
            continue
        with pytest.raises(ProtocolError) as caught:
            swap_public(card, domain, ours, "step", sent=0x83, received=0x84)
        assert caught.value.code == "bad_point", name


class Cancelling(PaceChip):
    """Chooses its mapping key so that the mapped generator would be infinity."""

    terminal: int

    def _map(self, value: bytes) -> bytes:
        domain = self.parameters.domain
        assert isinstance(domain, EcDomain)
        n = domain.curve.n
        wanted = -int.from_bytes(self.nonce, "big") * pow(self.terminal, -1, n) % n
        return tlv(0x7C, tlv(0x82, domain.key(wanted).public())) + b"\x90\x00"


def test_d26e_a_generator_at_infinity() -> None:
    """D26e: a mapping that ends at infinity ends PACE; nobody goes on with a point of nothing."""
    chip = Cancelling(CURVE, CAN)
    chip.terminal = 7
    with pytest.raises(ProtocolError) as caught:
        run_pace(chip, CURVE, CAN, ScriptedRng((7).to_bytes(32, "big"), bytes(31) + b"\x09"))
    assert caught.value.code == "bad_point"


@pytest.mark.parametrize("name", CURVES)
def test_d26e_a_sum_at_infinity(name: str) -> None:
    """D26e: P - P is no point."""
    curve = CURVES[name]
    with pytest.raises(InvalidPoint, match="point_at_infinity"):
        add(curve, curve.g, Point(curve.g.x, curve.p - curve.g.y))


@pytest.mark.parametrize("point", ["", "00", "04", "02", "00" * 65, "04" + "00" * 64])
def test_d26e_keys_of_the_chip(point: str) -> None:
    """D26e: a key in DG14 or DG15 that is no point spoils its file."""
    algorithm = w.seq(w.oid(EC_PUBLIC_KEY), w.oid(CURVES["P-256"].oid))
    spki = w.seq(algorithm, w.bits(bytes.fromhex(point)))
    with pytest.raises(MalformedData):
        dg15.parse(encode(0x6F, spki))
    with pytest.raises(MalformedData):
        dg14.parse(encode(0x6E, w.set_of(w.seq(w.oid("0.4.0.127.0.7.2.2.1.2"), spki))))


@pytest.mark.parametrize("y", [0, 1, -1])
def test_d26e_finite_field_keys_of_the_chip(y: int) -> None:
    """D26e: so does zero, one or p - 1."""
    group = standardised_group(2)
    spki = write_dh_spki(DhPublicKey(group, y % group.p))
    with pytest.raises(MalformedData):
        dg14.parse(encode(0x6E, w.set_of(w.seq(w.oid("0.4.0.127.0.7.2.2.1.1"), spki))))


# Active Authentication --------------------------------------------------------------------

CHALLENGE = bytes(range(8))


def rsa(bits: int) -> RsaSecret:
    """Return a key of exactly so many bits; libraries make none below 1024."""
    rng = SeededRng(b"rsa %d" % bits)
    while True:
        p, q = getPrime(bits - bits // 2, rng), getPrime(bits // 2, rng)
        if (p * q).bit_length() == bits and (p - 1) * (q - 1) % 65537:
            return RsaSecret(p * q, 65537, pow(65537, -1, (p - 1) * (q - 1)), p, q)


def answered(secret: RsaSecret, m1: bytes) -> bytes:
    """Return the answer with SHA-256 whose recoverable part begins with ``m1``."""
    width = (secret.n.bit_length() + 7) // 8
    part = (m1 + bytes(range(256)))[: width - 35]
    digest = Hash.SHA256.digest(part + CHALLENGE)
    number = int.from_bytes(b"\x6a" + part + digest + b"\x34\xcc", "big")
    return pow(number, secret.d, secret.n).to_bytes(width, "big")


@pytest.mark.parametrize("zeros", [0, 1, 2, 16])
def test_d26k_leading_zeros_of_what_is_recovered(zeros: int) -> None:
    """D26k: zeros at the start of M1 were hashed, and are hashed again."""
    secret = rsa(1024)
    found = check_answer(secret.public, None, CHALLENGE, answered(secret, bytes(zeros) + b"\xa5"))
    assert found.finding.ok


@pytest.mark.parametrize("bits", [512, 768, 1016])
def test_d26l_short_keys_prove_nothing(bits: int) -> None:
    """D26l: a right answer of a key under 1024 bits leaves the question open."""
    secret = rsa(bits)
    finding = check_answer(secret.public, None, CHALLENGE, answered(secret, b"\xa5")).finding
    assert (finding.outcome, finding.reason) == (Outcome.UNDETERMINED, Reason.WEAK_KEY)
