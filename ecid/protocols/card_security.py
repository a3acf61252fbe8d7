"""EF.CardSecurity: SecurityInfos that a document signer has signed (Doc 9303-11 §9.2.12).

It stands at the master file beside EF.CardAccess and holds the key that chip authentication
mapping proves. Its signer and chain are its own, and judged like those of EF.SOD.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from ecid.encoding.oid import SECURITY_OBJECT
from ecid.errors import MalformedData
from ecid.lds import security_infos
from ecid.lds.security_infos import SecurityInfos
from ecid.outcome import SUCCESS, Deviation, Finding, Outcome, Reason, failed, undetermined
from ecid.protocols.document_signer import judge_signer
from ecid.trust.certificate import Certificate
from ecid.trust.signed_data import SignedData, parse_signed_data
from ecid.trust.signer import only_signer
from ecid.trust.store import TrustStore
from ecid.trust.tolerance import Tolerances

WHERE = "CardSecurity"


@dataclass(frozen=True, slots=True, kw_only=True)
class CardSecurity:
    """What EF.CardSecurity amounts to: the worst of format, signature, signer and chain."""

    finding: Finding
    infos: SecurityInfos | None = None
    """What it says: worth nothing unless the finding is successful."""
    certificate: Certificate | None = None
    anchor: Certificate | None = None
    signed_at: datetime | None = None
    deviations: tuple[Deviation, ...] = ()


def authenticate_card_security(
    raw: bytes, trust: TrustStore, tolerances: Tolerances | None = None
) -> CardSecurity:
    """Judge the bytes of EF.CardSecurity against ``trust``. Never raises for what the bytes are."""
    granted = tolerances or Tolerances.load("field")
    try:
        signed = parse_signed_data(raw, WHERE)
        info = only_signer(signed, WHERE)
        infos = _content(signed)
    except MalformedData as exc:
        return CardSecurity(finding=failed(Reason.MALFORMED, rule=exc.rule))
    signer = judge_signer(signed, info, trust, granted, WHERE)
    codes = (*signed.deviations, *infos.deviations)
    of_format, deviations = signer.issuer.settle(SUCCESS, codes, WHERE)
    return CardSecurity(
        finding=worst((of_format, signer.signature, signer.profile, signer.chain)),
        infos=infos,
        certificate=signer.certificate,
        anchor=signer.anchor,
        signed_at=signer.signed_at,
        deviations=(*deviations, *signer.deviations),
    )


def worst(findings: Iterable[Finding]) -> Finding:
    """Return the first failure, else the first that is no success, else the first of all.

    Nothing at all is undetermined: what was not looked at proves nothing.
    """
    found = list(findings)
    for finding in found:
        if finding.outcome is Outcome.FAILED:
            return finding
    for finding in found:
        if finding.outcome is not Outcome.SUCCESSFUL:
            return finding
    return found[0] if found else undetermined(Reason.NOT_RUN)


def _content(signed: SignedData) -> SecurityInfos:
    if signed.content_type != SECURITY_OBJECT or signed.content is None:
        raise MalformedData(WHERE, "content_type")
    if not signed.digest_algorithms:
        raise MalformedData(WHERE, "digest_algorithms_empty")
    return security_infos.parse(signed.content, WHERE)
