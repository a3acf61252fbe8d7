"""The values of the extensions of Doc 9303-12 §7.1: strict DER first, then what issuers write.

Each function takes the octets inside the extension and returns what they say together with the
code of what had to be overlooked, or None. Raises ``MalformedData`` for what says nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from ecid.encoding import der
from ecid.encoding.oid import decode_oid
from ecid.encoding.tlv import Tlv, children, parse_one
from ecid.errors import MalformedData

_WHERE = "certificate"
_SHA1_LENGTH = 20

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Read(Generic[T]):
    """What an extension says, and the deviation it says it with."""

    value: T
    deviation: str | None = None


@dataclass(frozen=True, slots=True)
class Constraints:
    """BasicConstraints (RFC 5280 §4.2.1.9)."""

    ca: bool
    path_length: int | None


@der.sequence
class _AuthorityKeyIdentifier:
    key_identifier: der.Annotated[bytes | None, der.Implicit(0)]
    rest: der.Annotated[list[der.TLV] | None, der.Implicit(1)]
    serial: der.Annotated[int | None, der.Implicit(2)]


@der.sequence
class _BasicConstraints:
    ca: der.Annotated[bool, der.Default(False)]
    path_length: int | None


@der.sequence
class _Types:
    version: int
    types: der.SetOf[der.PrintableString]


@der.sequence
class _UsagePeriod:
    not_before: der.Annotated[der.GeneralizedTime | None, der.Implicit(0)]
    not_after: der.Annotated[der.GeneralizedTime | None, der.Implicit(1)]


def _first(strict: Callable[[], Read[T]], by_hand: Callable[[], Read[T]]) -> Read[T]:
    """Return what strict DER says, else what is read by hand; else the strict refusal stands."""
    try:
        return strict()
    except MalformedData as exc:
        try:
            return by_hand()
        except MalformedData:
            raise exc from None


def subject_key_identifier(value: bytes) -> Read[bytes]:
    """Return the identifier; ``bare_key_identifier`` where its OCTET STRING header is missing."""
    proper = value[:2] == bytes([0x04, _SHA1_LENGTH - 2])
    if len(value) == _SHA1_LENGTH and not proper:
        return Read(value, "bare_key_identifier")
    found = parse_one(value, 0x04, _WHERE)
    return Read(found.value, None if found.minimal else "ber_encoding")


def authority_key_identifier(value: bytes) -> Read[bytes | None]:
    """Return keyIdentifier, or None where the extension names the issuer by other means."""

    def strict() -> Read[bytes | None]:
        return Read(der.decode(_AuthorityKeyIdentifier, value, _WHERE).key_identifier)

    def by_hand() -> Read[bytes | None]:
        parts = children(parse_one(value, 0x30, _WHERE))
        named = [part for part in parts if part.tag == 0x80]
        if len(named) > 1:
            raise MalformedData(_WHERE, "authority_key_identifier")
        return Read(named[0].value if named else None, "ber_encoding")

    return _first(strict, by_hand)


def basic_constraints(value: bytes) -> Read[Constraints]:
    """Return cA and pathLenConstraint.

    ``boolean_encoding`` for a TRUE that is not FF, which BER allows (X.690 §8.2.2);
    ``ber_encoding`` for a FALSE that is written out, and for lengths that are not minimal.
    """

    def strict() -> Read[Constraints]:
        found = der.decode(_BasicConstraints, value, _WHERE)
        return Read(Constraints(found.ca, found.path_length))

    return _first(strict, lambda: _constraints_by_hand(parse_one(value, 0x30, _WHERE)))


def _constraints_by_hand(outer: Tlv) -> Read[Constraints]:
    cursor = outer.cursor()
    truth = b"\x00" if cursor.at_end or cursor.peek_tag() != 0x01 else cursor.read(0x01).value
    length = None if cursor.at_end else cursor.read(0x02)
    cursor.finish()
    if len(truth) != 1 or (length is not None and not length.value):
        raise MalformedData(_WHERE, "basic_constraints")
    number = None if length is None else int.from_bytes(length.value, "big", signed=True)
    other_true = truth not in (b"\x00", b"\xff")
    code = "boolean_encoding" if other_true else "ber_encoding"
    return Read(Constraints(truth != b"\x00", number), code)


def key_usage(value: bytes) -> Read[frozenset[int]]:
    """Return the numbers of the bits that are set (RFC 5280 §4.2.1.3)."""
    found = parse_one(value, 0x03, _WHERE)
    bits = found.value
    if not bits or bits[0] > 7:
        raise MalformedData(_WHERE, "key_usage")
    number = int.from_bytes(bits[1:], "big") >> bits[0]
    width = 8 * (len(bits) - 1) - bits[0]
    numbers = frozenset(i for i in range(width) if number >> (width - 1 - i) & 1)
    return Read(numbers, None if found.minimal else "ber_encoding")


def extended_key_usage(value: bytes) -> Read[tuple[str, ...]]:
    """Return the purposes, dotted."""
    outer = parse_one(value, 0x30, _WHERE)
    purposes = children(outer)
    minimal = outer.minimal and all(purpose.minimal for purpose in purposes)
    found = tuple(decode_oid(purpose.value, _WHERE) for purpose in purposes)
    return Read(found, None if minimal else "ber_encoding")


def private_key_usage(value: bytes) -> Read[tuple[datetime | None, datetime | None]]:
    """Return from when until when the private key may sign (RFC 3280 §4.2.1.4)."""
    period = der.decode(_UsagePeriod, value, _WHERE)
    ends = (period.not_before, period.not_after)
    start, end = (None if each is None else each.as_datetime() for each in ends)
    return Read((start, end))


def document_types(value: bytes) -> Read[frozenset[str]]:
    """Return the document codes (Doc 9303-12 §7.1.1.6): ``set_order`` where they are not sorted."""

    def strict() -> Read[frozenset[str]]:
        found = der.decode(_Types, value, _WHERE)
        return Read(frozenset(each.as_str() for each in found.types.as_list()))

    return _first(strict, lambda: _types_by_hand(children(parse_one(value, 0x30, _WHERE))))


def _types_by_hand(parts: tuple[Tlv, ...]) -> Read[frozenset[str]]:
    if [part.tag for part in parts] != [0x02, 0x31]:
        raise MalformedData(_WHERE, "document_types")
    codes = children(parts[1])
    plain = parts[1].minimal and all(code.minimal and code.tag == 0x13 for code in codes)
    return Read(frozenset(map(_code, codes)), "set_order" if plain else "ber_encoding")


def _code(code: Tlv) -> str:
    """Return a document code, a PrintableString as prescribed or an UTF8String as some write."""
    if code.tag not in (0x0C, 0x13) or not code.value.isascii():
        raise MalformedData(_WHERE, "document_types", code.start)
    return code.value.decode("ascii")
