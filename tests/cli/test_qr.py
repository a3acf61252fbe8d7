"""``ecid qr``: what a scanned or typed text says, and what a scanner did to it."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from typing import Any

import pytest

from ecid.cli.qr import SCHEMA
from ecid.emulator.definitions import definition, names
from ecid.emulator.personalise.person import Person, people
from ecid.text import template
from inspection_kit import Command, issued

MAN, WOMAN, OLD_MAN = (people()[key] for key in ("nam", "nu", "lao"))
#: What the contract names, and what this command adds.
CONTRACT = {
    "personal_number",
    "fields",
    "damage",
    "birth_date",
    "issue_date",
    "expiry_candidates",
}
KEYS = CONTRACT | {"schema", "kind", "mrz_readings"}
LANGUAGES = ("vi", "en")


def iso(day: str) -> str | None:
    """Return a date of ``people.toml`` as JSON has it; None is no expiry."""
    return "-".join(reversed(day.split("/"))) if day[:1].isdigit() else None


def scan(monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    """Put ``content`` on standard input, as a console that knows no Vietnamese hands it on."""
    stream = io.TextIOWrapper(io.BytesIO(content), encoding="ascii")
    monkeypatch.setattr("sys.stdin", stream)


def objects(out: str) -> list[dict[str, Any]]:
    """Return the object of each line."""
    return [json.loads(line) for line in out.splitlines()]


def repaired(person: Person) -> dict[str, str]:
    """Return the fields with a name that the QR code of ``person`` has."""
    found = {
        "personal_number": person.number,
        "old_id_number": person.old_number,
        "full_name": person.full_name,
        "birth_date": iso(person.birth_date) or "",
        "sex": "male" if person.sex == "Nam" else "female",
        "place_of_residence": person.residence,
        "issue_date": iso(person.issue_date) or "",
    }
    return {name: value for name, value in found.items() if value}


@pytest.mark.parametrize("text", [MAN.qr, MAN.number, MAN.mrz, "", "nothing", "123|456"])
def test_keys(ecid: Command, text: str) -> None:
    """The object has the same keys whatever the text is."""
    found = ecid("qr", text, "--json").json
    assert set(found) == KEYS
    assert found["schema"] == SCHEMA
    assert set(found["fields"]) == {"scanned", "repaired", "extra"}


@pytest.mark.parametrize("name", [name for name in names() if name.startswith("vn-")])
def test_every_shipped_card(ecid: Command, name: str) -> None:
    """Fields and dates are the holder's; the expiry on the card is the likeliest candidate."""
    person = people()[definition(name).holder]
    answer = ecid("qr", issued(name).secrets.qr, "--json")
    found = answer.json
    assert answer.code == 0
    assert found["kind"] == "qr"
    assert found["damage"] is None
    assert found["personal_number"] == person.number
    assert found["fields"]["repaired"] == repaired(person)
    assert found["fields"]["scanned"] == person.qr.split("|")
    assert found["birth_date"] == iso(person.birth_date)
    assert found["issue_date"] == iso(person.issue_date)
    assert found["expiry_candidates"][0] == iso(person.expiry_date)
    assert len(found["expiry_candidates"]) <= 3


def test_no_expiry_is_null(ecid: Command) -> None:
    """A holder of 60 and more has a card without expiry: null, and nothing else."""
    assert ecid("qr", OLD_MAN.qr, "--json").json["expiry_candidates"] == [None]
    assert ecid("qr", OLD_MAN.mrz, "--json").json["expiry_candidates"] == [None]


def test_repaired_beside_scanned(ecid: Command) -> None:
    """Letters that came as numbers are read back; as scanned they stand beside."""
    scanned = WOMAN.qr.replace(WOMAN.full_name, "2727863ng Th7883 M7851u 7842o")
    found = ecid("qr", scanned, "--json").json
    assert found["damage"] == "code_point_decimals"
    assert found["fields"]["repaired"]["full_name"] == WOMAN.full_name
    assert found["fields"]["scanned"] == scanned.split("|")


