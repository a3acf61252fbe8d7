"""Reading a QR text: the number at its start or none; fields with bars, without, or lacking."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecid.errors import Misuse
from ecid.profiles.vietnam import qr
from ecid.profiles.vietnam.scanner import Damage
from ecid.secret import AccessSecret

NUMBER = "000090123456"
REST = "|012345678|Nguyễn Văn Mẫu|15071990|Nam|Hà Nội|01062021"
BORN, ISSUED = date(1990, 7, 15), date(2021, 6, 1)


@pytest.mark.parametrize(
    "text",
    [
        "00009012345|012345678|Tr022501860167n Th022501870139|15071990|Nam|Ha Noi|01062021",
        f"00009012345{REST}|Nguyễn Văn Cha|{NUMBER}||",
        f"{NUMBER}0{REST}",
        f"x{REST}|{NUMBER}",
        f"{NUMBER}x{REST}",
        f"{NUMBER}Nguyễn Văn Mẫu 15071990 Nam Hà Nội 01062021",
        f"{NUMBER}Đặng",
        f"{NUMBER} x{REST}",
        f"https://example.vn/?q={NUMBER}",
        f"CCCD {NUMBER}",
        "000 090 123 456 789",
        "000 0901 23456",
        "000\t090\t123\t456",
        "０００090123456",
    ],
)
def test_no_number_at_the_start(text: str) -> None:
    """A number elsewhere is somebody else's: there is none, and no key."""
    found = qr.read(text)
    assert (found.number, found.damage) == (None, Damage.UNREADABLE)
    with pytest.raises(Misuse):
        AccessSecret.from_qr(text)


@pytest.mark.parametrize(
    "text", [f"\ufeff {NUMBER}{REST}\r\n", f" {NUMBER} {REST}", f"000 090 123 456{REST}"]
)
def test_number_at_the_start(text: str) -> None:
    """A mark, white space and spaces between threes do not matter."""
    found = qr.read(text)
    assert found.number is not None
    assert (found.number.digits, found.damage) == (NUMBER, None)
    assert (found.birth_date, found.issue_date) == (BORN, ISSUED)


@pytest.mark.parametrize("fields", range(1, 7))
def test_text_that_breaks_off(fields: int) -> None:
    """Of a text that was cut the last field counts for nothing, and that it lacks some is said."""
    found = qr.read("|".join((NUMBER + REST).split("|")[:fields]) + ("|" if fields == 1 else ""))
    assert found.damage is Damage.INCOMPLETE
    assert (found.full_name is not None) is (fields > 3)
    assert (found.birth_date, found.issue_date) == (BORN if fields > 4 else None, None)


def test_last_date_that_breaks_off() -> None:
    """Half a date is no other date."""
    found = qr.read((NUMBER + REST)[:-2])
    assert (found.damage, found.issue_date) == (Damage.INCOMPLETE, None)
    assert "issue_date" not in found.raw


def test_six_fields() -> None:
    """Some software leaves out the old number: the dates tell which fields there are."""
    found = qr.read(f"{NUMBER}|Nguyễn Văn Mẫu|15071990|Nam|Hà Nội|01062021")
    assert (found.full_name, found.residence) == ("Nguyễn Văn Mẫu", "Hà Nội")
    assert (found.birth_date, found.issue_date, found.old_id_number) == (BORN, ISSUED, None)
    assert found.damage is Damage.INCOMPLETE


@pytest.mark.parametrize("sign", ["\t", " ", "~", " ; ", "¦", "§"])
def test_bars_that_became_other_signs(sign: str) -> None:
    """Number and two dates hold the text together; words between them are read, too."""
    found = qr.read((NUMBER + REST).replace("|", sign))
    assert found.damage is Damage.REPLACED
    assert (found.old_id_number, found.full_name) == ("012345678", "Nguyễn Văn Mẫu")
    assert (found.birth_date, found.sex, found.residence) == (BORN, "male", "Hà Nội")
    assert found.issue_date == ISSUED


@pytest.mark.parametrize(
    "dates", ["15071990", "15071990 01062021 02062021", "01062021 15071990", "", "15079990 x 1506"]
)
def test_dates_without_bars(dates: str) -> None:
    """Other than two dates in their order are no dates: which is which nobody knows."""
    found = qr.read(f"{NUMBER} Nguyễn Văn Mẫu {dates}")
    assert found.number is not None
    assert (found.birth_date, found.issue_date) == (None, None)
    assert found.expiry_candidates == ()


@pytest.mark.parametrize(
    ("birth", "issue"),
    [("15072020", "01061990"), ("15071899", "01061899"), ("32131990", "01062021"), ("x", "y")],
)
def test_dates_that_are_none(birth: str, issue: str) -> None:
    """A card older than its holder, a year before anybody, a day that is none."""
    found = qr.read(f"{NUMBER}||A|{birth}|Nam|B|{issue}")
    assert found.birth_date is None
    assert found.raw["birth_date"] == birth
    assert found.expiry_candidates == ()


@given(st.from_regex(r"[0-9]{12}\|[0-9]{0,9}\|A\|[0-9]{8}\|Nam\|B\|[0-9]{8}", fullmatch=True))
def test_any_digits(text: str) -> None:
    """Whatever the digits are, there is a secret, and at most three dates of expiry."""
    found = qr.read(text)
    assert len(found.expiry_candidates) <= 3
    assert AccessSecret.from_qr(text).can == text[6:12]
