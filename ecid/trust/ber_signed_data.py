"""A SignedData that is BER and not DER, cut into its parts by pyasn1 (X.690 §8, RFC 5652 §5.1).

Streaming issuers send lengths without end and the content in pieces. Certificates and signers
come as complete objects: what was signed in them is judged from these bytes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from pyasn1.type import namedtype, tag, univ

from ecid.encoding import ber
from ecid.encoding.oid import SIGNED_DATA, decode_oid
from ecid.encoding.tlv import children, is_padded, parse_one, walk
from ecid.errors import MalformedData


def _context(number: int) -> Any:
    return tag.Tag(tag.tagClassContext, tag.tagFormatConstructed, number)


def _sequence(*fields: Any) -> Any:
    return univ.Sequence(componentType=namedtype.NamedTypes(*fields))


_Field, _Optional = namedtype.NamedType, namedtype.OptionalNamedType
_ANY_SET = univ.SetOf(componentType=univ.Any())
_CONTENT_INFO = _sequence(
    _Field("type", univ.ObjectIdentifier()),
    _Field("content", univ.Any()),  # tagged, pyasn1 would take its primitive form, too
)
_ENCAPSULATED = _sequence(
    _Field("type", univ.ObjectIdentifier()),
    _Optional("content", univ.OctetString().subtype(explicitTag=_context(0))),
)
_SIGNED_DATA = _sequence(
    _Field("version", univ.Integer()),
    _Field("digests", _ANY_SET),
    _Field("encapsulated", _ENCAPSULATED),
    _Optional("certificates", _ANY_SET.subtype(implicitTag=_context(0))),
    _Optional("crls", _ANY_SET.subtype(implicitTag=_context(1))),
    _Field("signers", _ANY_SET),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The fields of a SignedData; ``only_order``: its lengths are DER, so a SET is out of order."""

    version: int
    digest_algorithms: tuple[str, ...]
    content_type: str
    content: bytes | None = field(repr=False)
    certificates: tuple[bytes, ...] = field(repr=False)
    crls: tuple[bytes, ...] = field(repr=False)
    signers: tuple[bytes, ...] = field(repr=False)
    only_order: bool


def parse(data: bytes, where: str) -> Parts:
    """Return the parts of the ContentInfo (BER) that ``data`` consists of, or ``MalformedData``."""
    with ber.refused(where):
        return _parts(data, where)


def _parts(data: bytes, where: str) -> Parts:
    info = ber.decode(data, _CONTENT_INFO, where)
    if str(info["type"]) != SIGNED_DATA:
        raise MalformedData(where, "not_signed_data")
    content = parse_one(bytes(info["content"]), 0xA0, where).value
    signed = ber.decode(content, _SIGNED_DATA, where)
    inside = signed["encapsulated"]["content"]
    return Parts(
        version=int(signed["version"]),
        digest_algorithms=tuple(_algorithm(bytes(each), where) for each in signed["digests"]),
        content_type=_dotted(signed["encapsulated"]["type"], where),
        content=bytes(inside) if inside.isValue else None,
        certificates=_members(signed["certificates"]),
        crls=_members(signed["crls"]),
        signers=_members(signed["signers"]),
        only_order=_has_der_lengths(data, where),
    )


def _members(found: Any) -> tuple[bytes, ...]:
    return tuple(bytes(each) for each in found) if found.isValue else ()


def _algorithm(raw: bytes, where: str) -> str:
    parts = children(parse_one(raw, 0x30, where))
    if not parts or parts[0].tag != 0x06:
        raise MalformedData(where, "algorithm")
    return decode_oid(parts[0].value, where)


def _dotted(found: Any, where: str) -> str:
    arcs = tuple(map(int, found))
    if any(arc.bit_length() > 128 for arc in arcs):
        raise MalformedData(where, "bad_oid")
    return ".".join(map(str, arcs))


def _has_der_lengths(data: bytes, where: str) -> bool:
    """Whether lengths are definite and minimal, no string comes in pieces, no number is padded."""
    try:
        return all(
            each.minimal and each.tag not in (0x23, 0x24) and not is_padded(each)
            for each in walk(parse_one(data, 0x30, where))
        )
    except MalformedData:
        return False
