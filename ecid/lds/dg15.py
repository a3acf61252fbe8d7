"""DG15: the public key of Active Authentication (Doc 9303-10 §4.7.15)."""

from __future__ import annotations

from ecid.encoding.spki import SubjectPublicKey, parse_spki
from ecid.encoding.tlv import parse_one


def parse(data: bytes) -> SubjectPublicKey:
    """Return the key of DG15, header included.

    Raises ``MalformedData("DG15", rule)``, or ``UnsupportedData`` for a key that is not RSA and
    not on a known curve.
    """
    return parse_spki(parse_one(data, 0x6F, "DG15").value, "DG15")
