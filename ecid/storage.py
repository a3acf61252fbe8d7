"""Files: read within a limit, written whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import tempfile
import unicodedata
from collections.abc import Mapping
from pathlib import Path

from ecid.errors import EvidenceError, OutputError

_PREFIX, _SUFFIX = ".ecid-", ".part"

#: Opening a pipe must not wait for whoever writes into it.
_READING = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)

#: What a file is called while it is written; one that stays was left by a process that was killed.
UNFINISHED = f"{_PREFIX}*{_SUFFIX}"


def shown(path: Path | str) -> str:
    """Return ``path`` as text that can be written anywhere: names may be no UTF-8 at all."""
    text = os.fspath(path)[:_SHOWN]
    return "".join("\ufffd" if unicodedata.category(c) == "Cs" else c for c in text)


_SHOWN = 1024


def read_part(path: Path, offset: int, length: int) -> bytes:
    """Return up to ``length`` bytes of the regular file ``path`` from ``offset``.

    Raises ``OSError``, also for what is no regular file, and ``ValueError`` for what is no place.
    """
    with os.fdopen(os.open(path, _READING), "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "not a file")
        file.seek(offset)
        return file.read(max(0, min(length, status.st_size - offset)))


def read_file(path: Path, limit: int) -> bytes:
    """Return the first ``limit`` bytes of the regular file ``path``.

    Raises ``EvidenceError`` for anything else: a pipe would let us wait for ever.
    """
    try:
        with os.fdopen(os.open(path, _READING), "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise EvidenceError("evidence_unreadable", path=shown(path), cause="not a file")
            # Python sets aside as much as is asked for, before it looks at what there is.
            return file.read(min(limit, status.st_size + 1))
    except OSError as exc:
        cause = exc.strerror or ""
        raise EvidenceError("evidence_unreadable", path=shown(path), cause=cause) from None
    except ValueError:  # a path with a zero byte
        raise EvidenceError("evidence_unreadable", path="?", cause="no path") from None


def write_file(path: Path, data: bytes) -> None:
    """Write ``data`` to ``path``, readable by its owner only; raise ``OutputError`` if that fails.

    The bytes go to a temporary file in the same folder, are flushed to the disk and take the
    name in one step, so that nobody ever sees half a file under it.
    """
    check_target(path)
    temporary: str | None = None
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=_PREFIX, suffix=_SUFFIX)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
        temporary = None
        _flush_folder(path.parent)
    except OSError as exc:
        raise OutputError(path=shown(path), cause=exc.strerror or "") from exc
    finally:
        # Also when the user interrupts: what is half written goes.
        if temporary is not None:
            with contextlib.suppress(OSError):
                os.unlink(temporary)


def _flush_folder(folder: Path) -> None:
    """Make a name in ``folder`` outlast a power cut; not every system lets a folder be flushed."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def check_target(path: Path) -> None:
    """Raise ``OutputError`` if nothing can be written at ``path``; best asked before the work.

    What exists and is neither a regular file nor a folder is left alone.
    """
    if path.exists() and not path.is_file() and not path.is_dir():
        raise OutputError("output_not_a_file", path=shown(path))
    folder = path.absolute().parent
    if not folder.is_dir():
        raise OutputError("output_no_folder", path=shown(path))


def write_folder(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Write each file of ``contents`` (name to bytes) into ``folder``, which is made if need be.

    Files of these names are replaced, others stay. Raises ``OutputError``.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        raise OutputError(path=shown(folder), cause=exc.strerror or "") from exc
    for name, data in contents.items():
        write_file(folder / name, data)
