"""Versions of one signed list: which is the later; an earlier one never takes its place."""

from __future__ import annotations

from ecid.trust.entries import ListEntry


def same_list(one: ListEntry, other: ListEntry) -> bool:
    """Whether one signed list is a version of the other: same kind, country and publisher.

    Neither the key nor the name of the CSCA behind it tells: publishers renew both.
    """
    return (one.kind, one.country, one.publisher) == (other.kind, other.country, other.publisher)


def is_older(entry: ListEntry, known: ListEntry) -> bool:
    """Whether ``entry`` is an earlier version than ``known``; the same one again is not.

    One that does not say when it was made is older than any, also than another such.
    """
    if entry.fingerprint == known.fingerprint:
        return False
    if entry.number is not None and known.number is not None and entry.number < known.number:
        return True
    if entry.this_update is None or known.this_update is None:
        return entry.this_update is None
    return entry.this_update < known.this_update
