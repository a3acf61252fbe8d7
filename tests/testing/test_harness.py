"""The kit itself can fail: a broken verifier is caught, by each assertion of the harness."""

from __future__ import annotations

import logging
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

import ecid
from ecid.emulator.issued import IssuedCard
from ecid.errors import AccessDenied, EcidError, SecureMessagingError
from ecid.inspection import facts, verify
from ecid.outcome import SUCCESS, Reason, failed
from ecid.protocols.passive_authentication import PassiveAuthentication
from ecid.protocols.passive_authentication import authenticate as genuine_authenticate
from ecid.testing import (
    Aborted,
    Case,
    Controls,
    Judged,
    Limits,
    LiveCard,
    Result,
    StoredFolder,
    Subject,
    Workplace,
    aborts,
    answer,
    canary_card,
    fails,
    flip,
    run_case,
    stays_open,
    stays_verified,
    with_files,
)
from ecid.testing.bench import MEBIBYTE
from ecid.testing.harness import ASSERTIONS

pytestmark = pytest.mark.slow

HOLDER = canary_card()
FORGED = with_files(HOLDER, SOD=flip(HOLDER.files["SOD"]))
NAME = HOLDER.secrets.qr.split("|")[2]

Break = Callable[[Callable[[PassiveAuthentication], PassiveAuthentication]], None]


def case(subject: Subject | None = None, expected: Judged | Aborted | None = None) -> Case:
    """Return the case that all of this is tried on: a signature with one bit changed."""
    return Case(
        id="KIT-01",
        mutation="one bit of the signature turned over",
        weight=5,
        build=lambda: subject or StoredFolder(holder=HOLDER, card=FORGED),
        expected=expected or fails("sod.signature", Reason.SIGNATURE_INVALID),
    )


def run(tried: Case | None = None, limits: Limits | None = None) -> Result:
    """Run a case with controls of its own."""
    return run_case(tried or case(), limits=limits, controls=Controls())


def violated(result: Result) -> set[str]:
    """Return the names of the assertions that do not hold."""
    return {violation.assertion for violation in result.violations}


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> Break:
    """Return a function that breaks what the verifier makes of a forged signature."""
    honest = genuine_authenticate

    def install(spoil: Callable[[PassiveAuthentication], PassiveAuthentication]) -> None:
        def authenticate(*arguments: Any) -> PassiveAuthentication:
            result = honest(*arguments)
            return result if result.signature.ok else spoil(result)

        monkeypatch.setattr(facts, "authenticate", authenticate)

    return install


def test_nothing_wrong() -> None:
    """A verifier that does its work violates nothing."""
    result = run()
    assert result.violations == ()
    assert result.passed
    assert not result.false_green


def test_control(monkeypatch: pytest.MonkeyPatch) -> None:
    """A verifier that refuses everything passes no case: the control is not green."""
    broken = PassiveAuthentication(signature=failed(Reason.SIGNATURE_INVALID))
    monkeypatch.setattr(facts, "authenticate", lambda *_: broken)
    assert violated(run()) == {"control", "next card"}


def test_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    """A verdict of verified whatever the checks say."""
    monkeypatch.setattr(verify, "conclude", lambda *_: ecid.Verdict.VERIFIED)
    result = run()
    assert violated(result) == {"verdict"}
    assert result.false_green


def test_check(broken: Break) -> None:
    """Failed, but the named check says another reason."""
    broken(lambda result: replace(result, signature=failed(Reason.WEAK_KEY)))
    result = run()
    assert violated(result) == {"check"}
    assert not result.false_green


def test_false_green(broken: Break) -> None:
    """A wrong signature that counts as right."""
    broken(lambda result: replace(result, signature=SUCCESS))
    result = run()
    assert violated(result) == {"verdict", "check"}
    assert result.false_green


@pytest.mark.parametrize("error", [ValueError, RecursionError, SystemExit, AssertionError])
def test_exception(broken: Break, error: type[BaseException]) -> None:
    """Any exception but EcidError."""

    def spoil(_: PassiveAuthentication) -> PassiveAuthentication:
        raise error

    broken(spoil)
    assert violated(run()) == {"exception"}


