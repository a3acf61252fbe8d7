"""A trust store kept on disk: one index, one pack, each appearing whole or not at all.

    snapshot.cbor            what there is: facts about every anchor and list, and its own SHA-256
    <digest>.pack            the certificates and lists themselves, one after another
    lock                     held by whoever writes

The pack is written first and the index takes its name in one step, so that whoever is killed on
the way leaves the old store. Opening reads the index; a certificate is read when it is taken, and
its SHA-256 stands in the index. That is against accidents and shows every change: whoever may
write the folder may write an index of his own, and its digest stands in every report.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from hashlib import sha256
from pathlib import Path

import cbor2
from filelock import FileLock, Timeout
from platformdirs import user_data_path

from ecid.errors import EvidenceError, OutputError, StoreError
from ecid.storage import UNFINISHED, read_file, write_file
from ecid.trust import store_codec
from ecid.trust.entries import Entry
from ecid.trust.store import TrustStore

SNAPSHOT, LOCK, PACK_SUFFIX = "snapshot.cbor", "lock", ".pack"

#: The index of 100,000 signers and all the world's anchors.
MAX_SNAPSHOT = 64 * 1024 * 1024

#: What an index of another shape can do to its reader.
_WRONG = (cbor2.CBORDecodeError, LookupError, ValueError, TypeError, AttributeError, OverflowError)

_LOCK_SECONDS = 30
_DIGEST = 32

Place = tuple[int, int]
"""Offset and length in the pack."""


@dataclass(frozen=True, slots=True)
class Change:
    """What one import changed, by fingerprint in hex."""

    at: datetime
    added: tuple[str, ...]
    removed: tuple[str, ...]


@dataclass(frozen=True)
class PackShelf:
    """The pack of one snapshot; everything taken from it is checked."""

    pack: Path
    places: Mapping[bytes, Place] = field(repr=False)

    def take(self, fingerprint: bytes, /) -> bytes:
        """Return the bytes with this SHA-256. Raises ``StoreError`` (``store_damaged``)."""
        try:
            offset, length = self.places[fingerprint]
            with self.pack.open("rb") as file:
                file.seek(offset)
                data = file.read(length)
        except (OSError, MemoryError, *_WRONG):
            raise StoreError("store_damaged", path=str(self.pack)) from None
        if sha256(data).digest() != fingerprint:
            raise StoreError("store_damaged", path=str(self.pack))
        return data


@dataclass(frozen=True)
class PackedSigners:
    """The index of signers, which is an object in the pack like any other."""

    shelf: PackShelf = field(repr=False)
    index: bytes
    digest: bytes
    count: int

    def __len__(self) -> int:
        return self.count

    def entries(self) -> tuple[Entry, ...]:
        """Return all of it. Raises ``StoreError`` (``store_damaged``)."""
        return self._entries

    @cached_property
    def _entries(self) -> tuple[Entry, ...]:
        data = self.shelf.take(self.index)
        with _damage(self.shelf.pack):
            return store_codec.entries_from(cbor2.loads(data))


def user_folder() -> Path:
    """Return where the user's own store is: ``ECID_STORE``, else the system's place for data."""
    named = os.environ.get("ECID_STORE")
    return Path(named) if named else user_data_path("ecid", appauthor=False) / "trust"


def is_store(folder: Path) -> bool:
    """Tell whether ``folder`` holds a store."""
    return (folder / SNAPSHOT).is_file()


def open_store(folder: Path) -> TrustStore:
    """Return the store in ``folder``, empty if there is none. Raises ``StoreError``."""
    return _open(folder)[0]


def history(folder: Path) -> tuple[Change, ...]:
    """Return what the imports into ``folder`` changed, the last one last."""
    return _open(folder)[1]


def check_whole(folder: Path) -> None:
    """Take everything from the shelf once. Raises ``StoreError`` (``store_damaged``)."""
    store = open_store(folder)
    for fingerprint in _everything(store):
        store.shelf.take(fingerprint)


def save_store(
    store: TrustStore, folder: Path, at: datetime, made_of: TrustStore | None = None
) -> None:
    """Make ``store`` the one in ``folder``, in one step.

    ``made_of`` is what ``store`` was made of: only that is replaced, so that of two imports at
    once none is lost. Raises ``StoreError`` (``store_busy``) if somebody else is or was writing,
    ``OutputError`` if the folder cannot be written. Either way the old store is as it was.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / LOCK, timeout=_LOCK_SECONDS)
    except OSError as exc:
        raise OutputError(path=str(folder), cause=exc.strerror or "") from exc
    try:
        with lock:
            _save(store, folder, at, made_of)
    except Timeout:
        raise StoreError("store_busy", path=str(folder)) from None
    except OSError as exc:
        raise OutputError(path=str(folder), cause=exc.strerror or "") from exc


