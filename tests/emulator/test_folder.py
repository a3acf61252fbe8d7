"""Cards as folders of files: ours, and those that other tools have written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chip_terminal import Terminal
from ecid.emulator import card, issue, load
from ecid.emulator.folder import MAX_FILE
from ecid.errors import EvidenceError, OutputError


def test_save_and_load(tmp_path: Path) -> None:
    """What was saved is loaded: files, secrets, keys, profile; only the name is the folder's."""
    issued = issue("vn-cccd-2021-mf")
    issued.save(tmp_path / "card")
    loaded = load(tmp_path / "card")
    assert loaded.name == "card"
    assert dict(loaded.files) == dict(issued.files)
    assert (loaded.secrets, loaded.chip_keys) == (issued.secrets, issued.chip_keys)
    assert (loaded.csca, loaded.profile, loaded.seed) == (issued.csca, "vn-cccd-2021-mf", 0)


def test_names_in_the_folder(tmp_path: Path) -> None:
    """The names of the design, and nothing temporary left behind."""
    issue("vn-cccd-2021").save(tmp_path)
    expected = {"csca.der", "secrets.json", "card.json", "DG14_sk.pkcs8", "DG15_sk.pkcs8"}
    names = ("COM", "SOD", "DG1", "DG2", "DG3", "DG13", "DG14", "DG15", "CardAccess", "DIR")
    assert expected | {f"EF_{n}.bin" for n in names} == {p.name for p in tmp_path.iterdir()}
    assert json.loads((tmp_path / "card.json").read_text()) == {
        "profile": "vn-cccd-2021",
        "seed": 0,
    }
    secrets = json.loads((tmp_path / "secrets.json").read_text("utf-8"))
    assert list(secrets) == ["mrz", "can", "qr", "document_number", "birth_date", "expiry_date"]


def test_card_from_a_folder(tmp_path: Path) -> None:
    """A saved card can be read like the shipped one."""
    issue("vn-cccd-2021").save(tmp_path)
    terminal = Terminal(card(tmp_path))
    assert terminal.pace(b"123456").sw == 0x9000
    terminal.select_application()
    assert terminal.read_file(0x0101) == issue("vn-cccd-2021").files["DG1"]


def test_foreign_folder(corpus: Path) -> None:
    """The published BSI set: names like Datagroup1.bin, no secrets, BAC with its own MRZ."""
    folder = corpus / "chips" / "bsi-tr03105-5-reference"
    chip = card(folder)
    assert chip.issued.profile == "standard"
    assert set(chip.issued.files) == {"COM", "SOD", "DG1", "DG2", "DG3", "DG4", "DG14", "DG15"}
    terminal = Terminal(chip)
    assert terminal.raw("00B09C0000").sw == 0x6A82
    assert terminal.select_application().sw == 0x9000
    assert terminal.bac(chip.issued.secrets.mrz_information).sw == 0x9000
    assert terminal.read_file(0x0101) == chip.issued.files["DG1"]


def test_folder_without_keys(tmp_path: Path) -> None:
    """Without private keys the chip can run neither CA nor AA, and says so."""
    issue("vn-cccd-2021").save(tmp_path)
    for name in ("DG14_sk.pkcs8", "DG15_sk.pkcs8"):
        (tmp_path / name).unlink()
    terminal = Terminal(card(tmp_path))
    terminal.pace(b"123456")
    terminal.select_application()
    assert terminal.send("002241A4", bytes.fromhex("800A04007F00070202030202")).sw == 0x6A88
    assert terminal.send("00880000", bytes(8), 256).sw == 0x6D00


def test_folder_with_an_unreadable_dg1(tmp_path: Path) -> None:
    """A chip whose MRZ nobody knows can be loaded, and not opened."""
    (tmp_path / "EF_DG1.bin").write_bytes(b"\x61\x00")
    terminal = Terminal(card(tmp_path))
    terminal.select_application()
    assert terminal.raw("0084000008").sw == 0x6985


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("card.json", b"{"),
        ("card.json", b"[1]"),
        ("card.json", b'{"profile": "unheard of"}'),
        ("secrets.json", b'{"colour": "1"}'),
        ("secrets.json", b"\xff"),
        ("DG14_sk.pkcs8", b"\x30\x00"),
        ("DG15_sk.pkcs8", b"key"),
        ("EF_DG2.bin", bytes(MAX_FILE + 1)),
    ],
)
def test_damaged_folder(tmp_path: Path, name: str, content: bytes) -> None:
    """What cannot be read is an ``EvidenceError``."""
    issue("vn-cccd-2021").save(tmp_path)
    (tmp_path / name).write_bytes(content)
    with pytest.raises(EvidenceError):
        load(tmp_path)


def test_no_folder(tmp_path: Path) -> None:
    """A path that is absent, and a folder without chip files: ``EvidenceError``."""
    with pytest.raises(EvidenceError):
        card(tmp_path / "absent")
    with pytest.raises(EvidenceError):
        load(tmp_path)


def test_folder_that_cannot_be_written(tmp_path: Path) -> None:
    """A file in the way is an ``OutputError``, and stays what it was."""
    target = tmp_path / "file"
    target.write_bytes(b"x")
    with pytest.raises(OutputError):
        issue("vn-cccd-2021").save(target)
    assert target.read_bytes() == b"x"
