"""What the wheel holds and is called: read from pyproject.toml, since nothing is built here."""

from __future__ import annotations

import importlib.util
import re
import tomllib
from pathlib import Path

import pytest

import ecid

PROJECT = Path(__file__).resolve().parent.parent
SETTINGS = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))


@pytest.mark.parametrize("name", ["crypto", "readers"])
def test_folders_are_no_packages(name: str) -> None:
    """``crypto`` and ``readers`` are folders of the project and modules of nobody.

    On Windows and macOS ``crypto`` would be one name with pycryptodome's ``Crypto``.
    """
    found = importlib.util.find_spec(name)
    assert found is None or found.origin is None
    assert not (PROJECT / name / "__init__.py").exists()


@pytest.mark.parametrize("name", ["ecid", "ecid_readers", "ecid_crypto"])
def test_packages(name: str) -> None:
    """The three packages are importable and stand in the project."""
    found = importlib.util.find_spec(name)
    assert found is not None
    assert found.origin is not None
    assert PROJECT in Path(found.origin).resolve().parents


def test_wheel_holds_three_packages() -> None:
    """The wheel takes the packages and not the folders round them."""
    wheel = SETTINGS["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert wheel["packages"] == ["ecid", "readers/ecid_readers", "crypto/ecid_crypto"]
    for package in wheel["packages"]:
        assert (PROJECT / package / "__init__.py").is_file()


def test_version_stands_once() -> None:
    """The version of the project is that of the package."""
    assert SETTINGS["project"]["version"] == ecid.__version__


def test_command() -> None:
    """The command ``ecid`` points at a function that exists."""
    module, _, name = SETTINGS["project"]["scripts"]["ecid"].partition(":")
    assert module == "ecid.cli.main"
    found = importlib.import_module(module)
    assert callable(getattr(found, name))


def test_bounds() -> None:
    """The unstable ASN.1 API is bounded above, and the lowest Python is the tested one."""
    requirements = {re.split(r"[<>=;\[ ]", d)[0]: d for d in SETTINGS["project"]["dependencies"]}
    assert re.search(r">=50\.\d+\.\d+,<51", requirements["cryptography"])
    assert SETTINGS["project"]["requires-python"] == ">=3.11"
    assert "asn1crypto" not in requirements


def test_pyscard_is_optional_where_it_has_no_wheel() -> None:
    """On Linux pyscard is asked for by an extra only."""
    [pyscard] = [d for d in SETTINGS["project"]["dependencies"] if d.startswith("pyscard")]
    assert "sys_platform == 'win32'" in pyscard
    assert SETTINGS["project"]["optional-dependencies"]["pcsc"][0].startswith("pyscard")


@pytest.mark.parametrize(
    "name",
    [
        "ecid/text/vi.toml",
        "ecid/text/en.toml",
        "ecid/inspection/policies/counter.toml",
        "ecid/inspection/policies/passive.toml",
        "ecid/inspection/policies/strict.toml",
        "ecid/emulator/people.toml",
        "LICENSE",
        "README.md",
    ],
)
def test_data_files(name: str) -> None:
    """Files that the code reads at run time stand inside the packages."""
    assert (PROJECT / name).stat().st_size > 0
