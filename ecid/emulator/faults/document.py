"""Forged and broken files: what stands in the chip is not what the issuer signed, or not all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from ecid.emulator.behaviour import CardBehaviour
from ecid.emulator.definitions import definition, names
from ecid.emulator.faults.fault import Fault, Pair
from ecid.emulator.issued import IssuedCard
from ecid.emulator.issuing import issue, issue_to, sign
from ecid.emulator.personalise.data_groups import dg2
from ecid.emulator.personalise.person import Person, portrait
from ecid.encoding.tlv import children, encode, parse_one
from ecid.errors import Misuse

_KIB = 1024


def _has(name: str, card: IssuedCard) -> bool:
    return name in card.files


def _withheld(name: str, doc: str) -> Fault:
    """Return the fault of a chip that says 6A82 to a file that was issued."""

    def apply(card: IssuedCard, behaviour: CardBehaviour) -> Pair:
        files = {other: data for other, data in card.files.items() if other != name}
        return replace(card, files=files), behaviour

    return Fault(doc, apply, lambda card, _: _has(name, card))


def _replaced(card: IssuedCard, name: str, content: bytes) -> IssuedCard:
    return replace(card, files={**card.files, name: content})


def _dg1_altered(card: IssuedCard, behaviour: CardBehaviour) -> Pair:
    if "DG1" not in card.files:
        raise Misuse
    data = card.files["DG1"]
    # The names stand at the end of a TD1 zone, and no check digit covers them.
    at = max(place for place, octet in enumerate(data) if octet != ord("<"))
    other = ord("A") if data[at] != ord("A") else ord("B")
    altered = data[:at] + bytes([other]) + data[at + 1 :]
    return replace(card, files={**card.files, "DG1": altered}), behaviour


def _rogue_csca(card: IssuedCard, behaviour: CardBehaviour) -> Pair:
    return sign(card, issuer="rogue"), behaviour


def _expired(card: IssuedCard, behaviour: CardBehaviour) -> Pair:
    if card.name not in names() or card != issue(card.name, seed=card.seed):
        raise Misuse  # a foreign card, whatever its folder is called
    made = definition(card.name)
    holder = made.bearer
    old = holder.expiring("15/07/2022" if isinstance(holder, Person) else "220715")
    return issue_to(old, made, card.chip_keys, card.seed), behaviour


def _dg2_locked(card: IssuedCard, behaviour: CardBehaviour) -> Pair:
    return card, replace(behaviour, locked_files=behaviour.locked_files | {"DG2"})


def _com_lists_more(card: IssuedCard, behaviour: CardBehaviour) -> Pair:
    """Add DG11 to the tag list, which is the last object of EF.COM."""
    *before, tags = children(parse_one(card.files["COM"], 0x60, "COM"))
    content = b"".join(part.raw for part in before) + encode(0x5C, tags.value + b"\x6b")
    return _replaced(card, "COM", encode(0x60, content)), behaviour


def _dg14_shuffled(card: IssuedCard, behaviour: CardBehaviour) -> Pair:
    """Turn the order of the SET OF round, and sign that; the hash is over the bytes as they are."""
    (infos,) = children(parse_one(card.files["DG14"], 0x6E, "DG14"))
    turned = b"".join(part.raw for part in reversed(children(infos)))
    return sign(_replaced(card, "DG14", encode(0x6E, encode(0x31, turned)))), behaviour


def _large_dg2(size: int) -> Fault:
    """Return the fault of a portrait so large that its end needs the odd READ BINARY."""

    def apply(card: IssuedCard, behaviour: CardBehaviour) -> Pair:
        drawing = portrait("nam")
        content = dg2(drawing + bytes(size * _KIB - len(drawing)), 480, 640)
        return sign(_replaced(card, "DG2", content)), behaviour

    doc = f"DG2 has {size} KiB, signed: its end is beyond the offsets of READ BINARY B0"
    return Fault(doc, apply, lambda card, _: _has("DG2", card))


FAULTS: Mapping[str, Fault] = MappingProxyType(
    {
        "dg1-altered": Fault("one letter of DG1 was changed after signing", _dg1_altered),
        "dg15-withheld": _withheld("DG15", "DG15 is signed, but the chip says 6A82"),
        "dg14-withheld": _withheld("DG14", "DG14 is signed, but the chip says 6A82"),
        "dg1-withheld": _withheld("DG1", "DG1 is signed, but the chip says 6A82"),
        "dg2-locked": Fault("DG2 answers 6982 after access was granted", _dg2_locked),
        "sod-missing": _withheld("SOD", "there is no EF.SOD"),
        "com-missing": _withheld("COM", "there is no EF.COM, which the standard forbids"),
        "com-lists-more": Fault(
            "EF.COM lists DG11, which is neither signed nor there",
            _com_lists_more,
            lambda card, _: _has("COM", card),
        ),
        "dg14-shuffled": Fault(
            "the infos in DG14 are signed in another order than DER has",
            _dg14_shuffled,
            lambda card, _: _has("DG14", card),
        ),
        "dg2-40k": _large_dg2(40),
        "dg2-70k": _large_dg2(70),
        "rogue-csca": Fault("the SOD is signed under another CSCA of the same name", _rogue_csca),
        "expired": Fault("a genuine card that expired in 2022", _expired),
    }
)
"""The faults by name."""
