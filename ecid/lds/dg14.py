"""DG14: the SecurityInfos that the issuer signed (Doc 9303-10 §4.7.14)."""

from __future__ import annotations

from ecid.encoding.tlv import parse_one
from ecid.lds import security_infos
from ecid.lds.security_info_types import SecurityInfos


def parse(data: bytes) -> SecurityInfos:
    """Return the SecurityInfos of DG14, header included.

    Raises ``MalformedData("DG14", rule)``; a set in the wrong order is a deviation.
    """
    return security_infos.parse(parse_one(data, 0x6E, "DG14").value, "DG14")
