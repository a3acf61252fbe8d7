"""What PC/SC answers and what becomes of it, with a PC/SC that the test plays."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest

from ecid_readers import pcsc
from ecid_readers.errors import (
    CardRemoved,
    LinkFailed,
    NoCard,
    NoReader,
    NoService,
    ReaderBusy,
    ReaderError,
    TransportTimeout,
)
from ecid_readers.pcsc import Service

READER = "Example Reader 0"
_NUMBERS = {name: 0x80100001 + at for at, name in enumerate(sorted(pcsc._ERRORS))}
_FLAGS = [
    *("SCARD_PROTOCOL_T0", "SCARD_PROTOCOL_T1", "SCARD_SCOPE_USER", "SCARD_SHARE_EXCLUSIVE"),
    *("SCARD_RESET_CARD", "SCARD_PCI_T0", "SCARD_PCI_T1"),
]
_T1 = 1 << _FLAGS.index("SCARD_PROTOCOL_T1")
_SUCCESS = {
    "SCardEstablishContext": "context",
    "SCardListReaders": [READER],
    "SCardConnect": ("card", _T1),
    "SCardReconnect": _T1,
    "SCardTransmit": [0x90, 0x00],
    "SCardStatus": (READER, 0, _T1, []),
}


class FakeScard:
    """A module like ``smartcard.scard``: every call succeeds unless ``script`` says otherwise."""

    SCARD_S_SUCCESS = 0
    SCARD_STATE_CHANGED, SCARD_STATE_PRESENT = 0x02, 0x20
    SCARD_STATE_EXCLUSIVE, SCARD_STATE_MUTE = 0x80, 0x200
    SCARD_STATE_UNAWARE = 0

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []
        self.script: dict[str, list[Any]] = {}
        for name, number in _NUMBERS.items():
            setattr(self, name, number)
        for at, name in enumerate(_FLAGS):
            setattr(self, name, 1 << at)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if not name.startswith("SCard"):
            raise AttributeError(name)

        def call(*arguments: Any) -> Any:
            self.calls.append((name, *arguments))
            if self.script.get(name):
                return self.script[name].pop(0)
            found = _SUCCESS.get(name)
            if found is None:
                return 0
            return [0, *found] if isinstance(found, tuple) else [0, found]

        return call

    def fails(self, call: str, *names: str) -> None:
        """Let the next calls of this name end with these codes."""
        self.script[call] = [_NUMBERS[name] for name in names]

    def names(self) -> list[str]:
        """Return the names of the calls so far."""
        return [call[0] for call in self.calls]


@pytest.fixture
def scard(monkeypatch: pytest.MonkeyPatch) -> FakeScard:
    """Return the PC/SC that every new service uses."""
    scard = FakeScard()
    monkeypatch.setattr(pcsc, "_scard", lambda: scard)
    return scard


@pytest.fixture
def service(scard: FakeScard) -> Service:
    """Return a service."""
    return Service()


def test_constants_exist() -> None:
    """Every name of the table is one of this platform's, and no code means two things."""
    if not pcsc.installed():
        if os.environ.get("CI") == "true":
            pytest.fail("pyscard is not installed, and CI may not do without it")
        pytest.skip("pyscard is not installed")
    scard = import_module("smartcard.scard")
    meanings: dict[int, set[type[ReaderError]]] = {}
    for name, error in pcsc._ERRORS.items():
        meanings.setdefault(getattr(scard, name), set()).add(error)
    assert [codes for codes in meanings.values() if len(codes) > 1] == []
    assert scard.SCARD_S_SUCCESS not in meanings


@pytest.mark.parametrize(("name", "error"), pcsc._ERRORS.items())
def test_known_code(
    scard: FakeScard, service: Service, name: str, error: type[ReaderError]
) -> None:
    """A code of the table becomes its error, and the name of the code is kept."""
    scard.fails("SCardConnect", name)
    with pytest.raises(error) as caught:
        service.connect(READER)
    assert type(caught.value) is error
    assert caught.value.detail == name


@pytest.mark.parametrize("code", [0x80100FFF, 0x80100FFF - (1 << 32), 0x1F])
def test_unknown_code(scard: FakeScard, service: Service, code: int) -> None:
    """Any other code is a failed link with the code in eight hex digits, however it is signed."""
    scard.script["SCardConnect"] = [code]
    with pytest.raises(LinkFailed) as caught:
        service.connect(READER)
    assert caught.value.detail == f"{code & 0xFFFFFFFF:08X}"
    assert len(caught.value.detail) == 8


