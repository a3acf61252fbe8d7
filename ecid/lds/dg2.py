"""DG2: the encoded face (Doc 9303-10 §4.7.2), the CBEFF frame round ISO/IEC 19794-5 or 39794-5."""

from __future__ import annotations

from dataclasses import dataclass

from ecid.encoding.tlv import Cursor, parse_one
from ecid.errors import MalformedData
from ecid.lds import face_19794, face_39794
from ecid.lds.face import MAX_FACES, FaceImage

__all__ = ["Dg2", "FaceImage", "parse"]

_WHERE = "DG2"


@dataclass(frozen=True, slots=True)
class Dg2:
    """The images of DG2, at least one, in order."""

    faces: tuple[FaceImage, ...]


def parse(data: bytes) -> Dg2:
    """Return the images of DG2, header included, undecoded: a damaged image still parses.

    Raises ``MalformedData("DG2", rule)``: ``biometric_count``, a TLV rule, or those of
    ``face_19794.parse`` and ``face_39794.parse``; ``UnsupportedData`` for other record versions.
    """
    outer = parse_one(data, 0x75, _WHERE).cursor()
    group = outer.read(0x7F61).cursor()
    outer.finish()
    count = group.read(0x02).value
    # CBEFF allows 1 to 9 templates here; the count is one byte (Doc 9303-10 §4.7.2.1).
    if len(count) != 1 or not 1 <= count[0] <= MAX_FACES:
        raise MalformedData(_WHERE, "biometric_count")
    faces: list[FaceImage] = []
    for _ in range(count[0]):
        faces += _template(group.read(0x7F60).cursor())
    group.finish()
    if len(faces) > MAX_FACES:
        raise MalformedData(_WHERE, "face_count")
    return Dg2(tuple(faces))


def _template(template: Cursor) -> tuple[FaceImage, ...]:
    """Return the images of one biometric information template: header A1, then the data block."""
    template.read(0xA1)
    block = template.read()
    template.finish()
    if block.tag == 0x5F2E:
        return face_19794.parse(block.value, _WHERE)
    if block.tag != 0x7F2E:
        raise MalformedData(_WHERE, "unexpected_tag", block.start)
    # 7F2E frames both: the old record begins with its letters, the new one is TLV again.
    if block.value.startswith(face_19794.SIGNATURE):
        return face_19794.parse(block.value, _WHERE)
    return face_39794.parse(block.cursor(), _WHERE)
