"""EF.COM and the data groups of any eMRTD (Doc 9303-10 §4.6, §4.7)."""

from __future__ import annotations

from collections.abc import Iterable

from ecid.encoding.spki import write_spki
from ecid.encoding.tlv import encode
from ecid_crypto.public_key import PublicKey

#: Tags of DG1 to DG16, in order (Doc 9303-10 §4.6.1).
_TAGS = bytes.fromhex("61 75 63 76 65 66 67 68 69 6A 6B 6C 6D 6E 6F 70")


def com(numbers: Iterable[int], lds: str = "0107", unicode: str = "040000") -> bytes:
    """Return EF.COM that lists these data groups in this order (Doc 9303-10 §4.6.1)."""
    tags = bytes(_TAGS[number - 1] for number in numbers)
    versions = encode(0x5F01, lds.encode()) + encode(0x5F36, unicode.encode())
    return encode(0x60, versions + encode(0x5C, tags))


def dg1(mrz: str) -> bytes:
    """Return EF.DG1 with the characters of the zone (Doc 9303-10 §4.7.1)."""
    return encode(0x61, encode(0x5F1F, mrz.encode("ascii")))


def dg2(jpeg: bytes, width: int, height: int) -> bytes:
    """Return EF.DG2 with one ISO/IEC 19794-5 face record (Doc 9303-10 §4.7.2).

    With an image of 256 to 65,000 bytes, 84 bytes stand before it, as on the real card.
    """
    return encode(0x75, _templates(_face_header(), _face_record(jpeg, width, height)))


def dg3(record: bytes) -> bytes:
    """Return EF.DG3 with ``record`` for a fingerprint record (Doc 9303-10 §4.7.3)."""
    header = encode(0x81, b"\x08") + encode(0x87, b"\x01\x01") + encode(0x88, b"\x00\x07")
    return encode(0x63, _templates(header, record))


def dg4(record: bytes) -> bytes:
    """Return EF.DG4 with ``record`` for an iris record (Doc 9303-10 §4.7.4)."""
    header = encode(0x81, b"\x10") + encode(0x87, b"\x01\x01") + encode(0x88, b"\x00\x09")
    return encode(0x76, _templates(header, record))


def dg15(key: PublicKey, *, explicit: bool = False) -> bytes:
    """Return EF.DG15 with the SubjectPublicKeyInfo of ``key`` (Doc 9303-10 §4.7.15)."""
    return encode(0x6F, write_spki(key, explicit))


def directory(aid: bytes) -> bytes:
    """Return EF.DIR with one application template (Doc 9303-10 §3.11.1)."""
    return encode(0x61, encode(0x4F, aid))


def cvca(references: Iterable[bytes]) -> bytes:
    """Return EF.CVCA, 36 bytes: the references of one or two CVCA keys, then zeros (§9.2.12)."""
    return b"".join(encode(0x42, reference) for reference in references).ljust(36, b"\x00")


def atr_info(longest: int = 65_535) -> bytes:
    """Return EF.ATR/INFO: chaining and extended length, commands and answers up to ``longest``.

    DO'47' are the card capabilities, DO'7F66' the two lengths (ISO/IEC 7816-4 §12.1.1.9, §12.7.1).
    """
    length = encode(0x02, longest.to_bytes(2, "big"))
    return encode(0x47, bytes.fromhex("8001E0")) + encode(0x7F66, length + length)


def _templates(biometric_header: bytes, record: bytes) -> bytes:
    """Return a biometric group template with one instance (ISO/IEC 7816-11, table C.10)."""
    instance = encode(0x7F60, encode(0xA1, biometric_header) + encode(0x5F2E, record))
    return encode(0x7F61, encode(0x02, b"\x01") + instance)


def _face_header() -> bytes:
    """Return the biometric header template: facial features, ISO/IEC JTC 1/SC 37, format 8."""
    return (
        encode(0x81, b"\x02")
        + encode(0x82, b"\x00")
        + encode(0x87, b"\x01\x01")
        + encode(0x88, b"\x00\x08")
    )


def _face_record(jpeg: bytes, width: int, height: int) -> bytes:
    """Return a face record with one basic image and no feature points (ISO/IEC 19794-5 §5)."""
    block_length = (20 + 12 + len(jpeg)).to_bytes(4, "big")
    facial_information = block_length + bytes(16)
    size = width.to_bytes(2, "big") + height.to_bytes(2, "big")
    # Image type 1 is full frontal, data type 0 JPEG; colour space 1 is sRGB, source 0 unknown.
    image_information = b"\x01\x00" + size + b"\x01\x00" + bytes(4)
    body = facial_information + image_information + jpeg
    length = (14 + len(body)).to_bytes(4, "big")
    return b"FAC\x00010\x00" + length + b"\x00\x01" + body
