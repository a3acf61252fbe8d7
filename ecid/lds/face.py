"""A face image out of DG2, and telling its format by the first bytes. Pixels are never decoded."""

from __future__ import annotations

from dataclasses import dataclass, field

MAX_FACES = 16
"""Most images that are taken from one DG2; documents have one."""

_MAGIC = {
    b"\xff\xd8\xff": "image/jpeg",
    b"\x00\x00\x00\x0c\x6a\x50\x20\x20": "image/jp2",
    b"\xff\x4f\xff\x51": "image/jp2",
}


@dataclass(frozen=True, slots=True)
class FaceImage:
    """One image as received.

    ``media_type`` goes by the first bytes (``image/jpeg``, ``image/jp2``, or None), whatever the
    header claims. ``width`` and ``height`` are the header's claim in pixels, None where it makes
    none. ``data`` is untrusted: bound it and decode it in a process without keys.
    """

    media_type: str | None
    width: int | None
    height: int | None
    data: bytes = field(repr=False)


def media_type(data: bytes) -> str | None:
    """Return the media type that ``data`` begins like: JPEG (ITU-T T.81) or JPEG 2000, or None."""
    return next((name for magic, name in _MAGIC.items() if data.startswith(magic)), None)
