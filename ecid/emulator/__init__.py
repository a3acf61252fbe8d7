"""Emulated cards: the chip's side of Doc 9303, and the issuer behind it.

    card("vn-cccd-2021")                a chip to read, like one on a reader
    issue("vn-cccd-2021").save(folder)  its files, secrets and keys, for any other tool

A shipped card is strict where the standard is, and does what the real card was seen to do where
that differs. Nothing here is a secret, and no verifier trusts it unless it is told to.
"""

from __future__ import annotations

from ecid.emulator.behaviour import CardBehaviour
from ecid.emulator.card import EmulatedCard
from ecid.emulator.definition import CardDefinition, parse_definition
from ecid.emulator.definitions import names
from ecid.emulator.faults import fault_lines, fault_names
from ecid.emulator.folder import load
from ecid.emulator.issued import CardSecrets, ChipKeys, IssuedCard
from ecid.emulator.issuing import issue, reissue
from ecid.emulator.pki import EMULATED_MARKER_OID
from ecid.emulator.shipped import card

__all__ = [
    "EMULATED_MARKER_OID",
    "CardBehaviour",
    "CardDefinition",
    "CardSecrets",
    "ChipKeys",
    "EmulatedCard",
    "IssuedCard",
    "card",
    "fault_lines",
    "fault_names",
    "issue",
    "load",
    "names",
    "parse_definition",
    "reissue",
]
