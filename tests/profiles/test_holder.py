"""The identity as Vietnam has it, and the structure of the number."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecid.emulator.personalise.dg13 import dg13
from ecid.emulator.personalise.person import people
from ecid.errors import NotVerified
from ecid.inspection.checks import Verdict
from ecid.inspection.profile import Contents, NoExpiry
from ecid.lds import dg1
from ecid.outcome import Outcome, Reason
from ecid.profiles.vietnam import VIETNAM, VietnameseIdentity
from ecid.profiles.vietnam.number import parse, provinces
from inspection_kit import by_can, issued, read


def holder(name: str) -> VietnameseIdentity:
    """Return the verified identity on the shipped card ``name``."""
    card = issued(name)
    return VietnameseIdentity.from_report(read(card, by_can(card)))


def test_types() -> None:
    """Dates are dates, the number is taken apart, and nothing shows in the repr."""
    found = holder("vn-cccd-2021")
    assert found.number is not None
    assert (found.number.place, found.number.sex, found.number.birth_year) == (None, "male", 1990)
    assert (found.birth_date, found.expiry) == (date(1990, 7, 15), date(2030, 7, 15))
    assert found.next_exchange == (40, date(2030, 7, 15))
    assert found.spouses == ("Lê Thị Vợ",)
    assert "Nguy" not in repr(found)


def test_permanent() -> None:
    """A card without expiry need not be exchanged."""
    found = holder("vn-cccd-2021-permanent")
    assert isinstance(found.expiry, NoExpiry)
    assert found.next_exchange is None


def test_no_father() -> None:
    """An empty first name leaves the mother in her place."""
    found = holder("vn-cccd-2021-khong-cha")
    assert (found.father_name, found.mother_name) == (None, "H'Ví Niê Dụ")


@pytest.mark.parametrize(("name", "edition"), [("vn-cccd-2021", "2021"), ("vn-cc-2024", "2024")])
def test_edition(name: str, edition: str) -> None:
    """The date of issue says which law the card is of."""
    assert holder(name).edition == edition


def test_only_verified() -> None:
    """The typed identity is no way round the verdict."""
    card = issued()
    report = replace(read(card, by_can(card)), verdict=Verdict.UNDETERMINED)
    with pytest.raises(NotVerified):
        VietnameseIdentity.from_report(report)


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"number": "000290123456"}, "birth_date"),
        ({"number": "000190123456"}, "sex"),
        ({"number": "000391123456"}, "birth_date, sex"),
    ],
)
def test_number_structure(change: dict[str, str], fields: str) -> None:
    """A number that does not look like its holder is open, never failed."""
    person = replace(people()["nam"], **change)
    files = {**issued().files, "DG1": dg1_of(person.mrz), "DG13": dg13(person)}
    contents = Contents(mrz=dg1.parse(files["DG1"]).mrz, files=files)
    found = VIETNAM.crosscheck(contents, date(2026, 1, 1))
    assert (found.outcome, found.reason) == (Outcome.UNDETERMINED, Reason.NUMBER_STRUCTURE)
    assert found.detail["fields"] == fields


def dg1_of(mrz: str) -> bytes:
    """Return EF.DG1 round a zone of 90 characters."""
    return bytes.fromhex("615d5f1f5a") + mrz.encode("ascii")


@given(st.text(max_size=14) | st.from_regex(r"[0-9]{12}", fullmatch=True))
def test_any_number(digits: str) -> None:
    """Twelve ASCII digits are a number whatever they say; nothing else is."""
    found = parse(digits)
    twelve = len(digits) == 12 and digits.isascii() and digits.isdigit()
    assert (found is not None) is twelve


def test_provinces() -> None:
    """There are 63, and 000 is none of them."""
    assert len(provinces()) == 63
    assert "000" not in provinces()
