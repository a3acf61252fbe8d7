"""Fingerprints: Terminal Authentication in a whole reading, and what keeps it from being run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ecid.emulator import EmulatedCard, IssuedCard
from ecid.errors import StoreError
from ecid.inspection.checks import Verdict
from ecid.inspection.evidence import Evidence
from ecid.inspection.report import Report
from ecid.outcome import Finding
from ecid.protocols.terminal_credential import TerminalCredential
from ecid.secret import AccessSecret
from ecid.testing.cards import issuer_of
from ecid.trust.certificate import parse_certificate
from ecid.trust.cv_chain import CvChain
from ecid.trust.store import TrustStore
from inspection_kit import Wire, by_can, by_mrz, issued, judge, outcome, read, trust_of
from trust_kit import crl

CARDS = ("eac-rsa", "eac-rsa-pss", "eac-ecdsa", "eac-link", "eac-foreign", "eac-bac-dh")


def credential(card: IssuedCard, folder: Path) -> TerminalCredential:
    """Return the terminal that ``card`` trusts, by way of the files that ``card issue`` writes."""
    card.save(folder)
    return TerminalCredential.load(folder, folder / "TA_IS.pkcs8")


class Late(TerminalCredential):
    """A terminal whose certificates ended yesterday."""

    def chain(self, authorities: Sequence[str], at: datetime) -> CvChain | Finding:
        """Ask as of the day after the last one."""
        return TerminalCredential.chain(self, authorities, datetime(2046, 4, 14, tzinfo=UTC))


def secret_of(card: IssuedCard) -> AccessSecret:
    """Return what opens ``card``."""
    return by_can(card) if card.secrets.can and "CardAccess" in card.files else by_mrz(card)


def reading(card: IssuedCard, terminal: TerminalCredential, **options: Any) -> Report:
    """Return the report of a reading with a terminal."""
    return read(card, secret_of(card), terminal=terminal, **options)


@pytest.mark.parametrize("name", CARDS)
def test_fingerprints(name: str, tmp_path: Path) -> None:
    """The chip gives what the terminal's rights allow, it is hashed, and the verdict is green."""
    card = issued(name)
    report = reading(card, credential(card, tmp_path))
    assert outcome(report, "terminal") == ("successful", None)
    assert outcome(report, "dg.3") == ("successful", None)
    assert report.evidence.files["DG3"] == card.files["DG3"]
    assert report.verdict is Verdict.VERIFIED


def test_control() -> None:
    """Without a terminal nothing is asked, and the fingerprints stay where they are."""
    report = read(issued("eac-rsa"))
    assert outcome(report, "terminal") == ("not_supported", "not_requested")
    assert "DG3" not in report.evidence.files
    assert report.verdict is Verdict.VERIFIED


def test_only_what_was_asked_for(tmp_path: Path) -> None:
    """Rights are not a wish: data groups that were left out are not read."""
    card = issued("eac-rsa")
    report = reading(card, credential(card, tmp_path), data_groups=frozenset({1}))
    assert outcome(report, "terminal") == ("successful", None)
    assert "DG3" not in report.evidence.files


def test_unauthenticated_chip_gets_nothing(tmp_path: Path) -> None:
    """Nobody vouches for the chip's key: no certificate is sent and nothing is signed."""
    card = issued("eac-rsa")
    wire = Wire(EmulatedCard(card))
    report = read(
        card,
        link=lambda _: wire,
        terminal=credential(card, tmp_path),
        trust=TrustStore(),
    )
    assert outcome(report, "terminal") == ("undetermined", "key_not_authenticated")
    assert "DG3" not in report.evidence.files
    assert report.verdict is Verdict.UNDETERMINED


def test_cloned_chip_gets_nothing(tmp_path: Path) -> None:
    """A copy cannot finish Chip Authentication, and learns nothing of the terminal."""
    card = issued("eac-rsa")
    clone = EmulatedCard(replace(card, chip_keys=issued("eac-ecdsa").chip_keys))
    report = read(clone, secret_of(card), terminal=credential(card, tmp_path))
    assert outcome(report, "terminal") == ("undetermined", "not_run")
    assert outcome(report, "chip.ca")[0] == "failed"


def test_expired_certificates(tmp_path: Path) -> None:
    """Nothing is sent once our own certificates have ended; the document is judged as ever."""
    card = issued("eac-rsa")
    wire = Wire(EmulatedCard(card))
    terminal = credential(card, tmp_path)
    late = Late(terminal.certificates, terminal.key)
    report = read(card, link=lambda _: wire, terminal=late)
    assert report.verdict is Verdict.VERIFIED
    assert outcome(report, "terminal") == ("undetermined", "expired")


def test_terminal_of_another_state(tmp_path: Path) -> None:
    """The chip trusts another authority: that informs, and takes nothing from the verdict."""
    card, other = issued("eac-rsa"), issued("eac-ecdsa")
    report = reading(card, credential(other, tmp_path))
    found = outcome(report, "terminal")
    assert found in {("undetermined", "no_chain"), ("failed", "terminal_refused")}
    assert "DG3" not in report.evidence.files


def test_key_of_another_terminal(tmp_path: Path) -> None:
    """A key that no certificate has is told before a card is touched."""
    issued("eac-rsa").save(tmp_path / "one")
    issued("eac-ecdsa").save(tmp_path / "two")
    with pytest.raises(StoreError) as caught:
        TerminalCredential.load(tmp_path / "one", tmp_path / "two" / "TA_IS.pkcs8")
    assert (caught.value.code, caught.value.exit_code) == ("ta_key_mismatch", 20)


def test_recorded(tmp_path: Path) -> None:
    """On file it is a claim; the fingerprints are there and hashed."""
    card = issued("eac-rsa")
    report = reading(card, credential(card, tmp_path))
    report.evidence.save(tmp_path / "x.ecid")
    loaded = Evidence.load(tmp_path / "x.ecid")
    assert loaded.terminal == report.evidence.terminal
    again = judge(loaded, trust_of(card))
    assert outcome(again, "terminal") == ("undetermined", "recorded")
    assert outcome(again, "dg.3") == ("successful", None)


def test_signer_that_was_revoked(tmp_path: Path) -> None:
    """Whatever else fails: nothing is sent to a chip whose document is not good so far."""
    card = issued("eac-rsa")
    authority, signer = issuer_of(card)
    serial = parse_certificate(signer.certificate).serial
    card.save(tmp_path)
    (tmp_path / "trust").mkdir()
    (tmp_path / "trust" / "csca.cer").write_bytes(card.csca)
    (tmp_path / "trust" / "list.crl").write_bytes(crl(serial, issuer=authority))
    terminal = TerminalCredential.load(tmp_path, tmp_path / "TA_IS.pkcs8")
    report = reading(card, terminal, trust=TrustStore.load(tmp_path / "trust"))
    assert outcome(report, "sod.revocation") == ("failed", "revoked")
    assert outcome(report, "chip.ca") == ("successful", None)
    assert outcome(report, "terminal") == ("undetermined", "key_not_authenticated")
    assert "DG3" not in report.evidence.files


def test_card_that_authenticates_no_terminals(tmp_path: Path) -> None:
    """A terminal's certificates are no reason to call such a card open."""
    report = reading(issued("ca-ecdh-aes256"), credential(issued("eac-rsa"), tmp_path))
    assert outcome(report, "terminal") == ("not_supported", "not_offered")
    assert report.verdict is Verdict.VERIFIED
