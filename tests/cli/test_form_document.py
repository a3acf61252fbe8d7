"""``ecid form fill --template``: a Word file with what the chips say, or no file at all."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path

import docx
import pytest

from ecid.profiles.vietnam import document
from ecid.text import template
from form_kit import CARDS, FATHER, MOTHER, REQUESTER, fill, says_nothing_of, template_of
from inspection_kit import Answer, Command


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
        "nested": template_of("{% for i in 'xx' %}{% for j in 'xx' %}x{% endfor %}{% endfor %}"),
        "long": template_of("{{ 'x' * 99 }}"),
        "wide": template_of("{{ 'x'|center(99) }}"),
        "other file": template_of("{% include '/etc/passwd' %}"),
        "other person": template_of("{{ aunt.full_name }}"),
    }


def not_written(answer: Answer, out: Path) -> None:
    """Assert that the template was refused and that the file at ``out`` is the old one."""
    assert answer.code == 2
    assert (answer.json["exit"], answer.json["code"]) == (2, "template_unusable")
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
        "mother.full_name.__class__.__mro__",
        "mother.__init__.__globals__",
        "self.__init__.__globals__",
        "cycler.__init__.__globals__.os",
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


@pytest.mark.parametrize("expression", ["''.__class__", "mother.clear"])
def test_template_that_gets_nothing(
    ecid: Command, family: dict[str, Path], anchor: Path, word: Path, expression: str
) -> None:
    """What stays hidden from a template is as empty as a field that does not exist."""
    word.write_bytes(template_of("[{{ " + expression + " }}]"))
    assert documented(ecid, family, anchor, word) == ["[]"]


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
