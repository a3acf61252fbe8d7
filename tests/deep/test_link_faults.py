"""A card or a link that fails at any one exchange: never verified, and the next card is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import pytest

from ecid.errors import CardRemoved, EcidError, LinkTimeout
from ecid_readers import errors as readers
from ecid_readers.transport import Transport
from tests.deep.kit import chip, is_verified, read

pytestmark = pytest.mark.deep

#: Exchanges of one test.
CHUNK = 16
#: A live reading of the control; ``test_length`` holds it.
EXCHANGES = 113


@dataclass
class Faulty:
    """A link that carries everything but exchange number ``at``, which ``fault`` answers."""

    inner: Transport
    at: int
    fault: Callable[[Transport, bytes], bytes]
    count: int = 0

    def transmit(self, command: bytes, /) -> bytes:
        """Carry one command."""
        self.count += 1
        if self.count == self.at:
            return self.fault(self.inner, command)
        return self.inner.transmit(command)


def removed_before(_inner: Transport, _command: bytes) -> bytes:
    """Take the card away before it gets the command."""
    raise readers.CardRemoved


def removed_after(inner: Transport, command: bytes) -> bytes:
    """Take the card away when it has done the command and not yet answered."""
    inner.transmit(command)
    raise readers.CardRemoved


def timed_out(inner: Transport, command: bytes) -> bytes:
    """Lose the answer."""
    inner.transmit(command)
    raise readers.TransportTimeout


LOST: dict[str, tuple[Callable[[Transport, bytes], bytes], type[EcidError]]] = {
    "removed before": (removed_before, CardRemoved),
    "removed after": (removed_after, CardRemoved),
    "timed out": (timed_out, LinkTimeout),
}

SPOILED: dict[str, Callable[[bytes], bytes]] = {
    "6F00": lambda _: b"\x6f\x00",
    "empty": lambda _: b"",
    "one byte": lambda answer: answer[:1],
    "half": lambda answer: answer[: len(answer) // 2],
    "doubled": lambda answer: answer + answer,
    "last byte": lambda answer: answer[:-1] + bytes([answer[-1] ^ 0x01]),
    "first byte": lambda answer: bytes([answer[0] ^ 0x01]) + answer[1:],
    "9000 alone": lambda _: b"\x90\x00",
}


def spoiling(change: Callable[[bytes], bytes]) -> Callable[[Transport, bytes], bytes]:
    """Return the fault that changes the answer of the card."""
    return lambda inner, command: change(inner.transmit(command))


def findings(card: Transport) -> dict[str, object] | None:
    """Read ``card``; return its checks if it is verified, None for every other report."""
    report = read(card)
    return {check.id: check.to_dict() for check in report.checks} if is_verified(report) else None


@cache
def control_findings() -> dict[str, object] | None:
    """Return the checks of the control."""
    return findings(chip())


def test_length() -> None:
    """The grid has as many columns as a reading has exchanges."""
    link = Faulty(chip(), 0, removed_before)
    assert is_verified(read(link))
    assert link.count == EXCHANGES


@pytest.mark.parametrize("start", range(1, EXCHANGES + 1, CHUNK))
@pytest.mark.parametrize("name", LOST)
def test_lost(name: str, start: int) -> None:
    """Where the card or its answer is lost the reading ends with that error, at once."""
    fault, expected = LOST[name]
    for at in range(start, min(start + CHUNK, EXCHANGES + 1)):
        link = Faulty(chip(), at, fault)
        with pytest.raises(expected) as raised:
            read(link)
        assert type(raised.value) is expected
        assert link.count == at
    assert control_findings() == findings(chip())


@pytest.mark.parametrize("start", range(1, EXCHANGES + 1, CHUNK))
@pytest.mark.parametrize("name", SPOILED)
def test_spoiled(name: str, start: int) -> None:
    """A spoiled answer is an error or a report that is not verified, unless nothing changed."""
    for at in range(start, min(start + CHUNK, EXCHANGES + 1)):
        try:
            outcome = findings(Faulty(chip(), at, spoiling(SPOILED[name])))
        except EcidError:
            outcome = None
        assert outcome in (None, control_findings()), at
    assert control_findings() == findings(chip())
