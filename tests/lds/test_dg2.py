"""DG2: frames, counts and lengths; pixels are never looked at."""

from __future__ import annotations

import contextlib
import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecid.encoding.tlv import Cursor, encode, parse_one
from ecid.errors import EcidError, MalformedData, UnsupportedData
from ecid.lds import face_19794, face_39794
from ecid.lds.dg2 import FaceImage, parse
from ecid.lds.face import MAX_FACES, media_type

JPEG = b"\xff\xd8\xff\xe0CANARY"


def block(image: bytes = JPEG, *, points: int = 0, length: int | None = None) -> bytes:
    """Return one face of ISO/IEC 19794-5: 480 by 640, with feature points."""
    tail = bytes(8 * points) + struct.pack(">BBHHBBHH", 1, 0, 480, 640, 1, 2, 0, 0) + image
    actual = 20 + len(tail)
    return struct.pack(">IH14x", actual if length is None else length, points) + tail


def record(*blocks: bytes, count: int | None = None, length: int | None = None) -> bytes:
    """Return a facial record of these faces."""
    body = b"".join(blocks)
    header = (14 + len(body) if length is None else length, len(blocks) if count is None else count)
    return b"FAC\x00010\x00" + struct.pack(">IH", *header) + body


def dg2(*records: bytes, count: bytes | None = None, tag: int = 0x5F2E) -> bytes:
    """Return DG2 with one template for each record."""
    templates = [
        encode(0x7F60, encode(0xA1, b"\x88\x02\x00\x08") + encode(tag, r)) for r in records
    ]
    number = bytes([len(records)]) if count is None else count
    return encode(0x75, encode(0x7F61, encode(0x02, number) + b"".join(templates)))


@pytest.mark.parametrize("tag", [0x5F2E, 0x7F2E])
def test_one_face(tag: int) -> None:
    """Type by the first bytes, size by the header, image untouched, in both frames."""
    faces = parse(dg2(record(block(points=3)), tag=tag)).faces
    assert (FaceImage("image/jpeg", 480, 640, JPEG),) == faces


@given(
    st.lists(
        st.lists(st.binary(min_size=1, max_size=30), min_size=1, max_size=3), min_size=1, max_size=4
    )
)
def test_round_trip(images: list[list[bytes]]) -> None:
    """Several templates of several faces come out in order."""
    data = dg2(*(record(*map(block, group)) for group in images))
    assert [image for group in images for image in group] == [
        face.data for face in parse(data).faces
    ]


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (dg2(count=b"\x00"), "biometric_count"),
        (dg2(count=b"\x00\x01"), "biometric_count"),
        (dg2(record(block()), count=b"\xff"), "biometric_count"),
        (dg2(record(block()), count=b"\x02"), "truncated"),
        (dg2(record(block()), record(block()), count=b"\x01"), "trailing_data"),
        (dg2(record(block()), tag=0x5F2F), "unexpected_tag"),
        (dg2(record(block()), tag=0x7F2F), "unexpected_tag"),
        (dg2(b""), "face_record"),
        (dg2(b"FAC\x00010\x00"), "face_record"),
        (dg2(b"FAX" + record(block())[3:]), "face_record"),
        (dg2(record(block(), length=0)), "face_record_length"),
        (dg2(record(block(), length=0xFFFFFFFF)), "face_record_length"),
        (dg2(record(block()) + b"\x00"), "face_record_length"),
        (dg2(record(block(), b"\x00")), "face_block_length"),
        (dg2(record(block(), count=0)), "face_count"),
        (dg2(record(block(), count=0xFFFF)), "face_count"),
        (dg2(record(block(), count=2)), "face_block_length"),
        (dg2(record(block(), block(), count=1)), "face_record_length"),
        (dg2(record(block(length=0))), "face_block_length"),
        (dg2(record(block(length=31))), "face_block_length"),
        (dg2(record(block(length=0xFFFFFFFF))), "face_block_length"),
        (dg2(record(block(b""))), "image_empty"),
        (dg2(record(b"\x00\x00\x00\x2a\xff\xff" + block()[6:])), "feature_points"),
        (dg2(*[record(*[block()] * 9)] * 2), "face_count"),
        (encode(0x61, b""), "unexpected_tag"),
    ],
)
def test_refused(data: bytes, rule: str) -> None:
    """Every count and length that lies is refused (verdict-and-threats I4)."""
    with pytest.raises(MalformedData) as caught:
        parse(data)
    assert ("DG2", rule) == (caught.value.where, caught.value.rule)


