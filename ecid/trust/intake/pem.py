"""PEM blocks out of a file (RFC 7468)."""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator

from ecid.errors import MalformedData

#: All the world's CSCA certificates are under a thousand, a whole PKD has some 30,000 signers.
MAX_BLOCKS = 100_000

#: Of one block in base64. The largest real one is a master list of under a megabyte.
MAX_BLOCK = 48 * 1024 * 1024

_SPACE = b" \t\r\n\v\f"

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


def block(content: bytes) -> bytes:
    """Return a certificate (DER) as a block."""
    text = binascii.b2a_base64(content, newline=False)
    lines = (text[i : i + _WIDTH] for i in range(0, len(text), _WIDTH))
    edges = b"-----BEGIN CERTIFICATE-----", b"-----END CERTIFICATE-----"
    return b"\n".join((edges[0], *lines, edges[1], b""))


_WIDTH = 64


def _decoded(text: bytes) -> bytes | None:
    if len(text) > MAX_BLOCK:
        return None
    try:
        return binascii.a2b_base64(text.translate(None, _SPACE), strict_mode=True)
    except binascii.Error:
        return None
