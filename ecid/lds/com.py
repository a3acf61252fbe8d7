"""EF.COM: which data groups the chip says it has (Doc 9303-10 §4.6.1). It is not signed."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ecid.encoding.tlv import parse_one
from ecid.errors import MalformedData
from ecid.lds.files import BY_TAG

_WHERE = "COM"


@dataclass(frozen=True, slots=True)
class Com:
    """The list of EF.COM; the SOD is the one that counts.

    ``lds_version`` is four digits ("0107"), ``unicode_version`` six ("040000"), ``data_groups``
    the numbers in the order listed, ``unknown_tags`` what else is listed.
    """

    lds_version: str
    unicode_version: str
    data_groups: tuple[int, ...]
    unknown_tags: tuple[int, ...] = ()


def parse(data: bytes) -> Com:
    """Return the content of EF.COM, header included.

    Raises ``MalformedData("COM", rule)``: ``version``, ``duplicate_data_group``, or a TLV rule.
    """
    cursor = parse_one(data, 0x60, _WHERE).cursor()
    lds_version = _digits(cursor.read(0x5F01).value, 4)
    unicode_version = _digits(cursor.read(0x5F36).value, 6)
    tags = cursor.read(0x5C).value
    cursor.finish()
    if len(set(tags)) != len(tags):
        raise MalformedData(_WHERE, "duplicate_data_group")
    return Com(
        lds_version,
        unicode_version,
        tuple(BY_TAG[tag].sfi for tag in tags if tag in BY_TAG),
        tuple(tag for tag in tags if tag not in BY_TAG),
    )


def _digits(value: bytes, count: int) -> str:
    if len(value) != count or not re.fullmatch(rb"[0-9]+", value):
        raise MalformedData(_WHERE, "version")
    return value.decode("ascii")
