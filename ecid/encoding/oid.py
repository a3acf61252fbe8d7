"""Object identifiers: their DER content and the ones that several modules need (X.690 §8.19)."""

from __future__ import annotations

import re

from ecid.errors import MalformedData, Misuse

RSA_ENCRYPTION = "1.2.840.113549.1.1.1"
RSASSA_PSS = "1.2.840.113549.1.1.10"
MGF1 = "1.2.840.113549.1.1.8"
DSA = "1.2.840.10040.4.1"
EC_PUBLIC_KEY = "1.2.840.10045.2.1"
PRIME_FIELD = "1.2.840.10045.1.1"
DH_PUBLIC_NUMBER = "1.2.840.10046.2.1"
DH_KEY_AGREEMENT = "1.2.840.113549.1.3.1"

SIGNED_DATA = "1.2.840.113549.1.7.2"
CONTENT_TYPE = "1.2.840.113549.1.9.3"
MESSAGE_DIGEST = "1.2.840.113549.1.9.4"
SIGNING_TIME = "1.2.840.113549.1.9.5"

DATA = "1.2.840.113549.1.7.1"
LDS_SECURITY_OBJECT = "2.23.136.1.1.1"
CSCA_MASTER_LIST = "2.23.136.1.1.2"
MASTER_LIST_SIGNING_KEY = "2.23.136.1.1.3"
ACTIVE_AUTHENTICATION = "2.23.136.1.1.5"
DEVIATION_LIST = "2.23.136.1.1.7"
DEVIATION_LIST_SIGNING_KEY = "2.23.136.1.1.8"

#: Root of the EAC and PACE protocols, bsi-de protocols(2) smartcard(2) (TR-03110-3 §A.1.1).
BSI_SMARTCARD = "0.4.0.127.0.7.2.2"
SECURITY_OBJECT = "0.4.0.127.0.7.3.2.1"
DEFECT_LIST = "0.4.0.127.0.7.3.1.5"
STANDARDISED_DOMAIN_PARAMETERS = "0.4.0.127.0.7.1.2"

#: Bounds on what is read; 128 bits of arc are what X.667 (2.25.UUID) asks for.
MAX_ENCODED = 128
MAX_ARC_BITS = 128

_DOTTED = re.compile(
    r"(?:[01]\.[1-3]?[0-9]|2\.(?:0|[1-9][0-9]*))(?:\.(?:0|[1-9][0-9]*))*",
    re.ASCII,
)


def decode_oid(value: bytes, where: str = "OID") -> str:
    """Return the dotted form of the content bytes of an OBJECT IDENTIFIER.

    Raises ``MalformedData``: empty, cut off, an arc with leading zeros, or beyond the bounds.
    """
    if not 0 < len(value) <= MAX_ENCODED or value[-1] & 0x80:
        raise MalformedData(where, "bad_oid")
    arcs: list[int] = []
    arc, fresh = 0, True
    for octet in value:
        if fresh and octet == 0x80:
            raise MalformedData(where, "bad_oid")
        arc, fresh = arc << 7 | octet & 0x7F, not octet & 0x80
        if arc.bit_length() > MAX_ARC_BITS:
            raise MalformedData(where, "bad_oid")
        if fresh:
            arcs.append(arc)
            arc = 0
    root = min(arcs[0] // 40, 2)
    return ".".join(map(str, [root, arcs[0] - 40 * root, *arcs[1:]]))


def encode_oid(dotted: str) -> bytes:
    """Return the content bytes of the OBJECT IDENTIFIER ``dotted`` (without tag and length).

    Raises ``Misuse`` if it is not an object identifier.
    """
    if not _DOTTED.fullmatch(dotted):
        raise Misuse
    first, second, *rest = map(int, dotted.split("."))
    return b"".join(map(_arc, [40 * first + second, *rest]))


def _arc(number: int) -> bytes:
    """Return one arc in base 128, the high bit set in every octet but the last."""
    octets = [number & 0x7F]
    while number := number >> 7:
        octets.append(number & 0x7F | 0x80)
    return bytes(reversed(octets))
