"""Whose word a signed list is: its signature, its signer, and the anchor behind the signer.

A list counts only if its signer chains to an anchor that is trusted already, or to a certificate
whose fingerprint the operator states (Doc 9303-12 §9.1). A CSCA that stands only in the list, or
in the envelope round it, proves nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING

from ecid.errors import EcidError, MalformedData
from ecid.outcome import SUCCESS, Deviation, Finding, Reason, failed, undetermined
from ecid.trust.certificate import Certificate, parse_certificate
from ecid.trust.chain import Chain, find_chain
from ecid.trust.entries import ListKind
from ecid.trust.lists import master_list_certificates
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
from ecid.trust.verification import check_issued

if TYPE_CHECKING:
    from ecid.trust.store import TrustStore

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


def judge_list(
    kind: ListKind,
    signed: SignedData,
    trust: TrustStore,
    tolerances: Tolerances,
    stated: Collection[str] = (),
) -> ListJudgement:
    """Judge a list against the anchors of ``trust`` and the ``stated`` fingerprints (hex).

    Undetermined with ``no_csca`` means that everything else is right: the list is unanchored.
    """
    where = kind.value
    try:
        info = only_signer(signed, where)
    except MalformedData as exc:
        return _refused(failed(Reason.MALFORMED, rule=exc.rule))
    selected = select(signed, info)
    if selected is None:
        return _refused(undetermined(Reason.DSC_MISSING))
    signer, at = selected.certificate, signing_time(info)
    signature = check(signed, info, signer)
    codes = (
        *signed.deviations,
        *selected.deviations,
        *signature.deviations,
        *deviations_of(signer),
    )
    deviations = [Deviation(code, where) for code in codes]
    settled, kept = tolerances.settle(signature.finding, deviations, _country(signer), where)
    chain, met = _chain(kind, signed, signer, trust, tolerances, stated)
    return ListJudgement(
        finding=_first_fault(settled, check_list_signer(signer, _PURPOSES.get(kind)), signer, at)
        or chain.finding,
        chain=chain.finding,
        signer=signer,
        signed_at=at,
        deviations=(*kept, *chain.deviations),
        stated=met,
        anchor=None if met or chain.anchor is None else sha256(chain.anchor.raw).digest(),
    )


def _refused(finding: Finding) -> ListJudgement:
    return ListJudgement(finding, undetermined(Reason.NOT_RUN))


def _first_fault(
    signature: Finding, profile: Finding, signer: Certificate, at: datetime | None
) -> Finding | None:
    """Return what is wrong besides the anchor, if anything is."""
    if not signature.ok:
        return signature
    if not profile.ok:
        return profile
    if at is not None and not signer.valid_at(at):
        return failed(Reason.NOT_VALID_AT_SIGNING)
    return None


def _chain(  # noqa: PLR0917 - what a chain of a list depends on
    kind: ListKind,
    signed: SignedData,
    signer: Certificate,
    trust: TrustStore,
    tolerances: Tolerances,
    stated: Collection[str],
) -> tuple[Chain, frozenset[str]]:
    """Return the chain to an anchor, else to a stated certificate that comes with the list."""
    chain = find_chain(signer, trust, tolerances, kind.value)
    if chain.finding.ok or not stated:
        return chain, frozenset()
    enclosed = list(signed.certificates)
    if kind is ListKind.MASTER_LIST:
        try:
            enclosed += master_list_certificates(signed.content or b"")
        except MalformedData:
            return chain, frozenset()
    return _stated_chain(enclosed, signer, stated) or (chain, frozenset())


def _stated_chain(
    enclosed: Iterable[bytes], signer: Certificate, stated: Collection[str]
) -> tuple[Chain, frozenset[str]] | None:
    """Return the chain to one of ``enclosed`` whose fingerprint is stated, or None."""
    if signer.fingerprint in stated:
        return Chain(SUCCESS, signer), frozenset({signer.fingerprint})
    for raw in enclosed:
        if sha256(raw).hexdigest() not in stated:
            continue
        try:
            issuer = parse_certificate(raw)
            if not check_issued(signer, issuer.public_key).ok:
                continue
        except EcidError:
            continue
        return Chain(SUCCESS, issuer), frozenset({issuer.fingerprint})
    return None


def _country(signer: Certificate) -> str | None:
    try:
        return signer.country
    except MalformedData:
        return None
