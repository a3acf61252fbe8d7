"""``ecid form``: the 25 forms, filled from chips that verify, and from nothing else."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from ecid import emulator
from ecid.cli.form import SCHEMA
from ecid.profiles.vietnam.forms import From, services
from ecid.text import template
from form_kit import (
    AT,
    BIRTH,
    CARDS,
    FATHER,
    FILLED,
    LANGUAGES,
    MOTHER,
    NEW_AUTHORITY,
    OLD_AUTHORITY,
    OPEN,
    REQUESTER,
    SOURCED,
    fill,
    named,
    parent,
    says_nothing_of,
)
from inspection_kit import Answer, Command

# The list and the page of a form.


def test_list(ecid: Command) -> None:
    """There are 25 services, numbered from 1, each with a slug of its own and a form."""
    answer = ecid("form", "list", "--json")
    found = answer.json["services"]
    assert answer.code == 0
    assert answer.json["schema"] == SCHEMA
    assert [each["number"] for each in found] == list(range(1, 26))
    assert len({each["slug"] for each in found}) == 25
    for each in found:
        assert each["title_vi"]
        assert each["title_en"]
        assert each["form"]
        assert each["persons"]
    assert {each["number"] for each in found if each["sourced"]} == SOURCED


@pytest.mark.parametrize("language", LANGUAGES)
def test_list_for_people(ecid: Command, language: str) -> None:
    """Each line has number, slug and title; a form that nobody found in public says so."""
    answer = ecid("form", "list", "--lang", language)
    lines = answer.out.splitlines()
    assert answer.code == 0
    assert len(lines) == 25
    for line, each in zip(lines, services(), strict=True):
        assert line.split()[:2] == [str(each.number), each.slug]
        assert (each.title_vi if language == "vi" else each.title_en) in line
        assert (template("cli.form.unsourced", language) in line) is not each.sourced


@pytest.mark.parametrize("number", range(1, 26))
def test_show(ecid: Command, number: int) -> None:
    """A form has the same page by number and by slug; each field says where it comes from."""
    found = ecid("form", "show", number, "--json").json
    assert found == ecid("form", "show", found["slug"], "--json").json
    assert found["number"] == number
    roles = {person["role"] for person in found["persons"]}
    names = [field["name"] for field in found["fields"]]
    assert len(set(names)) == len(names) > 0
    for field in found["fields"]:
        assert field["person"] in roles
        assert field["name"].startswith(field["person"] + ".")
        assert field["label_vi"]
        assert field["label_en"]
        assert field["from"] in {"chip", "derived", "ask"}
        assert (field["chip"] is not None) is (field["from"] == "chip")


def test_show_birth(ecid: Command) -> None:
    """The registration of birth has the fields of its public form, and two of them are asked."""
    found = ecid("form", "show", "dang-ky-khai-sinh", "--json").json
    assert found["number"] == BIRTH
    assert {field["name"] for field in found["fields"]} == {*FILLED, *OPEN}
    assert [field["name"] for field in found["fields"] if field["from"] == "ask"] == OPEN
    places = {field["name"]: field["chip"] for field in found["fields"] if field["chip"]}
    assert places == {name: place for name, (_, place) in FILLED.items() if ":" not in place}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("number", [BIRTH, 10])
def test_show_for_people(ecid: Command, number: int, language: str) -> None:
    """Title, form and every label are in the language."""
    service = services()[number - 1]
    out = ecid("form", "show", number, "--lang", language).out
    flat = " ".join(out.split())
    assert (service.title_vi if language == "vi" else service.title_en) in flat
    assert service.form in flat
    assert (template("cli.form.unsourced", language) in flat) is not service.sourced
    for field in service.fields:
        assert (field.vi if language == "vi" else field.en).split()[0] in flat


@pytest.mark.parametrize("command", ["show", "fill"])
@pytest.mark.parametrize(
    "code",
    ["0", "26", "09.5", "khai-sinh", "", "\x1b[31m", "000090123456", "Nguyễn Văn Mẫu", "９"],
)
def test_unknown_form(ecid: Command, command: str, code: str) -> None:
    """Another number or slug: exit 2; what may be a name or a number is not repeated."""
    answer = ecid("form", command, code, "--json")
    assert answer.code == 2
    assert answer.json["code"] == "unknown_form"
    said = ecid("form", command, code).err
    assert "\x1b" not in said
    assert len(code) < 10 or code not in said


def test_number_with_a_zero_before_it(ecid: Command) -> None:
    """``09`` is 9."""
    assert ecid("form", "show", "09", "--json").json["number"] == BIRTH


# Filling.


def test_fill(ecid: Command, family: dict[str, Path], anchor: Path) -> None:
    """Three chips give fifteen fields, each with its value and where that stands."""
    answer = fill(ecid, family, anchor, "--json")
    found = answer.json
    assert answer.code == 0
    assert (found["schema"], found["number"], found["slug"]) == (SCHEMA, 9, "dang-ky-khai-sinh")
    assert found["checked_live"] is False
    assert found["emulated"] is True
    assert len(found["fields"]) == 15
    assert {n: (f["value"], f["source"]) for n, f in found["fields"].items()} == FILLED
    assert [field["name"] for field in found["open"]] == OPEN
    for name, field in found["fields"].items():
        assert field["person"] == name.partition(".")[0]
        assert field["label_vi"] != field["label_en"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_not_live(ecid: Command, family: dict[str, Path], anchor: Path, language: str) -> None:
    """Standard error says that the chip was not checked live, whatever is on the other."""
    for json in ([], ["--json"]):
        answer = fill(ecid, family, anchor, "--lang", language, *json)
        assert answer.err.splitlines() == [template("cli.form.not_live", language)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_text_for_the_clipboard(
    ecid: Command, family: dict[str, Path], anchor: Path, language: str
) -> None:
    """Each field is a line: label, tab, value; what has to be asked has no value."""
    service = services()[BIRTH - 1]
    answer = fill(ecid, family, anchor, "--lang", language)
    expected = {
        f"{getattr(service.role(field.person), language)}: {getattr(field, language)}": (
            FILLED[field.name][0] if field.name in FILLED else ""
        )
        for field in service.fields
    }
    assert len(expected) == 17
    lines = [line.partition("\t") for line in answer.out.splitlines()]
    assert {label: value for label, tab, value in lines if tab} == expected
    assert len(lines) == len(expected)


def test_one_person(ecid: Command, cards: Mapping[str, Path], anchor: Path) -> None:
    """Who is not named leaves every field of theirs open."""
    found = fill(ecid, {"mother": cards[CARDS["mother"]]}, anchor, "--json").json
    assert set(found["fields"]) == set(parent("mother", MOTHER))
    assert len(found["open"]) == 12


def test_from_an_evidence_file(ecid: Command, recording: Path, anchor: Path) -> None:
    """An evidence file is as good as a folder."""
    found = fill(ecid, {"father": recording}, anchor, "--json").json
    values = {name: (f["value"], f["source"]) for name, f in found["fields"].items()}
    assert values == parent("father", FATHER)


def filled(ecid: Command, number: int, card: Path, anchor: Path) -> dict[str, Any]:
    """Return the fields of a form with one person, filled from ``card``."""
    [role] = services()[number - 1].roles
    arguments = ("--person", f"{role.key}={card}", "--trust", anchor, *AT, "--json")
    found = ecid("form", "fill", number, *arguments).json
    return {name: field["value"] for name, field in found["fields"].items()}


@pytest.mark.parametrize(
    ("name", "authority"), [("vn-cc-2024", NEW_AUTHORITY), ("vn-cccd-2021-nu", OLD_AUTHORITY)]
)
def test_issuing_authority(
    ecid: Command, cards: Mapping[str, Path], anchor: Path, name: str, authority: str
) -> None:
    """The chip does not say who issued it: the first day of the law of 2024 decides."""
    fields = filled(ecid, 20, cards[name], anchor)
    assert fields["applicant.issuing_authority"] == authority


def test_as_forms_have_it(ecid: Command, cards: Mapping[str, Path], anchor: Path) -> None:
    """Dates stand day first and the sex is a Vietnamese word, whatever the language."""
    fields = filled(ecid, 22, cards["vn-cccd-2021-nu"], anchor)
    assert fields["applicant.birth_date"] == MOTHER.birth_date
    assert fields["applicant.issue_date"] == MOTHER.issue_date
    assert fields["applicant.sex"] == "Nữ"
    assert fields["applicant.spouse_name"] == MOTHER.spouse_name


def test_what_the_chip_lacks_is_open(
    ecid: Command, cards: Mapping[str, Path], anchor: Path
) -> None:
    """A field that the chip has no content for is asked, not left out."""
    arguments = ("--person", f"applicant={cards['vn-cccd-2021-nu']}", "--trust", anchor, *AT)
    found = ecid("form", "fill", 1, *arguments, "--json").json
    assert "applicant.old_id_number" in [field["name"] for field in found["open"]]


def test_every_form_can_be_filled(ecid: Command, cards: Mapping[str, Path], anchor: Path) -> None:
    """Each of the 25 takes a chip for every role and asks what no chip has."""
    whole, woman = cards["vn-cccd-2021"], cards["vn-cccd-2021-nu"]
    for service in services():
        chips = {role.key: woman if role.sex == "female" else whole for role in service.roles}
        arguments = (*named(chips), "--trust", anchor, *AT, "--json")
        found = ecid("form", "fill", service.number, *arguments).json
        several = {role.key for role in service.roles if role.repeat}
        names = {
            f"{each.person}{'.1' * (each.person in several)}.{each.key}": each
            for each in service.fields
        }
        asked = [name for name, each in names.items() if each.source is From.ASK]
        lacking = {"wife.spouse_name", "mother.old_id_number"}
        assert set(asked) <= {each["name"] for each in found["open"]} <= {*asked, *lacking}
        assert {*found["fields"], *(each["name"] for each in found["open"])} == set(names)


# Who stands where.


@pytest.mark.parametrize(
    ("word", "role"),
    [
        ("me", "mother"),
        ("cha", "father"),
        ("bo", "father"),
        ("Mother", "mother"),
        (" CHA ", "father"),
    ],
)
def test_other_words_for_a_role(
    ecid: Command, cards: Mapping[str, Path], anchor: Path, word: str, role: str
) -> None:
    """A role has Vietnamese names, too, and case does not matter."""
    found = fill(ecid, {word: cards[CARDS[role]]}, anchor, "--json").json
    person = {"mother": MOTHER, "father": FATHER}[role]
    assert found["fields"][f"{role}.full_name"]["value"] == person.full_name


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ([], "person_missing"),
        (["{card}"], "person_format"),
        (["mother="], "person_format"),
        (["mother"], "person_format"),
        ([""], "person_format"),
        (["aunt={card}"], "unknown_role"),
        (["={card}"], "unknown_role"),
        (["buyer={card}"], "unknown_role"),
        (["mother={card}", "mother={card}"], "person_twice"),
        (["me={card}", "mother={card}"], "person_twice"),
        (["000090123456"], "person_format"),
        (["Nguyễn Văn Mẫu={card}"], "unknown_role"),
    ],
)
def test_misused(
    ecid: Command, cards: Mapping[str, Path], anchor: Path, given: list[str], code: str
) -> None:
    """Nobody, a role that the form lacks, twice the same, no file: exit 2 and no data."""
    card = cards[CARDS["mother"]]
    persons = [each for text in given for each in ("--person", text.format(card=card))]
    answer = ecid("form", "fill", BIRTH, *persons, "--trust", anchor, *AT, "--json")
    assert answer.code == 2
    assert answer.json["code"] == code
    assert says_nothing_of(answer, MOTHER, FATHER)


def test_roles_are_named(ecid: Command, anchor: Path) -> None:
    """Who does not know the roles is told them."""
    for arguments in ((), ("--person", f"aunt={anchor}")):
        answer = ecid("form", "fill", BIRTH, *arguments)
        assert "requester, mother, father" in answer.err


@pytest.mark.parametrize("name", ["absent", "empty"])
def test_no_evidence(
    ecid: Command, family: dict[str, Path], anchor: Path, tmp_path: Path, name: str
) -> None:
    """No such file, a folder without files of a chip: exit 21, and nothing of the others."""
    (tmp_path / "empty").mkdir()
    answer = fill(ecid, family | {"father": tmp_path / name}, anchor, "--json")
    assert answer.code == 21
    assert answer.json["schema"] == "ecid-error/1"
    assert says_nothing_of(answer, REQUESTER, MOTHER)


# Cards that are not verified.


def altered(card: Path, target: Path) -> Path:
    """Return a copy of ``card`` whose DG1 has another letter in the name."""
    folder = Path(shutil.copytree(card, target))
    file = folder / "EF_DG1.bin"
    file.write_bytes(file.read_bytes().replace(b"NGUYEN", b"NGUYEM"))
    return folder


def refused(answer: Answer, code: int, out: Path) -> None:
    """Assert that the answer is a refusal, and that there is no data anywhere."""
    assert answer.code == code
    assert answer.json["code"] == "form_not_verified"
    assert says_nothing_of(answer, REQUESTER, MOTHER, FATHER)
    assert not out.exists()


def test_altered_card(
    ecid: Command, family: dict[str, Path], anchor: Path, tmp_path: Path, word: Path
) -> None:
    """One failed card among three: exit 10, not a word of the others, and no document."""
    out = tmp_path / "out.docx"
    files = family | {"father": altered(family["father"], tmp_path / "altered")}
    refused(fill(ecid, files, anchor, "--template", word, "--out", out, "--json"), 10, out)
    answer = fill(ecid, files, anchor)
    assert (answer.code, answer.out) == (10, "")
    assert says_nothing_of(answer, REQUESTER, MOTHER, FATHER)


def test_card_without_its_anchor(
    ecid: Command, family: dict[str, Path], tmp_path: Path, word: Path
) -> None:
    """A card that nobody in --trust vouches for: exit 11, no data, no document."""
    out, other = tmp_path / "out.docx", tmp_path / "other.der"
    other.write_bytes(emulator.issue("vn-cccd-2021", seed=1).csca)
    refused(fill(ecid, family, other, "--template", word, "--out", out, "--json"), 11, out)
    answer = fill(ecid, family, other)
    assert (answer.code, answer.out) == (11, "")
    assert says_nothing_of(answer, REQUESTER, MOTHER, FATHER)


def test_policy_counts(ecid: Command, family: dict[str, Path], anchor: Path) -> None:
    """A stored card is not verified under a policy that wants a live chip."""
    answer = fill(ecid, family, anchor, "--policy", "counter", "--json")
    assert answer.code == 11
    assert answer.json["code"] == "form_not_verified"


def test_moment_counts(ecid: Command, family: dict[str, Path], anchor: Path) -> None:
    """--at is the moment to judge at: before the certificates began nothing is verified."""
    persons = named({"mother": family["mother"]})
    arguments = ("--trust", anchor, "--at", "2020-01-01", "--json")
    answer = ecid("form", "fill", BIRTH, *persons, *arguments)
    assert answer.code == 10
    assert says_nothing_of(answer, MOTHER)
