"""Folders of raw files: whose names are known, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from ecid.emulator import IssuedCard
from ecid.errors import EvidenceError
from ecid.inspection import evidence_file, folder
from ecid.inspection.evidence import Evidence, Origin
from ecid.lds.files import ALL_FILES, by_name
from inspection_kit import judge, outcome

STYLES = {
    "ours": "EF_{}.bin",
    "lower": "ef_{}.BIN",
    "dotted": "EF.{}",
    "bare": "{}.bin",
}


def write(path: Path, card: IssuedCard, style: str) -> None:
    """Write the files of ``card`` under the names of ``style``."""
    for name, data in card.files.items():
        written = style.format(name.lower() if style.startswith("ef_") else name)
        (path / written).write_bytes(data)


@pytest.mark.parametrize("style", STYLES.values(), ids=STYLES)
def test_names_of_other_tools(card: IssuedCard, tmp_path: Path, style: str) -> None:
    """Whatever the usual names, the files are found and verify."""
    write(tmp_path, card, style)
    evidence = Evidence.from_folder(tmp_path)
    assert dict(card.files) == dict(evidence.files)
    assert evidence.source == str(tmp_path)
    assert evidence.origin is Origin.RECORDED
    assert judge(evidence).exit_code == 0


def test_datagroup_names(card: IssuedCard, tmp_path: Path) -> None:
    """The names of the BSI reference set."""
    for name, data in card.files.items():
        other = name.replace("DG", "Datagroup") if name.startswith("DG") else f"EF_{name}"
        (tmp_path / f"{other}.bin").write_bytes(data)
    assert dict(card.files) == dict(Evidence.from_folder(tmp_path).files)


def test_other_files_are_left_alone(card: IssuedCard, tmp_path: Path) -> None:
    """What has no name of an EF is no evidence, and neither is a folder with one."""
    write(tmp_path, card, STYLES["ours"])
    (tmp_path / "secrets.json").write_text("{}")
    (tmp_path / "EF_DG7.bin").mkdir()
    assert set(card.files) == set(Evidence.from_folder(tmp_path).files)


def test_two_files_for_one(card: IssuedCard, tmp_path: Path) -> None:
    """Which of two DG1 is meant is nobody's guess."""
    write(tmp_path, card, STYLES["ours"])
    (tmp_path / "DG1.bin").write_bytes(card.files["DG1"])
    with pytest.raises(EvidenceError) as caught:
        Evidence.from_folder(tmp_path)
    assert caught.value.code == "evidence_twice"
    assert caught.value.fields["file"] == "DG1"


def test_empty_folder(tmp_path: Path) -> None:
    """A folder without files of a chip is no card."""
    assert not folder.has_files(tmp_path)
    with pytest.raises(EvidenceError) as caught:
        Evidence.from_folder(tmp_path)
    assert caught.value.code == "evidence_no_files"


def test_missing_folder(tmp_path: Path) -> None:
    """Neither is one that is not there, nor a file."""
    file = tmp_path / "file"
    file.write_bytes(b"")
    for path in (tmp_path / "absent", file):
        with pytest.raises(EvidenceError) as caught:
            Evidence.from_folder(path)
        assert caught.value.code == "evidence_unreadable"


def test_crowded_folder(card: IssuedCard, tmp_path: Path) -> None:
    """Too many entries are refused as a card; an archive may be asked whether it is one."""
    for number in range(folder.MAX_ENTRIES + 1):
        (tmp_path / f"{number}.ecid").touch()
    assert not folder.has_files(tmp_path)
    write(tmp_path, card, STYLES["ours"])
    assert folder.has_files(tmp_path)
    with pytest.raises(EvidenceError) as caught:
        Evidence.from_folder(tmp_path)
    assert caught.value.code == "evidence_too_large"


@pytest.mark.parametrize(("name", "check"), [("DG1", "dg.1"), ("DG2", "dg.2"), ("DG13", "dg.13")])
def test_oversize_file(card: IssuedCard, tmp_path: Path, name: str, check: str) -> None:
    """A file larger than its EF may be is cut past the limit and fails its check."""
    write(tmp_path, card, STYLES["ours"])
    limit = by_name(name).max_bytes
    (tmp_path / f"EF_{name}.bin").write_bytes(card.files[name] + bytes(2 * limit))
    evidence = Evidence.from_folder(tmp_path)
    assert len(evidence.files[name]) == limit + 1
    report = judge(evidence)
    assert outcome(report, check) == ("failed", "malformed")
    assert report.exit_code == 10


def test_oversize_file_survives_saving(card: IssuedCard, tmp_path: Path) -> None:
    """What came from such a folder can be saved and loaded, and is judged the same."""
    (tmp_path / "EF_DG1.bin").write_bytes(bytes(1000))
    evidence = Evidence.from_folder(tmp_path)
    again = evidence_file.parse(evidence_file.dump(evidence), "x")
    assert outcome(judge(again), "dg.1") == outcome(judge(evidence), "dg.1")


@pytest.mark.parametrize("name", [ef.name for ef in ALL_FILES])
def test_empty_file(card: IssuedCard, tmp_path: Path, name: str) -> None:
    """A file without a byte never makes anything verified, and never an exception."""
    write(tmp_path, card, STYLES["ours"])
    (tmp_path / by_name(name).folder_name).write_bytes(b"")
    report = judge(Evidence.from_folder(tmp_path))
    untouched = {"CardAccess", "CardSecurity", "CVCA", "DIR", "ATR_INFO"}
    assert (report.verdict == "verified") is (name in untouched)


def test_only_the_sod(card: IssuedCard, tmp_path: Path) -> None:
    """Without any data group the sod checks run and nothing is verified."""
    (tmp_path / "EF_SOD.bin").write_bytes(card.files["SOD"])
    report = judge(Evidence.from_folder(tmp_path))
    assert outcome(report, "sod.chain") == ("successful", None)
    assert outcome(report, "dg.1") == ("undetermined", "not_supplied")
    assert outcome(report, "dg.2") == ("undetermined", "not_supplied")
    assert report.check("dg.2").weight == "evaluatory"
    assert report.check("dg.1").weight == "mandatory"
    assert report.exit_code == 11


def test_without_the_sod(card: IssuedCard, tmp_path: Path) -> None:
    """Without the SOD nothing is verified, and it was merely not supplied."""
    write(tmp_path, card, STYLES["ours"])
    (tmp_path / "EF_SOD.bin").unlink()
    report = judge(Evidence.from_folder(tmp_path))
    assert outcome(report, "sod.format") == ("undetermined", "not_supplied")
    assert report.exit_code == 11


@pytest.mark.parametrize("number", [2, 13, 14, 15])
def test_without_one_data_group(card: IssuedCard, tmp_path: Path, number: int) -> None:
    """A listed file that the folder lacks is not supplied, which only informs."""
    write(tmp_path, card, STYLES["ours"])
    (tmp_path / f"EF_DG{number}.bin").unlink()
    report = judge(Evidence.from_folder(tmp_path))
    assert outcome(report, f"dg.{number}") == ("undetermined", "not_supplied")
    assert report.check(f"dg.{number}").weight == "evaluatory"
    assert report.exit_code == 0
