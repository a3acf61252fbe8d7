"""Testing with emulated cards: valid ones, forged ones, and a wire that somebody tampers with.

    pytest_plugins = ["ecid.testing.plugin"]      fixtures emulated_card and emulated_trust

    forged = with_files(card, DG1=flip(card.files["DG1"], 40))
    foreign = issued_by(card, csca("UT"), dsc(csca("UT")))
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
    issued_by,
    issuer_of,
    large_card,
    resigned,
    signed_by,
    sod_of,
    trust_of,
    with_files,
)
from ecid.testing.case import (
    Aborted,
    Case,
    Imported,
    Judged,
    aborts,
    fails,
    refused,
    stays_open,
    stays_open_beside,
    stays_verified,
)
from ecid.testing.der import append, flip, node, override
from ecid.testing.harness import Controls, Result, Violation, run_case
from ecid.testing.imports import StoreImport
from ecid.testing.keys import ScriptedKey, curveball, dsa_key, ec_key, rsa_key
from ecid.testing.pki import crl, csca, dsc, list_signer, master_list, revoked_entry, signed_again
from ecid.testing.spy import Spy
from ecid.testing.subject import (
    NOW,
    ImportResult,
    LiveCard,
    StoredFolder,
    Subject,
    Trust,
    Workplace,
)
from ecid.testing.terminals import TerminalKit, terminal_of
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
    "ImportResult",
    "Imported",
    "Judged",
    "Limits",
    "LiveCard",
    "Result",
    "ScriptedKey",
    "Spy",
    "StoreImport",
    "StoredFolder",
    "Subject",
    "TerminalKit",
    "Traces",
    "Trust",
    "Violation",
    "Wire",
    "Workplace",
    "aborts",
    "answer",
    "append",
    "canary_card",
    "command",
    "crl",
    "csca",
    "curveball",
    "data_groups",
    "delay",
    "drop",
    "dsa_key",
    "dsc",
    "ec_key",
    "fails",
    "flip",
    "issued_by",
    "issuer_of",
    "large_card",
    "list_signer",
    "master_list",
    "node",
    "override",
    "refused",
    "remove",
    "replay",
    "resigned",
    "response",
    "revoked_entry",
    "rsa_key",
    "run_case",
    "signed_again",
    "signed_by",
    "sod_of",
    "spied",
    "stays_open",
    "stays_open_beside",
    "stays_verified",
    "terminal_of",
    "trust_of",
    "with_files",
]
