"""Terminal Authentication against a chip of the tests' own, and everything a chip can refuse."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha1
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cvc_kit import ALGORITHMS, Holder, authority, chain
from ecid.encoding.tlv import encode
from ecid.errors import SecureMessagingError
from ecid.lds.cvc import parse_cvc
from ecid.lds.cvc_types import CvcEcKey
from ecid.outcome import Finding, Outcome, Reason
from ecid.protocols.terminal_authentication import (
    TerminalAuthenticationResult,
    compressed,
    identity_after_bac,
    run_terminal_authentication,
)
from ecid.protocols.terminal_credential import TerminalCredential
from ecid.protocols.terminal_key import FileTerminalKey
from ecid.session.keys import SessionKeys
from ecid.session.secure_messaging import SecureMessaging
from ecid.trust.cv_chain import CvChain
from ecid_crypto.cipher import Cipher
from ecid_crypto.curves import curve_by_name, decode_point
from ecid_crypto.domain import DhDomain, EcDomain, standardised_domain
from ecid_crypto.public_key import EcPublicKey
from ecid_crypto.rng import SeededRng
from ecid_crypto.signature import verify
from ecid_readers.apdu import CommandApdu, ResponseApdu
from ecid_readers.chaining import CommandChaining
from ecid_readers.transport import Transport
from scripted_card import ChipSide, FunctionCard
from ta_chip import TaChip

EXAMPLE = Path(__file__).resolve().parents[2] / "fixtures" / "spec" / "eac-worked-example.json"
NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
DOMAIN = standardised_domain(13)
PUBLIC = DOMAIN.generate(SeededRng(b"terminal")).public()
IDENTITY = b"T220001293"
BOUND = IDENTITY + PUBLIC[1:33]
OK = b"\x90\x00"


@dataclass(frozen=True)
class Agreed:
    """What Chip Authentication gives."""

    public: bytes


def credential(holders: Sequence[Holder]) -> TerminalCredential:
    """Return certificates and key of a terminal, the last of ``holders``."""
    key = FileTerminalKey.from_bytes(holders[-1].pkcs8())
    return TerminalCredential(tuple(holder.certificate for holder in holders), key)


def run(
    card: Transport,
    holders: Sequence[Holder],
    authorities: Sequence[str] = ("ZZCVCA00001",),
    identity: bytes = IDENTITY,
) -> TerminalAuthenticationResult:
    """Find the chain and run the protocol."""
    terminal = credential(holders)
    found = terminal.chain(authorities, NOW)
    assert isinstance(found, CvChain), found
    return run_terminal_authentication(
        card,
        found,
        terminal.key,
        chip_authentication=Agreed(PUBLIC),
        domain=DOMAIN,
        identity=identity,
    )


def chip(holders: Sequence[Holder], **changes: Any) -> TaChip:
    """Return a chip that trusts the first of ``holders``."""
    return TaChip(list(holders), {holders[0].name}, BOUND, **changes)


# It works ---------------------------------------------------------------------------------


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_every_algorithm(algorithm: str) -> None:
    """The chip verifies certificates and signature, and the rights are granted."""
    holders = chain(algorithm)
    card = chip(holders)
    result = run(card, holders)
    assert result.finding.ok
    assert card.open
    assert result.reads_fingerprints
    assert result.reads_irises
    assert [apdu.ins for apdu in card.commands] == [0x22, 0x2A, 0x22, 0x2A, 0x22, 0x84, 0x82]


def test_commands_byte_for_byte() -> None:
    """The commands are those of Doc 9303-11 §7.1.5."""
    holders = chain()
    card = chip(holders)
    run(card, holders)
    body = [holder.certificate.raw_body for holder in holders]
    signature = [encode(0x5F37, holder.certificate.signature) for holder in holders]
    expected = [
        CommandApdu(0x00, 0x22, 0x81, 0xB6, b"\x83\x0bZZCVCA00001"),
        CommandApdu(0x00, 0x2A, 0x00, 0xBE, body[1] + signature[1]),
        CommandApdu(0x00, 0x22, 0x81, 0xB6, b"\x83\x09ZZDV00001"),
        CommandApdu(0x00, 0x2A, 0x00, 0xBE, body[2] + signature[2]),
        CommandApdu(0x00, 0x22, 0x81, 0xA4, b"\x83\x09ZZIS00001"),
        CommandApdu(0x00, 0x84, 0x00, 0x00, b"", 8),
    ]
    assert card.commands[:-1] == expected
    last = card.commands[-1]
    assert (last.cla, last.ins, last.p1, last.p2, last.le) == (0x00, 0x82, 0x00, 0x00, None)
    assert len(last.data) == 64


def test_published_run() -> None:
    """BSI's example: the reference that is sent, and the message that its signature is over.

    It runs version 2 without auxiliary data, whose message after PACE is that of version 1.
    """
    example = json.loads(EXAMPLE.read_text("utf-8"))["ecdh"]
    value = {name: bytes.fromhex(text) for name, text in example.items()}
    verifier, terminal = parse_cvc(value["dv"]), parse_cvc(value["terminal"])
    card = FunctionCard(
        lambda command: value["challenge"] + OK if command[1] == 0x84 else OK,
    )
    key = _Recording()
    result = run_terminal_authentication(
        card,
        CvChain((verifier, terminal), terminal.authorization),
        key,
        chip_authentication=Agreed(value["terminal_ca_public"]),
        domain=DOMAIN,
        identity=compressed(DOMAIN, value["chip_pace_public"]),
    )
    assert result.finding.ok
    assert card.commands[0] == bytes.fromhex("002281B60F830D44454356434141543030303031")
    curve = curve_by_name("brainpoolP512r1")
    point = terminal.public_key.key
    assert isinstance(point, CvcEcKey)
    public = EcPublicKey(curve, decode_point(curve, point.point))
    verify(terminal.public_key.scheme, public, value["signature"], key.message)
    assert key.oid == terminal.public_key.oid


def test_link_certificate() -> None:
    """A chip that is one generation behind gets the link first."""
    old = authority("ZZCVCA00001")
    link = old.issue("ZZCVCA00002", 0b11, parameters=True)
    verifier = link.issue("ZZDV00002", 0b10)
    holders = [old, link, verifier, verifier.issue("ZZIS00002", 0b00, rights=0b01)]
    card = chip(holders)
    result = run(card, holders)
    assert result.finding.ok
    assert "ZZCVCA00002" in card.trusted
    assert (result.reads_fingerprints, result.reads_irises) == (True, False)


@pytest.mark.parametrize("algorithm", ["1.2", "2.3"])
@pytest.mark.parametrize("max_data", [255, 65_535])
def test_under_secure_messaging(algorithm: str, max_data: int) -> None:
    """Certificates longer than a short command pass a session, chained below it or not."""
    holders = chain(algorithm)
    keys = SessionKeys.with_zero_counter(Cipher.AES_128, bytes(16), bytes(16))
    side = _Protected(ChipSide(Cipher.AES_128, bytes(16), bytes(16)), chip(holders))
    card = SecureMessaging(CommandChaining(side, max_data), keys)
    assert run(card, holders).finding.ok
    assert card.alive


# The chip refuses -------------------------------------------------------------------------

STEPS = {
    "TA MSE:Set DST": (0x22, 0xB6, 1, "ZZDV00001"),
    "TA PSO:VERIFY CERTIFICATE": (0x2A, 0xBE, 2, "ZZDV00001"),
    "TA MSE:Set AT": (0x22, 0xA4, 5, "ZZIS00001"),
    "TA GET CHALLENGE": (0x84, 0x00, 6, None),
    "TA EXTERNAL AUTHENTICATE": (0x82, 0x00, 7, "ZZIS00001"),
}


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("sw", [0x6300, 0x63C1, 0x6982, 0x6A80, 0x6A88, 0x6D00, 0x6F00, 0x9001])
def test_refusal(step: str, sw: int) -> None:
    """A refusal at any step ends it there, with the step and the status word: TA-04."""
    ins, p2, count, about = STEPS[step]
    holders = chain()

    def refuse(apdu: CommandApdu) -> ResponseApdu | None:
        return ResponseApdu(b"", sw) if apdu.p2 == p2 else None

    card = chip(holders, spoil={ins: refuse})
    result = run(card, holders)
    detail = {"step": step, "sw": f"{sw:04X}"}
    if about:
        detail["holder"] = about
    assert refused(result) == (Reason.TERMINAL_REFUSED, detail)
    assert len(card.commands) == count


def test_second_certificate_refused() -> None:
    """The certificate that was refused is the one that is named."""
    holders = chain()
    card = chip([holders[0], holders[1]])
    reason, detail = refused(run(card, holders))
    assert reason is Reason.TERMINAL_REFUSED
    assert detail == {"step": "TA PSO:VERIFY CERTIFICATE", "sw": "6300", "holder": "ZZIS00001"}
    assert len(card.commands) == 4


@pytest.mark.parametrize("length", [0, 1, 7, 9, 16])
def test_challenge_of_another_length(length: int) -> None:
    """The challenge has exactly 8 bytes and nothing is signed otherwise: TA-01."""
    holders = chain()
    card = chip(holders, challenge=bytes(length))
    assert refused(run(card, holders)) == (Reason.CHALLENGE, {"length": length})
    assert card.commands[-1].ins == 0x84


@pytest.mark.parametrize(("length", "told"), [(7, 7), (9, -1)])
def test_challenge_under_secure_messaging(length: int, told: int) -> None:
    """A verified challenge that is too long ends the session, and is the same finding."""
    holders = chain()
    keys = SessionKeys.with_zero_counter(Cipher.AES_128, bytes(16), bytes(16))
    side = _Protected(
        ChipSide(Cipher.AES_128, bytes(16), bytes(16)), chip(holders, challenge=bytes(length))
    )
    card = SecureMessaging(side, keys)
    assert refused(run(card, holders)) == (Reason.CHALLENGE, {"length": told})
    assert card.alive is (length < 8)


def test_broken_session_is_no_finding() -> None:
    """A refusal that does not verify is not the chip's word: the exception passes."""
    holders = chain()
    keys = SessionKeys.with_zero_counter(Cipher.AES_128, bytes(16), bytes(16))
    plain = SecureMessaging(chip(holders), keys)
    with pytest.raises(SecureMessagingError):
        run(plain, holders)
    side = _Protected(ChipSide(Cipher.AES_128, bytes(16), bytes(16)), chip(holders))
    side.plain_ins = 0x84
    with pytest.raises(SecureMessagingError):
        run(SecureMessaging(side, keys), holders)


