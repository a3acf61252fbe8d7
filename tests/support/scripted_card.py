"""Small cards for the tests of readers and sessions: scripts, files, and a chip's side of SM.

The secure messaging here is written from Doc 9303-11 §9.8 again, not shared with the code
under test.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from ecid.lds.files import ElementaryFile
from ecid_crypto.cipher import Cipher, decrypt_cbc, encrypt_block, encrypt_cbc
from ecid_crypto.mac import mac_padded
from ecid_crypto.padding import pad
from ecid_readers.apdu import CommandApdu, ResponseApdu


class ScriptedCard:
    """Answers whatever it is sent with the next of ``answers``, and remembers the commands."""

    def __init__(self, answers: Iterable[bytes]) -> None:
        self._answers = iter(answers)
        self.commands: list[bytes] = []

    def transmit(self, command: bytes, /) -> bytes:
        """Return the next answer."""
        self.commands.append(command)
        return next(self._answers)


class FunctionCard:
    """Answers with ``answer(command)``."""

    def __init__(self, answer: Callable[[bytes], bytes]) -> None:
        self._answer = answer
        self.commands: list[bytes] = []

    def transmit(self, command: bytes, /) -> bytes:
        """Return what the function makes of ``command``."""
        self.commands.append(command)
        return self._answer(command)


@dataclass
class FileCard:
    """A card without access control that serves ``files`` by identifier and short identifier.

    ``end`` is its habit where a read passes the end: ``"9000"``, ``"6282"`` or ``"6Cxx"``.
    Longer reads than ``refuse_over`` get 6700, than ``correct_over`` 6Cxx; ``answer_at_most``
    cuts answers short with 9000.
    """

    files: dict[int, bytes]
    end: str = "9000"
    refuse_over: int = 65_536
    correct_over: int = 65_536
    answer_at_most: int = 65_536
    commands: list[CommandApdu] = field(default_factory=list)
    current: bytes | None = None

    def transmit(self, command: bytes, /) -> bytes:
        """Answer SELECT by file identifier and READ BINARY in its three forms."""
        parsed = CommandApdu.decode(command)
        self.commands.append(parsed)
        if parsed.ins == 0xA4:
            return self._select(parsed)
        if parsed.ins == 0xB1:
            return self._read_odd(parsed)
        offset = parsed.p1 << 8 | parsed.p2
        if parsed.p1 & 0x80:
            self.current = self._by_sfi(parsed.p1 & 0x1F)
            offset = parsed.p2
        return self._read(offset, parsed.le or 0)

    def _by_sfi(self, sfi: int) -> bytes | None:
        return next((data for fid, data in self.files.items() if fid & 0x1F == sfi), None)

    def _select(self, command: CommandApdu) -> bytes:
        found = self.files.get(int.from_bytes(command.data, "big"))
        if found is None:
            return bytes.fromhex("6A82")
        self.current = found
        return bytes.fromhex("9000")

    def _read(self, offset: int, le: int) -> bytes:
        if self.current is None:
            return bytes.fromhex("6A82")
        if le > self.refuse_over:
            return bytes.fromhex("6700")
        if le > self.correct_over:
            return bytes((0x6C, self.correct_over % 256))
        rest = self.current[offset:]
        if not rest:
            return bytes.fromhex("6B00")
        if le > len(rest) and self.end == "6Cxx" and len(rest) <= 256:
            return bytes((0x6C, len(rest) % 256))
        at_end = len(rest) < le and len(rest) <= self.answer_at_most
        sw = 0x6282 if at_end and self.end == "6282" else 0x9000
        return ResponseApdu(rest[: min(le, self.answer_at_most)], sw).encode()

    def _read_odd(self, command: CommandApdu) -> bytes:
        offset = int.from_bytes(command.data[2:], "big")
        le = command.le or 0
        header = 2 if le <= 0x81 else 3 if le <= 0x102 else 4
        plain = ResponseApdu.decode(self._read(offset, le - header))
        return ResponseApdu(tlv(0x53, plain.data), plain.sw).encode()


@dataclass
class ChipSide:
    """The chip's end of a secure messaging session; counts for itself."""

    cipher: Cipher
    enc: bytes
    mac: bytes
    ssc: int = 0

    def open(self, command: bytes) -> CommandApdu:
        """Verify and decrypt a protected command; return the plain one."""
        self.ssc += 1
        apdu = CommandApdu.decode(command)
        assert apdu.cla & 0x0C == 0x0C
        objects = dict(_objects(apdu.data))
        covered = pad(apdu.header, self.cipher.block_length)
        body = apdu.data[:-10]
        if body:
            covered += pad(body, self.cipher.block_length)
        assert self.checksum(covered) == objects.pop(0x8E)
        data = b""
        if 0x87 in objects:
            assert apdu.ins % 2 == 0
            assert objects[0x87][:1] == b"\x01"
            data = self._plain(objects.pop(0x87)[1:])
        if 0x85 in objects:
            assert apdu.ins % 2 == 1
            data = self._plain(objects.pop(0x85))
        le = None
        if 0x97 in objects:
            value = objects.pop(0x97)
            le = int.from_bytes(value, "big") or 256 ** len(value)
        assert objects == {}
        return CommandApdu(apdu.cla & ~0x0C, apdu.ins, apdu.p1, apdu.p2, data, le)

    def cryptogram(self, data: bytes, *, padded: bool = True) -> bytes:
        """Encrypt ``data`` for the response about to be made."""
        blocks = pad(data, self.cipher.block_length) if padded else data
        return encrypt_cbc(self.cipher, self.enc, self._iv(), blocks)

    def checksum(self, padded: bytes) -> bytes:
        """Return the MAC over the counter and ``padded``."""
        counter = self.ssc.to_bytes(self.cipher.block_length, "big")
        return mac_padded(self.cipher, self.mac, counter + padded)

    def seal(self, objects: bytes, sw: int) -> bytes:
        """Append a right MAC and ``sw`` to ``objects``, whatever they are."""
        mac = self.checksum(pad(objects, self.cipher.block_length))
        return objects + b"\x8e\x08" + mac + sw.to_bytes(2, "big")

    def answer(self, data: bytes, sw: int = 0x9000, *, odd: bool = False) -> bytes:
        """Return the protected response with ``data`` and ``sw``."""
        self.ssc += 1
        objects = b""
        if data:
            value = self.cryptogram(data)
            objects = tlv(0x85, value) if odd else tlv(0x87, b"\x01" + value)
        return self.seal(objects + b"\x99\x02" + sw.to_bytes(2, "big"), sw)

    def _plain(self, cryptogram: bytes) -> bytes:
        return decrypt_cbc(self.cipher, self.enc, self._iv(), cryptogram).rstrip(b"\0")[:-1]

    def _iv(self) -> bytes:
        if self.cipher is Cipher.TDES:
            return bytes(8)
        return encrypt_block(self.cipher, self.enc, self.ssc.to_bytes(16, "big"))


