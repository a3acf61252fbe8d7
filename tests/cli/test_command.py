"""The command: secrets, options, help pages, and what reaches a terminal."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecid import __version__, emulator
from ecid.cli.main import build
from ecid.cli.words import Words, language_of, visible
from ecid.emulator.issuing import personalise
from ecid.emulator.personalise.person import people
from ecid.inspection.evidence import AccessFacts, Evidence
from ecid.text import template
from inspection_kit import Command, issued

SECRETS = issued().secrets
FIELDS = (
    *("--document-number", SECRETS.document_number),
    *("--birth-date", SECRETS.birth_date),
    *("--expiry-date", SECRETS.expiry_date),
)


def stdin(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """Put ``text`` on standard input."""
    monkeypatch.setattr("sys.stdin", io.StringIO(text))


def every_command(command: click.Command, *path: str) -> list[tuple[str, ...]]:
    """Return the path of ``command`` and of every one under it."""
    inner = command.commands.items() if isinstance(command, click.Group) else ()
    return [path, *(p for name, child in inner for p in every_command(child, *path, name))]


COMMANDS = every_command(build(Words("en")))


@pytest.mark.parametrize("secret", [("--can", SECRETS.can), ("--mrz", SECRETS.mrz), FIELDS])
def test_secret_on_the_command_line(ecid: Command, folder: Path, secret: tuple[str, ...]) -> None:
    """It is taken with one warning that names the option and the dash, never the value."""
    answer = ecid("read", "--card", folder, *secret)
    assert answer.code == 11
    [warning] = answer.err.splitlines()
    assert f"{secret[0]} -" in warning
    assert not any(value in warning for value in secret[1::2])


@pytest.mark.parametrize("name", ["can", "mrz"])
def test_secret_on_standard_input(
    ecid: Command, folder: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """A dash reads it from standard input, without a warning."""
    stdin(monkeypatch, getattr(SECRETS, name) + "\r\n")
    answer = ecid("read", "--card", folder, f"--{name}", "-", "--json")
    assert answer.code == 11
    assert answer.err == ""


def test_one_field_on_standard_input(
    ecid: Command, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One of the three may come from there; the others still warn."""
    stdin(monkeypatch, SECRETS.document_number)
    answer = ecid("read", "--card", folder, "--document-number", "-", *FIELDS[2:])
    assert answer.code == 11
    assert "--birth-date" in answer.err


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ((), "secret_missing"),
        (("--can", "123456", "--mrz", "x"), "secret_twice"),
        (("--can", "123456", "--birth-date", "900715"), "secret_twice"),
        (("--mrz", "x", "--birth-date", "900715"), "secret_twice"),
        (("--birth-date", "900715"), "secret_incomplete"),
        (FIELDS[:4], "secret_incomplete"),
        (("--birth-date", "-", "--expiry-date", "-"), "stdin_twice"),
    ],
)
def test_one_secret(
    ecid: Command,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    code: str,
) -> None:
    """None without a terminal, two, a part of one: exit 2, and the chip is not asked."""
    stdin(monkeypatch, "")
    answer = ecid("read", "--card", folder, *arguments, "--json")
    assert answer.code == 2
    assert answer.json["code"] == code


def test_asked_for_on_a_terminal(
    ecid: Command, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a terminal the CAN is asked for, unseen."""

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    asked: list[tuple[str, bool]] = []

    def prompt(question: str, *, hide_input: bool, **_: object) -> str:
        asked.append((question, hide_input))
        return SECRETS.can

    monkeypatch.setattr("sys.stdin", Terminal())
    monkeypatch.setattr(click, "prompt", prompt)
    answer = ecid("read", "--card", folder, "--json")
    assert answer.code == 11
    assert asked == [("Card access number (6 digits): ", True)]


def test_save(ecid: Command, folder: Path, anchor: Path, tmp_path: Path) -> None:
    """--save writes evidence that verifies again, and says so on standard error."""
    path = tmp_path / "saved.ecid"
    trust = ("--trust", anchor, "--json")
    answer = ecid("read", "--card", folder, "--can", SECRETS.can, "--save", path, *trust)
    assert answer.code == 0
    assert str(path) in answer.err
    again = ecid("verify", path, *trust)
    assert again.code == 0
    assert again.json["source"] == str(path)
    assert again.json["policy"]["name"] == "passive"
    assert again.check("access")["reason"] == "recorded"
    assert again.check("chip.aa")["outcome"] == "successful"
    assert again.json["timing"] == answer.json["timing"]
    assert again.json["identity"] == answer.json["identity"]


def test_unwritable_save(ecid: Command, folder: Path, tmp_path: Path) -> None:
    """Where it cannot be written: exit 22 and no half file."""
    target = tmp_path / "taken"
    target.mkdir()
    before = sorted(tmp_path.iterdir())
    answer = ecid("read", "--card", folder, "--can", SECRETS.can, "--save", target, "--json")
    assert answer.code == 22
    assert answer.json["code"] == "output_failed"
    assert before == sorted(tmp_path.iterdir())
    assert list(target.iterdir()) == []


def test_dump(ecid: Command, folder: Path, anchor: Path, tmp_path: Path) -> None:
    """--dump writes a folder that verifies like any other."""
    target = tmp_path / "new" / "dump"
    answer = ecid("read", "--card", folder, "--can", SECRETS.can, "--dump", target, "--json")
    assert answer.code == 11
    names = {path.name for path in target.iterdir()}
    assert {"EF_SOD.bin", "EF_DG1.bin", "EF_DG13.bin", "EF_CardAccess.bin"} <= names
    for path in target.iterdir():
        assert path.read_bytes() == (folder / path.name).read_bytes()
        assert path.stat().st_mode & 0o077 == 0
    assert ecid("verify", target, "--trust", anchor, "--json").code == 0


def test_show_unverified(ecid: Command, folder: Path) -> None:
    """Without an anchor identity is shown on request only, under its own name."""
    assert "unverified" not in ecid("verify", folder, "--json").json
    shown = ecid("verify", folder, "--json", "--show-unverified").json
    assert shown["identity"] is None
    assert shown["unverified"]["full_name"] == "Nguyễn Văn Mẫu"
    assert "Nguyễn Văn Mẫu" not in ecid("verify", folder).out
    page = ecid("verify", folder, "--show-unverified").out
    assert "Nguyễn Văn Mẫu" in page
    assert page.index("UNVERIFIED data") < page.index("Nguyễn Văn Mẫu")


def test_data_groups(ecid: Command, folder: Path) -> None:
    """--dg limits what is read."""
    answer = ecid("read", "--card", folder, "--can", SECRETS.can, "--dg", "1, 13", "--json")
    assert set(answer.json["files"]) == {"CardAccess", "COM", "SOD", "DG1", "DG13", "DG14", "DG15"}
    assert answer.check("dg.2")["reason"] == "not_read"


def test_binding(ecid: Command, folder: Path, anchor: Path, tmp_path: Path) -> None:
    """--binding reaches the challenge, which the evidence keeps."""
    path = tmp_path / "x.ecid"
    arguments = ("--can", SECRETS.can, "--binding", "4711", "--save", path, "--trust", anchor)
    answer = ecid("read", "--card", folder, *arguments, "--json")
    assert answer.check("chip.aa")["outcome"] == "successful"
    facts = Evidence.load(path).active_authentication
    assert facts is not None
    assert len(facts.binding) == 32


@pytest.mark.parametrize("name", ["icao", "vietnam"])
def test_profile(ecid: Command, folder: Path, name: str) -> None:
    """--profile decides what is read and how it is named."""
    answer = ecid("read", "--card", folder, "--can", SECRETS.can, "--profile", name, "--json")
    assert answer.json["profile"] == name
    assert ("DG13" in answer.json["files"]) is (name == "vietnam")


@pytest.mark.parametrize(("policy", "code"), [("counter", 11), ("passive", 0), ("strict", 11)])
def test_policy(ecid: Command, folder: Path, anchor: Path, policy: str, code: int) -> None:
    """--policy decides what a folder amounts to."""
    answer = ecid("verify", folder, "--trust", anchor, "--policy", policy, "--json")
    assert answer.code == code
    assert answer.json["policy"]["name"] == policy


@pytest.mark.parametrize(
    ("at", "checked_at", "code"),
    [
        ("2026-01-01T10:00:00+07:00", "2026-01-01T03:00:00Z", 0),
        ("2026-01-01T10:00:00Z", "2026-01-01T10:00:00Z", 0),
        ("2031-01-01T10:00:00Z", "2031-01-01T10:00:00Z", 12),
        ("2044-01-01T10:00:00Z", "2044-01-01T10:00:00Z", 11),
        ("2020-01-01T10:00:00Z", "2020-01-01T10:00:00Z", 10),
    ],
)
def test_at(ecid: Command, folder: Path, anchor: Path, at: str, checked_at: str, code: int) -> None:
    """--at is the moment to judge at, and the report names it."""
    answer = ecid("verify", folder, "--trust", anchor, "--at", at, "--json")
    assert answer.code == code
    assert answer.json["checked_at"] == checked_at


def test_skipped_anchors(ecid: Command, folder: Path) -> None:
    """A folder of anchors may hold other things; each is named with its rule."""
    answer = ecid("verify", folder, "--trust", folder, "--json")
    assert answer.code == 0
    assert "Left out: EF_DG1.bin (unknown_format)." in answer.err
    assert "csca" not in answer.err
    assert answer.json["trust"]["anchors"] == 1


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_help_page(ecid: Command, path: tuple[str, ...], language: str) -> None:
    """Each command takes --lang, and its page is in that language from top to bottom."""
    answer = ecid(*path, "--lang", language, "--help")
    assert answer.code == 0
    assert answer.out.startswith(template("cli.usage", language) + "ecid")
    assert template("cli.option.help", language) in answer.out
    assert template("cli.options", language) + ":" in answer.out
    if language == "vi":
        english = ("Options", "Usage", "Show this message", "Commands", "default", "required")
        assert [
            word for word in (*english, "OPTIONS", "COMMAND", "ARGS") if word in answer.out
        ] == []


def test_no_arguments(ecid: Command) -> None:
    """Alone it shows its page, and exit 2 says that nothing was done."""
    for arguments in ((), ("card",)):
        answer = ecid(*arguments)
        assert answer.code == 2
        assert answer.out.startswith("Usage: ecid")


def test_version(ecid: Command) -> None:
    """--version shows the version."""
    answer = ecid("--version")
    assert (answer.code, answer.out) == (0, f"ecid {__version__}\n")


def test_card_list(ecid: Command) -> None:
    """The list has every card and every fault, a line each with what it is."""
    lines = ecid("card", "list").out.splitlines()
    cards = [line.split()[0] for line in lines if not line.startswith(" ")]
    faults = [line.split()[1] for line in lines if line.startswith("  --fault ")]
    assert cards == list(emulator.names())
    assert faults == list(emulator.fault_names())
    assert [line.split()[0] for line in lines if "unconfirmed" in line] == [
        "vn-cc-2024",
        "vn-cc-2024-tre-em",
    ]


@pytest.mark.parametrize(
    ("arguments", "system", "language"),
    [
        (["--lang", "vi"], "en_GB", "vi"),
        (["read", "--lang=vi"], "en_GB", "vi"),
        (["--lang", "en"], "vi_VN", "en"),
        ([], "vi_VN", "vi"),
        ([], "fr_FR", "en"),
        ([], None, "en"),
        (["--lang"], "vi_VN", "vi"),
        (["--lang", "fr"], "vi_VN", "en"),
    ],
)
def test_language(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str], system: str | None, language: str
) -> None:
    """What is asked for, else the system's, else English."""
    monkeypatch.setattr("ecid.cli.words.locale.getlocale", lambda: (system, None))
    assert language_of(arguments) == language


@pytest.mark.parametrize("language", ["vi", "en"])
def test_report_for_people(ecid: Command, folder: Path, anchor: Path, language: str) -> None:
    """The page has verdict, emulated mark, checks and identity in one language."""
    answer = ecid("verify", folder, "--trust", anchor, "--lang", language)
    assert answer.out.startswith(f"✓ {template('verdict.verified', language)}")
    assert template("cli.emulated", language) in answer.out
    assert template("identity.full_name", language) in answer.out
    assert "Nguyễn Văn Mẫu" in answer.out


@pytest.mark.parametrize("fault", ["dg1-altered", "clone", "rogue-csca"])
def test_report_that_is_not_verified(ecid: Command, fault: str) -> None:
    """No identity on the page, and a next step beside what failed."""
    answer = ecid("demo", "--fault", fault)
    assert "Nguyễn" not in answer.out
    assert "NGUYEN" not in answer.out
    assert "Next:" in answer.out


def test_expired_is_said_in_the_second_line(ecid: Command) -> None:
    """A genuine expired card is verified, with a line of its own."""
    lines = ecid("demo", "--fault", "expired").out.splitlines()
    assert lines[0].startswith("✓")
    assert lines[1].startswith("!")


HOSTILE = "Nguyễn\x1b[2JVăn\u202eMẫu\u200b\x07"


def test_control_characters_in_a_name(ecid: Command, tmp_path: Path) -> None:
    """A name may hold what moves the cursor or turns text round: it is spelled out."""
    person = replace(people()["nam"], full_name=HOSTILE)
    card = personalise(person, issued().chip_keys, name="x", profile="vn-cccd-2021")
    card.save(tmp_path)
    answer = ecid("verify", tmp_path, "--trust", tmp_path / "csca.der", "--show-unverified")
    for character in "\x1b\u202e\u200b\x07":
        assert character not in answer.out
    flat = answer.out.replace("\n", "").replace(" ", "")
    assert "[U+001B][2JVăn[U+202E]Mẫu[U+200B][U+0007]" in flat
    found = ecid("verify", tmp_path, "--json", "--show-unverified")
    assert found.json["unverified"]["full_name"] == HOSTILE
    assert "\x1b" not in found.out


@pytest.mark.parametrize("text", ["\x1b[31mred", "[bold]x[/bold]", "[/nothing]", "\u202e"])
def test_words_of_an_evidence_file(
    ecid: Command, live: Evidence, tmp_path: Path, text: str
) -> None:
    """Whatever an evidence file says about access is shown, and does nothing."""
    facts = AccessFacts(protocol=text, cipher=text, password="CAN")
    path = tmp_path / "x.ecid"
    replace(live, access=facts).save(path)
    answer = ecid("verify", path)
    assert answer.code == 11
    assert "\x1b" not in answer.out
    assert visible(text) in answer.out


def test_path_with_control_characters(ecid: Command, tmp_path: Path) -> None:
    """So is a path, in the report and in an error."""
    answer = ecid("verify", tmp_path / "a\x1b[31mb")
    assert answer.code == 21
    assert "[U+001B]" in answer.err
    assert "\x1b" not in answer.err


@given(st.text(alphabet=st.characters(codec="utf-8")))
def test_visible(text: str) -> None:
    """Letters stay, and nothing else that a terminal obeys."""
    shown = visible(text)
    assert shown.isprintable() or any(c in shown for c in text if c.isspace())
    assert visible(shown) == shown


@pytest.mark.parametrize("character", ["\n", "\x00", "\x7f", "\x9b", "\u2028", "\ud800", "\ue000"])
def test_visible_spells_out(character: str) -> None:
    """Control, format, separator, surrogate and private characters have numbers."""
    assert visible(f"a{character}b") == f"a[U+{ord(character):04X}]b"


def test_combining_marks_stay() -> None:
    """Vietnamese in decomposed letters stays what it is."""
    assert visible("Nguye\u0302\u0303n") == "Nguye\u0302\u0303n"


def test_deviations_are_shown(ecid: Command, corpus: Path, tmp_path: Path) -> None:
    """A tolerated deviation has its line."""
    source = corpus / "chips" / "bsi-tr03105-5-reference"
    for name in ("EF_SOD.bin", "Datagroup14.bin", "Datagroup1.bin"):
        (tmp_path / name).write_bytes((source / name).read_bytes())
    assert "set_order in DG14" in ecid("verify", tmp_path).out


def test_json_has_no_bare_control_characters(ecid: Command, folder: Path) -> None:
    """The object stands on one line and is JSON to the letter."""
    out = ecid("verify", folder, "--json").out
    assert out.count("\n") == 1
    assert json.loads(out)["source"] == str(folder)
