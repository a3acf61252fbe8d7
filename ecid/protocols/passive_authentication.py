"""Passive Authentication: whether the data is what the issuer signed (Doc 9303-11 §5.1).

It never talks to a chip and has no transport in its signatures: bytes in, findings out. The
order is the standard's: structure, signature, signer, chain; the hashes of the data groups come
last and can lift nothing that failed before.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime

from ecid.encoding.algorithm import AlgorithmIdentifier
from ecid.encoding.der import decode
from ecid.encoding.oid import DATA, LDS_SECURITY_OBJECT
from ecid.errors import MalformedData, UnsupportedData
from ecid.lds.security_object import (
    LEGACY_CONTENT_TYPES,
    LdsSecurityObject,
    parse_lds_security_object,
    surplus,
    unwrap_sod,
)
from ecid.outcome import SUCCESS, Deviation, Finding, Reason, failed, undetermined
from ecid.trust.certificate import Certificate
from ecid.trust.chain import Chain, find_chain
from ecid.trust.signed_data import SignedData, SignerInfo, parse_signed_data
from ecid.trust.signer import Selected, check, only_signer, select, usable_hash
from ecid.trust.signer_profile import check_signer_profile, deviations_of
from ecid.trust.signing_time import signing_time
from ecid.trust.store import TrustStore
from ecid.trust.tolerance import Tolerances
from ecid_crypto.hashes import Hash

_NOT_RUN = undetermined(Reason.NOT_RUN)


@dataclass(frozen=True, slots=True, kw_only=True)
class PassiveAuthentication:
    """What the SOD amounts to. Every finding starts ``undetermined``."""

    format: Finding = _NOT_RUN
    signature: Finding = _NOT_RUN
    signer: Finding = _NOT_RUN
    chain: Finding = _NOT_RUN
    security_object: LdsSecurityObject | None = None
    """The signed hashes: worth nothing unless the findings say so."""
    certificate: Certificate | None = None
    """The document signer's certificate."""
    anchor: Certificate | None = None
    """The anchor whose key signed it, from outside the card."""
    signed_at: datetime | None = None
    """signingTime of the signed attributes, by the issuer's clock."""
    deviations: tuple[Deviation, ...] = ()
    weak_hash_granted: bool = False
    """Whether this issuer is granted SHA-1 for the hashes of its data groups."""

    @property
    def listed(self) -> frozenset[int]:
        """The data groups that the SOD has a hash of."""
        if self.security_object is None:
            return frozenset()
        return frozenset(entry.number for entry in self.security_object.hashes)


def authenticate(
    sod: bytes, trust: TrustStore, tolerances: Tolerances | None = None
) -> PassiveAuthentication:
    """Judge the bytes of EF.SOD against ``trust``. Never raises for what the bytes are.

    ``tolerances`` says which deviations are granted to whom; those of the field unless given.
    """
    granted = tolerances or Tolerances.load("field")
    try:
        signed = parse_signed_data(unwrap_sod(sod), "SOD")
        if len(signed.signers) > 1:
            return _several_signers(signed, granted)
        info = only_signer(signed, "SOD")
    except MalformedData as exc:
        return PassiveAuthentication(format=failed(Reason.MALFORMED, rule=exc.rule))
    selected = select(signed, info, trust.signers_named(info.identifier))
    chain = _chain(selected, trust, granted)
    issuer = _Issuer(granted, _country(selected, chain))
    if not _may_be_the_signer(selected, signed, info, issuer):
        selected, chain = None, _chain(None, trust, granted)
    certificate = None if selected is None else selected.certificate
    content = _content(signed, issuer)
    codes = (
        *signed.deviations,
        *content.deviations,
        *(("trailing_bytes",) if surplus(sod) else ()),
    )
    format_, of_format = issuer.settle(content.finding, codes, "SOD")
    signature, of_signature = _signature(signed, info, selected, issuer)
    signer, of_signer = _profile(certificate, issuer)
    return PassiveAuthentication(
        format=format_,
        signature=signature,
        signer=signer,
        chain=chain.finding,
        security_object=content.security_object,
        certificate=certificate,
        anchor=chain.anchor,
        signed_at=signing_time(info),
        deviations=(*of_format, *of_signature, *of_signer, *chain.deviations),
        weak_hash_granted=issuer.grants(Reason.WEAK_HASH.value),
    )


