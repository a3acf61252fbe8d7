"""Chips and links that bytes drive: what a fuzzer plays with."""

from __future__ import annotations

from ecid.emulator import EmulatedCard, IssuedCard
from ecid_crypto.rng import SeededRng
from ecid_readers.errors import CardRemoved, TransportTimeout


class Bytes:
    """The bytes of one run, taken piece by piece; ``CardRemoved`` when they are used up."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def take(self, count: int) -> bytes:
        """Return the next ``count`` bytes, or what is left of them; at least one."""
        if self._at >= len(self._data):
            raise CardRemoved
        piece = self._data[self._at : self._at + count]
        self._at += count
        return piece


class RandomChip:
    """A chip that answers nothing but given bytes: one for the length, then so many."""

    name = "random"

    def __init__(self, data: bytes) -> None:
        self._bytes = Bytes(data)

    def transmit(self, command: bytes, /) -> bytes:
        """Answer the next piece; 0xFF as the length means a bare 9000."""
        assert command
        length = self._bytes.take(1)[0]
        return b"\x90\x00" if length == 0xFF else self._bytes.take(length)


class SpoiledLink:
    """An emulated card behind a link that does what the next byte says.

    0 to 15: that many exchanges pass as they are. 16 to 31: one byte of the answer is changed;
    then: cut, doubled, a given status word, the answer lost, other bytes, the answer before.
    """

    name = "spoiled"

    def __init__(self, data: bytes, card: IssuedCard) -> None:
        self._bytes = Bytes(data)
        self._card = EmulatedCard(card, rng=SeededRng(b"chip"))
        self._untouched = 0
        self._before = b"\x90\x00"

    def transmit(self, command: bytes, /) -> bytes:
        """Carry one command."""
        answer = self._card.transmit(command)
        if self._untouched:
            self._untouched -= 1
            return answer
        kind = self._bytes.take(1)[0]
        if kind < 16:
            self._untouched = kind
            return answer
        self._before, before = answer, self._before
        return self._spoiled(kind, answer, before)

    def _spoiled(self, kind: int, answer: bytes, before: bytes) -> bytes:
        match kind // 16:
            case 1:
                at, change = self._bytes.take(1)[0] % len(answer), self._bytes.take(1)[0]
                return answer[:at] + bytes([answer[at] ^ change]) + answer[at + 1 :]
            case 2:
                return answer[: self._bytes.take(1)[0]]
            case 3:
                return answer + answer
            case 4:
                return self._bytes.take(2)
            case 5:
                raise TransportTimeout
            case 6:
                return before
            case _:
                return self._bytes.take(kind)
