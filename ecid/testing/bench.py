"""One attempt under observation: time, memory, commands, and everything it leaves behind."""

from __future__ import annotations

import io
import logging
import os
import signal
import tempfile
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType, TracebackType

from ecid.inspection.report import Report
from ecid.testing.canary import Traces
from ecid.testing.subject import ImportResult, Workplace
from ecid.testing.wire import Sent, TooManyCommands, Wire

MEBIBYTE = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one attempt may cost. The defaults are bounds against hangs, not benchmarks."""

    seconds: float = 5
    memory: int = 256 * MEBIBYTE
    commands: int = 2_000


class TookTooLong(BaseException):
    """An attempt was stopped; no handler of errors may swallow it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What came of one attempt, and what it cost; ``sent`` counts commands by instruction.

    ``imported`` is there if it was an import into a store, and ``report`` then its last part.
    """

    report: Report | None = field(repr=False)
    imported: ImportResult | None
    error: BaseException | None = field(repr=False)
    seconds: float
    memory: int
    commands: int
    sent: Mapping[Sent, int]
    traces: Traces = field(repr=False)


class Bench:
    """A desk with a reader, for one case; a context manager that clears the desk.

    ``temporary`` is the folder for temporary files of whatever is observed; ``inputs`` is where
    the kit itself writes, and is nobody's sink.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._stack = ExitStack()

    def __enter__(self) -> Bench:
        root = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="ecid-testing-")))
        self.temporary, inputs = root / "temporary", root / "inputs"
        self.temporary.mkdir()
        inputs.mkdir()
        self.place = Workplace(Wire(limit=self._limits.commands), inputs)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        self._stack.close()

    def observe(
        self,
        attempt: Callable[[Workplace], Report | ImportResult],
        seconds: float | None = None,
    ) -> Observation:
        """Run ``attempt`` and return what came of it; only ``KeyboardInterrupt`` gets past.

        ``seconds`` is what this attempt may take, in place of what the limits say.
        """
        output, errors = io.StringIO(), io.StringIO()
        bound = seconds or self._limits.seconds
        found: Report | ImportResult | None = None
        failure: BaseException | None = None
        with _everything_logged() as logs, _temporary_folder(self.temporary), _peak() as peak:
            started = time.monotonic()
            try:
                with redirect_stdout(output), redirect_stderr(errors), _alarm(bound):
                    found = attempt(self.place)
            except KeyboardInterrupt:
                raise
            except (Exception, TookTooLong, TooManyCommands, SystemExit) as exc:  # noqa: BLE001 - all of it is a finding
                failure = exc
            taken = time.monotonic() - started
        imported = found if isinstance(found, ImportResult) else None
        report = found.report if isinstance(found, ImportResult) else found
        traces = Traces(
            logs=logs.getvalue(),
            output=output.getvalue(),
            errors=errors.getvalue(),
            error=failure,
            report=report,
            temporary=self.temporary,
        )
        wire = self.place.wire
        return Observation(
            report=report,
            imported=imported,
            error=failure,
            seconds=taken,
            memory=peak(),
            commands=wire.commands,
            sent=wire.sent,
            traces=traces,
        )


@contextmanager
def _everything_logged() -> Iterator[io.StringIO]:
    """Collect every record of every logger, whatever levels are set, and its arguments."""
    text, root = io.StringIO(), logging.getLogger()
    handler = logging.StreamHandler(text)
    handler.setFormatter(logging.Formatter("%(name)s %(message)s %(args)r"))
    ours = [root, *(logger for name, logger in _loggers() if name.startswith("ecid"))]
    levels = [(logger, logger.level) for logger in ours]
    root.addHandler(handler)
    for logger in ours:
        logger.setLevel(1)
    try:
        yield text
    finally:
        root.removeHandler(handler)
        for logger, level in levels:
            logger.setLevel(level)


def _loggers() -> list[tuple[str, logging.Logger]]:
    known = logging.Logger.manager.loggerDict.items()
    return [(name, logger) for name, logger in known if isinstance(logger, logging.Logger)]


@contextmanager
def _temporary_folder(folder: Path) -> Iterator[None]:
    """Send temporary files of this process and its children to ``folder``."""
    names, before = ("TMPDIR", "TEMP", "TMP"), tempfile.tempdir
    variables = {name: os.environ.get(name) for name in names}
    os.environ.update(dict.fromkeys(names, str(folder)))
    tempfile.tempdir = str(folder)
    try:
        yield
    finally:
        tempfile.tempdir = before
        for name, value in variables.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@contextmanager
def _peak() -> Iterator[Callable[[], int]]:
    """Measure by how much the memory that Python has given out grew at most, in bytes."""
    grown = 0
    running = tracemalloc.is_tracing()
    if not running:
        tracemalloc.start()
    tracemalloc.reset_peak()
    before, _ = tracemalloc.get_traced_memory()
    try:
        yield lambda: grown
    finally:
        grown = tracemalloc.get_traced_memory()[1] - before
        if not running:
            tracemalloc.stop()


@contextmanager
def _alarm(seconds: float) -> Iterator[None]:
    """Stop what takes longer than ``seconds``, where the system and the thread allow it."""
    if not hasattr(signal, "SIGALRM") or threading.current_thread() is not threading.main_thread():
        yield  # the clock is looked at afterwards all the same
        return

    def ring(_number: int, _frame: FrameType | None) -> None:
        raise TookTooLong

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
