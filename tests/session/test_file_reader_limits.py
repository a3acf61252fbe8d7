"""Cards that refuse, lie, stall or never end: every reading ends in a value or an error."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from ecid.errors import (
    EcidError,
    FileAbsent,
    FileLocked,
    LimitExceeded,
    MalformedData,
    Misuse,
    ProtocolError,
)
from ecid.lds.files import CARD_ACCESS, COM, CVCA, SOD, ElementaryFile, data_group
from ecid.session.file_reader import (
    APDU_SLACK,
    FileReader,
    read_file,
    select_application,
    select_file,
)
from ecid_readers.apdu import CommandApdu
from ecid_readers.errors import CardRemoved, ReaderError
from ecid_readers.replay import Replay
from scripted_card import FileCard, FunctionCard, ScriptedCard, content

AID = bytes.fromhex("A0000002471001")
OK = b"\x90\x00"
DG1, DG2, DG13, DG14 = (data_group(number) for number in (1, 2, 13, 14))


# --- refusals -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sw", "kind"),
    [
        (0x6A82, FileAbsent),
        (0x6982, FileLocked),
        (0x6985, FileLocked),
        (0x6986, FileLocked),
        (0x6A86, ProtocolError),
        (0x6283, ProtocolError),
        (0x6D00, ProtocolError),
        (0x6F00, ProtocolError),
    ],
)
def test_refusals(sw: int, kind: type[ProtocolError]) -> None:
    """SELECT and READ BINARY refuse with one error for each cause; the status word is kept."""
    attempts: dict[str, Callable[[ScriptedCard], object]] = {
        "select_file": lambda card: select_file(card, COM),
        "select_application": lambda card: select_application(card, AID),
        "read_binary": lambda card: read_file(card, COM, max_read=223, use_sfi=True),
    }
    for step, attempt in attempts.items():
        with pytest.raises(ProtocolError) as caught:
            attempt(ScriptedCard([sw.to_bytes(2, "big")] * 2))
        assert (kind, step, sw) == (type(caught.value), caught.value.step, caught.value.sw)


def test_a_refusal_in_the_middle() -> None:
    """A file that closes while it is read is locked, not short."""
    first = content(DG14, 386)[:223]
    with pytest.raises(FileLocked):
        read_file(ScriptedCard([first + OK, b"\x69\x82"]), DG14, max_read=223, use_sfi=True)


def test_select_application() -> None:
    """P2 0C first; P2 00 only where that parameter is refused, and once."""
    with_0c, with_00 = "00A4040C07" + AID.hex(), "00A4040007" + AID.hex() + "00"
    for sw in ("6A86", "6B00"):
        card = Replay([(bytes.fromhex(with_0c), bytes.fromhex(sw)), (bytes.fromhex(with_00), OK)])
        select_application(card, AID)
        assert card.remaining == 0
    select_application(Replay([(bytes.fromhex(with_0c), OK)]), AID)


def test_a_lost_card_passes_unchanged() -> None:
    """What the transport raises is not dressed up."""

    def lose(_: bytes) -> bytes:
        raise CardRemoved

    with pytest.raises(CardRemoved):
        read_file(FunctionCard(lose), COM, max_read=223)


@pytest.mark.parametrize("max_read", [0, -1, 65_537])
def test_a_length_that_cannot_be_asked_for(max_read: int) -> None:
    """The caller's mistake is the caller's."""
    with pytest.raises(Misuse):
        read_file(ScriptedCard([]), COM, max_read=max_read)


# --- files that are not what they should be ----------------------------------------------


@pytest.mark.parametrize(
    ("ef", "data", "rule", "at"),
    [
        (DG1, content(DG2, 95), "wrong_tag", 0),
        (DG1, bytes(95), "wrong_tag", 0),
        (CARD_ACCESS, content(SOD, 40), "wrong_tag", 0),
        (DG1, b"\x61", "truncated", 0),
        (DG1, b"\x61\x82\x01", "truncated", 0),
        (DG1, b"\x61\x80" + bytes(20), "indefinite_length", 1),
        (DG1, b"\x61\x85\x00\x00\x00\x00\x01A" + bytes(9), "length_too_long", 1),
        (DG1, content(DG1, 95)[:94], "truncated", 94),
        (DG14, content(DG14, 386)[:300], "truncated", 300),
        (DG14, content(DG14, 386)[:223], "truncated", 223),
    ],
)
@pytest.mark.parametrize("end", ["9000", "6282"])
def test_malformed_files(ef: ElementaryFile, data: bytes, rule: str, at: int, end: str) -> None:
    """A file with another tag, a broken header or too few bytes is malformed, by name."""
    with pytest.raises(MalformedData) as caught:
        read_file(FileCard({ef.fid: data}, end), ef, max_read=223)
    assert (ef.name, rule, at) == (caught.value.where, caught.value.rule, caught.value.at)


def test_a_broken_header_is_not_read_on() -> None:
    """Eight bytes always hold a header: one that breaks the rules there ends the reading."""
    card = FileCard({DG1.fid: b"\x61\x80" + bytes(500)})
    with pytest.raises(MalformedData):
        read_file(card, DG1, max_read=16, use_sfi=True)
    assert len(card.commands) == 1


@pytest.mark.parametrize(
    ("header", "accepted"),
    [("61820200", False), ("618201FC", True), ("6184FFFFFFFF", False), ("6183010000", False)],
)
def test_size_is_refused_before_reading_on(header: str, accepted: bool) -> None:
    """A length beyond the file's limit is refused after the first read (512 bytes for DG1)."""
    card = FileCard({DG1.fid: bytes.fromhex(header).ljust(600, b"A")})
    if accepted:
        assert len(read_file(card, DG1, max_read=223)) == 512
        return
    with pytest.raises(LimitExceeded) as caught:
        read_file(card, DG1, max_read=223)
    assert caught.value.what == "file_size"
    assert len(card.commands) == 2


