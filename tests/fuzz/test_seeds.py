"""The seeds of the fuzz targets and everything that fuzzing ever found, run once each."""

from __future__ import annotations

import pytest

from tests.fuzz.seeds import FOLDER, FOUND, seeds
from tests.fuzz.targets import TARGETS, run


@pytest.mark.parametrize("target", TARGETS)
def test_seeds(target: str) -> None:
    """Every seed is what the card gives today, and the target lives through it and its halves."""
    expected = seeds()[target]
    assert expected == {path.name: path.read_bytes() for path in (FOLDER / target).iterdir()}
    for data in expected.values():
        run(target, data)
        run(target, data[: len(data) // 2])
        run(target, b"")


def test_everything_that_was_found() -> None:
    """No crash comes back; the name of a file begins with its target."""
    for path in sorted(FOUND.glob("*-*")):
        run(path.name.split("-")[0], path.read_bytes())
