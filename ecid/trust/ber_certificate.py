"""A certificate that is BER and not DER, cut into its parts by pyasn1 (X.690 §8, RFC 5280 §4.1).

Seen in the field: serial numbers with leading zeros, FALSE written out where it is the default,
dates without seconds. The parts are slices of the bytes as received; only where a length in them
is indefinite are they in definite form, which is what a signature covers (X.509: the DER form).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pyasn1.type import namedtype, tag, univ

from ecid.encoding import ber
from ecid.encoding.tlv import children, parse_one
from ecid.errors import MalformedData
from ecid.trust.times import parse_time

_WHERE = "certificate"


def _explicit(number: int) -> Any:
    return tag.Tag(tag.tagClassContext, tag.tagFormatConstructed, number)


def _implicit(number: int) -> Any:
    return tag.Tag(tag.tagClassContext, tag.tagFormatSimple, number)


def _sequence(*fields: Any) -> Any:
    return univ.Sequence(componentType=namedtype.NamedTypes(*fields))


_Field, _Default, _Optional = (
    namedtype.NamedType,
    namedtype.DefaultedNamedType,
    namedtype.OptionalNamedType,
)
_EXTENSION = _sequence(
    _Field("oid", univ.ObjectIdentifier()),
    _Default("critical", univ.Boolean(False)),
    _Field("value", univ.OctetString()),
)
_EXTENSIONS = univ.SequenceOf(componentType=_EXTENSION)
_TBS_CERTIFICATE = _sequence(
    _Default("version", univ.Integer(0).subtype(explicitTag=_explicit(0))),
    _Field("serial", univ.Integer()),
    _Field("algorithm", univ.Any()),
    _Field("issuer", univ.Any()),
    _Field("validity", univ.Any()),
    _Field("subject", univ.Any()),
    _Field("key", univ.Any()),
    _Optional("issuer_id", univ.BitString().subtype(implicitTag=_implicit(1))),
    _Optional("subject_id", univ.BitString().subtype(implicitTag=_implicit(2))),
    _Optional("extensions", _EXTENSIONS.subtype(explicitTag=_explicit(3))),
)
_CERTIFICATE = _sequence(
    _Field("tbs", univ.Any()),
    _Field("algorithm", univ.Any()),
    _Field("signature", univ.BitString()),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The fields of a certificate; names and meanings are those of ``certificate.Certificate``."""

    raw_tbs: bytes = field(repr=False)
    raw_issuer: bytes = field(repr=False)
    raw_subject: bytes = field(repr=False)
    raw_public_key: bytes = field(repr=False)
    raw_algorithm: bytes = field(repr=False)
    raw_inner_algorithm: bytes = field(repr=False)
    signature: bytes = field(repr=False)
    version: int
    serial: int
    not_before: datetime
    not_after: datetime
    extensions: tuple[tuple[str, bool, bytes], ...] = field(repr=False)
    """Object identifier, whether critical, and the octets inside."""


def parse(data: bytes) -> Parts:
    """Return the parts of the certificate (BER) that ``data`` consists of, or ``MalformedData``."""
    with ber.refused(_WHERE):
        return _parts(data)


def _parts(data: bytes) -> Parts:
    outer = ber.decode(data, _CERTIFICATE, _WHERE)
    raw_tbs = bytes(outer["tbs"])
    tbs = ber.decode(raw_tbs, _TBS_CERTIFICATE, _WHERE)
    not_before, not_after = _validity(bytes(tbs["validity"]))
    return Parts(
        raw_tbs=raw_tbs,
        raw_issuer=bytes(tbs["issuer"]),
        raw_subject=bytes(tbs["subject"]),
        raw_public_key=bytes(tbs["key"]),
        raw_algorithm=bytes(outer["algorithm"]),
        raw_inner_algorithm=bytes(tbs["algorithm"]),
        signature=_octets(outer["signature"]),
        version=int(tbs["version"]),
        serial=int(tbs["serial"]),
        not_before=not_before,
        not_after=not_after,
        extensions=_extensions(tbs["extensions"]),
    )


def _validity(raw: bytes) -> tuple[datetime, datetime]:
    times = children(parse_one(raw, 0x30, _WHERE))
    if len(times) != 2:
        raise MalformedData(_WHERE, "validity")
    return parse_time(times[0], _WHERE), parse_time(times[1], _WHERE)


def _octets(bits: Any) -> bytes:
    if len(bits) % 8:
        raise MalformedData(_WHERE, "unused_bits")
    return bytes(bits.asOctets())


def _extensions(found: Any) -> tuple[tuple[str, bool, bytes], ...]:
    if not found.isValue:
        return ()
    return tuple(
        (_oid(each["oid"]), bool(each["critical"]), bytes(each["value"])) for each in found
    )


def _oid(found: Any) -> str:
    """Return the dotted form within our own bounds: arcs may be as long as the input."""
    arcs = tuple(found)
    if any(int(arc).bit_length() > 128 for arc in arcs):
        raise MalformedData(_WHERE, "bad_oid")
    return ".".join(map(str, arcs))
