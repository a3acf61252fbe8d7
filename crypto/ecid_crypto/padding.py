"""Padding method 2 of ISO/IEC 9797-1: the bit 1, then zeros to the end of the block."""

from __future__ import annotations

from ecid_crypto.errors import InvalidPadding


def pad(data: bytes, block_length: int) -> bytes:
    """Return ``data`` with 80 and as many 00 as fill its last block (Doc 9303-11 §9.8).

    At least one byte is added; ``block_length`` is in bytes.
    """
    return data + b"\x80" + bytes(-(len(data) + 1) % block_length)


def unpad(data: bytes) -> bytes:
    """Return what stands before the last 80, which only 00 may follow.

    Raises ``InvalidPadding`` if there is none. Call it on authenticated data only: an answer
    that depends on padding is an oracle.
    """
    stripped = data.rstrip(b"\x00")
    if not stripped.endswith(b"\x80"):
        raise InvalidPadding("method_2")
    return stripped[:-1]
