"""The facts of a store's index as plain values, and back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from ecid.trust.entries import Entry, Kind, ListEntry, ListKind, Provenance

SCHEMA = "ecid-store/1"

#: Added to, because Windows converts no seconds before it.
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def entries_to(entries: Iterable[Entry]) -> list[list[Any]]:
    """Return ``entries`` as lists."""
    return [
        [
            each.fingerprint,
            each.country,
            each.label,
            each.serial,
            each.key_identifier,
            each.name_key,
            each.issuer_key,
            _number(each.not_before),
            _number(each.not_after),
            each.emulated,
            [[p.kind.value, p.source, p.list_digest] for p in each.provenances],
            list(each.deviations),
        ]
        for each in entries
    ]


def entries_from(rows: Sequence[Sequence[Any]]) -> tuple[Entry, ...]:
    """Return the entries; a row of another shape raises ``ValueError`` or ``TypeError``."""
    return tuple(_entry(*row) for row in rows)


def lists_to(lists: Iterable[ListEntry]) -> list[list[Any]]:
    """Return ``lists`` as lists."""
    return [
        [
            each.kind.value,
            each.fingerprint,
            each.source,
            each.country,
            each.issuer_key,
            each.key_identifier,
            None if each.this_update is None else _number(each.this_update),
            None if each.next_update is None else _number(each.next_update),
            each.number,
            each.count,
            each.anchor,
        ]
        for each in lists
    ]


def lists_from(rows: Sequence[Sequence[Any]]) -> tuple[ListEntry, ...]:
    """Return the lists; a row of another shape raises ``ValueError`` or ``TypeError``."""
    return tuple(_list(*row) for row in rows)


def moment(seconds: float) -> datetime:
    """Return the moment so many seconds after (or before) 1970, aware and in UTC."""
    return _EPOCH + timedelta(seconds=seconds)


def _number(when: datetime) -> int:
    return int(when.timestamp())


def _entry(  # noqa: PLR0917 - the columns of a row
    fingerprint: bytes,
    country: str | None,
    label: str,
    serial: str,
    key_identifier: bytes | None,
    name_key: bytes,
    issuer_key: bytes,
    not_before: int,
    not_after: int,
    emulated: bool,
    provenances: Sequence[Sequence[str]],
    deviations: Sequence[str],
) -> Entry:
    return Entry(
        fingerprint=fingerprint,
        country=country,
        label=label,
        serial=serial,
        key_identifier=key_identifier,
        name_key=name_key,
        issuer_key=issuer_key,
        not_before=moment(not_before),
        not_after=moment(not_after),
        emulated=emulated,
        provenances=tuple(Provenance(Kind(k), s, d) for k, s, d in provenances),
        deviations=tuple(deviations),
    )


def _list(  # noqa: PLR0917 - the columns of a row
    kind: str,
    fingerprint: bytes,
    source: str,
    country: str | None,
    issuer_key: bytes,
    key_identifier: bytes | None,
    this_update: int | None,
    next_update: int | None,
    number: int | None,
    count: int,
    anchor: bytes | None,
) -> ListEntry:
    return ListEntry(
        kind=ListKind(kind),
        fingerprint=fingerprint,
        source=source,
        country=country,
        issuer_key=issuer_key,
        key_identifier=key_identifier,
        this_update=None if this_update is None else moment(this_update),
        next_update=None if next_update is None else moment(next_update),
        number=number,
        count=count,
        anchor=anchor,
    )
