"""A real PC/SC stack for one test worker: pcscd and the virtual reader vpcd, out of reach.

Both live in a network and a mount namespace of their own, since vpcd listens on every interface
and pcscd at one fixed path. What uses them is started inside: the real command, an emulated card,
and an ``Agent``, one long-lived Python process that does what the test asks for.
"""

from __future__ import annotations

import json
import os
import queue
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any

READER = "Virtual PCD 00 00"
"""The first slot of the reader that Debian's vsmartcard-vpcd configures."""

_HERE = Path(__file__).resolve().parent
_PROGRAMS = _HERE.parent / "pcsc" / "programs"
_VPCD = Path("/etc/reader.conf.d/vpcd")
_PATIENCE = 30.0
_END = ""
_PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
_ENVIRONMENT = {**os.environ, "PATH": f"{os.environ.get('PATH', '')}:{_PATH}"}


class UnavailableError(Exception):
    """No stack can be had here; the message is the reason."""


@dataclass(frozen=True, slots=True)
class Done:
    """A command that has ended: exit code and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """The one object on standard output."""
        found: dict[str, Any] = json.loads(self.out)
        return found


class Process:
    """A process in a group of its own, whose lines are awaited with patience and an end."""

    def __init__(self, command: Iterable[str | os.PathLike[str]]) -> None:
        self._process = subprocess.Popen(
            [os.fspath(part) for part in command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env=_ENVIRONMENT,
            start_new_session=True,
        )
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.errors: list[str] = []
        self._readers = [
            _reading(self._process.stdout, self._lines.put),
            _reading(self._process.stderr, self.errors.append),
        ]

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid

    def say(self, line: str) -> None:
        """Write one line to its standard input."""
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def line(self, seconds: float = _PATIENCE) -> str:
        """Return its next line; without one, fails with what it wrote to standard error."""
        try:
            line = self._lines.get(timeout=seconds)
        except queue.Empty:
            line = _END
        if line == _END:
            self._readers[1].join(timeout=1)  # its last words may be on their way
            raise AssertionError(f"nothing said: {''.join(self.errors)}")
        return line

    def hang_up(self) -> None:
        """End its standard input."""
        assert self._process.stdin is not None
        self._process.stdin.close()

    def interrupt(self) -> None:
        """Send what Ctrl-C sends."""
        os.killpg(self._process.pid, signal.SIGINT)

    def wait(self, seconds: float = _PATIENCE) -> int:
        """Return its exit code, once it ends by itself."""
        return self._process.wait(timeout=seconds)

    def end(self) -> None:
        """Kill the whole group and see it off; one that has ended is no error."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(timeout=_PATIENCE)
        for thread in self._readers:
            thread.join(timeout=_PATIENCE)
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            assert stream is not None
            stream.close()


class Agent:
    """``programs/agent.py``: calls the reader layer in one process, as long as the test goes."""

    def __init__(self, process: Process) -> None:
        self.process = process

    def __call__(self, operation: str, /, **arguments: Any) -> Any:
        """Return what ``operation`` brought, or ``{"error": class, "code": code}``."""
        self.start(operation, **arguments)
        return self.answer()

    def start(self, operation: str, /, **arguments: Any) -> None:
        """Ask for ``operation`` without waiting for its answer."""
        self.process.say(json.dumps([operation, arguments]))

    def answer(self) -> Any:
        """Return the answer to what was started."""
        return json.loads(self.process.line())


