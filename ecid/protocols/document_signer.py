"""Who signed a file of the chip: signature, certificate and anchor behind it (Doc 9303-11 §5.1).

EF.SOD and EF.CardSecurity are SignedData of a document signer; what they sign differs, and how
their signer is judged does not.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ecid.errors import MalformedData
from ecid.outcome import Deviation, Finding, Reason, undetermined
from ecid.trust.certificate import Certificate
from ecid.trust.chain import Chain, find_chain
from ecid.trust.signed_data import SignedData, SignerInfo
from ecid.trust.signer import Selected, check, select
from ecid.trust.signer_profile import check_signer_profile, deviations_of
from ecid.trust.signing_time import signing_time
from ecid.trust.store import TrustStore
from ecid.trust.tolerance import Tolerances

Settled = tuple[Finding, tuple[Deviation, ...]]
"""A finding in the light of what the issuer is granted, and what there was to grant."""


@dataclass(frozen=True, slots=True)
class Issuer:
    """Whose document it is, and what that country is granted."""

    tolerances: Tolerances
    country: str | None

    def grants(self, code: str) -> bool:
        """Whether the country is granted the deviation ``code``."""
        return self.tolerances.grants(code, self.country)

    def settle(self, finding: Finding, codes: tuple[str, ...], where: str) -> Settled:
        """Return ``finding`` in the light of the deviations ``codes``, met in ``where``."""
        deviations = [Deviation(code, where) for code in dict.fromkeys(codes)]
        return self.tolerances.settle(finding, deviations, self.country, where)


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentSigner:
    """What is known of the signer: three findings, the certificates, and when it signed."""

    signature: Finding
    profile: Finding
    chain: Finding
    issuer: Issuer
    certificate: Certificate | None
    anchor: Certificate | None
    signed_at: datetime | None
    deviations: tuple[Deviation, ...]


def judge_signer(
    signed: SignedData, info: SignerInfo, trust: TrustStore, granted: Tolerances, where: str
) -> DocumentSigner:
    """Judge the signer ``info`` of the file ``where``. Never raises for what the bytes are."""
    selected = select(signed, info, trust.signers_named(info.identifier))
    chain = _chain(selected, trust, granted)
    issuer = Issuer(granted, _country(selected, chain))
    if not _may_be_the_signer(selected, signed, info, issuer):
        selected, chain = None, _chain(None, trust, granted)
    certificate = None if selected is None else selected.certificate
    signature, of_signature = _signature(signed, info, selected, issuer, where)
    profile, of_profile = _profile(certificate, issuer)
    return DocumentSigner(
        signature=signature,
        profile=profile,
        chain=chain.finding,
        issuer=issuer,
        certificate=certificate,
        anchor=chain.anchor,
        signed_at=signing_time(info),
        deviations=(*of_signature, *of_profile, *chain.deviations),
    )


def _country(selected: Selected | None, chain: Chain) -> str | None:
    """Return the country of the anchor behind the signer; without one, the signer's claim.

    What the signer claims decides nothing: without an anchor the chain is never successful.
    """
    certificate = chain.anchor or (None if selected is None else selected.certificate)
    try:
        return None if certificate is None else certificate.country
    except MalformedData:
        return None


def _may_be_the_signer(
    selected: Selected | None, signed: SignedData, info: SignerInfo, issuer: Issuer
) -> bool:
    """Whether the certificate is to be judged; one that is not named only if its key signed.

    Where that is to be expected (``signer_identifier``) it may fail, too; elsewhere the signer
    may be somebody who is not there.
    """
    if selected is None or "signer_identifier" not in selected.deviations:
        return True
    if issuer.grants("signer_identifier"):
        return True
    return check(signed, info, selected.certificate).finding.reason is not Reason.SIGNATURE_INVALID


def _signature(
    signed: SignedData, info: SignerInfo, selected: Selected | None, issuer: Issuer, where: str
) -> Settled:
    certificate = None if selected is None else selected.certificate
    found = check(signed, info, certificate)
    codes = (*found.deviations, *(() if selected is None else selected.deviations))
    return issuer.settle(found.finding, codes, where)


def _profile(certificate: Certificate | None, issuer: Issuer) -> Settled:
    if certificate is None:
        return undetermined(Reason.DSC_MISSING), ()
    return issuer.settle(check_signer_profile(certificate), deviations_of(certificate), "DSC")


def _chain(selected: Selected | None, trust: TrustStore, granted: Tolerances) -> Chain:
    if selected is None:
        return Chain(undetermined(Reason.DSC_MISSING))
    return find_chain(selected.certificate, trust, granted)
