"""Our own mistakes: whichever function of the verifier breaks, nothing becomes verified."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ecid import api
from ecid.errors import MalformedData, UnsupportedData
from ecid.inspection.checks import Verdict
from ecid.trust.store import TrustStore
from tests.deep import breaking
from tests.deep.breaking import Place, Truthy
from tests.deep.kit import NOW, control, evidence

pytestmark = pytest.mark.deep


class Broken(Exception):
    """What no code of ours expects."""


def raising(error: Exception) -> Callable[..., object]:
    """Return a function that raises ``error`` whatever it is given."""

    def broken(*_: object, **__: object) -> object:
        raise error

    return broken


def answering(value: object) -> Callable[..., object]:
    """Return a function that answers ``value`` whatever it is given."""
    return lambda *_, **__: value


VALUES: dict[str, object] = {"None": None, "True": True, "stranger": Truthy()}
FAULTS = {
    "raises": raising(Broken()),
    "raises MalformedData": raising(MalformedData("x", "y")),
    "raises UnsupportedData": raising(UnsupportedData("x", "y")),
    **{name: answering(value) for name, value in VALUES.items()},
}

#: What may break and leave the control verified, and why nothing false becomes true by it.
HARMLESS = {
    # They describe; they do not judge.
    "verify._Judge._emulated": "says what the anchor is",
    "verify._Judge._deviations": "names what was tolerated",
    "facts.Facts._face": "cuts out the portrait",
    "store.TrustStore.digest": "names the snapshot",
    "policy.Policy.digest": "names the policy",
    "verify._Judge._identity": "is shown; nothing is judged by it",
    "verify._Judge._is_expired": "names the deviation of an expired signer",
    # They inform, or they ask who is granted what: the control needs no tolerance.
    "signing_time._key_was_in_use": "the private key usage period only informs (design, section 6)",
    "extensions.Extensions.private_key_usage": "the same",
    "document_signer._country": "says whose tolerances count",
    "tolerance.Tolerances.grants": "grants what is not needed",
    "document_signer.Issuer.grants": "the same",
    "signed_data._is_unsorted": "names a deviation that everybody is granted",
    "signed_data._is_ber": "the same",
    "extensions.Extensions.is_emulated": "is the marker of emulated cards",
    # The time of signing: without it the certificates must be valid now.
    "signing_time.signing_time": "DG13 has a date of issue, too",
    "facts.Facts._issue_date": "signingTime is there",
    # The truth is found by another way, or asked for again.
    "certificate._strict": "what is no DER is read as BER, and the signature decides",
    "signed_data._strict": "the same",
    "signed_object.extensions_of": "the same",
    "names.index_key": "only chooses whose key is tried; the signature decides",
    "store._rank": "only the order in which keys are tried",
    "store.TrustStore.signers_named": "the signer is in the SOD; a stored one is not needed",
    "signer_profile._check_numbers": "raises, or returns nothing",
    "extensions.Extensions.authority_key_identifier": "the same: candidates by name",
    "extensions.Extensions.subject_key_identifier": "the same: candidates by name",
    "judge_chip._absent": "says why a file is not there; both are",
    "facts.Facts.active_authentication_key": "Chip Authentication proves the chip as well",
    "judge_chip.answer_of": "the same",
    "facts.Facts.answer": "the same",
    "signed_data._integer": "only chooses whose key is tried; the signature decides",
    "judge_access._offers": "is asked about both sides, which agree in the control",
    "checks.Check.counts": "that every check counts is stricter",
}

PLACES = {str(place): place for place in breaking.places()}


def verdict() -> object:
    """Judge the control from the beginning; return the verdict, or the class of what was raised."""
    try:
        anchors = TrustStore.of(control().csca)
        report = api.verify(evidence("counter"), trust=anchors, policy="counter", at=NOW)
        found = report.verdict
        if found is Verdict.VERIFIED:
            assert report.identity
    except Exception as exc:  # noqa: BLE001 - any end that is no verdict will do
        return type(exc)
    return found


def test_control() -> None:
    """Unbroken, it is verified, and there is something to break."""
    assert verdict() is Verdict.VERIFIED
    assert len(PLACES) > 100
    assert set(HARMLESS) <= set(PLACES)


@pytest.mark.parametrize("name", PLACES)
def test_broken(name: str) -> None:
    """Whatever the function does instead of its work, the verdict is not VERIFIED."""
    place = PLACES[name]
    with pytest.MonkeyPatch.context() as patch:
        calls = breaking.watch(patch, place)
        assert verdict() is Verdict.VERIFIED
    passing = [fault for fault in FAULTS if _passes(place, fault) and not _is_true(calls, fault)]
    if not calls.answers or name in HARMLESS:
        return
    assert passing == []


def test_harmless_is_no_longer_than_it_must_be() -> None:
    """Whatever the list of exceptions names does pass with some fault."""
    surplus = [
        name for name in HARMLESS if not any(_passes(PLACES[name], fault) for fault in FAULTS)
    ]
    assert surplus == []


def _passes(place: Place, fault: str) -> bool:
    with pytest.MonkeyPatch.context() as patch:
        breaking.break_(patch, place, FAULTS[fault])
        return verdict() is Verdict.VERIFIED


def _is_true(calls: breaking.Calls, fault: str) -> bool:
    """Whether the fault answers what the function answered anyway: then nothing is broken."""
    if fault not in VALUES:
        return False
    value = VALUES[fault]
    if all(isinstance(answer, bool) for answer in calls.answers):
        return all(answer is bool(value) for answer in calls.answers)
    return all(
        answer is value or (type(answer) is int and answer == value) for answer in calls.answers
    )
