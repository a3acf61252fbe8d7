"""``docs/reference/defects.md`` names every known defect, and only tests and mutants that exist."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from tests.mutants.run import mutants

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "reference" / "defects.md"
LIST = ROOT / "tests" / "mutants" / "defects.toml"


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    number: str
    text: str
    tests: tuple[str, ...]
    mutants: tuple[str, ...]


def rows() -> list[Row]:
    """Return the lines of the table."""
    cells = [
        [cell.strip() for cell in line.split("|")[1:-1]]
        for line in PAGE.read_text("utf-8").splitlines()
        if line.startswith("| D")
    ]
    return [Row(number, text, _code(tests), _code(names)) for number, text, tests, names in cells]


def _code(cell: str) -> tuple[str, ...]:
    return tuple(re.findall(r"`([^`]+)`", cell))


@cache
def killers() -> dict[str, frozenset[str]]:
    """Return for every mutant the tests beside it, and the files of them."""
    return {
        mutant.name: frozenset(test.partition("[")[0] for test in mutant.tests)
        for mutant in mutants()
    }


def test_every_defect_is_there() -> None:
    """D1 to D25, and the fourteen of D26."""
    expected = [f"D{number}" for number in range(1, 26)] + [f"D26{c}" for c in "abcdefghijklmn"]
    assert [row.number for row in rows()] == expected


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.number)
def test_row(row: Row) -> None:
    """Its tests are there, and so are its mutants, each killed by one of its tests."""
    assert row.tests
    for test in row.tests:
        path, _, name = test.partition("::")
        assert re.search(rf"^def {name}\(", (ROOT / path).read_text("utf-8"), re.MULTILINE), test
    assert row.mutants or "No protocol: " in row.text
    either = {*row.tests, *(test.partition("::")[0] for test in row.tests)}
    for name in row.mutants:
        assert killers()[name] & either, name


def test_every_mutant_of_a_defect_is_there() -> None:
    """What ``make deep`` runs is on the page, each in the line of its defect."""
    listed = re.findall(r'^name = "(.*)"$', LIST.read_text("utf-8"), re.MULTILINE)
    where = {name: row.number for row in rows() for name in reversed(row.mutants)}
    assert [name for name in listed if name not in where] == []
    for row in rows():
        own = [name for name in listed if re.match(rf"{_prefix(row.number)}-", name)]
        assert set(own) <= set(row.mutants), row.number


def _prefix(number: str) -> str:
    digits = re.match(r"D(\d+)", number)
    assert digits is not None
    return f"d{int(digits[1]):02d}" + number[digits.end() :]
