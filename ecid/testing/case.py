"""Hostile cases as data: one mutation of something green, and what has to come of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ecid.errors import EcidError, SecureMessagingError
from ecid.inspection.checks import Verdict
from ecid.outcome import Outcome, Reason
from ecid.testing.subject import Subject

WEIGHTS = (1, 2, 3, 5)
"""5: a false green is possible; 3: downgrade, data lost or leaked; 2: a hang; 1: looks."""

NOT_VERIFIED = frozenset(Verdict) - {Verdict.VERIFIED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """There is a report, and in it ``check`` has one of these outcomes and reasons."""

    check: str
    outcomes: frozenset[Outcome]
    reasons: frozenset[Reason | None]
    verdicts: frozenset[Verdict] = NOT_VERIFIED


@dataclass(frozen=True, slots=True, kw_only=True)
class Aborted:
    """There is no report: ``error`` with this ``code``, and ``reason`` where it has one."""

    error: type[EcidError]
    code: str
    reason: str | None = None


Expectation = Judged | Aborted


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One case of the list; several variants may share its ``id`` and its weight.

    ``id`` is ``GROUP-NN``; ``mutation`` says in words what differs from the control, and why the
    expectation is what it is where that is not plain.
    """

    id: str
    mutation: str
    weight: int
    build: Callable[[], Subject]
    expected: Expectation
    variant: str = ""

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


def fails(check: str, reason: Reason) -> Judged:
    """Return the expectation that ``check`` has failed, for ``reason``."""
    return Judged(check=check, outcomes=frozenset({Outcome.FAILED}), reasons=frozenset({reason}))


def stays_open(check: str, reason: Reason) -> Judged:
    """Return the expectation that ``check`` is undetermined, for ``reason``."""
    outcomes = frozenset({Outcome.UNDETERMINED})
    return Judged(check=check, outcomes=outcomes, reasons=frozenset({reason}))


def stays_verified(check: str) -> Judged:
    """Return the expectation that the mutation is harmless: ``check`` and verdict stay green."""
    return Judged(
        check=check,
        outcomes=frozenset({Outcome.SUCCESSFUL}),
        reasons=frozenset({None}),
        verdicts=frozenset({Verdict.VERIFIED}),
    )


def aborts(
    reason: str, error: type[EcidError] = SecureMessagingError, code: str = "integrity"
) -> Aborted:
    """Return the expectation that the reading ends, by default because of secure messaging."""
    return Aborted(error=error, code=code, reason=reason)
