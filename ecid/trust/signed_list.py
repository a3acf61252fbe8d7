"""Whose word a signed list is: its signature, its signer, and the anchor behind the signer.

A list counts only if its signer chains to an anchor that is trusted already, or is a certificate
whose fingerprint the operator states (Doc 9303-12 §9.1). A CSCA that stands only in the list, or
in the envelope round it, proves nothing. A signer that a CSCA has revoked signs nothing any more.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from ecid.errors import MalformedData
from ecid.outcome import SUCCESS, Deviation, Finding, Reason, failed, undetermined
from ecid.trust.certificate import Certificate
from ecid.trust.chain import Chain, find_chain
from ecid.trust.entries import ListKind
from ecid.trust.revocation import check_revocation
from ecid.trust.signed_data import SignedData
from ecid.trust.signer import check, only_signer, select
from ecid.trust.signer_profile import (
    DEVIATION_LIST,
    MASTER_LIST,
    check_list_signer,
    deviations_of,
)
from ecid.trust.signing_time import signing_time
from ecid.trust.tolerance import Tolerances

if TYPE_CHECKING:
    from ecid.trust.store import TrustStore

CLOCK_TOLERANCE = timedelta(days=1)
"""What was made so much later than now was made by a clock that is wrong."""

_PURPOSES = {ListKind.MASTER_LIST: MASTER_LIST, ListKind.DEVIATION_LIST: DEVIATION_LIST}


@dataclass(frozen=True, slots=True)
class ListJudgement:
    """Whether a list counts: ``finding`` is successful, or says why it does not."""

    finding: Finding
    chain: Finding
    """What is known of an anchor behind the signer, whatever else is wrong."""
    signer: Certificate | None = None
    signed_at: datetime | None = None
    deviations: tuple[Deviation, ...] = ()
    stated: frozenset[str] = frozenset()
    """The fingerprints of the operator that were met."""
    anchor: bytes | None = None
    """The fingerprint of the anchor of the store that vouches for the signer, if one does."""
    country: str | None = None
    """Of that anchor, else of the signer."""


def judge_list(  # noqa: PLR0917 - what a list depends on
    kind: ListKind,
    signed: SignedData,
    trust: TrustStore,
    tolerances: Tolerances,
    at: datetime,
    stated: Collection[str] = (),
) -> ListJudgement:
    """Judge a list as of ``at`` (aware) against the anchors and revocation lists of ``trust``.

    ``stated`` are fingerprints (hex) of signers the operator vouches for. Undetermined with
    ``no_csca`` means that everything else is right: the list is unanchored. Failed with
    ``revoked``: an anchor has revoked the signer. A list that does not say when it was signed is
    ``signing_time_unknown`` unless its signer is valid ``at`` that moment.
    """
    where = kind.value
    try:
        info = only_signer(signed, where)
    except MalformedData as exc:
        return _refused(failed(Reason.MALFORMED, rule=exc.rule))
    selected = select(signed, info)
    if selected is None:
        return _refused(undetermined(Reason.DSC_MISSING))
    signer, signed_at = selected.certificate, signing_time(info)
    signature = check(signed, info, signer)
    codes = (
        *signed.deviations,
        *selected.deviations,
        *signature.deviations,
        *deviations_of(signer),
    )
    deviations = [Deviation(code, where) for code in codes]
    settled, kept = tolerances.settle(signature.finding, deviations, _country(signer), where)
    chain = find_chain(signer, trust, tolerances, kind.value)
    met = frozenset({signer.fingerprint} & set(stated))
    if met and not chain.finding.ok:
        chain = Chain(SUCCESS)
    profile = check_list_signer(signer, _PURPOSES.get(kind))
    return ListJudgement(
        finding=_first_fault(settled, profile)
        or _time_fault(signer, signed_at, at)
        or _revoked(signer, chain, trust, at)
        or chain.finding,
        chain=chain.finding,
        signer=signer,
        signed_at=signed_at,
        deviations=(*kept, *chain.deviations),
        stated=met,
        anchor=None if met or chain.anchor is None else sha256(chain.anchor.raw).digest(),
        country=_country(chain.anchor or signer),
    )


def is_revoked(
    signer: Certificate, trust: TrustStore, tolerances: Tolerances, at: datetime, where: str
) -> bool:
    """Whether an anchor of ``trust`` has issued ``signer`` and says that it is revoked."""
    chain = find_chain(signer, trust, tolerances, where)
    return _revoked(signer, chain, trust, at) is not None


def _refused(finding: Finding) -> ListJudgement:
    return ListJudgement(finding, undetermined(Reason.NOT_RUN))


def _first_fault(*findings: Finding) -> Finding | None:
    """Return the first of ``findings`` that is no success, if any."""
    return next((finding for finding in findings if not finding.ok), None)


def _time_fault(signer: Certificate, signed_at: datetime | None, at: datetime) -> Finding | None:
    """Return what is wrong with the time of signing, if anything is."""
    if signed_at is None:
        return None if signer.valid_at(at) else undetermined(Reason.SIGNING_TIME_UNKNOWN)
    if not signer.valid_at(signed_at):
        return failed(Reason.NOT_VALID_AT_SIGNING)
    return failed(Reason.SIGNED_IN_FUTURE) if signed_at - at > CLOCK_TOLERANCE else None


def _revoked(signer: Certificate, chain: Chain, trust: TrustStore, at: datetime) -> Finding | None:
    """Return that ``signer`` is revoked, if it is. That nobody says so is no fault of a list."""
    if chain.anchor is None:
        return None
    finding = check_revocation(signer, chain.anchor, trust, at)
    return finding if finding.reason is Reason.REVOKED else None


def _country(signer: Certificate) -> str | None:
    try:
        return signer.country
    except MalformedData:
        return None
