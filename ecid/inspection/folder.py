"""A folder of raw files as evidence: what other tools write, and ``ecid card issue``."""

from __future__ import annotations

from pathlib import Path

from ecid.errors import EvidenceError
from ecid.inspection.evidence import Evidence, Origin
from ecid.lds.files import ElementaryFile, recognise

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
        files[ef.name] = _read(file, ef)
    if not files:
        raise EvidenceError("evidence_no_files", path=str(path))
    return Evidence(origin=Origin.RECORDED, source=str(path), files=files)


def _entries(path: Path) -> list[Path]:
    try:
        return sorted(path.iterdir())
    except OSError as exc:
        raise EvidenceError(
            "evidence_unreadable", path=str(path), cause=exc.strerror or ""
        ) from None


def _recognised(path: Path) -> list[tuple[Path, ElementaryFile]]:
    entries = _entries(path)
    if len(entries) > MAX_ENTRIES:
        raise EvidenceError("evidence_too_large", path=str(path), limit=MAX_ENTRIES)
    named = [(entry, recognise(entry.name)) for entry in entries]
    return [(entry, ef) for entry, ef in named if ef is not None and entry.is_file()]


def _read(file: Path, ef: ElementaryFile) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(ef.max_bytes + 1)
    except OSError as exc:
        raise EvidenceError(
            "evidence_unreadable", path=str(file), cause=exc.strerror or ""
        ) from None
