"""Takes one check away after another and says whether a test notices: ``make mutants``.

Each mutant is applied to a copy of the three packages; only the tests named beside it run against
the copy. A mutant that survives, or whose source text is gone, makes the exit code 1.

    python -m tests.mutants.run [NAME ...]
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import click

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("ecid", "readers/ecid_readers", "crypto/ecid_crypto")
AT_ONCE = 2
TIMEOUT = 300

#: Exit codes of pytest: every test passed; some failed. Others mean that nothing was tested.
_PASSED, _FAILED = 0, 1

_GUARD = '''"""Refuses to run against anything but the copy."""
from pathlib import Path

import ecid
import ecid_crypto
import ecid_readers

HERE = Path(__file__).resolve().parent
for package in (ecid, ecid_crypto, ecid_readers):
    if Path(package.__file__).resolve().parents[1] != HERE:
        raise SystemExit(f"{package.__name__} is not the copy")
'''


@dataclass(frozen=True, slots=True)
class Edit:
    """One replacement in one file; ``text`` must stand there exactly once."""

    file: str
    text: str
    replacement: str


@dataclass(frozen=True, slots=True)
class Mutant:
    """A check taken away, and the test files that must notice."""

    name: str
    why: str
    tests: tuple[str, ...]
    edits: tuple[Edit, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """How it ended: ``killed`` is the only good one."""

    mutant: str
    ending: str
    seconds: float
    detail: str = ""


def mutants() -> list[Mutant]:
    """Return every mutant of the lists beside this file."""
    found = [
        Mutant(row["name"], row["why"], tuple(row["tests"]), tuple(Edit(*e) for e in row["edits"]))
        for path in sorted(Path(__file__).parent.glob("*.toml"))
        for row in tomllib.loads(path.read_text("utf-8"))["mutant"]
    ]
    if len({mutant.name for mutant in found}) != len(found):
        raise SystemExit("two mutants have one name")
    return found


def copy_packages(copy: Path) -> None:
    """Copy what mutants change into the folder ``copy``, with the guard beside it."""
    for package in PACKAGES:
        source = ROOT / package
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(source, copy / source.name, ignore=ignored)
    (copy / "only_the_copy.py").write_text(_GUARD, "utf-8")


def try_one(mutant: Mutant, base: Path) -> Result:
    """Apply ``mutant`` to a copy of ``base`` and run its tests."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="ecid-mutant-") as name:
        copy = Path(name) / "copy"
        shutil.copytree(base, copy)
        for edit in mutant.edits:
            if not _apply(copy, edit):
                return Result(mutant.name, "gone", 0.0, f"{edit.file}: {edit.text.strip()[:60]}")
        code, output = _pytest(copy, mutant.tests)
    ending = {_PASSED: "SURVIVED", _FAILED: "killed"}.get(code, "BROKEN")
    detail = _killer(output) if ending == "killed" else output[-600:]
    return Result(mutant.name, ending, time.monotonic() - started, detail)


def check_unchanged(base: Path, tests: Sequence[str]) -> None:
    """Run every named test against the unchanged copy; none of them may fail."""
    code, output = _pytest(base, tests)
    if code != _PASSED:
        raise SystemExit(f"the tests fail without a mutant:\n{output[-3000:]}")


def main(names: Sequence[str]) -> int:
    """Try the mutants ``names``, or all of them; print a table and return the exit code."""
    chosen = [mutant for mutant in mutants() if not names or mutant.name in names]
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="ecid-mutants-") as name:
        base = Path(name)
        copy_packages(base)
        check_unchanged(base, sorted({test for mutant in chosen for test in mutant.tests}))
        with ThreadPoolExecutor(AT_ONCE) as pool:
            results = list(pool.map(lambda mutant: _try_and_print(mutant, base), chosen))
    killed = sum(result.ending == "killed" for result in results)
    click.echo(f"{killed} of {len(results)} killed in {time.monotonic() - started:.0f} s")
    for result in results:
        if result.ending != "killed":
            click.echo(f"\n{result.ending}: {result.mutant}\n{result.detail}")
    return 0 if results and killed == len(results) else 1


def _try_and_print(mutant: Mutant, base: Path) -> Result:
    result = try_one(mutant, base)
    detail = result.detail if result.ending == "killed" else ""
    click.echo(f"{result.ending:9} {mutant.name:28} {result.seconds:5.1f} s  {detail}")
    return result


def _apply(copy: Path, edit: Edit) -> bool:
    """Make the replacement in the copy; say whether the text stood there exactly once."""
    [package] = [package for package in PACKAGES if edit.file.startswith(f"{package}/")]
    path = copy / Path(package).name / Path(edit.file).relative_to(package)
    source = path.read_text("utf-8")
    if source.count(edit.text) != 1:
        return False
    path.write_text(source.replace(edit.text, edit.replacement), "utf-8")
    compile(path.read_text("utf-8"), str(path), "exec")
    return True


def _pytest(copy: Path, tests: Sequence[str]) -> tuple[int, str]:
    """Run ``tests`` with the packages of ``copy``, which must win over the installed ones."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(copy),
        "PYTHONSAFEPATH": "1",  # else the current folder would come first
        "PYTHONDONTWRITEBYTECODE": "1",
        "ECID_HYPOTHESIS": "quick",
        "HYPOTHESIS_STORAGE_DIRECTORY": str(copy / "hypothesis"),
    }
    command = [sys.executable, "-m", "pytest", "-x", "-q", "--no-header", "-p", "only_the_copy"]
    command += ["-p", "no:cacheprovider", "-m", "not deep"]
    command += ["--hypothesis-seed=0", *tests]  # a mutant must not survive by bad luck
    try:
        done = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, timeout=TIMEOUT, check=False
        )
    except subprocess.TimeoutExpired:
        return -1, "timed out"
    return done.returncode, (done.stdout + done.stderr).decode("utf-8", "replace")


def _killer(output: str) -> str:
    """Return the name of the test that failed."""
    failures = [line for line in output.splitlines() if line.startswith(("FAILED ", "ERROR "))]
    return failures[0].split(" - ")[0].removeprefix("FAILED ") if failures else "?"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
