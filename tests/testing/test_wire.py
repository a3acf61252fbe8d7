"""The wire in somebody else's hands: every hook does what it says, and nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest

import ecid
from ecid.emulator import EmulatedCard, IssuedCard
from ecid.errors import CardRemoved, LinkTimeout, Misuse, SecureMessagingError
from ecid.testing import (
    NOW,
    Exchange,
    Wire,
    answer,
    canary_card,
    command,
    delay,
    drop,
    flip,
    large_card,
    remove,
    replay,
    response,
    spied,
    trust_of,
    with_files,
)
from ecid.testing.spy import objects_of
from ecid.testing.wire import TooManyCommands
from ecid_readers.errors import NoCard

SELECT, READ, CHALLENGE = 0xA4, 0xB0, 0x84


def read(wire: Wire, card: IssuedCard | None = None) -> ecid.Report:
    """Read the card in ``wire`` with the printed zone."""
    issued = card or canary_card()
    secret = ecid.AccessSecret.from_mrz(issued.secrets.mrz)
    return ecid.read(secret, card=wire, trust=trust_of(issued), at=NOW)


@pytest.fixture
def wire() -> Wire:
    """Return an honest wire with a valid card in it."""
    return Wire(EmulatedCard(canary_card()))


@pytest.mark.parametrize("issued", [canary_card(), large_card()], ids=["canary", "large"])
def test_honest(issued: IssuedCard) -> None:
    """Without hooks the wire changes nothing, files beyond 32 KiB included."""
    wire = Wire(EmulatedCard(issued))
    report = read(wire, issued)
    assert report.verdict is ecid.Verdict.VERIFIED
    assert report.evidence.timing is not None
    assert wire.commands == report.evidence.timing.apdus


def test_drop(wire: Wire) -> None:
    """A lost response is a time-out."""
    wire.on(READ, 3, drop())
    with pytest.raises(LinkTimeout):
        read(wire)


def test_remove(wire: Wire) -> None:
    """The card is taken away."""
    wire.on(READ, 3, remove())
    with pytest.raises(CardRemoved):
        read(wire)


def test_replay(wire: Wire) -> None:
    """The response before is no response."""
    wire.on(READ, 3, replay())
    with pytest.raises(SecureMessagingError) as caught:
        read(wire)
    assert caught.value.reason == "wrong_mac"


def test_delay(wire: Wire) -> None:
    """The response comes, after the time that was asked for."""
    slept: list[float] = []
    wire.on(READ, 3, delay(7, slept.append))
    assert read(wire).verdict is ecid.Verdict.VERIFIED
    assert slept == [7]


def test_command(wire: Wire) -> None:
    """The card does not take a command that was changed on its way."""
    wire.on(READ, 3, command(lambda raw: flip(raw, 7)))
    with pytest.raises(SecureMessagingError) as caught:
        read(wire)
    assert (caught.value.reason, caught.value.sw) == ("plain_response", 0x6988)


def test_response_and_answer(wire: Wire) -> None:
    """A response may be changed on its way, or made up."""
    wire.on(SELECT, 1, response(lambda raw: raw), protected=False)
    wire.on(READ, 3, answer(b"\x6f\x00"))
    with pytest.raises(SecureMessagingError) as caught:
        read(wire)
    assert caught.value.sw == 0x6F00


def test_plain_and_protected_are_counted_apart(wire: Wire) -> None:
    """EF.CardAccess is read in clear, and is no protected READ BINARY."""
    wire.on(READ, 2, answer(b"\x6f\x00"), protected=False)
    assert read(wire).verdict is ecid.Verdict.VERIFIED


def test_onwards_and_the_first_hook_that_fits(wire: Wire) -> None:
    """One hook may answer for all that follow; the first that fits is taken."""
    seen: list[int] = []

    def note(exchange: Exchange) -> bytes:
        seen.append(len(exchange.earlier))
        return exchange.respond()

    wire.on(READ, 3, note, onwards=True)
    wire.on(READ, 4, drop())
    assert read(wire).verdict is ecid.Verdict.VERIFIED
    assert len(seen) > 20
    assert sorted(seen) == seen


def without_pace() -> IssuedCard:
    """Return a valid card without EF.CardAccess, hence with BAC and 3DES."""
    return with_files(canary_card(), CardAccess=None)


@pytest.mark.parametrize("issued", [canary_card(), without_pace()], ids=["AES", "3DES"])
@pytest.mark.parametrize("nth", [2, 20], ids=["access", "chip"])
def test_spy_makes_what_the_card_made(issued: IssuedCard, nth: int) -> None:
    """With the keys, the card's own response can be taken apart and made again, byte for byte."""
    wire = Wire(EmulatedCard(issued))
    pairs: list[tuple[bytes, bytes]] = []

    def again(exchange: Exchange) -> bytes:
        given = exchange.respond()
        spy, status = exchange.spy, objects_of(given)[1]
        blocks = spy.pad(spy.plain(given))
        pairs.append((given, spy.seal(spy.cryptogram(blocks), status)))
        return given

    wire.on(READ, nth, again)
    read(wire, issued)
    [(expected, actual)] = pairs
    assert expected == actual


def test_spy_leaves_the_card_alone(wire: Wire) -> None:
    """Looking ahead changes nothing in the session."""
    wire.on(READ, 5, spied(lambda spy, given: given if spy.later(9).seal() else b""))
    assert read(wire).verdict is ecid.Verdict.VERIFIED
    assert len(wire.session_keys) == 4  # two sessions, of two keys each


def test_spy_needs_a_session(wire: Wire) -> None:
    """Before access control there is nothing to spy on."""
    wire.on(SELECT, 1, spied(lambda _, given: given), protected=False)
    with pytest.raises(Misuse):
        read(wire)


def test_insert_forgets(wire: Wire) -> None:
    """The next card meets an honest wire."""
    wire.on(READ, 1, drop())
    wire.insert(EmulatedCard(canary_card()))
    assert wire.commands == 0
    assert read(wire).verdict is ecid.Verdict.VERIFIED


def test_empty_reader() -> None:
    """Without a card nothing answers."""
    with pytest.raises(NoCard):
        Wire().transmit(b"\x00\xa4\x00\x00")


def test_commands_are_bounded() -> None:
    """A loop is stopped by what no handler of errors swallows."""
    wire = Wire(EmulatedCard(replace(canary_card())), limit=20)
    with pytest.raises(TooManyCommands):
        read(wire)


def test_nonsense_is_passed_on(wire: Wire) -> None:
    """What is too short for an instruction reaches the card, too."""
    assert wire.transmit(b"\x00") == b"\x67\x00"
