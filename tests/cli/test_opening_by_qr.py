"""``ecid read --qr`` on chips that want a key of the zone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from ecid.emulator.personalise.person import people
from inspection_kit import Command, issued
from matching_kit import read
from scanners import (
    code_points,
    low_byte,
)


def test_pace_with_the_zone(ecid: Command, anchor: Path) -> None:
    """A chip that refuses the card access number opens by the QR text: the expiry is derived."""
    name = "vn-cccd-2021-pace-mrz"
    answer = read(ecid, anchor, "--qr", issued(name).secrets.qr, card=name)
    assert answer.code == 0
    assert (answer.json["access"]["protocol"], answer.json["access"]["password"]) == ("PACE", "MRZ")
    assert answer.check("access")["reason"] is None
    assert answer.check("match.qr")["outcome"] == "successful"


def test_bac(ecid: Command, anchor: Path) -> None:
    """A chip that refuses to start PACE opens by the QR text with BAC, and the report says so."""
    name = "vn-cccd-2021-bac"
    answer = read(ecid, anchor, "--qr", issued(name).secrets.qr, card=name)
    assert answer.code == 0
    assert answer.json["access"]["protocol"] == "BAC"
    assert answer.check("access")["reason"] == "access_downgrade"
    assert answer.check("access.binding")["outcome"] == "successful"
    assert answer.check("match.qr")["outcome"] == "successful"


@pytest.mark.parametrize("name", ["vn-cccd-2021-pace-mrz", "vn-cccd-2021-bac"])
@pytest.mark.parametrize("damage", [code_points, low_byte])
def test_digits_are_enough(
    ecid: Command, anchor: Path, name: str, damage: Callable[[str], str]
) -> None:
    """The keys of these chips come from digits alone, whatever happened to the letters."""
    assert read(ecid, anchor, "--qr", damage(issued(name).secrets.qr), card=name).code == 0


@pytest.mark.parametrize("name", ["vn-cccd-2021-pace-mrz", "vn-cccd-2021-bac"])
def test_card_access_number_is_not_enough(ecid: Command, anchor: Path, name: str) -> None:
    """It opens neither, and is no wrong key: the chip will not start, and the zone is the way."""
    answer = read(ecid, anchor, "--can", issued(name).secrets.can, card=name)
    assert (answer.code, answer.json["code"]) == (9, "access_refused")
    assert "MRZ" in answer.json["next"]


@pytest.mark.parametrize("name", ["vn-cccd-2021-pace-mrz", "vn-cccd-2021-bac"])
def test_number_alone_is_not_enough(ecid: Command, anchor: Path, name: str) -> None:
    """Without both dates in the text no expiry can be derived."""
    number = people()["nam"].number
    answer = read(ecid, anchor, "--qr", number, card=name)
    assert (answer.code, answer.json["code"]) == (9, "access_refused")


@pytest.mark.parametrize("name", ["vn-cccd-2021-pace-mrz", "vn-cccd-2021-bac"])
def test_derived_key_of_somebody_else(ecid: Command, anchor: Path, name: str) -> None:
    """A wrong date of birth makes wrong keys: refused after three at most, exit 5."""
    wrong = replace(people()["nam"], birth_date="16/07/1990")
    answer = read(ecid, anchor, "--qr", wrong.qr, card=name)
    assert (answer.code, answer.json["code"]) == (5, "wrong_key")
