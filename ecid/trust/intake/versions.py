"""Versions of one list: which is the later, since an earlier one must never take its place."""

from __future__ import annotations

from ecid.trust import names
from ecid.trust.crl import RevocationList
from ecid.trust.entries import ListEntry, ListKind


def crl_entry(source: str, crl: RevocationList) -> ListEntry:
    """Return what a store keeps of ``crl``. Raises ``MalformedData`` for an unreadable issuer."""
    return ListEntry(
        kind=ListKind.REVOCATION_LIST,
        fingerprint=crl.fingerprint,
        source=source,
        country=crl.country,
        issuer_key=names.index_key(crl.raw_issuer, "CRL"),
        key_identifier=crl.extensions.authority_key_identifier,
        this_update=crl.this_update,
        next_update=crl.next_update,
        number=crl.number,
        count=len(crl.revoked),
    )


def same_list(one: ListEntry, other: ListEntry) -> bool:
    """Whether one list is a version of the other: same kind, issuer and, if named, key."""
    return (one.kind, one.issuer_key, one.key_identifier) == (
        other.kind,
        other.issuer_key,
        other.key_identifier,
    )


def is_older(entry: ListEntry, known: ListEntry) -> bool:
    """Whether ``entry`` is an earlier version than ``known``; the same one again is not."""
    if entry.fingerprint == known.fingerprint:
        return False
    if entry.number is not None and known.number is not None and entry.number < known.number:
        return True
    if entry.this_update is None or known.this_update is None:
        return entry.this_update is None and known.this_update is not None
    return entry.this_update < known.this_update
