"""Whether a signer is on a revocation list, in six states (Doc 9303-12 §7.1.4, RFC 5280 §6.3).

good, revoked, stale, not yet valid, unsigned or of another issuer, none. Only a list that the
anchor's own key signed says anything, and only a fresh one says good: what an old one lacks may
have been revoked since. Revoked stays revoked, also on an old list.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from ecid.errors import EcidError, MalformedData
from ecid.outcome import SUCCESS, Finding, Outcome, Reason, failed, undetermined
from ecid.trust import names
from ecid.trust.certificate import Certificate
from ecid.trust.crl import RevocationList
from ecid.trust.extensions import CRL_SIGN
from ecid.trust.verification import SIGNED_ALL_THE_SAME, check_signature

if TYPE_CHECKING:
    from ecid.trust.store import TrustStore

#: What stays open, the most telling first: it decides which of several lists is spoken of.
_TELLING = (
    Reason.CRL_STALE,
    Reason.CRL_NOT_YET_VALID,
    Reason.CRL_BAD_SIGNATURE,
    Reason.WEAK_HASH,
    Reason.DIGEST_INFO_WITHOUT_NULL,
    Reason.CRL_UNSUPPORTED,
    Reason.UNSUPPORTED_ALGORITHM,
    Reason.NO_CRL,
)


def check_revocation(
    signer: Certificate, anchor: Certificate, trust: TrustStore, at: datetime
) -> Finding:
    """Judge ``signer``, and ``anchor`` itself, by the lists of ``anchor`` as of ``at`` (aware).

    Failed: ``revoked``. Undetermined: ``no_crl``, ``crl_stale``, ``crl_not_yet_valid``,
    ``crl_bad_signature``, ``crl_unsupported`` (detail ``what``: delta, partitioned ...).
    """
    found = [
        _judge(crl, issuer, signer, anchor, at) for crl, issuer in trust.revocation_lists(anchor)
    ]
    for outcome in (Outcome.FAILED, Outcome.SUCCESSFUL):
        decided = next((finding for finding in found if finding.outcome is outcome), None)
        if decided is not None:
            return decided
    open_ = [finding for finding in found if finding.reason in _TELLING]
    open_.sort(key=lambda finding: _TELLING.index(finding.reason or Reason.NO_CRL))
    return open_[0] if open_ else undetermined(Reason.NO_CRL)


def check_list_signature(crl: RevocationList, issuer: Certificate) -> Finding:
    """Check that ``issuer`` may sign lists and that its key signed this one."""
    try:
        usage = issuer.extensions.key_usage
        if usage is not None and CRL_SIGN not in usage:
            return undetermined(Reason.CRL_BAD_SIGNATURE, rule="key_usage")
        algorithm, key = crl.signature_algorithm, issuer.public_key
    except MalformedData as exc:
        return undetermined(Reason.CRL_BAD_SIGNATURE, rule=exc.rule)
    except EcidError:
        return undetermined(Reason.UNSUPPORTED_ALGORITHM)
    finding = check_signature(key, algorithm, crl.signature, crl.raw_tbs)
    if finding.ok or finding.outcome is Outcome.UNDETERMINED:
        return finding
    return undetermined(Reason.CRL_BAD_SIGNATURE)


def _judge(
    crl: RevocationList, issuer: Certificate, signer: Certificate, anchor: Certificate, at: datetime
) -> Finding:
    signature = check_list_signature(crl, issuer)
    if not signature.ok and signature.reason not in SIGNED_ALL_THE_SAME:
        return signature
    if crl.unsupported in _NOT_EVEN_REVOKED:
        return undetermined(Reason.CRL_UNSUPPORTED, what=crl.unsupported)
    if not crl.revoked.isdisjoint(_readings(signer.serial)):
        return failed(Reason.REVOKED, what="signer")
    if not crl.revoked.isdisjoint(_readings(anchor.serial)) and _issued(crl, anchor):
        return failed(Reason.REVOKED, what="anchor")
    if crl.unsupported is not None:
        return undetermined(Reason.CRL_UNSUPPORTED, what=crl.unsupported)
    if at < crl.this_update:
        return undetermined(Reason.CRL_NOT_YET_VALID)
    if crl.next_update is None or at > crl.next_update:
        return undetermined(Reason.CRL_STALE)
    return SUCCESS if signature.ok else signature


def _issued(crl: RevocationList, anchor: Certificate) -> bool:
    """Whether the issuer of the list is that of ``anchor``, by what the names say."""
    try:
        return names.likeness(anchor.raw_issuer, crl.raw_issuer, "CRL") is not None
    except MalformedData:
        return False


def _readings(serial: int) -> frozenset[int]:
    """Return the numbers that the octets of ``serial`` are read as: signed, and unsigned.

    Issuers that forget the leading zero write one number in the certificate and another in the
    list; the octets are the same.
    """
    if serial < 0:
        return frozenset({serial, serial + (1 << 8 * ((~serial).bit_length() // 8 + 1))})
    bits = serial.bit_length()
    first_bit_is_set = bits > 0 and bits % 8 == 0
    return frozenset({serial, serial - (1 << bits)} if first_bit_is_set else {serial})


#: In a delta an entry may also take a revocation back; in an indirect list it may be another's.
_NOT_EVEN_REVOKED = ("delta", "indirect")
