"""``ecid form``: the 25 forms, filled from chips that verify, and from nothing else."""

from __future__ import annotations

import io
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import docx
import pytest

from ecid import emulator
from ecid.cli.form import SCHEMA
from ecid.emulator.personalise.person import Person, people
from ecid.profiles.vietnam import document
from ecid.profiles.vietnam.forms import From, services
from ecid.text import template
from inspection_kit import Answer, Command, issued

LANGUAGES = ("vi", "en")
BIRTH = 9
REQUESTER, MOTHER, FATHER = (people()[key] for key in ("tuoi-26", "nu", "nam"))
#: Who stands in which role of the registration of birth, and whose card that is.
CARDS = {
    "requester": "vn-cccd-2021-tuoi-26",
    "mother": "vn-cccd-2021-nu",
    "father": "vn-cccd-2021",
}
OTHERS = ("vn-cc-2024", "vn-cccd-2021-khong-cha", "vn-cccd-2021-permanent")
#: The services whose form was seen in a public source (S in the reference's list).
SOURCED = {1, 2, 3, 4, 5, 6, 9, 12, 20, 22}
#: A moment at which every emulated certificate and card is valid.
AT = ("--at", "2026-01-01")
OLD_AUTHORITY = "Cục Cảnh sát quản lý hành chính về trật tự xã hội"
NEW_AUTHORITY = "Bộ Công an"


def parent(role: str, person: Person) -> dict[str, tuple[str, str]]:
    """Return the fields of a parent in the registration of birth, value and source each."""
    return {
        f"{role}.full_name": (person.full_name, "DG13.2"),
        f"{role}.birth_year": (person.birth_date[-4:], "derived: DG13.3"),
        f"{role}.ethnicity": (person.ethnicity, "DG13.6"),
        f"{role}.nationality": (person.nationality, "DG13.5"),
        f"{role}.place_of_residence": (person.residence, "DG13.9"),
    }


FILLED = {
    "requester.full_name": (REQUESTER.full_name, "DG13.2"),
    "requester.place_of_residence": (REQUESTER.residence, "DG13.9"),
    "requester.personal_number": (REQUESTER.number, "DG13.1"),
    "requester.issue_date": (REQUESTER.issue_date, "DG13.11"),
    "requester.issuing_authority": (OLD_AUTHORITY, "derived: DG13.11"),
    **parent("mother", MOTHER),
    **parent("father", FATHER),
}
OPEN = ["requester.relation", "requester.child"]


