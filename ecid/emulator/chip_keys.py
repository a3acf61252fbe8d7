"""The private keys of a card, made from its definition and the seed."""

from __future__ import annotations

from functools import cache
from types import MappingProxyType

from ecid.emulator.definition import CardDefinition, ChipAuthenticationChoice
from ecid.emulator.issued import ChipKeys
from ecid.emulator.keys import AgreementSecret, Secret, generate_dh, generate_ec, generate_rsa
from ecid_crypto.curves import curve_by_name
from ecid_crypto.dh import DH_GROUPS
from ecid_crypto.rng import Rng, SeededRng


def chip_keys(definition: CardDefinition, seed: int) -> ChipKeys:
    """Return the keys of a card: Chip Authentication in the order of the definition, then AA."""
    aa = definition.active_authentication
    wanted = tuple(choice.key for choice in definition.chip_authentication)
    agreement, signing = _generated(definition.keys, seed, wanted, "" if aa is None else aa.key)
    pairs = list(zip(definition.chip_authentication, agreement, strict=True))
    return ChipKeys(
        chip_authentication=next((key for choice, key in pairs if choice.key_id is None), None),
        active_authentication=signing,
        by_key_id=_by_id(pairs),
    )


def signing_key(name: str, rng: Rng) -> Secret:
    """Return a new key of the kind ``name`` says: a curve, or ``RSA-2048``."""
    kind, _, bits = name.partition("-")
    return generate_rsa(int(bits), rng) if kind == "RSA" else generate_ec(curve_by_name(name), rng)


def _by_id(
    pairs: list[tuple[ChipAuthenticationChoice, AgreementSecret]],
) -> MappingProxyType[int, AgreementSecret]:
    found = {choice.key_id: key for choice, key in pairs if choice.key_id is not None}
    return MappingProxyType(found)


@cache
def _generated(
    label: str, seed: int, wanted: tuple[str, ...], signing: str
) -> tuple[tuple[AgreementSecret, ...], Secret | None]:
    rng = SeededRng(f"ecid emulator/chip/{label}/{seed}".encode())
    agreement = tuple(_agreement_key(name, rng) for name in wanted)
    return agreement, signing_key(signing, rng) if signing else None


def _agreement_key(name: str, rng: Rng) -> AgreementSecret:
    if name in DH_GROUPS:
        return generate_dh(DH_GROUPS[name], rng)
    return generate_ec(curve_by_name(name), rng)
