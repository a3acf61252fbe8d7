"""Progress on a terminal; elsewhere nothing."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, MofNCompleteColumn, Progress, TextColumn

from ecid.cli.words import Words, visible
from ecid.inspection.collect import OnProgress
from ecid.inspection.collect import Progress as Step
from ecid.trust.intake.rules import OnProgress as OnCount


@contextmanager
def shown(words: Words) -> Iterator[OnProgress | None]:
    """Yield what a reading reports its progress to, or None where standard error is no terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(words("cli.progress.access"), total=None)

        def show(step: Step) -> None:
            words_ = words(f"cli.progress.{step.step}", file=step.file)
            bar.update(task, description=words_, completed=step.done, total=step.expected or None)

        yield show


@contextmanager
def counted(words: Words) -> Iterator[OnCount | None]:
    """Yield what an import reports its progress to, or None where nobody looks."""
    if not sys.stderr.isatty():
        yield None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)

        def show(source: str, done: int, total: int) -> None:
            words_ = words("cli.progress.list", source=visible(source))
            bar.update(task, description=words_, completed=done, total=total or None)

        yield show
