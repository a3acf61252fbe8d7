"""Every exit code that this slice can end with, and one object for each ending."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ecid.cli import main, verify
from ecid.errors import NoCard, NoReader, ReaderBusy, ReaderError, UnsupportedData
from inspection_kit import Command, issued

CAN = "123456"
NO_FIELDS = ["read", "--document-number", "1", "--birth-date", "x", "--expiry-date", "y"]
ERROR_KEYS = ["schema", "source", "exit", "code", "message", "next"]

Ending = Callable[[Path, Path], list[object]]


def card(folder: Path, *more: object) -> list[object]:
    """Return arguments that read the card in ``folder``."""
    return ["read", "--card", folder, "--can", issued().secrets.can, *more]


#: What ends how: exit code, code of the error or None for a report, arguments.
ENDINGS: dict[str, tuple[int, str | None, Ending]] = {
    "verified": (0, None, lambda f, t: ["verify", f, "--trust", f / "csca.der"]),
    "read": (0, None, lambda f, t: card(f, "--trust", f / "csca.der")),
    "demo": (0, None, lambda f, t: ["demo"]),
    "no such option": (2, "usage_no_such_option", lambda f, t: ["read", "--bogus"]),
    "no such command": (2, "usage_no_such_command", lambda f, t: ["open"]),
    "no such inner command": (2, "usage_no_such_command", lambda f, t: ["card", "open"]),
    "too many arguments": (2, "usage_surplus", lambda f, t: ["demo", "x"]),
    "no path": (2, "usage_missing", lambda f, t: ["verify"]),
    "no command": (2, "usage_missing", lambda f, t: ["--lang", "en"]),
    "bad choice": (2, "usage_bad_choice", lambda f, t: card(f, "--policy", "lenient")),
    "bad number": (2, "usage_bad_value", lambda f, t: card(f, "--timeout", "soon")),
    "no time at all": (2, "usage_bad_value", lambda f, t: card(f, "--timeout", "0")),
    "value missing": (2, "usage_bad_value", lambda f, t: ["verify", f, "--at"]),
    "no secret": (2, "secret_missing", lambda f, t: ["read", "--card", f]),
    "bad CAN": (2, "can_format", lambda f, t: ["read", "--card", f, "--can", "12345"]),
    "bad MRZ": (2, "mrz_format", lambda f, t: ["read", "--card", f, "--mrz", "<<<"]),
    "bad fields": (
        2,
        "fields_format",
        lambda f, t: [*NO_FIELDS, "--card", f],
    ),
    "bad data groups": (2, "data_group_format", lambda f, t: card(f, "--dg", "1,17")),
    "no data group": (2, "data_group_format", lambda f, t: card(f, "--dg", "")),
    "bad profile": (2, "unknown_profile", lambda f, t: card(f, "--profile", "utopia")),
    "bad card": (2, "unknown_card", lambda f, t: card(t / "absent")),
    "bad fault": (2, "unknown_fault", lambda f, t: card(f, "--fault", "tired")),
    "fault that does not suit": (2, "unknown_fault", lambda f, t: card(f, "--fault", "expired")),
    "bad moment": (2, "at_format", lambda f, t: ["verify", f, "--at", "yesterday"]),
    "moment before all": (2, "at_format", lambda f, t: ["verify", f, "--at", "0001-01-01"]),
    "wrong key": (5, "wrong_key", lambda f, t: ["read", "--card", f, "--can", "000000"]),
    "card removed": (6, "card_removed", lambda f, t: card(f, "--fault", "removed")),
    "integrity": (9, "integrity", lambda f, t: card(f, "--fault", "wrong-mac")),
    "failed": (10, None, lambda f, t: card(f, "--fault", "clone", "--trust", f / "csca.der")),
    "demo of a fault": (10, None, lambda f, t: ["demo", "--fault", "dg1-altered"]),
    "undetermined": (11, None, lambda f, t: ["verify", f]),
    "expired": (12, None, lambda f, t: ["demo", "--fault", "expired"]),
    "expired since": (
        12,
        None,
        lambda f, t: ["verify", f, "--trust", f / "csca.der", "--at", "2031-01-01"],
    ),
    "no such anchor": (20, "store_path_missing", lambda f, t: ["verify", f, "--trust", t / "no"]),
    "no anchor at all": (
        20,
        "store_nothing_usable",
        lambda f, t: ["verify", f, "--trust", f / "EF_DG1.bin"],
    ),
    "absent": (21, "evidence_unreadable", lambda f, t: ["verify", t / "absent"]),
    "no files": (21, "evidence_no_files", lambda f, t: ["verify", t]),
    "no evidence": (21, "evidence_other", lambda f, t: ["verify", f / "EF_DG1.bin"]),
    "unwritable": (22, "output_no_folder", lambda f, t: card(f, "--save", t / "no" / "x.ecid")),
    "unwritable folder": (22, "output_failed", lambda f, t: card(f, "--dump", f / "csca.der")),
    "unwritable card": (
        22,
        "output_failed",
        lambda f, t: ["card", "issue", "vn-cccd-2021", "--out", f / "csca.der"],
    ),
    "unknown card": (2, "unknown_card", lambda f, t: ["card", "issue", "x", "--out", t / "y"]),
}
#: These commands have no --json of their own, or would take it for the value.
PLAIN = {"no command", "unwritable card", "unknown card", "value missing"}


@pytest.mark.parametrize("ending", ENDINGS)
def test_exit_code(ecid: Command, folder: Path, tmp_path: Path, ending: str) -> None:
    """Each ending has its exit code, a report on standard output or one sentence on the other."""
    code, error, arguments = ENDINGS[ending]
    answer = ecid(*arguments(folder, tmp_path / "empty-handed"))
    if ending == "no files":
        (tmp_path / "nothing").mkdir()
        answer = ecid(*arguments(folder, tmp_path / "nothing"))
    assert answer.code == code
    said = [line for line in answer.err.splitlines() if not line.startswith("Warning:")]
    assert (answer.out == "") is (error is not None)
    assert len(said) == (0 if error is None else 1)
    assert "Traceback" not in answer.err


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("ending", [name for name in ENDINGS if name not in PLAIN])
def test_json(ecid: Command, folder: Path, tmp_path: Path, ending: str, language: str) -> None:
    """With --json there is exactly one object on standard output, whatever the ending."""
    code, error, arguments = ENDINGS[ending]
    other = tmp_path / "nothing"
    other.mkdir()
    answer = ecid(*arguments(folder, other), "--json", "--lang", language)
    assert answer.code == code
    found = answer.json
    if error is None:
        assert found["schema"] == "ecid-report/1"
        return
    assert list(found) == ERROR_KEYS
    assert found["schema"] == "ecid-error/1"
    assert found["exit"] == code
    assert found["code"] == error
    assert found["message"]
    assert found["next"]


def test_languages_say_different_things(ecid: Command) -> None:
    """The object is in the language that was asked for."""
    said = {ecid("open", "--json", "--lang", lang).json["message"] for lang in ("vi", "en")}
    assert len(said) == 2


def test_error_names_the_path(ecid: Command, tmp_path: Path) -> None:
    """What was to be read stands in the object."""
    path = tmp_path / "absent"
    assert ecid("verify", path, "--json").json["source"] == str(path)


def test_only_matches_failed(ecid: Command, folder: Path, anchor: Path) -> None:
    """13: the card is genuine and is not the one that was typed."""
    other = issued("vn-cccd-2021-nu")
    mrz = issued().secrets.mrz
    line = mrz[:60] + other.secrets.mrz[60:]
    answer = ecid("read", "--card", folder, "--mrz", line, "--trust", anchor, "--json")
    assert answer.code == 13
    assert answer.check("match.mrz")["reason"] == "mrz_mismatch"
    assert answer.json["identity"] is None


READER_ENDINGS = [
    (ReaderError(), 3, "no_service"),
    (NoReader(), 3, "no_reader"),
    (NoReader("pcsc_missing"), 3, "pcsc_missing"),
    (NoCard(), 4, "no_card"),
    (ReaderBusy(), 7, "reader_busy"),
    (UnsupportedData("DG14", "DH"), 8, "unsupported"),
]


@pytest.mark.parametrize(("error", "code", "name"), READER_ENDINGS)
def test_reader(
    ecid: Command, monkeypatch: pytest.MonkeyPatch, error: Exception, code: int, name: str
) -> None:
    """What the desk, the card or the standard's less used parts make of a reading."""

    def refuse(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("ecid.api.read", refuse)
    answer = ecid("read", "--can", CAN, "--json")
    assert (answer.code, answer.json["exit"], answer.json["code"]) == (code, code, name)


def test_without_a_reader(ecid: Command) -> None:
    """Where no reader can be had, one sentence says so: exit 3, or 4 with a reader and no card."""
    answer = ecid("read", "--can", CAN, "--reader", "no such reader", "--timeout", "1")
    assert answer.code in (3, 4)
    assert answer.out == ""
    [_, sentence] = answer.err.splitlines()
    assert "Next:" in sentence


@pytest.mark.parametrize("error", [KeyboardInterrupt(), EOFError()])
def test_interrupted(ecid: Command, monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    """The interrupt key: exit 130."""

    def interrupt(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("ecid.api.read", interrupt)
    answer = ecid("read", "--can", CAN, "--json")
    assert answer.code == 130
    assert answer.json["code"] == "interrupted"


def test_interrupted_before_anything(ecid: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even outside a command."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(main, "build", interrupt)
    assert ecid("demo").code == 130


def test_bug(ecid: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bug: exit 1 with type and place, and not a value of it."""

    def broken(*_: object, **__: object) -> None:
        raise ValueError("NGUYEN VAN MAU 000090123456")

    monkeypatch.setattr("ecid.api.read", broken)
    answer = ecid("read", "--can", CAN)
    assert answer.code == 1
    assert "ValueError" in answer.err
    assert f"{__name__.rpartition('.')[2]}:" in answer.err
    assert "NGUYEN" not in answer.err
    assert "000090123456" not in answer.err
    assert "Traceback" not in answer.err
    found = ecid("read", "--can", CAN, "--json").json
    assert found["code"] == "internal"
    assert "NGUYEN" not in found["message"]


def test_worst_of_several(
    ecid: Command, folder: Path, anchor: Path, tmp_path: Path, recording: Path
) -> None:
    """Of several paths the worst counts, each with an object of its own line."""
    absent = tmp_path / "absent"
    assert ecid("verify", folder, recording, "--trust", anchor, "--json").code == 0
    answer = ecid("verify", folder, absent, "--trust", anchor, "--json")
    assert answer.code == 21
    assert [('"ecid-error/1"' in line) for line in answer.out.splitlines()] == [False, True]
    (folder / "EF_DG1.bin").write_bytes(b"\x61\x00")
    answer = ecid("verify", absent, folder, recording, "--trust", anchor, "--json")
    assert answer.code == 10
    assert len(answer.out.splitlines()) == 3


def test_order_of_the_worst() -> None:
    """The order is that of the contract."""
    assert verify.WORST_FIRST == (1, 10, 13, 21, 9, 20, 11, 12, 0)


def test_walk(
    ecid: Command, recording: Path, anchor: Path, tmp_path: Path, issued_folder: Path
) -> None:
    """A folder without raw files is walked for evidence, in a fixed order."""
    archive = tmp_path / "archive"
    for name in ("b/2.ecid", "a/1.ecid", "a/notes.txt"):
        path = archive / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(recording.read_bytes())
    answer = ecid("verify", archive, "--trust", anchor, "--json")
    assert answer.code == 0
    assert len(answer.out.splitlines()) == 2
    assert answer.out.index("1.ecid") < answer.out.index("2.ecid")
    assert len(ecid("verify", issued_folder, archive, "--json").out.splitlines()) == 3


def test_walk_of_a_large_archive(ecid: Command, recording: Path, tmp_path: Path) -> None:
    """An archive may hold more files than a card's folder may."""
    archive = tmp_path / "archive"
    archive.mkdir()
    for number in range(1_001):
        (archive / f"{number}.txt").touch()
    (archive / "x.ecid").write_bytes(recording.read_bytes())
    assert ecid("verify", archive, "--json").code == 11


@pytest.mark.skipif(os.name != "posix", reason="pipes that close are tried where they are")
@pytest.mark.parametrize("arguments", [["demo", "--json"], ["demo"], ["open", "--json"]])
def test_reader_of_the_output_has_gone(arguments: list[str]) -> None:
    """With nobody to read the output it ends with 22, and without a traceback."""
    command = [sys.executable, "-m", "ecid", *arguments]
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, check=False)
    os.close(writing)
    assert done.returncode == 22
    assert b"Traceback" not in done.stderr
