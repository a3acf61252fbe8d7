"""Distinguished names: searched for one attribute, and compared by what they say (RFC 5280 §7.1).

The same name stands in other string types, cases and orders in certificates of one issuer, so
names are compared by value; what had to be overlooked for that is said (``Likeness``).
"""

from __future__ import annotations

import unicodedata
from enum import StrEnum
from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple

from ecid.encoding import der
from ecid.encoding.oid import decode_oid
from ecid.encoding.tlv import Tlv, children, encode_length, parse_one
from ecid.errors import MalformedData

COUNTRY = "2.5.4.6"
COMMON_NAME = "2.5.4.3"

#: No real name has more; the cache would otherwise hold whatever a forger sends.
_REMEMBERED_BYTES = 512

_TEXT_TAGS = {0x0C: "utf-8", 0x13: "ascii", 0x14: "latin-1", 0x16: "ascii", 0x1E: "utf-16-be"}

_KindAndText = tuple[str, str]
_Canonical = tuple[tuple[_KindAndText, ...], ...]


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
    texts = (
        (each.kind, _text(each, where))
        for members in _relative_names(name, where)
        for each in members
    )
    return tuple((kind, text) for kind, text in texts if text is not None)


def country(name: bytes, where: str) -> str | None:
    """Return countryName in upper case, or None: absent, or there with two different values."""
    values = {value.upper() for kind, value in attributes(name, where) if kind == COUNTRY}
    return values.pop() if len(values) == 1 else None


def common_name(name: bytes, where: str) -> str:
    """Return the commonName values joined by a space; empty where there is none."""
    return " ".join(value for kind, value in attributes(name, where) if kind == COMMON_NAME)


class _Member(NamedTuple):
    """One AttributeTypeAndValue: the dotted type, and tag and content of the value."""

    kind: str
    tag: int
    value: bytes


@der.sequence
class _Pair:
    kind: der.ObjectIdentifier
    value: der.TLV


@der.sequence
class _Wrapped:
    """A Name as the only field of a sequence, since the decoder's roots are classes."""

    name: list[der.SetOf[_Pair]]


def _canonical(name: bytes, where: str) -> _Canonical:
    """Return ``name`` in canonical form; only names of the usual size are worth remembering."""
    if len(name) > _REMEMBERED_BYTES:
        return _canonical_form(name, where)
    return _remembered(name, where)


@lru_cache(maxsize=1024)
def _remembered(name: bytes, where: str) -> _Canonical:
    return _canonical_form(name, where)


def _canonical_form(name: bytes, where: str) -> _Canonical:
    """Return ``name`` with every text folded, the members of each relative name sorted."""
    return tuple(
        tuple(sorted((each.kind, _folded(each, where)) for each in members))
        for members in _relative_names(name, where)
    )


def _folded(member: _Member, where: str) -> str:
    """Return a text without case, width and surplus space (RFC 4518 §2), others as hex digits."""
    text = _text(member, where)
    if text is None:
        return f"#{member.tag:02x}{member.value.hex()}"
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _relative_names(name: bytes, where: str) -> tuple[tuple[_Member, ...], ...]:
    """Return the members of every relative name, in order; BER is read by the cursor."""
    try:
        wrapped = der.decode(_Wrapped, b"\x30" + encode_length(len(name)) + name, where)
    except MalformedData:
        sets = children(parse_one(name, 0x30, where))
        return tuple(tuple(_pair(each, where) for each in _members(s, where)) for s in sets)
    return tuple(
        tuple(
            _Member(
                each.kind.dotted_string,
                int.from_bytes(each.value.tag_bytes, "big"),
                bytes(each.value.data),
            )
            for each in members.as_list()
        )
        for members in wrapped.name
    )


def _members(relative: Tlv, where: str) -> tuple[Tlv, ...]:
    if relative.tag != 0x31:
        raise MalformedData(where, "not_a_name", relative.start)
    return children(relative)


def _pair(pair: Tlv, where: str) -> _Member:
    parts = children(pair)
    if pair.tag != 0x30 or len(parts) != 2 or parts[0].tag != 0x06:
        raise MalformedData(where, "not_a_name", pair.start)
    return _Member(decode_oid(parts[0].value, where), parts[1].tag, parts[1].value)


def _text(member: _Member, where: str) -> str | None:
    if member.tag not in _TEXT_TAGS:
        return None
    try:
        return member.value.decode(_TEXT_TAGS[member.tag])
    except UnicodeDecodeError:
        raise MalformedData(where, "not_text") from None
