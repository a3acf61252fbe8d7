"""What the object identifiers of PACE and Chip Authentication say (TR-03110-3 §A.1.1.1, §A.1.1.2).

The last arc but one names key agreement and mapping, the last one the cipher.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ecid.encoding.oid import BSI_SMARTCARD
from ecid_crypto.cipher import Cipher

KeyAgreement = Literal["DH", "ECDH"]
"""Finite field or elliptic curve Diffie-Hellman."""

Mapping = Literal["GM", "IM", "CAM"]
"""How PACE maps the nonce: generic, integrated, or with chip authentication."""

PUBLIC_KEY = f"{BSI_SMARTCARD}.1"
TERMINAL_AUTHENTICATION = f"{BSI_SMARTCARD}.2"
CHIP_AUTHENTICATION = f"{BSI_SMARTCARD}.3"
PACE = f"{BSI_SMARTCARD}.4"

_CIPHERS = {"1": Cipher.TDES, "2": Cipher.AES_128, "3": Cipher.AES_192, "4": Cipher.AES_256}
_AGREEMENTS: dict[str, KeyAgreement] = {"1": "DH", "2": "ECDH"}
_PACE_ARCS: dict[str, tuple[Mapping, KeyAgreement]] = {
    "1": ("GM", "DH"),
    "2": ("GM", "ECDH"),
    "3": ("IM", "DH"),
    "4": ("IM", "ECDH"),
    "6": ("CAM", "ECDH"),
}


@dataclass(frozen=True, slots=True)
class PaceProtocol:
    """One variant of PACE (Doc 9303-11 §4.4.1)."""

    mapping: Mapping
    key_agreement: KeyAgreement
    cipher: Cipher


@dataclass(frozen=True, slots=True)
class ChipAuthenticationProtocol:
    """One variant of Chip Authentication (Doc 9303-11 §6.2)."""

    key_agreement: KeyAgreement
    cipher: Cipher


def pace_protocol(oid: str) -> PaceProtocol | None:
    """Return the variant of PACE that ``oid`` names, or None."""
    arcs = _arcs_below(PACE, oid, 2)
    if arcs is None or arcs[0] not in _PACE_ARCS or arcs[1] not in _CIPHERS:
        return None
    mapping, agreement = _PACE_ARCS[arcs[0]]
    cipher = _CIPHERS[arcs[1]]
    # CAM with 3DES has no identifier.
    if mapping == "CAM" and cipher is Cipher.TDES:
        return None
    return PaceProtocol(mapping, agreement, cipher)


def chip_authentication_protocol(oid: str) -> ChipAuthenticationProtocol | None:
    """Return the variant of Chip Authentication that ``oid`` names, or None."""
    arcs = _arcs_below(CHIP_AUTHENTICATION, oid, 2)
    if arcs is None or arcs[0] not in _AGREEMENTS or arcs[1] not in _CIPHERS:
        return None
    return ChipAuthenticationProtocol(_AGREEMENTS[arcs[0]], _CIPHERS[arcs[1]])


def pace_domain_agreement(oid: str) -> KeyAgreement | None:
    """Return the key agreement if ``oid`` names PACE domain parameters (TR-03110-3 §A.1.1.1)."""
    arcs = _arcs_below(PACE, oid, 1)
    return _PACE_ARCS[arcs[0]][1] if arcs is not None and arcs[0] in _PACE_ARCS else None


def public_key_agreement(oid: str) -> KeyAgreement | None:
    """Return the key agreement if ``oid`` is id-PK-DH or id-PK-ECDH (TR-03110-3 §A.1.1.2)."""
    arcs = _arcs_below(PUBLIC_KEY, oid, 1)
    return _AGREEMENTS.get(arcs[0]) if arcs is not None else None


def _arcs_below(root: str, oid: str, count: int) -> list[str] | None:
    """Return the ``count`` arcs that follow ``root`` in ``oid``, or None."""
    if not oid.startswith(f"{root}."):
        return None
    arcs = oid.removeprefix(f"{root}.").split(".")
    return arcs if len(arcs) == count else None
