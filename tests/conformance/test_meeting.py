"""What an exchange at the end of a cell is worth: with other keys on one side there is none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ecid.errors import SecureMessagingError
from ecid.session.secure_messaging import SecureMessaging
from tests.conformance.meeting import (
    MET,
    assert_met,
    chip,
    issued,
    open_by_bac,
    outcome,
    terminal_rng,
)


def test_control() -> None:
    """The keys of BAC serve both sides."""
    card = chip(issued({}), "control")
    session, keys = open_by_bac(card, terminal_rng("control"))
    assert_met(session, keys, card)


@pytest.mark.parametrize("name", ["enc", "mac"])
def test_another_key(name: str) -> None:
    """One bit of a key, and the chip ends its session or the terminal does."""
    card = chip(issued({}), "control")
    _, keys = open_by_bac(card, terminal_rng("control"))
    old = getattr(keys, name)
    other = replace(keys, **{name: bytes([old[0] ^ 0x10]) + old[1:]})
    with pytest.raises(SecureMessagingError):
        assert_met(SecureMessaging(card, other), other, card)


def test_outcomes() -> None:
    """A cell that fails stands on the page by the name of what it raised."""

    def fails() -> None:
        raise SecureMessagingError("wrong_mac")

    assert outcome(lambda: None) == MET
    assert outcome(fails) == "SecureMessagingError"
