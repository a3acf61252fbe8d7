"""What can go wrong at a reader: exit code and sentence of each, and the next card is read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from ecid.emulator import IssuedCard
from ecid.text import text
from pcsc_stack import Done, Stack

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def next_card_is_read(stack: Stack, issued: IssuedCard, csca: Path) -> Iterator[None]:
    """After whatever went wrong, a good card is read without a word about it."""
    yield
    stack.dismiss()
    stack.emulate()
    done = read(stack, "--trust", str(csca), can=issued.secrets.can)
    assert (done.code, done.json["verdict"]) == (0, "verified")


def read(stack: Stack, *options: str, can: str = "123456", timeout: float = 10) -> Done:
    """Run ``ecid read --json`` with the CAN on standard input."""
    return stack.ecid(
        "read", "--can", "-", "--timeout", str(timeout), "--json", *options, stdin=can
    )


def says(done: Done, exit_code: int, code: str, **fields: str) -> None:
    """Fail unless ``done`` is the error object ``code`` alone, with the catalogue's sentences."""
    assert done.code == exit_code, done
    assert done.err == ""
    assert {key: done.json[key] for key in ("schema", "exit", "code", "message", "next")} == {
        "schema": "ecid-error/1",
        "exit": exit_code,
        "code": code,
        "message": text(f"error.{code}.message", "en", **fields),
        "next": text(f"error.{code}.next", "en", **fields),
    }


def test_no_card(stack: Stack) -> None:
    """Nothing is laid on the reader in time."""
    says(read(stack, timeout=1), 4, "no_card")


def test_one_sentence_for_people(stack: Stack) -> None:
    """Without --json, standard error has one line: what happened, and what to do."""
    done = stack.ecid("read", "--can", "-", "--timeout", "1", stdin="123456")
    assert (done.code, done.out) == (4, "")
    [line] = done.err.splitlines()
    assert line.startswith(text("error.no_card.message", "en"))
    assert line.endswith(text("error.no_card.next", "en"))


def test_no_service(stack: Stack) -> None:
    """The service does not run."""
    stack.stop()
    try:
        says(read(stack), 3, "no_service")
    finally:
        stack.start()


def test_no_such_reader(stack: Stack) -> None:
    """No reader has that name: said at once, however long --timeout is."""
    stack.emulate()
    done = read(stack, "--reader", "nonesuch", timeout=3600)
    says(done, 3, "no_such_reader", name="nonesuch")


def test_no_reader(stack: Stack, tmp_path: Path) -> None:
    """The service runs and has no reader."""
    stack.restart("--config", str(tmp_path))
    try:
        says(read(stack, timeout=3600), 3, "no_reader")
    finally:
        stack.restart()


def test_busy(stack: Stack, issued: IssuedCard, csca: Path) -> None:
    """Another program holds the card; the same card is read once that lets go."""
    stack.emulate()
    other = stack.agent()
    assert other("wait_for_card")
    other("other_connect", exclusive=True)
    says(read(stack), 7, "reader_busy")
    other("other_leave")
    assert read(stack, "--trust", str(csca), can=issued.secrets.can).code == 0


def test_wrong_can(stack: Stack) -> None:
    """The chip refuses the key."""
    stack.emulate()
    says(read(stack, can="000000"), 5, "wrong_key")


@pytest.mark.parametrize("number", [1, 3, 8, 15, 30, 60])
def test_card_leaves(stack: Stack, number: int) -> None:
    """The card is taken away at one APDU or another."""
    card = stack.card("--leaves-at", str(number))
    says(read(stack), 6, "card_removed")
    assert card.wait() == 0


def test_emulate_can_leave(stack: Stack) -> None:
    """The fault ``removed`` of the emulated card takes it off the reader."""
    card = stack.emulate("--fault", "removed")
    says(read(stack), 6, "card_removed")
    assert card.wait() == 0


@pytest.mark.parametrize("number", [2, 25])
def test_card_is_killed(stack: Stack, number: int) -> None:
    """The process behind the card dies while a command waits for its answer."""
    card = stack.card("--mute-at", str(number))
    command = ["--lang", "en", "read", "--can", "-", "--json"]
    reading = stack.ecid_started(*command)
    reading.say("123456")
    reading.hang_up()
    assert card.line() == "mute\n"
    card.end()
    answer = json.loads(reading.line())
    assert (reading.wait(), answer["code"]) == (6, "card_removed")


def test_service_dies(stack: Stack) -> None:
    """The service dies while a command waits for its answer."""
    card = stack.card("--mute-at", "10")
    reading = stack.ecid_started("--lang", "en", "read", "--can", "-", "--json")
    reading.say("123456")
    reading.hang_up()
    assert card.line() == "mute\n"
    stack.restart()
    answer = json.loads(reading.line())
    assert (reading.wait(), answer["code"]) == (3, "no_service")


def test_no_virtual_reader(stack: Stack) -> None:
    """``ecid emulate`` where nothing listens says so and what to start."""
    stack.stop()
    try:
        done = stack.ecid("emulate")
    finally:
        stack.start()
    assert (done.code, done.out) == (3, "")
    [line] = done.err.splitlines()
    assert line.startswith(text("error.no_vpcd.message", "en", address="127.0.0.1:35963"))