def test_error_instead_of_a_report(broken: Break) -> None:
    """An EcidError is an answer, but not the one expected."""

    def spoil(_: PassiveAuthentication) -> PassiveAuthentication:
        raise AccessDenied

    broken(spoil)
    assert violated(run()) == {"check"}


def test_error_without_words(broken: Break) -> None:
    """An EcidError with a code that no page of the catalogue has."""

    def spoil(_: PassiveAuthentication) -> PassiveAuthentication:
        raise EcidError("no_such_code")

    broken(spoil)
    assert violated(run()) == {"exception"}


def test_time(broken: Break) -> None:
    """A verifier that takes longer than it may is stopped, or found out afterwards."""

    def spoil(result: PassiveAuthentication) -> PassiveAuthentication:
        time.sleep(2.5)
        return result

    broken(spoil)
    assert "time" in violated(run(limits=Limits(seconds=2)))


def test_memory(broken: Break) -> None:
    """A verifier that allocates more than it may."""

    def spoil(result: PassiveAuthentication) -> PassiveAuthentication:
        assert bytearray(64 * MEBIBYTE)
        return result

    broken(spoil)
    assert violated(run(limits=Limits(memory=32 * MEBIBYTE))) == {"memory"}


@dataclass(frozen=True)
class Talkative:
    """A reading that sends more commands than there is reason for."""

    holder: IssuedCard = HOLDER
    key: str = "talkative"

    def control(self) -> Subject:
        """Return an honest reading."""
        return LiveCard(holder=HOLDER)

    def attempt(self, place: Workplace) -> ecid.Report:
        """Read a forged card, and then go on."""
        report = LiveCard(holder=HOLDER, card=FORGED).attempt(place)
        for _ in range(300):
            place.wire.transmit(b"\x00\xa4\x00\x0c")
        return report


def test_commands() -> None:
    """A reading that does not end is stopped."""
    assert "commands" in violated(run(case(Talkative()), Limits(commands=300)))


def test_sent() -> None:
    """A command that must not be sent, sent less often, or more often, is counted."""
    cut = LiveCard(holder=HOLDER, tamper=lambda wire: wire.on(0xB0, 5, answer(b"\x90\x00")))
    for times, expected in ((5, set()), (4, {"sent"}), (6, {"sent"})):
        counted = replace(case(cut, aborts("plain_response")), sent={(0xB0, True): times})
        assert violated(run(counted)) == expected


def test_detail_of_an_abort() -> None:
    """Further attributes of an error count where they are named."""
    cut = LiveCard(holder=HOLDER, tamper=lambda wire: wire.on(0xB0, 5, answer(b"\x69\x82")))
    for detail, expected in (({"sw": 0x6982}, set()), ({"sw": 0x6A82}, {"check"})):
        assert (
            violated(run(case(cut, replace(aborts("plain_response"), detail=detail)))) == expected
        )


def test_next_card(monkeypatch: pytest.MonkeyPatch) -> None:
    """A verifier that takes offence at everything after one bad card."""
    honest, offended = genuine_authenticate, False

    def authenticate(*arguments: Any) -> PassiveAuthentication:
        nonlocal offended
        result = honest(*arguments)
        if offended:
            return replace(result, signature=failed(Reason.SIGNATURE_INVALID))
        offended = not result.signature.ok
        return result

    monkeypatch.setattr(facts, "authenticate", authenticate)
    assert violated(run()) == {"next card"}


def _log() -> None:
    logging.getLogger("ecid.somewhere").debug("holder %s", NAME)


def _complain() -> None:
    sys.stderr.write(HOLDER.secrets.mrz)


def _print() -> None:
    sys.stdout.write(HOLDER.files["DG2"].hex())


def _write() -> None:
    with tempfile.NamedTemporaryFile(delete=False) as file:
        file.write(HOLDER.files["DG2"])


@pytest.mark.parametrize("leak", [_log, _complain, _print, _write])
def test_canary(broken: Break, leak: Callable[[], None]) -> None:
    """A verifier that says who it was, anywhere."""

    def spoil(result: PassiveAuthentication) -> PassiveAuthentication:
        leak()
        return result

    broken(spoil)
    assert violated(run()) == {"canary"}