class ProtectedCard:
    """Puts a ``ChipSide`` in front of a plain card."""

    def __init__(self, chip: ChipSide, plain: FileCard) -> None:
        self._chip, self._plain = chip, plain

    def transmit(self, command: bytes, /) -> bytes:
        """Open ``command``, have it answered in plain, and seal the answer."""
        opened = self._chip.open(command)
        answer = ResponseApdu.decode(self._plain.transmit(opened.encode()))
        return self._chip.answer(answer.data, answer.sw, odd=bool(opened.ins & 1))


def content(ef: ElementaryFile, size: int) -> bytes:
    """Return a file of exactly ``size`` bytes with the tag of ``ef`` and a recognisable value."""
    for header in (2, 3, 4, 5):
        value = bytes(at % 251 for at in range(size - header))
        whole = tlv(ef.tag or 0, value) if size < 65_536 else long_object(ef.tag or 0, value)
        if len(whole) == size:
            return whole
    raise AssertionError(size)


def long_object(tag: int, value: bytes) -> bytes:
    """Return an object with a length field of four bytes."""
    return bytes((tag, 0x83)) + len(value).to_bytes(3, "big") + value


def tlv(tag: int, value: bytes) -> bytes:
    """Return a data object with a one-byte tag."""
    if len(value) < 0x80:
        return bytes((tag, len(value))) + value
    if len(value) < 0x100:
        return bytes((tag, 0x81, len(value))) + value
    return bytes((tag, 0x82)) + len(value).to_bytes(2, "big") + value


def _objects(data: bytes) -> Iterable[tuple[int, bytes]]:
    at = 0
    while at < len(data):
        tag, length, at = data[at], data[at + 1], at + 2
        if length > 0x80:
            width = length & 0x7F
            length, at = int.from_bytes(data[at : at + width], "big"), at + width
        yield tag, data[at : at + length]
        at += length
