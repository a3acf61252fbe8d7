"""Strict DER into declared classes: the one module that touches ``cryptography.hazmat.asn1``.

That interface is marked unstable, so its upper version is pinned and only what stands here may
be used elsewhere. Its limits, each tried: roots are classes (``decode_set_of`` wraps a bare SET
OF); ``TLV | None`` and implicit tags on TLV are refused; APPLICATION tags belong to ``tlv``; the
order of a SET OF is enforced. **The content of a ``TLV`` is not validated**: whoever takes one
decodes it with ``decode`` before use.
"""

from __future__ import annotations

from typing import Annotated, TypeVar

from cryptography.hazmat.asn1 import (
    TLV,
    BitString,
    Default,
    Explicit,
    GeneralizedTime,
    IA5String,
    Implicit,
    Null,
    PrintableString,
    SetOf,
    Size,
    UTCTime,
    decode_der,
    sequence,
    set,
)
from cryptography.x509 import ObjectIdentifier

from ecid.encoding.tlv import encode_length
from ecid.errors import MalformedData

__all__ = [
    "TLV",
    "Annotated",
    "BitString",
    "Default",
    "Explicit",
    "GeneralizedTime",
    "IA5String",
    "Implicit",
    "Null",
    "ObjectIdentifier",
    "PrintableString",
    "SetOf",
    "Size",
    "UTCTime",
    "bit_string_octets",
    "decode",
    "decode_set_of",
    "sequence",
    "set",
    "tlv_raw",
]

T = TypeVar("T")


def decode(cls: type[T], data: bytes, where: str) -> T:
    """Return the one object of the declared class ``cls`` that ``data`` consists of.

    Raises ``MalformedData(where, "not_der")`` for anything else (X.690 §10, §11), also for what
    follows it. Fields that are ``TLV`` are cut out and not looked into.
    """
    try:
        return decode_der(cls, data)
    except Exception as exc:
        raise MalformedData(where, "not_der") from exc


def decode_set_of(data: bytes, where: str) -> list[TLV]:
    """Return the members of the bare SET OF that ``data`` consists of, in DER order.

    Raises ``MalformedData(where, "not_der")``, also where the members stand in another order.
    """
    # The decoder's roots are classes, so the set becomes the only field of a sequence.
    wrapped = b"\x30" + encode_length(len(data)) + data
    return decode(_OneSet, wrapped, where).members.as_list()


def tlv_raw(tlv: TLV) -> bytes:
    """Return tag, length and content; the length is rebuilt, since DER has only one."""
    content = bytes(tlv.data)
    return tlv.tag_bytes + encode_length(len(content)) + content


def bit_string_octets(bits: BitString, where: str) -> bytes:
    """Return a BIT STRING that holds whole octets, as keys and signatures do.

    Raises ``MalformedData(where, "unused_bits")`` if its last octet is padded.
    """
    if bits.padding_bits():
        raise MalformedData(where, "unused_bits")
    return bits.as_bytes()


@sequence
class _OneSet:
    members: SetOf[TLV]
