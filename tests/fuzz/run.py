"""Fuzzes every target for a while, two at a time.

``python -m tests.fuzz.run SECONDS [TARGET ...]``

Prints how many inputs each target took and what was found; findings are kept under
``fixtures/fuzz/found``, where an ordinary test runs them ever after. Exit code 1 if there are any.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import click

from tests.fuzz.seeds import FOLDER, FOUND
from tests.fuzz.targets import TARGETS

AT_ONCE = 2
#: One input may take this long, in seconds; the whole process this much memory, in MiB.
SLOWEST, MEMORY = 10, 1024
LONGEST = {"dg2": 8192, "evidence": 8192, "reader": 2048}

_STATISTIC = re.compile(r"^stat::number_of_executed_units:\s*(\d+)", re.MULTILINE)
_COVERAGE = re.compile(r"\bcov: (\d+)")


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one target."""

    target: str
    executions: int
    coverage: int
    found: tuple[str, ...]
    code: int
    log: str


def fuzz(target: str, seconds: int) -> Result:
    """Fuzz ``target`` in a process of its own."""
    FOUND.mkdir(parents=True, exist_ok=True)
    before = _found(target)
    with tempfile.TemporaryDirectory(prefix=f"ecid-fuzz-{target}-") as corpus:
        command = [sys.executable, "-m", "tests.fuzz.one", target, corpus, str(FOLDER / target)]
        command += [f"-max_total_time={seconds}", f"-timeout={SLOWEST}", "-print_final_stats=1"]
        command += [f"-rss_limit_mb={MEMORY}", f"-max_len={LONGEST.get(target, 4096)}"]
        command += [f"-artifact_prefix={FOUND}/{target}-"]
        done = subprocess.run(command, capture_output=True, check=False, timeout=seconds + 120)
    log = (done.stdout + done.stderr).decode("utf-8", "replace")
    executions, coverage = _STATISTIC.search(log), _COVERAGE.findall(log)
    return Result(
        target,
        int(executions[1]) if executions else 0,
        int(coverage[-1]) if coverage else 0,
        tuple(sorted(_found(target) - before)),
        done.returncode,
        log,
    )


def main(seconds: int, names: Sequence[str]) -> int:
    """Fuzz the targets ``names``, or all; print a table and return the exit code."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        results = list(pool.map(lambda name: _fuzz_and_print(name, seconds), names or TARGETS))
    bad = [result for result in results if result.found or result.code]
    for result in bad:
        click.echo(f"\n{result.target}: exit {result.code}, {', '.join(result.found)}")
        click.echo(result.log[-1500:])
    total = sum(result.executions for result in results)
    click.echo(f"{total} inputs in {len(results)} targets, {len(bad)} with findings")
    return 1 if bad else 0


def _fuzz_and_print(target: str, seconds: int) -> Result:
    result = fuzz(target, seconds)
    rate = result.executions // max(1, seconds)
    line = f"{target:15} {result.executions:>9} inputs {rate:>6}/s  coverage {result.coverage:>5}"
    click.echo(f"{line}  found {len(result.found)}")
    return result


def _found(target: str) -> set[str]:
    return {path.name for path in FOUND.glob(f"{target}-*")} if Path(FOUND).is_dir() else set()


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), sys.argv[2:]))
