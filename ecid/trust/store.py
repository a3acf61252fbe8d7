"""The anchors an operator trusts, as one immutable snapshot with a digest.

Anchors come only from here, never from the card (Doc 9303-12 §6.1). A store also holds signers
(for documents that leave theirs out), revocation lists and lists of known deviations. What is
opened for a card is an index; certificates are taken from the shelf one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from ecid.errors import MalformedData, StoreError
from ecid.outcome import Reason
from ecid.trust import names, store_codec
from ecid.trust.certificate import Certificate, parse_certificate
from ecid.trust.crl import RevocationList, parse_revocation_list
from ecid.trust.entries import (
    SIGNED_LISTS,
    Entry,
    Kind,
    ListEntry,
    ListKind,
    MemoryShelf,
    Provenance,
    Shelf,
)
from ecid.trust.lists import KnownDeviation, deviations
from ecid.trust.revocation import check_list_signature
from ecid.trust.signed_data import SignerIdentifier, parse_signed_data
from ecid.trust.signer import only_signer, select
from ecid.trust.signing_time import signing_time


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file or certificate that could not be used, and the rule it broke."""

    source: str
    rule: str
    what: str = ""
    """Which certificate of the file: country, name and serial number."""
    count: int = 1
    """More than one where there are so many that they are only counted, by rule."""


class Signers(Protocol):
    """The index of signers, which is read only where a document leaves its signer out."""

    @property
    def digest(self) -> bytes:
        """SHA-256 over the facts of all signers; empty for none."""
        ...

    def __len__(self) -> int: ...

    def entries(self) -> tuple[Entry, ...]:
        """Return all of it."""
        ...


@dataclass(frozen=True)
class MemorySigners:
    """An index of signers in memory."""

    all: tuple[Entry, ...] = ()

    def __len__(self) -> int:
        return len(self.all)

    @cached_property
    def digest(self) -> bytes:
        """SHA-256 over the facts of all signers; empty for none."""
        return store_codec.digest_of_entries(self.all)

    def entries(self) -> tuple[Entry, ...]:
        """Return all of it."""
        return self.all


@dataclass(frozen=True, slots=True)
class Candidate:
    """An anchor that may have issued a certificate, found by key identifier or by name."""

    entry: Entry
    by_key: bool
    take: Callable[[Entry], Certificate] = field(repr=False)

    @property
    def deviations(self) -> tuple[str, ...]:
        """What was overlooked when it was admitted."""
        return tuple(code for code in self.entry.deviations if code != "weak_self_signature")

    def certificate(self) -> Certificate:
        """Return the certificate. Raises ``StoreError`` or ``MalformedData``."""
        return self.take(self.entry)


def _rank(candidate: Candidate, signer: Certificate) -> tuple[bool, bool, float]:
    """Order candidates, the best first."""
    entry = candidate.entry
    covers = entry.not_before <= signer.not_before <= entry.not_after
    return not candidate.by_key, not covers, -entry.not_after.timestamp()


