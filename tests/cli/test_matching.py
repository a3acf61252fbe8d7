"""``ecid read`` with a QR text, a zone or a typed form: what it opens, and what differs."""

from __future__ import annotations

import io
import json
import re
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from ecid.cli import inputs
from ecid.emulator.personalise.person import Person, people
from ecid.text import template
from inspection_kit import Answer, Command, issued
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

#: In date until 2035, so that success is exit 0.
CARD = "vn-cccd-2021-nu"
HOLDER, SOMEBODY = people()["nu"], people()["tuoi-24"]
QR = issued(CARD).secrets.qr


def read(ecid: Command, anchor: Path, *more: object, card: str = CARD) -> Answer:
    """Read the shipped ``card`` and return the answer as JSON."""
    return ecid("read", "--card", card, "--trust", anchor, *more, "--json")


def values(person: Person) -> set[str]:
    """Return what only ``person`` has, in the notations of chip and QR."""
    texts = (person.number, person.full_name, person.residence, person.birth_date)
    return {
        *texts,
        person.birth_date.replace("/", ""),
        "-".join(person.birth_date.split("/")[::-1]),
    }


def named_only(answer: Answer, check: str, *fields: str) -> None:
    """Assert that ``check`` alone failed and names ``fields``; no value is anywhere."""
    assert answer.code == 13
    found = answer.check(check)
    assert found["outcome"] == "failed"
    assert sorted(found["detail"]["fields"].split(", ")) == sorted(fields)
    failed = [each["id"] for each in answer.json["checks"] if each["outcome"] == "failed"]
    assert failed == [check]
    assert answer.json["identity"] is None
    said = answer.out + answer.err
    assert not any(value in said for value in values(HOLDER) | values(SOMEBODY))


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
    """The number alone opens the card, too, and agrees as far as it goes."""
    answer = read(ecid, anchor, "--qr", HOLDER.number)
    assert answer.code == 0
    assert answer.check("match.qr")["outcome"] == "successful"


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


# The zone.


@pytest.mark.parametrize("separator", ["", "\n", "\r\n"])
def test_zone(ecid: Command, anchor: Path, separator: str) -> None:
    """The printed zone opens the card and agrees with DG1, with line ends or without."""
    lines = re.findall(".{30}", HOLDER.mrz)
    answer = read(ecid, anchor, "--mrz", separator.join(lines))
    assert answer.code == 0
    assert answer.check("match.mrz")["outcome"] == "successful"
    assert answer.json["access"]["password"] == "MRZ"


def test_zone_with_a_letter_for_a_zero(ecid: Command, anchor: Path) -> None:
    """O for 0 is put right before the chip is asked."""
    answer = read(ecid, anchor, "--mrz", HOLDER.mrz.replace("0", "O", 1))
    assert answer.code == 0
    assert answer.check("match.mrz")["outcome"] == "successful"


def test_zone_of_somebody_else(ecid: Command, anchor: Path) -> None:
    """Another's name under this card's number and dates: exit 13, the fields by name."""
    forged = HOLDER.mrz[:60] + SOMEBODY.mrz[60:]
    named_only(read(ecid, anchor, "--mrz", forged), "match.mrz", "surname", "given_names")


# A typed form.

FORM = {
    "full_name": HOLDER.full_name,
    "personal_number": HOLDER.number,
    "birth_date": "1995-11-20",
    "sex": "female",
    "nationality": HOLDER.nationality,
    "ethnicity": HOLDER.ethnicity,
    "place_of_residence": HOLDER.residence,
    "issue_date": "2021-06-01",
    "expiry_date": "2035-11-20",
    "father_name": HOLDER.father_name,
    "surname": HOLDER.surname,
}


def expecting(ecid: Command, anchor: Path, path: Path, content: bytes | object) -> Answer:
    """Read the card and compare it with ``content``: the file itself, or what it says as JSON."""
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    path.write_bytes(raw)
    return read(ecid, anchor, "--can", HOLDER.can, "--expect", path)


@pytest.fixture
def form(tmp_path: Path) -> Path:
    """Return where the typed form goes."""
    return tmp_path / "form.json"


