"""A call that may hang, given a time: PC/SC has no time-out for one command."""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from ecid_readers.errors import TransportTimeout

T = TypeVar("T")


class Bounded:
    """Runs calls one after another in a thread of their own.

    A call that does not come back leaves its thread behind; the thread is a daemon, so that the
    process can still end, and every later call is refused.
    """

    def __init__(self, name: str) -> None:
        self._calls: SimpleQueue[Callable[[], Any] | None] = SimpleQueue()
        self._results: SimpleQueue[tuple[Any, BaseException | None]] = SimpleQueue()
        self._lost = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def __call__(self, call: Callable[[], T], seconds: float) -> T:
        """Return what ``call`` returns, or raise what it raises.

        Raises ``TransportTimeout`` if it takes longer than ``seconds``, and ever after. Whoever
        interrupts the wait loses the thread in the same way: its answer belongs to nobody.
        """
        if self._lost:
            raise TransportTimeout("lost")
        self._lost = True
        self._calls.put(call)
        try:
            value, error = self._results.get(timeout=seconds)
        except Empty:
            raise TransportTimeout("no answer") from None
        self._lost = False
        if error is not None:
            raise error
        result: T = value
        return result

    def close(self, last: Callable[[], Any], seconds: float) -> None:
        """Run ``last`` and let the thread end, even if only a lost call has to come back first.

        Waits for at most ``seconds``; what ``last`` raises is lost. More than once does no harm.
        """
        self._lost = True
        self._calls.put(last)
        self._calls.put(None)
        self._thread.join(seconds)

    def _run(self) -> None:
        while (call := self._calls.get()) is not None:
            try:
                self._results.put((call(), None))
            except BaseException as exc:  # noqa: BLE001 - handed to whoever waits
                self._results.put((None, exc))
