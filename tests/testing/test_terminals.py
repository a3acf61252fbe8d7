"""Terminals of the kit: they are let in by chips that trust them, and their flaws are real."""

from __future__ import annotations

from datetime import date

import pytest

import ecid
from ecid.emulator import EmulatedCard
from ecid.emulator.cvc_issuing import READ_DG4
from ecid.emulator.issued import IssuedCard
from ecid.emulator.issuing import issue
from ecid.errors import Misuse
from ecid.protocols.terminal_credential import TerminalCredential
from ecid.testing import NOW, TerminalKit, terminal_of, trust_of

KIT = TerminalKit()


def finding(card: IssuedCard, terminal: TerminalCredential) -> tuple[str, str | None, bool]:
    """Return what a reading says of the terminal, and whether DG3 was read."""
    report = ecid.read(
        ecid.AccessSecret.from_can(card.secrets.can),
        card=EmulatedCard(card),
        trust=trust_of(card),
        at=NOW,
        terminal=terminal,
    )
    check = report.check("terminal")
    return check.outcome.value, check.reason, "DG3" in report.evidence.files


@pytest.fixture
def card() -> IssuedCard:
    """Return a passport with fingerprints."""
    return issue("eac-ecdsa")


def test_terminal_of_a_card(card: IssuedCard) -> None:
    """The terminal that was issued with a card may read its fingerprints."""
    assert finding(card, terminal_of(card)) == ("successful", None, True)


def test_card_without_a_terminal() -> None:
    """A card that was issued without one has none to give."""
    with pytest.raises(Misuse):
        terminal_of(issue("bac-only"))


def test_kit(card: IssuedCard) -> None:
    """The terminal of a kit may read the fingerprints of a chip that trusts the kit."""
    assert finding(KIT.trusted_by(card), KIT.credential()) == ("successful", None, True)
    assert finding(card, KIT.credential()) == ("undetermined", "no_chain", False)


@pytest.mark.parametrize("whose", ["verifier", "terminal"])
def test_expired(card: IssuedCard, whose: str) -> None:
    """A certificate that is changed is signed as changed: nothing but its date is wrong."""
    expired = KIT.credential(**{whose: {"expiration": date(2025, 1, 1)}})
    assert finding(KIT.trusted_by(card), expired) == ("undetermined", "expired", False)


def test_rights_of_the_authority(card: IssuedCard) -> None:
    """Two kits of one label differ in the rights of their authority alone."""
    other = TerminalKit(authority_rights=READ_DG4)
    assert finding(other.trusted_by(card), KIT.credential()) == ("successful", None, False)


def test_other_label(card: IssuedCard) -> None:
    """A kit of another label has other keys by the same names."""
    other = TerminalKit(label="other")
    outcome = finding(other.trusted_by(card), KIT.credential())
    assert outcome == ("failed", "terminal_refused", False)