def _save(store: TrustStore, folder: Path, at: datetime, made_of: TrustStore | None) -> None:
    before, changes = _open(folder)
    if made_of is not None and made_of.digest != before.digest:
        raise StoreError("store_busy", path=str(folder))
    old = {entry.fingerprint.hex() for entry in before.entries}
    new = {entry.fingerprint.hex() for entry in store.entries}
    change = Change(at, tuple(sorted(new - old)), tuple(sorted(old - new)))
    index = cbor2.dumps(store_codec.entries_to(store.signers.entries()), canonical=True)
    contents = [store.shelf.take(fingerprint) for fingerprint in _everything(store)]
    contents.append(index)
    places, offset = {}, 0
    for data in contents:
        places[sha256(data).digest()] = (offset, len(data))
        offset += len(data)
    pack = b"".join(contents)
    name = sha256(pack).hexdigest()[:32] + PACK_SUFFIX
    write_file(folder / name, pack)
    body = cbor2.dumps(
        {
            "schema": store_codec.SCHEMA,
            "pack": name,
            "places": places,
            "anchors": store_codec.entries_to(store.entries),
            "signers": [sha256(index).digest(), store.signers.digest, len(store.signers)],
            "lists": store_codec.lists_to(store.lists),
            "changes": [[c.at.timestamp(), c.added, c.removed] for c in (*changes[-9:], change)],
        },
        canonical=True,
    )
    write_file(folder / SNAPSHOT, body + sha256(body).digest())
    _clear(folder, {name, _pack_of(before)})


def _open(folder: Path) -> tuple[TrustStore, tuple[Change, ...]]:
    if not is_store(folder):
        return TrustStore(), ()
    path = folder / SNAPSHOT
    try:
        data = read_file(path, MAX_SNAPSHOT + 1)
    except EvidenceError as exc:
        raise StoreError("store_path_unreadable", path=str(path)) from exc
    if len(data) > MAX_SNAPSHOT:
        raise StoreError("store_damaged", path=str(path))
    return decode_snapshot(data, folder)


def decode_snapshot(data: bytes, folder: Path) -> tuple[TrustStore, tuple[Change, ...]]:
    """Return the store whose index ``data`` is, and its history. Raises ``StoreError``."""
    path = folder / SNAPSHOT
    body, digest = data[:-_DIGEST], data[-_DIGEST:]
    if sha256(body).digest() != digest:
        raise StoreError("store_damaged", path=str(path))
    with _damage(path):
        found = cbor2.loads(body)
        if found["schema"] != store_codec.SCHEMA:
            raise StoreError("store_version", path=str(path))
        places = {key: (place[0], place[1]) for key, place in found["places"].items()}
        shelf = PackShelf(folder / Path(found["pack"]).name, places)
        index, signers_digest, count = found["signers"]
        if not all(map(isinstance, found["signers"], (bytes, bytes, int))):
            raise TypeError
        store = TrustStore(
            entries=store_codec.entries_from(found["anchors"]),
            signers=PackedSigners(shelf, index, signers_digest, count),
            lists=store_codec.lists_from(found["lists"]),
            shelf=shelf,
        )
        changes = tuple(
            Change(store_codec.moment(at), tuple(added), tuple(removed))
            for at, added, removed in found["changes"]
        )
    return store, changes


@contextlib.contextmanager
def _damage(path: Path) -> Iterator[None]:
    """Turn whatever a wrong index does to its reader into one clear error."""
    try:
        yield
    except _WRONG:
        raise StoreError("store_damaged", path=str(path)) from None


def _everything(store: TrustStore) -> list[bytes]:
    found = [entry.fingerprint for entry in (*store.entries, *store.signers.entries())]
    found += [entry.fingerprint for entry in store.lists]
    return list(dict.fromkeys(found))


def _pack_of(store: TrustStore) -> str:
    return store.shelf.pack.name if isinstance(store.shelf, PackShelf) else ""


def _clear(folder: Path, kept: set[str]) -> None:
    """Remove packs that no snapshot needs, and what a killed import has left half written."""
    for path in (*folder.glob(f"*{PACK_SUFFIX}"), *folder.glob(UNFINISHED)):
        if path.name not in kept:
            with contextlib.suppress(OSError):
                path.unlink()
