"""Cards by name or by folder, ready to be read."""

from __future__ import annotations

from pathlib import Path

from ecid.emulator.card import EmulatedCard
from ecid.emulator.definition import CardDefinition
from ecid.emulator.definitions import names
from ecid.emulator.faults import apply_fault
from ecid.emulator.folder import load
from ecid.emulator.issued import IssuedCard
from ecid.emulator.issuing import issue
from ecid_crypto.rng import Rng, system_rng


def card(
    which: str | Path | CardDefinition,
    *,
    seed: int = 0,
    rng: Rng = system_rng,
    fault: str | None = None,
) -> EmulatedCard:
    """Return an emulated card: a shipped one by its name, one in a folder, or a defined one.

    ``seed`` does not count for folders; ``fault`` is one of ``fault_names()``. Raises ``Misuse``
    for a fault that is unknown or does not suit the card, ``EvidenceError`` for what is neither a
    name nor a readable folder.
    """
    issued = _issued(which, seed)
    behaviour = issued.behaviour
    if fault is not None:
        issued, behaviour = apply_fault(fault, issued, behaviour)
    return EmulatedCard(issued, behaviour=behaviour, rng=rng)


def _issued(which: str | Path | CardDefinition, seed: int) -> IssuedCard:
    if isinstance(which, CardDefinition) or (isinstance(which, str) and which in names()):
        return issue(which, seed=seed)
    return load(which)
