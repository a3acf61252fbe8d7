"""What a store is good for today: which documents, which anchors end, what the last import did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ecid.trust.entries import Entry, ListEntry, ListKind
from ecid.trust.known import KnownAnchor, known_anchors
from ecid.trust.store import TrustStore
from ecid.trust.store_folder import Change

SOON = timedelta(days=90)
"""Anchors that end within this time are spoken of."""


@dataclass(frozen=True, slots=True)
class Country:
    """The anchors of one country that are in date today, and until when the last of them is."""

    code: str
    anchors: int
    until: datetime


@dataclass(frozen=True, slots=True)
class KnownState:
    """A known anchor, and whether it is in the store."""

    anchor: KnownAnchor
    present: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckUp:
    """The whole answer; ``ok`` is whether nothing is missing or about to end."""

    at: datetime
    countries: tuple[Country, ...]
    expired: int
    expiring: tuple[Entry, ...]
    known: tuple[KnownState, ...]
    revocation_lists: tuple[tuple[ListEntry, bool], ...]
    """Each with whether it is fresh."""
    last_change: Change | None

    @property
    def missing(self) -> tuple[KnownAnchor, ...]:
        """Wanted anchors that are not in the store."""
        return tuple(each.anchor for each in self.known if each.anchor.wanted and not each.present)

    @property
    def ok(self) -> bool:
        """Whether there is an anchor, none is missed and none ends soon."""
        return bool(self.countries) and not self.missing and not self.expiring


def check_up(store: TrustStore, changes: Sequence[Change], at: datetime) -> CheckUp:
    """Return what ``store`` is good for at the moment ``at`` (aware)."""
    valid = [entry for entry in store.entries if entry.not_before <= at <= entry.not_after]
    present = {entry.fingerprint.hex() for entry in store.entries}
    crls = [entry for entry in store.lists if entry.kind is ListKind.REVOCATION_LIST]
    return CheckUp(
        at=at,
        countries=_countries(valid),
        expired=sum(entry.not_after < at for entry in store.entries),
        expiring=tuple(entry for entry in valid if entry.not_after - at <= SOON),
        known=tuple(KnownState(each, each.fingerprint in present) for each in known_anchors()),
        revocation_lists=tuple((crl, _is_fresh(crl, at)) for crl in crls),
        last_change=changes[-1] if changes else None,
    )


def _countries(valid: Sequence[Entry]) -> tuple[Country, ...]:
    found: dict[str, list[Entry]] = {}
    for entry in valid:
        found.setdefault(entry.country or "?", []).append(entry)
    return tuple(
        Country(code, len(entries), max(entry.not_after for entry in entries))
        for code, entries in sorted(found.items())
    )


def _is_fresh(crl: ListEntry, at: datetime) -> bool:
    begun = crl.this_update is not None and crl.this_update <= at
    return begun and crl.next_update is not None and at <= crl.next_update
