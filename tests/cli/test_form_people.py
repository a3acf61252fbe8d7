"""``ecid form fill``: who stands where, what is odd about it, and where each value stands."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from ecid.text import template
from form_kit import AT, CARDS, FATHER, LANGUAGES, MOTHER, REQUESTER, fill, says_nothing_of
from inspection_kit import Answer, Command

MAN, WOMAN, EXPIRED = "vn-cccd-2021", "vn-cccd-2021-nu", "vn-cccd-2021-het-han"


def of(
    ecid: Command, number: int, anchor: Path, persons: list[tuple[str, Path]], *more: object
) -> Answer:
    """Fill the form ``number``; a role may come more than once."""
    options = [each for role, file in persons for each in ("--person", f"{role}={file}")]
    return ecid("form", "fill", number, *options, "--trust", anchor, *AT, *more)


# Wrong people.


@pytest.mark.parametrize(
    ("number", "roles"), [(9, ("mother", "father")), (11, ("wife", "husband"))]
)
def test_one_card_for_a_man_and_a_woman(
    ecid: Command, cards: Mapping[str, Path], anchor: Path, number: int, roles: tuple[str, str]
) -> None:
    """Nobody is both: exit 2, and nothing of the card is printed."""
    answer = of(ecid, number, anchor, [(role, cards[MAN]) for role in roles], "--json")
    assert (answer.code, answer.json["code"]) == (2, "same_person")
    assert ", ".join(roles) in answer.json["message"]
    assert says_nothing_of(answer, FATHER)


@pytest.mark.parametrize("language", LANGUAGES)
def test_sex_unlike_the_role(
    ecid: Command, cards: Mapping[str, Path], anchor: Path, language: str
) -> None:
    """Cards that changed places are said on standard error, one line each, and in JSON."""
    persons = [("mother", cards[MAN]), ("father", cards[WOMAN])]
    answer = of(ecid, 9, anchor, persons, "--json", "--lang", language)
    assert answer.code == 0
    assert answer.json["findings"] == [
        {"code": "unlike_sex", "persons": ["mother"]},
        {"code": "unlike_sex", "persons": ["father"]},
    ]
    said = template("cli.form.remark.unlike_sex", language)
    names = {"vi": ("mẹ", "cha"), "en": ("mother", "father")}[language]
    assert answer.err.splitlines()[:2] == [said.format(persons=name) for name in names]


def test_right_people(ecid: Command, family: dict[str, Path], anchor: Path) -> None:
    """A mother who requests, a woman as mother: nothing is odd."""
    files = family | {"requester": family["mother"]}
    answer = fill(ecid, files, anchor, "--json")
    assert (answer.json["findings"], answer.json["expired"]) == ([], [])
    assert answer.err.splitlines() == [template("cli.form.not_live", "en")]


@pytest.mark.parametrize(
    ("number", "roles", "places"),
    [
        (10, ["requester", "deceased"], ["requester", "deceased"]),
        (3, ["member", "member"], ["member.1", "member.2"]),
        (17, ["member", "applicant"], ["member.1", "applicant"]),
    ],
)
def test_one_card_in_two_roles(
    ecid: Command,
    cards: Mapping[str, Path],
    anchor: Path,
    number: int,
    roles: list[str],
    places: list[str],
) -> None:
    """Where that is odd it is said, and the clerk may have a reason."""
    answer = of(ecid, number, anchor, [(role, cards[MAN]) for role in roles], "--json")
    assert answer.code == 0
    assert answer.json["findings"] == [{"code": "same_person", "persons": places}]
    assert answer.err.count("\n") == 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_expired_card(
    ecid: Command, cards: Mapping[str, Path], anchor: Path, language: str
) -> None:
    """An expired card is genuine: the form is filled, and one line says whose it is."""
    answer = of(ecid, 20, anchor, [("applicant", cards[EXPIRED])], "--json", "--lang", language)
    assert answer.code == 0
    assert answer.json["expired"] == ["applicant"]
    assert answer.json["fields"]
    line, _ = answer.err.splitlines()
    assert line.startswith(template("cli.form.remark.document_expired", language).split(":")[0])


# Several people of one role.


def test_members(ecid: Command, cards: Mapping[str, Path], anchor: Path) -> None:
    """Each member of a household has fields of their own, in the order of the cards."""
    names = [CARDS["requester"], WOMAN, MAN]
    persons = [("member", cards[name]) for name in names]
    found = of(ecid, 3, anchor, persons, "--json").json
    values = [found["fields"][f"member.{n}.full_name"]["value"] for n in (1, 2, 3)]
    assert values == [REQUESTER.full_name, MOTHER.full_name, FATHER.full_name]
    assert "member.4.full_name" not in found["fields"]
    assert found["fields"]["member.2.full_name"]["person"] == "member.2"
    asked = [each["name"] for each in found["open"] if each["person"].startswith("member")]
    assert [name.partition(".")[2][0] for name in asked] == sorted("123" * (len(asked) // 3))
    assert all(role["repeat"] is (role["role"] == "member") for role in found["persons"])


def test_members_for_the_clipboard(ecid: Command, cards: Mapping[str, Path], anchor: Path) -> None:
    """Labels count them, too, and all fields of one person stand together."""
    persons = [("member", cards[WOMAN]), ("member", cards[MAN])]
    lines = of(ecid, 3, anchor, persons, "--lang", "vi").out.splitlines()
    filled = [line for line in lines if not line.endswith("\t")]
    assert f"thành viên 2: Họ, chữ đệm và tên\t{FATHER.full_name}" in filled
    numbers = [line.split(":")[0][-1] for line in filled if line.startswith("thành viên")]
    assert numbers == sorted(numbers)


# Where the values stand.


def test_without_dg13(
    ecid: Command, cards: Mapping[str, Path], anchor: Path, tmp_path: Path
) -> None:
    """The zone has dates and number; a name without accents and a code are no words for a form."""
    folder = Path(shutil.copytree(cards[WOMAN], tmp_path / "less"))
    (folder / "EF_DG13.bin").unlink()
    found = of(ecid, 11, anchor, [("wife", folder)], "--json").json
    sources = {name: field["source"] for name, field in found["fields"].items()}
    assert sources == {"wife.birth_date": "DG1", "wife.personal_number": "DG1"}
    assert {"wife.full_name", "wife.nationality"} <= {each["name"] for each in found["open"]}
    found = of(ecid, 9, anchor, [("mother", folder)], "--json").json
    assert found["fields"]["mother.birth_year"]["source"] == "derived: DG1"
    assert set(found["fields"]) == {"mother.birth_year"}
