"""BER-TLV as chips write it (ISO/IEC 7816-4 §5.2.2), read by a cursor that refuses leftovers.

Definite lengths of one to five bytes and tags of one to three bytes; the indefinite form is
refused. A length longer than necessary is read and flagged (``Tlv.minimal``): BER allows it,
DER does not. Nothing here recurses, and descending is capped (``MAX_DEPTH``, ``MAX_NODES``).
Whatever the bytes, the answer is a value or ``MalformedData``, in time linear in the input.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from ecid.errors import MalformedData

MAX_DEPTH = 32
"""Deepest nesting that a cursor follows; a SOD needs about 12."""

MAX_NODES = 10_000
"""Most objects that ``children`` or ``walk`` hand out."""

MAX_HEADER = 8
"""Longest header in bytes: a tag of three and a length of five."""


@dataclass(frozen=True, slots=True)
class Tlv:
    """One data object as received.

    ``tag`` holds the tag bytes as a big-endian number (``0x5F1F``), ``start`` is the offset of
    the tag in the whole input, ``header_length`` the bytes of tag and length, ``minimal`` tells
    whether the length is the shortest possible, ``raw`` is tag, length and value.
    """

    tag: int
    start: int
    header_length: int
    minimal: bool
    raw: bytes = field(repr=False)
    where: str
    depth: int = 0

    @property
    def value(self) -> bytes:
        """Return the value, without tag and length."""
        return self.raw[self.header_length :]

    @property
    def constructed(self) -> bool:
        """Tell whether the tag announces further objects inside (ISO/IEC 7816-4 §5.2.2.1)."""
        return bool(self.raw[0] & 0x20)

    def cursor(self) -> Cursor:
        """Return a cursor over the value, whose positions count from the start of the input.

        Raises ``MalformedData`` (``too_deep``) below ``MAX_DEPTH``.
        """
        if self.depth >= MAX_DEPTH:
            raise MalformedData(self.where, "too_deep", self.start)
        base = self.start + self.header_length
        return Cursor(self.value, where=self.where, base=base, depth=self.depth + 1)


class Cursor:
    """Reads data objects from ``data`` one after another.

    ``where`` names the structure in errors, ``base`` is the offset of ``data`` in the input.
    Every method raises ``MalformedData`` for bytes that break ISO/IEC 7816-4 §5.2.2.
    """

    __slots__ = ("_at", "_base", "_data", "_depth", "_where")

    def __init__(self, data: bytes, *, where: str, base: int = 0, depth: int = 0) -> None:
        self._data, self._at = data, 0
        self._where, self._base, self._depth = where, base, depth

    @property
    def position(self) -> int:
        """Return the offset of the next object in the whole input."""
        return self._base + self._at

    @property
    def at_end(self) -> bool:
        """Tell whether everything has been read."""
        return self._at == len(self._data)

    def peek_tag(self) -> int | None:
        """Return the tag of the next object without reading it, or None at the end."""
        if self.at_end:
            return None
        return _tag(self._data, self._at, self._where, self._base)[0]

    def read(self, tag: int | None = None) -> Tlv:
        """Read the next object; with ``tag`` given, any other one is ``unexpected_tag``."""
        found, length, header_length, minimal = _header(
            self._data, self._at, self._where, self._base
        )
        if tag is not None and found != tag:
            raise MalformedData(self._where, "unexpected_tag", self.position)
        end = self._at + header_length + length
        if end > len(self._data):
            raise MalformedData(self._where, "truncated", self.position)
        raw = self._data[self._at : end]
        read = Tlv(found, self.position, header_length, minimal, raw, self._where, self._depth)
        self._at = end
        return read

    def finish(self) -> None:
        """Require that nothing is left (``trailing_data``)."""
        if not self.at_end:
            raise MalformedData(self._where, "trailing_data", self.position)


def parse_one(data: bytes, tag: int, where: str) -> Tlv:
    """Return the one object with ``tag`` that ``data`` consists of; nothing may follow it."""
    cursor = Cursor(data, where=where)
    read = cursor.read(tag)
    cursor.finish()
    return read


def header(data: bytes, where: str) -> tuple[int, int, int]:
    """Return (tag, length of the value, length of the header) from the first bytes of an object.

    ``MAX_HEADER`` bytes always suffice. Raises ``MalformedData`` if they do not form a header.
    """
    tag, length, header_length, _ = _header(data, 0, where, 0)
    return tag, length, header_length


def children(parent: Tlv) -> tuple[Tlv, ...]:
    """Return the objects directly inside ``parent``.

    Raises ``MalformedData``: ``too_deep``, ``too_many_objects``, or what ``Cursor.read`` raises.
    """
    cursor = parent.cursor()
    found: list[Tlv] = []
    while not cursor.at_end:
        if len(found) == MAX_NODES:
            raise MalformedData(parent.where, "too_many_objects", cursor.position)
        found.append(cursor.read())
    return tuple(found)


def walk(root: Tlv) -> Iterator[Tlv]:
    """Yield ``root`` and, depth first, every object inside its constructed objects.

    Raises ``MalformedData`` like ``children``; ``MAX_NODES`` counts the whole tree.
    """
    waiting, seen = [root], 0
    while waiting:
        node = waiting.pop()
        seen += 1
        if seen + len(waiting) > MAX_NODES:
            raise MalformedData(root.where, "too_many_objects", node.start)
        yield node
        if node.constructed:
            waiting.extend(reversed(children(node)))


def is_padded(node: Tlv) -> bool:
    """Tell whether ``node`` is an INTEGER whose first octet says nothing (X.690 §8.3.2)."""
    if node.tag != 0x02 or len(node.value) < 2:
        return False
    first, negative = node.value[0], bool(node.value[1] & 0x80)
    return first == (0xFF if negative else 0x00)


def encode(tag: int, value: bytes) -> bytes:
    """Return the object with ``tag`` (for example ``0x7F49``) and the shortest length (DER)."""
    tag_bytes = tag.to_bytes(max(1, (tag.bit_length() + 7) // 8), "big")
    return tag_bytes + encode_length(len(value)) + value


def encode_length(length: int) -> bytes:
    """Return the shortest length field for ``length`` bytes (X.690 §10.1)."""
    if length < 0x80:
        return bytes([length])
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([0x80 | len(octets)]) + octets


def _header(data: bytes, at: int, where: str, base: int) -> tuple[int, int, int, bool]:
    """Return (tag, value length, header length, length is minimal) of the object at ``at``."""
    tag, after = _tag(data, at, where, base)
    if after >= len(data):
        raise MalformedData(where, "truncated", base + at)
    first = data[after]
    if first < 0x80:
        return tag, first, after + 1 - at, True
    if first == 0x80:
        raise MalformedData(where, "indefinite_length", base + after)
    if first > 0x84:
        raise MalformedData(where, "length_too_long", base + after)
    end = after + 1 + (first & 0x7F)
    if end > len(data):
        raise MalformedData(where, "truncated", base + at)
    length = int.from_bytes(data[after + 1 : end], "big")
    minimal = data[after + 1] != 0 and length >= 0x80
    return tag, length, end - at, minimal


def _tag(data: bytes, at: int, where: str, base: int) -> tuple[int, int]:
    """Return (tag, offset after it). Numbers below 31 in the long form exist (5F0E) and pass."""
    if at >= len(data):
        raise MalformedData(where, "truncated", base + at)
    first = data[at]
    if first == 0:
        raise MalformedData(where, "tag_zero", base + at)
    if first & 0x1F != 0x1F:
        return first, at + 1
    for end in (at + 2, at + 3):
        if end > len(data):
            raise MalformedData(where, "truncated", base + at)
        if data[end - 1] & 0x80 == 0:
            return int.from_bytes(data[at:end], "big"), end
        if data[at + 1] == 0x80:
            raise MalformedData(where, "tag_not_minimal", base + at)
    raise MalformedData(where, "tag_too_long", base + at)
