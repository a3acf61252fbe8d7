"""Who signed a SignedData, and whether the signature holds: one judgement for every CMS object.

EF.SOD, master lists, deviation lists and EF.CardSecurity differ in what they sign; the rules of
the envelope are the same (RFC 5652 §5): exactly one signer, named by its identifier; signed
attributes, which are hashed as received, with exactly one content type and one message digest;
the algorithms of SignerInfo and of nothing else.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from dataclasses import dataclass

from ecid.encoding.algorithm import AlgorithmIdentifier, hash_of
from ecid.encoding.der import decode
from ecid.encoding.oid import CONTENT_TYPE, MESSAGE_DIGEST, SIGNING_TIME, decode_oid
from ecid.encoding.signature_algorithm import parse_signature_algorithm
from ecid.errors import MalformedData, UnsupportedData
from ecid.outcome import SUCCESS, Finding, Outcome, Reason, failed, undetermined
from ecid.trust import names
from ecid.trust.certificate import Certificate, parse_certificate
from ecid.trust.names import Likeness
from ecid.trust.signed_data import SignedData, SignerIdentifier, SignerInfo
from ecid.trust.signing_time import signing_time
from ecid.trust.verification import check_signature, unusable
from ecid_crypto.hashes import Hash

#: More certificates than this stand in no SignedData that anybody signs.
MAX_CERTIFICATES = 256

#: Certificates of one name or key that are tried; a bag of 256 would cost a second.
_MOST_NAMED = 8


@dataclass(frozen=True, slots=True)
class Selected:
    """A certificate that the signer identifier names, and what was overlooked to find it."""

    certificate: Certificate
    deviations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Signature:
    """Whether the signature holds, and the deviations of its algorithm."""

    finding: Finding
    deviations: tuple[str, ...] = ()


def only_signer(signed: SignedData, where: str) -> SignerInfo:
    """Return the one SignerInfo, its version fitting its identifier (RFC 5652 §5.3).

    Raises ``MalformedData(where, "signer_count" | "signer_version")``.
    """
    if len(signed.signers) != 1:
        raise MalformedData(where, "signer_count")
    signer = signed.signers[0]
    expected = 3 if signer.identifier.key_identifier is not None else 1
    if signer.version != expected:
        raise MalformedData(where, "signer_version")
    return signer


def select(
    signed: SignedData, signer: SignerInfo, stored: Iterable[Certificate] = ()
) -> Selected | None:
    """Return the certificate that the signer identifier names, or None.

    Those inside the SignedData come first, then the ``stored`` ones. They are candidates for the
    signer and nothing else: never anchors (Doc 9303-12 §6.1). Where the identifier names none of
    them and there is only one inside, that one is tried (``signer_identifier``).
    """
    enclosed = _enclosed(signed)
    for candidates in (enclosed, stored):
        found = [each for each in (_named(signer, c) for c in candidates) if each is not None]
        if found:
            return found[0] if len(found) == 1 else _likeliest(signed, signer, found)
    if len(signed.certificates) == 1 and enclosed:
        return Selected(enclosed[0], ("signer_identifier",))
    return None


def _likeliest(signed: SignedData, signer: SignerInfo, named: list[Selected]) -> Selected:
    """Return the one of several that the identifier names: by the letter, if one is.

    A key that was certified twice has two certificates with one key identifier: of those whose key
    signed, the one that was valid when it did.
    """
    at = signing_time(signer)
    least = min(len(each.deviations) for each in named)
    alike = [each for each in named if len(each.deviations) == least][:_MOST_NAMED]

    def likeliness(each: Selected) -> tuple[bool, bool]:
        signed_it = check(signed, signer, each.certificate).finding.outcome is Outcome.SUCCESSFUL
        return signed_it, at is None or each.certificate.valid_at(at)

    return max(alike, key=likeliness)


def check(signed: SignedData, signer: SignerInfo, certificate: Certificate | None) -> Signature:
    """Check content type, digest and signature, all over the bytes as received (RFC 5652 §5.4)."""
    try:
        digest = _hash(signer)
        if isinstance(digest, Finding):
            return Signature(digest)
        attributes = _check_attributes(signed, signer, digest)
        if not attributes.ok:
            return Signature(attributes)
        if certificate is None:
            return Signature(undetermined(Reason.DSC_MISSING))
        found = _verify(signer, certificate, digest)
    except MalformedData as exc:
        return Signature(failed(Reason.SIGNED_ATTRIBUTES, rule=exc.rule))
    # A weak hash leaves a question open only where everything else is right.
    if found.finding.ok and digest is Hash.SHA1:
        return Signature(undetermined(Reason.WEAK_HASH), found.deviations)
    return found


def usable_hash(oid: str) -> Hash | Finding:
    """Return the hash function ``oid`` (dotted), or the finding that it cannot be used."""
    known = {hash_.oid: hash_ for hash_ in Hash}.get(oid)
    return unusable(oid) if known is None else known


def is_named(identifier: SignerIdentifier, certificate: Certificate) -> Likeness | None:
    """Say by what ``identifier`` names ``certificate``, or None: it names another one.

    Raises ``MalformedData`` for a certificate whose name or key identifier cannot be read.
    """
    if identifier.key_identifier is not None:
        own = certificate.extensions.subject_key_identifier
        return Likeness.IDENTICAL if own == identifier.key_identifier else None
    if certificate.serial != identifier.serial or identifier.raw_issuer is None:
        return None
    return names.likeness(certificate.raw_issuer, identifier.raw_issuer, "certificate")


def _enclosed(signed: SignedData) -> list[Certificate]:
    found = []
    for raw in signed.certificates[:MAX_CERTIFICATES]:
        try:
            found.append(parse_certificate(raw))
        except MalformedData:
            continue
    return found


def _named(signer: SignerInfo, certificate: Certificate) -> Selected | None:
    try:
        by = is_named(signer.identifier, certificate)
    except MalformedData:
        return None
    if by is None:
        return None
    return Selected(certificate, () if by is Likeness.IDENTICAL else (by.value,))


def _check_attributes(signed: SignedData, signer: SignerInfo, digest: Hash) -> Finding:
    """Check the signed attributes, mandatory because the content is no plain data (§5.3)."""
    content_type = signer.attribute(CONTENT_TYPE, "CMS")
    if content_type.tag != 0x06 or decode_oid(content_type.value, "CMS") != signed.content_type:
        return failed(Reason.SIGNED_ATTRIBUTES, rule="content_type")
    if signer.count(SIGNING_TIME, "CMS") > 1:
        return failed(Reason.SIGNED_ATTRIBUTES, rule="signing_time")
    message_digest = signer.attribute(MESSAGE_DIGEST, "CMS")
    computed = digest.digest(signed.content or b"")
    if message_digest.tag != 0x04 or not hmac.compare_digest(computed, message_digest.value):
        return failed(Reason.DIGEST_MISMATCH)
    return SUCCESS


def _verify(signer: SignerInfo, certificate: Certificate, digest: Hash) -> Signature:
    try:
        algorithm = parse_signature_algorithm(signer.raw_signature_algorithm, "CMS", digest)
        key = certificate.public_key
    except UnsupportedData as exc:
        return Signature(unusable(exc.what))
    except MalformedData as exc:
        profile = exc.where == "certificate"
        reason = Reason.DSC_PROFILE if profile else Reason.MALFORMED
        return Signature(failed(reason, rule=exc.rule))
    covered = signer.signed_attributes or b""
    finding = check_signature(key, algorithm, signer.signature, covered)
    return Signature(finding, algorithm.deviations)


def _hash(signer: SignerInfo) -> Hash | Finding:
    """Return the digest algorithm of SignerInfo, which alone decides (RFC 5652 §5.4)."""
    identifier = decode(AlgorithmIdentifier, signer.raw_digest_algorithm, "CMS")
    try:
        return hash_of(identifier, "CMS")
    except UnsupportedData:
        return usable_hash(identifier.oid)
