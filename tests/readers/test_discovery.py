"""What names of readers say, and whom to wait for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecid_readers import discovery
from ecid_readers.discovery import Slot, candidates, open_card, slot_of, wait_for_removal
from ecid_readers.errors import CardRemoved, NoCard, NoReader, NoService, ReaderBusy, ReaderError
from ecid_readers.pcsc import ReaderState, Service

#: Names as drivers give them on Linux (pcsc-lite), Windows and macOS.
NAMES = [
    ("ACS ACR1281 1S Dual Reader PICC 0", Slot.CONTACTLESS),
    ("ACS ACR1281 1S Dual Reader ICC 0", Slot.CONTACT),
    ("ACS ACR1281 1S Dual Reader SAM 0", Slot.SAM),
    ("ACS ACR1281 1S Dual Reader [ACR1281 1S Dual Reader PICC] 01 00", Slot.CONTACTLESS),
    ("ACS ACR1252 Dual Reader [ACR1252 Dual Reader SAM] 01 00", Slot.SAM),
    ("ACS ACR1252 1S CL Reader(1)", Slot.CONTACTLESS),
    ("ACS ACR122U PICC Interface 00 00", Slot.CONTACTLESS),
    ("HID Global OMNIKEY 5422CL Smartcard Reader 0", Slot.CONTACTLESS),
    ("HID OMNIKEY 5422 CL 0", Slot.CONTACTLESS),
    (
        "HID Global OMNIKEY 5422 Smartcard Reader [OMNIKEY 5422CL Smartcard Reader] (K1) 00 00",
        Slot.CONTACTLESS,
    ),
    (
        "HID Global OMNIKEY 5422 Smartcard Reader [OMNIKEY 5422 Smartcard Reader] (K1) 01 00",
        Slot.UNKNOWN,
    ),
    ("OMNIKEY CardMan 5x21-CL 0", Slot.CONTACTLESS),
    ("Feitian R502 [R502 Contactless Reader] (CCID) 00 00", Slot.CONTACTLESS),
    ("Feitian R502 [R502 Contact Reader] (CCID) 01 00", Slot.CONTACT),
    ("Feitian R502 [R502 SAM1 Reader] (CCID) 02 00", Slot.SAM),
    ("Identiv uTrust 4701 F Dual Interface Reader [uTrust 4701 F Contactless Reader] 0", 0),
    ("Identiv uTrust 4701 F Dual Interface Reader [uTrust 4701 F Contact Reader] 0", 2),
    ("Identiv CLOUD 4700 F Contact Reader 0", Slot.CONTACT),
    ("SCM Microsystems Inc. SCL3711 reader & NFC device 00 00", Slot.CONTACTLESS),
    ("Broadcom Corp Contactless SmartCard 0", Slot.CONTACTLESS),
    ("Virtual PCD 00 00", Slot.UNKNOWN),
    ("Windows Hello for Business 1", Slot.UNKNOWN),
    ("Samsung SmartCard Reader 0", Slot.UNKNOWN),
    ("Đầu đọc thẻ PICC số 1", Slot.CONTACTLESS),
    ("非接触リーダー 0", Slot.UNKNOWN),
    ("", Slot.UNKNOWN),
]


@pytest.mark.parametrize(("name", "slot"), NAMES)
def test_slot(name: str, slot: Slot) -> None:
    """The name tells the slot, in any case of letters."""
    assert slot_of(name) == slot
    assert slot_of(name.lower()) == slot


def test_likeliest_first() -> None:
    """Contactless before unknown before contact, SAM not at all; ties keep their order."""
    readers = ("A SAM 0", "B ICC 0", "C 0", "D PICC 0", "E 0", "F CL 0")
    assert candidates(readers, None) == ("D PICC 0", "F CL 0", "C 0", "E 0", "B ICC 0")
    assert candidates(readers, "") == candidates(readers, None)


@pytest.mark.parametrize(
    ("part", "found"),
    [
        ("reader picc", ("ACS ACR1281 1S Dual Reader PICC 0",)),
        ("SAM", ("ACS ACR1281 1S Dual Reader SAM 0",)),
        ("ACR1281", ("ACS ACR1281 1S Dual Reader PICC 0", "ACS ACR1281 1S Dual Reader SAM 0")),
        ("ĐẦU ĐỌC", ("Đầu đọc thẻ 0",)),
        ("Straße", ("STRASSE 0",)),
        ("nonesuch", ()),
    ],
)
def test_part_of_a_name(part: str, found: tuple[str, ...]) -> None:
    """A part of the name chooses, in any case, and may name a SAM."""
    readers = (
        "ACS ACR1281 1S Dual Reader SAM 0",
        "ACS ACR1281 1S Dual Reader PICC 0",
        "Đầu đọc thẻ 0",
        "STRASSE 0",
    )
    assert candidates(readers, part) == found


@given(st.lists(st.text()), st.none() | st.text(max_size=3))
def test_candidates_are_readers(readers: list[str], part: str | None) -> None:
    """Whatever the names, the candidates are some of them, each as often as it was there."""
    found = candidates(tuple(readers), part)
    assert all(found.count(name) <= readers.count(name) for name in found)
    assert list(found) == sorted(found, key=slot_of)


Outcome = str | ReaderError


class FakeService:
    """Readers, who has a card, and what each attempt to connect brings."""

    def __init__(self, connects: Sequence[Outcome], present: Callable[[int], bool]) -> None:
        self.names: tuple[str, ...] = ("Reader 0",)
        self.waits: list[float] = []
        self._connects = list(connects)
        self._present = present
        self._asked = 0

    def readers(self) -> tuple[str, ...]:
        """Return the names."""
        return self.names

    def states(
        self, readers: Sequence[str], known: Sequence[ReaderState] = (), wait: float = 0
    ) -> tuple[ReaderState, ...]:
        """Return what is present at this asking; a wait is noted, not waited."""
        if known:
            self.waits.append(wait)
        self._asked += 1
        present = self._present(self._asked)
        return tuple(ReaderState(name, present, in_use=False, raw=0) for name in readers)

    def connect(self, reader: str) -> str:
        """Return the next outcome, or raise it; the last one stays."""
        outcome = self._connects.pop(0) if len(self._connects) > 1 else self._connects[0]
        if isinstance(outcome, ReaderError):
            raise outcome
        return f"{outcome} {reader}"


def opened(service: FakeService, part: str | None = None, timeout: float = 10) -> str:
    """Return what ``open_card`` brings from ``service``."""
    return cast("str", open_card(cast("Service", service), part, timeout))


def always(_: int) -> bool:
    """Tell that the card lies there."""
    return True


def never(_: int) -> bool:
    """Tell that no card lies there."""
    return False


def test_card_is_there() -> None:
    """A card that lies there is opened without waiting."""
    service = FakeService(["connection to"], always)
    assert opened(service, timeout=0) == "connection to Reader 0"
    assert service.waits == []


def test_card_comes() -> None:
    """Waiting is done in slices of at most half a second, until a card is there."""
    service = FakeService(["connection to"], lambda asked: asked >= 6)
    assert opened(service) == "connection to Reader 0"
    assert len(service.waits) >= 2
    assert all(0 < wait <= 0.5 for wait in service.waits)


def test_no_card() -> None:
    """In the end there is none."""
    with pytest.raises(NoCard):
        opened(FakeService(["never"], never), timeout=0.05)


@pytest.mark.parametrize("gone", [NoCard(), CardRemoved()])
def test_card_taken_away_between_looking_and_connecting(gone: ReaderError) -> None:
    """Such a card was none; the next one is opened."""
    assert opened(FakeService([gone, gone, "next on"], always)) == "next on Reader 0"


def test_busy_for_a_moment() -> None:
    """Another program that only looks is waited for."""
    assert opened(FakeService([ReaderBusy(), "free:"], always)) == "free: Reader 0"


def test_busy_for_good(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another program that stays is named, long before the time-out."""
    monkeypatch.setattr(discovery, "_BUSY_PATIENCE", 0.05)
    with pytest.raises(ReaderBusy):
        opened(FakeService([ReaderBusy()], always), timeout=3600)


