"""The report: verdict, checks with reasons, and identity data that cannot be taken by mistake."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from hashlib import sha256

from ecid.errors import NotVerified
from ecid.inspection.checks import Check, Verdict
from ecid.inspection.evidence import Evidence
from ecid.inspection.identity import Identity
from ecid.inspection.policy import Policy
from ecid.outcome import Deviation, Outcome

SCHEMA = "ecid-report/1"
_ACCESS = ("protocol", "mapping", "cipher", "parameter_id", "password")


@dataclass(frozen=True, kw_only=True)
class Report:
    """What one inspection amounts to."""

    verdict: Verdict
    checks: tuple[Check, ...]
    """Every check of the contract, in a fixed order."""
    evidence: Evidence = field(repr=False)
    policy: Policy = field(repr=False)
    trust_digest: str
    anchors: int
    profile: str
    checked_at: datetime
    emulated: bool
    """Whether the anchor that vouches is one of our own throw-away test anchors."""
    deviations: tuple[Deviation, ...]
    unverified: Identity | None = field(repr=False)
    """The identity data whatever the verdict, under a name that says what it is."""

    @property
    def identity(self) -> Identity:
        """The identity data. Raises ``NotVerified`` unless the verdict is ``VERIFIED``."""
        if self.verdict is not Verdict.VERIFIED or self.unverified is None:
            raise NotVerified
        return self.unverified

    def check(self, check_id: str) -> Check:
        """Return the check ``check_id``. Raises ``KeyError`` if there is none of this name."""
        for check in self.checks:
            if check.id == check_id:
                return check
        raise KeyError(check_id)

    @property
    def exit_code(self) -> int:
        """The command line's exit code for this report (design, section 3)."""
        if self.verdict is Verdict.FAILED:
            failed = {c.id for c in self.checks if c.outcome is Outcome.FAILED and c.counts}
            return 13 if all(check_id.startswith("match.") for check_id in failed) else 10
        if self.verdict is Verdict.VERIFIED:
            return 12 if self.check("document.expiry").outcome is Outcome.FAILED else 0
        return 9 if self.verdict is Verdict.ABORTED else 11

    def to_dict(self, *, show_unverified: bool = False) -> dict[str, object]:
        """Return the report as ``ecid schema report`` describes it.

        ``identity`` is null unless verified; ``show_unverified`` adds the data under
        ``unverified`` where it is not.
        """
        verified = self.verdict is Verdict.VERIFIED and self.unverified is not None
        timing, access = self.evidence.timing, self.evidence.access
        found: dict[str, object] = {
            "schema": SCHEMA,
            "source": self.evidence.source,
            "verdict": self.verdict.value,
            "emulated": self.emulated,
            "policy": {"name": self.policy.name, "digest": self.policy.digest},
            "trust": {"digest": self.trust_digest, "anchors": self.anchors},
            "profile": self.profile,
            "checked_at": _utc(self.checked_at),
            "access": None if access is None else {key: getattr(access, key) for key in _ACCESS},
            "checks": [check.to_dict() for check in self.checks],
            "deviations": [asdict(deviation) for deviation in self.deviations],
            "identity": self.identity.to_dict() if verified else None,
            "files": {name: _file(data) for name, data in sorted(self.evidence.files.items())},
            "timing": None if timing is None else asdict(timing),
        }
        if show_unverified and not verified:
            found["unverified"] = None if self.unverified is None else self.unverified.to_dict()
        return found

    def to_json(self, *, show_unverified: bool = False, indent: int | None = None) -> str:
        """Return ``to_dict`` as JSON text, letters as they are."""
        found = self.to_dict(show_unverified=show_unverified)
        return json.dumps(found, ensure_ascii=False, indent=indent)


def _file(data: bytes) -> dict[str, object]:
    return {"bytes": len(data), "sha256": sha256(data).hexdigest()}


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"
