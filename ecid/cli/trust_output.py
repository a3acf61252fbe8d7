"""What ``ecid trust`` prints: tables for people, one object for programs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ecid.cli.inputs import skipped_lines
from ecid.cli.words import Words, visible
from ecid.storage import shown
from ecid.trust.checkup import CheckUp
from ecid.trust.entries import Entry, ListEntry
from ecid.trust.intake.admission import Admitted
from ecid.trust.known import known
from ecid.trust.store import TrustStore

SCHEMA = "ecid-trust/1"


def import_to_dict(admitted: Admitted, before: TrustStore, folder: Path) -> dict[str, object]:
    """Return what an import did."""
    store = admitted.store
    old, new = _fingerprints(before), _fingerprints(store)
    return {
        "schema": SCHEMA,
        "store": shown(folder),
        "digest": store.digest,
        "anchors": len(store.entries),
        "signers": len(store.signers),
        "added": sorted(new - old),
        "removed": sorted(old - new),
        "lists": [
            *(
                {
                    **_list_to_dict(each.entry),
                    "deviations": [
                        {"code": d.code, "where": d.where} for d in each.judgement.deviations
                    ],
                }
                for each in admitted.accepted
            ),
            *({**_list_to_dict(each), "deviations": []} for each in admitted.revocation_lists),
        ],
        "skipped": [
            {"source": each.source, "what": each.what, "rule": each.rule, "count": each.count}
            for each in store.skipped
        ],
        "unanchored": list(store.unanchored),
    }


def list_to_dict(
    store: TrustStore, anchors: Sequence[Entry], lists: Sequence[ListEntry]
) -> dict[str, object]:
    """Return the anchors and lists of a store."""
    return {
        "schema": SCHEMA,
        "digest": store.digest,
        "anchors": [_entry_to_dict(each) for each in anchors],
        "signers": len(store.signers),
        "lists": [_list_to_dict(each) for each in lists],
    }


def check_to_dict(store: TrustStore, found: CheckUp, folder: Path) -> dict[str, object]:
    """Return what a store is good for."""
    change = found.last_change
    return {
        "schema": SCHEMA,
        "store": shown(folder),
        "digest": store.digest,
        "checked_at": _moment(found.at),
        "ok": found.ok,
        "anchors": len(store.entries),
        "expired": found.expired,
        "countries": [
            {"country": each.code, "anchors": each.anchors, "until": _moment(each.until)}
            for each in found.countries
        ],
        "expiring": [_entry_to_dict(each) for each in found.expiring],
        "known": [
            {
                "code": each.anchor.code,
                "country": each.anchor.country,
                "documents": each.anchor.documents,
                "sha256": each.anchor.fingerprint,
                "wanted": each.anchor.wanted,
                "present": each.present,
            }
            for each in found.known
        ],
        "missing": [each.code for each in found.missing],
        "revocation_lists": [
            {**_list_to_dict(entry), "fresh": fresh} for entry, fresh in found.revocation_lists
        ],
        "changed": None
        if change is None
        else {
            "at": _moment(change.at),
            "added": list(change.added),
            "removed": list(change.removed),
        },
    }


def print_import(admitted: Admitted, before: TrustStore, folder: Path, words: Words) -> None:
    """Say what an import did, and why the rest does not count."""
    console, store = _console(), admitted.store
    old, new = _fingerprints(before), _fingerprints(store)
    console.print(
        Text(
            words(
                "cli.trust.imported",
                added=len(new - old),
                total=len(new),
                path=visible(shown(folder)),
            )
        )
    )
    if old - new:
        console.print(Text(words("cli.trust.removed", count=len(old - new))))
    for each in admitted.accepted:
        console.print(Text(_accepted(each.entry, words)))
        for deviation in each.judgement.deviations:
            console.print(Text(words("cli.deviation", code=deviation.code, where=deviation.where)))
    for entry in admitted.revocation_lists:
        console.print(Text(_accepted(entry, words)))
    if admitted.signers:
        console.print(
            Text(words("cli.trust.signers", count=admitted.signers, total=len(store.signers)))
        )
    for source in store.unanchored:
        console.print(Text(words("cli.warning.unanchored", source=visible(source)), style="yellow"))
    for line in skipped_lines(store, words):
        console.print(Text(line))
    for anchor in store.entries:
        if anchor.fingerprint.hex() in new - old and known(anchor.fingerprint) is not None:
            _print_known(console, anchor, words)
    console.print(Text(words("cli.trust.digest", digest=store.digest), style="bright_black"))


def print_list(
    store: TrustStore, anchors: Sequence[Entry], lists: Sequence[ListEntry], words: Words
) -> None:
    """Print the anchors of a store, then its lists."""
    console = _console()
    table = Table(show_edge=False, pad_edge=False)
    for column in ("country", "name", "validity", "provenance", "fingerprint"):
        whole = column == "fingerprint"
        table.add_column(words(f"cli.trust.column.{column}"), overflow="fold", no_wrap=whole)
    for each in anchors:
        sources = [_provenance(each, number, words) for number in range(len(each.provenances))]
        table.add_row(
            Text(visible(each.country or "?")),
            Text(visible(f"{each.label} ({each.serial})")),
            f"{_day(each.not_before)} – {_day(each.not_after)}",
            Text(visible("; ".join(sources))),
            each.fingerprint.hex(),
        )
    if anchors:
        console.print(table)
    for entry in lists:
        console.print(Text(_accepted(entry, words)))
    if not store.entries:
        console.print(Text(words("cli.trust.empty"), style="yellow"))
    elif not anchors:
        console.print(Text(words("cli.trust.none_of_country"), style="yellow"))
    console.print(Text(words("cli.trust.digest", digest=store.digest), style="bright_black"))


def print_check(store: TrustStore, found: CheckUp, folder: Path, words: Words) -> None:
    """Print what a store is good for today."""
    console = _console()
    key = "ok" if found.ok else "not_ok"
    icon, style = ("✓", "bold green") if found.ok else ("!", "bold yellow")
    console.print(Text(f"{icon} {words(f'cli.trust.{key}')}", style=style))
    place = visible(shown(folder))
    console.print(Text(words("cli.trust.place", path=place, count=len(store.entries))))
    if not store.entries:
        console.print(Text(words("cli.trust.empty"), style="yellow"))
    countries = ", ".join(f"{each.code} ({each.until:%Y})" for each in found.countries)
    if countries:
        console.print(Text(words("cli.trust.countries", count=len(found.countries))))
        console.print(Text(f"  {visible(countries)}"))
    for state in found.known:
        anchor, key = state.anchor, "present" if state.present else "missing"
        named = words(f"anchor.{anchor.code}.name")
        style = "green" if state.present else "yellow" if anchor.wanted else "bright_black"
        console.print(Text(words(f"cli.trust.{key}", name=named), style=style))
        if state.present or anchor.wanted:
            console.print(Text(f"  {words(f'anchor.{anchor.code}.note')}"))
    for entry in found.expiring:
        ends = _day(entry.not_after)
        name = visible(f"{entry.country or '?'} {entry.label} ({entry.serial})")
        console.print(Text(words("cli.trust.expiring", name=name, date=ends), style="yellow"))
    stale = sum(not fresh for _, fresh in found.revocation_lists)
    if found.revocation_lists:
        total = len(found.revocation_lists)
        console.print(Text(words("cli.trust.crls", count=total, stale=stale)))
    if found.last_change is not None:
        change = found.last_change
        console.print(
            Text(
                words(
                    "cli.trust.changed",
                    date=_day(change.at),
                    added=len(change.added),
                    removed=len(change.removed),
                )
            )
        )
    console.print(Text(words("cli.trust.digest", digest=store.digest), style="bright_black"))


def _print_known(console: Console, entry: Entry, words: Words) -> None:
    found = known(entry.fingerprint)
    if found is not None:
        console.print(Text(words(f"anchor.{found.code}.name"), style="bold"))
        console.print(Text(f"  {words(f'anchor.{found.code}.note')}"))
        console.print(Text(f"  {words('cli.trust.confirm', digest=entry.fingerprint.hex())}"))


def _accepted(entry: ListEntry, words: Words) -> str:
    when = "?" if entry.this_update is None else _day(entry.this_update)
    kind = words(f"cli.trust.kind.{entry.kind.value}")
    return words(
        "cli.trust.list",
        kind=kind,
        country=visible(entry.country or "?"),
        date=when,
        count=entry.count,
        source=visible(entry.source),
    )


def _provenance(entry: Entry, number: int, words: Words) -> str:
    each = entry.provenances[number]
    return f"{words(f'cli.trust.provenance.{each.kind.value}')} {each.source}".strip()


def _entry_to_dict(entry: Entry) -> dict[str, object]:
    found = known(entry.fingerprint)
    return {
        "sha256": entry.fingerprint.hex(),
        "country": entry.country,
        "name": entry.label,
        "serial": entry.serial,
        "not_before": _moment(entry.not_before),
        "not_after": _moment(entry.not_after),
        "emulated": entry.emulated,
        "known_as": None if found is None else found.code,
        "provenance": [
            {"kind": each.kind.value, "source": each.source, "list": each.list_digest or None}
            for each in entry.provenances
        ],
        "deviations": list(entry.deviations),
    }


def _list_to_dict(entry: ListEntry) -> dict[str, object]:
    return {
        "kind": entry.kind.value,
        "sha256": entry.fingerprint.hex(),
        "source": entry.source,
        "country": entry.country,
        "this_update": None if entry.this_update is None else _moment(entry.this_update),
        "next_update": None if entry.next_update is None else _moment(entry.next_update),
        "number": entry.number,
        "count": entry.count,
    }


def _fingerprints(store: TrustStore) -> set[str]:
    return {entry.fingerprint.hex() for entry in store.entries}


def _moment(when: datetime) -> str:
    return f"{when:%Y-%m-%dT%H:%M:%SZ}"


def _day(when: datetime) -> str:
    return f"{when:%Y-%m-%d}"


def _console() -> Console:
    """Return where people read: in a file or another program nothing is cut to a width."""
    console = Console(highlight=False, soft_wrap=False)
    return console if console.is_terminal else Console(highlight=False, width=_WIDE)


#: Wider than a table with a fingerprint and a long name.
_WIDE = 400
