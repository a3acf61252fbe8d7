"""Judging access control: opened live, and what the chip offered is what was signed."""

from __future__ import annotations

from ecid.inspection.evidence import Evidence, Origin
from ecid.lds.security_infos import SecurityInfos
from ecid.outcome import SUCCESS, Finding, Outcome, Reason, failed, not_supported, undetermined


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
    signed: SecurityInfos | None,
    *,
    signed_is_authentic: bool,
) -> Finding:
    """Judge ``access.binding``: EF.CardAccess against the signed DG14 (Doc 9303-11 §4.2).

    EF.CardAccess is read before anything is authentic. If the signed data offers PACE, what was
    read must offer exactly the same: an attacker may have removed or weakened it.
    """
    if signed is None or not signed.pace:
        return not_supported(Reason.NOT_OFFERED)
    if not signed_is_authentic:
        return undetermined(Reason.KEY_NOT_AUTHENTICATED)
    if read is None:
        recorded = evidence.origin is not Origin.LIVE and evidence.access is None
        return undetermined(Reason.NOT_SUPPLIED) if recorded else failed(Reason.BINDING_MISMATCH)
    if _offers(read) != _offers(signed):
        return failed(Reason.BINDING_MISMATCH)
    return SUCCESS


def _offers(infos: SecurityInfos) -> frozenset[object]:
    return frozenset([*infos.pace, *infos.pace_domain_parameters])
