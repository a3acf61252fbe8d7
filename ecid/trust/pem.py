"""Certificates out of a file, DER or PEM, whatever its name says (RFC 7468)."""

from __future__ import annotations

import binascii
import re

from ecid.errors import MalformedData

# Anything may stand in a block, so that one with a stray character is refused and not missed.
#: All the world's CSCA certificates are under a thousand.
MAX_CERTIFICATES = 10_000

_BLOCK = re.compile(
    rb"-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----([^-]*)-----END [A-Z0-9 ]+-----"
)


def certificates_in(data: bytes) -> tuple[bytes, ...]:
    """Return the DER of every certificate in ``data``: one if it is DER, any number if PEM.

    Raises ``MalformedData("certificate", "neither_der_nor_pem" | "not_base64")``.
    """
    if data[:1] == b"\x30" and b"-----BEGIN" not in data:
        return (data,)
    blocks = [match[1] for match in _BLOCK.finditer(data)]
    if len(blocks) > MAX_CERTIFICATES:
        raise MalformedData("certificate", "too_many")
    if not blocks:
        raise MalformedData("certificate", "neither_der_nor_pem")
    try:
        return tuple(binascii.a2b_base64(b"".join(b.split()), strict_mode=True) for b in blocks)
    except binascii.Error as exc:
        raise MalformedData("certificate", "not_base64") from exc
