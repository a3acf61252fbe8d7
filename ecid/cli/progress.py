"""Progress on a terminal; elsewhere nothing."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

from ecid.cli.words import Words
from ecid.inspection.collect import OnProgress
from ecid.inspection.collect import Progress as Step


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
