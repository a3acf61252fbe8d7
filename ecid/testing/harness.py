"""Running one hostile case: everything that has to hold, each under a name of its own.

The control is tried first and has to be green, the named check included; then the mutation; then
the next good card on the same reader. Nothing is asserted by raising: what does not hold is listed
in the result.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ecid.errors import EcidError
from ecid.inspection.checks import Check, Verdict
from ecid.inspection.report import Report
from ecid.outcome import Outcome
from ecid.testing.bench import Bench, Limits, Observation, TookTooLong
from ecid.testing.canary import SINKS, Sink, canaries, leaks
from ecid.testing.case import Aborted, Case, Imported, Judged
from ecid.testing.subject import Subject
from ecid.testing.wire import TooManyCommands

ASSERTIONS = (
    "control",
    "verdict",
    "check",
    "exception",
    "time",
    "memory",
    "commands",
    "sent",
    "next card",
    "canary",
)
"""What is asserted of every case, in words that stand in ``Violation.assertion``."""


@dataclass(frozen=True, slots=True)
class Violation:
    """An assertion that does not hold, and what was seen instead; no personal data."""

    assertion: str
    seen: str


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a case; ``violations`` is empty if everything holds."""

    case: Case
    violations: tuple[Violation, ...]
    false_green: bool
    """Whether the verdict was verified where the case does not allow it, or stood on the named
    check that must not be successful."""
    seconds: float
    memory: int
    commands: int

    @property
    def passed(self) -> bool:
        """Whether everything holds."""
        return not self.violations


class Controls:
    """The controls that have been tried, so that each is tried once in a process."""

    def __init__(self) -> None:
        self._seen: dict[str, Observation] = {}

    def complaint(self, subject: Subject, limits: Limits, check: str | None = None) -> str | None:
        """Try the control of ``subject``, if that is still to be done; None if it is green.

        ``check`` has to be successful, if the report has it: a check that is green in no report
        shows nothing by being red.
        """
        if subject.key not in self._seen:
            with Bench(limits) as bench:
                self._seen[subject.key] = bench.observe(subject.control().attempt)
        return _not_green(self._seen[subject.key], check)


_CONTROLS = Controls()


def run_case(
    case: Case,
    *,
    limits: Limits | None = None,
    controls: Controls = _CONTROLS,
    sinks: Mapping[str, Sink] = SINKS,
) -> Result:
    """Run ``case`` through the public interface and return what does not hold."""
    usual = limits or Limits()
    own = limits or case.limits or usual
    expected = _judged(case)
    named = None if expected is None else expected.check
    subject = case.build()
    found = [*_complaint("control", controls.complaint(subject, usual, named))]
    with Bench(usual) as bench:
        observed = bench.observe(subject.attempt, own.seconds)
        hidden = canaries(subject.holder, bench.place.wire.session_keys)
        found += [*_judge(case, observed), *_costs(observed, own), *_sent(case, observed)]
        found += [Violation("canary", leak) for leak in leaks(observed.traces, hidden, sinks)]
        following = bench.observe(subject.control().attempt)
        found += _complaint("next card", _not_green(following))
    return Result(
        case=case,
        violations=tuple(found),
        false_green=_false_green(expected, observed.report),
        seconds=observed.seconds,
        memory=observed.memory,
        commands=observed.commands,
    )


def _judge(case: Case, observed: Observation) -> Iterator[Violation]:
    """Compare what came of the attempt with what the case expects."""
    error = observed.error
    if error is not None and not isinstance(error, EcidError | TookTooLong | TooManyCommands):
        yield Violation("exception", type(error).__name__)
    elif isinstance(error, EcidError) and not _has_words(error):
        yield Violation("exception", f"{type(error).__name__} {error.code} has no words")
    elif isinstance(case.expected, Aborted):
        yield from _judge_abort(case.expected, observed)
    elif isinstance(case.expected, Imported):
        yield from _judge_import(case.expected, observed)
    else:
        yield from _judge_report(case.expected, observed)


def _has_words(error: EcidError) -> bool:
    """Whether an error can say in each language what happened and what to do next."""
    try:
        return all(error.message(each) and error.next_step(each) for each in ("en", "vi"))
    except KeyError:
        return False


