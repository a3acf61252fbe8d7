"""Command and response APDUs of ISO 7816-4 §5: values on this side, bytes on the wire."""

from __future__ import annotations

from dataclasses import dataclass, field

from ecid_readers.errors import MalformedApdu, ResponseTooLong
from ecid_readers.status import SW_OK

SHORT_DATA = 255
"""Most data bytes of a command with short length fields (ISO 7816-4 §5.1)."""

SHORT_LE = 256
"""Most response bytes a short Le can ask for; encoded 00."""

EXTENDED_DATA = 65_535
"""Most data bytes of a command with extended length fields."""

EXTENDED_LE = 65_536
"""Most response bytes an extended Le can ask for; encoded 0000."""


@dataclass(frozen=True, slots=True)
class CommandApdu:
    """One command: header, data, and how many response bytes are asked for.

    ``le`` counts bytes (1 to 65,536; 256 is sent as 00, 65,536 as 0000); ``None`` asks for
    none. ``extended`` asks for extended length fields where short ones would do; it is set
    by itself where they would not, and cleared for a command that has no length field.
    Raises ``MalformedApdu`` for values no encoding exists for.
    """

    cla: int
    ins: int
    p1: int
    p2: int
    data: bytes = field(default=b"", repr=False)
    le: int | None = None
    extended: bool = False

    def __post_init__(self) -> None:
        if not all(0 <= part <= 0xFF for part in (self.cla, self.ins, self.p1, self.p2)):
            raise MalformedApdu("header_byte")
        if len(self.data) > EXTENDED_DATA:
            raise MalformedApdu("data_length")
        if self.le is not None and not 1 <= self.le <= EXTENDED_LE:
            raise MalformedApdu("le_range")
        object.__setattr__(self, "extended", self._is_extended())

    @property
    def header(self) -> bytes:
        """CLA, INS, P1 and P2."""
        return bytes((self.cla, self.ins, self.p1, self.p2))

    def encode(self) -> bytes:
        """Return the bytes on the wire (ISO 7816-4 §5.1, cases 1, 2S to 4S, 2E to 4E)."""
        return self.header + (self._extended_body() if self.extended else self._short_body())

    @classmethod
    def decode(cls, raw: bytes) -> CommandApdu:
        """Return the command that ``raw`` encodes; ``MalformedApdu`` unless every byte fits."""
        if len(raw) < 4:
            raise MalformedApdu("header_truncated")
        body = raw[4:]
        if len(body) > 1 and body[0] == 0:
            data, le = _decode_extended(body[1:])
            extended = True
        else:
            data, le = _decode_short(body)
            extended = False
        return cls(raw[0], raw[1], raw[2], raw[3], data, le, extended)

    def _is_extended(self) -> bool:
        has_length_field = bool(self.data) or self.le is not None
        must = len(self.data) > SHORT_DATA or (self.le or 0) > SHORT_LE
        return has_length_field and (self.extended or must)

    def _short_body(self) -> bytes:
        body = bytes((len(self.data),)) + self.data if self.data else b""
        return body if self.le is None else body + bytes((self.le % SHORT_LE,))

    def _extended_body(self) -> bytes:
        body = len(self.data).to_bytes(2, "big") + self.data if self.data else b""
        if self.le is not None:
            body += (self.le % EXTENDED_LE).to_bytes(2, "big")
        return b"\x00" + body


@dataclass(frozen=True, slots=True)
class ResponseApdu:
    """One response: data and the 16-bit status word (ISO 7816-4 §5.1)."""

    data: bytes = field(repr=False)
    sw: int

    @property
    def ok(self) -> bool:
        """Whether the status word is 9000: one comparison of all sixteen bits."""
        return self.sw == SW_OK

    def encode(self) -> bytes:
        """Return data and status word as bytes."""
        return self.data + self.sw.to_bytes(2, "big")

    @classmethod
    def decode(cls, raw: bytes) -> ResponseApdu:
        """Return the response that ``raw`` encodes.

        Raises ``MalformedApdu`` under two bytes and ``ResponseTooLong`` over 65,538.
        """
        if len(raw) < 2:
            raise MalformedApdu("status_truncated")
        if len(raw) > EXTENDED_LE + 2:
            raise ResponseTooLong("extended_le")
        return cls(bytes(raw[:-2]), int.from_bytes(raw[-2:], "big"))


def _decode_short(body: bytes) -> tuple[bytes, int | None]:
    """Cases 1, 2S, 3S and 4S: nothing, Le, or Lc data [Le]."""
    if not body:
        return b"", None
    if len(body) == 1:
        return b"", body[0] or SHORT_LE
    end = 1 + body[0]
    return body[1:end], _decode_le(body[1:], body[0], 1)


def _decode_extended(body: bytes) -> tuple[bytes, int | None]:
    """Cases 2E, 3E and 4E, without the leading 00: Le, or Lc data [Le], two bytes each."""
    if len(body) < 2:
        raise MalformedApdu("extended_length_truncated")
    first = int.from_bytes(body[:2], "big")
    if len(body) == 2:
        return b"", first or EXTENDED_LE
    if first == 0:
        raise MalformedApdu("extended_lc_zero")
    return body[2 : 2 + first], _decode_le(body[2:], first, 2)


def _decode_le(rest: bytes, lc: int, width: int) -> int | None:
    """Return the Le of ``width`` bytes that follows ``lc`` data bytes, or ``None``."""
    tail = rest[lc:]
    if len(rest) < lc or len(tail) not in {0, width}:
        raise MalformedApdu("lc_mismatch")
    if not tail:
        return None
    return int.from_bytes(tail, "big") or 256**width