def test_lines(ecid: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """A dash reads one text a line and answers with one object a line, --json or not."""
    scan(monkeypatch, f"\ufeff{MAN.qr}\r\n{WOMAN.number}\n{OLD_MAN.mrz}".encode())
    answer = ecid("qr", "-")
    assert answer.code == 0
    assert answer.err == ""
    found = objects(answer.out)
    assert [each["kind"] for each in found] == ["qr", "number", "mrz"]
    people_ = (MAN, WOMAN, OLD_MAN)
    assert [each["personal_number"] for each in found] == [person.number for person in people_]
    assert found[0]["fields"]["repaired"]["full_name"] == MAN.full_name
    assert all(set(each) == KEYS for each in found)


def test_line_that_cannot_be_read(ecid: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """Such a line gets its object between the others, and the exit code is 2."""
    scan(monkeypatch, b"\xff\xfe nobody\n" + f"{MAN.qr}\n".encode())
    answer = ecid("qr", "-", "--json")
    assert answer.code == 2
    first, second = objects(answer.out)
    assert (first["damage"], first["personal_number"]) == ("unreadable", None)
    assert first["expiry_candidates"] == []
    assert (second["damage"], second["personal_number"]) == (None, MAN.number)


def test_no_lines(ecid: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """No line, no object, and nothing wrong."""
    scan(monkeypatch, b"")
    answer = ecid("qr", "-")
    assert (answer.code, answer.out, answer.err) == (0, "", "")


@pytest.mark.parametrize(
    "text", ["", "x", MAN.number[1:], MAN.number + "0", "１２３４５６７８９０１２"]
)
def test_unreadable(ecid: Command, text: str) -> None:
    """Without twelve digits there is an object that says so, and exit 2."""
    answer = ecid("qr", text, "--json")
    assert answer.code == 2
    assert answer.json["damage"] == "unreadable"
    assert answer.json["personal_number"] is None
    assert answer.json["fields"]["scanned"] == [text]
    assert answer.err == ""


@pytest.mark.parametrize("language", LANGUAGES)
def test_unreadable_for_people(ecid: Command, language: str) -> None:
    """For people a sentence on standard error says it."""
    answer = ecid("qr", "x", "--lang", language)
    assert (answer.code, answer.out) == (2, "")
    assert template("damage.unreadable", language) in answer.err


def test_number_alone(ecid: Command) -> None:
    """A number alone is read, and says nothing about dates."""
    answer = ecid("qr", f" {WOMAN.number}\n", "--json")
    assert answer.code == 0
    assert answer.json["kind"] == "number"
    assert answer.json["personal_number"] == WOMAN.number
    assert answer.json["fields"]["repaired"] == {"personal_number": WOMAN.number}
    assert answer.json["birth_date"] is None
    assert answer.json["expiry_candidates"] == []
    assert answer.json["damage"] is None


@pytest.mark.parametrize("separator", ["", "\n", "\r\n", " "])
@pytest.mark.parametrize("person", [MAN, WOMAN], ids=["man", "woman"])
def test_mrz(ecid: Command, person: Person, separator: str) -> None:
    """The zone says number, date of birth, sex and the one date of expiry."""
    text = separator.join((person.mrz[:30], person.mrz[30:60], person.mrz[60:]))
    answer = ecid("qr", text, "--json")
    found = answer.json
    assert answer.code == 0
    assert (found["kind"], found["damage"], found["mrz_readings"]) == ("mrz", None, [])
    assert found["personal_number"] == person.number
    assert found["birth_date"] == iso(person.birth_date)
    assert found["expiry_candidates"] == [iso(person.expiry_date)]
    assert found["fields"]["repaired"] == {
        name: value
        for name, value in repaired(person).items()
        if name in {"personal_number", "birth_date", "sex"}
    }


@pytest.mark.parametrize("at", [5, 15, 30, 38])
def test_mrz_with_a_letter_for_a_zero(ecid: Command, at: int) -> None:
    """O for 0 in number, optional data or a date is put right, and the zone is shown."""
    zero = MAN.mrz.index("0", at)
    answer = ecid("qr", f"{MAN.mrz[:zero]}O{MAN.mrz[zero + 1 :]}", "--json")
    assert answer.code == 0
    assert answer.json["damage"] is None
    assert answer.json["personal_number"] == MAN.number
    assert answer.json["expiry_candidates"] == [iso(MAN.expiry_date)]
    assert answer.json["mrz_readings"] == [MAN.mrz]


def test_mrz_with_a_wrong_digit(ecid: Command) -> None:
    """A digit that is no look-alike is never put right: unreadable, exit 2."""
    answer = ecid("qr", MAN.mrz.replace("900715", "900716"), "--json")
    assert answer.code == 2
    assert (answer.json["kind"], answer.json["damage"]) == ("mrz", "unreadable")
    assert answer.json["personal_number"] is None
    assert answer.json["fields"]["repaired"] == {}


def test_layout_of_2024(ecid: Command) -> None:
    """Of eleven fields the last four have no name here: they stay as they came."""
    person = people()["can-cuoc-2024"]
    extra = [" 000098000001 ", "Thạch Thị Dụ", "", "x;y"]
    first = person.qr.split("|")[:7]
    answer = ecid("qr", "|".join((*first, *extra)), "--json")
    assert answer.code == 0
    assert answer.json["fields"]["extra"] == [each.strip() for each in extra]
    assert answer.json["fields"]["repaired"] == repaired(person)
    assert len(answer.json["fields"]["scanned"]) == 11


def test_nothing_given(ecid: Command) -> None:
    """Without an argument there is nothing to say: exit 2, one object."""
    answer = ecid("qr", "--json")
    assert answer.code == 2
    assert answer.json["schema"] == "ecid-error/1"
    assert answer.json["code"] == "qr_missing"
    assert ecid("qr").out == ""


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("person", [MAN, WOMAN, OLD_MAN], ids=["man", "woman", "old man"])
def test_for_people(ecid: Command, person: Person, language: str) -> None:
    """Each field has its name in the language, after a line that says how much it is worth."""
    answer = ecid("qr", person.qr, "--lang", language)
    assert answer.code == 0
    warning, *lines = answer.out.splitlines()
    assert warning == template("cli.qr.unverified", language)
    fields = repaired(person)
    fields["sex"] = template(f"sex.{fields['sex']}", language)
    expiry = iso(person.expiry_date) or template("identity.no_expiry", language)
    if language == "vi":
        fields |= {"birth_date": person.birth_date, "issue_date": person.issue_date}
        expiry = person.expiry_date
    expected = [f"{template(f'identity.{key}', language)}: {fields[key]}" for key in fields]
    assert lines[: len(expected)] == expected
    assert lines[len(expected)] == f"{template('cli.qr.candidates', language)}: {expiry}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_labels_of_2024(ecid: Command, language: str) -> None:
    """A card issued under the law of 2024 has the labels of its layout."""
    out = ecid("qr", people()["can-cuoc-2024"].qr, "--lang", language).out
    for key in ("full_name", "place_of_residence", "birth_date"):
        assert f"\n{template(f'identity_2024.{key}', language)}: " in out


def test_labels_of_2021() -> None:
    """The labels are those that are printed on the card, by the glossary's table."""
    assert template("identity.personal_number", "vi") == "Số / No."
    assert template("identity.birth_date", "vi") == "Ngày sinh"
    assert template("identity_2024.birth_date", "vi") == "Ngày, tháng, năm sinh"
    assert template("identity_2024.full_name", "vi") == "Họ, chữ đệm và tên khai sinh"
    assert template("identity_2024.mother_name", "vi") == "Họ, chữ đệm và tên mẹ"


@pytest.mark.parametrize("language", LANGUAGES)
def test_damage_for_people(ecid: Command, language: str) -> None:
    """What a scanner did to the text comes first, with what to change."""
    scanned = MAN.qr.replace("ễ", "e\u0302\u0303")
    first, *rest = ecid("qr", scanned, "--lang", language).out.splitlines()
    assert template("damage.decomposed", language) in first
    assert any(line.endswith(f": {MAN.full_name}") for line in rest)


@pytest.mark.parametrize("language", LANGUAGES)
def test_reading_for_people(ecid: Command, language: str) -> None:
    """A zone that was put right is shown, to be compared with the card."""
    out = ecid("qr", MAN.mrz.replace("0", "O", 1), "--lang", language).out
    assert template("cli.qr.reading", language).format(mrz=MAN.mrz) in out.splitlines()


def test_control_characters(ecid: Command) -> None:
    """What moves a cursor is spelled out for people."""
    out = ecid("qr", MAN.qr.replace("Nguyễn", "Ng\x1b[J")).out
    assert "\x1b" not in out
    assert "[U+001B]" in out


def test_mrz_with_a_mistyped_digit_in_the_number(ecid: Command) -> None:
    """A digit that a look-alike letter would suit is no letter: no number, nothing to try."""
    answer = ecid("qr", MAN.mrz.replace("VNM0", "VNM5", 1), "--json")
    assert (answer.code, answer.json["damage"]) == (2, "unreadable")
    assert answer.json["personal_number"] is None
    assert answer.json["mrz_readings"] == []


def test_century_by_the_number(ecid: Command) -> None:
    """Two digits of a year are one of two; the number says which."""
    old = replace(
        OLD_MAN,
        number=f"{OLD_MAN.number[:4]}20{OLD_MAN.number[6:]}",
        birth_date="02/09/1920",
    )
    assert ecid("qr", old.mrz, "--json").json["birth_date"] == "1920-09-02"


@pytest.mark.parametrize(
    "text", ["000 090 123 456", "000 090 123 456|012345678|Nguyễn Văn Mẫu|15071990|Nam||01062021"]
)
def test_number_in_threes(ecid: Command, text: str) -> None:
    """People write the number in threes."""
    assert ecid("qr", text, "--json").json["personal_number"] == "000090123456"


@pytest.mark.parametrize("year", ["0000", "0001", "1899", "9990", "9999"])
def test_any_year(ecid: Command, year: str) -> None:
    """A year that nobody was born in is no date, and one beyond the calendar no crash."""
    text = f"000090123456||A|1507{year}|Nam|B|0106{year}"
    answer = ecid("qr", text, "--json")
    assert answer.code == 0
    if year < "1900":
        assert answer.json["birth_date"] is answer.json["issue_date"] is None


def test_bytes_that_are_no_text(ecid: Command) -> None:
    """Bytes of a command line that are no UTF-8 reach nobody's terminal as they are."""
    text = "000090123456||\udcff\udce1|15071990|Nam|x|01062021"
    for options in ([], ["--json"]):
        answer = ecid("qr", text, *options)
        assert answer.code == 0
        assert answer.out.encode()


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16"])
def test_utf_16(ecid: Command, monkeypatch: pytest.MonkeyPatch, encoding: str) -> None:
    """Programs of Windows write UTF-16: each line is unreadable, and the reason is said once."""
    scan(monkeypatch, f"{MAN.qr}\r\n{WOMAN.qr}\r\n".encode(encoding))
    answer = ecid("qr", "-", "--lang", "vi")
    assert answer.code == 2
    assert answer.err.splitlines() == [template("cli.qr.utf16", "vi")]
    assert {each["damage"] for each in objects(answer.out)} == {"unreadable"}
