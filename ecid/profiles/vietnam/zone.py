"""What the Vietnamese zone says twice: the number, in the document number and in optional data 1.

    IDVNM 090123456 2 000090123456 << 2    nine digits, their check digit; all twelve, << and theirs

Check digits of 7-3-1 miss two neighbours that differ by five and changed places; the repeated
digits miss nothing.
"""

from __future__ import annotations

import re

from ecid.mrz.checksum import check_digit
from ecid.mrz.mrz import Mrz

STATE = "VNM"
_OPTIONAL = re.compile(r"([0-9]{12})<<([0-9])", re.ASCII)
_NUMBER = re.compile(r"[0-9]{12}", re.ASCII)


def personal_number(mrz: Mrz) -> str | None:
    """Return the 12 digits of the optional data; a check digit of the issuer's own follows them."""
    found = _NUMBER.match(mrz.optional_data_1)
    return None if found is None else found[0]


def agrees(mrz: Mrz) -> bool:
    """Whether the document number is the last nine digits of the personal number.

    Zones of other states and those without a personal number say nothing twice.
    """
    number = personal_number(mrz)
    return mrz.issuing_state != STATE or number is None or number[3:] == mrz.document_number


def own_check_digit_fits(mrz: Mrz) -> bool:
    """Whether the issuer's own check digit suits the personal number; so too where it has none."""
    found = _OPTIONAL.fullmatch(mrz.optional_data_1)
    return found is None or check_digit(found[1]) == found[2]
