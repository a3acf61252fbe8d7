"""What a chip offers, taken from its own files: it does what they say, and nothing else.

A file that cannot be read offers nothing; the chip does not mind, the terminal should.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ecid.encoding.oid import ACTIVE_AUTHENTICATION, BSI_SMARTCARD, decode_oid
from ecid.encoding.tlv import children, parse_one
from ecid.errors import MalformedData
from ecid_crypto.cipher import Cipher
from ecid_crypto.curves import Curve, standardised_curve
from ecid_crypto.errors import CryptoError
from ecid_crypto.hashes import Hash

_CIPHERS = {"1": Cipher.TDES, "2": Cipher.AES_128, "3": Cipher.AES_192, "4": Cipher.AES_256}
_PACE_ECDH_GM = f"{BSI_SMARTCARD}.4.2."
_CA_ECDH = f"{BSI_SMARTCARD}.3.2."
_PLAIN_ECDSA = "0.4.0.127.0.7.1.1.4.1."
_PLAIN_HASHES = dict(zip("12345", Hash, strict=True))


@dataclass(frozen=True, slots=True)
class PaceOffer:
    """A PACEInfo with generic mapping over an elliptic curve (Doc 9303-11 §9.2.1)."""

    oid: bytes
    cipher: Cipher
    curve: Curve
    parameter_id: int


@dataclass(frozen=True, slots=True)
class ChipAuthenticationOffer:
    """A ChipAuthenticationInfo over an elliptic curve (Doc 9303-11 §9.2.5)."""

    oid: bytes
    cipher: Cipher
    key_id: int | None


def pace_offers(card_access: bytes) -> tuple[PaceOffer, ...]:
    """Return what EF.CardAccess offers of the one variant of PACE that is emulated."""
    found = []
    for oid, numbers in _infos(card_access):
        cipher = _cipher(_PACE_ECDH_GM, oid)
        if cipher is None or len(numbers) != 2:
            continue
        try:
            curve = standardised_curve(numbers[1])
        except CryptoError:
            continue
        found.append(PaceOffer(oid, cipher, curve, numbers[1]))
    return tuple(found)


def chip_authentication_offers(dg14: bytes) -> tuple[ChipAuthenticationOffer, ...]:
    """Return the variants of Chip Authentication over elliptic curves that DG14 offers."""
    found = []
    for oid, numbers in _infos(_unwrapped(dg14)):
        cipher = _cipher(_CA_ECDH, oid)
        if cipher is not None and numbers:
            key_id = numbers[1] if len(numbers) > 1 else None
            found.append(ChipAuthenticationOffer(oid, cipher, key_id))
    return tuple(found)


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
        if entry and numbers is not None:
            yield entry[0], numbers


def _entries(der_set: bytes) -> list[list[bytes]]:
    """Return the values inside each SecurityInfo; those that are not INTEGER or OID as b""."""
    try:
        members = children(parse_one(der_set, 0x31, "SecurityInfos"))
        return [
            [part.value if part.tag in (0x02, 0x06) else b"" for part in children(member)]
            for member in members
        ]
    except MalformedData:
        return []


def _integers(values: list[bytes]) -> list[int] | None:
    if not all(values):
        return None
    return [int.from_bytes(value, "big") for value in values]


def _unwrapped(dg14: bytes) -> bytes:
    try:
        return parse_one(dg14, 0x6E, "DG14").value
    except MalformedData:
        return b""


def _cipher(root: str, oid: bytes) -> Cipher | None:
    dotted = _dotted(oid)
    return _CIPHERS.get(dotted.removeprefix(root)) if dotted.startswith(root) else None


def _dotted(oid: bytes) -> str:
    try:
        return decode_oid(oid)
    except MalformedData:
        return ""
