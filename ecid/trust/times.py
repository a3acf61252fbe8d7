"""UTCTime and GeneralizedTime as issuers write them (RFC 5280 §4.1.2.5), strict or nearly so.

The strict forms are decoded with their structure (``ecid.encoding.der``). This reads what strict
DER refuses: no seconds, or an offset in place of Z. Nothing else is guessed.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

from ecid.encoding.tlv import Tlv
from ecid.errors import MalformedData

_REST = r"(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?%s(?:Z|([+-])(\d\d)(\d\d))"
_FORMS = {
    0x17: re.compile(r"(\d\d)" + _REST % "", re.ASCII),
    0x18: re.compile(r"(\d{4})" + _REST % r"(?:\.\d+)?", re.ASCII),
}


def parse_time(time: Tlv, where: str) -> datetime:
    """Return the moment, aware and in UTC. Raises ``MalformedData(where, "time")``.

    A UTCTime of the years 50 to 99 is of the last century (RFC 5280 §4.1.2.5.1).
    """
    form = _FORMS.get(time.tag)
    found = form.fullmatch(time.value.decode("ascii", "replace")) if form else None
    if found is None:
        raise MalformedData(where, "time", time.start)
    *digits, sign, hours, minutes = found.groups()
    year, month, day, hour, minute, second = (int(part or 0) for part in digits)
    if time.tag == 0x17:
        year += 1900 if year >= 50 else 2000
    try:
        offset = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
        zone = timezone(-offset if sign == "-" else offset)
        return datetime(year, month, day, hour, minute, second, tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        raise MalformedData(where, "time", time.start) from None
