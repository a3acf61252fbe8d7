"""Passive Authentication: whether the data is what the issuer signed (Doc 9303-11 §5.1).

It never talks to a chip and has no transport in its signatures: bytes in, findings out. The
order is the standard's: structure, signature, signer, chain; the hashes of the data groups come
last and can lift nothing that failed before.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from ecid.encoding.algorithm import AlgorithmIdentifier, hash_of
from ecid.encoding.der import decode
from ecid.encoding.oid import CONTENT_TYPE, LDS_SECURITY_OBJECT, MESSAGE_DIGEST, decode_oid
from ecid.encoding.signature_algorithm import parse_signature_algorithm
from ecid.errors import MalformedData, UnsupportedData
from ecid.lds.security_object import LdsSecurityObject, parse_lds_security_object, unwrap_sod
from ecid.outcome import SUCCESS, Deviation, Finding, Reason, failed, undetermined
from ecid.protocols.signing_time import signing_time
from ecid.trust.certificate import Certificate, parse_certificate
from ecid.trust.chain import Chain, check_signer_profile, find_chain
from ecid.trust.signed_data import SignedData, SignerInfo, parse_signed_data
from ecid.trust.store import TrustStore
from ecid.trust.verification import check_signature
from ecid_crypto.hashes import Hash

_NOT_RUN = undetermined(Reason.NOT_RUN)
_BROKEN_HASHES = {"1.2.840.113549.2.2", "1.2.840.113549.2.5"}  # MD2, MD5


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

    @property
    def listed(self) -> frozenset[int]:
        """The data groups that the SOD has a hash of."""
        if self.security_object is None:
            return frozenset()
        return frozenset(entry.number for entry in self.security_object.hashes)


def authenticate(sod: bytes, trust: TrustStore) -> PassiveAuthentication:
    """Judge the bytes of EF.SOD against ``trust``. Never raises for what the bytes are."""
    try:
        signed = parse_signed_data(unwrap_sod(sod), "SOD")
        if len(signed.signers) > 1:
            return _several_signers(signed)
        signer = _only_signer(signed)
    except MalformedData as exc:
        return PassiveAuthentication(format=failed(Reason.MALFORMED, rule=exc.rule))
    certificate = _signer_certificate(signed, signer)
    signature, deviations = _check_signature(signed, signer, certificate)
    format_, security_object = _content(signed)
    chain = Chain(undetermined(Reason.DSC_MISSING))
    profile = undetermined(Reason.DSC_MISSING)
    if certificate is not None:
        chain, profile = find_chain(certificate, trust), check_signer_profile(certificate)
    return PassiveAuthentication(
        format=format_,
        signature=signature,
        signer=profile,
        chain=chain.finding,
        security_object=security_object,
        certificate=certificate,
        anchor=chain.anchor,
        signed_at=signing_time(signer),
        deviations=deviations,
    )


def check_data_group(
    security_object: LdsSecurityObject | None, number: int, content: bytes
) -> Finding:
    """Compare the hash of ``content`` (the raw file) with the signed one (§5.1 step 5)."""
    if security_object is None:
        return _NOT_RUN
    signed = {entry.number: entry.value for entry in security_object.hashes}.get(number)
    if signed is None:
        return failed(Reason.UNLISTED)
    hash_ = _hash(security_object.hash_algorithm)
    if isinstance(hash_, Finding):
        return hash_
    if not hmac.compare_digest(hash_.digest(content), signed):
        return failed(Reason.HASH_MISMATCH)
    return undetermined(Reason.WEAK_HASH) if hash_ is Hash.SHA1 else SUCCESS


def _several_signers(signed: SignedData) -> PassiveAuthentication:
    """Refuse to choose: whoever reads on may take another of the signatures for the one."""
    format_, security_object = _content(signed)
    return PassiveAuthentication(
        format=format_,
        signature=failed(Reason.SIGNER_COUNT),
        security_object=security_object,
    )


def _only_signer(signed: SignedData) -> SignerInfo:
    """Return the one SignerInfo, its version fitting its identifier (RFC 5652 §5.3)."""
    if len(signed.signers) != 1:
        raise MalformedData("SOD", "signer_count")
    signer = signed.signers[0]
    expected = 3 if signer.identifier.key_identifier is not None else 1
    if signer.version != expected:
        raise MalformedData("SOD", "signer_version")
    return signer


def _content(signed: SignedData) -> tuple[Finding, LdsSecurityObject | None]:
    """Return the finding about the structure, and the LDS security object if it is one."""
    try:
        if signed.version != 3:
            raise MalformedData("SOD", "signed_data_version")
        # RFC 5652 §5.1 would even allow an empty list (CVE-2026-45447); every issuer names its own.
        used = {
            decode(AlgorithmIdentifier, s.raw_digest_algorithm, "SOD").oid for s in signed.signers
        }
        if not used <= set(signed.digest_algorithms):
            raise MalformedData("SOD", "digest_algorithm_not_listed")
        if signed.content_type != LDS_SECURITY_OBJECT or signed.content is None:
            raise MalformedData("SOD", "content_type")
        return SUCCESS, parse_lds_security_object(signed.content)
    except MalformedData as exc:
        return failed(Reason.MALFORMED, rule=exc.rule), None
    except UnsupportedData:
        return undetermined(Reason.UNSUPPORTED_ALGORITHM), None


def _signer_certificate(signed: SignedData, signer: SignerInfo) -> Certificate | None:
    """Return the certificate that the signer identifier names, of those inside the SOD.

    They are candidates for the signer and nothing else: never anchors (Doc 9303-12 §6.1).
    """
    for raw in signed.certificates:
        try:
            certificate = parse_certificate(raw)
            if _names(signer, certificate):
                return certificate
        except MalformedData:
            continue
    return None


def _names(signer: SignerInfo, certificate: Certificate) -> bool:
    wanted = signer.identifier
    if wanted.key_identifier is not None:
        return certificate.extensions.subject_key_identifier == wanted.key_identifier
    return (certificate.raw_issuer, certificate.serial) == (wanted.raw_issuer, wanted.serial)


def _check_signature(
    signed: SignedData, signer: SignerInfo, certificate: Certificate | None
) -> tuple[Finding, tuple[Deviation, ...]]:
    """Check content type, digest and signature, all over the bytes as received (RFC 5652 §5.4)."""
    try:
        digest = _signer_hash(signer)
        if isinstance(digest, Finding):
            return digest, ()
        attributes = _check_attributes(signed, signer, digest)
        if not attributes.ok:
            return attributes, ()
        if certificate is None:
            return undetermined(Reason.DSC_MISSING), ()
        finding, deviations = _verify(signer, certificate, digest)
    except MalformedData as exc:
        return failed(Reason.SIGNED_ATTRIBUTES, rule=exc.rule), ()
    # A weak hash leaves a question open only where everything else is right.
    weak = finding.ok and digest is Hash.SHA1
    return undetermined(Reason.WEAK_HASH) if weak else finding, deviations


def _check_attributes(signed: SignedData, signer: SignerInfo, digest: Hash) -> Finding:
    """Check the signed attributes, mandatory because the content is no plain data (§5.3)."""
    content_type = signer.attribute(CONTENT_TYPE, "SOD")
    if content_type.tag != 0x06 or decode_oid(content_type.value, "SOD") != signed.content_type:
        return failed(Reason.SIGNED_ATTRIBUTES, rule="content_type")
    message_digest = signer.attribute(MESSAGE_DIGEST, "SOD")
    computed = digest.digest(signed.content or b"")
    if message_digest.tag != 0x04 or not hmac.compare_digest(computed, message_digest.value):
        return failed(Reason.DIGEST_MISMATCH)
    return SUCCESS


def _verify(
    signer: SignerInfo, certificate: Certificate, digest: Hash
) -> tuple[Finding, tuple[Deviation, ...]]:
    try:
        algorithm = parse_signature_algorithm(signer.raw_signature_algorithm, "SOD", digest)
        key = certificate.public_key
    except UnsupportedData as exc:
        return undetermined(Reason.UNSUPPORTED_ALGORITHM, what=exc.what), ()
    except MalformedData as exc:
        profile = exc.where == "certificate"
        return failed(Reason.DSC_PROFILE if profile else Reason.MALFORMED, rule=exc.rule), ()
    deviations = tuple(Deviation(code, "SOD") for code in algorithm.deviations)
    covered = signer.signed_attributes or b""
    return check_signature(key, algorithm, signer.signature, covered), deviations


def _signer_hash(signer: SignerInfo) -> Hash | Finding:
    """Return the digest algorithm of SignerInfo, which alone decides (RFC 5652 §5.4)."""
    identifier = decode(AlgorithmIdentifier, signer.raw_digest_algorithm, "SOD")
    try:
        return hash_of(identifier, "SOD")
    except UnsupportedData:
        return _unusable_hash(identifier.oid)


def _hash(oid: str) -> Hash | Finding:
    known: Mapping[str, Hash] = {hash_.oid: hash_ for hash_ in Hash}
    return known.get(oid) or _unusable_hash(oid)


def _unusable_hash(oid: str) -> Finding:
    if oid in _BROKEN_HASHES:
        return failed(Reason.WEAK_HASH)
    return undetermined(Reason.UNSUPPORTED_ALGORITHM, what=oid)
