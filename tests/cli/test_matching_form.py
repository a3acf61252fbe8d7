"""``ecid read --mrz`` and ``--expect``: the printed zone and a typed form against the chip."""

from __future__ import annotations

import json
import re
import unicodedata
from pathlib import Path

import pytest

from ecid.cli import inputs
from inspection_kit import Answer, Command
from matching_kit import HOLDER, SOMEBODY, named_only, read, values

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
