"""The command inside this process, a card in a folder, and recordings of it."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from ecid.inspection.evidence import Evidence
from form_kit import CARDS, OTHERS, template_of
from inspection_kit import Command, by_mrz, issued, read
from trust_commands import fill, write_files


@pytest.fixture
def ecid(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """Return the command, speaking English unless told otherwise."""
    monkeypatch.setattr("ecid.cli.words.locale.getlocale", lambda: ("en_GB", "UTF-8"))
    return Command(capsys)


@pytest.fixture(scope="session")
def issued_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the shipped card; not to be changed."""
    folder = tmp_path_factory.mktemp("cards") / "card"
    issued().save(folder)
    return folder


@pytest.fixture
def folder(issued_folder: Path, tmp_path: Path) -> Path:
    """Return a copy of that folder, to be changed."""
    return Path(shutil.copytree(issued_folder, tmp_path / "card"))


@pytest.fixture(scope="session")
def anchor(issued_folder: Path) -> Path:
    """Return the certificate that vouches for the card."""
    return issued_folder / "csca.der"


@pytest.fixture(scope="session")
def live() -> Evidence:
    """Return the evidence of one live reading."""
    return read(issued(), by_mrz(issued())).evidence


@pytest.fixture
def recording(live: Evidence, tmp_path: Path) -> Path:
    """Return an evidence file."""
    path = tmp_path / "x.ecid"
    live.save(path)
    return path


@pytest.fixture(scope="session")
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


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """Return a file that was there before, alone in its folder."""
    path = tmp_path / "documents" / "out.docx"
    path.parent.mkdir()
    path.write_bytes(b"the old one")
    return path


@pytest.fixture
def word(tmp_path: Path) -> Path:
    """Return a template with the names of both parents."""
    path = tmp_path / "template.docx"
    path.write_bytes(template_of("Mẹ: {{ mother.full_name }}", "Cha: {{ father.full_name }}"))
    return path


@pytest.fixture
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no line be broken."""
    monkeypatch.setenv("COLUMNS", "400")


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Return the folder of the store of a test; there is none yet."""
    return tmp_path / "store"


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    """Return files to import, by name."""
    return write_files(tmp_path)


@pytest.fixture
def filled(ecid: Command, store: Path, files: dict[str, Path]) -> Path:
    """Return a store with an anchor, a list it vouches for, and a revocation list."""
    return fill(ecid, store, files)