def test_canary_in_an_error(broken: Break) -> None:
    """An EcidError whose cause carries a name."""

    def spoil(_: PassiveAuthentication) -> PassiveAuthentication:
        raise AccessDenied from ValueError(NAME)

    broken(spoil)
    assert violated(run()) == {"check", "canary"}


def test_session_key_in_a_log(monkeypatch: pytest.MonkeyPatch) -> None:
    """The keys of the session are taken from the card, and looked for."""
    honest = verify.verify

    def noisy(*arguments: Any, **options: Any) -> ecid.Report:
        for key in keys():
            logging.getLogger("ecid").debug("key %r", key)
        return honest(*arguments, **options)

    wires: list[Workplace] = []

    def keys() -> set[bytes]:
        return wires[-1].wire.session_keys if wires else set()

    class Watched(LiveCard):
        def attempt(self, place: Workplace) -> ecid.Report:
            wires.append(place)
            return super().attempt(place)

    monkeypatch.setattr(verify, "verify", noisy)
    assert violated(run(case(Watched(holder=HOLDER, card=FORGED)))) == {"canary"}


def test_added_sink() -> None:
    """A later issue names a sink of its own, and it is searched."""
    sinks = {"journal": lambda _: [NAME]}
    result = run_case(case(), controls=Controls(), sinks=sinks)
    assert violated(result) == {"canary"}
    assert "journal" in result.violations[0].seen


def test_report_instead_of_an_abort() -> None:
    """A reading that should have ended and did not."""
    result = run(case(StoredFolder(holder=HOLDER, card=FORGED), aborts("wrong_mac")))
    assert violated(result) == {"check"}


def test_verified_instead_of_an_abort() -> None:
    """A reading that should have ended and was verified is a false green."""
    result = run(case(LiveCard(holder=HOLDER), aborts("wrong_mac")))
    assert violated(result) == {"verdict", "check"}
    assert result.false_green


@pytest.mark.parametrize(
    "expected",
    [
        aborts("wrong_mac"),
        aborts("plain_response", SecureMessagingError, "other"),
        aborts("plain_response", EcidError),
    ],
)
def test_another_abort(expected: Aborted) -> None:
    """Class, code and reason all count."""
    cut = LiveCard(holder=HOLDER, tamper=lambda wire: wire.on(0xB0, 5, answer(b"\x90\x00")))
    assert violated(run(case(cut, aborts("plain_response")))) == set()
    assert violated(run(case(cut, expected))) == {"check"}


def test_check_that_is_missing() -> None:
    """A check that no report has."""
    expected = stays_open("sod.nothing", Reason.NOT_RUN)
    assert violated(run(case(expected=expected))) == {"check"}


def test_harmless_mutation() -> None:
    """A case may say that the verdict stays; then a false red violates it."""
    harmless = stays_verified("sod.signature")
    assert violated(run(case(LiveCard(holder=HOLDER), harmless))) == set()
    assert violated(run(case(expected=harmless))) == {"verdict", "check"}


def test_controls_are_tried_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control of several cases runs once in a process, and does run."""
    attempts = 0
    honest = genuine_authenticate

    def authenticate(*arguments: Any) -> PassiveAuthentication:
        nonlocal attempts
        attempts += 1
        return honest(*arguments)

    monkeypatch.setattr(facts, "authenticate", authenticate)
    controls = Controls()
    counts = []
    for _ in range(2):
        run_case(case(), controls=controls)
        counts.append(attempts)
    assert counts == [3, 5]


def test_every_assertion_is_tried() -> None:
    """Each assertion has a test of its name above."""
    names = {name.removeprefix("test_").replace("_", " ") for name in globals()}
    assert set(ASSERTIONS) <= names


def test_weights() -> None:
    """A weight that the list does not have is refused."""
    with pytest.raises(ValueError, match="4"):
        replace(case(), weight=4)


def test_names(tmp_path: Path) -> None:
    """Group and variant are part of the name."""
    assert case().group == "KIT"
    assert replace(case(), variant="twice").name == "KIT-01/twice"
    assert list(tmp_path.iterdir()) == []
