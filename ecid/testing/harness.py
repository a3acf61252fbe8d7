"""Running one hostile case: everything that has to hold, each under a name of its own.

The control is tried first and has to be green; then the mutation; then the next good card on the
same reader. Nothing is asserted by raising: what does not hold is listed in the result.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ecid.errors import EcidError
from ecid.inspection.checks import Verdict
from ecid.inspection.report import Report
from ecid.testing.bench import Bench, Limits, Observation, TookTooLong
from ecid.testing.canary import SINKS, Sink, canaries, leaks
from ecid.testing.case import NOT_VERIFIED, Aborted, Case, Judged
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
    """Whether the verdict was verified where the case does not allow it."""
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
        self._seen: dict[str, str | None] = {}

    def complaint(self, subject: Subject, limits: Limits) -> str | None:
        """Try the control of ``subject``, if that is still to be done; None if it is green."""
        if subject.key not in self._seen:
            with Bench(limits) as bench:
                observed = bench.observe(subject.control().attempt)
            self._seen[subject.key] = _not_green(observed)
        return self._seen[subject.key]


_CONTROLS = Controls()


def run_case(
    case: Case,
    *,
    limits: Limits | None = None,
    controls: Controls = _CONTROLS,
    sinks: Mapping[str, Sink] = SINKS,
) -> Result:
    """Run ``case`` through the public interface and return what does not hold."""
    limits = limits or Limits()
    subject = case.build()
    found = [*_complaint("control", controls.complaint(subject, limits))]
    with Bench(limits) as bench:
        observed = bench.observe(subject.attempt)
        hidden = canaries(subject.holder, bench.place.wire.session_keys)
        found += [*_judge(case, observed), *_costs(observed, limits)]
        found += [Violation("canary", leak) for leak in leaks(observed.traces, hidden, sinks)]
        following = bench.observe(subject.control().attempt)
        found += _complaint("next card", _not_green(following))
    return Result(
        case=case,
        violations=tuple(found),
        false_green=_false_green(case, observed.report),
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


def _judge_report(expected: Judged, observed: Observation) -> Iterator[Violation]:
    report = observed.report
    if report is None:
        seen = getattr(observed.error, "code", "")
        yield Violation("check", f"{type(observed.error).__name__} {seen} instead of a report")
        return
    if report.verdict not in expected.verdicts:
        yield Violation("verdict", report.verdict.value)
    check = next((check for check in report.checks if check.id == expected.check), None)
    if check is None:
        yield Violation("check", f"{expected.check} is not in the report")
    elif check.outcome not in expected.outcomes or check.reason not in expected.reasons:
        yield Violation("check", f"{check.id} {check.outcome}({check.reason}) {dict(check.detail)}")


def _costs(observed: Observation, limits: Limits) -> Iterator[Violation]:
    if isinstance(observed.error, TookTooLong) or observed.seconds > limits.seconds:
        yield Violation("time", f"{observed.seconds:.2f} s")
    if observed.memory > limits.memory:
        yield Violation("memory", f"{observed.memory} bytes")
    if isinstance(observed.error, TooManyCommands) or observed.commands > limits.commands:
        yield Violation("commands", str(observed.commands))


def _complaint(assertion: str, seen: str | None) -> Iterator[Violation]:
    if seen is not None:
        yield Violation(assertion, seen)


def _not_green(observed: Observation) -> str | None:
    """Return what keeps an attempt with a good card from being green, if anything does."""
    if observed.report is None:
        return f"{type(observed.error).__name__} instead of a report"
    if observed.report.verdict is Verdict.VERIFIED:
        return None
    weak = (f"{c.id} {c.outcome}({c.reason})" for c in observed.report.checks if c.counts)
    return f"{observed.report.verdict}: {', '.join(weak)}"


def _false_green(case: Case, report: Report | None) -> bool:
    allowed = case.expected.verdicts if isinstance(case.expected, Judged) else NOT_VERIFIED
    return (
        report is not None
        and report.verdict is Verdict.VERIFIED
        and Verdict.VERIFIED not in allowed
    )
