"""Writing files whole or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from ecid.errors import OutputError


def write_file(path: Path, data: bytes) -> None:
    """Write ``data`` to ``path``, readable by its owner only; raise ``OutputError`` if that fails.

    The bytes go to a temporary file in the same folder, are flushed to the disk and take the
    name in one step, so that nobody ever sees half a file under it.
    """
    temporary: str | None = None
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".ecid-", suffix=".part")
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
        temporary = None
    except OSError as exc:
        raise OutputError(path=str(path), cause=exc.strerror or "") from exc
    finally:
        # Also when the user interrupts: what is half written goes.
        if temporary is not None:
            with contextlib.suppress(OSError):
                os.unlink(temporary)


def write_folder(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Write each file of ``contents`` (name to bytes) into ``folder``, which is made if need be.

    Files of these names are replaced, others stay. Raises ``OutputError``.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        raise OutputError(path=str(folder), cause=exc.strerror or "") from exc
    for name, data in contents.items():
        write_file(folder / name, data)
