"""Distinguished names: compared as received, and searched for one attribute (RFC 5280 §4.1.2.4)."""

from __future__ import annotations

from ecid.encoding.oid import decode_oid
from ecid.encoding.tlv import Tlv, children, parse_one
from ecid.errors import MalformedData

COUNTRY = "2.5.4.6"
COMMON_NAME = "2.5.4.3"

_TEXT_TAGS = {0x0C: "utf-8", 0x13: "ascii", 0x14: "latin-1", 0x16: "ascii", 0x1E: "utf-16-be"}


def attributes(name: bytes, where: str) -> tuple[tuple[str, str], ...]:
    """Return the (dotted type, text) pairs of the DER ``name``, in order.

    Raises ``MalformedData`` for bytes that are not a Name; a value of no text type is left out.
    """
    found: list[tuple[str, str]] = []
    for relative_name in children(parse_one(name, 0x30, where)):
        for pair in children(relative_name):
            found += _attribute(children(pair), where)
    return tuple(found)


def country(name: bytes, where: str) -> str | None:
    """Return countryName in upper case, or None: absent, or there with two different values."""
    values = {value.upper() for kind, value in attributes(name, where) if kind == COUNTRY}
    return values.pop() if len(values) == 1 else None


def common_name(name: bytes, where: str) -> str:
    """Return the commonName values joined by a space; empty where there is none."""
    return " ".join(value for kind, value in attributes(name, where) if kind == COMMON_NAME)


def _attribute(parts: tuple[Tlv, ...], where: str) -> list[tuple[str, str]]:
    """Return the AttributeTypeAndValue made of ``parts``, or nothing if it is no text."""
    if len(parts) != 2 or parts[0].tag != 0x06:
        raise MalformedData(where, "not_a_name")
    kind, value = parts
    if value.tag not in _TEXT_TAGS:
        return []
    try:
        return [(decode_oid(kind.value, where), value.value.decode(_TEXT_TAGS[value.tag]))]
    except UnicodeDecodeError:
        raise MalformedData(where, "not_text", value.start) from None