def _judge_abort(expected: Aborted, observed: Observation) -> Iterator[Violation]:
    if observed.report is not None:
        if observed.report.verdict is Verdict.VERIFIED:
            yield Violation("verdict", observed.report.verdict.value)
        yield Violation("check", "a report instead of an error")
        return
    error = observed.error
    seen = (type(error), getattr(error, "code", None), getattr(error, "reason", None))
    if seen != (expected.error, expected.code, expected.reason):
        yield Violation("check", f"{type(error).__name__}, code {seen[1]}, reason {seen[2]}")
    for name, value in expected.detail.items():
        if getattr(error, name, None) != value:
            yield Violation("check", f"{name} is {getattr(error, name, None)}")


def _judge_import(expected: Imported, observed: Observation) -> Iterator[Violation]:
    found = observed.imported
    if found is None:
        yield Violation("check", f"{type(observed.error).__name__} instead of an import")
        return
    if (found.code, found.rules) != (expected.code, expected.rules):
        yield Violation("check", f"the import ended with {found.code}, left out: {found.rules}")
    if found.added != (expected.added or 0):
        yield Violation("check", f"{found.added} anchors added")
    if expected.added is None and found.before != found.after:
        yield Violation("check", "the store is not the one it was")
    yield from _judge_report(expected.judged, observed)


def _judge_report(expected: Judged, observed: Observation) -> Iterator[Violation]:
    report = observed.report
    if report is None:
        seen = getattr(observed.error, "code", "")
        yield Violation("check", f"{type(observed.error).__name__} {seen} instead of a report")
        return
    if report.verdict not in expected.verdicts:
        yield Violation("verdict", report.verdict.value)
    check = _find(report, expected.check)
    if check is None:
        yield Violation("check", f"{expected.check} is not in the report")
    elif (
        check.outcome not in expected.outcomes
        or check.reason not in expected.reasons
        or (expected.detail and expected.detail not in check.detail.values())
    ):
        yield Violation("check", f"{check.id} {check.outcome}({check.reason}) {dict(check.detail)}")


def _costs(observed: Observation, limits: Limits) -> Iterator[Violation]:
    if isinstance(observed.error, TookTooLong) or observed.seconds > limits.seconds:
        yield Violation("time", f"{observed.seconds:.2f} s")
    if observed.memory > limits.memory:
        yield Violation("memory", f"{observed.memory} bytes")
    if isinstance(observed.error, TooManyCommands) or observed.commands > limits.commands:
        yield Violation("commands", str(observed.commands))


def _sent(case: Case, observed: Observation) -> Iterator[Violation]:
    for (ins, protected), times in case.sent.items():
        seen = observed.sent.get((ins, protected), 0)
        if seen != times:
            how = "protected" if protected else "in clear"
            yield Violation("sent", f"{ins:02X} {how}: {seen} times")


def _complaint(assertion: str, seen: str | None) -> Iterator[Violation]:
    if seen is not None:
        yield Violation(assertion, seen)


def _not_green(observed: Observation, named: str | None = None) -> str | None:
    """Return what keeps an attempt with a good card from being green, if anything does."""
    report, imported = observed.report, observed.imported
    if report is None:
        return f"{type(observed.error).__name__} instead of a report"
    if imported is not None and (imported.code is not None or imported.rules):
        return f"the import ended with {imported.code}, left out: {imported.rules}"
    if report.verdict is not Verdict.VERIFIED:
        weak = (f"{c.id} {c.outcome}({c.reason})" for c in report.checks if c.counts)
        return f"{report.verdict}: {', '.join(weak)}"
    check = _find(report, named)
    if check is None or check.outcome is Outcome.SUCCESSFUL:
        return None
    return f"{check.id} {check.outcome}({check.reason})"


def _judged(case: Case) -> Judged | None:
    """Return what a case expects of a report, if it expects one."""
    expected = case.expected
    if isinstance(expected, Imported):
        return expected.judged
    return expected if isinstance(expected, Judged) else None


def _find(report: Report, named: str | None) -> Check | None:
    return next((check for check in report.checks if check.id == named), None)


def _false_green(expected: Judged | None, report: Report | None) -> bool:
    if report is None or report.verdict is not Verdict.VERIFIED:
        return False
    if expected is None or Verdict.VERIFIED not in expected.verdicts:
        return True
    check = _find(report, expected.check)
    successful = check is not None and check.outcome is Outcome.SUCCESSFUL
    return successful and Outcome.SUCCESSFUL not in expected.outcomes
