"""What of a user's words an error may repeat: a misspelt code, and nothing about people.

Whoever pastes a name or a number into the wrong place must not find it in a log.
"""

from __future__ import annotations

import re
from typing import Final

_CODE: Final = re.compile(r"[a-z0-9_.-]{1,40}", re.ASCII | re.IGNORECASE)
#: Six digits are a card access number, nine or twelve a person's.
_DIGITS: Final = re.compile(r"[0-9]{6}", re.ASCII)
NOT_REPEATED: Final = "…"


def echo(word: str) -> str:
    """Return ``word`` if it looks like a code, else an ellipsis."""
    is_code = _CODE.fullmatch(word) and not _DIGITS.search(word)
    return word if is_code else NOT_REPEATED
