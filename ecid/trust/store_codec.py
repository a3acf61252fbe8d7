"""The facts of a store's index as plain values, and back.

Facts are what a verdict may depend on; beside them stands on whose word something is there. The
digest of a store is over the facts, so that whoever changes one of them changes the digest.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from types import NoneType
from typing import Any

import cbor2

from ecid.trust.entries import Entry, Kind, ListEntry, ListKind, Provenance

SCHEMA = "ecid-store/2"

#: Added to, because Windows converts no seconds before it.
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_FINGERPRINT = 32
_TEXT = frozenset({str})
_SERIAL = re.compile("-?[0-9A-F]+", re.ASCII)

#: The types of the columns, as they come out of the decoder.
_ENTRY = (
    *((bytes,), (str, NoneType), (str,), (str,), (bytes, NoneType), (bytes,), (bytes,)),
    *((int,), (int,), (bool,), (list,), (list,)),
)
_LIST = (
    *((str,), (bytes,), (str, NoneType), (bytes,), (bytes, NoneType), (bytes,)),
    *((int, NoneType), (int, NoneType), (int, NoneType), (int,), (str,), (bytes, NoneType)),
)


def entry_facts(each: Entry) -> list[Any]:
    """Return everything of an entry but on whose word it is there."""
    return [
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
        list(each.deviations),
    ]


def list_facts(each: ListEntry) -> list[Any]:
    """Return everything of a list but the file it came in, and the anchor behind it."""
    return [
        each.kind.value,
        each.fingerprint,
        each.country,
        each.issuer_key,
        each.key_identifier,
        each.publisher,
        None if each.this_update is None else _number(each.this_update),
        None if each.next_update is None else _number(each.next_update),
        each.number,
        each.count,
    ]


def digest_of_entries(entries: Iterable[Entry]) -> bytes:
    """Return SHA-256 over the facts, in the order of the fingerprints; nothing for none."""
    return _digest(map(entry_facts, sorted(entries, key=lambda each: each.fingerprint)))


def digest_of_lists(lists: Iterable[ListEntry]) -> bytes:
    """Return SHA-256 over the facts, in the order of the fingerprints; nothing for none."""
    return _digest(map(list_facts, sorted(lists, key=lambda each: each.fingerprint)))


def entries_to(entries: Iterable[Entry]) -> list[list[Any]]:
    """Return ``entries`` as lists."""
    return [
        [*entry_facts(each), [[p.kind.value, p.source, p.list_digest] for p in each.provenances]]
        for each in entries
    ]


def entries_from(rows: Sequence[Sequence[Any]]) -> tuple[Entry, ...]:
    """Return the entries; a row of another shape raises ``ValueError`` or ``TypeError``."""
    return tuple(_entry(row) for row in rows)


def lists_to(lists: Iterable[ListEntry]) -> list[list[Any]]:
    """Return ``lists`` as lists."""
    return [[*list_facts(each), each.source, each.anchor] for each in lists]


def lists_from(rows: Sequence[Sequence[Any]]) -> tuple[ListEntry, ...]:
    """Return the lists; a row of another shape raises ``ValueError`` or ``TypeError``."""
    return tuple(_list(row) for row in rows)


def moment(seconds: float) -> datetime:
    """Return the moment so many seconds after (or before) 1970, aware and in UTC."""
    return _EPOCH + timedelta(seconds=seconds)


def texts(values: Sequence[Any]) -> tuple[str, ...]:
    """Return ``values``, a list of texts, else raise ``TypeError``."""
    if type(values) is not list or not _TEXT.issuperset(map(type, values)):
        raise TypeError
    return tuple(values)


def _digest(rows: Iterable[list[Any]]) -> bytes:
    found = list(rows)
    return sha256(cbor2.dumps(found)).digest() if found else b""


def _number(when: datetime) -> int:
    return int(when.timestamp())


@lru_cache(maxsize=64)
def _is_entry(types: tuple[type, ...]) -> bool:
    """Whether a row of these types is an entry; most rows are of one kind, so this is known."""
    return _fits(types, _ENTRY)


def _fits(types: tuple[type, ...], columns: tuple[tuple[type, ...], ...]) -> bool:
    return len(types) == len(columns) and all(map(tuple.__contains__, columns, types))


def _entry(facts: Sequence[Any]) -> Entry:
    if not _is_entry(tuple(map(type, facts))):
        raise TypeError
    if len(facts[0]) != _FINGERPRINT or not _SERIAL.fullmatch(facts[3]):
        raise ValueError
    return Entry(
        fingerprint=facts[0],
        country=facts[1],
        label=facts[2],
        serial=facts[3],
        key_identifier=facts[4],
        name_key=facts[5],
        issuer_key=facts[6],
        not_before=moment(facts[7]),
        not_after=moment(facts[8]),
        emulated=facts[9],
        deviations=texts(facts[10]),
        provenances=tuple(_provenance(*texts(each)) for each in facts[11]),
    )


def _provenance(kind: str, source: str, list_digest: str) -> Provenance:
    return Provenance(Kind(kind), source, list_digest)


def _list(facts: Sequence[Any]) -> ListEntry:
    if not _fits(tuple(map(type, facts)), _LIST):
        raise TypeError
    if len(facts[1]) != _FINGERPRINT or facts[9] < 0:
        raise ValueError
    return ListEntry(
        kind=ListKind(facts[0]),
        fingerprint=facts[1],
        country=facts[2],
        issuer_key=facts[3],
        key_identifier=facts[4],
        publisher=facts[5],
        this_update=None if facts[6] is None else moment(facts[6]),
        next_update=None if facts[7] is None else moment(facts[7]),
        number=facts[8],
        count=facts[9],
        source=facts[10],
        anchor=facts[11],
    )
