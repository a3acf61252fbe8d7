"""What a fault is, and the usual ways to make one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from ecid.emulator.behaviour import CardBehaviour
from ecid.emulator.chip.offers import Mapping, pace_offers
from ecid.emulator.chip.spots import Alteration, Spot
from ecid.emulator.issued import IssuedCard

Pair = tuple[IssuedCard, CardBehaviour]
Suits = Callable[[IssuedCard, CardBehaviour], bool]


def always(_card: IssuedCard, _behaviour: CardBehaviour) -> bool:
    """Suit every card."""
    return True


@dataclass(frozen=True, slots=True)
class Fault:
    """A misbehaviour: one line in English, what it makes of a card, and which cards it suits."""

    doc: str
    apply: Callable[[IssuedCard, CardBehaviour], Pair]
    suits: Suits = always


def behaving(doc: str, suits: Suits = always, **changes: Any) -> Fault:
    """Return a fault that sets fields of the behaviour."""
    return Fault(doc, lambda card, behaviour: (card, replace(behaviour, **changes)), suits)


def altering(doc: str, suits: Suits, spot: Spot, alteration: Alteration) -> Fault:
    """Return a fault that changes one value where it is sent."""

    def apply(card: IssuedCard, behaviour: CardBehaviour) -> Pair:
        alter = MappingProxyType({**behaviour.alter, spot: alteration})
        return card, replace(behaviour, alter=alter)

    return Fault(doc, apply, suits)


def has_bac(card: IssuedCard, behaviour: CardBehaviour) -> bool:
    """Suit cards that are opened by BAC."""
    return behaviour.basic_access and bool(card.secrets.mrz_information)


def has_pace(card: IssuedCard, _behaviour: CardBehaviour) -> bool:
    """Suit cards that are opened by PACE."""
    return bool(pace_offers(card.files.get("CardAccess", b"")))


def has_key_mapping(card: IssuedCard, _behaviour: CardBehaviour) -> bool:
    """Suit cards whose first PACEInfo sends keys in the mapping."""
    offers = pace_offers(card.files.get("CardAccess", b""))
    return any(offer.mapping is not Mapping.INTEGRATED for offer in offers)


def has_cam(card: IssuedCard, _behaviour: CardBehaviour) -> bool:
    """Suit cards that offer chip authentication mapping."""
    offers = pace_offers(card.files.get("CardAccess", b""))
    return any(offer.mapping is Mapping.CHIP_AUTHENTICATION for offer in offers)


def has_chip_authentication(card: IssuedCard, _behaviour: CardBehaviour) -> bool:
    """Suit cards with a key of Chip Authentication."""
    return bool(card.chip_keys.all_chip_authentication) and "DG14" in card.files


def has_active_authentication(card: IssuedCard, _behaviour: CardBehaviour) -> bool:
    """Suit cards with a key of Active Authentication."""
    return card.chip_keys.active_authentication is not None and "DG15" in card.files


def has_terminal_authentication(card: IssuedCard, _behaviour: CardBehaviour) -> bool:
    """Suit cards that trust a key of Terminal Authentication."""
    return bool(card.terminal.trusted)


def last_bit(value: bytes, _received: bytes = b"") -> bytes:
    """Return ``value`` with its last bit changed."""
    return value[:-1] + bytes([value[-1] ^ 0x01])
