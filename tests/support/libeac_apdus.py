"""Commands and data objects between libeac and a card: libeac itself knows no APDU."""

from __future__ import annotations

from typing import NamedTuple

from chip_terminal import split, tlv
from libeac import EacContext

SW_OK = 0x9000
AID = bytes.fromhex("A0000002471001")


class Reply(NamedTuple):
    """Data and status word of one exchange."""

    data: bytes
    sw: int


class Request(NamedTuple):
    """A plain command: four octets of header, data, and Le, None if nothing is expected."""

    header: bytes
    data: bytes = b""
    le: int | None = None

    def encode(self) -> bytes:
        """Return the command, extended where data or Le need it."""
        if len(self.data) > 255 or (self.le or 0) > 256:
            lc = b"\x00" + len(self.data).to_bytes(2, "big") if self.data else b"\x00"
            le = b"" if self.le is None else (self.le % 65536).to_bytes(2, "big")
            return self.header + lc + self.data + le
        lc = bytes([len(self.data)]) if self.data else b""
        return self.header + lc + self.data + (b"" if self.le is None else bytes([self.le % 256]))

    @classmethod
    def decode(cls, raw: bytes) -> Request:
        """Return the command that ``encode`` wrote."""
        header, body = raw[:4], raw[4:]
        if not body:
            return cls(header)
        extended = body[0] == 0 and len(body) > 1
        size = 2 if extended else 1
        rest = body[1:] if extended else body
        if len(rest) == size:
            return cls(header, b"", _length(rest))
        length = int.from_bytes(rest[:size], "big")
        data, le = rest[size : size + length], rest[size + length :]
        return cls(header, data, _length(le) if le else None)


def _length(octets: bytes) -> int:
    return int.from_bytes(octets, "big") or 1 << 8 * len(octets)


def value(data: bytes, tag: int) -> bytes:
    """Return the value of the first object ``tag``; there must be one."""
    return next(found for at, found, _ in split(data) if at == tag)


class EacMessaging:
    """Secure messaging with the cryptography of libeac, both directions (Doc 9303-11 §9.8)."""

    def __init__(self, side: EacContext) -> None:
        self._side = side

    def protect(self, plain: Request) -> Request:
        """Terminal: return the protected command."""
        self._side.count()
        header = bytes([plain.header[0] | 0x0C]) + plain.header[1:]
        body = self._cryptogram(plain.data, odd=bool(header[1] & 1))
        if plain.le is not None:
            size = 2 if plain.le > 256 else 1
            body += tlv(0x97, (plain.le % (1 << 8 * size)).to_bytes(size, "big"))
        covered = self._side.pad(header) + body if body else header
        body += tlv(0x8E, self._side.authenticate(covered))
        return Request(header, body, 65536 if len(body) > 255 or (plain.le or 0) > 256 else 256)

    def open(self, response: bytes) -> Reply:
        """Terminal: return the plain response; only a right one passes."""
        self._side.count()
        *covered, last = split(response[:-2])
        assert last[0] == 0x8E, f"not protected: {response.hex()}"
        assert self._side.authenticate(b"".join(raw for _, _, raw in covered)) == last[1]
        data = b""
        for tag, found, _ in covered:
            if tag in (0x85, 0x87):
                data = self._side.decrypt(found[1:] if tag == 0x87 else found)
        assert value(response[:-2], 0x99) == response[-2:]
        return Reply(data, int.from_bytes(response[-2:], "big"))

    def unprotect(self, command: Request) -> Request | None:
        """Chip: return the plain command, or None for one that is not rightly protected."""
        self._side.count()
        objects = split(command.data)
        if command.header[0] & 0x0C != 0x0C or not objects or objects[-1][0] != 0x8E:
            return None
        body = b"".join(raw for _, _, raw in objects[:-1])
        covered = self._side.pad(command.header) + body if body else command.header
        if self._side.authenticate(covered) != objects[-1][1]:
            return None
        data, le = b"", None
        for tag, found, _ in objects[:-1]:
            if tag in (0x85, 0x87):
                data = self._side.decrypt(found[1:] if tag == 0x87 else found)
            if tag == 0x97:
                le = _length(found)
        return Request(bytes([command.header[0] & 0xF3]) + command.header[1:], data, le)

    def answer(self, plain: Reply, *, odd: bool = False) -> bytes:
        """Chip: return the protected response."""
        self._side.count()
        status = plain.sw.to_bytes(2, "big")
        body = self._cryptogram(plain.data, odd=odd) + tlv(0x99, status)
        return body + tlv(0x8E, self._side.authenticate(body)) + status

    def _cryptogram(self, data: bytes, *, odd: bool) -> bytes:
        if not data:
            return b""
        sealed = self._side.encrypt(data)
        return tlv(0x85, sealed) if odd else tlv(0x87, b"\x01" + sealed)
