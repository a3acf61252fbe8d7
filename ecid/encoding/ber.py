"""BER, tried only where strict DER refuses (X.690 §8): bounded first, then read by pyasn1.

Some issuers stream their security objects: lengths without an end in sight, strings in pieces.
What decides about memory and time is checked before pyasn1 sees a byte: depth, number of
objects, lengths. Then every indefinite length is made definite, and nothing else: an object
without one inside is copied as it came, since its bytes may be what somebody signed.

Whoever decodes here owes the report a named deviation (``ber_encoding``).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

from pyasn1.codec.ber import decoder
from pyasn1.error import PyAsn1Error
from pyasn1.type import base

from ecid.encoding.tlv import MAX_DEPTH, MAX_HEADER, encode_length, header
from ecid.errors import MalformedData

T = TypeVar("T", bound=base.Asn1Item)

MAX_NODES = 100_000
"""Most objects that are looked at; a revocation list of 10,000 entries has about 40,000."""

_END = b"\x00\x00"
_INDEFINITE = 0x80
_INTEGER = 0x02


def decode(data: bytes, spec: T, where: str) -> T:
    """Return the one object of the pyasn1 type ``spec`` that ``data`` consists of.

    Fields of type ``Any`` come as complete objects with definite lengths. Raises
    ``MalformedData(where, "not_ber")``, or what ``definite`` raises.
    """
    bounded = definite(data, where)
    with refused(where):
        value, rest = decoder.decode(bounded, asn1Spec=spec)
    if rest:
        raise MalformedData(where, "trailing_data", len(bounded) - len(rest))
    found: T = value
    return found


@contextmanager
def refused(where: str) -> Iterator[None]:
    """Turn what pyasn1 raises into ``MalformedData(where, "not_ber")``, also when values are taken.

    It finds some broken values (a BIT STRING of minus three bits) only when they are looked at.
    """
    try:
        yield
    except (PyAsn1Error, ValueError, TypeError, OverflowError, RecursionError) as exc:
        raise MalformedData(where, "not_ber") from exc


def definite(data: bytes, where: str) -> bytes:
    """Return ``data``, one BER object, with every indefinite length made definite (§8.1.3.6).

    Raises ``MalformedData``: ``too_deep``, ``too_many_objects``, ``truncated``,
    ``trailing_data``, ``empty_integer``, or a header that is none.
    """
    walk = _Walk(data, where)
    found, end = walk.object_at(0, len(data), 0)
    if end != len(data):
        raise MalformedData(where, "trailing_data", end)
    return found


def is_definite(data: bytes, where: str) -> bool:
    """Tell whether no length in ``data`` is indefinite. Raises what ``definite`` raises."""
    return definite(data, where) == data


class _Walk:
    """One pass over one input, which counts the objects it meets."""

    def __init__(self, data: bytes, where: str) -> None:
        self._data, self._where, self._nodes = data, where, 0

    def object_at(self, at: int, limit: int, depth: int) -> tuple[bytes, int]:
        """Return the object at ``at`` in definite form, and the offset after it."""
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise MalformedData(self._where, "too_many_objects", at)
        if depth > MAX_DEPTH:
            raise MalformedData(self._where, "too_deep", at)
        tag_end = self._tag_end(at, limit)
        constructed = bool(self._data[at] & 0x20)
        if self._data[tag_end] == _INDEFINITE:
            if not constructed:
                raise MalformedData(self._where, "indefinite_length", tag_end)
            return self._indefinite(at, tag_end, limit, depth)
        _, length, header_length = header(self._data[at : min(limit, at + MAX_HEADER)], self._where)
        start, end = at + header_length, at + header_length + length
        if end > limit:
            raise MalformedData(self._where, "truncated", at)
        raw = self._data[at:end]
        if not constructed:
            if self._data[at] == _INTEGER and not length:  # pyasn1 reads zero (X.690 §8.3.1)
                raise MalformedData(self._where, "empty_integer", at)
            return raw, end
        inner, _ = self._children(start, end, depth)
        same = inner == self._data[start:end]
        return (raw if same else self._wrapped(at, tag_end, inner)), end

    def _indefinite(self, at: int, tag_end: int, limit: int, depth: int) -> tuple[bytes, int]:
        inner, end = self._children(tag_end + 1, limit, depth, until_end=True)
        return self._wrapped(at, tag_end, inner), end

    def _children(
        self, at: int, limit: int, depth: int, *, until_end: bool = False
    ) -> tuple[bytes, int]:
        """Return the objects from ``at`` on, side by side: up to ``limit``, or to 00 00."""
        parts: list[bytes] = []
        while at < limit:
            if until_end and self._data[at : at + 2] == _END:
                return b"".join(parts), at + 2
            part, at = self.object_at(at, limit, depth + 1)
            parts.append(part)
        if until_end:
            raise MalformedData(self._where, "truncated", at)
        return b"".join(parts), at

    def _wrapped(self, at: int, tag_end: int, inner: bytes) -> bytes:
        return self._data[at:tag_end] + encode_length(len(inner)) + inner

    def _tag_end(self, at: int, limit: int) -> int:
        """Return the offset of the length octets; CMS and X.509 know tags of one byte only."""
        if at + 2 > limit:
            raise MalformedData(self._where, "truncated", at)
        if self._data[at] & 0x1F == 0x1F or self._data[at] == 0:
            raise MalformedData(self._where, "bad_tag", at)
        return at + 1
