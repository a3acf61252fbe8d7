"""Opening the chip: PACE before BAC, one attempt, and what the signed data says of the offer."""

from __future__ import annotations

from dataclasses import replace

import pytest

import ecid
from ecid.emulator import EmulatedCard, IssuedCard
from ecid.errors import (
    AccessDenied,
    AccessRefused,
)
from ecid.secret import AccessSecret
from inspection_kit import (
    PACE_REFUSED,
    WITHOUT_CARD_ACCESS,
    Wire,
    by_mrz,
    changed,
    issued,
    judge,
    outcome,
    read,
)

MSE, GENERAL_AUTHENTICATE = 0x22, 0x86
GET_CHALLENGE, EXTERNAL_AUTHENTICATE = 0x84, 0x82


def test_card_access_removed(card: IssuedCard) -> None:
    """Somebody hides EF.CardAccess so that BAC is taken: the signed DG14 gives it away."""
    control = read(card, by_mrz(card))
    assert outcome(control, "access.binding") == ("successful", None)
    report = read(card, by_mrz(card), link=lambda chip: Wire(chip, WITHOUT_CARD_ACCESS))
    assert report.evidence.access is not None
    assert report.evidence.access.protocol == "BAC"
    assert outcome(report, "access.binding") == ("failed", "binding_mismatch")
    assert report.exit_code == 10


@pytest.mark.parametrize(
    "content",
    [b"", b"\x31\x00", b"\x31\x03\x02\x01\x01", b"\xff" * 30, b"\x31\x84"],
    ids=bytes.hex,
)
def test_card_access_weakened(card: IssuedCard, content: bytes) -> None:
    """An EF.CardAccess that offers nothing, or nonsense, is noticed as well."""
    report = read(changed(card, CardAccess=content), by_mrz(card))
    assert outcome(report, "access.binding") == ("failed", "binding_mismatch")
    assert report.exit_code == 10


def test_card_access_with_another_offer(card: IssuedCard) -> None:
    """PACE was run with what was read; if that is not what was signed, it was tampered with."""
    ours = card.files["CardAccess"]
    at = ours.index(bytes.fromhex("04007F000702020402")) + 9
    spoiled = ours[:at] + bytes([ours[at] ^ 6]) + ours[at + 1 :]
    assert spoiled != ours
    evidence = read(card).evidence
    changed_ = replace(evidence, files={**evidence.files, "CardAccess": spoiled})
    assert outcome(judge(changed_, policy="counter"), "access.binding") == (
        "failed",
        "binding_mismatch",
    )


def test_binding_of_unsigned_infos(card: IssuedCard) -> None:
    """Without an anchor DG14 is no authority on what was offered."""
    report = read(card, trust=ecid.TrustStore())
    assert outcome(report, "access.binding") == ("undetermined", "key_not_authenticated")


def test_binding_where_no_pace_is_signed(card: IssuedCard) -> None:
    """Where DG14 offers no PACE there is nothing to bind, and the check does not count."""
    evidence = read(card).evidence
    without = {k: v for k, v in evidence.files.items() if k != "DG14"}
    report = judge(replace(evidence, files=without), policy="counter")
    assert outcome(report, "access.binding") == ("not_supported", "not_offered")
    assert report.check("access.binding").weight == "evaluatory"


def test_pace_before_bac(card: IssuedCard) -> None:
    """With an MRZ, which would open both, PACE is taken and BAC never tried."""
    wire = Wire(EmulatedCard(card))
    report = read(card, by_mrz(card), link=lambda _: wire)
    assert report.evidence.access is not None
    assert report.evidence.access.protocol == "PACE"
    assert report.evidence.access.password == "MRZ"
    plain = [command for command in wire.commands if command[0] in (0x00, 0x10)]
    assert not any(command[1] in (GET_CHALLENGE, EXTERNAL_AUTHENTICATE) for command in plain)


def test_pace_refused_at_mse(card: IssuedCard) -> None:
    """Refused before any cryptography: BAC opens the chip, and the report says so."""
    report = read(card, by_mrz(card), link=lambda chip: Wire(chip, PACE_REFUSED))
    assert report.evidence.access is not None
    assert report.evidence.access.protocol == "BAC"
    assert report.evidence.access.pace_refused
    assert outcome(report, "access") == ("successful", "access_downgrade")
    assert outcome(report, "access.binding") == ("successful", None)
    assert report.exit_code == 0


def test_pace_refused_with_a_can(card: IssuedCard) -> None:
    """A CAN opens PACE only, so the refusal is the end."""
    wire = Wire(EmulatedCard(card), PACE_REFUSED)
    with pytest.raises(AccessRefused):
        read(card, link=lambda _: wire)
    assert wire.count(GET_CHALLENGE) == 0


