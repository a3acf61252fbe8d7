"""The wire between reader and card in somebody else's hands.

    wire = Wire(card)
    wire.on(0xB0, 3, drop())            the third protected READ BINARY gets no answer
    wire.on(0x84, 1, remove(), protected=False)
    ecid.read(secret, card=wire)

A hook gets the exchange, whose bytes are the protected ones, and returns what the terminal is to
see. ``Exchange.spy`` has the session keys, for attacks that only a forged card could make.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ecid.emulator.card import EmulatedCard
from ecid.errors import Misuse
from ecid.testing.spy import Spy
from ecid_readers.errors import CardRemoved, NoCard, TransportTimeout

Sent = tuple[int, bool]
"""An instruction byte, and whether it came under secure messaging."""


class TooManyCommands(BaseException):
    """A reading sent more commands than any reading needs; no handler of errors may swallow it."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One command on its way to the card."""

    command: bytes = field(repr=False)
    ask: Callable[[bytes], bytes] = field(repr=False)
    """Passes a command on to the card and returns its response."""
    earlier: tuple[bytes, ...] = field(repr=False)
    """The responses that the terminal has seen in this session of the card, oldest first."""
    _card: EmulatedCard = field(repr=False)

    def respond(self) -> bytes:
        """Return the card's own response to the command."""
        return self.ask(self.command)

    @property
    def spy(self) -> Spy:
        """The keys and counter of the last response. Raises ``Misuse`` without a session."""
        channel = self._card.channel
        if channel is None:
            raise Misuse
        return Spy(channel)


Hook = Callable[[Exchange], bytes]


@dataclass(frozen=True, slots=True)
class _Place:
    ins: int
    nth: int
    protected: bool
    onwards: bool

    def fits(self, ins: int, nth: int, protected: bool) -> bool:
        here = nth >= self.nth if self.onwards else nth == self.nth
        return here and (self.ins, self.protected) == (ins, protected)


class Wire:
    """A transport round an emulated card, honest until it is given hooks.

    ``limit`` bounds the commands of one card. The same wire serves for card after card, like a
    reader on a desk: ``insert`` forgets hooks and counts.
    """

    name = "wire"

    def __init__(self, card: EmulatedCard | None = None, *, limit: int = 2_000) -> None:
        self._limit = limit
        self.session_keys: set[bytes] = set()
        """Every session key that any card in this reader has had."""
        self._lay(card)

    @property
    def commands(self) -> int:
        """How many commands the present card was sent."""
        return self._total

    @property
    def sent(self) -> Mapping[Sent, int]:
        """How often the present card was sent each instruction, protected ones apart."""
        return dict(self._counts)

    def insert(self, card: EmulatedCard) -> None:
        """Lay another card, freshly powered, on the reader."""
        card.reset()
        self._lay(card)

    def on(
        self, ins: int, nth: int, hook: Hook, *, protected: bool = True, onwards: bool = False
    ) -> None:
        """Let ``hook`` answer the ``nth`` command (from 1) with instruction ``ins``.

        Commands under secure messaging and plain ones are counted apart; ``onwards`` means that
        one and every later one. The first hook that fits answers.
        """
        self._hooks.append((_Place(ins, nth, protected, onwards), hook))

    def transmit(self, command: bytes, /) -> bytes:
        """Carry one command, or let a hook do so. Raises ``NoCard`` while nothing is inserted."""
        if self._card is None:
            raise NoCard
        self._total += 1
        if self._total > self._limit:
            raise TooManyCommands
        exchange = Exchange(command, self._ask, tuple(self._seen), self._card)
        response = self._hook(command)(exchange)
        self._seen.append(response)
        return response

    def _lay(self, card: EmulatedCard | None) -> None:
        self._card, self._total = card, 0
        self._hooks: list[tuple[_Place, Hook]] = []
        self._counts: Counter[tuple[int, bool]] = Counter()
        self._seen: list[bytes] = []

    def _hook(self, command: bytes) -> Hook:
        if len(command) < 2:
            return Exchange.respond
        key = command[1], command[0] & 0x0C == 0x0C
        self._counts[key] += 1
        for place, hook in self._hooks:
            if place.fits(key[0], self._counts[key], key[1]):
                return hook
        return Exchange.respond

    def _ask(self, command: bytes) -> bytes:
        if self._card is None:
            raise NoCard
        response = self._card.transmit(command)
        if self._card.channel is not None:
            self.session_keys |= set(Spy(self._card.channel).keys)
        return response


def command(change: Callable[[bytes], bytes]) -> Hook:
    """Return a hook that changes the command on its way to the card."""
    return lambda exchange: exchange.ask(change(exchange.command))


def response(change: Callable[[bytes], bytes]) -> Hook:
    """Return a hook that changes the response on its way to the terminal, without any key."""
    return lambda exchange: change(exchange.respond())


def spied(change: Callable[[Spy, bytes], bytes]) -> Hook:
    """Return a hook that makes another response of the card's, with the keys of the session."""

    def hook(exchange: Exchange) -> bytes:
        answer = exchange.respond()
        return change(exchange.spy, answer)

    return hook


def answer(data: bytes) -> Hook:
    """Return a hook that answers ``data`` itself; the card never sees the command."""
    return lambda _: data


def drop() -> Hook:
    """Return a hook that loses the card's response: the reader reports a time-out."""

    def hook(exchange: Exchange) -> bytes:
        exchange.respond()
        raise TransportTimeout

    return hook


def replay(back: int = 1) -> Hook:
    """Return a hook that answers with the response ``back`` exchanges ago."""
    return lambda exchange: exchange.earlier[-back]


def delay(seconds: float, sleep: Callable[[float], None] = time.sleep) -> Hook:
    """Return a hook that passes the response on after ``seconds``."""

    def hook(exchange: Exchange) -> bytes:
        sleep(seconds)
        return exchange.respond()

    return hook


def remove() -> Hook:
    """Return a hook that takes the card away before it gets the command."""

    def hook(_: Exchange) -> bytes:
        raise CardRemoved

    return hook
