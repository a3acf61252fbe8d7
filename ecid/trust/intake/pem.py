"""PEM blocks out of a file (RFC 7468)."""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator

from ecid.errors import MalformedData

#: All the world's CSCA certificates are under a thousand, a whole PKD has some 30,000 signers.
MAX_BLOCKS = 100_000

# Anything may stand in a block, and its end may be missing, so that what is broken is not missed.
_BLOCK = re.compile(rb"-----BEGIN ([A-Z0-9 ]{1,40})-----(?:([^-]*)-----END [A-Z0-9 ]+-----)?")


def is_pem(data: bytes) -> bool:
    """Tell whether there is the beginning of a block somewhere in ``data``."""
    return b"-----BEGIN " in data


def blocks(data: bytes) -> Iterator[tuple[str, bytes | None]]:
    """Yield label and content (DER) of every block in ``data``, in order.

    The content is None where it is no base64, or the block has no end.
    Raises ``MalformedData("PEM", "too_many" | "no_block")``.
    """
    count = 0
    for match in _BLOCK.finditer(data):
        count += 1
        if count > MAX_BLOCKS:
            raise MalformedData("PEM", "too_many")
        yield match[1].decode("ascii"), None if match[2] is None else _decoded(match[2])
    if not count:
        raise MalformedData("PEM", "no_block")


def _decoded(text: bytes) -> bytes | None:
    try:
        return binascii.a2b_base64(b"".join(text.split()), strict_mode=True)
    except binascii.Error:
        return None
