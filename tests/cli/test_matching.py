"""``ecid read --qr``: what a scanner damages, and what speaks of somebody else."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from ecid.text import template
from inspection_kit import Command, issued
from matching_kit import CARD, HOLDER, QR, SOMEBODY, named_only, read, values
from scanners import (
    DAMAGES,
    code_page_437,
    code_points,
    decomposed,
    html_entities,
    low_byte,
    percent_encoded_throughout,
    utf8_decimals,
    vni,
    windows_1252,
    without_bars,
)


@pytest.mark.parametrize(("damage", "code"), DAMAGES)
def test_damaged_letters(
    ecid: Command, anchor: Path, damage: Callable[[str], str], code: str
) -> None:
    """The card opens and verifies all the same; report and standard error name the damage."""
    assert damage(QR) != QR
    answer = read(ecid, anchor, "--qr", damage(QR))
    assert answer.code == 0
    assert answer.json["verdict"] == "verified"
    found = answer.check("match.qr")
    assert (found["outcome"], found["reason"]) == ("successful", None)
    assert found["detail"] == {"damage": code}
    assert template(f"damage.{code}", "en") in answer.err
    assert not any(value in answer.err for value in values(HOLDER))


@pytest.mark.parametrize("name", ["vn-cccd-2021", "vn-cccd-2021-bay-chu", "vn-cccd-2021-khong-cha"])
@pytest.mark.parametrize(("damage", "code"), DAMAGES)
def test_damaged_letters_of_others(
    ecid: Command, anchor: Path, name: str, damage: Callable[[str], str], code: str
) -> None:
    """So with other names and addresses: damage is no reason to refuse a genuine card."""
    answer = read(ecid, anchor, "--qr", damage(issued(name).secrets.qr), card=name)
    assert answer.code == 0
    assert answer.check("match.qr")["detail"] == {"damage": code}


def test_word_that_became_a_number(ecid: Command, anchor: Path) -> None:
    """``Khu đô thị`` with letters as numbers has a word of digits only: in doubt, no mismatch."""
    name = "vn-cccd-2021-dai"
    answer = read(ecid, anchor, "--qr", code_points(issued(name).secrets.qr), card=name)
    assert answer.code == 0


def test_input_method_among_numbers(ecid: Command, anchor: Path) -> None:
    """VNI takes the 7 of ``Nguy7877n`` for a key: that word is in doubt, no mismatch."""
    name = "vn-cccd-2021"
    scanned = code_points(issued(name).secrets.qr).replace("Nguy7", "Ngưy")
    assert read(ecid, anchor, "--qr", scanned, card=name).code == 0


def test_percent_encoded_bars(ecid: Command, anchor: Path) -> None:
    """Software that writes percent codes writes them for the bars, too."""
    answer = read(ecid, anchor, "--qr", percent_encoded_throughout(QR))
    assert answer.check("match.qr")["detail"] == {"damage": "escaped"}


def test_undamaged(ecid: Command, anchor: Path) -> None:
    """As it stands on the card: exit 0, nothing to name, one warning about the command line."""
    answer = read(ecid, anchor, "--qr", QR)
    assert answer.code == 0
    found = answer.check("match.qr")
    assert (found["outcome"], found["detail"]) == ("successful", {})
    [warning] = answer.err.splitlines()
    assert "--qr -" in warning


def test_from_standard_input(ecid: Command, anchor: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A scanner types it there: UTF-8 with a mark and a line end, without a warning."""
    stream = io.TextIOWrapper(io.BytesIO(f"\ufeff{QR}\r\n".encode()), encoding="ascii")
    monkeypatch.setattr("sys.stdin", stream)
    answer = read(ecid, anchor, "--qr", "-")
    assert (answer.code, answer.err) == (0, "")
    assert answer.check("match.qr")["outcome"] == "successful"


