"""Commands as a chip takes them apart, and answers as it puts them together (ISO/IEC 7816-4 §5)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

OK = 0x9000
MORE_AVAILABLE = 0x6100
END_OF_FILE = 0x6282
NOT_AUTHENTICATED = 0x6300
WRONG_LENGTH = 0x6700
SM_NOT_SUPPORTED = 0x6882
LAST_EXPECTED = 0x6883
CHAINING_NOT_SUPPORTED = 0x6884
LOCKED = 0x6982
BLOCKED = 0x6983
NOT_IN_THIS_STATE = 0x6985
NO_CURRENT_FILE = 0x6986
SM_OBJECT_MISSING = 0x6987
SM_OBJECT_WRONG = 0x6988
WRONG_DATA = 0x6A80
NOT_FOUND = 0x6A82
WRONG_P1_P2 = 0x6A86
DATA_NOT_AS_EXPECTED = 0x6A87
REFERENCE_NOT_FOUND = 0x6A88
BEYOND_FILE = 0x6B00
EXACT_LENGTH = 0x6C00
INS_NOT_SUPPORTED = 0x6D00
CLA_NOT_SUPPORTED = 0x6E00


class RefusalError(Exception):
    """The chip will not do it; ``sw`` is the status word it answers with."""

    def __init__(self, sw: int) -> None:
        super().__init__(f"{sw:04X}")
        self.sw = sw


@dataclass(frozen=True, slots=True)
class Command:
    """A command APDU. ``le`` is the most bytes wanted (1 to 65,536), None if there is no Le."""

    cla: int
    ins: int
    p1: int
    p2: int
    data: bytes = field(default=b"", repr=False)
    le: int | None = None
    extended: bool = False

    @property
    def chained(self) -> bool:
        """Tell whether the class byte announces that more of a chain follows (§5.3.3)."""
        return bool(self.cla & 0x10)

    @property
    def protected(self) -> bool:
        """Tell whether the class byte announces secure messaging with a protected header."""
        return self.cla & 0x0C == 0x0C

    @property
    def header(self) -> bytes:
        """Return CLA, INS, P1 and P2."""
        return bytes((self.cla, self.ins, self.p1, self.p2))

    def after(self, begun: Command) -> Command:
        """Return this command with the data of an earlier part of its chain before its own."""
        return replace(self, data=begun.data + self.data)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command gives: data, which may be empty, and the status word."""

    data: bytes = field(default=b"", repr=False)
    sw: int = OK

    @property
    def raw(self) -> bytes:
        """Return the response APDU."""
        return self.data + self.sw.to_bytes(2, "big")


def parse(raw: bytes) -> Command:
    """Return the command that ``raw`` is, in one of the seven cases of ISO/IEC 7816-3 §12.1.3.

    Raises ``RefusalError(6700)`` if Lc or Le do not agree with the length.
    """
    if len(raw) < 4:
        raise RefusalError(WRONG_LENGTH)
    cla, ins, p1, p2 = raw[:4]
    body = raw[4:]
    extended = len(body) > 1 and body[0] == 0
    data, le = (_extended(body[1:]) if extended else _short(body)) if body else (b"", None)
    return Command(cla, ins, p1, p2, data, le, extended)


def _short(body: bytes) -> tuple[bytes, int | None]:
    if len(body) == 1:
        return b"", body[0] or 256
    lc, rest = body[0], body[1:]
    if len(rest) == lc:
        return rest, None
    if len(rest) == lc + 1:
        return rest[:lc], rest[lc] or 256
    raise RefusalError(WRONG_LENGTH)


def _extended(body: bytes) -> tuple[bytes, int | None]:
    if len(body) == 2:
        return b"", int.from_bytes(body, "big") or 65_536
    lc, rest = int.from_bytes(body[:2], "big"), body[2:]
    if lc and len(rest) == lc:
        return rest, None
    if lc and len(rest) == lc + 2:
        return rest[:lc], int.from_bytes(rest[lc:], "big") or 65_536
    raise RefusalError(WRONG_LENGTH)
