"""The store while it is being made: what is there so far, and what was left out and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field, replace

from ecid.errors import MalformedData
from ecid.trust.certificate import Certificate
from ecid.trust.entries import Entry, Layered, ListEntry, Provenance
from ecid.trust.intake.rules import OnProgress, Rules
from ecid.trust.store import MemorySigners, Skipped, TrustStore

#: So many pieces with one fault are named; of a hostile file, the others are counted.
MAX_NAMED = 100


@dataclass
class Draft:
    """What ``base`` becomes under ``rules``."""

    base: TrustStore
    rules: Rules
    on_progress: OnProgress
    anchors: dict[bytes, Entry] = field(init=False)
    signers: dict[bytes, Entry] = field(default_factory=dict)
    lists: list[ListEntry] = field(init=False)
    content: dict[bytes, bytes] = field(default_factory=dict)
    met: set[str] = field(default_factory=set)
    """The stated fingerprints that count now."""
    refused: dict[str, str] = field(default_factory=dict)
    """The stated fingerprints that do not, and the rule their certificates break."""
    _skipped: list[Skipped] = field(default_factory=list)
    _by_rule: Counter[str] = field(default_factory=Counter)
    _view: TrustStore | None = None

    def __post_init__(self) -> None:
        self.anchors = {entry.fingerprint: entry for entry in self.base.entries}
        self.lists = list(self.base.lists)

    # What is there.

    def view(self) -> TrustStore:
        """Return anchors and lists as they are now."""
        if self._view is None:
            self._view = self._store(tuple(self.anchors.values()))
        return self._view

    def view_of(self, only: Collection[bytes]) -> TrustStore:
        """Return the same with some of the anchors."""
        return self._store(tuple(e for e in self.anchors.values() if e.fingerprint in only))

    def put_anchor(self, entry: Entry, raw: bytes) -> None:
        """Add an anchor, or further words for it."""
        known = self.anchors.get(entry.fingerprint)
        if known is not None:
            together = dict.fromkeys((*known.provenances, *entry.provenances))
            entry = replace(entry, provenances=tuple(together))
        self.anchors[entry.fingerprint] = entry
        self.content[entry.fingerprint] = raw
        self._view = None

    def put_list(self, entry: ListEntry, raw: bytes, replaced: Collection[ListEntry] = ()) -> None:
        """Add a list in the place of others."""
        self.lists = [known for known in self.lists if known not in replaced]
        self.lists.append(entry)
        self.content[entry.fingerprint] = raw
        self._view = None

    def change_list(self, at: int, entry: ListEntry | None) -> None:
        """Replace the list at a place, or remove it."""
        self.lists[at : at + 1] = [] if entry is None else [entry]
        self._view = None

    def forget(self, lists: Collection[str]) -> None:
        """Let go of the anchors that only these ``lists`` (digests in hex) vouched for."""
        for fingerprint, entry in list(self.anchors.items()):
            left = tuple(p for p in entry.provenances if p.list_digest not in lists)
            self.leave(fingerprint, left)

    def leave(self, fingerprint: bytes, provenances: tuple[Provenance, ...]) -> None:
        """Leave an anchor on these words only; without any it goes."""
        entry = self.anchors[fingerprint]
        if provenances == entry.provenances:
            return
        if provenances:
            self.anchors[fingerprint] = replace(entry, provenances=provenances)
        else:
            del self.anchors[fingerprint]
        self._view = None

    def store(self, faulty: Collection[ListEntry], unanchored: tuple[str, ...]) -> TrustStore:
        """Return the store that has been made; ``faulty`` revocation lists stand beside it."""
        signers = self.base.signers
        if self.signers:
            known = {entry.fingerprint: entry for entry in signers.entries()}
            signers = MemorySigners(tuple((known | self.signers).values()))
        return TrustStore(
            entries=tuple(self.anchors.values()),
            signers=signers,
            lists=tuple(dict.fromkeys((*self.lists, *faulty))),
            shelf=Layered(self.content, self.base.shelf),
            skipped=self._all_skipped(),
            unanchored=unanchored,
        )

    def _store(self, entries: tuple[Entry, ...]) -> TrustStore:
        shelf = Layered(self.content, self.base.shelf)
        return TrustStore(entries, lists=tuple(self.lists), shelf=shelf)

    # What was left out.

    def skip(self, source: str, rule: str, what: str = "") -> None:
        """Leave something out, and say why."""
        self._by_rule[rule] += 1
        if self._by_rule[rule] <= MAX_NAMED:
            self._skipped.append(Skipped(source, rule, what))

    def skip_certificate(self, source: str, certificate: Certificate, rule: str) -> None:
        """Leave a certificate out, and say which."""
        try:
            who = f"{certificate.country or '?'} {certificate.common_name}"
        except MalformedData:
            who = "?"
        self.skip(source, rule, f"{who} {certificate.serial:X}")

    def _all_skipped(self) -> tuple[Skipped, ...]:
        more = {rule: count - MAX_NAMED for rule, count in self._by_rule.items()}
        counted = (Skipped("", rule, count=count) for rule, count in more.items() if count > 0)
        return (*self._skipped, *counted)
