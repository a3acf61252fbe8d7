"""Files and folders into a store in memory: what ``--trust PATH`` does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from ecid.errors import EvidenceError, StoreError
from ecid.storage import read_file
from ecid.trust.intake.admission import Admitted, OnProgress, Rules, admit
from ecid.trust.intake.contents import Found, Unreadable, contents
from ecid.trust.store import TrustStore
from ecid.trust.store_folder import is_store, open_store
from ecid.trust.tolerance import Tolerances

#: All signers of the ICAO PKD are some 80 megabytes.
MAX_FILE_BYTES = 256 * 1024 * 1024
MAX_FILES = 10_000


def load(paths: Iterable[str | Path]) -> TrustStore:
    """Return a store of everything in ``paths``; see ``TrustStore.load``."""
    base = TrustStore()
    files: list[Path] = []
    for path in map(Path, paths):
        if path.is_dir() and is_store(path):
            base = joined(base, open_store(path))
        else:
            files.extend(files_in(path))
    rules = Rules(tolerances=Tolerances.load("field"))
    admitted = gather(files, base, rules)
    return useful(admitted.store)


def gather(
    files: Iterable[Path],
    base: TrustStore,
    rules: Rules,
    password: str | None = None,
    on_progress: OnProgress | None = None,
) -> Admitted:
    """Return ``base`` with what is admitted of ``files``. Raises ``StoreError``."""
    return admit(_found(files, password), base, rules, on_progress)


def useful(store: TrustStore) -> TrustStore:
    """Return ``store`` unless it is nothing but refusals: an operator expects anchors."""
    kept = store.entries or store.lists or len(store.signers) or store.unanchored
    if store.skipped and not kept:
        first = store.skipped[0]
        raise StoreError("store_nothing_usable", count=len(store.skipped), rule=first.rule)
    return store


def files_in(path: Path) -> Iterator[Path]:
    """Yield ``path``, or the files of the folder ``path`` in order. Raises ``StoreError``."""
    try:
        is_file, is_folder = path.is_file(), path.is_dir()
    except (OSError, ValueError) as exc:
        raise StoreError("store_path_missing", path=str(path)[:200]) from exc
    if is_file:
        yield path
    elif is_folder:
        found = _listing(path)
        if len(found) > MAX_FILES:
            raise StoreError("store_too_large", limit=MAX_FILES)
        yield from found
    else:
        raise StoreError("store_path_missing", path=str(path))


def joined(one: TrustStore, other: TrustStore) -> TrustStore:
    """Return the second store, on top of nothing. Two stores at once have no one digest."""
    if one.entries or one.lists:
        raise StoreError("store_twice")
    return other


def _found(files: Iterable[Path], password: str | None) -> Iterator[tuple[str, Found]]:
    for file in files:
        try:
            if file.stat().st_size > MAX_FILE_BYTES:
                yield file.name, Unreadable("too_large")
                continue
            data = read_file(file, MAX_FILE_BYTES + 1)
        except (OSError, EvidenceError) as exc:
            raise StoreError("store_path_unreadable", path=str(file)) from exc
        for each in contents(data, password):
            yield file.name, each


def _listing(folder: Path) -> list[Path]:
    try:
        return sorted(p for p in folder.iterdir() if p.is_file() and not p.name.startswith("."))
    except OSError as exc:
        raise StoreError("store_path_unreadable", path=str(folder)) from exc
