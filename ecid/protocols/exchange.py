"""One command and its answer, with the status word checked: what every protocol step does."""

from __future__ import annotations

from ecid.encoding.tlv import Tlv, encode, parse_one
from ecid.errors import ProtocolError
from ecid_readers.apdu import EXTENDED_LE, SHORT_LE, CommandApdu, ResponseApdu
from ecid_readers.status import SW_OK
from ecid_readers.transport import Transport

#: What stands round a value in an answer 7C { tag value }, at most.
_WRAPPING = 8


def exchange(card: Transport, command: CommandApdu) -> ResponseApdu:
    """Send ``command`` and return the response, whatever its status word."""
    return ResponseApdu.decode(card.transmit(command.encode()))


def require(card: Transport, command: CommandApdu, step: str) -> bytes:
    """Send ``command`` and return the response data; not 9000 is ``ProtocolError(step, sw)``."""
    response = exchange(card, command)
    if response.sw != SW_OK:
        raise ProtocolError(step, response.sw)
    return response.data


def tries_left(sw: int) -> int | None:
    """Return x of a status word 63Cx, the number of tries left; None for any other."""
    return sw & 0x0F if sw & 0xFFF0 == 0x63C0 else None


def general_authenticate(data: bytes, *, last: bool, expected: int = 0) -> CommandApdu:
    """Return GENERAL AUTHENTICATE with dynamic authentication data 7C (ISO 7816-4 §11.5.5).

    All but the last command of a protocol are chained (CLA bit 10, Doc 9303-11 §4.4.4.3).
    ``expected`` is the length of the value in the answer: a short response cannot carry a public
    value of 2048 bits.
    """
    le = SHORT_LE if expected + _WRAPPING <= SHORT_LE else EXTENDED_LE
    return CommandApdu(0x00 if last else 0x10, 0x86, 0x00, 0x00, encode(0x7C, data), le)


def authentication_objects(response: bytes, step: str) -> dict[int, Tlv]:
    """Return the data objects inside 7C by tag; each may stand once.

    Raises ``MalformedData``, or ``ProtocolError`` for an object that stands twice.
    """
    found: dict[int, Tlv] = {}
    cursor = parse_one(response, 0x7C, step).cursor()
    while not cursor.at_end:
        read = cursor.read()
        if read.tag in found:
            raise ProtocolError(step, SW_OK, "repeated_object")
        found[read.tag] = read
    return found


def single_object(response: bytes, tag: int, step: str) -> bytes:
    """Return the value of the one object ``tag`` that 7C must hold, and nothing else."""
    found = authentication_objects(response, step)
    if set(found) != {tag}:
        raise ProtocolError(step, SW_OK, "unexpected_object")
    return found[tag].value