@pytest.mark.parametrize("what", ["identity", "public", "challenge"])
def test_what_is_bound(what: str) -> None:
    """The chip refuses a signature over another document, another key or another challenge."""
    holders = chain()
    card = chip(holders)
    if what == "identity":
        card.bound = b"T220001294" + PUBLIC[1:33]
    elif what == "public":
        card.bound = IDENTITY + bytes(32)
    else:
        card.spoil = {0x84: lambda _: ResponseApdu(bytes(8), 0x9000)}
    reason, detail = refused(run(card, holders))
    assert (reason, detail["step"]) == (Reason.TERMINAL_REFUSED, "TA EXTERNAL AUTHENTICATE")
    assert not card.open


@given(st.lists(st.binary(min_size=2, max_size=12), max_size=8))
def test_any_answers(answers: list[bytes]) -> None:
    """Whatever a chip answers, the outcome is a finding."""
    script = iter([*answers, *[b"\x6f\x00"] * 8])

    class Card:
        def transmit(self, command: bytes, /) -> bytes:
            CommandApdu.decode(command)
            return next(script)

    result = run(Card(), CHAIN)
    assert result.finding.outcome in {Outcome.FAILED, Outcome.SUCCESSFUL}
    assert (result.rights is not None) is result.finding.ok


CHAIN = chain()


