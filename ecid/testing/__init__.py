"""Testing with emulated cards: valid ones, forged ones, and a wire that somebody tampers with.

    pytest_plugins = ["ecid.testing.plugin"]      fixtures emulated_card and emulated_trust

    forged = with_files(card, DG1=flip(card.files["DG1"], 40))
    wire = Wire(EmulatedCard(card)); wire.on(0xB0, 3, drop())

The cases of ``tests/hostile`` are made with the same parts: a ``Case`` is one mutation of
something green and what has to come of it, ``run_case`` tries it by the public interface.
Everything here is for tests: it knows every secret of its cards.
"""

from __future__ import annotations

from ecid.testing.bench import Limits
from ecid.testing.canary import SINKS, Traces
from ecid.testing.cards import (
    canary_card,
    data_groups,
    issuer_of,
    large_card,
    resigned,
    sod_of,
    trust_of,
    with_files,
)
from ecid.testing.case import Aborted, Case, Judged, aborts, fails, stays_open, stays_verified
from ecid.testing.der import append, flip, node, override
from ecid.testing.harness import Controls, Result, Violation, run_case
from ecid.testing.spy import Spy
from ecid.testing.subject import NOW, LiveCard, StoredFolder, Subject, Workplace
from ecid.testing.wire import (
    Exchange,
    Wire,
    answer,
    command,
    delay,
    drop,
    remove,
    replay,
    response,
    spied,
)

__all__ = [
    "NOW",
    "SINKS",
    "Aborted",
    "Case",
    "Controls",
    "Exchange",
    "Judged",
    "Limits",
    "LiveCard",
    "Result",
    "Spy",
    "StoredFolder",
    "Subject",
    "Traces",
    "Violation",
    "Wire",
    "Workplace",
    "aborts",
    "answer",
    "append",
    "canary_card",
    "command",
    "data_groups",
    "delay",
    "drop",
    "fails",
    "flip",
    "issuer_of",
    "large_card",
    "node",
    "override",
    "remove",
    "replay",
    "resigned",
    "response",
    "run_case",
    "sod_of",
    "spied",
    "stays_open",
    "stays_verified",
    "trust_of",
    "with_files",
]
