"""DG12: when a document was issued (Doc 9303-10 §4.7.12); its other details are not read here."""

from __future__ import annotations

from datetime import date

from ecid.encoding.tlv import parse_one
from ecid.errors import MalformedData

_WHERE = "DG12"
_DATE_OF_ISSUE = 0x5F26
_BCD_LENGTH = 4


def issue_date(data: bytes) -> date | None:
    """Return the date of issue in DG12, header included, or None: it says none, or not a day.

    Eight digits as the standard has them, or four octets of BCD as some issuers write. Raises
    ``MalformedData("DG12", rule)`` for what is no DG12.
    """
    cursor = parse_one(data, 0x6C, _WHERE).cursor()
    found = None
    while not cursor.at_end:
        read = cursor.read()
        if read.tag == _DATE_OF_ISSUE:
            if found is not None:
                raise MalformedData(_WHERE, "duplicate_field", read.start)
            found = read.value
    return None if found is None else _day(found)


def _day(value: bytes) -> date | None:
    text = value.hex() if len(value) == _BCD_LENGTH else value.decode("ascii", "replace")
    if len(text) != 8 or not (text.isascii() and text.isdigit()):
        return None
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None
