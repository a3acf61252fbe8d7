"""What a chip offers, taken from its own files: it does what they say, and nothing else.

A file that cannot be read offers nothing; the chip does not mind, the terminal should.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass

from ecid.encoding.oid import ACTIVE_AUTHENTICATION, BSI_SMARTCARD, decode_oid, encode_oid
from ecid.encoding.tlv import children, parse_one
from ecid.errors import MalformedData
from ecid_crypto.cipher import Cipher
from ecid_crypto.domain import Domain, standardised_domain
from ecid_crypto.errors import CryptoError
from ecid_crypto.hashes import Hash

_CIPHERS = {"1": Cipher.TDES, "2": Cipher.AES_128, "3": Cipher.AES_192, "4": Cipher.AES_256}
_PLAIN_ECDSA = "0.4.0.127.0.7.1.1.4.1."
_PLAIN_HASHES = dict(zip("12345", Hash, strict=True))
_P224 = 10


class Mapping(enum.Enum):
    """How PACE maps its nonce (Doc 9303-11 §4.4.3.3)."""

    GENERIC = "GM"
    INTEGRATED = "IM"
    CHIP_AUTHENTICATION = "CAM"


class Agreement(enum.Enum):
    """In what kind of group keys are agreed on."""

    DH = "DH"
    ECDH = "ECDH"


#: Last but one arc of a PACE identifier (§9.2.1; TR-03110-3 §A.1.1.1). There is no CAM over DH.
_PACE = {
    "1": (Mapping.GENERIC, Agreement.DH),
    "2": (Mapping.GENERIC, Agreement.ECDH),
    "3": (Mapping.INTEGRATED, Agreement.DH),
    "4": (Mapping.INTEGRATED, Agreement.ECDH),
    "6": (Mapping.CHIP_AUTHENTICATION, Agreement.ECDH),
}
_CHIP_AUTHENTICATION = {"1": Agreement.DH, "2": Agreement.ECDH}


@dataclass(frozen=True, slots=True)
class PaceOffer:
    """A PACEInfo with standardised domain parameters (Doc 9303-11 §9.2.1)."""

    oid: bytes
    mapping: Mapping
    agreement: Agreement
    cipher: Cipher
    domain: Domain
    parameter_id: int


@dataclass(frozen=True, slots=True)
class ChipAuthenticationOffer:
    """A ChipAuthenticationInfo (Doc 9303-11 §9.2.5)."""

    oid: bytes
    agreement: Agreement
    cipher: Cipher
    key_id: int | None


def pace_offers(card_access: bytes) -> tuple[PaceOffer, ...]:
    """Return what EF.CardAccess offers of PACE, in its order."""
    found = (_pace_offer(oid, numbers) for oid, numbers in _infos(card_access))
    return tuple(offer for offer in found if offer is not None)


def _pace_offer(oid: bytes, numbers: list[int]) -> PaceOffer | None:
    variant, cipher = _variant(f"{BSI_SMARTCARD}.4.", oid)
    if variant not in _PACE or cipher is None or len(numbers) != 2 or numbers[0] != 2:
        return None
    mapping, agreement = _PACE[variant]
    parameter_id = numbers[1]
    if (parameter_id < 3) is not (agreement is Agreement.DH):
        return None
    if mapping is Mapping.INTEGRATED and parameter_id == _P224:
        return None  # its prime is 1 modulo 4: the point encoding does not exist (§4.4.3.3.2)
    if mapping is Mapping.CHIP_AUTHENTICATION and cipher is Cipher.TDES:
        return None
    try:
        domain = standardised_domain(parameter_id)
    except CryptoError:
        return None
    return PaceOffer(oid, mapping, agreement, cipher, domain, parameter_id)


def chip_authentication_offers(dg14: bytes) -> tuple[ChipAuthenticationOffer, ...]:
    """Return the variants of Chip Authentication that DG14 offers, in its order.

    A key for which there is no ChipAuthenticationInfo is offered with 3DES (§9.2.5).
    """
    found, keys = [], []
    for entry in _entries(_unwrapped(dg14)):
        oid, numbers = entry[0], _integers(entry[1:])
        variant, cipher = _variant(f"{BSI_SMARTCARD}.3.", oid)
        if variant in _CHIP_AUTHENTICATION and cipher is not None and numbers:
            agreement = _CHIP_AUTHENTICATION[variant]
            key_id = numbers[1] if len(numbers) > 1 else None
            found.append(ChipAuthenticationOffer(oid, agreement, cipher, key_id))
        kind = _CHIP_AUTHENTICATION.get(_dotted(oid).removeprefix(f"{BSI_SMARTCARD}.1."))
        if kind is not None:
            key_id = int.from_bytes(entry[2], "big") if len(entry) > 2 else None
            keys.append((kind, key_id))
    told = {(offer.agreement, offer.key_id) for offer in found}
    found += [_default_offer(kind, key_id) for kind, key_id in keys if (kind, key_id) not in told]
    return tuple(found)


def _default_offer(agreement: Agreement, key_id: int | None) -> ChipAuthenticationOffer:
    arc = "1" if agreement is Agreement.DH else "2"
    oid = encode_oid(f"{BSI_SMARTCARD}.3.{arc}.1")
    return ChipAuthenticationOffer(oid, agreement, Cipher.TDES, key_id)


def active_authentication_hash(dg14: bytes) -> Hash | None:
    """Return the hash that ActiveAuthenticationInfo names for ECDSA (Doc 9303-11 §9.2.4)."""
    for entry in _entries(_unwrapped(dg14)):
        if len(entry) == 3 and _dotted(entry[0]) == ACTIVE_AUTHENTICATION:
            suffix = _dotted(entry[2]).removeprefix(_PLAIN_ECDSA)
            return _PLAIN_HASHES.get(suffix)
    return None


def _infos(der_set: bytes) -> Iterator[tuple[bytes, list[int]]]:
    """Yield the identifier and the integers of each SecurityInfo that has nothing else."""
    for entry in _entries(der_set):
        numbers = _integers(entry[1:])
        if numbers is not None:
            yield entry[0], numbers


def _entries(der_set: bytes) -> list[list[bytes]]:
    """Return the values inside each SecurityInfo; those that are not INTEGER or OID as b""."""
    try:
        members = children(parse_one(der_set, 0x31, "SecurityInfos"))
        entries = [
            [part.value if part.tag in (0x02, 0x06) else b"" for part in children(member)]
            for member in members
        ]
    except MalformedData:
        return []
    return [entry for entry in entries if entry]


def _integers(values: list[bytes]) -> list[int] | None:
    if not all(values):
        return None
    return [int.from_bytes(value, "big") for value in values]


def _unwrapped(dg14: bytes) -> bytes:
    try:
        return parse_one(dg14, 0x6E, "DG14").value
    except MalformedData:
        return b""


def _variant(root: str, oid: bytes) -> tuple[str, Cipher | None]:
    """Return the arc after ``root`` and the cipher that the one after it names."""
    dotted = _dotted(oid)
    if not dotted.startswith(root):
        return "", None
    variant, _, cipher = dotted.removeprefix(root).partition(".")
    return variant, _CIPHERS.get(cipher)


def _dotted(oid: bytes) -> str:
    try:
        return decode_oid(oid)
    except MalformedData:
        return ""
