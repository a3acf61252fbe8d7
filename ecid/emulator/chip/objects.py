"""The data objects in command data fields: 7C{80 ...} and 80 ... 83 ... (ISO/IEC 7816-4 §10.3)."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from ecid.emulator.chip.command import WRONG_DATA, RefusalError
from ecid.encoding.tlv import Cursor
from ecid.errors import MalformedData

DYNAMIC_AUTHENTICATION_DATA = 0x7C


def objects(data: bytes, allowed: AbstractSet[int]) -> dict[int, bytes]:
    """Return the data objects in ``data`` by tag.

    Each stands at most once and nothing else stands there: ``RefusalError(6A80)``.
    """
    found: dict[int, bytes] = {}
    try:
        cursor = Cursor(data, where="command")
        while not cursor.at_end:
            read = cursor.read()
            if read.tag in found or read.tag not in allowed:
                raise RefusalError(WRONG_DATA)
            found[read.tag] = read.value
    except MalformedData as exc:
        raise RefusalError(WRONG_DATA) from exc
    return found


def authentication_data(data: bytes, tag: int | None) -> bytes:
    """Return the value of the one object ``tag`` in 7C, or b"" for an empty 7C (tag None)."""
    outer = objects(data, {DYNAMIC_AUTHENTICATION_DATA})
    if DYNAMIC_AUTHENTICATION_DATA not in outer:
        raise RefusalError(WRONG_DATA)
    inner = objects(outer[DYNAMIC_AUTHENTICATION_DATA], set() if tag is None else {tag})
    if tag is None:
        return b""
    if tag not in inner:
        raise RefusalError(WRONG_DATA)
    return inner[tag]
