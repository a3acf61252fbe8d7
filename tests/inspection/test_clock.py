"""A clock that cannot be right: nothing that depends on the date succeeds, unless it is named."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ecid import api
from ecid.inspection import clock
from ecid.inspection.checks import Verdict
from ecid.inspection.clock import RELEASED, can_be_right
from ecid.inspection.report import Report
from ecid.trust.certificate import parse_certificate
from ecid.trust.store import TrustStore
from forged_sod import CSCA, SIGNER
from inspection_kit import issued, outcome, read, stored
from trust_kit import crl, take_in

CLOCK = ("undetermined", "clock_before_build")
GOOD = ("successful", None)
SERIAL = parse_certificate(SIGNER.certificate).serial


def store(*revoked: int, ends: timedelta = timedelta(days=90)) -> TrustStore:
    """Return the anchor of the shipped cards with a revocation list that is fresh today."""
    today = datetime.now(UTC)
    listed = crl(
        *revoked, issuer=CSCA, this_update=today - timedelta(days=1), next_update=today + ends
    )
    return take_in(CSCA.certificate, listed, keeping=False).store


@pytest.fixture
def wrong_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the program be made later than this computer believes today to be."""
    monkeypatch.setattr(clock, "RELEASED", datetime.now(UTC) + timedelta(days=3650))


@pytest.fixture
def right_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the program be made before today, whatever this computer believes."""
    monkeypatch.setattr(clock, "RELEASED", datetime.now(UTC) - timedelta(days=1))


def verified(trust: TrustStore, at: datetime | None = None) -> Report:
    """Return the report about the files of the shipped card."""
    return api.verify(stored(issued()), trust=trust, at=at)


def dated(report: Report) -> list[tuple[str, str | None]]:
    """Return outcome and reason of the checks that depend on the date."""
    return [outcome(report, each) for each in ("sod.time", "sod.revocation", "document.expiry")]


def test_moment_of_the_release() -> None:
    """A clock is right from the moment on at which the program was made."""
    assert can_be_right(RELEASED)
    assert can_be_right(RELEASED.astimezone())
    assert not can_be_right(RELEASED - timedelta(microseconds=1))
    assert not can_be_right(datetime(1970, 1, 1, tzinfo=UTC))


@pytest.mark.usefixtures("right_clock")
def test_control() -> None:
    """With a clock that can be right everything succeeds."""
    report = verified(store())
    assert dated(report) == [GOOD, GOOD, GOOD]
    assert report.verdict is Verdict.VERIFIED


@pytest.mark.usefixtures("wrong_clock")
def test_wrong_clock() -> None:
    """With one that cannot, the checks that need the date are open, and so is the verdict."""
    report = verified(store())
    assert dated(report) == [CLOCK, CLOCK, CLOCK]
    assert report.verdict is Verdict.UNDETERMINED
    assert outcome(report, "sod.chain") == GOOD


@pytest.mark.usefixtures("wrong_clock")
def test_named_moment() -> None:
    """A moment that somebody names is what he asks about, whenever it is."""
    report = verified(store(), datetime.now(UTC))
    assert dated(report) == [GOOD, GOOD, GOOD]
    assert report.verdict is Verdict.VERIFIED


@pytest.mark.usefixtures("wrong_clock")
def test_live_card() -> None:
    """The same for a card in the reader."""
    report = read(issued(), trust=store(), at=None)
    assert dated(report) == [CLOCK, CLOCK, CLOCK]
    assert report.verdict is Verdict.UNDETERMINED
    assert outcome(report, "access") == GOOD


@pytest.mark.usefixtures("wrong_clock")
def test_what_is_revoked_stays_it() -> None:
    """Who stands on a list was revoked whatever the date is."""
    report = verified(store(SERIAL))
    assert outcome(report, "sod.revocation") == ("failed", "revoked")
    assert report.verdict is Verdict.FAILED


@pytest.mark.usefixtures("wrong_clock")
def test_what_is_open_for_another_reason() -> None:
    """A list that has ended even so is stale, and none is none."""
    stale = verified(store(ends=timedelta(hours=-1)))
    assert outcome(stale, "sod.revocation") == ("undetermined", "crl_stale")
    none = verified(take_in(CSCA.certificate, keeping=False).store)
    assert outcome(none, "sod.revocation") == ("undetermined", "no_crl")
