"""Reads card after card in one process and watches it: ``python -m tests.soak.run [CARDS]``.

Good cards, every shipped fault, cards torn away at changing places and wrong numbers take turns.
How each must end is known beforehand; memory, file descriptors and threads must not grow.
"""

from __future__ import annotations

import gc
import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import click

import ecid
from ecid import emulator
from ecid.emulator import EmulatedCard

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
NAME = "vn-cccd-2021"
WARM_UP = 200
DRIFT = 0.10
#: Exchanges after which a torn card leaves, in turn: access control, SOD, chip, files, the end.
TEARS = (1, 3, 9, 14, 27, 40, 70, 112)

Ending = Callable[[int], str]


@dataclass(frozen=True, slots=True)
class Turn:
    """One kind of card, how to read the ``n``-th of them, and how that must end."""

    name: str
    read: Ending
    expected: str


@dataclass(frozen=True, slots=True)
class Size:
    """What the process holds: resident memory in KiB, open files, threads."""

    memory: int
    files: int
    threads: int

    @classmethod
    def now(cls) -> Size:
        """Return the size of this process, garbage collected."""
        gc.collect()
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
        memory = pages * os.sysconf("SC_PAGE_SIZE") // 1024
        return cls(memory, len(os.listdir("/proc/self/fd")), threading.active_count())


def main(count: int) -> int:
    """Read ``count`` cards after the warm-up; print the figures and return the exit code."""
    turns = _turns()
    for number in range(WARM_UP):
        turns[number % len(turns)].read(number)
    before, started = Size.now(), time.monotonic()
    found: Counter[tuple[str, str]] = Counter()
    peak = before
    for number in range(count):
        turn = turns[number % len(turns)]
        found[turn.name, turn.read(number)] += 1
        if number % 250 == 249:
            size = Size.now()
            peak = max(peak, size, key=lambda each: each.memory)
            click.echo(f"{number + 1:6} cards  {size.memory:7} KiB  {size.files} files")
    after, seconds = Size.now(), time.monotonic() - started
    wanted = Counter(
        (turns[n % len(turns)].name, turns[n % len(turns)].expected) for n in range(count)
    )
    return _say(found, wanted, (before, peak, after), seconds)


def _say(
    found: Counter[tuple[str, str]],
    wanted: Counter[tuple[str, str]],
    sizes: tuple[Size, Size, Size],
    seconds: float,
) -> int:
    before, peak, after = sizes
    for (name, ending), number in sorted(found.items()):
        mark = "" if wanted[name, ending] == number else "   NOT AS EXPECTED"
        click.echo(f"{number:6}  {name:16} {ending}{mark}")
    drift = (after.memory - before.memory) / before.memory
    click.echo(f"{found.total()} cards in {seconds:.0f} s, {found.total() / seconds:.1f} a second")
    click.echo(f"memory {before.memory} to {after.memory} KiB ({drift:+.1%}), peak {peak.memory}")
    click.echo(
        f"files {before.files} to {after.files}, threads {before.threads} to {after.threads}"
    )
    steady = (before.files, before.threads) == (after.files, after.threads)
    return 0 if found == wanted and steady and drift < DRIFT else 1


def _turns() -> list[Turn]:
    """Return the kinds of cards in the order in which they take turns."""
    anchor = ecid.TrustStore.of(emulator.issue(NAME).csca)
    faults = {
        "dg1-altered": "failed",
        "clone": "failed",
        "dg15-withheld": "failed",
        "rogue-csca": "undetermined",
        "expired": "verified",
        "wrong-mac": "integrity",
        "removed": "card_removed",
    }
    assert set(faults) <= set(emulator.fault_names())
    turns = [Turn(name, _faulty(name, anchor), ending) for name, ending in faults.items()]
    turns += [
        Turn("good", _good(anchor, "can"), "verified"),
        Turn("good, by MRZ", _good(anchor, "mrz"), "verified"),
        Turn("no anchor", _good(ecid.TrustStore(), "can"), "undetermined"),
        Turn("wrong number", _wrong_number(anchor), "wrong_key"),
        Turn("torn", _torn(anchor), "card_removed"),
    ]
    return turns


def _good(trust: ecid.TrustStore, by: str) -> Ending:
    def read(_: int) -> str:
        card = emulator.card(NAME)
        secrets = card.issued.secrets
        if by == "can":
            return _ending(card, ecid.AccessSecret.from_can(secrets.can), trust)
        return _ending(card, ecid.AccessSecret.from_mrz(secrets.mrz), trust)

    return read


def _faulty(name: str, trust: ecid.TrustStore) -> Ending:
    def read(_: int) -> str:
        card = emulator.card(NAME, fault=name)
        return _ending(card, ecid.AccessSecret.from_can(card.issued.secrets.can), trust)

    return read


def _wrong_number(trust: ecid.TrustStore) -> Ending:
    def read(number: int) -> str:
        wrong = f"{number % 1000:06}"
        return _ending(emulator.card(NAME), ecid.AccessSecret.from_can(wrong), trust)

    return read


def _torn(trust: ecid.TrustStore) -> Ending:
    def read(number: int) -> str:
        card = emulator.card(NAME)
        at = TEARS[number % len(TEARS)]
        torn = EmulatedCard(card.issued, behaviour=replace(card.behaviour, vanishes_at=at))
        return _ending(torn, ecid.AccessSecret.from_can(card.issued.secrets.can), trust)

    return read


def _ending(card: EmulatedCard, secret: ecid.AccessSecret, trust: ecid.TrustStore) -> str:
    """Return the verdict, or the code of the error. Anything else ends the run."""
    try:
        return ecid.read(secret, card=card, trust=trust, at=NOW).verdict.value
    except ecid.EcidError as exc:
        return exc.code


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 2_000))
