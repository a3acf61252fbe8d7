"""What stands in signed lists: CSCA certificates, and known deviations of documents.

Master lists and deviation lists are those of Doc 9303-12 §9 and Doc 9303-3 §8; defect lists are
those of BSI TR-03129. Decoding believes nothing: whose word a list is, ``signed_list`` decides.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from ecid.encoding.oid import DEFECT_LIST, DEVIATION_LIST, decode_oid
from ecid.encoding.tlv import Tlv, children, parse_one
from ecid.errors import MalformedData
from ecid.trust.signed_data import SignerIdentifier, parse_signed_data
from ecid.trust.times import parse_time

#: The largest published list has about 600 certificates.
MAX_ENTRIES = 10_000

#: The tags of DeviationDocuments (Doc 9303-3 §8); [3] is the digest itself or stands round it.
_DOCUMENTS = frozenset({0x80, 0xA1, 0x82, 0x83, 0xA3, 0xA4, 0xA5})


@dataclass(frozen=True, slots=True)
class KnownDeviation:
    """What an issuer says of some of its documents: which signer's, and what is wrong with them.

    ``kinds`` are the dotted identifiers of the deviations; None as ``signer`` means any of the
    issuer's, ``issued`` bounds the date of issue, ``document_type`` is the code of the MRZ.
    """

    signer: SignerIdentifier | None
    certificate_digest: bytes | None = field(repr=False)
    kinds: tuple[str, ...]
    document_type: str | None = None
    issued: tuple[datetime, datetime] | None = None
    by_document_number: bool = False
    """Whether it speaks of single documents only, by their numbers."""


def master_list_certificates(content: bytes) -> tuple[bytes, ...]:
    """Return every certificate of a CscaMasterList (Doc 9303-12 §9.2), cut out, not looked into.

    Raises ``MalformedData("master list", rule)``.
    """
    where = "master list"
    version, certificates = _parts(content, where)[:2]
    if version.value not in (b"\x00", b"\x01"):
        raise MalformedData(where, "version")
    if certificates.tag != 0x31:
        raise MalformedData(where, "unexpected_tag", certificates.start)
    found = children(certificates)
    if len(found) > MAX_ENTRIES:
        raise MalformedData(where, "too_many")
    return tuple(each.raw for each in found)


def deviations_in(raw: bytes) -> tuple[KnownDeviation, ...]:
    """Return the entries of the deviation or defect list ``raw`` (CMS), whoever signed it.

    Raises ``MalformedData``.
    """
    signed = parse_signed_data(raw, "deviation list")
    return deviations(signed.content_type, signed.content or b"")


def deviations(content_type: str, content: bytes) -> tuple[KnownDeviation, ...]:
    """Return the entries of a deviation list or of a defect list. Raises ``MalformedData``."""
    read = {DEVIATION_LIST: _deviation, DEFECT_LIST: _defect}.get(content_type)
    if read is None:
        raise MalformedData("deviation list", "unknown_list")
    parts = _parts(content, "deviation list")
    entries = parts[-1]
    if entries.tag != 0x31:
        raise MalformedData("deviation list", "unexpected_tag", entries.start)
    found = children(entries)
    if len(found) > MAX_ENTRIES:
        raise MalformedData("deviation list", "too_many")
    return tuple(read(each) for each in found)


def _parts(content: bytes, where: str) -> tuple[Tlv, ...]:
    parts = children(parse_one(content, 0x30, where))
    if len(parts) < 2 or parts[0].tag != 0x02:
        raise MalformedData(where, "version")
    return parts


def _deviation(entry: Tlv) -> KnownDeviation:
    """Decode a Deviation: documents, then descriptions (Doc 9303-3 §8)."""
    cursor = entry.cursor()
    documents, descriptions = cursor.read(0x30), cursor.read(0x31)
    cursor.finish()
    kinds = tuple(_kind(each) for each in children(descriptions))
    parts = {part.tag: part for part in children(documents)}
    # What is not understood may narrow the entry: overlooked, it would speak of every document.
    if len(parts) != len(children(documents)) or not _DOCUMENTS.issuperset(parts):
        raise MalformedData(documents.where, "documents", documents.start)
    signer = _identifier(parts[0xA1], explicit=False) if 0xA1 in parts else None
    if 0x82 in parts:
        signer = SignerIdentifier(key_identifier=parts[0x82].value)
    document_type = parts[0x80].value.decode("ascii", "replace") if 0x80 in parts else None
    digest = parts[0x83].value if 0x83 in parts else None
    digest = _digest(parts[0xA3]) if 0xA3 in parts else digest
    issued = _period(parts[0xA4]) if 0xA4 in parts else None
    return KnownDeviation(signer, digest, kinds, document_type, issued, 0xA5 in parts)


def _kind(description: Tlv) -> str:
    """Return the deviationType; a text for people may stand before it."""
    found = next((part for part in children(description) if part.tag == 0x06), None)
    if found is None:
        raise MalformedData(description.where, "deviation_type", description.start)
    return decode_oid(found.value, description.where)


def _digest(choice: Tlv) -> bytes:
    found = next((part.value for part in children(choice) if part.tag == 0x04), None)
    if found is None:
        raise MalformedData(choice.where, "certificate_digest", choice.start)
    return found


def _period(period: Tlv) -> tuple[datetime, datetime]:
    times = children(period)
    if len(times) != 2:
        raise MalformedData(period.where, "issuing_date", period.start)
    return parse_time(times[0], period.where), parse_time(times[1], period.where)


def _defect(entry: Tlv) -> KnownDeviation:
    """Decode a Defect: signer, perhaps its hash, known defects (TR-03129)."""
    cursor = entry.cursor()
    signer = _identifier(cursor.read(), explicit=True)
    digest = cursor.read(0x04).value if cursor.peek_tag() == 0x04 else None
    kinds = tuple(_kind(each) for each in children(cursor.read(0x31)))
    cursor.finish()
    return KnownDeviation(signer, digest, kinds)


def _identifier(sid: Tlv, *, explicit: bool) -> SignerIdentifier:
    """Return a SignerIdentifier; without ``explicit`` tags, what it wraps is its own content."""
    if explicit and sid.tag == 0x80:
        return SignerIdentifier(key_identifier=sid.value)
    cursor = sid.cursor()
    # An [1] may hold issuer and serial number themselves, or the SEQUENCE of the two.
    if not explicit and len(children(sid)) == 1:
        cursor = cursor.read(0x30).cursor()
    issuer, serial = cursor.read(0x30), cursor.read(0x02)
    cursor.finish()
    number = int.from_bytes(serial.value, "big", signed=True)
    return SignerIdentifier(raw_issuer=issuer.raw, serial=number)
