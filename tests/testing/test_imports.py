"""Imports into a trust store as cases: a store that takes what it must not is caught."""

from __future__ import annotations

import pytest

import ecid
from ecid.emulator.issued import IssuedCard
from ecid.errors import Misuse
from ecid.outcome import Reason
from ecid.testing import (
    Case,
    Controls,
    Imported,
    Result,
    StoreImport,
    canary_card,
    crl,
    csca,
    ec_key,
    fails,
    issuer_of,
    refused,
    run_case,
    stays_verified,
)
from ecid.testing.bench import Bench, Limits
from ecid.trust.intake import revocation_lists

pytestmark = pytest.mark.slow

HOLDER: IssuedCard = canary_card()
ISSUER, SIGNER = issuer_of(HOLDER)
SERIAL = 0x45434944_00000013
OLD, NEW = crl(ISSUER, 1, number=1), crl(ISSUER, 1, number=3)
REVOKING = crl(ISSUER, SERIAL, number=2)
REVOKED = fails("sod.revocation", Reason.REVOKED, "signer")
ROLLBACK = refused("store_rollback", "rollback", REVOKED)


def subject(**changes: object) -> StoreImport:
    """Return the import of an older revocation list over one that has the card's signer."""
    usual: dict[str, object] = {
        "holder": HOLDER,
        "before": {"csca.cer": HOLDER.csca, "2.crl": REVOKING},
        "files": {"1.crl": OLD},
        "good": {"3.crl": NEW},
    }
    return StoreImport(**{**usual, **changes})  # type: ignore[arg-type]


def run(tried: StoreImport | None = None, expected: Imported = ROLLBACK) -> Result:
    """Run it as a case."""
    case = Case(
        id="KIT-02",
        mutation="an older list",
        weight=5,
        build=lambda: tried or subject(),
        expected=expected,
    )
    return run_case(case, controls=Controls())


def violated(result: Result) -> set[str]:
    """Return the names of the assertions that do not hold."""
    return {violation.assertion for violation in result.violations}


def test_nothing_wrong() -> None:
    """The older list is refused, and the card stays revoked."""
    result = run()
    assert result.violations == ()
    assert not result.false_green


def test_what_an_import_came_to() -> None:
    """Code, rules and digests are those of the command."""
    with Bench(Limits()) as bench:
        found = subject().attempt(bench.place)
        assert (found.code, found.rules, found.added) == ("store_rollback", ("rollback",), 0)
        assert found.before == found.after
        assert found.report.verdict is ecid.Verdict.FAILED
        good = subject().control().attempt(bench.place)
        assert (good.code, good.rules, good.report.verdict) == (None, (), ecid.Verdict.VERIFIED)
        assert good.before != good.after


def test_rollback(monkeypatch: pytest.MonkeyPatch) -> None:
    """A store that takes an older list lets a revoked card pass: a false green."""
    monkeypatch.setattr(revocation_lists, "is_older", lambda *_: False)
    result = run()
    assert violated(result) == {"verdict", "check"}
    assert result.false_green
    seen = [v.seen for v in result.violations]
    assert "the store is not the one it was" in seen


def test_another_reason() -> None:
    """Code and rule both count."""
    for expected in (
        refused("store_rollback", "other", REVOKED),
        refused("store_nothing_usable", "rollback", REVOKED),
    ):
        assert violated(run(expected=expected)) == {"check"}


def test_number_of_anchors() -> None:
    """How many anchors were added counts, too."""
    other = csca("VN", ec_key("kit import"), name="CSCA EMULATED Import").certificate
    tried = subject(
        before={"csca.cer": HOLDER.csca},
        files={"no.cer": b"rubbish", "other.cer": other},
        good={"other.cer": other},
    )
    one = Imported(
        code=None, rules=("unknown_format",), added=1, judged=stays_verified("sod.chain")
    )
    two = Imported(code=None, rules=one.rules, added=2, judged=one.judged)
    assert violated(run(tried, one)) == set()
    assert violated(run(tried, two)) == {"check"}


def test_control_that_is_left_out() -> None:
    """A control of which something is left out is no control."""
    assert violated(run(subject(good={"1.crl": OLD}))) == {"control", "next card"}


def test_store_that_cannot_be_filled() -> None:
    """What a store is to hold before must be importable."""
    broken = subject(before={"no.cer": b"rubbish"})
    with Bench(Limits()) as bench, pytest.raises(Misuse):
        broken.attempt(bench.place)
    assert violated(run(broken)) == {"control", "check", "next card"}


def test_crash_of_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command turns a bug into exit code 1; it does not pass for a refusal."""

    def spoil(*_: object) -> None:
        raise ValueError

    monkeypatch.setattr(revocation_lists, "is_older", spoil)
    assert "check" in violated(run())


def test_options() -> None:
    """Options are those of the command, and make another control."""
    stated = subject(options=("--fingerprint", "00" * 32))
    assert stated.key != subject().key
    expected = Imported(code="fingerprint_unmatched", rules=(), added=None, judged=REVOKED)
    assert "check" not in violated(run(stated, expected))
