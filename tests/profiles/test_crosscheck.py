"""DG13 against DG1: numbers, dates and names that contradict each other, and what is only odd."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from datetime import date

import pytest

from ecid.emulator.personalise.dg13 import dg13
from ecid.emulator.personalise.person import Person, people
from ecid.inspection.profile import Contents
from ecid.mrz.checksum import check_digit
from ecid.mrz.mrz import build_td1, parse
from ecid.outcome import Finding, Outcome, Reason
from ecid.profiles.vietnam.crosscheck import crosscheck, transliterate
from ecid.profiles.vietnam.identity import identity

DAY = date(2026, 1, 1)
MAN, WOMAN, OLD_MAN = (people()[key] for key in ("nam", "nu", "lao"))


def zone(person: Person, *, number: str | None = None, digit: str | None = None) -> str:
    """Return the zone of ``person`` with another document number or national check digit."""
    return build_td1(
        document_code="ID",
        issuing_state="VNM",
        document_number=number or person.document_number,
        optional_data_1=f"{person.number}<<{digit or check_digit(person.number)}",
        birth_date=person.birth_yymmdd,
        sex="male",
        expiry_date=person.expiry_yymmdd,
        nationality="VNM",
        surname=person.surname,
        given_names=person.given_names,
    )


def checked(mrz: str, person: Person) -> Finding:
    """Return the finding about ``mrz`` beside the DG13 of ``person``."""
    return crosscheck(Contents(mrz=parse(mrz), files={"DG13": dg13(person)}), DAY)


def test_control() -> None:
    """Nothing contradicts anything on a card as it is issued."""
    assert zone(MAN) == MAN.mrz
    assert all(checked(person.mrz, person).ok for person in people().values())


def test_document_number() -> None:
    """The document number is the last nine digits of the personal number."""
    found = checked(zone(MAN, number="999999999"), MAN)
    assert (found.outcome, found.reason) == (Outcome.FAILED, Reason.CROSS_MISMATCH)
    assert found.detail["fields"] == "document_number"


def test_national_check_digit() -> None:
    """No law says how it is made: one that does not fit is a finding, and no failure."""
    wrong = str((int(check_digit(MAN.number)) + 1) % 10)
    found = checked(zone(MAN, digit=wrong), MAN)
    assert (found.outcome, found.reason) == (Outcome.UNDETERMINED, Reason.NUMBER_STRUCTURE)
    assert found.detail["fields"] == "optional_data_1"


@pytest.mark.parametrize(
    ("mrz", "person"),
    [
        (MAN.mrz, replace(MAN, expiry_date="Không thời hạn")),
        (OLD_MAN.mrz, replace(OLD_MAN, expiry_date="02/09/2040")),
    ],
    ids=["words", "zone"],
)
def test_no_expiry_on_one_side(mrz: str, person: Person) -> None:
    """For life here and a date there is a contradiction."""
    assert checked(mrz, person).detail["fields"] == "expiry_date"


def test_letters_that_look_the_same() -> None:
    """The Icelandic letter in a name is taken for the Vietnamese one."""
    person = replace(WOMAN, full_name=WOMAN.full_name.replace("Đ", "\u00d0"))
    assert person.full_name != WOMAN.full_name
    assert checked(WOMAN.mrz, person).ok
    assert transliterate("\u00d0\u0189\u00f0 đ") == "DDD D"


def test_composed_letters() -> None:
    """What is shown has its letters composed, however the chip has them."""
    apart = replace(
        WOMAN,
        full_name=unicodedata.normalize("NFD", WOMAN.full_name),
        sex=unicodedata.normalize("NFD", WOMAN.sex),
    )
    found = identity(Contents(mrz=parse(WOMAN.mrz), files={"DG13": dg13(apart)}), DAY)
    assert (found.full_name, found.sex) == (WOMAN.full_name, "female")
