"""Files and folders into a store in memory: what ``--trust PATH`` does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from ecid.errors import EvidenceError, StoreError
from ecid.storage import read_file, shown
from ecid.trust.intake import manifest
from ecid.trust.intake.admission import Admitted, admit
from ecid.trust.intake.contents import Found, Unreadable, contents
from ecid.trust.intake.rules import OnProgress, Rules
from ecid.trust.store import TrustStore
from ecid.trust.store_folder import is_store, open_store
from ecid.trust.tolerance import Tolerances

#: All signers of the ICAO PKD are some 80 megabytes.
MAX_FILE_BYTES = 256 * 1024 * 1024
MAX_FILES = 10_000


def load(paths: Iterable[str | Path]) -> TrustStore:
    """Return a store of everything in ``paths`` as of now; see ``TrustStore.load``."""
    base = TrustStore()
    files: list[Path] = []
    for path in map(Path, paths):
        if _is_folder(path) and is_store(path):
            base = joined(base, open_store(path))
        else:
            files.extend(files_in(path))
    rules = Rules(tolerances=Tolerances.load("field"), at=datetime.now(UTC))
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
        rule, count = store.skipped[0].rule, sum(each.count for each in store.skipped)
        if count == 1 and rule.startswith("password_"):
            raise StoreError(rule)
        raise StoreError("store_nothing_usable", count=count, rule=rule)
    return store


def files_in(path: Path) -> Iterator[Path]:
    """Yield ``path``, or the files of the folder ``path``, its manifest first, then in order.

    Raises ``StoreError``.
    """
    is_folder = _is_folder(path)
    if not is_folder and _is_file(path):
        yield path
    elif is_folder:
        found = _listing(path)
        if len(found) > MAX_FILES:
            raise StoreError("store_too_large", limit=MAX_FILES)
        yield from found
    else:
        raise StoreError("store_path_missing", path=shown(path))


def joined(one: TrustStore, other: TrustStore) -> TrustStore:
    """Return the second store, on top of nothing. Two stores at once have no one digest."""
    if one.entries or one.lists:
        raise StoreError("store_twice")
    return other


def _found(files: Iterable[Path], password: str | None) -> Iterator[tuple[str, Found]]:
    manifests: dict[Path, manifest.Manifest] = {}
    for file in files:
        name = shown(file.name)
        try:
            if file.stat().st_size > MAX_FILE_BYTES:
                yield name, Unreadable("too_large")
                continue
            data = read_file(file, MAX_FILE_BYTES + 1)
        except (OSError, EvidenceError) as exc:
            raise StoreError("store_path_unreadable", path=shown(file)) from exc
        said = manifest.load(data) if file.name == manifest.NAME else None
        if said is not None:
            manifests[file.parent] = said
            continue
        of_folder = manifests.get(file.parent, manifest.Manifest())
        for each in contents(data, password):
            yield name, of_folder.claimed(each)


def _is_folder(path: Path) -> bool:
    return _asked(path, path.is_dir)


def _is_file(path: Path) -> bool:
    return _asked(path, path.is_file)


def _asked(path: Path, question: Callable[[], bool]) -> bool:
    """Ask the system about ``path``; it may refuse to say, or the name may be too long."""
    try:
        return question()
    except PermissionError as exc:
        raise StoreError("store_path_unreadable", path=shown(path)) from exc
    except (OSError, ValueError) as exc:
        raise StoreError("store_path_missing", path=shown(path)) from exc


def _listing(folder: Path) -> list[Path]:
    try:
        found = [p for p in folder.iterdir() if p.is_file() and not p.name.startswith(".")]
    except OSError as exc:
        raise StoreError("store_path_unreadable", path=shown(folder)) from exc
    return sorted(found, key=lambda path: (path.name != manifest.NAME, path.name))
