"""Writing a folder so that each file is there whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from ecid.errors import OutputError


def write_folder(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Write each file of ``contents`` (name to bytes) into ``folder``, which is made if need be.

    Files of these names are replaced, others stay. Each is written under a temporary name and
    then renamed. Raises ``OutputError``.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in contents.items():
            _replace(folder / name, data)
    except OSError as exc:
        raise OutputError from exc


def _replace(path: Path, data: bytes) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        temporary.write_bytes(data)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
