"""Cards and terminals for the tests of the emulator."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from chip_terminal import Terminal
from ecid.emulator import EmulatedCard, card
from ecid_crypto.rng import SeededRng

Vector = Callable[[str, str], str]


@pytest.fixture
def chip() -> EmulatedCard:
    """Return the first shipped card, just powered on."""
    return card("vn-cccd-2021", rng=SeededRng(b"chip"))


@pytest.fixture
def terminal(chip: EmulatedCard) -> Terminal:
    """Return a terminal in front of ``chip``."""
    return Terminal(chip, SeededRng(b"terminal"))


@pytest.fixture
def opened(terminal: Terminal) -> Terminal:
    """Return the terminal after PACE with the CAN and SELECT AID."""
    assert terminal.pace(b"123456").sw == 0x9000
    assert terminal.select_application().sw == 0x9000
    return terminal


@pytest.fixture(scope="session")
def vector(corpus: Path) -> Vector:
    """Return a look-up of the values printed in the appendices of Doc 9303-11."""
    groups = json.loads((corpus / "vectors" / "icao-9303-11.json").read_text("utf-8"))["groups"]
    by_id = {group["id"]: group["values"] for group in groups}

    def look_up(group: str, name: str) -> str:
        value = by_id[group][name]
        return str(value.get("hex", value.get("text")))

    return look_up