def test_a_file_without_a_tag_has_a_limit_too() -> None:
    """A card that never ends EF.CVCA is stopped at its limit of 1,024 bytes."""
    card = FunctionCard(lambda command: bytes(CommandApdu.decode(command).le or 0) + OK)
    with pytest.raises(LimitExceeded) as caught:
        read_file(card, CVCA, max_read=223, use_sfi=True)
    assert caught.value.what == "file_size"
    assert len(card.commands) == 5


def test_empty_answers() -> None:
    """Two answers in a row with nothing in them end the reading."""
    card = FunctionCard(lambda _: OK)
    with pytest.raises(LimitExceeded) as caught:
        read_file(card, COM, max_read=223, use_sfi=True)
    assert caught.value.what == "progress"
    assert len(card.commands) == 2


def test_one_empty_answer_is_forgiven() -> None:
    """Progress in between starts the count again."""
    whole = content(COM, 26)
    card = ScriptedCard([OK, whole[:9] + OK, OK, whole[9:] + OK])
    assert whole == read_file(card, COM, max_read=223, use_sfi=True)


def test_empty_file() -> None:
    """A file with nothing in it is truncated, with or without a tag of its own."""
    for ef in (COM, CVCA):
        with pytest.raises(MalformedData) as caught:
            read_file(ScriptedCard([b"\x62\x82"]), ef, max_read=223, use_sfi=True)
        assert caught.value.rule == "truncated"


def test_a_trickle() -> None:
    """A card that gives one byte at a time runs out of commands."""
    card = FileCard({DG13.fid: content(DG13, 5000)}, answer_at_most=1)
    with pytest.raises(LimitExceeded) as caught:
        read_file(card, DG13, max_read=223, use_sfi=True)
    assert caught.value.what == "apdus"
    assert len(card.commands) == APDU_SLACK + 2 * 79


