"""The facial record of ISO/IEC 19794-5:2005, as Doc 9303-10 §4.7.2 puts it into DG2.

Every count and length in it is checked against the bytes that are there.
"""

from __future__ import annotations

import struct

from ecid.errors import MalformedData, UnsupportedData
from ecid.lds.face import MAX_FACES, FaceImage, media_type

SIGNATURE = b"FAC\x00"
"""Format identifier (§5.4.1)."""

_RECORD_HEADER = struct.Struct(">4s4sIH")  # identifier, version, record length, number of faces
_FACE_HEADER = struct.Struct(">IH14x")  # block length, feature points, and what is not read
_IMAGE_HEADER = struct.Struct(">BBHH6x")  # type, data type, width, height, colour to quality
_FEATURE_POINT_LENGTH = 8


def parse(record: bytes, where: str = "DG2") -> tuple[FaceImage, ...]:
    """Return the images of the facial record that ``record`` consists of.

    Raises ``MalformedData(where, rule)``: ``face_record``, ``face_record_length``,
    ``face_count``, ``face_block_length``, ``feature_points``, ``image_empty``; and
    ``UnsupportedData`` for another version than 010.
    """
    if len(record) < _RECORD_HEADER.size or not record.startswith(SIGNATURE):
        raise MalformedData(where, "face_record", 0)
    _, version, length, count = _RECORD_HEADER.unpack_from(record)
    if version != b"010\x00":
        raise UnsupportedData(where, "face_record_version")
    if length != len(record):
        raise MalformedData(where, "face_record_length", 8)
    if not 1 <= count <= MAX_FACES:
        raise MalformedData(where, "face_count", 12)
    images: list[FaceImage] = []
    at = _RECORD_HEADER.size
    for _ in range(count):
        image, at = _face(record, at, where)
        images.append(image)
    if at != length:
        raise MalformedData(where, "face_record_length", at)
    return tuple(images)


def _face(record: bytes, at: int, where: str) -> tuple[FaceImage, int]:
    """Return the image whose block starts at ``at`` and the offset after the block (§5.5-5.8)."""
    fixed = _FACE_HEADER.size + _IMAGE_HEADER.size
    if at + fixed > len(record):
        raise MalformedData(where, "face_block_length", at)
    length, points = _FACE_HEADER.unpack_from(record, at)
    end = at + length
    if length < fixed or end > len(record):
        raise MalformedData(where, "face_block_length", at)
    header_at = at + _FACE_HEADER.size + points * _FEATURE_POINT_LENGTH
    image_at = header_at + _IMAGE_HEADER.size
    if image_at > end:
        raise MalformedData(where, "feature_points", at + 4)
    if image_at == end:
        raise MalformedData(where, "image_empty", image_at)
    _, _, width, height = _IMAGE_HEADER.unpack_from(record, header_at)
    data = record[image_at:end]
    return FaceImage(media_type(data), width, height, data), end
