"""What a case is tried on, and what may be said of it: stores, moments, bounds, details."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest

from ecid import Verdict
from ecid.errors import StoreError
from ecid.inspection import facts
from ecid.outcome import Reason
from ecid.protocols.passive_authentication import PassiveAuthentication, authenticate
from ecid.testing import (
    NOW,
    Aborted,
    Case,
    Controls,
    Limits,
    LiveCard,
    Result,
    StoredFolder,
    Subject,
    Trust,
    canary_card,
    crl,
    dsc,
    fails,
    issuer_of,
    run_case,
    signed_by,
    stays_open,
    stays_open_beside,
    stays_verified,
    trust_of,
)
from ecid.testing.bench import Bench
from ecid.testing.case import Expectation
from ecid.trust.extensions import KEY_USAGE
from ecid.trust.store import TrustStore

pytestmark = pytest.mark.slow

HOLDER = canary_card()
ISSUER = issuer_of(HOLDER)[0]
ANCHOR = {"csca.cer": HOLDER.csca}
FRESH = {**ANCHOR, "1.crl": crl(ISSUER, 1)}
STALE = {**ANCHOR, "1.crl": crl(ISSUER, 1, next_update=NOW - timedelta(days=1))}

ENTRIES = pytest.mark.parametrize("entry", [LiveCard, StoredFolder])
Entry = type[LiveCard] | type[StoredFolder]


def run(subject: Subject, expected: Expectation, limits: Limits | None = None) -> Result:
    """Run a case with controls of its own."""
    case = Case(
        id="KIT-03",
        mutation="something",
        weight=5,
        build=lambda: subject,
        expected=expected,
        limits=limits,
    )
    return run_case(case, controls=Controls())


def violated(result: Result) -> set[str]:
    """Return the names of the assertions that do not hold."""
    return {violation.assertion for violation in result.violations}


@ENTRIES
@pytest.mark.parametrize("trust", [ANCHOR, FRESH, trust_of(HOLDER)])
def test_stores(entry: Entry, trust: Trust) -> None:
    """A store may be given as files, or as it is."""
    with Bench(Limits()) as bench:
        report = entry(holder=HOLDER, trust=trust).attempt(bench.place)
    assert report.verdict is Verdict.VERIFIED
    assert report.check("sod.revocation").reason is (None if trust is FRESH else Reason.NO_CRL)


@ENTRIES
def test_empty_stores(entry: Entry) -> None:
    """An empty store is a store: the holder's anchor does not take its place."""
    empty: list[Trust] = [TrustStore(), {}]
    with Bench(Limits()) as bench:
        for trust in empty:
            report = entry(holder=HOLDER, trust=trust).attempt(bench.place)
            assert report.check("sod.chain").reason is Reason.NO_CSCA


@ENTRIES
def test_files_that_are_none(entry: Entry) -> None:
    """Files are loaded within the attempt, so that their error is what comes of it."""
    tried = entry(holder=HOLDER, trust={"csca.cer": b"rubbish"})
    assert violated(run(tried, Aborted(error=StoreError, code="store_nothing_usable"))) == set()


@ENTRIES
def test_moment(entry: Entry) -> None:
    """The control is judged at the same moment."""
    tried = entry(holder=HOLDER, at=NOW + timedelta(days=20 * 365))
    with Bench(Limits()) as bench:
        for each in (tried, tried.control()):
            report = each.attempt(bench.place)
            assert report.check("sod.time").reason is Reason.SIGNER_EXPIRED


@ENTRIES
def test_store_of_the_control(entry: Entry) -> None:
    """The control has the good store; with another one it is another control."""
    tried = entry(holder=HOLDER, trust=STALE, good_trust=FRESH)
    assert tried.control() == entry(holder=HOLDER, good_trust=FRESH)
    assert tried.key == tried.control().key
    keys = {entry(holder=HOLDER, good_trust=each).key for each in (None, FRESH, trust_of(HOLDER))}
    assert len(keys) == 3
    stale = stays_open_beside("sod.revocation", Reason.CRL_STALE)
    assert violated(run(tried, stale)) == set()


def test_named_check_of_the_control() -> None:
    """A control on which the named check is not green shows nothing."""
    tried = StoredFolder(holder=HOLDER, trust=STALE)
    stale = stays_open_beside("sod.revocation", Reason.CRL_STALE)
    assert violated(run(tried, stale)) == {"control"}


def test_green_check_beside_a_green_verdict() -> None:
    """An optional check that is green and must not be is a false green."""
    tried = StoredFolder(holder=HOLDER, trust=FRESH, good_trust=FRESH)
    result = run(tried, stays_open_beside("sod.revocation", Reason.CRL_STALE))
    assert violated(result) == {"check"}
    assert result.false_green


def test_detail() -> None:
    """The rule that was broken counts where it is named."""
    card = signed_by(HOLDER, dsc(ISSUER, without=[KEY_USAGE]))
    tried = StoredFolder(holder=HOLDER, card=card)
    right, wrong = "key_usage_missing", "certificate_authority"
    assert violated(run(tried, fails("sod.signer", Reason.DSC_PROFILE))) == set()
    assert violated(run(tried, fails("sod.signer", Reason.DSC_PROFILE, right))) == set()
    assert violated(run(tried, fails("sod.signer", Reason.DSC_PROFILE, wrong))) == {"check"}


def test_reason_beside_a_success() -> None:
    """A success may have to say something."""
    outside = signed_by(HOLDER, dsc(ISSUER, usage=timedelta(days=1)))
    tried = StoredFolder(holder=HOLDER, card=outside)
    expected = stays_verified("sod.time", Reason.OUTSIDE_KEY_USAGE)
    assert violated(run(tried, expected)) == set()
    assert violated(run(tried, stays_verified("sod.time"))) == {"check"}


def test_bounds_of_one_case(monkeypatch: pytest.MonkeyPatch) -> None:
    """A case may allow less time than usual; its control takes what controls take."""

    def slow(*given: object) -> PassiveAuthentication:
        time.sleep(0.4)
        return authenticate(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(facts, "authenticate", slow)
    tried = StoredFolder(holder=HOLDER, trust=TrustStore())
    expected = stays_open("sod.chain", Reason.NO_CSCA)
    assert violated(run(tried, expected, Limits(seconds=30))) == set()
    assert "time" in violated(run(tried, expected, Limits(seconds=0.2)))
