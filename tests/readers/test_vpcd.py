"""The card's side of the virtual reader, against a reader that the test plays."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecid_readers.errors import CardRemoved
from ecid_readers.vpcd import Slot

ATR = bytes.fromhex("3B8980014143432D46414B45")
POWER_OFF, POWER_ON, RESET, GET_ATR = b"\x00", b"\x01", b"\x02", b"\x04"
SELECT = bytes.fromhex("00A4020C02011C")
PATIENCE = 20.0


class Card:
    """Answers what it is told to; keeps what it was sent."""

    atr = ATR

    def __init__(self, answer: bytes = b"\x90\x00") -> None:
        self.answer = answer
        self.commands: list[bytes] = []
        self.resets = 0

    def reset(self) -> None:
        """Count."""
        self.resets += 1

    def transmit(self, command: bytes, /) -> bytes:
        """Keep ``command`` and answer."""
        self.commands.append(command)
        return self.answer


class LeavingCard(Card):
    """A card that leaves at its first command."""

    def transmit(self, command: bytes, /) -> bytes:
        """Raise ``CardRemoved``."""
        raise CardRemoved


class Reader:
    """The reader's side: listens on a free port, and serves ``card`` there in a thread."""

    def __init__(self, card: Card) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            self.slot = Slot("127.0.0.1", server.getsockname()[1])
            self._socket, _ = server.accept()
        self._socket.settimeout(PATIENCE)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.raised: list[BaseException] = []
        self._thread = threading.Thread(target=self._serve, args=[card])
        self._thread.start()

    def send(self, body: bytes, *, pieces: int | None = None) -> None:
        """Send one message, at once or in pieces of that many bytes."""
        message = len(body).to_bytes(2, "big") + body
        self.send_raw(message, pieces or len(message))

    def send_raw(self, data: bytes, size: int) -> None:
        """Send bytes in pieces."""
        for start in range(0, len(data), size):
            self._socket.sendall(data[start : start + size])

    def receive(self) -> bytes:
        """Return the body of the next message."""
        return self._exactly(int.from_bytes(self._exactly(2), "big"))

    def ended(self) -> bool:
        """Tell whether the card hung up and its thread is over."""
        with suppress(ConnectionResetError):
            assert self._socket.recv(1) == b""
        self._thread.join(PATIENCE)
        return not self._thread.is_alive()

    def close(self) -> None:
        """Hang up and see the card off."""
        self._socket.close()
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()

    def _serve(self, card: Card) -> None:
        try:
            self.slot.serve(card)
        except BaseException as exc:  # noqa: BLE001 - kept for the test
            self.raised.append(exc)

    def _exactly(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            piece = self._socket.recv(count - len(data))
            assert piece, "the card hung up"
            data += piece
        return data


@pytest.fixture
def card() -> Card:
    """Return a card that answers 9000."""
    return Card()


@pytest.fixture
def reader(card: Card) -> Iterator[Reader]:
    """Return a reader with the card on it."""
    reader = Reader(card)
    yield reader
    reader.close()
    assert reader.raised == []


def test_answer_to_reset(reader: Reader, card: Card) -> None:
    """Get ATR is answered, as often as it is asked, and no command for the card."""
    for _ in range(3):
        reader.send(GET_ATR)
        assert reader.receive() == ATR
    assert (card.commands, card.resets) == ([], 0)


def test_control_codes_reset_and_are_not_answered(reader: Reader, card: Card) -> None:
    """Power off, power on and reset put the card back and get no answer."""
    for code in (POWER_ON, RESET, POWER_OFF):
        reader.send(code)
    reader.send(GET_ATR)
    assert reader.receive() == ATR
    assert (card.commands, card.resets) == ([], 3)


def test_unknown_control_code(reader: Reader, card: Card) -> None:
    """A control code that nobody knows is passed over."""
    reader.send(b"\x03")
    reader.send(GET_ATR)
    assert reader.receive() == ATR
    assert (card.commands, card.resets) == ([], 0)


def test_command(reader: Reader, card: Card) -> None:
    """A command goes to the card and its answer comes back; get ATR fits in between."""
    card.answer = bytes.fromhex("01029000")
    for _ in range(2):
        reader.send(SELECT)
        assert reader.receive() == card.answer
        reader.send(GET_ATR)
        assert reader.receive() == ATR
    assert card.commands == [SELECT, SELECT]


def test_empty_message(reader: Reader, card: Card) -> None:
    """A message of no byte is a command for the card to refuse."""
    card.answer = bytes.fromhex("6700")
    reader.send(b"")
    assert reader.receive() == card.answer
    assert card.commands == [b""]


def test_messages_byte_by_byte(reader: Reader, card: Card) -> None:
    """TCP may bring every byte alone."""
    reader.send(SELECT, pieces=1)
    reader.send(GET_ATR, pieces=1)
    assert reader.receive() == card.answer
    assert reader.receive() == ATR
    assert card.commands == [SELECT]


def test_longest_command_and_answer(reader: Reader, card: Card) -> None:
    """The length field holds 65,535 bytes, both ways."""
    command = bytes.fromhex("80100000") + bytes(65_531)
    card.answer = bytes(65_533) + b"\x90\x00"
    reader.send(command)
    assert reader.receive() == card.answer
    assert card.commands == [command]


@given(
    bodies=st.lists(st.binary(min_size=2, max_size=300), max_size=6),
    size=st.integers(1, 700),
)
def test_however_tcp_splits(bodies: list[bytes], size: int) -> None:
    """Whole messages come out, in order, wherever the stream was cut."""
    card = Card()
    reader = Reader(card)
    stream = b"".join(len(body).to_bytes(2, "big") + body for body in bodies)
    reader.send_raw(stream, size)
    assert [reader.receive() for _ in bodies] == [card.answer] * len(bodies)
    assert bodies == card.commands
    reader.close()
    assert reader.raised == []


@pytest.mark.parametrize("part", [b"", b"\x00", b"\x00\x07", b"\x00\x07\x00\xa4\x02"])
def test_reader_hangs_up(part: bytes) -> None:
    """Between messages or in the middle of one, it ends without an error or a command."""
    card = Card()
    reader = Reader(card)
    reader.send_raw(part, 8)
    reader.close()
    assert (reader.raised, card.commands) == ([], [])


def test_card_is_taken_off() -> None:
    """Closing the slot from another thread ends the serving; closing twice does no harm."""
    reader = Reader(Card())
    reader.send(GET_ATR)
    assert reader.receive() == ATR
    reader.slot.close()
    assert reader.ended()
    reader.slot.close()
    assert reader.raised == []
    reader.close()


def test_card_leaves() -> None:
    """What the card raises comes out of ``serve``, and the reader sees the card gone."""
    reader = Reader(LeavingCard())
    reader.send(SELECT)
    assert reader.ended()
    assert [type(exc) for exc in reader.raised] == [CardRemoved]
    reader.close()


def test_nobody_listens() -> None:
    """Without a reader there is an ``OSError``."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(OSError, match="refused"):
        Slot("127.0.0.1", port)
