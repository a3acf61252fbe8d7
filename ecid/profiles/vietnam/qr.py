"""The QR code of the Vietnamese card: fields with ``|`` between them, the personal number first."""

from __future__ import annotations

import re

#: Seven fields in 2021, more since 2024; a byte order mark and spaces come from scanners.
_PERSONAL_NUMBER = re.compile(r"[\s\ufeff]*([0-9]{12})\s*(?:\||$)", re.ASCII)


def personal_number(text: str) -> str | None:
    """Return the 12 digits that the QR ``text`` begins with, or None if it does not."""
    matched = _PERSONAL_NUMBER.match(text)
    return None if matched is None else matched[1]
