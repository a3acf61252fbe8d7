"""The QR text against the chip: other people's words are found, whatever stands beside them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecid.emulator.personalise.dg13 import dg13
from ecid.emulator.personalise.person import Person, people
from ecid.inspection.profile import Contents
from ecid.mrz.mrz import parse
from ecid.outcome import Finding, Outcome, Reason
from ecid.profiles.vietnam.match import match_qr, same_words

DAY = date(2026, 1, 1)
MAN = people()["nam"]


def contents(person: Person, *, with_dg13: bool = True) -> Contents:
    """Return what a chip of ``person`` holds, without the face."""
    return Contents(mrz=parse(person.mrz), files={"DG13": dg13(person)} if with_dg13 else {})


def match(text: str, person: Person = MAN) -> Finding:
    """Return the finding about ``text`` at the chip of ``person``."""
    return match_qr(text, contents(person), DAY)


def qr_text(**changed: str) -> str:
    """Return the man's QR text with other fields, as they would stand there."""
    fields = {
        "number": MAN.number,
        "old": MAN.old_number,
        "name": MAN.full_name,
        "birth": "15071990",
        "sex": "Nam",
        "residence": MAN.residence,
        "issue": "01062021",
    }
    return "|".join((fields | changed).values())


@pytest.mark.parametrize(
    ("changed", "fields"),
    [
        ({"name": "Lê Thị Khác ?"}, "full_name"),
        ({"name": "Lê Thị Khác ?", "residence": "Chỗ khác ?"}, "full_name, place_of_residence"),
        ({"name": "Trºn Long An"}, "full_name"),
        ({"name": "Trºn ┴n", "residence": "Nam Long"}, "place_of_residence"),
        ({"birth": "32131990"}, "birth_date"),
        ({"birth": "15071991"}, "birth_date"),
        ({"issue": "no date"}, "issue_date"),
        ({"old": "99999999x"}, "old_id_number"),
        ({"sex": "Khác"}, "sex"),
        ({"sex": "Nữ"}, "sex"),
        ({"name": "Nguyen Van Mau"}, "full_name"),
        ({"name": "? Văn ? Khác"}, "full_name"),
    ],
)
def test_somebody_else(changed: dict[str, str], fields: str) -> None:
    """Damage is a wild card for the word that it struck, and for no other."""
    found = match(qr_text(**changed))
    assert (found.outcome, found.reason) == (Outcome.FAILED, Reason.QR_MISMATCH)
    assert found.detail["fields"] == fields


@pytest.mark.parametrize("sign", [" ", "\t", "~"])
@pytest.mark.parametrize(
    ("changed", "fields"),
    [
        ({"name": "Lê Thị Khác"}, "full_name"),
        ({"residence": "Hà Nội"}, "place_of_residence"),
        ({"sex": "Nữ"}, "sex"),
        ({"birth": "16071990"}, "birth_date"),
    ],
)
def test_somebody_else_without_bars(sign: str, changed: dict[str, str], fields: str) -> None:
    """Bars that are gone hide nobody."""
    found = match(qr_text(**changed).replace("|", sign))
    assert (found.outcome, found.detail["fields"]) == (Outcome.FAILED, fields)
    assert found.detail["damage"] == "replaced"
    assert match(qr_text().replace("|", sign)).ok


@pytest.mark.parametrize(
    "changed",
    [
        {"name": "NGUYỄN VĂN MẪU"},
        {"name": "Nguyễn\u00a0Văn\u00a0Mẫu"},
        {"name": "Nguyễn Văn\u200b Mẫ\u00adu"},
        {"residence": MAN.residence.replace("Đ", "\u00d0")},
        {"residence": MAN.residence.replace(", ", ",")},
        {"residence": MAN.residence.replace(",", " -")},
        {"old": "012 345 678"},
        {"name": "Nguyễn ? Mẫu"},
        {"name": "? ?"},
        {"birth": "15/07/1990", "issue": "1.6.2021"},
        {"name": "", "residence": "", "old": ""},
    ],
)
def test_same_person(changed: dict[str, str]) -> None:
    """What was typed in another way, lost or left out is no other person's."""
    assert match(qr_text(**changed)).ok


def test_two_spellings_of_a_tone() -> None:
    """``Hòa`` is ``Hoà``, ``Thuỷ`` is ``Thủy``: one name in the old and the new spelling."""
    other = replace(MAN, full_name="Nguyễn Thị Hoà", residence="Xã Thuỷ Nguyên, Khoẻ")
    text = qr_text(name="Nguyễn Thị Hòa", residence="Xã Thủy Nguyên, Khỏe")
    assert match(text, other).ok


@pytest.mark.parametrize(
    "text", [MAN.number, f"{MAN.number}||||||", f"{MAN.number} nobody", f"{MAN.number}|||||?|"]
)
def test_number_alone(text: str) -> None:
    """The number opened the chip: that it is there proves nothing more."""
    found = match(text)
    assert (found.outcome, found.reason) == (Outcome.UNDETERMINED, Reason.NOTHING_TO_COMPARE)


@pytest.mark.parametrize(("name", "ok"), [("Nguyễn Văn Mẫu", True), ("Lê Văn Mẫu", False)])
def test_without_dg13(name: str, ok: bool) -> None:
    """Where only the zone was read, the name is compared as the zone has it."""
    found = match_qr(qr_text(name=name), contents(MAN, with_dg13=False), DAY)
    assert found.ok is ok


@given(
    st.lists(st.sampled_from("abc?"), max_size=40), st.lists(st.sampled_from("abc"), max_size=40)
)
def test_words(scanned: list[str], on_chip: list[str]) -> None:
    """Words that came through stand on the chip, in their order; without a loss they are equal."""
    if "?" not in scanned:
        assert same_words(scanned, on_chip) is (scanned == on_chip)
    elif same_words(scanned, on_chip):
        rest = iter(on_chip)
        assert all(word in rest for word in scanned if word != "?")