class Stack:
    """pcscd with vpcd, running from construction until ``close``."""

    def __init__(self) -> None:
        """Raise ``UnavailableError`` where no namespace or no part of the stack is."""
        _check_parts()
        unshare = ["unshare", "--net", "--mount", "--propagation", "private"]
        self._init = Process([*unshare, sys.executable, _HERE / "pcsc_namespace.py"])
        self._users: list[Process] = []
        self._cards: list[Process] = []
        self._watcher: Agent | None = None
        try:
            self._init.line(_PATIENCE)
        except AssertionError as exc:
            self._init.end()
            raise UnavailableError(f"no namespace: {''.join(self._init.errors)}") from exc
        self.start()

    def start(self, *options: str) -> None:
        """Start pcscd; it can be asked when this returns."""
        self._tell("start", *options)

    def stop(self) -> None:
        """Kill pcscd, which leaves its socket behind."""
        self._tell("kill")

    def restart(self, *options: str) -> None:
        """Kill pcscd and start it anew."""
        self.stop()
        self.start(*options)

    def pause(self) -> None:
        """Let pcscd hang."""
        self._tell("pause")

    def resume(self) -> None:
        """Let pcscd go on."""
        self._tell("resume")

    def python(self, code: str, *arguments: str, stdin: str = "") -> Done:
        """Run lines of Python inside."""
        return self.run(sys.executable, "-c", code, *arguments, stdin=stdin)

    def run(self, *command: str | os.PathLike[str], stdin: str = "") -> Done:
        """Run ``command`` inside to its end."""
        done = subprocess.run(
            self._inside(command),
            input=stdin,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=_PATIENCE,
            check=False,
            env=_ENVIRONMENT,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    def ecid(self, *arguments: str | os.PathLike[str], stdin: str = "") -> Done:
        """Run the command ``ecid`` inside."""
        return self.run(sys.executable, "-m", "ecid", "--lang", "en", *arguments, stdin=stdin)

    def ecid_started(self, *arguments: str) -> Process:
        """Start the command ``ecid`` inside."""
        return self.spawn(sys.executable, "-m", "ecid", *arguments)

    def spawn(self, *command: str | os.PathLike[str]) -> Process:
        """Start ``command`` inside; it ends with ``dismiss`` at the latest."""
        process = Process(self._inside(command))
        self._users.append(process)
        return process

    def emulate(self, *arguments: str) -> Process:
        """Lay an emulated card on the reader with ``ecid emulate``."""
        return self._laid(sys.executable, "-m", "ecid", "--lang", "en", "emulate", *arguments)

    def card(self, *arguments: str) -> Process:
        """Lay a card with odd habits on the reader: ``programs/card.py``."""
        return self._laid(sys.executable, _PROGRAMS / "card.py", *arguments)

    def _laid(self, *command: str | os.PathLike[str]) -> Process:
        process = Process(self._inside(command))
        self._cards.append(process)
        return process

    def agent(self) -> Agent:
        """Return a process that calls the reader layer inside."""
        return Agent(self.spawn(sys.executable, _PROGRAMS / "agent.py"))

    def last_words(self, process: Process) -> str:
        """Return what ``process`` and pcscd wrote to standard error, for a failure's message."""
        return "".join([*process.errors, "-- pcscd --\n", *self._init.errors[-40:]])

    def dismiss(self) -> None:
        """End everything that was spawned: cards, then, once pcscd knows, who used them.

        Whoever dies with an open card has pcscd reset it. Where that is dying, too, vpcd has been
        seen to hang up on the next card that comes.
        """
        while self._cards:
            self._cards.pop().end()
        self._wait_until_empty()
        while self._users:
            self._users.pop().end()

    def _wait_until_empty(self) -> None:
        if self._watcher is None:
            self._watcher = Agent(Process(self._inside([sys.executable, _PROGRAMS / "agent.py"])))
        assert self._watcher("wait_until_empty") is True

    def close(self) -> None:
        """End everything, pcscd too."""
        self.dismiss()
        if self._watcher is not None:
            self._watcher.process.end()
        self._tell("kill")
        self._init.end()

    def _tell(self, *words: str) -> None:
        self._init.say(" ".join(words))
        answer = self._init.line()
        assert answer == "done\n", answer

    def _inside(self, command: Iterable[str | os.PathLike[str]]) -> list[str]:
        # Entering a mount namespace leaves a changed root; --root goes back to that of its owner.
        enter = ["nsenter", "--target", str(self._init.pid), "--net", "--mount", "--root", "--"]
        return [*enter, *(os.fspath(part) for part in command)]


def _check_parts() -> None:
    """Raise ``UnavailableError`` with the first part that is missing."""
    if sys.platform != "linux":
        raise UnavailableError("namespaces are a thing of Linux")
    for program in ("unshare", "nsenter", "pcscd"):
        if shutil.which(program, path=_ENVIRONMENT["PATH"]) is None:
            raise UnavailableError(f"{program} is not installed")
    if not _VPCD.is_file():
        raise UnavailableError("vsmartcard-vpcd is not installed")
    if find_spec("smartcard") is None:
        raise UnavailableError("pyscard is not installed")


def _reading(stream: IO[str], sink: Callable[[str], None]) -> threading.Thread:
    """Return a thread that hands every line of ``stream`` on."""

    def run() -> None:
        for line in stream:
            sink(line)
        sink(_END)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread
