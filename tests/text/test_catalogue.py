"""The catalogue: two languages that say the same, a sentence for everything, and none to spare."""

from __future__ import annotations

import re
import subprocess
import unicodedata
from pathlib import Path

import click
import pytest

from catalogue_scan import KINDS, Raised, placeholders, raised, strings
from ecid.cli.explain import KINDS as EXPLAINED
from ecid.cli.main import build
from ecid.cli.words import Words
from ecid.inspection.checks import CHECK_IDS, Verdict, Weight
from ecid.inspection.identity import Identity
from ecid.outcome import Outcome, Reason
from ecid.profiles.vietnam.forms import From
from ecid.profiles.vietnam.scanner import Damage
from ecid.text import LANGUAGES, has, keys, template, text
from ecid.trust.entries import Kind, ListKind
from ecid.trust.known import known_anchors
from ecid.trust.listed import CODES, OTHER
from ecid.trust.tolerance import Tolerances

PROJECT = Path(__file__).resolve().parents[2]
EVERY_KEY = sorted(keys("en"))


def commands(command: click.Command) -> list[click.Command]:
    """Return ``command`` and every one under it."""
    inner = command.commands.values() if isinstance(command, click.Group) else ()
    return [command, *(found for child in inner for found in commands(child))]


def expected_keys() -> set[str]:
    """Return the keys that are put together from names in the code."""
    found = {f"verdict.{v}" for v in Verdict} | {f"outcome.{o}" for o in Outcome}
    found |= {f"weight.{w}" for w in Weight}
    found |= {f"check.{'dg' if i.startswith('dg.') else i}" for i in CHECK_IDS}
    found |= {f"identity.{name}" for name in Identity.__dataclass_fields__} - {"identity.extra"}
    found |= {f"reason.{r}.{part}" for r in Reason for part in ("text", "next")}
    codes = {error.code for error in raised()} | {k.default_code for k in KINDS.values()}
    found |= {f"error.{code}.{part}" for code in codes for part in ("message", "next")}
    for command in commands(build(Words("en"))):
        options = [param for param in command.params if isinstance(param, click.Option)]
        found |= {f"cli.option.{option.name}" for option in options}
    found |= {"cli.option.document_out"}
    found |= {f"cli.progress.{step}" for step in ("access", "file", "chip", "done")}
    found |= {f"damage.{damage}" for damage in Damage}
    found |= {f"deviation.{code}" for code in deviations()}
    found |= {f"cli.explain.{kind}" for kind in EXPLAINED}
    found |= {f"anchor.{a.code}.{part}" for a in known_anchors() for part in ("name", "note")}
    found |= {f"cli.trust.kind.{kind}" for kind in ListKind}
    found |= {f"cli.trust.provenance.{kind}" for kind in Kind}
    found |= {f"cli.trust.{state}" for state in ("ok", "not_ok", "present", "missing")}
    about_anchors = ("country", "name", "validity", "provenance", "fingerprint")
    found |= {f"cli.trust.column.{column}" for column in about_anchors}
    found |= {f"cli.form.from.{source}" for source in From}
    found |= {f"cli.form.column.{column}" for column in ("person", "field", "from")}
    found |= {f"sex.{sex}" for sex in ("male", "female", "unspecified")}
    columns = ("check", "outcome", "reason", "field", "value")
    return found | {f"cli.table.{column}" for column in columns}


def deviations() -> set[str]:
    """Return the codes of every deviation that a report may name."""
    granted = Tolerances.load("lenient").granted
    return {*granted, *CODES.values(), OTHER, "unanchored_list", "weak_self_signature"}


def test_two_languages() -> None:
    """Vietnamese comes first: it is the clerk's language."""
    assert LANGUAGES == ("vi", "en")
    assert len(EVERY_KEY) > 300


def test_same_keys() -> None:
    """Each language has what the other has."""
    assert keys("vi") == keys("en")


@pytest.mark.parametrize("key", EVERY_KEY)
def test_same_placeholders(key: str) -> None:
    """The same facts are filled into both."""
    assert placeholders(template(key, "vi")) == placeholders(template(key, "en"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_normal_form(language: str) -> None:
    """Composed letters, no space at an end, no empty sentence, no control character."""
    for key in EVERY_KEY:
        sentence = template(key, language)
        assert unicodedata.normalize("NFC", sentence) == sentence
        assert sentence
        assert not any(unicodedata.category(c).startswith("C") for c in sentence)
        assert "  " not in sentence


def test_languages_differ() -> None:
    """Hardly a sentence is the same in both: nothing was left untranslated."""
    same = {k for k in EVERY_KEY if template(k, "vi") == template(k, "en")}
    words = {k for k in same if " " in template(k, "en") and not k.startswith("cli.")}
    assert words == set()


@pytest.mark.parametrize("key", sorted(expected_keys()))
def test_everything_has_a_sentence(key: str) -> None:
    """Whatever the code can name has its key."""
    assert has(key)


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_stands_alone(reason: Reason) -> None:
    """A reason is a sentence and a next step that need no facts filled in."""
    for language in LANGUAGES:
        for part in ("text", "next"):
            assert text(f"reason.{reason}.{part}", language).endswith((".", "!"))


ERRORS = raised()


@pytest.mark.parametrize("error", ERRORS, ids=lambda e: f"{e.place} {e.code}")
def test_every_error_fills_its_sentence(error: Raised) -> None:
    """Each place that makes an error gives every fact that its sentences need."""
    for part in ("message", "next"):
        assert placeholders(template(f"error.{error.code}.{part}", "en")) <= error.fields


def test_scan_sees_the_errors() -> None:
    """The scan above is not looking past the code."""
    codes = {error.code for error in ERRORS}
    assert len(ERRORS) > 60
    assert {"wrong_key", "can_needs_pace", "unknown_policy", "evidence_damaged"} <= codes


def test_no_key_to_spare() -> None:
    """A key that nobody asks for is a sentence that nobody keeps true."""
    literal = strings()
    # Codes of errors may be passed on from the lower packages: the code itself must be written.
    spoken = {f"error.{word}" for word in literal}
    used = (
        expected_keys() | literal | {key for key in EVERY_KEY if key.startswith("identity_2024.")}
    )
    unused = [key for key in EVERY_KEY if key not in used]
    assert [key for key in unused if key.rpartition(".")[0] not in spoken] == []


def test_missing_key_is_loud() -> None:
    """A sentence that does not exist, in whatever language, is a KeyError; so is a hole."""
    for arguments in (("no.such.key",), ("cli.help", "fr")):
        with pytest.raises(KeyError):
            text(*arguments)
    with pytest.raises(KeyError):
        text("cli.next", "en")


def test_facts_are_not_read_as_templates() -> None:
    """Braces in a fact stay braces."""
    assert text("cli.next", "en", next="{path} {0} {") == "Next: {path} {0} {"


def tracked() -> list[Path]:
    """Return the text files of the project."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=PROJECT,
        capture_output=True,
        check=False,
        text=True,
    )
    names = listed.stdout.splitlines() if listed.returncode == 0 else []
    files = [PROJECT / name for name in names] or list(PROJECT.rglob("*"))
    kinds = {".py", ".md", ".toml", ".txt", ".cfg", ".html", ".yml", ".json", ""}
    return [file for file in files if file.is_file() and file.suffix in kinds]


def test_no_install_by_name() -> None:
    """Nothing tells anybody to install ``ecid`` by name: on the index it is not ours."""
    wrong = re.compile(
        r"(pip install|pipx install|pipx run|uvx|uv tool install|uv add)\s+(-\S+\s+)*['\"]?ecid\b"
    )
    tests = Path(__file__).resolve().parents[1]
    assert wrong.search("pip install ecid")
    assert wrong.search("uvx ecid demo")
    assert not wrong.search("pip install '.[pcsc]'")
    shipped = [file for file in tracked() if tests not in file.parents]
    found = [f for f in shipped if wrong.search(f.read_text("utf-8", "replace"))]
    assert found == []
