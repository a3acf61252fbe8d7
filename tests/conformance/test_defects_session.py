"""Defects of secure messaging (docs/reference/defects.md): D1, D9, D10 and a part of D26."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from functools import cache
from types import FunctionType

import pytest

import ecid
import ecid.session
from ecid import emulator
from ecid.emulator import EmulatedCard, IssuedCard
from ecid.errors import EcidError, Misuse, ProtocolError, SecureMessagingError
from ecid.inspection.access import OpenChip, open_chip
from ecid.lds.files import COM, data_group
from ecid.session.file_reader import FileReader, read_file, select_file
from ecid.session.keys import SessionKeys
from ecid.session.secure_messaging import SecureMessaging
from ecid_crypto.mac import verify
from ecid_crypto.rng import SeededRng
from ecid_readers.errors import CardRemoved
from ecid_readers.record import Recording
from ecid_readers.transport import Transport
from inspection_kit import Wire, by_can, by_mrz, issued, outcome, read
from scripted_card import FunctionCard, ScriptedCard

#: A card for each cipher of secure messaging.
SESSIONS = {
    "bac-only": "3DES",
    "pace-dh-gm-3des-0": "3DES",
    "vn-cccd-2021": "AES-128",
    "pace-ecdh-gm-aes192-15": "AES-192",
    "pace-ecdh-im-aes256-16": "AES-256",
}
MAC = slice(-10, -2)
"""Where the value of DO'8E' stands in a protected response."""


def opened(chip: EmulatedCard, link: Transport | None = None) -> OpenChip:
    """Open ``chip`` through ``link`` with its zone, which opens every card."""
    return open_chip(link or chip, by_mrz(chip.issued), SeededRng(b"terminal"))


@dataclass(frozen=True)
class Session:
    """What passed in one session: keys, and for each command plain and protected answer."""

    keys: SessionKeys
    exchanges: list[tuple[bytes, bytes]]

    def at(self, number: int, card: Transport) -> SecureMessaging:
        """Return the session with ``card`` as it is just before exchange ``number``."""
        width = len(self.keys.ssc)
        counter = int.from_bytes(self.keys.ssc, "big") + 2 * number
        ssc = (counter % 256**width).to_bytes(width, "big")
        return SecureMessaging(card, replace(self.keys, ssc=ssc))


@cache
def session(name: str) -> Session:
    """Return the session in which EF.COM and DG1 were read, and a file that is not there."""
    chip = EmulatedCard(emulator.issue(name), rng=SeededRng(b"chip"))
    wire = Recording(chip)
    found = opened(chip, wire)
    plain = Recording(found.session)
    read_file(plain, COM, max_read=64)
    read_file(plain, data_group(1), max_read=64)
    with pytest.raises(ProtocolError):
        select_file(plain, data_group(16))
    answers = [answer for command, answer in wire.exchanges if command[0] & 0x0C == 0x0C]
    before = len(answers) - len(plain.exchanges)
    commands = [command for command, _ in plain.exchanges]
    whole = [(b"", answer) for answer in answers[:before]]
    return Session(found.keys, whole + list(zip(commands, answers[before:], strict=True)))


def numbered(name: str) -> Iterator[tuple[int, bytes, bytes]]:
    """Yield number, plain command and protected answer of the exchanges after SELECT AID."""
    for number, (command, answer) in enumerate(session(name).exchanges):
        if command:
            yield number, command, answer


@pytest.mark.parametrize("name", SESSIONS)
def test_control(name: str) -> None:
    """Every recorded answer is taken in its place, in the cipher that the table names."""
    assert session(name).keys.cipher.value == SESSIONS[name]
    answers = list(numbered(name))
    assert len(answers) >= 6
    for number, command, answer in answers:
        channel = session(name).at(number, ScriptedCard([answer]))
        channel.transmit(command)
        assert channel.alive


@pytest.mark.parametrize("name", SESSIONS)
def test_d01_every_bit_of_every_mac(name: str) -> None:
    """Defect D1: one wrong bit of any response MAC ends the session, under every cipher."""
    for number, command, answer in numbered(name):
        for bit in range(64):
            changed = bytearray(answer)
            changed[MAC.start + bit // 8] ^= 1 << bit % 8
            refused(name, number, command, bytes(changed), "wrong_mac")


@pytest.mark.parametrize("name", SESSIONS)
def test_d01_another_mac(name: str) -> None:
    """Defect D1: zeros, and the MAC of the answer before, are not the MAC of this one."""
    before = bytes(8)
    for number, command, answer in numbered(name):
        for mac in (bytes(8), before):
            refused(name, number, command, answer[: MAC.start] + mac + answer[-2:], "wrong_mac")
        before = answer[MAC]


def refused(name: str, number: int, command: bytes, answer: bytes, reason: str) -> None:
    """Assert that ``answer`` in place of the right one ends the session, and nothing follows it."""
    card = ScriptedCard([answer] * 2)
    channel = session(name).at(number, card)
    with pytest.raises(SecureMessagingError) as caught:
        channel.transmit(command)
    assert caught.value.reason == reason
    with pytest.raises(SecureMessagingError) as caught:
        channel.transmit(command)
    assert caught.value.reason == "session_closed"
    assert len(card.commands) == 1


# D9 ---------------------------------------------------------------------------------------


def functions() -> Iterator[Callable[..., object]]:
    """Yield every function and method of the session and of the MAC."""
    yield verify
    for found in pkgutil.iter_modules(ecid.session.__path__, "ecid.session."):
        module = importlib.import_module(found.name)
        for owner in (module, *(v for v in vars(module).values() if inspect.isclass(v))):
            for value in vars(owner).values():
                if isinstance(value, FunctionType) and value.__module__ == found.name:
                    yield value


def test_d09_no_switch_for_the_mac() -> None:
    """Defect D9: there is nothing to turn the MAC off with: no argument, no field, no state."""
    assert list(inspect.signature(SecureMessaging).parameters) == ["inner", "keys"]
    assert list(inspect.signature(SecureMessaging.transmit).parameters) == ["self", "command"]
    assert [field.name for field in fields(SessionKeys)] == ["cipher", "enc", "mac", "ssc"]
    channel = session("bac-only").at(0, ScriptedCard([]))
    assert set(vars(channel)) == {"_inner", "_channel"}
    switches = {
        name
        for function in functions()
        for name, parameter in inspect.signature(function).parameters.items()
        if "bool" in str(parameter.annotation) or isinstance(parameter.default, bool)
    }
    assert switches == {"use_sfi"}


@pytest.mark.parametrize("entry", [ecid.read, ecid.verify])
def test_d09_nor_at_the_front_door(entry: Callable[..., object]) -> None:
    """Defect D9: no option of a reading has to do with secure messaging."""
    names = set(inspect.signature(entry).parameters)
    assert not {n for n in names if any(w in n for w in ("mac", "secure", "check", "strict"))}


@pytest.mark.parametrize("sw", [0x6F00, 0x6701, 0x67FF, 0x7700, 0xEF00, 0x6E00, 0x6D00])
def test_d09_only_6700_is_a_wrong_length(sw: int) -> None:
    """Defect D9: 6F00 has the bits of 6700 and is none; the length is not tried again."""
    card = FunctionCard(lambda _: sw.to_bytes(2, "big"))
    with pytest.raises(ProtocolError) as caught:
        FileReader(card, 223).read(COM, use_sfi=True)
    assert caught.value.sw == sw
    assert len(card.commands) == 1


@pytest.mark.parametrize("name", SESSIONS)
def test_d09_unprotected_data(name: str) -> None:
    """Defects D9 and D26a: the right data under 9000 and without protection are no data."""
    for number, command, _ in numbered(name):
        for first in (b"\x60", b"\x61"):
            refused(name, number, command, first + bytes(15) + b"\x90\x00", "plain_response")


# D10 --------------------------------------------------------------------------------------

#: Exchanges of a reading of DG1 alone.
EXCHANGES = 30


@dataclass
class Cut:
    """A link that loses the card at one exchange and finds it again, reset, at the next."""

    card: EmulatedCard
    at: int
    after: bool
    count: int = 0

    def transmit(self, command: bytes, /) -> bytes:
        """Carry one command, or lose it, or its answer."""
        self.count += 1
        if self.count != self.at:
            return self.card.transmit(command)
        if self.after:
            self.card.transmit(command)
        self.card.reset()
        raise CardRemoved


def protected(commands: list[bytes]) -> list[bytes]:
    """Return those that were sent under secure messaging."""
    return [command for command in commands if command[0] & 0x0C == 0x0C]


@pytest.mark.parametrize("at", range(1, EXCHANGES + 1))
def test_d10_power_cut(at: int) -> None:
    """Defect D10: a chip without power has no keys; no protected command is sent to it twice."""
    card = issued()
    behaviour = replace(card.behaviour, resets_at=at)
    wire = Wire(EmulatedCard(card, behaviour=behaviour, rng=SeededRng(b"chip")))
    sent = ended(wire, card)
    assert len(sent) == len(set(sent))


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("at", range(1, EXCHANGES + 1, 2))
def test_d10_lost_link(at: int, after: bool) -> None:
    """Defect D10: nor is it after the link was lost, before or after the chip saw the command."""
    card = issued()
    wire = Wire(Cut(EmulatedCard(card, rng=SeededRng(b"chip")), at, after))
    sent = ended(wire, card)
    assert len(sent) == len(set(sent))
    assert len(wire.commands) == at


@pytest.mark.parametrize("name", [*SESSIONS, "utopia-td3"])
@pytest.mark.parametrize("largest", [128, 200])
def test_d10_a_protected_6cxx(name: str, largest: int) -> None:
    """Defect D10: nor where the chip asks for another Le; the reader asks anew, and goes on."""
    card = issued(name)
    behaviour = replace(card.behaviour, largest_le=largest)
    wire = Wire(EmulatedCard(card, behaviour=behaviour, rng=SeededRng(b"chip")))
    report = read(EmulatedCard(card), by_mrz(card), link=lambda _: wire)
    assert outcome(report, "dg.2") == ("successful", None)
    sent = protected(wire.commands)
    assert len(sent) == len(set(sent))


@pytest.mark.slow
@pytest.mark.parametrize("fault", emulator.fault_names())
def test_d10_whatever_the_chip_does(fault: str) -> None:
    """Defects D10 and D26a: in no reading a protected command twice, nor one in clear after it."""
    for name in ("utopia-td3", "vn-cccd-2021", "pace-cam-aes128-13"):
        with suppress(Misuse):
            chip = emulator.card(name, fault=fault)
            break
    else:
        pytest.fail("suits no card")
    wire = Wire(chip)
    with suppress(EcidError):
        read(chip, by_mrz(chip.issued), link=lambda _: wire)
    sent = protected(wire.commands)
    assert len(sent) == len(set(sent))
    if sent:
        assert wire.commands[wire.commands.index(sent[0]) :] == sent


def ended(wire: Wire, card: IssuedCard) -> list[bytes]:
    """Read DG1 over ``wire`` until it breaks, if it does; return the protected commands."""
    try:
        report = read(EmulatedCard(card), by_can(card), link=lambda _: wire, data_groups={1})
    except EcidError:
        return protected(wire.commands)
    # A cut in the clear costs nothing; one at the first response of Chip Authentication its proof.
    proven = outcome(report, "chip.ca") == ("successful", None)
    assert outcome(report, "dg.1")[0] == ("successful" if proven else "undetermined")
    return protected(wire.commands)


# D26 --------------------------------------------------------------------------------------


def test_d26a_no_way_back_to_clear() -> None:
    """D26a: a chip that stops protecting its answers ends the session, and the proof with it."""
    chip = emulator.card("vn-cccd-2021", fault="ca-plain-after")
    wire = Wire(chip)
    report = read(chip, link=lambda _: wire)
    assert outcome(report, "chip.ca") == ("failed", "wrong_answer")
    assert report.verdict is not ecid.Verdict.VERIFIED
    first = next(n for n, command in enumerate(wire.commands) if command[0] & 0x0C)
    assert all(command[0] & 0x0C for command in wire.commands[first:])


@pytest.mark.parametrize("name", SESSIONS)
def test_d26b_naked_error(name: str) -> None:
    """D26b: an error without protection ends the session; no counter is put back to go on."""
    for number, command, _ in numbered(name):
        for sw in ("6700", "6982", "6A82", "6988", "6F00", "6282"):
            refused(name, number, command, bytes.fromhex(sw), "plain_response")


def test_d26b_a_chip_that_would_go_on() -> None:
    """D26b: even with a chip whose session outlives its naked error."""
    chip = emulator.card("vn-cccd-2021", fault="naked-error")
    found = opened(chip)
    with pytest.raises(SecureMessagingError) as caught:
        select_file(found.session, data_group(16))
    assert (caught.value.reason, caught.value.sw) == ("plain_response", 0x6A82)
    assert chip.channel is not None
    with pytest.raises(SecureMessagingError, match="session_closed"):
        select_file(found.session, data_group(1))


@pytest.mark.parametrize("name", SESSIONS)
@pytest.mark.parametrize("value", ["", "90", "900000", "9000" * 8])
def test_d26h_status_object_of_another_length(name: str, value: str) -> None:
    """D26h: DO'99' has two bytes; any other length has a name and is no crash."""
    number, command, answer = next(numbered(name))
    status = answer.index(b"\x99\x02\x90\x00")
    content = bytes.fromhex(value)
    changed = answer[:status] + bytes((0x99, len(content))) + content + answer[status + 4 :]
    refused(name, number, command, changed, "status_length")


def test_d26j_one_user_at_a_time() -> None:
    """D26j: whoever uses a session that is in use is refused; the first user is not disturbed."""
    number, command, answer = next(numbered("vn-cccd-2021"))
    asked, go_on = threading.Event(), threading.Event()

    def wait(_: bytes) -> bytes:
        asked.set()
        assert go_on.wait(3)
        return answer

    card = FunctionCard(wait)
    channel = session("vn-cccd-2021").at(number, card)
    results: list[bytes] = []
    first = threading.Thread(target=lambda: results.append(channel.transmit(command)))
    first.start()
    assert asked.wait(10)
    with pytest.raises(SecureMessagingError) as caught:
        channel.transmit(command)
    assert caught.value.reason == "session_closed"
    go_on.set()
    first.join(10)
    assert len(results) == 1
    assert channel.alive
    assert len(card.commands) == 1
