"""Checks, their weights, and the one pure function that makes a verdict of them.

Weights are those of BSI TR-03135-1 §3.7, the precedence is that of design.md section 3:
failed, aborted, undetermined, verified. What is missing counts as undetermined, so that nothing
becomes green by being left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from ecid.outcome import Finding, Outcome, Reason

#: Every check of a report but the data groups, in the order of the report.
BEFORE_DATA_GROUPS = (
    "access",
    "access.binding",
    "sod.format",
    "sod.signature",
    "sod.signer",
    "sod.chain",
    "sod.time",
    "sod.revocation",
    "cardsecurity",
)
AFTER_DATA_GROUPS = (
    "lds.com",
    "lds.state",
    "lds.crosscheck",
    "chip",
    "chip.ca",
    "chip.aa",
    "chip.cam",
    "terminal",
    "match.mrz",
    "match.qr",
    "match.form",
    "match.person",
    "match.registry",
    "document.expiry",
)
DATA_GROUP_CHECKS = tuple(f"dg.{number}" for number in range(1, 17))
CHECK_IDS = (*BEFORE_DATA_GROUPS, *DATA_GROUP_CHECKS, *AFTER_DATA_GROUPS)


class Weight(StrEnum):
    """How much a check counts in the verdict."""

    MANDATORY = "mandatory"
    OPTIONAL = "optional"
    EVALUATORY = "evaluatory"


class Verdict(StrEnum):
    """The result of a whole inspection."""

    VERIFIED = "verified"
    FAILED = "failed"
    UNDETERMINED = "undetermined"
    ABORTED = "aborted"


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the report: what was checked, the outcome, its weight and the reason."""

    id: str
    outcome: Outcome
    weight: Weight
    reason: Reason | None = None
    detail: Mapping[str, str | int | bool] = field(default_factory=dict)

    @classmethod
    def of(cls, check_id: str, finding: Finding, weight: Weight) -> Check:
        """Return ``finding`` as the check ``check_id`` with ``weight``."""
        return cls(check_id, finding.outcome, weight, finding.reason, dict(finding.detail))

    @property
    def counts(self) -> bool:
        """Whether a failure of this check fails the whole inspection."""
        return self.weight is not Weight.EVALUATORY

    def to_dict(self) -> dict[str, object]:
        """Return the check as it stands in the report."""
        return {
            "id": self.id,
            "outcome": self.outcome.value,
            "weight": self.weight.value,
            "reason": None if self.reason is None else self.reason.value,
            "detail": dict(self.detail),
        }


def conclude(checks: Iterable[Check], required: frozenset[str]) -> Verdict:
    """Return the verdict. ``required`` are the ids that must be there and successful.

    Outcomes are compared by identity: whatever is not the very member SUCCESSFUL, a truthy
    stranger included, is no success.
    """
    found = list(checks)
    counting = [check for check in found if check.counts]
    mandatory = [check for check in counting if check.weight is Weight.MANDATORY]
    if any(check.outcome is Outcome.FAILED for check in counting):
        return Verdict.FAILED
    if any(check.outcome is Outcome.ABORTED for check in mandatory):
        return Verdict.ABORTED
    successful = {check.id for check in mandatory if check.outcome is Outcome.SUCCESSFUL}
    complete = required and required <= successful and len(successful) == len(mandatory)
    # A stranger among the outcomes, wherever it stands, is a mistake of ours and never green.
    if complete and all(type(check.outcome) is Outcome for check in found):
        return Verdict.VERIFIED
    return Verdict.UNDETERMINED