def check_data_group(
    security_object: LdsSecurityObject | None,
    number: int,
    content: bytes,
    *,
    weak_hash_granted: bool = False,
) -> Finding:
    """Compare the hash of ``content`` (the raw file) with the signed one (§5.1 step 5)."""
    if security_object is None:
        return _NOT_RUN
    signed = {entry.number: entry.value for entry in security_object.hashes}.get(number)
    if signed is None:
        return failed(Reason.UNLISTED)
    hash_ = usable_hash(security_object.hash_algorithm)
    if isinstance(hash_, Finding):
        return hash_
    if not hmac.compare_digest(hash_.digest(content), signed):
        return failed(Reason.HASH_MISMATCH)
    weak = hash_ is Hash.SHA1 and not weak_hash_granted
    return undetermined(Reason.WEAK_HASH) if weak else SUCCESS


_Settled = tuple[Finding, tuple[Deviation, ...]]


@dataclass(frozen=True, slots=True)
class _Content:
    finding: Finding
    security_object: LdsSecurityObject | None = None
    deviations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Issuer:
    """Whose document it is, and what that country is granted."""

    tolerances: Tolerances
    country: str | None

    def grants(self, code: str) -> bool:
        return self.tolerances.grants(code, self.country)

    def settle(self, finding: Finding, codes: tuple[str, ...], where: str) -> _Settled:
        deviations = [Deviation(code, where) for code in dict.fromkeys(codes)]
        return self.tolerances.settle(finding, deviations, self.country, where)


def _country(selected: Selected | None, chain: Chain) -> str | None:
    """Return the country of the anchor behind the signer; without one, the signer's claim.

    What the signer claims decides nothing: without an anchor the chain is never successful.
    """
    certificate = chain.anchor or (None if selected is None else selected.certificate)
    try:
        return None if certificate is None else certificate.country
    except MalformedData:
        return None


def _several_signers(signed: SignedData, granted: Tolerances) -> PassiveAuthentication:
    """Refuse to choose: whoever reads on may take another of the signatures for the one."""
    content = _content(signed, _Issuer(granted, None))
    return PassiveAuthentication(
        format=content.finding,
        signature=failed(Reason.SIGNER_COUNT),
        security_object=content.security_object,
    )


def _may_be_the_signer(
    selected: Selected | None, signed: SignedData, info: SignerInfo, issuer: _Issuer
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


def _content(signed: SignedData, issuer: _Issuer) -> _Content:
    """Return the finding about the structure, and the LDS security object if it is one."""
    try:
        wrong = _check_envelope(signed)
        refused = next((code for code in wrong if not issuer.grants(code)), None)
        if refused is not None:
            raise MalformedData("SOD", refused)
        security_object = parse_lds_security_object(signed.content or b"")
    except MalformedData as exc:
        return _Content(failed(Reason.MALFORMED, rule=exc.rule))
    except UnsupportedData:
        return _Content(undetermined(Reason.UNSUPPORTED_ALGORITHM))
    legacy = signed.content_type in LEGACY_CONTENT_TYPES
    codes = (*wrong, *security_object.deviations, *(("legacy_content_type",) if legacy else ()))
    return _Content(SUCCESS, security_object, codes)


def _check_envelope(signed: SignedData) -> tuple[str, ...]:
    """Return the rules of Doc 9303-10 §4.6.2.2 that are broken and that some issuer is granted.

    Raises ``MalformedData`` for what nobody is granted.
    """
    # RFC 5652 §5.1 would even allow an empty list (CVE-2026-45447); every issuer names one.
    if not signed.digest_algorithms:
        raise MalformedData("SOD", "digest_algorithms_empty")
    used = {decode(AlgorithmIdentifier, s.raw_digest_algorithm, "SOD").oid for s in signed.signers}
    known = {LDS_SECURITY_OBJECT, DATA, *LEGACY_CONTENT_TYPES}
    if signed.content_type not in known or signed.content is None:
        raise MalformedData("SOD", "content_type")
    rules = {
        "signed_data_version": signed.version != 3,
        "data_content_type": signed.content_type == DATA,
        # No signature covers the list, and SignerInfo alone decides.
        "digest_algorithm_unlisted": not used <= set(signed.digest_algorithms),
    }
    return tuple(rule for rule, broken in rules.items() if broken)


def _signature(
    signed: SignedData, info: SignerInfo, selected: Selected | None, issuer: _Issuer
) -> _Settled:
    certificate = None if selected is None else selected.certificate
    found = check(signed, info, certificate)
    codes = (*found.deviations, *(() if selected is None else selected.deviations))
    return issuer.settle(found.finding, codes, "SOD")


def _profile(certificate: Certificate | None, issuer: _Issuer) -> _Settled:
    if certificate is None:
        return undetermined(Reason.DSC_MISSING), ()
    return issuer.settle(check_signer_profile(certificate), deviations_of(certificate), "DSC")


def _chain(selected: Selected | None, trust: TrustStore, granted: Tolerances) -> Chain:
    if selected is None:
        return Chain(undetermined(Reason.DSC_MISSING))
    return find_chain(selected.certificate, trust, granted)
