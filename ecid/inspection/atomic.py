"""Writing a file whole or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

from ecid.errors import OutputError


def write(path: Path, data: bytes) -> None:
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
    except OSError as exc:
        if temporary is not None:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
        raise OutputError("output_failed", path=str(path), cause=exc.strerror or "") from None