@pytest.mark.parametrize(
    "typed",
    [
        FORM,
        {"full_name": HOLDER.full_name.upper()},
        {"full_name": unicodedata.normalize("NFD", HOLDER.full_name)},
        {"full_name": f"  {HOLDER.full_name.replace(' ', '   ')} "},
        {"birth_date": HOLDER.birth_date, "issue_date": HOLDER.issue_date},
        {"full_name": HOLDER.full_name, "old_id_number": None},
    ],
    ids=["all", "capitals", "decomposed", "spaces", "day first", "null"],
)
def test_right_form(ecid: Command, anchor: Path, form: Path, typed: dict[str, str]) -> None:
    """What was typed is what the chip says, however it was typed."""
    answer = expecting(ecid, anchor, form, typed)
    assert answer.code == 0
    found = answer.check("match.form")
    assert (found["outcome"], found["reason"]) == ("successful", None)


def test_form_with_a_mark(ecid: Command, anchor: Path, form: Path) -> None:
    """Windows begins a file of UTF-8 with a mark."""
    content = b"\xef\xbb\xbf" + json.dumps(FORM, ensure_ascii=False).encode()
    assert expecting(ecid, anchor, form, content).code == 0


@pytest.mark.parametrize(
    ("typed", "fields"),
    [
        ({"full_name": SOMEBODY.full_name}, ["full_name"]),
        ({"full_name": "Đặng Thị Mau Ảo"}, ["full_name"]),
        (FORM | {"birth_date": "20/11/1996"}, ["birth_date"]),
        (FORM | {"sex": "male", "father_name": SOMEBODY.full_name}, ["sex", "father_name"]),
        ({"old_id_number": "012345678"}, ["old_id_number"]),
        ({"full_name": ""}, ["full_name"]),
    ],
    ids=["name", "accent", "date", "two", "not on the chip", "nothing"],
)
def test_wrong_form(
    ecid: Command, anchor: Path, form: Path, typed: dict[str, str], fields: list[str]
) -> None:
    """What differs is named, exit 13, and neither what was typed nor what the chip says."""
    answer = expecting(ecid, anchor, form, typed)
    assert answer.check("match.form")["reason"] == "form_mismatch"
    named_only(answer, "match.form", *fields)
    long = {value for value in typed.values() if len(value) > 6}
    assert not any(value in answer.out + answer.err for value in long)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "form_format"),
        (b"full_name: Nobody", "form_format"),
        (b'{"full_name": "Nobody"', "form_format"),
        (b"\xff\xfe{\x00}\x00", "form_format"),
        (b"[" * 20_000, "form_format"),
        (["full_name"], "form_format"),
        ("full_name", "form_format"),
        (None, "form_format"),
        ({}, "form_format"),
        ({"full_name": None}, "form_format"),
        ({"full_name": 1}, "form_format"),
        ({"full_name": ["Nobody"]}, "form_format"),
        ({"name": "Nobody"}, "form_field"),
        ({"portrait": "Nobody"}, "form_field"),
        ({"full_name": HOLDER.full_name, "Full_Name": "Nobody"}, "form_field"),
    ],
)
def test_no_form(ecid: Command, anchor: Path, form: Path, content: object, code: str) -> None:
    """What is no typed form: exit 2, without a word of what was typed."""
    answer = expecting(ecid, anchor, form, content)
    assert (answer.code, answer.json["code"]) == (2, code)
    assert "Nobody" not in answer.out + answer.err
    assert not any(value in answer.out + answer.err for value in values(HOLDER))


def test_known_fields_are_told(ecid: Command, anchor: Path, form: Path) -> None:
    """A key that no identity has is named, beside those that there are."""
    answer = expecting(ecid, anchor, form, {"ho_ten": "Nobody"})
    assert "ho_ten" in answer.json["message"]
    assert "full_name" in answer.json["next"]


def test_absent_form(ecid: Command, anchor: Path, form: Path) -> None:
    """A form that is not there, or a folder: exit 21."""
    for path in (form, form.parent):
        answer = read(ecid, anchor, "--can", HOLDER.can, "--expect", path)
        assert (answer.code, answer.json["code"]) == (21, "evidence_unreadable")


def test_form_that_is_too_large(ecid: Command, anchor: Path, form: Path) -> None:
    """A form has a limit."""
    answer = expecting(ecid, anchor, form, {"full_name": "x" * inputs.MAX_FORM})
    assert (answer.code, answer.json["code"]) == (21, "evidence_too_large")


# Chips that want a key of the zone.


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
