"""What a card does between terminal and chip: lengths, status words, power."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ecid.emulator.behaviour import CardBehaviour, LongAnswer
from ecid.emulator.faults.fault import Fault, behaving
from ecid.emulator.issued import IssuedCard

_SHORT_READ = 231
_READ_BINARY, _READ_BINARY_ODD = 0xB0, 0xB1


def _reads_in_bounds(_card: IssuedCard, behaviour: CardBehaviour) -> bool:
    return not behaviour.long_read_is_sent


FAULTS: Mapping[str, Fault] = MappingProxyType(
    {
        "select-mf-refused": behaving("SELECT MF answers 6D00", select_master_file=0x6D00),
        "select-mf-locked": behaving("SELECT MF answers 6982", select_master_file=0x6982),
        "card-access-locked": behaving(
            "EF.CardAccess answers 6982, as if it needed access",
            lambda card, _: "CardAccess" in card.files,
            locked_files=frozenset({"DG3", "DG4", "CardAccess"}),
        ),
        "no-extended-length": behaving(
            "commands in extended form answer 6700", extended_length=False
        ),
        "le-231": behaving(
            "READ BINARY for more than 231 bytes answers 6CE7", largest_le=_SHORT_READ
        ),
        "le-longer": behaving(
            "READ BINARY answers in full, whatever the outer Le is",
            _reads_in_bounds,
            long_read_is_sent=True,
        ),
        "6282-padding": behaving(
            "READ BINARY beyond the end of a file adds zeros up to Le and says 6282",
            pads_short_reads=True,
        ),
        "long-answer-6700": behaving(
            "an answer longer than Le is 6700", long_answer=LongAnswer.REFUSED
        ),
        "long-answer-6cxx": behaving(
            "an answer longer than Le is 6Cxx with its length", long_answer=LongAnswer.EXACT
        ),
        "long-answer-61xx": behaving(
            "an answer longer than Le comes in parts: 61xx and GET RESPONSE",
            long_answer=LongAnswer.IN_PARTS,
        ),
        "naked-error": behaving(
            "errors under secure messaging are not protected, and the session goes on",
            naked_errors=True,
        ),
        "read-refused": behaving(
            "READ BINARY answers 6F00",
            refuses=MappingProxyType({_READ_BINARY: 0x6F00, _READ_BINARY_ODD: 0x6F00}),
        ),
        "power-cut": behaving("the chip loses its power before the 20th APDU", resets_at=20),
        "removed": behaving("the card leaves the field at the 20th APDU", vanishes_at=20),
    }
)
"""The faults by name."""
