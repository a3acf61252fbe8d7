"""Published vectors, read once, as bytes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="session")
def vectors(corpus: Path) -> Callable[[str], dict[str, Any]]:
    """Return a function that reads one file of vectors, named without its suffix."""

    def read(name: str) -> dict[str, Any]:
        text = (corpus / "vectors" / f"{name}.json").read_text(encoding="utf-8")
        content: dict[str, Any] = json.loads(text)
        return content

    return read


@pytest.fixture(scope="session")
def doc9303(vectors: Callable[[str], dict[str, Any]]) -> dict[str, dict[str, bytes]]:
    """Return the values of the appendices of Doc 9303-11, by group and name."""
    return {
        group["id"]: {
            name: bytes.fromhex(value["hex"])
            for name, value in group["values"].items()
            if "hex" in value
        }
        for group in vectors("icao-9303-11")["groups"]
    }


@pytest.fixture(scope="session")
def transcripts(vectors: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    """Return the recorded protocol runs with known keys."""
    return vectors("gmrtd_transcripts")


@pytest.fixture(scope="session")
def wycheproof(corpus: Path) -> Callable[[str], dict[str, Any]]:
    """Return a function that reads one Wycheproof file, named without ``_test.json``."""

    def read(name: str) -> dict[str, Any]:
        text = (corpus / "wycheproof" / f"{name}_test.json").read_text(encoding="utf-8")
        content: dict[str, Any] = json.loads(text)
        return content

    return read


@pytest.fixture(scope="session")
def wycheproof_names(corpus: Path) -> Callable[[str], list[str]]:
    """Return a function that lists the Wycheproof files whose names begin with a prefix."""

    def names(prefix: str) -> list[str]:
        found = (corpus / "wycheproof").glob(f"{prefix}*_test.json")
        return sorted(path.name.removesuffix("_test.json") for path in found)

    return names
