"""A trust store kept on disk: one index, one pack, each appearing whole or not at all.

    snapshot.cbor            what there is: facts about every anchor and list, and its own SHA-256
    <digest>.pack            the certificates and lists themselves, one after another
    lock                     held by whoever writes

The pack is written first and the index takes its name in one step, so that whoever is killed on
the way leaves the old store. A pack that was replaced stays for a day: whoever opened the store
before may still take from it. Opening reads the index; a certificate is read when it is taken, and
must be what the index says. That is against accidents and shows every change: whoever may write
the folder may write an index of his own, and its digest stands in every report.
"""

from __future__ import annotations

import contextlib
import os
import time
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
from ecid.storage import UNFINISHED, read_file, read_part, shown, write_file
from ecid.trust import store_codec
from ecid.trust.entries import Entry
from ecid.trust.store import TrustStore

SNAPSHOT, LOCK, PACK_SUFFIX = "snapshot.cbor", "lock", ".pack"

#: The index of 100,000 signers and all the world's anchors.
MAX_SNAPSHOT = 64 * 1024 * 1024

#: What an index of another shape can do to its reader.
_WRONG = (cbor2.CBORDecodeError, LookupError, ValueError, TypeError, AttributeError, OverflowError)

_LOCK_SECONDS = 30
_KEPT_SECONDS = 24 * 60 * 60
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
        """Return the bytes with this SHA-256.

        Raises ``StoreError``: ``store_damaged``, or ``store_pack_gone`` where the pack is.
        """
        try:
            offset, length = self.places[fingerprint]
            data = read_part(self.pack, offset, length)
        except FileNotFoundError:
            raise StoreError("store_pack_gone", path=shown(self.pack)) from None
        except (OSError, *_WRONG):
            raise StoreError("store_damaged", path=shown(self.pack)) from None
        if sha256(data).digest() != fingerprint:
            raise StoreError("store_damaged", path=shown(self.pack))
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
            found = store_codec.entries_from(cbor2.loads(data))
            if (len(found), store_codec.digest_of_entries(found)) != (self.count, self.digest):
                raise ValueError
            return found


def user_folder() -> Path:
    """Return where the user's own store is: ``ECID_STORE``, else the system's place for data."""
    named = os.environ.get("ECID_STORE")
    return Path(named) if named else user_data_path("ecid", appauthor=False) / "trust"


def is_store(folder: Path) -> bool:
    """Tell whether ``folder`` holds a store. Raises ``StoreError`` if nobody lets us look."""
    try:
        return (folder / SNAPSHOT).is_file()
    except (OSError, ValueError) as exc:
        raise StoreError("store_path_unreadable", path=shown(folder)) from exc


def open_store(folder: Path) -> TrustStore:
    """Return the store in ``folder``, empty if there is none. Raises ``StoreError``."""
    return _open(folder)[0]


def history(folder: Path) -> tuple[Change, ...]:
    """Return what the imports into ``folder`` changed, the last one last."""
    return _open(folder)[1]


def check_whole(folder: Path) -> None:
    """Take everything from the shelf once, and compare it with what the index says of it.

    Raises ``StoreError`` (``store_damaged``).
    """
    store = open_store(folder)
    for fingerprint in _everything(store):
        store.shelf.take(fingerprint)
    store.check()


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
        raise OutputError(path=shown(folder), cause=exc.strerror or "") from exc
    try:
        with lock:
            _save(store, folder, at, made_of)
    except Timeout:
        raise StoreError("store_busy", path=shown(folder)) from None
    except OSError as exc:
        raise OutputError(path=shown(folder), cause=exc.strerror or "") from exc


def _save(store: TrustStore, folder: Path, at: datetime, made_of: TrustStore | None) -> None:
    before, changes = _open(folder)
    if made_of is not None and not _is_same(made_of, before):
        raise StoreError("store_busy", path=shown(folder))
    if not is_store(folder):
        # So that a pack without an index is a loss, and no import that was killed.
        write_file(folder / SNAPSHOT, _snapshot(TrustStore(), _Pack(), ()))
    old = {entry.fingerprint.hex() for entry in before.entries}
    new = {entry.fingerprint.hex() for entry in store.entries}
    change = Change(at, tuple(sorted(new - old)), tuple(sorted(old - new)))
    pack = _pack(store)
    write_file(folder / pack.name, pack.data)
    write_file(folder / SNAPSHOT, _snapshot(store, pack, (*changes[-9:], change)))
    _clear(folder, pack.name, _pack_of(before))


@dataclass(frozen=True, slots=True)
class _Pack:
    """A pack before it is written: its name, its bytes, and where everything is in it."""

    name: str = ""
    data: bytes = field(default=b"", repr=False)
    places: Mapping[bytes, Place] = field(default_factory=dict, repr=False)
    index: bytes = sha256().digest()
    """SHA-256 of the index of signers."""


