"""From a document signer to an anchor: exactly one step, judged by signature (Doc 9303-12 §6.1).

There are no intermediate certificates in this PKI, whatever pathLenConstraint says, so nothing
here builds paths. Candidates are found by key identifier and country, or by name where the
signer carries no key identifier, and each is tried.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ecid.errors import EcidError, MalformedData
from ecid.outcome import SUCCESS, Finding, Outcome, Reason, failed, undetermined
from ecid.trust.certificate import Certificate
from ecid.trust.extensions import CRL_SIGN, DIGITAL_SIGNATURE, KEY_CERT_SIGN
from ecid.trust.store import TrustStore
from ecid.trust.verification import check_issued


@dataclass(frozen=True, slots=True)
class Chain:
    """The finding about a signer's issuer, and the anchor that vouches for it (or None)."""

    finding: Finding
    anchor: Certificate | None = None


def find_chain(signer: Certificate, trust: TrustStore) -> Chain:
    """Look for the anchor whose key signed ``signer``.

    ``no_csca`` (undetermined) if the store holds no candidate; ``bad_signature`` (failed) if the
    key identifier names an anchor and its key did not sign. A candidate that matches by name
    alone can never turn into a failure: names may be shared (TR-03135-1 §5.6.4.3).
    """
    try:
        identifier, country = signer.extensions.authority_key_identifier, signer.country
    except MalformedData as exc:
        return Chain(failed(Reason.MALFORMED, rule=exc.rule))
    open_question: Finding | None = None
    named_key_did_not_sign = False
    for anchor in trust.anchors:
        match = None if country is None else _match(anchor, signer, identifier, country)
        if match is None:
            continue
        finding = _issued_by(signer, anchor)
        if finding.ok or finding.reason is Reason.WEAK_HASH:
            return Chain(finding, anchor)
        if finding.outcome is not Outcome.FAILED:
            open_question = finding
        elif match == "key":
            named_key_did_not_sign = True
    if open_question is not None:
        return Chain(open_question)
    if named_key_did_not_sign:
        return Chain(failed(Reason.BAD_SIGNATURE))
    return Chain(undetermined(Reason.NO_CSCA))


def check_signer_profile(signer: Certificate) -> Finding:
    """Check the profile of a document signer certificate (Doc 9303-12 §7.1.1, Table 4 and 5)."""
    try:
        rule = _broken_rule(signer)
    except MalformedData as exc:
        return failed(Reason.DSC_PROFILE, rule=exc.rule)
    return SUCCESS if rule is None else failed(Reason.DSC_PROFILE, rule=rule)


def _broken_rule(signer: Certificate) -> str | None:
    """Return the first rule of the profile that ``signer`` breaks."""
    extensions = signer.extensions
    usage = extensions.key_usage
    rules = {
        "version": signer.version != 2,
        "extension_repeated": extensions.repeated,
        "unknown_critical_extension": extensions.unknown_critical,
        "certificate_authority": extensions.is_ca,
        "key_usage_missing": usage is None,
        "not_for_signatures": usage is not None and DIGITAL_SIGNATURE not in usage,
        "may_sign_certificates": usage is not None and KEY_CERT_SIGN in usage,
        "may_sign_revocation_lists": usage is not None and CRL_SIGN in usage,
        # Doc 9303-12 gives document signers no extended key usage; other roles have one.
        "extended_key_usage": extensions.extended_key_usage is not None,
        "algorithms_differ": signer.raw_algorithm != signer.raw_inner_algorithm,
    }
    return next((rule for rule, broken in rules.items() if broken), None)


def _match(
    anchor: Certificate, signer: Certificate, identifier: bytes | None, country: str
) -> Literal["key", "name"] | None:
    """Say by what ``anchor`` is a candidate: key identifier, else name; the country always."""
    try:
        own = anchor.extensions.subject_key_identifier
        if anchor.country != country:
            return None
    except MalformedData:
        return None
    if identifier is not None and own is not None:
        return "key" if own == identifier else None
    return "name" if anchor.raw_subject == signer.raw_issuer else None


def _issued_by(signer: Certificate, anchor: Certificate) -> Finding:
    try:
        key = anchor.public_key
    except EcidError:
        return undetermined(Reason.UNSUPPORTED_ALGORITHM, where="CSCA")
    return check_issued(signer, key)
