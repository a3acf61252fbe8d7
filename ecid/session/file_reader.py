"""Reading elementary files: SELECT and READ BINARY within limits (Doc 9303-10 §3.6).

The first read asks for as much as the link carries; its first bytes tell the length, and
nothing beyond that length is asked for or kept. Every loop has its bound: bytes by
``ElementaryFile.max_bytes``, commands by the size of the file, answers without progress by two.
"""

from __future__ import annotations

from collections.abc import Callable

from ecid.encoding.tlv import MAX_HEADER, header
from ecid.errors import (
    FileAbsent,
    FileLocked,
    LimitExceeded,
    MalformedData,
    Misuse,
    ProtocolError,
)
from ecid.lds.files import ElementaryFile
from ecid.session.read_binary import Read, short_read_length
from ecid_readers.apdu import EXTENDED_LE, SHORT_LE, CommandApdu, ResponseApdu
from ecid_readers.status import (
    SW_CONDITIONS,
    SW_END_OF_FILE,
    SW_NOT_ALLOWED,
    SW_NOT_FOUND,
    SW_OK,
    SW_OUT_OF_RANGE,
    SW_SECURITY_STATUS,
    SW_WRONG_LENGTH,
    SW_WRONG_P1_P2,
    correct_length,
)
from ecid_readers.transport import Transport

__all__ = [
    "FileReader",
    "OnBytes",
    "read_file",
    "select_application",
    "select_file",
    "short_read_length",
]

OnBytes = Callable[[int, int], None]
"""Told after each answer with data: bytes read, bytes in all (the same while unknown)."""

STEPS = (223, 128, 64)
"""What to ask for after 6700, the first that is smaller than what was refused."""

MAX_IDLE = 2
"""Answers in a row that may bring nothing."""

APDU_SLACK = 16
"""Commands a file may take beyond twice its length in steps of the smallest size."""

_SELECT = 0xA4
_LOCKED = frozenset({SW_SECURITY_STATUS, SW_CONDITIONS, SW_NOT_ALLOWED})


def select_application(card: Transport, aid: bytes) -> None:
    """Select the application ``aid`` by name (Doc 9303-10 §3.5.1; ISO 7816-4 §11.2.2).

    Asks for no answer data (P2 0C); once more with P2 00 if the card refuses that parameter
    (6A86, 6B00). Raises ``FileAbsent`` (6A82), ``FileLocked`` (6982, 6985, 6986) or
    ``ProtocolError``.
    """
    sw = _send(card, CommandApdu(0x00, _SELECT, 0x04, 0x0C, aid)).sw
    if sw in {SW_WRONG_P1_P2, SW_OUT_OF_RANGE}:
        sw = _send(card, CommandApdu(0x00, _SELECT, 0x04, 0x00, aid, SHORT_LE)).sw
    if sw != SW_OK:
        raise _refusal("select_application", sw)


def select_file(card: Transport, ef: ElementaryFile) -> None:
    """Select ``ef`` by its file identifier under the current application (Doc 9303-10 §3.6.2).

    Raises ``FileAbsent`` (6A82), ``FileLocked`` (6982, 6985, 6986) or ``ProtocolError``; the
    status word is kept in each.
    """
    sw = _send(card, CommandApdu(0x00, _SELECT, 0x02, 0x0C, ef.fid.to_bytes(2, "big"))).sw
    if sw != SW_OK:
        raise _refusal("select_file", sw)


def read_file(
    card: Transport,
    ef: ElementaryFile,
    *,
    max_read: int,
    use_sfi: bool = False,
    on_bytes: OnBytes | None = None,
) -> bytes:
    """Return the whole content of ``ef``: see ``FileReader``, which this uses once."""
    return FileReader(card, max_read).read(ef, use_sfi=use_sfi, on_bytes=on_bytes)


class FileReader:
    """Reads files from ``card``, asking for ``max_read`` bytes at a time (1 to 65,536).

    ``max_read`` steps down for good when the card calls it a wrong length (6700), so that the
    next file does not find out again. Raises ``Misuse`` for a length outside the range.
    """

    def __init__(self, card: Transport, max_read: int) -> None:
        if not 1 <= max_read <= EXTENDED_LE:
            raise Misuse
        self._card = card
        self.max_read = max_read

    def read(
        self, ef: ElementaryFile, *, use_sfi: bool = False, on_bytes: OnBytes | None = None
    ) -> bytes:
        """Return ``ef`` from its tag to the end of its value, not a byte more.

        ``use_sfi`` saves SELECT: the first READ BINARY names the file. A file without a tag of
        its own (EF.CVCA) is read to its end. Raises ``FileAbsent``, ``FileLocked`` or
        ``ProtocolError`` (status kept); ``LimitExceeded`` (``file_size``, ``apdus``,
        ``progress``); ``MalformedData`` (``wrong_tag``, ``truncated``, or a broken header);
        and what the transport raises.
        """
        if not use_sfi:
            select_file(self._card, ef)
        reading = _Reading(self._card, ef, ef.sfi if use_sfi else None, self.max_read)
        try:
            return reading.run(on_bytes)
        finally:
            self.max_read = reading.longest


