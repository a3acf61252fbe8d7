"""The files of a card, but for those that are signed."""

from __future__ import annotations

from ecid.emulator.definition import CardDefinition
from ecid.emulator.issued import ChipKeys
from ecid.emulator.personalise import data_groups as write
from ecid.emulator.personalise import security_infos as infos
from ecid.emulator.personalise.dg13 import dg13
from ecid.emulator.personalise.holder import Bearer
from ecid.emulator.personalise.person import Person, portrait
from ecid.encoding import der_write as w
from ecid.encoding.tlv import encode
from ecid.errors import Misuse
from ecid_crypto.curves import CURVES

EMRTD_AID = bytes.fromhex("A0000002471001")
"""The eMRTD application (Doc 9303-10 §3.8.1)."""

_VIETNAMESE_ORDER = (1, 2, 3, 13, 15, 14)


def unsigned_files(definition: CardDefinition, bearer: Bearer, keys: ChipKeys) -> dict[str, bytes]:
    """Return every file of the card but EF.SOD and EF.CardSecurity, by its name."""
    groups = _data_groups(definition, bearer, keys)
    order = _VIETNAMESE_ORDER if definition.layout == "vn-cccd" else tuple(sorted(groups))
    files = {
        "DIR": write.directory(EMRTD_AID),
        "COM": write.com(order),
        **{f"DG{number}": content for number, content in groups.items()},
    }
    access = card_access_infos(definition)
    if access:
        files["CardAccess"] = w.set_of(*access)
    if definition.layout == "passport":
        files["ATR_INFO"] = write.atr_info()
    return files


def _data_groups(definition: CardDefinition, bearer: Bearer, keys: ChipKeys) -> dict[int, bytes]:
    groups = {
        1: write.dg1(bearer.mrz),
        2: write.dg2(portrait(bearer.portrait), 480, 640),
    }
    terminal = definition.terminal_authentication
    if terminal is not None and "DG3" in terminal.rights:
        groups[3] = write.dg3(b"EMULATED, no fingerprint")
    if terminal is not None and "DG4" in terminal.rights and definition.layout == "passport":
        groups[4] = write.dg4(b"EMULATED, no iris")
    if isinstance(bearer, Person):
        groups[13] = dg13(bearer)
    signed = security_infos(definition, keys)
    if signed:
        groups[14] = encode(0x6E, w.set_of(*signed))
    if definition.active_authentication is not None:
        if keys.active_authentication is None:
            raise Misuse
        groups[15] = write.dg15(keys.active_authentication.public)
    return groups


def card_access_infos(definition: CardDefinition) -> list[bytes]:
    """Return what EF.CardAccess holds: the PACEInfos; on the Vietnamese card, TA and CA as well."""
    pace = _pace_infos(definition)
    return pace if definition.layout == "passport" else [*_protocol_infos(definition), *pace]


def security_infos(definition: CardDefinition, keys: ChipKeys) -> list[bytes]:
    """Return everything that the chip says of itself under a signature, for DG14."""
    aa = definition.active_authentication
    signed = [*_protocol_infos(definition), *_pace_infos(definition)]
    signed += public_key_infos(definition, keys)
    if aa is not None and aa.key in CURVES:
        signed.append(infos.active_authentication_info(aa.hash))
    return signed


def card_security_infos(definition: CardDefinition, keys: ChipKeys) -> list[bytes]:
    """Return what EF.CardSecurity holds, nothing where the card has no such file.

    Its purpose is the static key of chip authentication mapping (Doc 9303-11 §9.2.10).
    """
    if not any(choice.mapping == "CAM" for choice in definition.pace):
        return []
    known = [*_protocol_infos(definition), *_pace_infos(definition)]
    return [*known, *public_key_infos(definition, keys)]


def public_key_infos(definition: CardDefinition, keys: ChipKeys) -> list[bytes]:
    """Return the ChipAuthenticationPublicKeyInfos. Raises ``Misuse`` for a key that is absent."""
    found = []
    for choice in definition.chip_authentication:
        secret = keys.chip_authentication_key(choice.key_id)
        if secret is None:
            raise Misuse
        found.append(
            infos.chip_authentication_public_key_info(secret.public, choice.encoding, choice.key_id)
        )
    return found


def _protocol_infos(definition: CardDefinition) -> list[bytes]:
    """Return the infos of Terminal and Chip Authentication."""
    found = []
    if definition.terminal_authentication is not None:
        found.append(infos.terminal_authentication_info())
    found += [
        infos.chip_authentication_info(choice.finite_field, choice.cipher, choice.key_id)
        for choice in definition.chip_authentication
        if choice.cipher is not None
    ]
    return found


def _pace_infos(definition: CardDefinition) -> list[bytes]:
    return [infos.pace_info(each.mapping, each.cipher, each.parameters) for each in definition.pace]
