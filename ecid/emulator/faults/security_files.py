"""EF.CardAccess and EF.CardSecurity that do not say what the signed DG14 says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from ecid.emulator.behaviour import CardBehaviour
from ecid.emulator.cms import sign_card_security
from ecid.emulator.faults.copies import with_only_key
from ecid.emulator.faults.fault import Fault, Pair, has_cam, has_pace
from ecid.emulator.issued import IssuedCard
from ecid.emulator.keys import EcSecret, generate_ec
from ecid.emulator.personalise.security_infos import pace_info
from ecid.emulator.pki import SIGNING_TIME, emulated_issuer
from ecid.encoding.tlv import children, encode, parse_one
from ecid.errors import Misuse
from ecid_crypto.cipher import Cipher
from ecid_crypto.curves import encode_point
from ecid_crypto.rng import SeededRng


def _without(name: str, card: IssuedCard) -> IssuedCard:
    return replace(card, files={n: data for n, data in card.files.items() if n != name})


def _with(name: str, content: bytes, card: IssuedCard) -> IssuedCard:
    return replace(card, files={**card.files, name: content})


def _infos(card: IssuedCard) -> list[bytes]:
    found = children(parse_one(card.files["CardAccess"], 0x31, "CardAccess"))
    return [info.raw for info in found]


def _extra_info(card: IssuedCard, behaviour: CardBehaviour) -> Pair:
    weak = pace_info("GM", Cipher.TDES, 12)
    content = encode(0x31, b"".join(sorted({*_infos(card), weak})))
    return _with("CardAccess", content, card), behaviour


def _shuffled(card: IssuedCard, behaviour: CardBehaviour) -> Pair:
    content = encode(0x31, b"".join(reversed(_infos(card))))
    return _with("CardAccess", content, card), behaviour


def _unknown_parameters(card: IssuedCard, behaviour: CardBehaviour) -> Pair:
    """Put an offer with parameters that nobody knows before the others."""
    strange = pace_info("GM", Cipher.AES_128, 31)
    content = encode(0x31, strange + b"".join(_infos(card)))
    return _with("CardAccess", content, card), behaviour


def _no_card_access(card: IssuedCard, behaviour: CardBehaviour) -> Pair:
    return _without("CardAccess", card), behaviour


def _no_card_security(card: IssuedCard, behaviour: CardBehaviour) -> Pair:
    return _without("CardSecurity", card), behaviour


def _econtent(card: IssuedCard) -> bytes:
    """Return the SecurityInfos inside EF.CardSecurity."""
    content = children(parse_one(card.files["CardSecurity"], 0x30, "CardSecurity"))[1]
    encapsulated = children(children(content)[0])[2]
    return children(children(encapsulated)[1])[0].value


def _rogue(card: IssuedCard, behaviour: CardBehaviour) -> Pair:
    _, signer = emulated_issuer(card.seed, "rogue", card.country)
    content = sign_card_security(_econtent(card), signer, SIGNING_TIME)
    return _with("CardSecurity", content, card), behaviour


def _has_one_point(card: IssuedCard, behaviour: CardBehaviour) -> bool:
    keys = card.chip_keys.all_chip_authentication
    return len(keys) == 1 and has_cam(card, behaviour) and "CardSecurity" in card.files


def _other_key(card: IssuedCard, behaviour: CardBehaviour) -> Pair:
    """Swap the key in the file and in the chip; DG14 and the signature stay as they are."""
    (own,) = card.chip_keys.all_chip_authentication
    if not isinstance(own, EcSecret):
        raise Misuse
    other = generate_ec(own.curve, SeededRng(f"ecid emulator/other/{card.seed}".encode()))
    before, after = (encode_point(own.curve, key.public.point) for key in (own, other))
    content = card.files["CardSecurity"].replace(before, after)
    keys = with_only_key(card.chip_keys, other)
    return replace(_with("CardSecurity", content, card), chip_keys=keys), behaviour


def _has_card_security(card: IssuedCard, _behaviour: CardBehaviour) -> bool:
    return "CardSecurity" in card.files


FAULTS: Mapping[str, Fault] = MappingProxyType(
    {
        "card-access-missing": Fault(
            "there is no EF.CardAccess, although DG14 offers PACE", _no_card_access, has_pace
        ),
        "card-access-extra": Fault(
            "EF.CardAccess offers PACE with 3DES, which DG14 does not", _extra_info, has_pace
        ),
        "card-access-shuffled": Fault(
            "the infos in EF.CardAccess stand in the opposite order", _shuffled, has_pace
        ),
        "card-access-unknown": Fault(
            "the first PACEInfo has parameters 31, which nobody knows",
            _unknown_parameters,
            has_pace,
        ),
        "card-security-missing": Fault(
            "there is no EF.CardSecurity, although PACE offers CAM",
            _no_card_security,
            _has_card_security,
        ),
        "card-security-rogue": Fault(
            "EF.CardSecurity is signed under another CSCA of the same name",
            _rogue,
            _has_card_security,
        ),
        "card-security-other-key": Fault(
            "EF.CardSecurity holds a key of the forger, who can prove it; its signature is broken",
            _other_key,
            _has_one_point,
        ),
    }
)
"""The faults by name."""
