"""What still stands on the operator's word once a newer list has taken an anchor away.

A list counts by an anchor, and an anchor by a list: two of them can hold each other up, as a
state does whose master list holds its own anchor. So what counts is told from the ground up.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from ecid.trust.entries import Entry, ListEntry


def standing(anchors: Mapping[bytes, Entry], lists: Iterable[ListEntry]) -> frozenset[bytes]:
    """Return the fingerprints of those ``anchors`` and ``lists`` that stand.

    An anchor stands on anything but a list, or on a list that stands; a list stands on an anchor
    that stands, or (``anchor`` None) on a fingerprint that the operator stated.
    """
    found = {fingerprint for fingerprint, each in anchors.items() if _stands_on(each, {""})}
    waiting = list(lists)
    while held := [each for each in waiting if each.anchor is None or each.anchor in found]:
        digests = {each.fingerprint.hex() for each in held}
        found.update(each.fingerprint for each in held)
        found.update(print_ for print_, each in anchors.items() if _stands_on(each, digests))
        waiting = [each for each in waiting if each not in held]
    return frozenset(found)


def succeed(
    new: ListEntry, old: ListEntry, anchors: Mapping[bytes, Entry], lists: Iterable[ListEntry]
) -> ListEntry:
    """Return ``new`` with its ground once it takes the place of ``old``.

    Where its anchor stood on the earlier version alone, it inherits what that stood on: so the
    list that a stated fingerprint let in can be renewed.
    """
    others = [each for each in lists if each.fingerprint != old.fingerprint]
    on_its_own = new.anchor is None or new.anchor in standing(anchors, others)
    return new if on_its_own else replace(new, anchor=old.anchor)


def _stands_on(entry: Entry, digests: Collection[str]) -> bool:
    return any(provenance.list_digest in digests for provenance in entry.provenances)
