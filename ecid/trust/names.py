"""Distinguished names: searched for one attribute, and compared by what they say (RFC 5280 §7.1).

The same name stands in other string types, cases and orders in certificates of one issuer, so
names are compared by value; what had to be overlooked for that is said (``Likeness``).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from enum import StrEnum
from functools import lru_cache
from hashlib import sha256

from ecid.encoding.oid import decode_oid
from ecid.encoding.tlv import Tlv, children, parse_one
from ecid.errors import MalformedData

COUNTRY = "2.5.4.6"
COMMON_NAME = "2.5.4.3"

_TEXT_TAGS = {0x0C: "utf-8", 0x13: "ascii", 0x14: "latin-1", 0x16: "ascii", 0x1E: "utf-16-be"}

_Pair = tuple[str, str]
_Canonical = tuple[tuple[_Pair, ...], ...]


class Likeness(StrEnum):
    """By what two names are the same; the values of the last two are codes of deviations."""

    IDENTICAL = "identical"
    ENCODING = "name_encoding"
    """Other string types, cases or white space."""
    ORDER = "name_order"
    """The same relative names in another order."""


def likeness(one: bytes, other: bytes, where: str) -> Likeness | None:
    """Say by what two DER names are the same, or None: they are not.

    Raises ``MalformedData`` for bytes that are not a Name.
    """
    if one == other:
        return Likeness.IDENTICAL
    first, second = _canonical(one, where), _canonical(other, where)
    if first == second:
        return Likeness.ENCODING
    return Likeness.ORDER if sorted(first) == sorted(second) else None


def index_key(name: bytes, where: str) -> bytes:
    """Return 32 bytes that are the same for names that are alike, in whatever way."""
    text = repr(sorted(_canonical(name, where)))
    return sha256(text.encode("utf-8", "surrogatepass")).digest()


def attributes(name: bytes, where: str) -> tuple[tuple[str, str], ...]:
    """Return the (dotted type, text) pairs of the DER ``name``, in order.

    Raises ``MalformedData`` for bytes that are not a Name; a value of no text type is left out.
    """
    texts = ((kind, _text(value, where)) for kind, value in _pairs(_relative_names(name, where)))
    return tuple((kind, text) for kind, text in texts if text is not None)


def country(name: bytes, where: str) -> str | None:
    """Return countryName in upper case, or None: absent, or there with two different values."""
    values = {value.upper() for kind, value in attributes(name, where) if kind == COUNTRY}
    return values.pop() if len(values) == 1 else None


def common_name(name: bytes, where: str) -> str:
    """Return the commonName values joined by a space; empty where there is none."""
    return " ".join(value for kind, value in attributes(name, where) if kind == COMMON_NAME)


@lru_cache(maxsize=4096)
def _canonical(name: bytes, where: str) -> _Canonical:
    """Return ``name`` with every text folded, the members of each relative name sorted."""
    return tuple(
        tuple(sorted((kind, _folded(value, where)) for kind, value in members))
        for members in _relative_names(name, where)
    )


def _folded(value: Tlv, where: str) -> str:
    """Return a text without case, width and surplus space (RFC 4518 §2), others as hex digits."""
    text = _text(value, where)
    if text is None:
        return f"#{value.raw.hex()}"
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _relative_names(name: bytes, where: str) -> list[list[tuple[str, Tlv]]]:
    sets = children(parse_one(name, 0x30, where))
    return [[_member(children(pair), where) for pair in children(each)] for each in sets]


def _pairs(names: Iterable[list[tuple[str, Tlv]]]) -> Iterator[tuple[str, Tlv]]:
    for members in names:
        yield from members


def _member(parts: tuple[Tlv, ...], where: str) -> tuple[str, Tlv]:
    """Return type and value of the AttributeTypeAndValue made of ``parts``."""
    if len(parts) != 2 or parts[0].tag != 0x06:
        raise MalformedData(where, "not_a_name")
    return decode_oid(parts[0].value, where), parts[1]


def _text(value: Tlv, where: str) -> str | None:
    if value.tag not in _TEXT_TAGS:
        return None
    try:
        return value.value.decode(_TEXT_TAGS[value.tag])
    except UnicodeDecodeError:
        raise MalformedData(where, "not_text", value.start) from None
