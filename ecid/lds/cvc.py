"""Card-verifiable certificates and EF.CVCA, read strictly (TR-03110-3 App. C and D, -1 §A.2).

The two dates have no zone: they are days in GMT.
"""

from __future__ import annotations

from datetime import date

from ecid.encoding.oid import decode_oid
from ecid.encoding.tlv import Cursor, Tlv, children, parse_one
from ecid.errors import MalformedData
from ecid.lds.cvc_public_key import minimal, parse_public_key, primitive
from ecid.lds.cvc_types import INSPECTION_SYSTEM, CardVerifiableCertificate, Chat

MAX_CERTIFICATE = 8192
"""Longest certificate that is read, in bytes; RSA of 8192 bits takes about 2,300."""

_WHERE = "CVC"
_CVCA_FILE = "CVCA"
_REFERENCE = 16
_REFERENCES = 2


def parse_cvc(data: bytes) -> CardVerifiableCertificate:
    """Return the certificate (object 7F21) that ``data`` consists of; nothing is verified.

    Every object stands where §C.1 has it, with the shortest length. Raises
    ``MalformedData("CVC", rule)``: ``too_large``, ``length_not_minimal``, ``empty``,
    ``profile``, ``reference_length``, ``reference_characters``, ``authorization``, ``date``,
    ``leading_zero``, ``extensions``, or what a cursor raises; and ``UnsupportedData`` for
    algorithms that Terminal Authentication has not.
    """
    if len(data) > MAX_CERTIFICATE:
        raise MalformedData(_WHERE, "too_large")
    certificate = minimal(parse_one(data, 0x7F21, _WHERE)).cursor()
    body = minimal(certificate.read(0x7F4E))
    signature = primitive(certificate, 0x5F37)
    certificate.finish()

    fields = body.cursor()
    _check_profile(fields)
    authority = _reference(fields, 0x42)
    public_key = parse_public_key(minimal(fields.read(0x7F49)))
    holder = _reference(fields, 0x5F20)
    authorization = _authorization(minimal(fields.read(0x7F4C)))
    effective, expiration = _date(fields, 0x5F25), _date(fields, 0x5F24)
    extensions = None if fields.at_end else _extensions(minimal(fields.read(0x65)))
    fields.finish()
    return CardVerifiableCertificate(
        raw=data,
        raw_body=body.raw,
        authority_reference=authority,
        public_key=public_key,
        holder_reference=holder,
        authorization=authorization,
        effective=effective,
        expiration=expiration,
        extensions=extensions,
        signature=signature,
    )


def parse_cvca_file(data: bytes) -> tuple[str, ...]:
    """Return the references of the CVCA keys a chip trusts: the current, then the previous one.

    EF.CVCA is one or two objects 42, then zeros up to the size of the file (TR-03110-1 §A.2).
    Raises ``MalformedData("CVCA", rule)``: ``no_reference``, ``padding``, ``reference_length``,
    ``reference_characters``, ``length_not_minimal``, or what a cursor raises.
    """
    found: list[str] = []
    cursor = Cursor(data, where=_CVCA_FILE)
    while len(found) < _REFERENCES and data[cursor.position : cursor.position + 1] == b"\x42":
        found.append(_reference(cursor, 0x42))
    if not found:
        raise MalformedData(_CVCA_FILE, "no_reference", 0)
    if any(data[cursor.position :]):
        raise MalformedData(_CVCA_FILE, "padding", cursor.position)
    return tuple(found)


def parse_reference(value: bytes, where: str) -> str:
    """Return the certificate reference that ``value`` is: 1 to 16 characters of ISO 8859-1.

    Raises ``MalformedData(where, "reference_length" or "reference_characters")``: the control
    characters 00 to 1F and 7F to 9F must not be used (TR-03110-3 §D.2.1.4).
    """
    if not 1 <= len(value) <= _REFERENCE:
        raise MalformedData(where, "reference_length")
    if any(octet < 0x20 or 0x7F <= octet <= 0x9F for octet in value):
        raise MalformedData(where, "reference_characters")
    return value.decode("iso-8859-1")


def _check_profile(fields: Cursor) -> None:
    """Version 1 is profile 0; there is no other (§C.1.1)."""
    at = fields.position
    if primitive(fields, 0x5F29) != b"\x00":
        raise MalformedData(_WHERE, "profile", at)


def _reference(cursor: Cursor, tag: int) -> str:
    read = minimal(cursor.read(tag))
    return parse_reference(read.value, read.where)


def _authorization(template: Tlv) -> Chat:
    """Return the CHAT; its oid says how long the authorization is, which we know of one (§C.4)."""
    cursor = template.cursor()
    oid = decode_oid(primitive(cursor, 0x06), _WHERE)
    value = primitive(cursor, 0x53)
    cursor.finish()
    if oid == INSPECTION_SYSTEM and len(value) != 1:
        raise MalformedData(_WHERE, "authorization", template.start)
    return Chat(oid, value)


def _date(fields: Cursor, tag: int) -> date:
    """Return a day of the years 2000 to 2099, six digits of one byte each (§D.2.1.3)."""
    at = fields.position
    digits = primitive(fields, tag)
    if len(digits) != 6 or max(digits) > 9:
        raise MalformedData(_WHERE, "date", at)
    year, month, day = (10 * digits[n] + digits[n + 1] for n in (0, 2, 4))
    try:
        return date(2000 + year, month, day)
    except ValueError as exc:
        raise MalformedData(_WHERE, "date", at) from exc


def _extensions(template: Tlv) -> bytes:
    """Return the object 65 if it holds templates 73 that each start with an identifier (§C.3)."""
    templates = children(template)
    if not templates:
        raise MalformedData(_WHERE, "extensions", template.start)
    for extension in templates:
        if extension.tag != 0x73:
            raise MalformedData(_WHERE, "extensions", extension.start)
        decode_oid(primitive(minimal(extension).cursor(), 0x06), _WHERE)
    return template.raw