def test_no_reader() -> None:
    """No reader of that name: said at once, whatever the time-out."""
    with pytest.raises(NoReader) as caught:
        opened(FakeService(["never"], always), part="nonesuch", timeout=3600)
    assert caught.value.detail == "nonesuch"


def test_other_errors_pass() -> None:
    """What is neither a card nor a program in the way is not waited for."""
    with pytest.raises(NoService):
        opened(FakeService([NoService()], always))


class UnpluggedService(FakeService):
    """A service whose reader is unplugged."""

    def states(
        self, readers: Sequence[str], known: Sequence[ReaderState] = (), wait: float = 0
    ) -> tuple[ReaderState, ...]:
        """Raise what the service does for a reader it does not know."""
        raise NoReader("SCARD_E_UNKNOWN_READER")


@pytest.mark.parametrize(
    ("service", "timeout", "left"),
    [
        (FakeService([], never), 0, True),
        (FakeService([], lambda asked: asked < 4), 10, True),
        (FakeService([], always), 0.05, False),
        (UnpluggedService([], always), 10, True),
    ],
)
def test_wait_for_removal(service: FakeService, timeout: float, left: bool) -> None:
    """True once the card or its reader is gone, False if it lies there to the end."""
    assert wait_for_removal(cast("Service", service), "Reader 0", timeout) is left
