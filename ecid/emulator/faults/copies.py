"""Copies of a card: the right files with other private keys, and keys that nobody has signed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from ecid.emulator.behaviour import CardBehaviour
from ecid.emulator.faults.fault import Fault, Pair, has_active_authentication
from ecid.emulator.issued import ChipKeys, IssuedCard
from ecid.emulator.keys import (
    AgreementSecret,
    DhSecret,
    EcSecret,
    RsaSecret,
    Secret,
    generate_dh,
    generate_ec,
    generate_rsa,
)
from ecid.emulator.personalise import data_groups as write
from ecid.errors import Misuse
from ecid_crypto.curves import encode_point
from ecid_crypto.rng import Rng, SeededRng


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


def with_only_key(keys: ChipKeys, other: EcSecret) -> ChipKeys:
    """Return ``keys`` with another key of Chip Authentication, under the same identifier."""
    if keys.chip_authentication is not None:
        return replace(keys, chip_authentication=other)
    return replace(keys, by_key_id=dict.fromkeys(keys.by_key_id, other))


def _has_point(card: IssuedCard, _behaviour: CardBehaviour) -> bool:
    """Suit cards with one key of Chip Authentication, on a curve, as it stands in DG14."""
    keys = card.chip_keys.all_chip_authentication
    return len(keys) == 1 and isinstance(keys[0], EcSecret) and "DG14" in card.files


def _point(key: EcSecret) -> bytes:
    return encode_point(key.curve, key.public.point)


def _other_dg14(card: IssuedCard, behaviour: CardBehaviour) -> Pair:
    (own,) = card.chip_keys.all_chip_authentication
    if not isinstance(own, EcSecret):
        raise Misuse
    other = generate_ec(own.curve, SeededRng(f"ecid emulator/other/{card.seed}".encode()))
    dg14 = card.files["DG14"].replace(_point(own), _point(other))
    keys = with_only_key(card.chip_keys, other)
    return replace(card, files={**card.files, "DG14": dg14}, chip_keys=keys), behaviour


def _other_dg15(card: IssuedCard, behaviour: CardBehaviour) -> Pair:
    own = card.chip_keys.active_authentication
    rng = SeededRng(f"ecid emulator/other/{card.seed}".encode())
    other: Secret
    if isinstance(own, RsaSecret):
        other = generate_rsa(own.n.bit_length(), rng)
    elif isinstance(own, EcSecret):
        other = generate_ec(own.curve, rng)
    else:
        raise Misuse
    files = {**card.files, "DG15": write.dg15(other.public)}
    keys = replace(card.chip_keys, active_authentication=other)
    return replace(card, files=files, chip_keys=keys), behaviour


FAULTS: Mapping[str, Fault] = MappingProxyType(
    {
        "clone": Fault("the right files, but guessed private keys", _clone),
        "dg14-other-key": Fault(
            "DG14 holds a key of the forger, who can prove it; the SOD does not know it",
            _other_dg14,
            _has_point,
        ),
        "dg15-other-key": Fault(
            "DG15 holds a key of the forger, who can prove it; the SOD does not know it",
            _other_dg15,
            has_active_authentication,
        ),
    }
)
"""The faults by name."""
