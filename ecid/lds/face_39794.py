"""The face block of ISO/IEC 39794-5 in the ICAO profile (Doc 9303-10 §4.7.2), images only.

The ASN.1 module uses automatic tags, so each member is a context tag that counts up. What else
the block says about the face (landmarks, pose, capture) is passed over.
"""

from __future__ import annotations

from ecid.encoding.tlv import Cursor, Tlv, children
from ecid.errors import MalformedData
from ecid.lds.face import MAX_FACES, FaceImage, media_type

_IMAGE_SIZE = 0xA7
"""imageSizeBlock in ImageInformation2DBlock: width [0], height [1]."""


def parse(cursor: Cursor, where: str = "DG2") -> tuple[FaceImage, ...]:
    """Return the images of the data block under ``cursor``: A1 with FaceImageDataBlock (65).

    Raises ``MalformedData(where, rule)``: ``face_count``, ``image_empty``, ``image_size``, or a
    TLV rule.
    """
    frame = cursor.read(0xA1).cursor()
    cursor.finish()
    block = frame.read(0x65)
    frame.finish()
    return parse_block(block, where)


def parse_block(block: Tlv, where: str = "DG2") -> tuple[FaceImage, ...]:
    """Return the images of one FaceImageDataBlock (tag 65), at least one and at most 16."""
    members = block.cursor()
    members.read(0xA0)  # version
    representations = children(members.read(0xA1))
    if not 1 <= len(representations) <= MAX_FACES:
        raise MalformedData(where, "face_count", block.start)
    return tuple(_representation(entry, where) for entry in representations)


def _representation(entry: Tlv, where: str) -> FaceImage:
    """Follow representation, imageRepresentation, base, imageRepresentation2DBlock."""
    if entry.tag != 0x30:
        raise MalformedData(where, "unexpected_tag", entry.start)
    members = entry.cursor()
    members.read(0x80)  # representationId
    base = members.read(0xA1).cursor().read(0xA0).cursor().read(0xA0).cursor()
    data = base.read(0x80).value
    if not data:
        raise MalformedData(where, "image_empty", base.position)
    width, height = _size(base.read(0xA1), where)
    return FaceImage(media_type(data), width, height, data)


def _size(information: Tlv, where: str) -> tuple[int | None, int | None]:
    """Return the stated width and height; they are optional."""
    for member in children(information):
        if member.tag == _IMAGE_SIZE:
            size = member.cursor()
            width, height = size.read(0x80).value, size.read(0x81).value
            return _pixels(width, where), _pixels(height, where)
    return None, None


def _pixels(octets: bytes, where: str) -> int:
    number = int.from_bytes(octets, "big", signed=True)
    if not (0 < len(octets) <= 3 and 0 <= number <= 0xFFFF):
        raise MalformedData(where, "image_size")
    return number
