"""Cards by name or by folder, ready to be read."""

from __future__ import annotations

from pathlib import Path

from ecid.emulator.behaviour import profile
from ecid.emulator.card import EmulatedCard
from ecid.emulator.faults import apply_fault
from ecid.emulator.folder import load
from ecid.emulator.issuing import issue, names
from ecid_crypto.rng import Rng, system_rng


def card(
    name_or_folder: str | Path,
    *,
    seed: int = 0,
    rng: Rng = system_rng,
    fault: str | None = None,
) -> EmulatedCard:
    """Return an emulated card: a shipped one by its name, or the one in a folder of files.

    ``seed`` counts for shipped cards only; ``fault`` is one of ``fault_names()``. Raises
    ``Misuse`` for a fault that is unknown or does not suit the card, ``EvidenceError`` for what
    is neither a name nor a readable folder.
    """
    known = isinstance(name_or_folder, str) and name_or_folder in names()
    issued = issue(str(name_or_folder), seed=seed) if known else load(name_or_folder)
    behaviour = profile(issued.profile)
    if fault is not None:
        issued, behaviour = apply_fault(fault, issued, behaviour)
    return EmulatedCard(issued, behaviour=behaviour, rng=rng)