# --- anything at all ----------------------------------------------------------------------

STATUS = st.sampled_from(["9000", "6282", "6700", "6B00", "6C10", "6C00", "6CFF", "6982", "6110"])
ANSWERS = st.one_of(
    st.binary(max_size=5),
    st.builds(lambda data, sw: data + bytes.fromhex(sw), st.binary(max_size=300), STATUS),
    st.builds(lambda n, sw: bytes(n) + bytes.fromhex(sw), st.integers(0, 70_000), STATUS),
    st.builds(lambda n: b"\x6e\x82\x20\x00" + bytes(n) + OK, st.integers(0, 300)),
)


@given(
    answers=st.lists(ANSWERS, min_size=1, max_size=12),
    ef=st.sampled_from([DG14, CVCA]),
    max_read=st.integers(1, 65_536),
    use_sfi=st.booleans(),
)
def test_any_answers(
    answers: list[bytes], ef: ElementaryFile, max_read: int, use_sfi: bool
) -> None:
    """Random answers, repeated for ever: a value within the limits, or an error of ours."""
    turn = iter(range(10**9))
    card = FunctionCard(lambda _: answers[next(turn) % len(answers)])
    try:
        data = read_file(card, ef, max_read=max_read, use_sfi=use_sfi)
    except (EcidError, ReaderError):
        pass
    else:
        assert 0 < len(data) <= ef.max_bytes
    assert len(card.commands) <= 1 + APDU_SLACK + 2 * -(-ef.max_bytes // min(max_read, 64))


class ChangeableCard(RuleBasedStateMachine):
    """A card whose habits change between readings: the reader stays exact or says why not."""

    def __init__(self) -> None:
        super().__init__()
        self.card = FileCard({DG14.fid: content(DG14, 386)})
        self.reader = FileReader(self.card, 231)
        self.longest = 231
        self.whole = True

    @rule(end=st.sampled_from(["9000", "6282", "6Cxx"]), most=st.integers(1, 300))
    def habit(self, end: str, most: int) -> None:
        """Change how the card answers at the end, and how much it gives."""
        self.card.end, self.card.answer_at_most = end, most

    @rule(refuse=st.integers(0, 300), correct=st.integers(1, 300))
    def lengths(self, refuse: int, correct: int) -> None:
        """Change which lengths the card refuses or corrects."""
        self.card.refuse_over, self.card.correct_over = refuse, correct

    @rule(size=st.integers(2, 120), cut=st.integers(0, 3))
    def personalise(self, size: int, cut: int) -> None:
        """Change the file, perhaps to one that is too short."""
        whole = content(DG14, size)
        self.card.files[DG14.fid] = whole[: len(whole) - cut]
        self.whole = cut == 0

    @rule(use_sfi=st.booleans())
    def read(self, use_sfi: bool) -> None:
        """Read: the file as it stands if it is whole, else an error."""
        self.card.commands.clear()
        stored = self.card.files[DG14.fid]
        try:
            data = self.reader.read(DG14, use_sfi=use_sfi)
        except EcidError:
            assert not self.readable()
        else:
            assert (stored, True) == (data, self.whole)

    def readable(self) -> bool:
        """Tell whether the file is whole and the card's habits leave a way to read it."""
        card = self.card
        takes_steps = card.refuse_over >= 64 and min(card.answer_at_most, card.correct_over) >= 32
        # With both habits a card may correct twice at one offset, which is once too often.
        return self.whole and takes_steps and (card.end != "6Cxx" or card.correct_over >= 256)

    @invariant()
    def bounded(self) -> None:
        """No reading takes more commands than its file allows; the length never grows."""
        assert len(self.card.commands) <= 1 + APDU_SLACK + 2 * (DG14.max_bytes // 64)
        assert self.reader.max_read <= self.longest
        self.longest = self.reader.max_read


TestChangeableCard = ChangeableCard.TestCase
