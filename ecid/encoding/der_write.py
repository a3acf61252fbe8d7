"""A small writer of DER (X.690 §10, §11) for emulated issuers, test cards and our own requests.

Every function returns one complete object, so that calls nest the way the structure does. What
it is given is our own data: values that no type can hold are a ``Misuse``.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from ecid.encoding.oid import encode_oid
from ecid.encoding.tlv import encode, parse_one
from ecid.errors import Misuse

_PRINTABLE = re.compile(r"[A-Za-z0-9 '()+,\-./:=?]*")


def seq(*parts: bytes) -> bytes:
    """Return a SEQUENCE of complete objects."""
    return encode(0x30, b"".join(parts))


def set_of(*parts: bytes, sort: bool = True) -> bytes:
    """Return a SET OF in DER order; ``sort=False`` keeps the given order, as broken issuers do."""
    return encode(0x31, b"".join(sorted(parts) if sort else parts))


def integer(value: int) -> bytes:
    """Return an INTEGER, negative ones in two's complement."""
    magnitude = value if value >= 0 else ~value
    return encode(0x02, value.to_bytes(magnitude.bit_length() // 8 + 1, "big", signed=True))


def oid(dotted: str) -> bytes:
    """Return an OBJECT IDENTIFIER; raises ``Misuse`` if ``dotted`` is none."""
    return encode(0x06, encode_oid(dotted))


def octets(value: bytes) -> bytes:
    """Return an OCTET STRING."""
    return encode(0x04, value)


def bits(value: bytes, unused: int = 0) -> bytes:
    """Return a BIT STRING whose last octet has ``unused`` (0 to 7) bits of padding, all zero."""
    if not 0 <= unused <= 7 or (unused and not value) or (value and value[-1] % (1 << unused)):
        raise Misuse
    return encode(0x03, bytes([unused]) + value)


def null() -> bytes:
    """Return a NULL."""
    return encode(0x05, b"")


def boolean(value: bool) -> bytes:
    """Return a BOOLEAN."""
    return encode(0x01, b"\xff" if value else b"\x00")


def utf8(text: str) -> bytes:
    """Return a UTF8String."""
    return encode(0x0C, text.encode())


def printable(text: str) -> bytes:
    """Return a PrintableString; raises ``Misuse`` for characters outside X.680 §41.4."""
    if not _PRINTABLE.fullmatch(text):
        raise Misuse
    return encode(0x13, text.encode("ascii"))


def ia5(text: str) -> bytes:
    """Return an IA5String; raises ``Misuse`` for characters outside ASCII."""
    if not text.isascii():
        raise Misuse
    return encode(0x16, text.encode("ascii"))


def utc_time(moment: datetime) -> bytes:
    """Return a UTCTime in Zulu time with seconds (RFC 5280 §4.1.2.5.1), for 1950 to 2049."""
    zulu = _zulu(moment)
    if not 1950 <= zulu.year <= 2049:
        raise Misuse
    return encode(0x17, f"{zulu:%y%m%d%H%M%SZ}".encode("ascii"))


def generalized_time(moment: datetime) -> bytes:
    """Return a GeneralizedTime in Zulu time with whole seconds (RFC 5280 §4.1.2.5.2)."""
    zulu = _zulu(moment)
    return encode(0x18, f"{zulu.year:04d}{zulu:%m%d%H%M%SZ}".encode("ascii"))


def explicit(number: int, inner: bytes) -> bytes:
    """Return ``inner`` inside the explicit context tag [``number``] (0 to 30)."""
    return encode(0xA0 | _tag_number(number), inner)


def implicit(number: int, der: bytes, constructed: bool | None = None) -> bytes:
    """Return the object ``der`` with its tag replaced by the context tag [``number``] (0 to 30).

    ``constructed`` is taken from ``der`` unless it is given.
    """
    inner = parse_one(der, der[0], "DER")
    form = inner.constructed if constructed is None else constructed
    return encode((0xA0 if form else 0x80) | _tag_number(number), inner.value)


def _tag_number(number: int) -> int:
    """Return ``number`` if it fits a one-byte tag."""
    if not 0 <= number <= 30:
        raise Misuse
    return number


def _zulu(moment: datetime) -> datetime:
    """Return ``moment`` in UTC; a time without a zone would depend on the machine."""
    if moment.tzinfo is None:
        raise Misuse
    return moment.astimezone(UTC)
