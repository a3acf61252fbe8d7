"""Published vectors, read once, as bytes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="session")
def doc9303(corpus: Path) -> dict[str, dict[str, bytes]]:
    """Return the values of the appendices of Doc 9303-11, by group and name; text as ASCII."""
    text = (corpus / "vectors" / "icao-9303-11.json").read_text(encoding="utf-8")
    return {
        group["id"]: {name: _value(value) for name, value in group["values"].items()}
        for group in json.loads(text)["groups"]
    }


@pytest.fixture(scope="session")
def transcripts(corpus: Path) -> dict[str, Any]:
    """Return recorded protocol runs with known keys."""
    text = (corpus / "vectors" / "gmrtd_transcripts.json").read_text(encoding="utf-8")
    content: dict[str, Any] = json.loads(text)
    return content


@pytest.fixture(scope="session")
def iso9796(corpus: Path) -> dict[str, Any]:
    """Return the vectors of ISO/IEC 9796-2 by group."""
    text = (corpus / "vectors" / "iso9796-2.json").read_text(encoding="utf-8")
    return {group["id"]: group for group in json.loads(text)["groups"]}


def _value(value: dict[str, str]) -> bytes:
    if "hex" in value:
        return bytes.fromhex(value["hex"])
    return value.get("text", "").encode("ascii")
