"""Chip Authentication version 1 over ECDH: the terminal's side (Doc 9303-11 §6.2).

It returns new session keys and proves nothing by itself: the chip has proven its key with the
first response that verifies under them, and the key means something only once passive
authentication vouches for DG14.
"""

from __future__ import annotations

from dataclasses import dataclass

from ecid.encoding.oid import encode_oid
from ecid.encoding.tlv import encode
from ecid.errors import UnsupportedData
from ecid.lds.security_infos import SecurityInfos
from ecid.protocols.exchange import general_authenticate, require
from ecid.session.keys import SessionKeys
from ecid_crypto.cipher import Cipher
from ecid_crypto.curves import encode_point
from ecid_crypto.ec_key import EcPrivateKey
from ecid_crypto.kdf import derive_session_keys
from ecid_crypto.public_key import EcPublicKey
from ecid_crypto.rng import Rng
from ecid_readers.apdu import CommandApdu
from ecid_readers.transport import Transport

#: What a chip means that has a key and no ChipAuthenticationInfo (TR-03110-1 §3.4, note).
ECDH_3DES = "0.4.0.127.0.7.2.2.3.2.1"


@dataclass(frozen=True, slots=True)
class ChipAuthenticationChoice:
    """The protocol, key and key id that one run uses; all of it from DG14."""

    oid: str
    cipher: Cipher
    key: EcPublicKey
    key_id: int | None


def choose(infos: SecurityInfos) -> ChipAuthenticationChoice | None:
    """Return the strongest protocol of DG14 with its key, or None if DG14 holds no key.

    Raises ``UnsupportedData`` if there are keys and none that this library can use.
    """
    if not infos.chip_authentication_keys:
        return None
    choices = [choice for choice in _choices(infos) if choice is not None]
    if not choices:
        raise UnsupportedData("DG14", "chip_authentication_variant")
    return max(
        choices, key=lambda c: (c.cipher.key_length, c.cipher.block_length, c.key.curve.bits)
    )


def run_chip_authentication(
    card: Transport, choice: ChipAuthenticationChoice, rng: Rng
) -> SessionKeys:
    """Agree on new session keys with the chip's static key; send sequence counter zero.

    ``card`` is the session that access control opened. With 3DES the key travels in MSE:Set KAT,
    with AES in GENERAL AUTHENTICATE (§6.2.4). Raises ``ProtocolError`` if the chip refuses.
    """
    ephemeral = EcPrivateKey.generate(choice.key.curve, rng)
    public_key = encode_point(choice.key.curve, ephemeral.public_point())
    if choice.cipher is Cipher.TDES:
        _set_key_agreement_template(card, choice, public_key)
    else:
        _set_authentication_template(card, choice)
        command = general_authenticate(encode(0x80, public_key), last=True)
        require(card, command, "CA GENERAL AUTHENTICATE")
    enc, mac = derive_session_keys(ephemeral.shared_secret(choice.key.point), choice.cipher)
    return SessionKeys(choice.cipher, enc, mac, ssc=bytes(choice.cipher.block_length))


def _choices(infos: SecurityInfos) -> list[ChipAuthenticationChoice | None]:
    """Pair every protocol with the key that it names, or with the only key (§9.2.5, §9.2.6)."""
    protocols = [
        (info.oid, info.cipher, info.key_id)
        for info in infos.chip_authentication
        if info.key_agreement == "ECDH"
    ]
    if not infos.chip_authentication:
        protocols = [(ECDH_3DES, Cipher.TDES, None)]
    return [
        ChipAuthenticationChoice(oid, cipher, entry.key, entry.key_id)
        if isinstance(entry.key, EcPublicKey) and _same_key(key_id, entry.key_id)
        else None
        for oid, cipher, key_id in protocols
        for entry in infos.chip_authentication_keys
    ]


def _same_key(wanted: int | None, has: int | None) -> bool:
    return wanted is None or has is None or wanted == has


def _key_reference(choice: ChipAuthenticationChoice) -> bytes:
    """DO'84' with the key id, only where DG14 gives one."""
    if choice.key_id is None:
        return b""
    length = max(1, (choice.key_id.bit_length() + 7) // 8)
    return encode(0x84, choice.key_id.to_bytes(length, "big"))


def _set_key_agreement_template(
    card: Transport, choice: ChipAuthenticationChoice, public_key: bytes
) -> None:
    data = encode(0x91, public_key) + _key_reference(choice)
    require(card, CommandApdu(0x00, 0x22, 0x41, 0xA6, data), "CA MSE:Set KAT")


def _set_authentication_template(card: Transport, choice: ChipAuthenticationChoice) -> None:
    data = encode(0x80, encode_oid(choice.oid)) + _key_reference(choice)
    require(card, CommandApdu(0x00, 0x22, 0x41, 0xA4, data), "CA MSE:Set AT")