def test_connection_is_reset_and_exclusive(scard: FakeScard, service: Service) -> None:
    """It opens with a reset in a transaction, closes with a reset, and keeps no context."""
    with service.connect(READER) as connection:
        assert connection.name == READER
        assert connection.transmit(b"\x00\xa4\x00\x00") == b"\x90\x00"
    assert scard.names() == [
        *("SCardEstablishContext", "SCardConnect", "SCardReconnect", "SCardBeginTransaction"),
        "SCardTransmit",
        *("SCardEndTransaction", "SCardDisconnect", "SCardReleaseContext"),
    ]
    made = {call[0]: call[1:] for call in scard.calls}
    exclusive, reset = scard.SCARD_SHARE_EXCLUSIVE, scard.SCARD_RESET_CARD
    assert made["SCardConnect"][2] == exclusive
    assert (made["SCardReconnect"][1], made["SCardReconnect"][3]) == (exclusive, reset)
    assert made["SCardTransmit"] == ("card", scard.SCARD_PCI_T1, [0x00, 0xA4, 0x00, 0x00])
    assert made["SCardEndTransaction"] == made["SCardDisconnect"] == ("card", reset)


def test_protocol_of_the_card(scard: FakeScard, service: Service) -> None:
    """The protocol that the reset brought is the one that is spoken."""
    scard.script["SCardReconnect"] = [[0, scard.SCARD_PROTOCOL_T0]]
    with service.connect(READER) as connection:
        connection.transmit(b"\x00\xa4\x00\x00")
    assert [call[2] for call in scard.calls if call[0] == "SCardTransmit"] == [scard.SCARD_PCI_T0]


@pytest.mark.parametrize("call", ["SCardReconnect", "SCardBeginTransaction"])
def test_half_opened_card_is_let_go(scard: FakeScard, service: Service, call: str) -> None:
    """If opening fails after the connect, nothing stays behind: not card, context or lease."""
    scard.fails(call, "SCARD_W_REMOVED_CARD")
    with pytest.raises(CardRemoved):
        service.connect(READER)
    assert scard.names()[-2:] == ["SCardDisconnect", "SCardReleaseContext"]
    service.connect(READER).close()


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("SCARD_E_NO_SMARTCARD", CardRemoved),
        ("SCARD_W_RESET_CARD", CardRemoved),
        ("SCARD_W_UNPOWERED_CARD", CardRemoved),
        ("SCARD_E_READER_UNAVAILABLE", NoReader),
        ("SCARD_E_INVALID_HANDLE", NoService),
        ("SCARD_E_TIMEOUT", TransportTimeout),
    ],
)
def test_during_a_command(
    scard: FakeScard, service: Service, name: str, error: type[ReaderError]
) -> None:
    """Once a card was there, no card means that it was removed."""
    with service.connect(READER) as connection:
        scard.fails("SCardTransmit", name)
        with pytest.raises(error):
            connection.transmit(b"\x00\xa4\x00\x00")


@pytest.mark.parametrize("answer", [0x80100016, [0, []], [0, [0x90]]])
def test_lost_exchange_of_a_card_that_left(
    scard: FakeScard, service: Service, answer: object
) -> None:
    """A failure, or success with less than a status word, is removal once the status says so."""
    with service.connect(READER) as connection:
        scard.script["SCardTransmit"] = [answer]
        scard.script["SCardStatus"] = [[0, READER, 0, _T1, []], _NUMBERS["SCARD_W_REMOVED_CARD"]]
        with pytest.raises(CardRemoved):
            connection.transmit(b"\x00\xa4\x00\x00")
    assert scard.names().count("SCardStatus") == 2


@pytest.mark.parametrize(
    ("answer", "detail"), [(0x80100F16, "80100F16"), ([0, []], "no status word")]
)
def test_lost_exchange_of_a_card_that_stays(
    scard: FakeScard,
    service: Service,
    monkeypatch: pytest.MonkeyPatch,
    answer: object,
    detail: str,
) -> None:
    """If the card lies there all the while, the link failed."""
    monkeypatch.setattr(pcsc, "_NOTICE", 0.1)
    with service.connect(READER) as connection:
        scard.script["SCardTransmit"] = [answer]
        with pytest.raises(LinkFailed) as caught:
            connection.transmit(b"\x00\xa4\x00\x00")
    assert caught.value.detail == detail


def test_second_connection(service: Service) -> None:
    """Within the process the second is refused before PC/SC is asked."""
    with service.connect(READER), pytest.raises(ReaderBusy):
        service.connect(READER)


def test_no_readers(scard: FakeScard, service: Service) -> None:
    """A service without readers has none, and that is no error."""
    scard.fails("SCardListReaders", "SCARD_E_NO_READERS_AVAILABLE")
    assert service.readers() == ()
    assert service.readers() == (READER,)


