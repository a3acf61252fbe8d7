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
from ecid.protocols.document_signer import Issuer, judge_signer
from ecid.trust.certificate import Certificate
from ecid.trust.signed_data import SignedData, parse_signed_data
from ecid.trust.signer import only_signer, usable_hash
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
    signer = judge_signer(signed, info, trust, granted, "SOD")
    content = _content(signed, signer.issuer)
    codes = (
        *signed.deviations,
        *content.deviations,
        *(("trailing_bytes",) if surplus(sod) else ()),
    )
    format_, of_format = signer.issuer.settle(content.finding, codes, "SOD")
    return PassiveAuthentication(
        format=format_,
        signature=signer.signature,
        signer=signer.profile,
        chain=signer.chain,
        security_object=content.security_object,
        certificate=signer.certificate,
        anchor=signer.anchor,
        signed_at=signer.signed_at,
        deviations=(*of_format, *signer.deviations),
        weak_hash_granted=signer.issuer.grants(Reason.WEAK_HASH.value),
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


@dataclass(frozen=True, slots=True)
class _Content:
    finding: Finding
    security_object: LdsSecurityObject | None = None
    deviations: tuple[str, ...] = ()


def _several_signers(signed: SignedData, granted: Tolerances) -> PassiveAuthentication:
    """Refuse to choose: whoever reads on may take another of the signatures for the one."""
    content = _content(signed, Issuer(granted, None))
    return PassiveAuthentication(
        format=content.finding,
        signature=failed(Reason.SIGNER_COUNT),
        security_object=content.security_object,
    )


def _content(signed: SignedData, issuer: Issuer) -> _Content:
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
