"""DG13 of the Vietnamese identity card, as plain TLV: numbered fields of text.

Doc 9303-10 leaves DG13 to the issuer, and this issuer publishes no specification; the structure
is the observed one (reference: cccd.md §1). Neither the order nor the number of fields is taken
for granted, and what they mean is said in ``ecid.profiles.vietnam``.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field

from ecid.encoding.oid import decode_oid
from ecid.encoding.tlv import Cursor, Tlv, children, parse_one
from ecid.errors import MalformedData

_WHERE = "DG13"
_ENCODINGS = {0x0C: "utf-8", 0x13: "ascii", 0x16: "ascii", 0x1E: "utf-16-be"}


@dataclass(frozen=True, slots=True)
class Dg13Field:
    """One field: its number ``id``, its texts, its bytes.

    ``values`` is empty where the card has nothing. A nested list of names gives its names in
    order, and an empty nested list gives ``""``, so that the second name stays the second.
    ``uninterpreted`` tells that ``raw`` holds objects that are not text.
    """

    id: int
    values: tuple[str, ...] = field(repr=False)
    raw: bytes = field(repr=False)
    uninterpreted: bool = False

    @property
    def normalised(self) -> bool:
        """Tell whether every text is in Unicode NFC; others are kept as received."""
        return all(unicodedata.is_normalized("NFC", value) for value in self.values)


@dataclass(frozen=True, slots=True)
class Dg13:
    """The content of DG13: ``version``, the identifier of the text encoding, the fields."""

    version: int
    encoding: str
    fields: tuple[Dg13Field, ...]

    def field(self, number: int) -> Dg13Field | None:
        """Return the field with this number, or None."""
        return next((entry for entry in self.fields if entry.id == number), None)


def parse(data: bytes) -> Dg13:
    """Return the fields of DG13, header included, in the order received.

    Raises ``MalformedData("DG13", rule)``: ``duplicate_field``, ``bad_text``, ``bad_number``,
    ``bad_oid``, or a TLV rule.
    """
    outer = parse_one(data, 0x6D, _WHERE).cursor()
    body = outer.read(0x30).cursor()
    outer.finish()
    # The body starts with an INTEGER like every field does, so its place tells them apart.
    version = _number(body.read(0x02))
    encoding = decode_oid(body.read(0x06).value, _WHERE)
    fields = tuple(_field(entry) for entry in children(body.read(0x31)))
    body.finish()
    if len({entry.id for entry in fields}) != len(fields):
        raise MalformedData(_WHERE, "duplicate_field")
    return Dg13(version, encoding, fields)


def _field(entry: Tlv) -> Dg13Field:
    if entry.tag != 0x30:
        raise MalformedData(_WHERE, "unexpected_tag", entry.start)
    cursor = entry.cursor()
    number = _number(cursor.read(0x02))
    values, complete = _values(cursor)
    return Dg13Field(number, tuple(values), entry.raw, not complete)


def _values(cursor: Cursor) -> tuple[list[str], bool]:
    """Return the texts up to the end, and whether everything was text."""
    values: list[str] = []
    complete = True
    while not cursor.at_end:
        node = cursor.read()
        if node.tag in _ENCODINGS:
            values.append(_text(node))
        elif node.tag == 0x30:
            inner, inner_complete = _values(node.cursor())
            values += inner or [""]
            complete = complete and inner_complete
        else:
            complete = False
    return values, complete


def _text(node: Tlv) -> str:
    """Decode strictly: a replaced character would be another name."""
    try:
        return node.value.decode(_ENCODINGS[node.tag])
    except UnicodeDecodeError:
        # Its text quotes the bytes, so it is not kept as the cause.
        raise MalformedData(_WHERE, "bad_text", node.start) from None


def _number(node: Tlv) -> int:
    number = int.from_bytes(node.value, "big", signed=True)
    if not (1 <= len(node.value) <= 4 and number >= 0):
        raise MalformedData(_WHERE, "bad_number", node.start)
    return number
