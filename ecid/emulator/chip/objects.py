"""The data objects in command data fields: 7C{80 ...} and 80 ... 83 ... (ISO/IEC 7816-4 §10.3)."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from ecid.emulator.chip.command import WRONG_DATA, RefusalError
from ecid.encoding.tlv import Cursor, Tlv
from ecid.errors import MalformedData

DYNAMIC_AUTHENTICATION_DATA = 0x7C


def objects(data: bytes, allowed: AbstractSet[int]) -> dict[int, bytes]:
    """Return the data objects in ``data`` by tag.

    Each stands at most once and nothing else stands there: ``RefusalError(6A80)``.
    """
    found = template_objects(data, allowed)
    if len(found) != len(_objects(data)):
        raise RefusalError(WRONG_DATA)
    return found


def template_objects(data: bytes, known: AbstractSet[int]) -> dict[int, bytes]:
    """Return the data objects of MSE:Set by tag.

    Those that the command does not know are passed over (Doc 9303-11 §4.4.4.1, note 2); one that
    it knows stands at most once: ``RefusalError(6A80)``.
    """
    found: dict[int, bytes] = {}
    for read in _objects(data):
        if read.tag in found:
            raise RefusalError(WRONG_DATA)
        if read.tag in known:
            found[read.tag] = read.value
    return found


def _objects(data: bytes) -> list[Tlv]:
    found = []
    try:
        cursor = Cursor(data, where="command")
        while not cursor.at_end:
            found.append(cursor.read())
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
