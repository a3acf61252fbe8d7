"""Judging access control: opened live, and what the chip offered is what was signed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ecid.inspection.evidence import Evidence, Origin
from ecid.lds.security_infos import SecurityInfos
from ecid.outcome import SUCCESS, Finding, Outcome, Reason, failed, not_supported, undetermined


@dataclass(frozen=True, slots=True)
class SignedInfos:
    """SecurityInfos that somebody signed, and whether that was the issuer."""

    infos: SecurityInfos | None
    authentic: bool


def check_access(evidence: Evidence) -> Finding:
    """Judge ``access``: only the process that opened the chip can call it opened."""
    if evidence.origin is not Origin.LIVE:
        return undetermined(Reason.RECORDED)
    if evidence.access is None:
        return not_supported(Reason.UNPROTECTED)
    if evidence.access.pace_refused:
        return Finding(Outcome.SUCCESSFUL, Reason.ACCESS_DOWNGRADE)
    return SUCCESS


def check_binding(
    evidence: Evidence,
    read: SecurityInfos | None,
    signed: Iterable[SignedInfos],
) -> Finding:
    """Judge ``access.binding``: EF.CardAccess against what is ``signed`` (Doc 9303-11 §4.2).

    EF.CardAccess is read before anything is authentic. If DG14 or EF.CardSecurity offers PACE, what
    was read must offer exactly the same: an attacker may have removed or weakened it. Where there
    are both, each of them has the full set (§9.2.11), also the one that would offer none.
    """
    found = [each for each in signed if each.infos is not None]
    if not any(each.infos is not None and each.infos.pace for each in found):
        return not_supported(Reason.NOT_OFFERED)
    if not all(each.authentic for each in found):
        return undetermined(Reason.KEY_NOT_AUTHENTICATED)
    if read is None:
        recorded = evidence.origin is not Origin.LIVE and evidence.access is None
        return undetermined(Reason.NOT_SUPPLIED) if recorded else failed(Reason.BINDING_MISMATCH)
    if any(_offers(each.infos) != _offers(read) for each in found):
        return failed(Reason.BINDING_MISMATCH)
    return SUCCESS


def _offers(infos: SecurityInfos | None) -> frozenset[object]:
    if infos is None:
        return frozenset()
    return frozenset([*infos.pace, *infos.pace_domain_parameters])
