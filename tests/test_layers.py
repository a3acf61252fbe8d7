"""The direction of imports, and that the tool which guards it would bark."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent

#: What is planted where, and the contract that must break.
PLANTS = [
    (
        "ecid/emulator/card.py",
        "from ecid.protocols import pace as planted",
        "the emulator is a second reading of the standard",
    ),
    (
        "ecid/emulator/chip/pace.py",
        "from ecid_readers import apdu as planted",
        "the emulator is a second reading of the standard",
    ),
    ("ecid/lds/dg1.py", "from ecid.trust import store as planted", "dependencies flow one way"),
    (
        "crypto/ecid_crypto/mac.py",
        "from ecid import errors as planted",
        "the two lower packages do not know documents",
    ),
    (
        "readers/ecid_readers/apdu.py",
        "from ecid_crypto import mac as planted",
        "readers and mathematics know nothing of each other, nor of documents",
    ),
]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return a copy of the project's packages and settings."""
    pytest.importorskip("importlinter", reason="import-linter is not installed")
    for name in ("ecid", "readers", "crypto"):
        ignore = shutil.ignore_patterns("__pycache__", "*.jpg")
        shutil.copytree(PROJECT / name, tmp_path / name, ignore=ignore)
    shutil.copy(PROJECT / "pyproject.toml", tmp_path)
    return tmp_path


def lint(folder: Path) -> str:
    """Return what import-linter says about the packages in ``folder``."""
    code = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    paths = os.pathsep.join(map(str, (folder, folder / "readers", folder / "crypto")))
    done = subprocess.run(
        [sys.executable, "-c", code, "--no-cache"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": paths, "NO_COLOR": "1", "COLUMNS": "200"},
        capture_output=True,
        check=False,
        text=True,
    )
    return done.stdout + done.stderr


def broken(said: str) -> list[str]:
    """Return the contracts that were found broken."""
    return [
        line.removesuffix("BROKEN").strip() for line in said.splitlines() if line.endswith("BROKEN")
    ]


def test_contracts_hold(copy: Path) -> None:
    """The control: as it is, no contract is broken, and the copy is what was looked at."""
    said = lint(copy)
    assert broken(said) == []
    assert said.count("KEPT") == 4


@pytest.mark.parametrize(("file", "plant", "contract"), PLANTS)
def test_planted_import_breaks(copy: Path, file: str, plant: str, contract: str) -> None:
    """One import against the layers, planted in the copy, and its contract is BROKEN."""
    path = copy / file
    path.write_text(path.read_text("utf-8") + f"\n{plant}\n", "utf-8")
    said = lint(copy)
    assert contract in broken(said)
