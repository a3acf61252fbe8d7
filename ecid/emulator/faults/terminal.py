"""What a chip can get wrong when a terminal proves itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from ecid.emulator.behaviour import CardBehaviour
from ecid.emulator.chip.spots import Spot
from ecid.emulator.faults.fault import (
    Fault,
    Pair,
    altering,
    behaving,
    has_terminal_authentication,
)
from ecid.emulator.issued import IssuedCard
from ecid.emulator.personalise.data_groups import cvca
from ecid.emulator.terminal_pki import TerminalPki

_VERIFY_CERTIFICATE = 0x2A


def _foreign_cvca(card: IssuedCard, behaviour: CardBehaviour) -> Pair:
    files = {**card.files, "CVCA": cvca((b"XOCVCAEMUL00001",))}
    return replace(card, files=files, terminal=TerminalPki()), behaviour


FAULTS: Mapping[str, Fault] = MappingProxyType(
    {
        "ta-unknown-cvca": Fault(
            "EF.CVCA names a key under which no terminal has a certificate",
            _foreign_cvca,
            has_terminal_authentication,
        ),
        "ta-challenge-short": altering(
            "GET CHALLENGE of Terminal Authentication returns seven bytes",
            has_terminal_authentication,
            Spot.TERMINAL_CHALLENGE,
            lambda challenge, _: challenge[:-1],
        ),
        "ta-challenge-long": altering(
            "GET CHALLENGE of Terminal Authentication returns nine bytes",
            has_terminal_authentication,
            Spot.TERMINAL_CHALLENGE,
            lambda challenge, _: challenge + b"\x00",
        ),
        "ta-refuses-certificates": behaving(
            "PSO:VERIFY CERTIFICATE answers 6300 to every certificate",
            has_terminal_authentication,
            refuses=MappingProxyType({_VERIFY_CERTIFICATE: 0x6300}),
        ),
        "ta-denies-dg3": behaving(
            "DG3 and DG4 answer 6982 after Terminal Authentication as before",
            has_terminal_authentication,
            ignores_rights=True,
        ),
    }
)
"""The faults by name."""
