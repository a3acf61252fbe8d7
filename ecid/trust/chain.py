"""From a signer to an anchor: exactly one step, judged by signature (Doc 9303-12 §6.1).

There are no intermediate certificates in this PKI, whatever pathLenConstraint says, so nothing
here builds paths. Candidates are found by key identifier, and by name; each is tried.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ecid.errors import MalformedData, UnsupportedData
from ecid.outcome import SUCCESS, Deviation, Finding, Outcome, Reason, failed, undetermined
from ecid.trust import names
from ecid.trust.certificate import Certificate
from ecid.trust.names import Likeness
from ecid.trust.tolerance import Tolerances
from ecid.trust.verification import SIGNED_ALL_THE_SAME, check_issued, unusable

if TYPE_CHECKING:
    from ecid.trust.store import Candidate, TrustStore


@dataclass(frozen=True, slots=True)
class Chain:
    """The finding about a signer's issuer, and the anchor that vouches for it (or None)."""

    finding: Finding
    anchor: Certificate | None = None
    deviations: tuple[Deviation, ...] = ()


def find_chain(
    signer: Certificate,
    trust: TrustStore,
    tolerances: Tolerances | None = None,
    where: str = "DSC",
) -> Chain:
    """Look for the anchor whose key signed ``signer``.

    ``no_csca`` (undetermined) if the store holds no candidate; ``bad_signature`` (failed) if the
    key identifier names an anchor and its key did not sign. A candidate that matches by name
    alone can never turn into a failure: names may be shared (TR-03135-1 §5.6.4.3).
    ``weak_hash`` (failed) for MD5 and older, whoever signed with it.
    ``issuer_ended_before`` (failed) if the anchor's validity ended before the signer's began.
    ``tolerances`` are those of the field unless given. Raises ``StoreError`` for a damaged store.
    """
    granted = tolerances or Tolerances.load("field")
    if _is_signed_with_a_broken_hash(signer):
        return Chain(failed(Reason.WEAK_HASH))
    try:
        candidates = trust.candidates(signer)
    except MalformedData as exc:
        return Chain(failed(Reason.MALFORMED, rule=exc.rule))
    best: Chain | None = None
    named_key_did_not_sign = False
    for candidate in candidates:
        found = _try(signer, candidate, granted, where)
        if found.finding.ok:
            return found
        if found.anchor is None and found.finding.outcome is Outcome.FAILED:
            named_key_did_not_sign |= candidate.by_key
        elif best is None or _rank(found) > _rank(best):
            best = found
    if best is not None:
        return best
    if named_key_did_not_sign:
        return Chain(failed(Reason.BAD_SIGNATURE))
    return Chain(undetermined(Reason.NO_CSCA))


def _is_signed_with_a_broken_hash(signer: Certificate) -> bool:
    """Whether it is MD5 or older, which fails whoever signed (design, section 6, item 14)."""
    try:
        return signer.signature_algorithm.scheme is None
    except UnsupportedData as exc:
        return unusable(exc.what).outcome is Outcome.FAILED
    except MalformedData:
        return False


def _rank(chain: Chain) -> tuple[bool, bool]:
    """Order findings that are no success: whose key signed comes first, then open ones."""
    return chain.anchor is not None, chain.finding.outcome is not Outcome.FAILED


def _try(signer: Certificate, candidate: Candidate, tolerances: Tolerances, where: str) -> Chain:
    """Judge one candidate; ``anchor`` is set exactly if its key signed."""
    try:
        return _judge(signer, candidate, tolerances, where)
    except MalformedData as exc:
        return Chain(failed(Reason.MALFORMED, rule=exc.rule))


def _judge(signer: Certificate, candidate: Candidate, tolerances: Tolerances, where: str) -> Chain:
    anchor = candidate.certificate()
    try:
        key = anchor.public_key
    except (MalformedData, UnsupportedData):
        return Chain(undetermined(Reason.UNSUPPORTED_ALGORITHM, where="CSCA"))
    finding = check_issued(signer, key)
    if not finding.ok and finding.reason not in SIGNED_ALL_THE_SAME:
        return Chain(finding)
    deviations = [Deviation(code, "CSCA") for code in candidate.deviations]
    deviations += [Deviation(code, where) for code in _deviations(signer, anchor, candidate)]
    if finding.ok:
        finding = _relation(signer, anchor)
    settled, kept = tolerances.settle(finding, deviations, anchor.country, where)
    return Chain(settled, anchor, kept)


def _relation(signer: Certificate, anchor: Certificate) -> Finding:
    """Judge what besides the signature must hold between the two."""
    if anchor.not_after < signer.not_before:
        return failed(Reason.ISSUER_ENDED_BEFORE)
    if names.likeness(anchor.raw_subject, signer.raw_issuer, "certificate") is None:
        return undetermined(Reason.ISSUER_NAME)
    return SUCCESS


def _deviations(signer: Certificate, anchor: Certificate, candidate: Candidate) -> list[str]:
    found = [*signer.signature_algorithm.deviations]
    if signer.extensions.authority_key_identifier is None:
        found.append("aki_absent")
    elif not candidate.by_key and anchor.extensions.subject_key_identifier is not None:
        found.append("aki_mismatch")
    like = names.likeness(anchor.raw_subject, signer.raw_issuer, "certificate")
    if like in (Likeness.ENCODING, Likeness.ORDER):
        found.append(str(like.value))
    return found