@dataclass(frozen=True, eq=False)
class TrustStore:
    """Country signing certificates from outside the card. Empty unless something is loaded."""

    entries: tuple[Entry, ...] = ()
    """The anchors."""
    signers: Signers = field(default_factory=MemorySigners, repr=False)
    lists: tuple[ListEntry, ...] = ()
    shelf: Shelf = field(default=MemoryShelf({}), repr=False)
    skipped: tuple[Skipped, ...] = ()
    unanchored: tuple[str, ...] = ()
    """Files with lists that nobody who is trusted has signed: nothing of them counts."""

    @classmethod
    def load(cls, *paths: str | Path) -> TrustStore:
        """Return a store of everything in ``paths``, files or folders, or folders of a store.

        Certificates (DER or PEM) are the operator's word; a CMS master list counts only if its
        signer chains to one of them; revocation lists, PKCS #7 and LDIF are read, too. What is
        not usable is listed in ``skipped``. Raises ``StoreError``: a path that does not exist
        (``store_path_missing``) or files of which nothing was usable.
        """
        from ecid.trust.intake.loading import load  # noqa: PLC0415 - it makes stores itself

        return load(paths)

    @classmethod
    def open(cls, folder: str | Path | None = None) -> TrustStore:
        """Return the store kept in ``folder``, the user's own unless given; empty if none is.

        Raises ``StoreError`` (``store_damaged``) for a folder whose index is not intact.
        """
        from ecid.trust.store_folder import open_store, user_folder  # noqa: PLC0415 - as above

        return open_store(user_folder() if folder is None else Path(folder))

    @classmethod
    def of(cls, *certificates: bytes) -> TrustStore:
        """Return a store of the given CSCA ``certificates`` (DER). Raises ``MalformedData``."""
        parsed = {each.raw: each for each in map(parse_certificate, certificates)}
        given = Provenance(Kind.BY_HAND, "")
        entries = tuple(Entry.of(each, (given,), each.deviations) for each in parsed.values())
        shelf = MemoryShelf({sha256(raw).digest(): raw for raw in parsed})
        return cls(entries, shelf=shelf)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TrustStore) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)

    @cached_property
    def digest(self) -> str:
        """``sha256:`` and the hex digest over everything that a verdict may depend on."""
        anchors = store_codec.digest_of_entries(self.entries)
        lists = store_codec.digest_of_lists(self.lists)
        return "sha256:" + sha256(anchors + self.signers.digest + lists).hexdigest()

    @property
    def anchors(self) -> tuple[Certificate, ...]:
        """Every anchor. Takes each from the shelf: for looking at, not for verifying with."""
        return tuple(map(self.certificate, self.entries))

    def certificate(self, entry: Entry) -> Certificate:
        """Return the certificate of ``entry``.

        Raises ``MalformedData``, and ``StoreError`` (``store_damaged``) where the index says
        something else of it than it says itself.
        """
        found = self._taken.get(entry.fingerprint)
        if found is None:
            found = self._taken[entry.fingerprint] = self._certificate(entry)
        return found

    def _certificate(self, entry: Entry) -> Certificate:
        found = parse_certificate(self.shelf.take(entry.fingerprint))
        again = Entry.of(found, (), entry.deviations)
        if store_codec.entry_facts(again) != store_codec.entry_facts(entry):
            raise _damaged(entry)
        return found

    def candidates(self, signer: Certificate) -> tuple[Candidate, ...]:
        """Return the anchors that may have issued ``signer``: by key identifier, then by name.

        The country must be the same; of a signer without one the signature alone decides. One key
        may stand in several certificates (renewed ones, links): those valid when ``signer`` was
        issued come first, and of these the one that is valid longest. Raises ``MalformedData`` for
        a signer whose names or identifiers cannot be read.
        """
        identifier, country = signer.extensions.authority_key_identifier, signer.country
        by_key = [] if identifier is None else self._by_key.get(identifier, [])
        by_name = self._by_name.get(names.index_key(signer.raw_issuer, "certificate"), [])
        found = {entry.fingerprint: Candidate(entry, True, self.certificate) for entry in by_key}
        for entry in by_name:
            found.setdefault(entry.fingerprint, Candidate(entry, False, self.certificate))
        fitting = [each for each in found.values() if country in (each.entry.country, None)]
        return tuple(sorted(fitting, key=lambda each: _rank(each, signer)))

    def check(self) -> None:
        """Take everything once. Raises ``StoreError`` where the index says something else of it."""
        for entry in (*self.entries, *self.signers.entries()):
            try:
                self._certificate(entry)
            except MalformedData:
                raise _damaged(entry) from None
        for each in self.lists:
            if each.kind is ListKind.REVOCATION_LIST and self._revocation_list(each) is None:
                raise _damaged(each)
        for _ in self.known_deviations():
            pass

    def signers_named(self, identifier: SignerIdentifier) -> Iterator[Certificate]:
        """Yield the stored signers that ``identifier`` may name. Raises ``StoreError``."""
        serial = None if identifier.serial is None else f"{identifier.serial:X}"
        for entry in self.signers.entries():
            if identifier.key_identifier is not None:
                fits = entry.key_identifier == identifier.key_identifier
            else:
                fits = entry.serial == serial
            if fits:
                yield self.certificate(entry)

    def revocation_lists(self, anchor: Certificate) -> Iterator[tuple[RevocationList, Certificate]]:
        """Yield the lists of the issuer ``anchor``, each with every anchor that may have signed it.

        After a change of keys, lists of the same name are signed with the new one
        (Doc 9303-12 §7.1.4), and what a list calls its key need not be what the certificate calls
        it: every anchor of that name is yielded, those that the list names first.
        """
        name = names.index_key(anchor.raw_subject, "certificate")
        for entry in self.lists:
            if entry.kind is not ListKind.REVOCATION_LIST or entry.issuer_key != name:
                continue
            crl = self._revocation_list(entry)
            if crl is not None:
                issuers = self.issuers_of(entry, anchor)
                yield from (
                    (crl, each) for each in issuers if _may_be_of(crl, entry, issuers, each)
                )

    def known_deviations(self) -> Iterator[tuple[ListEntry, KnownDeviation]]:
        """Yield every entry of every deviation and defect list, with the list it stands in."""
        for entry, known in self._deviations:
            for each in known:
                yield entry, each

    def _revocation_list(self, entry: ListEntry) -> RevocationList | None:
        """Return the parsed list; it was parsed when it came, so None means another version.

        Raises ``StoreError`` (``store_damaged``) where the index says something else of it.
        """
        if entry.fingerprint not in self._parsed:
            try:
                parsed = parse_revocation_list(self.shelf.take(entry.fingerprint))
                again = ListEntry.of_revocation_list(parsed, entry.source)
            except MalformedData:
                return None
            if store_codec.list_facts(again) != store_codec.list_facts(entry):
                raise _damaged(entry)
            self._parsed[entry.fingerprint] = parsed
        return self._parsed[entry.fingerprint]

    def issuers_of(
        self, crl: ListEntry, anchor: Certificate | None = None
    ) -> tuple[Certificate, ...]:
        """Return the anchors that bear the name of the issuer of ``crl``, and ``anchor``.

        Those whose key the list names come first; whose key signed, the signature decides.
        Raises ``StoreError``.
        """
        entries = self._by_name.get(crl.issuer_key, [])
        found = [] if anchor is None else [anchor]
        own = [sha256(each.raw).digest() for each in found]
        found += [self.certificate(each) for each in entries if each.fingerprint not in own]
        if crl.key_identifier is not None:
            found.sort(key=lambda x: x.extensions.subject_key_identifier != crl.key_identifier)
        return tuple(found)

    @cached_property
    def _taken(self) -> dict[bytes, Certificate]:
        return {}

    @cached_property
    def _parsed(self) -> dict[bytes, RevocationList]:
        return {}

    @cached_property
    def _by_key(self) -> dict[bytes, list[Entry]]:
        found: dict[bytes, list[Entry]] = {}
        for entry in self.entries:
            if entry.key_identifier is not None:
                found.setdefault(entry.key_identifier, []).append(entry)
        return found

    @cached_property
    def _by_name(self) -> dict[bytes, list[Entry]]:
        found: dict[bytes, list[Entry]] = {}
        for entry in self.entries:
            found.setdefault(entry.name_key, []).append(entry)
        return found

    @cached_property
    def _deviations(self) -> tuple[tuple[ListEntry, tuple[KnownDeviation, ...]], ...]:
        kinds = (ListKind.DEVIATION_LIST, ListKind.DEFECT_LIST)
        return tuple(
            (entry, self._deviations_in(entry)) for entry in self.lists if entry.kind in kinds
        )

    def _deviations_in(self, entry: ListEntry) -> tuple[KnownDeviation, ...]:
        """Return what stands in a list. It was read when it came; now it must be the same."""
        raw = self.shelf.take(entry.fingerprint)
        try:
            signed = parse_signed_data(raw, entry.kind.value)
            kind, info = SIGNED_LISTS[signed.content_type], only_signer(signed, entry.kind.value)
            selected = select(signed, info)
            found = deviations(signed.content_type, signed.content or b"")
        except (MalformedData, KeyError):
            raise _damaged(entry) from None
        if selected is None:
            raise _damaged(entry)
        signer, at = selected.certificate, signing_time(info)
        again = ListEntry.of_signed_list(kind, raw, entry.source, signer, at, entry.country)
        again = replace(again, count=len(found))
        foreign = signer.country not in (entry.country, None)
        if foreign or store_codec.list_facts(again) != store_codec.list_facts(entry):
            raise _damaged(entry)
        return found


def _may_be_of(
    crl: RevocationList, entry: ListEntry, issuers: tuple[Certificate, ...], issuer: Certificate
) -> bool:
    """Whether a list that names a key of none of ``issuers`` is one of ``issuer`` all the same.

    Only its signature can tell; if it has none of theirs, it is somebody else's.
    """
    named = entry.key_identifier
    if named is None or any(x.extensions.subject_key_identifier == named for x in issuers):
        return True
    return check_list_signature(crl, issuer).reason is not Reason.CRL_BAD_SIGNATURE


def _damaged(entry: Entry | ListEntry) -> StoreError:
    return StoreError("store_damaged", path=entry.fingerprint.hex())
