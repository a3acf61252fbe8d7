"""DG1: the machine readable zone on the chip (Doc 9303-10 §4.7.1)."""

from __future__ import annotations

from dataclasses import dataclass

from ecid.encoding.tlv import parse_one
from ecid.mrz import mrz as zone
from ecid.mrz.mrz import Mrz


@dataclass(frozen=True, slots=True)
class Dg1:
    """The content of DG1."""

    mrz: Mrz


def parse(data: bytes) -> Dg1:
    """Return the zone of DG1, header included.

    Raises ``MalformedData`` of DG1 (a TLV rule) or of MRZ (see ``ecid.mrz.mrz.parse``).
    """
    cursor = parse_one(data, 0x61, "DG1").cursor()
    text = cursor.read(0x5F1F).value
    cursor.finish()
    return Dg1(zone.parse(text))