# What is signed ---------------------------------------------------------------------------


def test_identity_after_bac() -> None:
    """The document number and its check digit, long numbers too (Doc 9303-11 §4.3.2)."""
    assert identity_after_bac("T22000129364081251010318") == b"T220001293"
    assert identity_after_bac("L898902C<369080619406236") == b"L898902C<3"
    assert identity_after_bac("D23145890734934071279507122") == b"D231458907349"


def test_compressed_keeps_leading_zeros() -> None:
    """An x-coordinate that starts with zeros keeps them: Comp has the length of the field."""
    for name in ("brainpoolP256r1", "P-521", "P-224"):
        domain = EcDomain(curve_by_name(name))
        width = domain.curve.field_length
        rng = SeededRng(b"zeros" + name.encode())
        found = 0
        for _ in range(1500 if name != "P-521" else 3):
            public = domain.generate(rng).public()
            value = compressed(domain, public)
            assert len(value) == width
            assert value == public[1 : 1 + width]
            found += value[0] == 0
        assert found


def test_compressed_over_finite_fields() -> None:
    """DH: SHA-1 of the value as it is sent, leading zeros and all."""
    domain = standardised_domain(0)
    assert isinstance(domain, DhDomain)
    public = b"\x00" + domain.generate(SeededRng(b"dh")).public()[1:]
    assert compressed(domain, public) == sha1(public, usedforsecurity=False).digest()


# ------------------------------------------------------------------------------------------


def refused(result: TerminalAuthenticationResult) -> tuple[Reason | None, dict[str, Any]]:
    """Return reason and detail of a failure, which grants nothing."""
    finding: Finding = result.finding
    assert finding.outcome is Outcome.FAILED
    assert result.rights is None
    assert not result.reads_fingerprints
    assert not result.reads_irises
    return finding.reason, dict(finding.detail)


class _Recording:
    """A key that keeps what it was to sign."""

    def __init__(self) -> None:
        self.oid, self.message = "", b""

    @property
    def public(self) -> EcPublicKey:
        """Nobody asks for it here."""
        raise NotImplementedError

    def sign(self, oid: str, message: bytes) -> bytes:
        """Return nothing of worth."""
        self.oid, self.message = oid, message
        return b"signature"


class _Protected:
    """Secure messaging in front of a chip, on the chip's side; puts chained commands together."""

    def __init__(self, side: ChipSide, plain: TaChip) -> None:
        self._side, self._plain, self._parts = side, plain, b""
        self.plain_ins = -1

    def transmit(self, command: bytes, /) -> bytes:
        """Answer one protected command."""
        apdu = CommandApdu.decode(command)
        if apdu.cla & 0x10:
            self._parts += apdu.data
            return b"\x90\x00"
        whole = CommandApdu(
            *(apdu.cla, apdu.ins, apdu.p1, apdu.p2, self._parts + apdu.data, apdu.le),
            extended=apdu.extended,
        )
        self._parts = b""
        opened = self._side.open(whole.encode())
        answer = ResponseApdu.decode(self._plain.transmit(opened.encode()))
        if opened.ins == self.plain_ins:
            return b"\x63\x00"
        return self._side.answer(answer.data, answer.sw)
