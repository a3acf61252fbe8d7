"""Hostile cases as data: one mutation of something green, and what has to come of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from ecid.errors import EcidError, SecureMessagingError
from ecid.inspection.checks import Verdict
from ecid.outcome import Outcome, Reason
from ecid.testing.bench import Limits
from ecid.testing.subject import Subject
from ecid.testing.wire import Sent

WEIGHTS = (1, 2, 3, 5)
"""5: a false green is possible; 3: downgrade, data lost or leaked; 2: a hang; 1: looks."""

NOT_VERIFIED = frozenset(Verdict) - {Verdict.VERIFIED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """There is a report, and in it ``check`` has one of these outcomes and reasons.

    ``detail``, unless it is empty, is a value that has to stand in the detail of the check: the
    rule that was broken, where one reason has many.
    """

    check: str
    outcomes: frozenset[Outcome]
    reasons: frozenset[Reason | None]
    verdicts: frozenset[Verdict] = NOT_VERIFIED
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Aborted:
    """There is no report: ``error`` with this ``code``, and ``reason`` where it has one.

    ``detail`` are further attributes of the error, by name: ``step``, ``tries_left``.
    """

    error: type[EcidError]
    code: str
    reason: str | None = None
    detail: Mapping[str, str | int] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """An import into a store is as said, and a card that is judged with the store is ``judged``.

    ``code`` is that of the error (None: the import ends well), ``rules`` are those that pieces
    were left out for, in order. ``added`` is the number of new anchors; None means that the store
    keeps its digest.
    """

    code: str | None
    rules: tuple[str, ...]
    added: int | None
    judged: Judged


Expectation = Judged | Aborted | Imported


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One case of the list; several variants may share its ``id`` and its weight.

    ``id`` is ``GROUP-NN``; ``mutation`` says in words what differs from the control, and why the
    expectation is what it is where that is not plain. ``limits`` are its own bounds, where the
    usual ones are too wide; ``sent`` is how often the terminal sent an instruction, for what it
    must not do, or do again.
    """

    id: str
    mutation: str
    weight: int
    build: Callable[[], Subject]
    expected: Expectation
    variant: str = ""
    limits: Limits | None = None
    sent: Mapping[Sent, int] = field(default_factory=lambda: MappingProxyType({}))

    def __post_init__(self) -> None:
        if self.weight not in WEIGHTS:
            raise ValueError(self.weight)

    @property
    def group(self) -> str:
        """The letters before the number."""
        return self.id.partition("-")[0]

    @property
    def name(self) -> str:
        """The id, and the variant if there are several."""
        return f"{self.id}/{self.variant}" if self.variant else self.id


def fails(check: str, reason: Reason, detail: str = "") -> Judged:
    """Return the expectation that ``check`` has failed, for ``reason``."""
    return _judged(check, Outcome.FAILED, reason, NOT_VERIFIED, detail)


def stays_open(check: str, reason: Reason, detail: str = "") -> Judged:
    """Return the expectation that ``check`` is undetermined, for ``reason``."""
    return _judged(check, Outcome.UNDETERMINED, reason, NOT_VERIFIED, detail)


def stays_open_beside(check: str, reason: Reason, detail: str = "") -> Judged:
    """Return the expectation that ``check`` is undetermined and the verdict does without it.

    That is so for optional checks (docs/reference/checks.md): a failure of theirs counts, an open
    question does not. The check itself must not be successful.
    """
    return _judged(check, Outcome.UNDETERMINED, reason, frozenset({Verdict.VERIFIED}), detail)


def stays_verified(check: str, reason: Reason | None = None) -> Judged:
    """Return the expectation that the mutation is harmless: ``check`` and verdict stay green.

    ``reason`` is what the check says beside its success, if anything.
    """
    return _judged(check, Outcome.SUCCESSFUL, reason, frozenset({Verdict.VERIFIED}))


def aborts(
    reason: str, error: type[EcidError] = SecureMessagingError, code: str = "integrity"
) -> Aborted:
    """Return the expectation that the reading ends, by default because of secure messaging."""
    return Aborted(error=error, code=code, reason=reason)


def refused(code: str, rule: str, judged: Judged) -> Imported:
    """Return the expectation that an import ends with ``code`` and leaves the store as it was.

    ``rule`` is the one that the file breaks, ``judged`` what becomes of the card afterwards.
    """
    return Imported(code=code, rules=(rule,), added=None, judged=judged)


def _judged(
    check: str,
    outcome: Outcome,
    reason: Reason | None,
    verdicts: frozenset[Verdict],
    detail: str = "",
) -> Judged:
    return Judged(
        check=check,
        outcomes=frozenset({outcome}),
        reasons=frozenset({reason}),
        verdicts=verdicts,
        detail=detail,
    )
