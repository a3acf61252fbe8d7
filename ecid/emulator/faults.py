"""Named misbehaviours: what a forged, broken or withdrawn card does.

Each fault is a function from an issued card and its behaviour to another pair; the chip itself
knows nothing of faults beyond the values of its behaviour.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from ecid.emulator.behaviour import CardBehaviour
from ecid.emulator.definitions import definition, names
from ecid.emulator.issued import ChipKeys, IssuedCard
from ecid.emulator.issuing import issue, issue_to, sign
from ecid.emulator.keys import (
    AgreementSecret,
    DhSecret,
    RsaSecret,
    Secret,
    generate_dh,
    generate_ec,
)
from ecid.emulator.personalise.person import Person
from ecid.errors import Misuse
from ecid_crypto.rng import Rng, SeededRng

Pair = tuple[IssuedCard, CardBehaviour]


@dataclass(frozen=True, slots=True)
class Fault:
    """A misbehaviour: one line in English, and what it makes of a card."""

    doc: str
    apply: Callable[[IssuedCard, CardBehaviour], Pair]


def fault_names() -> tuple[str, ...]:
    """Return the names of the faults."""
    return tuple(FAULTS)


def apply_fault(name: str, card: IssuedCard, behaviour: CardBehaviour) -> Pair:
    """Return card and behaviour with the fault ``name``; raises ``Misuse`` if it is unknown."""
    if name not in FAULTS:
        raise Misuse
    return FAULTS[name].apply(card, behaviour)


def _dg1_altered(card: IssuedCard, behaviour: CardBehaviour) -> Pair:
    if "DG1" not in card.files:
        raise Misuse
    data = card.files["DG1"]
    # The names stand at the end of a TD1 zone, and no check digit covers them.
    at = max(place for place, octet in enumerate(data) if octet != ord("<"))
    other = ord("A") if data[at] != ord("A") else ord("B")
    altered = data[:at] + bytes([other]) + data[at + 1 :]
    return replace(card, files={**card.files, "DG1": altered}), behaviour


def _clone(card: IssuedCard, behaviour: CardBehaviour) -> Pair:
    rng = SeededRng(f"ecid emulator/clone/{card.seed}".encode())

    keys = card.chip_keys
    guessed = ChipKeys(
        chip_authentication=_guess_agreement(keys.chip_authentication, rng),
        active_authentication=_guess_signing(keys.active_authentication, rng),
        by_key_id={
            key_id: other
            for key_id, secret in keys.by_key_id.items()
            if (other := _guess_agreement(secret, rng)) is not None
        },
    )
    return replace(card, chip_keys=guessed), behaviour


def _guess_agreement(secret: AgreementSecret | None, rng: Rng) -> AgreementSecret | None:
    if isinstance(secret, DhSecret):
        return generate_dh(secret.group, rng)
    return None if secret is None else generate_ec(secret.curve, rng)


def _guess_signing(secret: Secret | None, rng: Rng) -> Secret | None:
    if isinstance(secret, RsaSecret):
        # The public key is copied with DG15; a private exponent can only be guessed.
        return replace(secret, d=int.from_bytes(rng((secret.n.bit_length() + 7) // 8), "big"))
    return None if secret is None else generate_ec(secret.curve, rng)


def _dg15_withheld(card: IssuedCard, behaviour: CardBehaviour) -> Pair:
    files = {name: data for name, data in card.files.items() if name != "DG15"}
    return replace(card, files=files), behaviour


def _rogue_csca(card: IssuedCard, behaviour: CardBehaviour) -> Pair:
    return sign(card, issuer="rogue"), behaviour


def _expired(card: IssuedCard, behaviour: CardBehaviour) -> Pair:
    if card.name not in names() or card != issue(card.name, seed=card.seed):
        raise Misuse  # a foreign card, whatever its folder is called
    made = definition(card.name)
    holder = made.bearer
    old = holder.expiring("15/07/2022" if isinstance(holder, Person) else "220715")
    return issue_to(old, made, card.chip_keys, card.seed), behaviour


def _wrong_mac(card: IssuedCard, behaviour: CardBehaviour) -> Pair:
    return card, replace(behaviour, wrong_mac_after_ca=2)


def _removed(card: IssuedCard, behaviour: CardBehaviour) -> Pair:
    return card, replace(behaviour, vanishes_at=20)


FAULTS: Mapping[str, Fault] = MappingProxyType(
    {
        "dg1-altered": Fault("one letter of DG1 was changed after signing", _dg1_altered),
        "clone": Fault("the right files, but guessed private keys", _clone),
        "dg15-withheld": Fault("DG15 is signed, but the chip says 6A82", _dg15_withheld),
        "rogue-csca": Fault("the SOD is signed under another CSCA of the same name", _rogue_csca),
        "expired": Fault("a genuine card that expired in 2022", _expired),
        "wrong-mac": Fault(
            "the second response after Chip Authentication has a wrong MAC", _wrong_mac
        ),
        "removed": Fault("the card leaves the field at the 20th APDU", _removed),
    }
)
"""The faults by name."""