def test_number_alone(ecid: Command, anchor: Path) -> None:
    """The number alone opens the card, too; it says nothing more, and that harms nothing."""
    for text in (HOLDER.number, f"{HOLDER.number}||||||"):
        answer = read(ecid, anchor, "--qr", text)
        assert answer.code == 0
        found = answer.check("match.qr")
        assert (found["outcome"], found["reason"]) == ("undetermined", "nothing_to_compare")


def test_nothing_presented(ecid: Command, anchor: Path) -> None:
    """Without a QR text and a form there is nothing to compare, and no harm in that."""
    answer = read(ecid, anchor, "--can", HOLDER.can)
    assert answer.code == 0
    assert answer.check("match.qr")["reason"] == "nothing_to_compare"
    assert answer.check("match.form")["reason"] == "not_requested"


# Texts of somebody else.


def test_text_of_somebody_else(ecid: Command, anchor: Path) -> None:
    """Another's text under this card's number: exit 13, the fields by name and by name only."""
    forged = replace(SOMEBODY, number=HOLDER.number, sex="Nam")
    answer = read(ecid, anchor, "--qr", forged.qr)
    assert answer.check("match.qr")["reason"] == "qr_mismatch"
    fields = ("birth_date", "issue_date", "sex", "full_name", "place_of_residence")
    named_only(answer, "match.qr", *fields)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"full_name": "Đặng Thị Mẫu An"}, "full_name"),
        ({"full_name": "Đặng Thị Mau Ảo"}, "full_name"),
        ({"birth_date": "21/11/1995"}, "birth_date"),
        ({"issue_date": "02/06/2021"}, "issue_date"),
        ({"sex": "Nam"}, "sex"),
        ({"residence": "Số 1 Đường Mẫu"}, "place_of_residence"),
        ({"number": "001195000789"}, "personal_number"),
    ],
)
def test_one_field_of_somebody_else(
    ecid: Command, anchor: Path, changed: dict[str, str], field: str
) -> None:
    """One field that differs is enough, an accent of a name included."""
    answer = read(ecid, anchor, "--qr", replace(HOLDER, **changed).qr)
    named_only(answer, "match.qr", field)


@pytest.mark.parametrize(
    "damage", [utf8_decimals, code_points, windows_1252, code_page_437, decomposed, html_entities]
)
def test_damage_hides_nobody(ecid: Command, anchor: Path, damage: Callable[[str], str]) -> None:
    """Where letters can be had back, another's name is found under the damage."""
    forged = replace(HOLDER, full_name="Đặng Thị Khác Ảo")
    answer = read(ecid, anchor, "--qr", damage(forged.qr))
    assert answer.check("match.qr")["detail"]["damage"]
    named_only(answer, "match.qr", "full_name")


@pytest.mark.parametrize("damage", [low_byte, vni, without_bars])
def test_digits_count_under_any_damage(
    ecid: Command, anchor: Path, damage: Callable[[str], str]
) -> None:
    """Where letters are lost, the digits still speak of somebody else."""
    forged = replace(HOLDER, birth_date="21/11/1995")
    named_only(read(ecid, anchor, "--qr", damage(forged.qr)), "match.qr", "birth_date")


def test_mismatch_for_people(ecid: Command, anchor: Path) -> None:
    """For people the page names the fields, and no value of either side."""
    forged = replace(SOMEBODY, number=HOLDER.number)
    answer = ecid("read", "--card", CARD, "--trust", anchor, "--qr", forged.qr)
    assert answer.code == 13
    flat = " ".join(answer.out.split())
    assert "full_name" in flat
    assert not any(value in flat for value in values(HOLDER) | values(SOMEBODY))


@pytest.mark.parametrize("text", ["", "x", HOLDER.number[1:], percent_encoded_throughout("|||")])
def test_no_qr_text(ecid: Command, anchor: Path, text: str) -> None:
    """Without twelve digits there is no key: exit 2, and the chip is not asked."""
    answer = read(ecid, anchor, "--qr", text)
    assert (answer.code, answer.json["code"]) == (2, "qr_format")
