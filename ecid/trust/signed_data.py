"""CMS SignedData as Doc 9303 uses it, decoded strictly from the received bytes (RFC 5652 §5).

Nothing is encoded again: the signed attributes are verified as they came, only with the SET
tag in place of the context tag, as §5.4 says. What strict DER refuses is tried as BER and then
has a deviation. Decoding judges nothing; ``ecid.trust.signer`` does that.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from ecid.encoding import der
from ecid.encoding.algorithm import AlgorithmIdentifier
from ecid.encoding.oid import SIGNED_DATA, decode_oid
from ecid.encoding.tlv import (
    Cursor,
    Tlv,
    children,
    encode_length,
    is_padded,
    parse_one,
    walk,
)
from ecid.errors import MalformedData
from ecid.trust import ber_signed_data


@der.sequence
class _ContentInfo:
    content_type: der.ObjectIdentifier
    content: der.Annotated[der.TLV, der.Explicit(0)]


@der.sequence
class _EncapsulatedContentInfo:
    content_type: der.ObjectIdentifier
    content: der.Annotated[bytes | None, der.Explicit(0)]


@der.sequence
class _SignedData:
    version: int
    digest_algorithms: der.SetOf[AlgorithmIdentifier]
    encapsulated: _EncapsulatedContentInfo
    # SETs on paper. Read as lists, which have no order to break: many issuers do not sort.
    certificates: der.Annotated[list[der.TLV] | None, der.Implicit(0)]
    crls: der.Annotated[list[der.TLV] | None, der.Implicit(1)]
    signers: der.SetOf[der.TLV]


@dataclass(frozen=True, slots=True)
class SignerIdentifier:
    """Who signed: issuer and serial number, or subject key identifier; never both (§5.3)."""

    raw_issuer: bytes | None = field(default=None, repr=False)
    serial: int | None = None
    key_identifier: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class SignerInfo:
    """One signer. ``signed_attributes`` is the DER SET that the signature covers, or None."""

    version: int
    identifier: SignerIdentifier
    raw_digest_algorithm: bytes = field(repr=False)
    signed_attributes: bytes | None = field(repr=False)
    raw_signature_algorithm: bytes = field(repr=False)
    signature: bytes = field(repr=False)

    def attribute(self, oid: str, where: str) -> Tlv:
        """Return the single value of the signed attribute ``oid``.

        Raises ``MalformedData(where, "signed_attributes")`` if there are no signed attributes,
        or the attribute or its value does not stand exactly once (RFC 5652 §11).
        """
        found = [values for kind, values in self._attributes(where) if kind == oid]
        if len(found) != 1 or len(found[0]) != 1:
            raise MalformedData(where, "signed_attributes")
        return found[0][0]

    def count(self, oid: str, where: str) -> int:
        """Return how many signed attributes are of the type ``oid``. Raises ``MalformedData``."""
        return sum(1 for kind, _ in self._attributes(where) if kind == oid)

    def _attributes(self, where: str) -> list[tuple[str, tuple[Tlv, ...]]]:
        if self.signed_attributes is None:
            raise MalformedData(where, "signed_attributes")
        return [
            _attribute(a, where) for a in children(parse_one(self.signed_attributes, 0x31, where))
        ]


@dataclass(frozen=True, slots=True)
class SignedData:
    """A SignedData. ``content`` is what stands inside the eContent OCTET STRING, or None."""

    version: int
    digest_algorithms: tuple[str, ...]
    """The digest algorithms announced before the content (dotted); no signature covers them."""
    content_type: str
    content: bytes | None = field(repr=False)
    certificates: tuple[bytes, ...] = field(repr=False)
    signers: tuple[SignerInfo, ...]
    crls: tuple[bytes, ...] = field(default=(), repr=False)
    deviations: tuple[str, ...] = ()
    """``set_order``, ``ber_encoding``."""


def parse_signed_data(data: bytes, where: str) -> SignedData:
    """Return the SignedData inside the ContentInfo (DER, else BER) that ``data`` consists of.

    Raises ``MalformedData``. The certificates are cut out and not looked into.
    """
    try:
        return _strict(data, where)
    except MalformedData as exc:
        try:
            return _lenient(data, where)
        except MalformedData:
            raise exc from None  # the strict rule is the one that was broken


def _lenient(data: bytes, where: str) -> SignedData:
    parts = ber_signed_data.parse(data, where)
    # Definite and minimal lengths leave the order of a SET as the likeliest thing to be wrong.
    deviation = "set_order" if parts.only_order else "ber_encoding"
    return SignedData(
        version=parts.version,
        digest_algorithms=parts.digest_algorithms,
        content_type=parts.content_type,
        content=parts.content,
        certificates=parts.certificates,
        signers=tuple(_signer(raw, where) for raw in parts.signers),
        crls=parts.crls,
        deviations=tuple(dict.fromkeys((deviation, *_deviations(parts.signers, where)))),
    )


def _strict(data: bytes, where: str) -> SignedData:
    info = der.decode(_ContentInfo, data, where)
    if info.content_type.dotted_string != SIGNED_DATA:
        raise MalformedData(where, "not_signed_data")
    signed = der.decode(_SignedData, der.tlv_raw(info.content), where)
    certificates = tuple(der.tlv_raw(each) for each in signed.certificates or [])
    crls = tuple(der.tlv_raw(each) for each in signed.crls or [])
    signers = tuple(der.tlv_raw(each) for each in signed.signers.as_list())
    sorted_ = all(list(each) == sorted(each) for each in (certificates, crls))
    order = () if sorted_ else ("set_order",)
    return SignedData(
        version=signed.version,
        digest_algorithms=tuple(a.oid for a in signed.digest_algorithms.as_list()),
        content_type=signed.encapsulated.content_type.dotted_string,
        content=signed.encapsulated.content,
        certificates=certificates,
        signers=tuple(_signer(raw, where) for raw in signers),
        crls=crls,
        deviations=tuple(dict.fromkeys((*order, *_deviations(signers, where)))),
    )


def _deviations(signers: tuple[bytes, ...], where: str) -> tuple[str, ...]:
    """Return what is no DER in the SignerInfos, which are read by hand."""
    nodes = [node for raw in signers for part in _looked_at(raw, where) for node in walk(part)]
    found = {
        "ber_encoding": any(_is_ber(node) for node in nodes),
        "set_order": any(_is_unsorted(node) for node in nodes if node.tag in _SETS),
    }
    return tuple(code for code, there in found.items() if there)


def _looked_at(raw: bytes, where: str) -> list[Tlv]:
    """Return the parts of a SignerInfo but the unsigned attributes, which are nobody's word."""
    return [part for part in children(parse_one(raw, 0x30, where)) if part.tag != 0xA1]