class _Reading:
    """The state of one file being read."""

    def __init__(self, card: Transport, ef: ElementaryFile, sfi: int | None, longest: int) -> None:
        self._card, self._ef, self._sfi = card, ef, sfi
        self.longest = longest
        """Most bytes to ask for at once; steps down."""
        self._chunk = longest  # the same, but also lowered by a 6Cxx that may mean this file only
        self._smallest = min(longest, STEPS[-1])
        self._data = bytearray()
        self._total: int | None = None
        self._ended = False
        self._apdus = self._idle = 0
        self._corrected_at = -1
        self._exact: int | None = None

    def run(self, on_bytes: OnBytes | None) -> bytes:
        """Read until the file is complete."""
        while not self._complete():
            before = len(self._data)
            self._step()
            self._measure()
            if on_bytes is not None and len(self._data) > before:
                total = len(self._data) if self._total is None else self._total
                on_bytes(min(len(self._data), total), total)
        return bytes(self._data[: self._total])

    def _complete(self) -> bool:
        if self._total is not None and len(self._data) >= self._total:
            return True
        if self._ended and (self._ef.tag is not None or not self._data):
            raise MalformedData(self._ef.name, "truncated", len(self._data))
        return self._ended

    def _step(self) -> None:
        """Send one READ BINARY and take what came of it: data, an end, or another length."""
        read = self._next_read()
        answer = self._ask(read)
        exact = correct_length(answer.sw)
        if exact is not None:
            self._correct(read.offset, exact)
        elif answer.sw == SW_WRONG_LENGTH:
            self._step_down(read.le)
        else:
            self._take(read, answer)

    def _next_read(self) -> Read:
        offset = len(self._data)
        sfi = None if offset else self._sfi
        if self._exact is not None:
            exact, self._exact = self._exact, None
            return Read(offset, exact, sfi)
        # One byte past the limit shows that there is more than the file may hold.
        end = self._ef.max_bytes + 1 if self._total is None else self._total
        return Read.up_to(end - offset, offset, self._chunk, sfi)

    def _ask(self, read: Read) -> ResponseApdu:
        size = self._ef.max_bytes if self._total is None else self._total
        if self._apdus >= APDU_SLACK + 2 * -(-size // self._smallest):
            raise LimitExceeded("apdus")
        self._apdus += 1
        return _send(self._card, read.command())

    def _correct(self, offset: int, le: int) -> None:
        """Ask next for the length that 6Cxx names, once at each offset."""
        if self._corrected_at == offset:
            raise LimitExceeded("progress")
        self._corrected_at, self._exact = offset, le
        self._chunk = min(self._chunk, max(le, self._smallest))

    def _step_down(self, refused: int) -> None:
        smaller = next((step for step in STEPS if step < refused), None)
        if smaller is None:
            raise _refusal("read_binary", SW_WRONG_LENGTH)
        self.longest = self._chunk = smaller

    def _take(self, read: Read, answer: ResponseApdu) -> None:
        if answer.sw == SW_OUT_OF_RANGE and self._data:
            self._ended = True
            return
        if answer.sw not in {SW_OK, SW_END_OF_FILE}:
            raise _refusal("read_binary", answer.sw)
        data = read.data(answer, self._ef.name)
        # Where no header tells the length, an empty answer after data is the end.
        exhausted = self._ef.tag is None and not data and bool(self._data)
        self._ended = exhausted or answer.sw == SW_END_OF_FILE
        self._data += data
        self._idle = 0 if data else self._idle + 1
        if self._idle >= MAX_IDLE and not self._ended:
            raise LimitExceeded("progress")

    def _measure(self) -> None:
        """Learn the length from the header as soon as it is there; refuse it if too great."""
        if self._total is None and self._ef.tag is not None:
            self._check_tag(self._ef.tag)
            self._total = self._announced()
        size = len(self._data) if self._total is None else self._total
        if size > self._ef.max_bytes:
            raise LimitExceeded("file_size")

    def _check_tag(self, tag: int) -> None:
        expected = tag.to_bytes(-(-tag.bit_length() // 8), "big")
        first = bytes(self._data[: len(expected)])
        if not expected.startswith(first):
            raise MalformedData(self._ef.name, "wrong_tag", 0)

    def _announced(self) -> int | None:
        """Return the length of the file as its header says, ``None`` while that is cut short."""
        try:
            _, length, header_length = header(bytes(self._data[:MAX_HEADER]), self._ef.name)
        except MalformedData:
            if len(self._data) < MAX_HEADER and not self._ended:
                return None
            raise
        return header_length + length


def _send(card: Transport, command: CommandApdu) -> ResponseApdu:
    return ResponseApdu.decode(card.transmit(command.encode()))


def _refusal(step: str, sw: int) -> ProtocolError:
    if sw == SW_NOT_FOUND:
        return FileAbsent(step, sw)
    if sw in _LOCKED:
        return FileLocked(step, sw)
    return ProtocolError(step, sw)
