"""One user for each reader within a process."""

from __future__ import annotations

import threading

import pytest

from ecid_readers.errors import ReaderBusy
from ecid_readers.lease import Lease

READER = "Example Reader 00 00"


def test_second_user_is_refused() -> None:
    """A reader that is held cannot be held again; another one can."""
    lease = Lease(READER)
    with pytest.raises(ReaderBusy) as caught:
        Lease(READER)
    assert caught.value.detail == READER
    other = Lease("Example Reader 00 01")
    other.release()
    lease.release()


def test_free_after_release() -> None:
    """Once given back it can be had again."""
    for _ in range(3):
        Lease(READER).release()


def test_second_release_does_not_take_it_from_the_next() -> None:
    """Releasing twice leaves the lease of the next user alone."""
    first = Lease(READER)
    first.release()
    second = Lease(READER)
    first.release()
    with pytest.raises(ReaderBusy):
        Lease(READER)
    second.release()


def test_many_threads_one_winner() -> None:
    """Of threads that ask at the same moment exactly one gets it."""
    start, won = threading.Barrier(8), list[Lease]()

    def ask() -> None:
        start.wait()
        try:
            won.append(Lease(READER))
        except ReaderBusy:
            return

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    [winner] = won
    winner.release()