#: SET, and the signed attributes, whose tag stands for one.
_SETS = (0x31, 0xA0)

#: UTCTime and GeneralizedTime as DER has them (X.690 §11.7, §11.8).
_TIMES = {0x17: re.compile(rb"\d{12}Z"), 0x18: re.compile(rb"\d{14}(\.\d*[1-9])?Z")}


def _is_ber(node: Tlv) -> bool:
    """Whether a length, a number, a string in pieces or a time is not as DER has it."""
    if not node.minimal or node.tag in (0x23, 0x24):
        return True
    if node.tag in _TIMES:
        return _TIMES[node.tag].fullmatch(node.value) is None
    return is_padded(node)


def _is_unsorted(node: Tlv) -> bool:
    members = [member.raw for member in children(node)]
    return members != sorted(members)


def _signer(raw: bytes, where: str) -> SignerInfo:
    """Decode a SignerInfo by hand: its context tags are implicit on parts kept as received."""
    cursor = Cursor(raw, where=where).read(0x30).cursor()
    version = _integer(cursor.read(0x02))
    identifier = _identifier(cursor.read(), where)
    digest_algorithm = cursor.read(0x30).raw
    attributes = None
    if cursor.peek_tag() == 0xA0:
        # RFC 5652 §5.4: signed is the SET OF tag, not the context tag it is sent with.
        content = cursor.read(0xA0).value
        attributes = b"\x31" + encode_length(len(content)) + content
    signature_algorithm = cursor.read(0x30).raw
    signature = _octets(cursor)
    if cursor.peek_tag() == 0xA1:
        cursor.read(0xA1)
    cursor.finish()
    return SignerInfo(
        version, identifier, digest_algorithm, attributes, signature_algorithm, signature
    )


def _identifier(sid: Tlv, where: str) -> SignerIdentifier:
    if sid.tag == 0x80:
        return SignerIdentifier(key_identifier=sid.value)
    if sid.tag != 0x30:
        raise MalformedData(where, "signer_identifier", sid.start)
    cursor = sid.cursor()
    issuer, serial = cursor.read(0x30), cursor.read(0x02)
    cursor.finish()
    return SignerIdentifier(raw_issuer=issuer.raw, serial=_integer(serial))


def _attribute(attribute: Tlv, where: str) -> tuple[str, tuple[Tlv, ...]]:
    """Return type and values of one Attribute (§5.3)."""
    cursor = attribute.cursor()
    kind, values = cursor.read(0x06), cursor.read(0x31)
    cursor.finish()
    return decode_oid(kind.value, where), children(values)


def _integer(tlv: Tlv) -> int:
    return int.from_bytes(tlv.value, "big", signed=True)


def _octets(cursor: Cursor) -> bytes:
    """Return an OCTET STRING, in one piece or (BER) in several."""
    if cursor.peek_tag() != 0x24:
        return cursor.read(0x04).value
    pieces = cursor.read(0x24).cursor()
    found = b""
    while not pieces.at_end:
        found += pieces.read(0x04).value
    return found
