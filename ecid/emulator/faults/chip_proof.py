"""What a chip can get wrong when it proves itself: Chip and Active Authentication."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from ecid.emulator.behaviour import AfterChipAuthentication, CardBehaviour
from ecid.emulator.chip.active_authentication import power, representative
from ecid.emulator.chip.offers import active_authentication_hash
from ecid.emulator.chip.spots import Spot
from ecid.emulator.faults.fault import (
    Fault,
    Pair,
    altering,
    behaving,
    has_active_authentication,
    has_chip_authentication,
    last_bit,
)
from ecid.emulator.issued import IssuedCard
from ecid.emulator.keys import EcSecret, RsaSecret
from ecid.emulator.plain_ecdsa import sign_ecdsa
from ecid.errors import Misuse
from ecid_crypto.hashes import Hash
from ecid_crypto.rng import SeededRng

_INTERNAL_AUTHENTICATE = 0x88


def _has_rsa(card: IssuedCard, behaviour: CardBehaviour) -> bool:
    key = card.chip_keys.active_authentication
    return has_active_authentication(card, behaviour) and isinstance(key, RsaSecret)


def _has_ecdsa(card: IssuedCard, behaviour: CardBehaviour) -> bool:
    key = card.chip_keys.active_authentication
    return has_active_authentication(card, behaviour) and isinstance(key, EcSecret)


def _total_recovery(representative: bytes, _challenge: bytes) -> bytes:
    """Return the representative with the header of total recovery."""
    return b"\x4a" + representative[1:]


def _other_trailer(representative: bytes, _challenge: bytes) -> bytes:
    return representative[:-1] + b"\xba"


def _over_nothing(representative: bytes, _challenge: bytes) -> bytes:
    """Return the representative with a hash that does not depend on anything."""
    return representative[:-24] + bytes(20) + representative[-4:]


def _replay(card: IssuedCard, behaviour: CardBehaviour) -> Pair:
    """Answer with the signature over a challenge of zeros, made when the card was recorded."""
    rng = SeededRng(f"ecid emulator/recorded/{card.seed}".encode())
    secret = card.chip_keys.active_authentication
    if isinstance(secret, RsaSecret):
        f = representative(secret, behaviour.active_authentication_hash, bytes(8), rng)
        recorded = power(secret, f)
    elif isinstance(secret, EcSecret):
        hash_function = active_authentication_hash(card.files.get("DG14", b"")) or Hash.SHA256
        recorded = sign_ecdsa(secret, hash_function, bytes(8), rng)
    else:
        raise Misuse
    alter = MappingProxyType({**behaviour.alter, Spot.AA_SIGNATURE: lambda *_: recorded})
    return card, replace(behaviour, alter=alter)


FAULTS: Mapping[str, Fault] = MappingProxyType(
    {
        "ca-keeps-old-keys": behaving(
            "Chip Authentication ends with 9000 and changes no key",
            has_chip_authentication,
            after_chip_authentication=AfterChipAuthentication.OLD_KEYS,
        ),
        "ca-plain-after": behaving(
            "answers after Chip Authentication are not protected",
            has_chip_authentication,
            after_chip_authentication=AfterChipAuthentication.NO_KEYS,
        ),
        "ca-other-secret": altering(
            "Chip Authentication ends in keys of another secret",
            has_chip_authentication,
            Spot.CA_SECRET,
            last_bit,
        ),
        "ca-refused": behaving(
            "MSE:Set AT and MSE:Set KAT of Chip Authentication answer 6A80",
            has_chip_authentication,
            refuses_templates=MappingProxyType({0x41A4: 0x6A80, 0x41A6: 0x6A80}),
        ),
        "kat-refused": behaving(
            "MSE:Set KAT answers 6A86: Chip Authentication by MSE:Set AT alone, even with 3DES",
            has_chip_authentication,
            refuses_templates=MappingProxyType({0x41A6: 0x6A86}),
        ),
        "wrong-mac": behaving(
            "the second response after Chip Authentication has a wrong MAC",
            has_chip_authentication,
            wrong_mac_after_ca=2,
        ),
        "aa-refused": behaving(
            "INTERNAL AUTHENTICATE answers 6A88",
            has_active_authentication,
            refuses=MappingProxyType({_INTERNAL_AUTHENTICATE: 0x6A88}),
        ),
        "aa-replay": Fault(
            "the answer of Active Authentication is that to an earlier challenge",
            _replay,
            has_active_authentication,
        ),
        "aa-short": altering(
            "the answer of Active Authentication is one byte short",
            has_active_authentication,
            Spot.AA_SIGNATURE,
            lambda signature, _: signature[:-1],
        ),
        "aa-empty": altering(
            "the answer of Active Authentication is empty",
            has_active_authentication,
            Spot.AA_SIGNATURE,
            lambda *_: b"",
        ),
        "aa-wrong-bit": altering(
            "the answer of Active Authentication has a wrong bit",
            has_active_authentication,
            Spot.AA_SIGNATURE,
            last_bit,
        ),
        "aa-header": altering(
            "Active Authentication signs with header 4A",
            _has_rsa,
            Spot.AA_REPRESENTATIVE,
            _total_recovery,
        ),
        "aa-trailer": altering(
            "Active Authentication signs with trailer BA",
            _has_rsa,
            Spot.AA_REPRESENTATIVE,
            _other_trailer,
        ),
        "aa-wrong-hash": altering(
            "Active Authentication signs a hash that has nothing to do with the challenge",
            _has_rsa,
            Spot.AA_REPRESENTATIVE,
            _over_nothing,
        ),
        "aa-der": behaving(
            "Active Authentication sends its ECDSA signature in DER",
            _has_ecdsa,
            active_authentication_der=True,
        ),
    }
)
"""The faults by name."""
