"""Chip Authentication version 1: the terminal's side (Doc 9303-11 §6.2).

It returns new session keys and proves nothing by itself: the chip has proven its key with the
first response that verifies under them, and the key means something only once passive
authentication vouches for DG14.
"""

from __future__ import annotations

from dataclasses import dataclass

from ecid.encoding.oid import encode_oid
from ecid.encoding.tlv import encode
from ecid.protocols.chip_authentication_choice import (
    DH_3DES,
    ECDH_3DES,
    ChipAuthenticationChoice,
    choose,
)
from ecid.protocols.exchange import general_authenticate, require
from ecid.session.keys import SessionKeys
from ecid_crypto.cipher import Cipher
from ecid_crypto.kdf import derive_session_keys
from ecid_crypto.rng import Rng
from ecid_readers.apdu import CommandApdu
from ecid_readers.transport import Transport

__all__ = [
    "DH_3DES",
    "ECDH_3DES",
    "ChipAuthenticationChoice",
    "ChipAuthenticationResult",
    "choose",
    "run_chip_authentication",
]


@dataclass(frozen=True, slots=True)
class ChipAuthenticationResult:
    """What a run gives: the new session ``keys``, counter zero, and our ephemeral ``public`` key.

    The public key is encoded as it was sent; Terminal Authentication signs it in compressed form.
    """

    keys: SessionKeys
    public: bytes


def run_chip_authentication(
    card: Transport, choice: ChipAuthenticationChoice, rng: Rng
) -> ChipAuthenticationResult:
    """Agree on new session keys with the chip's static key.

    ``card`` is the session that access control opened; one private key is taken from ``rng``.
    With 3DES our key travels in MSE:Set KAT, with AES in GENERAL AUTHENTICATE (§6.2.4). Raises
    ``ProtocolError`` if the chip refuses.
    """
    ephemeral = choice.domain.generate(rng)
    public = ephemeral.public()
    if choice.cipher is Cipher.TDES:
        _set_key_agreement_template(card, choice, public)
    else:
        _set_authentication_template(card, choice)
        command = general_authenticate(encode(0x80, public), last=True)
        require(card, command, "CA GENERAL AUTHENTICATE")
    enc, mac = derive_session_keys(ephemeral.shared_secret(choice.public), choice.cipher)
    return ChipAuthenticationResult(SessionKeys.with_zero_counter(choice.cipher, enc, mac), public)


def _key_reference(choice: ChipAuthenticationChoice) -> bytes:
    """DO'84' with the key id, only where DG14 gives one: as few octets as the number has.

    A negative one has the octets of its INTEGER; the chip that wrote it will know them again.
    """
    number = choice.key_id
    if number is None:
        return b""
    octets = (number.bit_length() + 7) // 8 if number > 0 else (~number).bit_length() // 8 + 1
    return encode(0x84, number.to_bytes(octets, "big", signed=number < 0))


def _set_key_agreement_template(
    card: Transport, choice: ChipAuthenticationChoice, public: bytes
) -> None:
    data = encode(0x91, public) + _key_reference(choice)
    require(card, CommandApdu(0x00, 0x22, 0x41, 0xA6, data), "CA MSE:Set KAT")


def _set_authentication_template(card: Transport, choice: ChipAuthenticationChoice) -> None:
    data = encode(0x80, encode_oid(choice.oid)) + _key_reference(choice)
    require(card, CommandApdu(0x00, 0x22, 0x41, 0xA4, data), "CA MSE:Set AT")
