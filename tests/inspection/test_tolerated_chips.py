"""What a chip does otherwise than the standard says: met, named, and no success under strict."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ecid import profiles
from ecid.emulator import EmulatedCard
from ecid.emulator.behaviour import DomainReference, profile
from ecid.inspection.policy import Policy
from ecid.inspection.report import Report
from ecid.inspection.verify import verify
from ecid.outcome import Deviation
from ecid.trust.tolerance import Tolerances
from inspection_kit import NOW, issued, outcome, read, trust_of

NOT_TOLERATED = ("undetermined", "not_tolerated")


def reading(name: str, policy: str = "counter", **behaviour: Any) -> Report:
    """Return the report about the card ``name`` whose chip behaves in another way."""
    card = issued(name)
    return read(
        EmulatedCard(card, behaviour=replace(profile(card.profile), **behaviour)), policy=policy
    )


def test_parameters_in_the_other_form() -> None:
    """A chip that wants its only parameters named is asked once more, and that shows."""
    name, always = "pace-ecdh-im-aes128-13", DomainReference.ALWAYS
    assert outcome(reading(name), "access") == ("successful", None)
    report = reading(name, domain_reference=always)
    assert outcome(report, "access") == ("successful", None)
    assert Deviation("pace_parameters_named", "access") in report.deviations
    strict = reading(name, "strict", domain_reference=always)
    assert outcome(strict, "access") == NOT_TOLERATED


def test_answer_in_der() -> None:
    """An ECDSA answer in DER is right and is no success; where it is granted, it is one."""
    name = "aa-ecdsa-p521-sha512"
    assert outcome(reading(name), "chip.aa") == ("successful", None)
    report = reading(name, active_authentication_der=True)
    assert outcome(report, "chip.aa") == NOT_TOLERATED
    assert Deviation("ecdsa_der_answer", "INTERNAL AUTHENTICATE") in report.deviations


def test_answer_in_der_where_it_is_granted() -> None:
    """For archives there is a table that grants it."""
    card = issued("aa-ecdsa-p521-sha512")
    lenient = replace(Policy.load("passive"), tolerances=Tolerances.load("lenient"))
    evidence = reading("aa-ecdsa-p521-sha512", active_authentication_der=True).evidence
    report = verify(evidence, trust_of(card), lenient, NOW, profiles.by_name("icao"))
    assert outcome(report, "chip.aa") == ("successful", None)
