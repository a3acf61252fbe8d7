"""Calls that may hang: what they bring, what they raise, and what happens once one was lost."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from queue import SimpleQueue

import pytest

from ecid_readers.bounded import Bounded
from ecid_readers.errors import CardRemoved, TransportTimeout

PATIENCE = 20.0
NAME = "bounded under test"


@pytest.fixture
def bounded() -> Iterator[Bounded]:
    """Return one that ends with the test."""
    bounded = Bounded(NAME)
    yield bounded
    bounded.close(lambda: None, PATIENCE)
    assert NAME not in {thread.name for thread in threading.enumerate()}


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    """Return what a hanging call waits for; opened at the end."""
    gate = threading.Event()
    yield gate
    gate.set()


def lose(bounded: Bounded, gate: threading.Event) -> None:
    """Let one call hang."""
    with pytest.raises(TransportTimeout, match="timeout: no answer"):
        bounded(gate.wait, 0.01)


def test_value(bounded: Bounded) -> None:
    """A value comes back, None too, call after call."""
    assert bounded(lambda: 1, PATIENCE) == 1
    assert bounded(lambda: None, PATIENCE) is None
    assert bounded(lambda: 3, PATIENCE) == 3


def test_a_thread_of_its_own(bounded: Bounded) -> None:
    """Every call runs in the same other thread, which does not keep the process alive."""
    threads = {bounded(threading.current_thread, PATIENCE) for _ in range(3)}
    [thread] = threads
    assert thread is not threading.current_thread()
    assert (thread.name, thread.daemon) == (NAME, True)


@pytest.mark.parametrize("error", [CardRemoved("x"), ValueError("y"), SystemExit(3)])
def test_exception(bounded: Bounded, error: BaseException) -> None:
    """What the call raises is raised here, and the next call works."""

    def fail() -> None:
        raise error

    with pytest.raises(type(error)) as caught:
        bounded(fail, PATIENCE)
    assert caught.value is error
    assert bounded(lambda: 5, PATIENCE) == 5


def test_lost(bounded: Bounded, gate: threading.Event) -> None:
    """After one time-out every call is refused at once, and none is made."""
    lose(bounded, gate)
    made: list[int] = []
    with pytest.raises(TransportTimeout, match="timeout: lost"):
        bounded(lambda: made.append(1), PATIENCE)
    gate.set()
    with pytest.raises(TransportTimeout, match="timeout: lost"):
        bounded(lambda: made.append(2), PATIENCE)
    assert made == []


def test_late_answer_belongs_to_nobody(bounded: Bounded) -> None:
    """A wait that was interrupted leaves an answer behind; no later call may get it."""

    class Interrupting(SimpleQueue[object]):
        def get(self, block: bool = True, timeout: float | None = None) -> object:
            raise KeyboardInterrupt

    results, vars(bounded)["_results"] = vars(bounded)["_results"], Interrupting()
    with pytest.raises(KeyboardInterrupt):
        bounded(lambda: "first", PATIENCE)
    vars(bounded)["_results"] = results
    with pytest.raises(TransportTimeout, match="timeout: lost"):
        bounded(lambda: "second", PATIENCE)


def test_close_runs_the_last_call() -> None:
    """Closing runs one more call, waits for it, and ends the thread; again, it does nothing."""
    bounded = Bounded(NAME)
    thread = bounded(threading.current_thread, PATIENCE)
    done: list[threading.Thread] = []
    bounded.close(lambda: done.append(threading.current_thread()), PATIENCE)
    assert done == [thread]
    assert not thread.is_alive()
    bounded.close(lambda: done.append(threading.current_thread()), PATIENCE)
    assert done == [thread]
    with pytest.raises(TransportTimeout):
        bounded(lambda: 1, PATIENCE)


def test_close_does_not_wait_for_what_is_lost(gate: threading.Event) -> None:
    """The last call is made when the lost one comes back, whoever waits for it no longer."""
    bounded = Bounded(NAME)
    thread = bounded(threading.current_thread, PATIENCE)
    lose(bounded, gate)
    done = threading.Event()
    bounded.close(done.set, 0.01)
    assert thread.is_alive()
    assert not done.is_set()
    gate.set()
    assert done.wait(PATIENCE)
    thread.join(PATIENCE)
    assert not thread.is_alive()


def test_failing_last_call_ends_the_thread() -> None:
    """What the last call raises stops nothing."""
    bounded = Bounded(NAME)
    thread = bounded(threading.current_thread, PATIENCE)

    def fail() -> None:
        raise CardRemoved

    bounded.close(fail, PATIENCE)
    assert not thread.is_alive()
