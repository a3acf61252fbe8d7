"""Transports round a transport that hide three habits of short-length links.

Each is bounded, none keeps data once an exchange is over, and each can be left out: a link
with extended length and T=1 needs none of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ecid_readers.apdu import (
    EXTENDED_LE,
    SHORT_DATA,
    SHORT_LE,
    CommandApdu,
    ResponseApdu,
)
from ecid_readers.errors import LoopGuard
from ecid_readers.status import bytes_waiting, correct_length
from ecid_readers.transport import Transport

MAX_GET_RESPONSE = 257
"""Rounds of GET RESPONSE for one command: 65,536 bytes in steps of 256, and one to spare."""

MAX_IDLE_ROUNDS = 2
"""Rounds in a row that may bring no byte before the card counts as looping."""

_CHAINING = 0x10  # bit 5 of CLA: not the last command of a chain (ISO 7816-4 §5.4.1)
_CHANNEL = 0x03  # bits 1 and 2 of CLA: the logical channel
_SECURED = 0x0C  # bits 3 and 4 of CLA: secure messaging
_GET_RESPONSE = 0xC0


class CommandChaining:
    """Splits command data longer than ``max_data`` into a chain (ISO 7816-4 §5.3.3).

    For cards without extended length: the parts are short APDUs while ``max_data`` is at
    most 255, and an Le above 256 becomes 256. Commands that fit pass through untouched. A
    part that is not answered 9000 ends the chain, and its answer is the answer.
    """

    def __init__(self, inner: Transport, max_data: int = SHORT_DATA) -> None:
        self._inner, self._max_data = inner, max_data

    def transmit(self, command: bytes, /) -> bytes:
        """Send ``command`` in as many parts as it needs; return the last answer.

        Raises ``MalformedApdu`` if ``command`` or an answer is no APDU.
        """
        parsed = CommandApdu.decode(command)
        if len(parsed.data) <= self._max_data:
            return self._inner.transmit(command)
        *parts, last = self._parts(parsed)
        for part in parts:
            answer = self._inner.transmit(part.encode())
            if not ResponseApdu.decode(answer).ok:
                return answer
        return self._inner.transmit(last.encode())

    def _parts(self, command: CommandApdu) -> Iterator[CommandApdu]:
        last_start = (len(command.data) - 1) // self._max_data * self._max_data
        for start in range(0, last_start, self._max_data):
            data = command.data[start : start + self._max_data]
            chained = command.cla | _CHAINING
            yield CommandApdu(chained, command.ins, command.p1, command.p2, data)
        le = command.le
        if le is not None and self._max_data <= SHORT_DATA:
            le = min(le, SHORT_LE)
        yield replace(command, data=command.data[last_start:], le=le, extended=False)


class GetResponse:
    """Fetches the rest of an answer that the card announces with 61xx (ISO 7816-4 §5.3.4)."""

    def __init__(self, inner: Transport) -> None:
        self._inner = inner

    def transmit(self, command: bytes, /) -> bytes:
        """Return the whole answer to ``command``: all data, then the last status word.

        Raises ``LoopGuard`` after 257 rounds, more than 65,536 bytes, or two rounds in a row
        that bring nothing; ``MalformedApdu`` if ``command`` or an answer is no APDU.
        """
        channel = CommandApdu.decode(command).cla & _CHANNEL
        answer = ResponseApdu.decode(self._inner.transmit(command))
        data, idle = bytearray(answer.data), 0
        for _ in range(MAX_GET_RESPONSE):
            waiting = bytes_waiting(answer.sw)
            if waiting is None:
                return ResponseApdu(bytes(data), answer.sw).encode()
            answer = self._fetch(channel, waiting)
            idle = 0 if answer.data else idle + 1
            data += answer.data
            if len(data) > EXTENDED_LE or idle >= MAX_IDLE_ROUNDS:
                break
        raise LoopGuard("get_response")

    def _fetch(self, cla: int, waiting: int) -> ResponseApdu:
        ask = CommandApdu(cla, _GET_RESPONSE, 0, 0, le=waiting)
        return ResponseApdu.decode(self._inner.transmit(ask.encode()))


class CorrectLength:
    """Repeats a command once with the Le that 6Cxx asks for (ISO 7816-4 §5.3.4).

    A second 6Cxx is handed up as it came. A command without Le is never repeated, nor one under
    secure messaging: the chip has counted it, and its 6Cxx is a protected answer like any other.
    """

    def __init__(self, inner: Transport) -> None:
        self._inner = inner

    def transmit(self, command: bytes, /) -> bytes:
        """Return the answer to ``command``, or to its repetition with the length asked for.

        Raises ``MalformedApdu`` if ``command`` or its answer is no APDU.
        """
        answer = self._inner.transmit(command)
        le = correct_length(ResponseApdu.decode(answer).sw)
        parsed = CommandApdu.decode(command)
        if le is None or parsed.le is None or parsed.cla & _SECURED:
            return answer
        return self._inner.transmit(replace(parsed, le=le).encode())
