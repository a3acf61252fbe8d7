"""The guide for other people's tests: its examples run as they stand."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

GUIDE = Path(__file__).parents[2] / "docs" / "how-to" / "test-with-an-emulated-card.md"
BLOCK = re.compile(r"```python\n# (\w+\.py)\n(.*?)```", re.DOTALL)


def pytest_in(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run pytest on ``folder`` in a process that has no part in this run."""
    command = [sys.executable, "-Im", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", "."]
    quiet = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    return subprocess.run(
        command, cwd=folder, env=quiet, capture_output=True, text=True, check=False
    )


def test_every_example_runs(tmp_path: Path) -> None:
    """The files of the guide, in a folder of their own, are a test suite that passes."""
    files = dict(BLOCK.findall(GUIDE.read_text("utf-8")))
    assert {"conftest.py", "test_desk.py", "test_link.py"} <= set(files)
    for name, source in files.items():
        (tmp_path / name).write_text(source, "utf-8")
    done = pytest_in(tmp_path)
    assert done.returncode == 0, done.stdout
    assert re.search(r"^15 passed", done.stdout, re.MULTILINE), done.stdout


def test_nothing_is_registered_unasked(tmp_path: Path) -> None:
    """Without ``pytest_plugins`` there is no fixture of ours."""
    (tmp_path / "test_it.py").write_text("def test_it(emulated_card): ...\n", "utf-8")
    done = pytest_in(tmp_path)
    assert done.returncode == 1
    assert "fixture 'emulated_card' not found" in done.stdout
