"""A folder of raw files as evidence: what other tools write, and ``ecid card issue``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ecid.errors import EvidenceError, OutputError
from ecid.inspection.evidence import Evidence, Origin
from ecid.lds.files import ElementaryFile, recognise
from ecid.storage import read_file, write_folder

MAX_ENTRIES = 1_000


def has_files(path: Path) -> bool:
    """Whether the folder ``path``, of any size, holds at least one file with the name of an EF."""
    return any(recognise(entry.name) is not None and entry.is_file() for entry in _entries(path))


def load(path: Path) -> Evidence:
    """Return the files in the folder ``path`` whose names are known, as ``RECORDED`` evidence.

    Raises ``EvidenceError``: no such folder, no EF in it, two files for one EF, or a file that
    cannot be read. A file larger than its EF may be is cut just past the limit, and judged so.
    """
    files: dict[str, bytes] = {}
    for file, ef in _recognised(path):
        if ef.name in files:
            raise EvidenceError("evidence_twice", path=str(path), file=ef.name)
        files[ef.name] = read_file(file, ef.max_bytes + 1)
    if not files:
        raise EvidenceError("evidence_no_files", path=str(path))
    return Evidence(origin=Origin.RECORDED, source=str(path), files=files)


def write(path: Path, files: Mapping[str, bytes]) -> None:
    """Write ``files`` (folder name to bytes) into the folder ``path``, which is made if need be.

    A file of another card that would stay beside them is refused: the folder would be two people's
    data, and fail. Raises ``OutputError``.
    """
    if path.is_dir():
        stay = [e.name for e in _entries(path) if recognise(e.name) and e.name not in files]
        if stay:
            raise OutputError("output_folder_used", path=str(path), file=stay[0])
    write_folder(path, files)


def _entries(path: Path) -> list[Path]:
    try:
        return sorted(path.iterdir())
    except (OSError, ValueError) as exc:
        cause = getattr(exc, "strerror", None) or "no path"
        raise EvidenceError("evidence_unreadable", path=str(path), cause=cause) from None


def _recognised(path: Path) -> list[tuple[Path, ElementaryFile]]:
    entries = _entries(path)
    if len(entries) > MAX_ENTRIES:
        raise EvidenceError("evidence_too_large", path=str(path), limit=MAX_ENTRIES)
    named = [(entry, recognise(entry.name)) for entry in entries]
    return [(entry, ef) for entry, ef in named if ef is not None and entry.is_file()]
