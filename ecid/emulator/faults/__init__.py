"""Named misbehaviours: what a forged, broken, odd or withdrawn card does.

Each fault is a function from an issued card and its behaviour to another pair; the chip itself
knows nothing of faults beyond the values of its behaviour. A fault that does not suit a card is
a ``Misuse``: a card without PACE cannot get PACE wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ecid.emulator.behaviour import CardBehaviour
from ecid.emulator.faults import (
    access,
    chip_proof,
    copies,
    document,
    link,
    mapping,
    security_files,
    terminal,
)
from ecid.emulator.faults.fault import Fault, Pair
from ecid.emulator.issued import IssuedCard
from ecid.errors import Misuse

FAULTS: Mapping[str, Fault] = MappingProxyType(
    {
        **document.FAULTS,
        **copies.FAULTS,
        **security_files.FAULTS,
        **access.FAULTS,
        **mapping.FAULTS,
        **chip_proof.FAULTS,
        **terminal.FAULTS,
        **link.FAULTS,
    }
)
"""The faults by name, in the order of a reading."""


def fault_names() -> tuple[str, ...]:
    """Return the names of the faults."""
    return tuple(FAULTS)


def fault_lines() -> tuple[tuple[str, str], ...]:
    """Return name and description of every fault, one line of English each."""
    return tuple((name, fault.doc) for name, fault in FAULTS.items())


def apply_fault(name: str, card: IssuedCard, behaviour: CardBehaviour) -> Pair:
    """Return card and behaviour with the fault ``name``.

    Raises ``Misuse`` if it is unknown or does not suit the card.
    """
    if name not in FAULTS or not FAULTS[name].suits(card, behaviour):
        raise Misuse
    found = FAULTS[name].apply(card, behaviour)
    if found == (card, behaviour):
        raise Misuse  # what the fault does, this card does anyway
    return found
