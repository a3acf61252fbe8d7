"""Changing one node of a DER tree from outside, as somebody without a key can."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ecid.encoding.tlv import Cursor, Tlv, children, encode
from ecid.errors import Misuse

Replacement = bytes | Callable[[bytes], bytes]


def node(der: bytes, path: Sequence[int]) -> bytes:
    """Return the complete object at ``path``, a child index for each level (-1 is the last).

    Raises ``Misuse`` if there is none, ``MalformedData`` if the tree cannot be walked.
    """
    found = _one(der)
    for index in path:
        found = _parts(found, index)[index]
    return found.raw


def override(der: bytes, path: Sequence[int], new: Replacement) -> bytes:
    """Return ``der`` with the object at ``path`` replaced and every length above it mended.

    ``new`` is raw bytes, which need not be DER and may be empty (the object goes away), or a
    function of the present object. Nothing is signed again. Raises what ``node`` raises.
    """
    if not path:
        return new(der) if callable(new) else new
    root, index = _one(der), path[0]
    parts = [part.raw for part in _parts(root, index)]
    parts[index] = override(parts[index], path[1:], new)
    return encode(root.tag, b"".join(parts))


def append(der: bytes, path: Sequence[int], new: bytes) -> bytes:
    """Return ``der`` with ``new`` as the last object inside the one at ``path``."""
    return override(der, path, lambda raw: encode(_one(raw).tag, _one(raw).value + new))


def flip(data: bytes, at: int = -1, bit: int = 0) -> bytes:
    """Return ``data`` with one bit turned over: ``bit`` (0 is the lowest) of byte ``at``."""
    changed = bytearray(data)
    changed[at] ^= 1 << bit
    return bytes(changed)


def _one(der: bytes) -> Tlv:
    cursor = Cursor(der, where="DER")
    found = cursor.read()
    cursor.finish()
    return found


def _parts(parent: Tlv, index: int) -> tuple[Tlv, ...]:
    found = children(parent)
    if not -len(found) <= index < len(found):
        raise Misuse
    return found
