"""``ecid form fill --template``: a Word file with what the chips say, or no file at all."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path

import docx
import pytest

from ecid import api
from ecid.errors import Misuse
from ecid.inspection.evidence import Evidence
from ecid.profiles.vietnam import document, forms
from ecid.text import template
from ecid.trust.store import TrustStore
from form_kit import AT, CARDS, FATHER, MOTHER, REQUESTER, fill, says_nothing_of, template_of
from inspection_kit import Answer, Command

pytestmark = pytest.mark.slow


def text_of(path: Path) -> list[str]:
    """Return the paragraphs of a Word file."""
    return [paragraph.text for paragraph in docx.Document(str(path)).paragraphs]


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
    """Nobody named for the role, or a field that is asked: empty."""
    word.write_bytes(template_of("[{{ father.full_name }}]", "[{{ requester['child'] }}]"))
    files = {"mother": cards[CARDS["mother"]]}
    assert documented(ecid, files, anchor, word) == ["[]", "[]"]


@pytest.mark.parametrize(
    "name",
    [
        "mother.fullname",
        "mothr.full_name",
        "mother.personal_number",
        "mother",
        "mother.keys",
        "mother.clear",
        "mother.full_name.upper",
        "mother.1.full_name",
        "aunt.full_name",
        "mother.__init__",
    ],
)
@pytest.mark.parametrize(
    "part", ["{{{{ {} }}}}", "{{% if {} %}}x{{% endif %}}", "{{{{ {}|upper }}}}"]
)
def test_unknown_placeholder(
    ecid: Command,
    family: dict[str, Path],
    anchor: Path,
    word: Path,
    out: Path,
    name: str,
    part: str,
) -> None:
    """A placeholder that the form does not have would stay empty for good: refused by its name."""
    word.write_bytes(template_of("{{ mother.full_name }}", part.format(name)))
    answer = fill(ecid, family, anchor, "--template", word, "--out", out, "--json")
    not_written(answer, out, "template_placeholder")
    assert f" {name}," in answer.json["message"]


def test_several_people(ecid: Command, cards: Mapping[str, Path], anchor: Path, word: Path) -> None:
    """People of one role stand in the template by number; a number too many is empty."""
    names = ("1.full_name", "2.full_name", "3.full_name")
    word.write_bytes(template_of(*(f"[{{{{ member.{name} }}}}]" for name in names)))
    out = word.parent / "out.docx"
    cards_ = (cards[CARDS[role]] for role in ("mother", "father"))
    people_ = [each for card in cards_ for each in ("--person", f"thanh-vien={card}")]
    arguments = (*people_, "--trust", anchor, *AT, "--template", word, "--out", out)
    assert ecid("form", "fill", 3, *arguments).code == 0
    assert text_of(out) == [f"[{MOTHER.full_name}]", f"[{FATHER.full_name}]", "[]"]
    for name in ("member.full_name", "member.0.full_name", "member.x.full_name"):
        word.write_bytes(template_of("{{ " + name + " }}"))
        answer = ecid("form", "fill", 3, *arguments, "--json")
        assert answer.json["code"] in {"template_placeholder", "template_unusable"}


@pytest.mark.parametrize("which", ["template", "evidence", "folder", "link"])
def test_document_over_what_is_read(
    ecid: Command, family: dict[str, Path], anchor: Path, word: Path, recording: Path, which: str
) -> None:
    """A file that is read is not written over, by whatever name: exit 2."""
    (word.parent / "link.docx").symlink_to(word)
    targets = {
        "template": word,
        "evidence": recording,
        "folder": family["mother"] / "EF_DG1.bin",
        "link": word.parent / "link.docx",
    }
    before = targets[which].read_bytes()
    files = family | {"father": recording}
    answer = fill(ecid, files, anchor, "--template", word, "--out", targets[which], "--json")
    assert (answer.code, answer.json["code"]) == (2, "output_is_input")
    assert targets[which].read_bytes() == before


def test_exceptions_hold_nothing(cards: Mapping[str, Path], anchor: Path, word: Path) -> None:
    """What broke inside the template does not hang on the error, with names in it."""
    report = api.verify(Evidence.from_folder(cards[CARDS["mother"]]), trust=TrustStore.load(anchor))
    filled = forms.fill(forms.service("9"), {"mother": report})
    for expression in ("mother[mother.full_name].x", "mother.fullname", "1 // 0"):
        word.write_bytes(template_of("{{ " + expression + " }}"))
        with pytest.raises(Misuse) as caught:
            document.fill(word, filled)
        assert (caught.value.__context__, caught.value.__cause__) == (None, None)


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
        "nested": template_of("{% for i in 'xx' %}{% for j in 'xx' %}x{% endfor %}{% endfor %}"),
        "long": template_of("{{ 'x' * 99 }}"),
        "wide": template_of("{{ 'x'|center(99) }}"),
        "other file": template_of("{% include '/etc/passwd' %}"),
    }


def not_written(answer: Answer, out: Path, code: str = "template_unusable") -> None:
    """Assert that the template was refused and that the file at ``out`` is the old one."""
    assert answer.code == 2
    assert (answer.json["exit"], answer.json["code"]) == (2, code)
    assert says_nothing_of(answer, REQUESTER, MOTHER, FATHER)
    assert out.read_bytes() == b"the old one"
    assert sorted(path.name for path in out.parent.iterdir()) == ["out.docx"]


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
        "''.__class__",
        "mother[mother.full_name]",
        "mother['full' ~ '_name']",
        "(mother.full_name|upper).x",
        "'{0.__class__.__mro__}'.format(1)",
        "mother.update({'full_name': 'Somebody Else'})",
        "''|attr('__class__')|attr('__mro__')",
    ],
)
def test_template_that_reaches_out(
    ecid: Command, family: dict[str, Path], anchor: Path, word: Path, out: Path, expression: str
) -> None:
    """A template is data: it reaches no internals of Python and changes no field."""
    word.write_bytes(template_of("{{ " + expression + " }}"))
    not_written(fill(ecid, family, anchor, "--template", word, "--out", out, "--json"), out)


@pytest.mark.parametrize(
    "expression",
    [
        "mother.full_name.__class__.__mro__",
        "mother.__init__.__globals__",
        "self.__init__.__globals__",
        "cycler.__init__.__globals__.os",
    ],
)
def test_template_that_reaches_in(
    ecid: Command, family: dict[str, Path], anchor: Path, word: Path, out: Path, expression: str
) -> None:
    """A path that is no field of the form is named and refused, whatever it leads to."""
    word.write_bytes(template_of("{{ " + expression + " }}"))
    answer = fill(ecid, family, anchor, "--template", word, "--out", out, "--json")
    not_written(answer, out, "template_placeholder")


def test_conditions_and_filters(
    ecid: Command, cards: Mapping[str, Path], anchor: Path, word: Path
) -> None:
    """What a form needs beside placeholders: a sentence only where it applies, and capitals."""
    word.write_bytes(
        template_of(
            "{% if father.full_name %}Cha{% else %}Không có cha{% endif %}",
            "{{ mother.full_name|upper }}",
            "{{ father.full_name or '—' }}",
        )
    )
    files = {"mother": cards[CARDS["mother"]]}
    expected = ["Không có cha", MOTHER.full_name.upper(), "—"]
    assert documented(ecid, files, anchor, word) == expected


@pytest.mark.parametrize("limit", ["MAX_TEMPLATE", "MAX_UNPACKED", "MAX_PARTS"])
def test_template_that_is_too_large(
    ecid: Command,
    family: dict[str, Path],
    anchor: Path,
    word: Path,
    out: Path,
    monkeypatch: pytest.MonkeyPatch,
    limit: str,
) -> None:
    """There are limits, and they are asked before anything is unpacked."""
    with zipfile.ZipFile(word) as packed:
        parts = packed.infolist()
    sizes = {
        "MAX_TEMPLATE": word.stat().st_size,
        "MAX_UNPACKED": sum(part.file_size for part in parts),
        "MAX_PARTS": len(parts),
    }
    monkeypatch.setattr(document, limit, sizes[limit])
    fill(ecid, family, anchor, "--template", word, "--out", out, "--json")
    assert out.read_bytes() != b"the old one"
    out.write_bytes(b"the old one")
    monkeypatch.setattr(document, limit, sizes[limit] - 1)
    not_written(fill(ecid, family, anchor, "--template", word, "--out", out, "--json"), out)


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
