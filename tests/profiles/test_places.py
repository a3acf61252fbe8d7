"""Where a value for a form stands: DG13 where it speaks, DG1 where that is as good, or nowhere."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ecid.emulator.personalise.dg13 import dg13
from ecid.emulator.personalise.person import people
from ecid.profiles.vietnam.places import PLACES, place

MAN = people()["nam"]


def test_whole() -> None:
    """On a card with every field each value stands in its own."""
    files = {"DG13": dg13(MAN)}
    assert {key: place(key, files) for key in PLACES} == PLACES


@pytest.mark.parametrize("content", [{}, {"DG13": b""}, {"DG13": b"\x6d\x00"}])
def test_absent(content: dict[str, bytes]) -> None:
    """Without a DG13 that can be read, number, sex and dates are from the zone, and no words."""
    found = {key for key in PLACES if place(key, content) == "DG1"}
    assert found == {"personal_number", "birth_date", "sex", "expiry_date"}
    assert {place(key, content) for key in PLACES} == {"DG1", None}


@pytest.mark.parametrize(
    ("changed", "key", "expected"),
    [
        ({"full_name": ""}, "full_name", None),
        ({"nationality": ""}, "nationality", None),
        ({"number": ""}, "personal_number", "DG1"),
        ({"birth_date": "1990"}, "birth_date", "DG1"),
        ({"sex": "x"}, "sex", "DG1"),
        ({"expiry_date": ""}, "expiry_date", "DG1"),
        ({"expiry_date": "Không thời hạn"}, "expiry_date", "DG13.12"),
        ({"issue_date": "June 2021"}, "issue_date", "DG13.11"),
        ({"father_name": ""}, "father_name", None),
        ({"father_name": ""}, "mother_name", "DG13.13"),
    ],
)
def test_field_without_content(changed: dict[str, str], key: str, expected: str | None) -> None:
    """A field that is empty or not understood is not where the value is from."""
    assert place(key, {"DG13": dg13(replace(MAN, **changed))}) == expected