@pytest.mark.parametrize("name", ["SCARD_E_INVALID_HANDLE", "SCARD_E_SERVICE_STOPPED"])
def test_broken_context_is_replaced(scard: FakeScard, service: Service, name: str) -> None:
    """A context that worked and broke is replaced once, silently."""
    assert service.readers() == (READER,)
    scard.fails("SCardListReaders", name)
    assert service.readers() == (READER,)
    assert scard.names().count("SCardEstablishContext") == 2


@pytest.mark.parametrize("failures", [1, 2])
def test_no_service(scard: FakeScard, service: Service, failures: int) -> None:
    """A service that is not there is said to be, and asked anew the next time."""
    scard.fails("SCardEstablishContext", *["SCARD_E_NO_SERVICE"] * failures)
    for _ in range(failures):
        with pytest.raises(NoService):
            service.readers()
    assert service.readers() == (READER,)


def test_states(scard: FakeScard, service: Service) -> None:
    """A card that does not answer counts as none, and the mark of a change is not handed back."""
    present, mute = scard.SCARD_STATE_PRESENT, scard.SCARD_STATE_MUTE
    changed, exclusive = scard.SCARD_STATE_CHANGED, scard.SCARD_STATE_EXCLUSIVE
    states: list[tuple[str, int, list[int]]] = [
        ("A", present | changed, []),
        ("B", present | mute, []),
        ("C", changed, []),
        ("D", present | exclusive, []),
    ]
    scard.script["SCardGetStatusChange"] = [[0, states]]
    found = service.states(["A", "B", "C", "D"])
    assert [state.present for state in found] == [True, False, False, True]
    assert [state.in_use for state in found] == [False, False, False, True]
    assert [state.raw for state in found] == [present, present | mute, 0, present | exclusive]


def test_nothing_changed(scard: FakeScard, service: Service) -> None:
    """A wait that passes brings back what was known, and asks in milliseconds."""
    scard.script["SCardGetStatusChange"] = [[0, [(READER, scard.SCARD_STATE_PRESENT, [])]]]
    known = service.states([READER])
    scard.fails("SCardGetStatusChange", "SCARD_E_TIMEOUT")
    assert service.states([READER], known, wait=0.25) == known
    asked = (READER, scard.SCARD_STATE_PRESENT)
    assert scard.calls[-1] == ("SCardGetStatusChange", "context", 250, [asked])


def test_close(scard: FakeScard, service: Service) -> None:
    """Closing lets go once; a service that was never asked has nothing to let go of."""
    service.close()
    assert scard.calls == []
    service.readers()
    service.close()
    service.close()
    assert scard.names().count("SCardReleaseContext") == 1
    assert service.readers() == (READER,)


def test_unresponsive_card_is_no_card(scard: FakeScard, service: Service) -> None:
    """A card that lies too far away to answer is waited for like one that is not there."""
    scard.fails("SCardReconnect", "SCARD_W_UNRESPONSIVE_CARD")
    with pytest.raises(NoCard):
        service.connect(READER)


WITHOUT_PYSCARD = """
import sys
sys.modules["smartcard"] = None
from ecid.cli.main import entry_point
entry_point()
"""


def without_pyscard(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command where pyscard cannot be imported."""
    return subprocess.run(
        [sys.executable, "-c", WITHOUT_PYSCARD, "--lang", "en", *arguments],
        input="123456",
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def test_reader_without_pyscard() -> None:
    """Asking for a reader says what to install, and not the name that is not on the index."""
    done = without_pyscard("read", "--can", "-", "--json")
    answer = json.loads(done.stdout)
    assert (done.returncode, done.stderr) == (3, "")
    assert (answer["schema"], answer["exit"]) == ("ecid-error/1", 3)
    assert answer["code"] == "pcsc_missing"
    assert "pyscard" in answer["message"]
    assert "[pcsc]" in answer["next"]
    assert "pip install ecid" not in done.stdout


def test_reader_without_pyscard_for_people() -> None:
    """Without --json it is one line on standard error."""
    done = without_pyscard("read", "--can", "-")
    assert (done.returncode, done.stdout) == (3, "")
    [line] = done.stderr.splitlines()
    assert "pyscard" in line


def test_emulated_card_needs_no_pyscard() -> None:
    """Everything else works without it."""
    done = without_pyscard("read", "--card", "vn-cccd-2021", "--can", "-", "--json")
    assert json.loads(done.stdout)["schema"] == "ecid-report/1"
    assert done.returncode == 11  # read, and no anchor given