def test_other_record_versions() -> None:
    """The record of 2011 has version 030 and other blocks."""
    with pytest.raises(UnsupportedData):
        parse(dg2(record(block()).replace(b"010\x00", b"030\x00")))


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        (b"\xff\xd8\xff\xdb", "image/jpeg"),
        (bytes.fromhex("0000000C6A5020200D0A870A"), "image/jp2"),
        (bytes.fromhex("FF4FFF51002F"), "image/jp2"),
        (b"\x89PNG\r\n\x1a\n", None),
        (b"GIF89a", None),
        (b"\xff\xd8", None),
        (b"", None),
    ],
)
def test_media_types(start: bytes, expected: str | None) -> None:
    """Two formats are known, and nothing is guessed (I3)."""
    assert expected == media_type(start)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("chips/bsi-tr03105-5-reference/Datagroup2.bin", ("image/jp2", 337, 449)),
        ("chips/ucl2009-pypassport/Datagroup2.bin", ("image/jpeg", 535, 477)),
        ("biometrics/dg2_silver_all_fields.bin", ("image/jp2", 572, 731)),
        ("biometrics/dg2_silver_mandatory_fields.bin", ("image/jp2", None, None)),
    ],
)
def test_published_files(
    corpus: Path, name: str, expected: tuple[str, int | None, int | None]
) -> None:
    """Specimens in both standards; ISO/IEC 39794-5 need not state the size."""
    (face,) = parse((corpus / name).read_bytes()).faces
    assert expected == (face.media_type, face.width, face.height)


def test_silver_portrait(corpus: Path) -> None:
    """The image comes out byte for byte."""
    (face,) = parse((corpus / "biometrics" / "dg2_silver_all_fields.bin").read_bytes()).faces
    assert (corpus / "biometrics" / "silver.jp2").read_bytes() == face.data


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ISO19794_Test1_Data.bin", "image/jpeg"),
        ("ISO19794_Test2_Data_InvalidImage.bin", None),
        ("ICAO_39794_5_AP_AllFields.dat", "image/jp2"),
        ("ICAO_39794_5_AP_MandFields_InvalidImage.dat", None),
        ("sample-39794-5-ed-1-v1.der", "image/jpeg"),
    ],
)
def test_bare_records(corpus: Path, name: str, expected: str | None) -> None:
    """A damaged image still parses: its type is None, and what to do is the caller's."""
    data = (corpus / "biometrics" / name).read_bytes()
    if name.startswith("ISO"):
        faces = face_19794.parse(data)
    elif name.startswith("ICAO"):
        faces = face_39794.parse(Cursor(data, where="DG2"))
    else:
        faces = face_39794.parse_block(parse_one(data, 0x65, "DG2"))
    assert [expected] == [face.media_type for face in faces]


def block_39794(*representations: bytes) -> bytes:
    """Return DG2 with a face block of ISO/IEC 39794-5."""
    version = encode(0xA0, b"\x80\x01\x03\x81\x02\x07\xe3")
    block = encode(0x65, version + encode(0xA1, b"".join(representations)))
    return dg2(encode(0xA1, block), tag=0x7F2E)


def representation(image: bytes, size: bytes = b"", tag: int = 0x30) -> bytes:
    """Return one representation."""
    base = encode(0x80, image) + encode(0xA1, encode(0xA0, b"\x80\x01\x03") + size)
    return encode(tag, b"\x80\x01\x00" + encode(0xA1, encode(0xA0, encode(0xA0, base))))


def test_new_record() -> None:
    """ISO/IEC 39794-5 with a stated size."""
    size = encode(0xA7, b"\x80\x02\x01\xe0\x81\x02\x02\x80")
    assert parse(block_39794(representation(JPEG, size))).faces == (
        FaceImage("image/jpeg", 480, 640, JPEG),
    )


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (block_39794(), "face_count"),
        (block_39794(*[representation(JPEG)] * (MAX_FACES + 1)), "face_count"),
        (block_39794(representation(b"")), "image_empty"),
        (block_39794(representation(JPEG, tag=0x31)), "unexpected_tag"),
        (
            block_39794(representation(JPEG, encode(0xA7, b"\x80\x01\xff\x81\x01\x01"))),
            "image_size",
        ),
        (block_39794(representation(JPEG, encode(0xA7, b"\x80\x00\x81\x01\x01"))), "image_size"),
    ],
)
def test_new_record_refused(data: bytes, rule: str) -> None:
    """The same bounds hold for the newer record."""
    with pytest.raises(MalformedData) as caught:
        parse(data)
    assert rule == caught.value.rule


@given(st.binary(max_size=100), st.integers(0, 60), st.integers(0, 255))
def test_any_bytes(data: bytes, place: int, value: int) -> None:
    """Whatever the bytes, and whichever one is changed: images or ``EcidError``."""
    changed = bytearray(dg2(record(block(points=1))))
    changed[place] = value
    frames = (data, encode(0x75, data), dg2(data), dg2(data, tag=0x7F2E), dg2(record(data)))
    for candidate in (*frames, bytes(changed)):
        with contextlib.suppress(EcidError):
            assert all(face.data for face in parse(candidate).faces)


def test_repr_hides_the_image() -> None:
    """A face is in no repr."""
    assert "CANARY" not in repr(parse(dg2(record(block()))))