@pytest.mark.parametrize("answer", ["6300", "6983", "6A80", "6988", "6F00", "9000"])
def test_no_bac_after_a_cryptographic_failure(card: IssuedCard, answer: str) -> None:
    """Once PACE has begun, no answer of the chip can talk us down to BAC."""
    cheat = {bytes.fromhex("00860000"): bytes.fromhex(answer)}
    wire = Wire(EmulatedCard(card), cheat)
    with pytest.raises(ecid.EcidError):
        read(card, by_mrz(card), link=lambda _: wire)
    assert wire.count(GET_CHALLENGE) == wire.count(EXTERNAL_AUTHENTICATE) == 0


class _Refusing:
    """A chip that refuses to start PACE at the times (from 1) in ``at``."""

    def __init__(self, inner: EmulatedCard, at: set[int]) -> None:
        self._inner, self._at, self._times = inner, at, 0
        self.commands: list[int] = []

    def transmit(self, command: bytes, /) -> bytes:
        """Answer 6985 to MSE:Set AT at those times, else what the chip answers."""
        self.commands.append(command[1])
        if command[1] == MSE:
            self._times += 1
            if self._times in self._at:
                return b"\x69\x85"
        return self._inner.transmit(command)


def by_wrong_date(card: IssuedCard) -> AccessSecret:
    """Return what a QR text leads to, a wrong date of expiry before another wrong one."""
    secret = AccessSecret.from_qr(card.secrets.qr)
    return replace(secret, derived=(f"{secret.derived[0][:-1]}0", f"{secret.derived[0][:-1]}1"))


@pytest.mark.parametrize("refused", [{1, 3}, {1, 2}, {1}])
def test_no_bac_after_a_wrong_derived_key(card: IssuedCard, refused: set[int]) -> None:
    """A chip that lets one key fail and then refuses to start does not get BAC for it."""
    link = _Refusing(EmulatedCard(card), refused)
    with pytest.raises(AccessDenied) as caught:
        read(card, by_wrong_date(card), link=lambda _: link)
    assert caught.value.code == "wrong_key"
    assert link.commands.count(MSE) == 3
    assert not {GET_CHALLENGE, EXTERNAL_AUTHENTICATE} & set(link.commands)


def test_wrong_can_of_a_qr_text(card: IssuedCard) -> None:
    """A card access number that the chip refuses is the end: no derived key is tried after it."""
    link = _Refusing(EmulatedCard(card), set())
    other = replace(AccessSecret.from_qr(card.secrets.qr), can="000000")
    with pytest.raises(AccessDenied):
        read(card, other, link=lambda _: link)
    assert link.commands.count(MSE) == 1
    assert GET_CHALLENGE not in link.commands


def test_can_where_there_is_no_pace(card: IssuedCard) -> None:
    """A CAN and no PACE: one sentence that names the way out, and not one wrong attempt."""
    wire = Wire(EmulatedCard(card), WITHOUT_CARD_ACCESS)
    with pytest.raises(AccessDenied) as caught:
        read(card, link=lambda _: wire)
    assert caught.value.code == "can_needs_pace"
    assert caught.value.exit_code == 5
    assert {MSE, GENERAL_AUTHENTICATE, GET_CHALLENGE} & {c[1] for c in wire.commands} == set()


def test_one_attempt_with_a_wrong_can(card: IssuedCard) -> None:
    """A wrong CAN is tried once: chips count."""
    wire = Wire(EmulatedCard(card))
    with pytest.raises(AccessDenied):
        read(card, AccessSecret.from_can("000000"), link=lambda _: wire)
    assert wire.count(MSE) == 1
    assert wire.count(GENERAL_AUTHENTICATE) == 4
    assert wire.count(GET_CHALLENGE) == 0


@pytest.mark.parametrize("answers", [{}, WITHOUT_CARD_ACCESS, PACE_REFUSED])
def test_one_attempt_with_a_wrong_mrz(card: IssuedCard, answers: dict[bytes, bytes]) -> None:
    """A wrong MRZ is tried once, by PACE or by BAC and never by both."""
    other = issued("vn-cccd-2021-nu")
    wire = Wire(EmulatedCard(card), answers)
    with pytest.raises(AccessDenied) as caught:
        read(card, by_mrz(other), link=lambda _: wire)
    assert caught.value.code == "wrong_key"
    attempts = wire.count(GENERAL_AUTHENTICATE) // 4 + wire.count(EXTERNAL_AUTHENTICATE)
    assert attempts == 1


def test_fields_open_what_the_mrz_opens(card: IssuedCard) -> None:
    """Number and dates are enough, and then there is no MRZ to compare."""
    secrets = card.secrets
    fields = (secrets.document_number, secrets.birth_date, secrets.expiry_date)
    report = read(card, AccessSecret.from_fields(*fields))
    assert report.exit_code == 0
    assert outcome(report, "match.mrz") == ("not_supported", "nothing_to_compare")
