"""Every known defect, put into a copy of our code, is noticed by the test that has its name."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from tests.mutants.run import Mutant, check_unchanged, copy_packages, mutants, try_one

LIST = Path(__file__).with_name("defects.toml")
NAMES = [row["name"] for row in tomllib.loads(LIST.read_text("utf-8"))["mutant"]]
DEFECTS = {mutant.name: mutant for mutant in mutants() if mutant.name in NAMES}


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the packages as they are."""
    copy = tmp_path_factory.mktemp("mutants")
    copy_packages(copy)
    return copy


@pytest.mark.deep
def test_control(base: Path) -> None:
    """Without a mutant the named tests pass, against the copy."""
    check_unchanged(base, sorted({test for mutant in DEFECTS.values() for test in mutant.tests}))


@pytest.mark.deep
@pytest.mark.parametrize("mutant", DEFECTS.values(), ids=DEFECTS)
def test_killed(mutant: Mutant, base: Path) -> None:
    """With the defect one of them fails."""
    result = try_one(mutant, base)
    assert result.ending == "killed", result.detail