@pytest.fixture(scope="module")
def cards(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """Return a folder for each card by name; not to be changed."""
    root = tmp_path_factory.mktemp("cards")
    folders = {name: root / name for name in (*CARDS.values(), *OTHERS)}
    for name, folder in folders.items():
        issued(name).save(folder)
    return folders


@pytest.fixture
def family(cards: Mapping[str, Path]) -> dict[str, Path]:
    """Return the folder of each person in the registration of birth, by role."""
    return {role: cards[name] for role, name in CARDS.items()}


def named(files: Mapping[str, Path]) -> list[str]:
    """Return the options that name ``files`` by role."""
    return [each for role, file in files.items() for each in ("--person", f"{role}={file}")]


def fill(ecid: Command, files: Mapping[str, Path], anchor: Path, *more: object) -> Answer:
    """Fill the registration of birth from ``files``."""
    return ecid("form", "fill", BIRTH, *named(files), "--trust", anchor, *AT, *more)


def says_nothing_of(answer: Answer, *persons: Person) -> bool:
    """Whether no text of the chips of ``persons`` is in the answer."""
    values = {
        value
        for person in persons
        for value in (person.number, person.full_name, person.given_names, person.residence)
    }
    return not any(value in answer.out + answer.err for value in values)


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
@pytest.mark.parametrize("code", ["0", "26", "09.5", "khai-sinh", "", "\x1b[31m"])
def test_unknown_form(ecid: Command, command: str, code: str) -> None:
    """Another number or slug: exit 2."""
    answer = ecid("form", command, code, "--json")
    assert answer.code == 2
    assert answer.json["code"] == "unknown_form"
    assert "\x1b" not in ecid("form", command, code).err


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
    card = cards["vn-cccd-2021"]
    for service in services():
        files = named({role.key: card for role in service.roles})
        found = ecid("form", "fill", service.number, *files, "--trust", anchor, *AT, "--json").json
        asked = [field.name for field in service.fields if field.source is From.ASK]
        assert [field["name"] for field in found["open"]] == asked
        assert {*found["fields"], *asked} == {field.name for field in service.fields}


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
    assert says_nothing_of(answer, MOTHER)


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


# Word templates.


def template_of(*paragraphs: str) -> bytes:
    """Return a Word file with these paragraphs."""
    made, target = docx.Document(), io.BytesIO()
    for text in paragraphs:
        made.add_paragraph(text)
    made.save(target)
    return target.getvalue()


def text_of(path: Path) -> list[str]:
    """Return the paragraphs of a Word file."""
    return [paragraph.text for paragraph in docx.Document(str(path)).paragraphs]


@pytest.fixture
def word(tmp_path: Path) -> Path:
    """Return a template with the names of both parents."""
    path = tmp_path / "template.docx"
    path.write_bytes(template_of("Mẹ: {{ mother.full_name }}", "Cha: {{ father.full_name }}"))
    return path


def test_document(
    ecid: Command, family: dict[str, Path], anchor: Path, tmp_path: Path, word: Path
) -> None:
    """The document holds the names with their accents; what is on the other outputs stays."""
    out = tmp_path / "out.docx"
    answer = fill(ecid, family, anchor, "--template", word, "--out", out, "--json")
    assert answer.code == 0
    assert text_of(out) == [f"Mẹ: {MOTHER.full_name}", f"Cha: {FATHER.full_name}"]
    assert len(answer.json["fields"]) == 15
    assert answer.err.splitlines() == [
        template("cli.form.written", "en").format(path=out),
        template("cli.form.not_live", "en"),
    ]
    assert out.stat().st_mode & 0o077 == 0


def documented(ecid: Command, files: Mapping[str, Path], anchor: Path, word: Path) -> list[str]:
    """Return the paragraphs of the document that ``word`` becomes."""
    out = word.parent / "out.docx"
    assert fill(ecid, files, anchor, "--template", word, "--out", out).code == 0
    return text_of(out)


def test_placeholders_without_content(
    ecid: Command, cards: Mapping[str, Path], anchor: Path, word: Path
) -> None:
    """Nobody named for the role, a field that is asked or that does not exist: empty."""
    word.write_bytes(
        template_of("[{{ father.full_name }}]", "[{{ requester.child }}]", "[{{ mother.height }}]")
    )
    files = {"mother": cards[CARDS["mother"]]}
    assert documented(ecid, files, anchor, word) == ["[]", "[]", "[]"]


def test_signs_that_mean_something_in_xml(
    ecid: Command, cards: Mapping[str, Path], anchor: Path, word: Path
) -> None:
    """A name of the highlands keeps its apostrophe."""
    word.write_bytes(template_of("{{ mother.full_name }}"))
    files = {"mother": cards["vn-cccd-2021-khong-cha"]}
    assert documented(ecid, files, anchor, word) == ["H'Mẫu Niê Ví Dụ"]


def broken_templates() -> dict[str, bytes]:
    """Return files that are no templates, by what is wrong with them."""
    whole = template_of("{{ mother.full_name }}")
    return {
        "nothing": b"",
        "text": b"{{ mother.full_name }}",
        "half": whole[: len(whole) // 2],
        "damaged": whole[:60] + bytes(16) + whole[76:],
        "unclosed": template_of("{{ mother.full_name"),
        "unknown tag": template_of("{% open %}"),
        "sum": template_of("{{ 1 // 0 }}"),
        "endless": template_of("{% for i in range(10 ** 9) %}x{% endfor %}"),
        "other file": template_of("{% include '/etc/passwd' %}"),
        "other person": template_of("{{ aunt.full_name }}"),
    }


def not_written(answer: Answer, out: Path) -> None:
    """Assert that the template was refused and that the file at ``out`` is the old one."""
    assert answer.code == 9
    assert (answer.json["exit"], answer.json["code"]) == (9, "malformed")
    assert says_nothing_of(answer, REQUESTER, MOTHER, FATHER)
    assert out.read_bytes() == b"the old one"
    assert sorted(path.name for path in out.parent.iterdir()) == ["out.docx"]


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """Return a file that was there before, alone in its folder."""
    path = tmp_path / "documents" / "out.docx"
    path.parent.mkdir()
    path.write_bytes(b"the old one")
    return path


@pytest.mark.parametrize("name", broken_templates())
def test_no_template(
    ecid: Command, family: dict[str, Path], anchor: Path, word: Path, out: Path, name: str
) -> None:
    """What is no template: one error, nothing half-written, no data on the other outputs."""
    word.write_bytes(broken_templates()[name])
    not_written(fill(ecid, family, anchor, "--template", word, "--out", out, "--json"), out)


@pytest.mark.parametrize(
    "expression",
    [
        "''.__class__.__mro__",
        "mother.full_name.__class__.__mro__",
        "mother.__init__.__globals__",
        "self.__init__.__globals__",
        "cycler.__init__.__globals__.os",
        "'{0.__class__.__mro__}'.format(1)",
        "mother.update({'full_name': 'Somebody Else'})",
    ],
)
def test_template_that_reaches_out(
    ecid: Command, family: dict[str, Path], anchor: Path, word: Path, out: Path, expression: str
) -> None:
    """A template is data: it reaches no internals of Python and changes no field."""
    word.write_bytes(template_of("{{ " + expression + " }}"))
    not_written(fill(ecid, family, anchor, "--template", word, "--out", out, "--json"), out)


@pytest.mark.parametrize(
    "expression", ["''.__class__", "''|attr('__class__')|attr('__mro__')", "mother.clear"]
)
def test_template_that_gets_nothing(
    ecid: Command, family: dict[str, Path], anchor: Path, word: Path, expression: str
) -> None:
    """What stays hidden from a template is as empty as a field that does not exist."""
    word.write_bytes(template_of("[{{ " + expression + " }}]"))
    assert documented(ecid, family, anchor, word) == ["[]"]


def test_template_that_is_too_large(
    ecid: Command,
    family: dict[str, Path],
    anchor: Path,
    word: Path,
    out: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """There is a limit, and it is asked before anything is unpacked."""
    monkeypatch.setattr(document, "MAX_TEMPLATE", word.stat().st_size - 1)
    answer = fill(ecid, family, anchor, "--template", word, "--out", out, "--json")
    assert (answer.code, answer.json["code"]) == (21, "evidence_too_large")
    assert out.read_bytes() == b"the old one"


@pytest.mark.parametrize("option", ["--template", "--out"])
def test_template_and_out(
    ecid: Command, family: dict[str, Path], anchor: Path, word: Path, option: str
) -> None:
    """One without the other: exit 2."""
    answer = fill(ecid, family, anchor, option, word, "--json")
    assert (answer.code, answer.json["code"]) == (2, "template_and_out")


def test_absent_template(
    ecid: Command, family: dict[str, Path], anchor: Path, tmp_path: Path, out: Path
) -> None:
    """A template that is not there: exit 21, and the old document stays."""
    absent = tmp_path / "absent.docx"
    answer = fill(ecid, family, anchor, "--template", absent, "--out", out, "--json")
    assert (answer.code, answer.json["code"]) == (21, "evidence_unreadable")
    assert out.read_bytes() == b"the old one"


def test_unwritable_document(
    ecid: Command, family: dict[str, Path], anchor: Path, tmp_path: Path, word: Path
) -> None:
    """No folder to write into: exit 22, and no data on the other outputs."""
    target = tmp_path / "no" / "out.docx"
    answer = fill(ecid, family, anchor, "--template", word, "--out", target, "--json")
    assert (answer.code, answer.json["code"]) == (22, "output_no_folder")
    assert says_nothing_of(answer, REQUESTER, MOTHER, FATHER)
