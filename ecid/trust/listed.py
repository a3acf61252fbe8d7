"""What issuers say of their own documents: deviation lists and defect lists, applied to one signer.

A list may take away (a key that is known to be compromised proves nothing) and it informs: every
entry that speaks of the signer is a deviation in the report. It never lifts a failure.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from ecid.errors import MalformedData
from ecid.trust.certificate import Certificate
from ecid.trust.entries import ListKind
from ecid.trust.lists import KnownDeviation
from ecid.trust.signer import is_named
from ecid.trust.store import TrustStore
from ecid_crypto.hashes import Hash

SIGNER_REVOKED = "listed_signer_revoked"
AA_KEY_COMPROMISED = "listed_aa_key_compromised"
CA_KEY_COMPROMISED = "listed_ca_key_compromised"

#: Doc 9303-3 §8 (deviation lists) and BSI TR-03129 (defect lists).
CODES = {
    "2.23.136.1.1.7.1.1": "listed_signer_signature",
    "2.23.136.1.1.7.1.2": "listed_signer_encoding",
    "2.23.136.1.1.7.1.3": "listed_csca_encoding",
    "2.23.136.1.1.7.1.4": AA_KEY_COMPROMISED,
    "2.23.136.1.1.7.2.1": "listed_data_group_malformed",
    "2.23.136.1.1.7.2.2": "listed_data_group_hash",
    "2.23.136.1.1.7.2.3": "listed_sod_signature",
    "2.23.136.1.1.7.2.4": "listed_com_inconsistent",
    "2.23.136.1.1.7.3.1": "listed_mrz_data",
    "2.23.136.1.1.7.3.2": "listed_mrz_check_digit",
    "2.23.136.1.1.7.4": "listed_chip",
    "0.4.0.127.0.7.3.1.5.1.1": SIGNER_REVOKED,
    "0.4.0.127.0.7.3.1.5.1.2": "listed_signer_replaced",
    "0.4.0.127.0.7.3.1.5.1.3": CA_KEY_COMPROMISED,
    "0.4.0.127.0.7.3.1.5.1.4": AA_KEY_COMPROMISED,
    "0.4.0.127.0.7.3.1.5.2.1": "listed_data_group_malformed",
    "0.4.0.127.0.7.3.1.5.2.2": "listed_sod_signature",
}
OTHER = "listed_other"
"""The code of a kind that has no name here."""


def listed(
    signer: Certificate, trust: TrustStore, document_type: str | None, issued: date | None
) -> tuple[str, ...]:
    """Return the codes of everything the lists in ``trust`` say of documents of ``signer``.

    ``document_type`` is the code of the MRZ and ``issued`` the date of issue, None if unknown; an
    entry that asks for one of them then still counts. Entries about single document numbers are
    left out: numbers are not given to this function.
    """
    return tuple(dict.fromkeys(_codes(signer, trust, document_type, issued)))


def _codes(
    signer: Certificate, trust: TrustStore, document_type: str | None, issued: date | None
) -> Iterator[str]:
    for entry, known in trust.known_deviations():
        # A state's deviation list speaks of its own documents, a defect list of anybody's.
        foreign = entry.kind is ListKind.DEVIATION_LIST and _is_foreign(entry.country, signer)
        if foreign or known.by_document_number:
            continue
        if _is_about(known, signer) and _fits(known, document_type, issued):
            yield from (CODES.get(kind, OTHER) for kind in known.kinds)


def _is_foreign(country: str | None, signer: Certificate) -> bool:
    """Whether the signer is of another country; one whose country cannot be read may be of any."""
    try:
        return country != signer.country
    except MalformedData:
        return False


def _is_about(known: KnownDeviation, signer: Certificate) -> bool:
    if known.certificate_digest is not None:
        return known.certificate_digest in {hash_.digest(signer.raw) for hash_ in Hash}
    if known.signer is None:
        return True
    try:
        return is_named(known.signer, signer) is not None
    except MalformedData:
        return False


def _fits(known: KnownDeviation, document_type: str | None, issued: date | None) -> bool:
    if known.document_type and document_type:
        wanted = known.document_type.rstrip("< ")
        if not document_type.startswith(wanted):
            return False
    if known.issued is None or issued is None:
        return True
    first, last = known.issued
    return first.date() <= issued <= last.date()
