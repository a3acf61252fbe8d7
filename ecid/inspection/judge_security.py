"""Judging EF.CardSecurity, and the chip and terminal that speak before or beside the data.

EF.CardSecurity has its own signer and chain; chip authentication mapping proves the key that
stands in it, and is worth no more than that file.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from ecid.errors import MalformedData
from ecid.inspection.evidence import Absence, Evidence, MappingFacts, Origin
from ecid.inspection.proofs import as_finding
from ecid.lds.security_infos import SecurityInfos
from ecid.outcome import SUCCESS, Finding, Outcome, Reason, failed, not_supported, undetermined
from ecid.protocols.card_security import CardSecurity, worst
from ecid.protocols.pace_cam import CamAnswer, check_cam, static_keys
from ecid.trust.certificate import Certificate
from ecid.trust.revocation import check_revocation
from ecid.trust.signing_time import check_time
from ecid.trust.store import TrustStore
from ecid_crypto.domain import standardised_domain
from ecid_crypto.errors import CryptoError


def check_card_security(
    evidence: Evidence,
    security: CardSecurity | None,
    sod_anchor: Certificate | None,
    trust: TrustStore,
    at: datetime,
    *,
    clock_is_right: bool,
) -> Finding:
    """Judge ``cardsecurity``: the worst of its format, signature, signer, chain, time and state.

    A chip that mapped with chip authentication has the file (Doc 9303-10 §3.11.4); elsewhere it is
    optional. A signer that a revocation list names fails; without a list nothing is said.
    """
    if security is None:
        return _absent(evidence)
    findings = [security.finding, _time(security, at, clock_is_right=clock_is_right)]
    if security.certificate is not None and security.anchor is not None:
        revoked = check_revocation(security.certificate, security.anchor, trust, at)
        findings += [revoked] if revoked.outcome is Outcome.FAILED else []
        findings.append(_same_state(security.anchor, sod_anchor))
    return worst(findings)


def _absent(evidence: Evidence) -> Finding:
    absence = evidence.missing.get("CardSecurity")
    if absence is Absence.MALFORMED:
        return failed(Reason.MALFORMED)
    if absence is not None:
        return failed(Reason.FILE_WITHHELD)
    return not_supported(Reason.NOT_OFFERED)


def _time(security: CardSecurity, at: datetime, *, clock_is_right: bool) -> Finding:
    if security.certificate is None:
        return undetermined(Reason.DSC_MISSING)
    if not clock_is_right:
        return undetermined(Reason.CLOCK_BEFORE_BUILD)
    return check_time(security.certificate, security.anchor, security.signed_at, at)


def _same_state(anchor: Certificate, sod_anchor: Certificate | None) -> Finding:
    """Compare the states behind the two files: a chip of one with the data of another is none."""
    if sod_anchor is None:
        return undetermined(Reason.NO_CSCA)
    try:
        same = anchor.country is not None and anchor.country == sod_anchor.country
    except MalformedData as exc:
        return failed(Reason.MALFORMED, rule=exc.rule)
    return SUCCESS if same else failed(Reason.COUNTRY_MISMATCH)


@dataclass(frozen=True, slots=True)
class Document:
    """What ties EF.CardSecurity to this document: authentic DG14, and who signed the SOD."""

    signed: SecurityInfos | None
    signer: Certificate | None


def check_mapping(
    evidence: Evidence, security: CardSecurity | None, of_file: Finding, document: Document
) -> Finding:
    """Judge ``chip.cam``, which is at most what ``cardsecurity`` came to (``of_file``).

    Recorded evidence never proves it: session keys could be invented. The key must be one of this
    document: that of DG14 where DG14 has one of its id, else signed by the signer of the SOD.
    """
    facts = evidence.mapping
    if facts is None:
        return not_supported(Reason.NOT_OFFERED)
    if evidence.origin is not Origin.LIVE:
        return undetermined(Reason.RECORDED)
    if facts.data is None:
        return failed(Reason.WRONG_ANSWER, rule="chip_authentication_data")
    if security is None or security.infos is None:
        return undetermined(Reason.KEY_NOT_AUTHENTICATED)
    answer = _answer(facts, security)
    if not answer.ok:
        return answer
    tied = _tied(facts, security, document)
    if not tied.ok or of_file.outcome is Outcome.SUCCESSFUL:
        return tied
    if of_file.outcome is Outcome.FAILED:
        return failed(Reason.KEY_NOT_AUTHENTICATED)
    return undetermined(Reason.KEY_NOT_AUTHENTICATED)


def _answer(facts: MappingFacts, security: CardSecurity) -> Finding:
    """Check the answer with the key that EF.CardSecurity has for these parameters."""
    assert security.infos is not None
    try:
        domain = standardised_domain(facts.parameter_id)
    except CryptoError:
        return undetermined(Reason.UNSUPPORTED_ALGORITHM)
    answer = CamAnswer(domain, facts.mapping_key, facts.data)
    keys = static_keys(domain, facts.parameter_id, security.infos)
    found = [check_cam(answer, key) for key in keys]
    if not found:
        return failed(Reason.WRONG_ANSWER, rule="no_key_of_this_curve")
    return next((finding for finding in found if finding.ok), found[0])


def _tied(facts: MappingFacts, security: CardSecurity, document: Document) -> Finding:
    """Tell whether the proven key is one of this document and not of another of the state."""
    assert security.infos is not None
    if document.signed is not None:
        domain, number = standardised_domain(facts.parameter_id), facts.parameter_id
        here = static_keys(domain, number, security.infos)
        there = static_keys(domain, number, _with_ids(document.signed))
        if there:
            same = set(here) <= set(there)
            return SUCCESS if same else failed(Reason.KEY_NOT_AUTHENTICATED, rule="another_key")
    signer, own = document.signer, security.certificate
    if signer is not None and own is not None and signer.raw == own.raw:
        return SUCCESS
    return undetermined(Reason.KEY_NOT_AUTHENTICATED, rule="another_signer")


def _with_ids(infos: SecurityInfos) -> SecurityInfos:
    """Return ``infos`` with the keys that have an id: another one may be for another protocol."""
    named = tuple(key for key in infos.chip_authentication_keys if key.key_id is not None)
    return replace(infos, chip_authentication_keys=named)


def check_terminal(evidence: Evidence) -> Finding:
    """Judge ``terminal``: what the chip made of our certificates and our signature."""
    facts = evidence.terminal
    if facts is None:
        return not_supported(Reason.NOT_REQUESTED)
    if evidence.origin is not Origin.LIVE:
        return undetermined(Reason.RECORDED)
    return as_finding(facts)