def _pack(store: TrustStore) -> _Pack:
    index = cbor2.dumps(store_codec.entries_to(store.signers.entries()), canonical=True)
    contents = [*map(store.shelf.take, _everything(store)), index]
    places: dict[bytes, Place] = {}
    offset = 0
    for data in contents:
        places[sha256(data).digest()] = (offset, len(data))
        offset += len(data)
    whole = b"".join(contents)
    name = sha256(whole).hexdigest()[:32] + PACK_SUFFIX
    return _Pack(name, whole, places, sha256(index).digest())


def _snapshot(store: TrustStore, pack: _Pack, changes: tuple[Change, ...]) -> bytes:
    body = cbor2.dumps(
        {
            "schema": store_codec.SCHEMA,
            "pack": pack.name,
            "places": pack.places,
            "anchors": store_codec.entries_to(store.entries),
            "signers": [pack.index, store.signers.digest, len(store.signers)],
            "lists": store_codec.lists_to(store.lists),
            "changes": [[c.at.timestamp(), c.added, c.removed] for c in changes],
        },
        canonical=True,
    )
    return body + sha256(body).digest()


def _is_same(one: TrustStore, other: TrustStore) -> bool:
    """Whether two stores are the same, and on the same word."""
    first, second = ((each.entries, each.lists, each.digest) for each in (one, other))
    return first == second


def _open(folder: Path) -> tuple[TrustStore, tuple[Change, ...]]:
    path = folder / SNAPSHOT
    if not is_store(folder):
        if path.is_symlink() or next(folder.glob(f"*{PACK_SUFFIX}"), None) is not None:
            raise StoreError("store_damaged", path=shown(path))
        return TrustStore(), ()
    try:
        data = read_file(path, MAX_SNAPSHOT + 1)
    except EvidenceError as exc:
        raise StoreError("store_path_unreadable", path=shown(path)) from exc
    if len(data) > MAX_SNAPSHOT:
        raise StoreError("store_damaged", path=shown(path))
    return decode_snapshot(data, folder)


def decode_snapshot(data: bytes, folder: Path) -> tuple[TrustStore, tuple[Change, ...]]:
    """Return the store whose index ``data`` is, and its history. Raises ``StoreError``."""
    path = folder / SNAPSHOT
    body, digest = data[:-_DIGEST], data[-_DIGEST:]
    if sha256(body).digest() != digest:
        raise StoreError("store_damaged", path=shown(path))
    with _damage(path):
        found = cbor2.loads(body)
        if found["schema"] != store_codec.SCHEMA:
            raise StoreError("store_version", path=shown(path))
        places = {key: (place[0], place[1]) for key, place in found["places"].items()}
        shelf = PackShelf(folder / Path(found["pack"]).name, places)
        index, signers_digest, count = found["signers"]
        if not all(map(isinstance, found["signers"], (bytes, bytes, int))) or count < 0:
            raise TypeError
        store = TrustStore(
            entries=store_codec.entries_from(found["anchors"]),
            signers=PackedSigners(shelf, index, signers_digest, count),
            lists=store_codec.lists_from(found["lists"]),
            shelf=shelf,
        )
        changes = tuple(
            Change(store_codec.moment(at), store_codec.texts(added), store_codec.texts(removed))
            for at, added, removed in found["changes"]
        )
    return store, changes


@contextlib.contextmanager
def _damage(path: Path) -> Iterator[None]:
    """Turn whatever a wrong index does to its reader into one clear error."""
    try:
        yield
    except _WRONG:
        raise StoreError("store_damaged", path=shown(path)) from None


def _everything(store: TrustStore) -> list[bytes]:
    found = [entry.fingerprint for entry in (*store.entries, *store.signers.entries())]
    found += [entry.fingerprint for entry in store.lists]
    return list(dict.fromkeys(found))


def _pack_of(store: TrustStore) -> str:
    return store.shelf.pack.name if isinstance(store.shelf, PackShelf) else ""


def _clear(folder: Path, current: str, replaced: str) -> None:
    """Remove packs that were replaced long ago, and what a killed import has left half written."""
    now = time.time()
    if replaced != current:
        with contextlib.suppress(OSError):
            os.utime(folder / replaced)  # from now on it is kept for a day
    for path in (*folder.glob(f"*{PACK_SUFFIX}"), *folder.glob(UNFINISHED)):
        with contextlib.suppress(OSError):
            is_part = path.suffix != PACK_SUFFIX
            old = now - path.stat().st_mtime > _KEPT_SECONDS
            if path.name != current and (is_part or old):
                path.unlink()
