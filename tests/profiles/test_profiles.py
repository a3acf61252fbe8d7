"""National rules as values: who gets which, and what the Vietnamese one says."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecid import profiles
from ecid.emulator import IssuedCard
from ecid.emulator.personalise.dg13 import dg13
from ecid.emulator.personalise.person import Person, people
from ecid.errors import Misuse
from ecid.inspection.identity import Identity
from ecid.inspection.profile import Contents, NoExpiry
from ecid.lds import dg1
from ecid.mrz.mrz import build_td1, parse
from ecid.profiles.icao import ICAO
from ecid.profiles.vietnam import VIETNAM, fields
from ecid.profiles.vietnam.crosscheck import transliterate
from ecid.profiles.vietnam.identity import sex
from ecid.profiles.vietnam.zone import personal_number
from inspection_kit import issued

DAY = date(2026, 1, 1)
NAMES = ("vn-cccd-2021", "vn-cccd-2021-nu", "vn-cccd-2021-permanent")


def contents(card: IssuedCard, **files: bytes) -> Contents:
    """Return the contents of ``card`` without the face, some files replaced."""
    found = {**card.files, **files}
    return Contents(mrz=dg1.parse(found["DG1"]).mrz, files=found)


def identity(person: Person) -> Identity:
    """Return what the Vietnamese profile makes of ``person``'s DG13."""
    return VIETNAM.identity(contents(issued(), DG13=dg13(person)), DAY)


def test_by_state() -> None:
    """Vietnam gets its own profile, everybody else the standard's."""
    assert profiles.for_state("VNM") is VIETNAM
    assert all(profiles.for_state(state) is ICAO for state in ("UTO", "D", "", None))


def test_by_name() -> None:
    """Profiles have names; another one is the caller's mistake."""
    assert profiles.by_name("vietnam") is VIETNAM
    assert profiles.by_name("icao") is ICAO
    with pytest.raises(Misuse) as caught:
        profiles.by_name("utopia")
    assert caught.value.code == "unknown_profile"
    assert caught.value.fields["known"] == "icao, vietnam"


def test_data_groups() -> None:
    """The counter profile reads what identity needs, and no fingerprints."""
    assert VIETNAM.data_groups == {1, 2, 13}
    assert ICAO.data_groups == {1, 2}


@pytest.mark.parametrize("name", NAMES)
def test_shipped_people(name: str) -> None:
    """Every field of every invented person comes out where it belongs."""
    card = issued(name)
    keys = {"vn-cccd-2021": "nam", "vn-cccd-2021-nu": "nu", "vn-cccd-2021-permanent": "lao"}
    person = people()[keys[name]]
    found = VIETNAM.identity(contents(card), DAY)
    assert found.full_name == person.full_name
    assert found.personal_number == person.number
    assert found.place_of_residence == person.residence
    assert (found.father_name, found.mother_name) == (person.father_name, person.mother_name)
    assert found.spouse_name == (person.spouse_name or None)
    assert found.old_id_number == (person.old_number or None)
    assert found.sex == ("male" if person.sex == "Nam" else "female")
    assert found.no_expiry is (name == "vn-cccd-2021-permanent")
    assert VIETNAM.crosscheck(contents(card), DAY).ok
    assert VIETNAM.issue_date(contents(card)) == date(2021, 6, 1)


def test_permanent() -> None:
    """991231 is no date for Vietnam, and one for everybody else."""
    mrz = contents(issued("vn-cccd-2021-permanent")).mrz
    assert VIETNAM.expiry(mrz, DAY) == NoExpiry()
    assert ICAO.expiry(mrz, DAY) != NoExpiry()


@pytest.mark.parametrize("name", NAMES)
def test_standard_profile(name: str) -> None:
    """Without national rules there is what the MRZ says, and nothing else."""
    found = ICAO.identity(contents(issued(name)), DAY)
    mrz = contents(issued(name)).mrz
    assert (found.surname, found.given_names) == (mrz.surname, mrz.given_names)
    assert found.full_name == f"{mrz.given_names} {mrz.surname}"
    assert found.nationality == found.nationality_code == "VNM"
    assert found.religion is None
    assert ICAO.issue_date(contents(issued(name))) is None
    assert ICAO.crosscheck(contents(issued(name)), DAY).reason == "nothing_to_compare"


def test_without_dg13() -> None:
    """Without DG13 the MRZ has to do, the personal number from its optional data."""
    card = issued()
    less = Contents(mrz=contents(card).mrz, files={})
    found = VIETNAM.identity(less, DAY)
    assert found.personal_number == "000090123456"
    assert found.full_name == "NGUYEN VAN MAU"
    assert found.birth_date == "1990-07-15"
    assert VIETNAM.issue_date(less) is None


@pytest.mark.parametrize(
    ("optional", "number"),
    [
        ("000090123456<<1", "000090123456"),
        ("12345678901", None),
        ("A2345678901B", None),
        ("", None),
    ],
)
def test_personal_number(optional: str, number: str | None) -> None:
    """Twelve digits or nothing."""
    mrz = build_td1(
        document_code="ID",
        issuing_state="VNM",
        document_number="090123456",
        optional_data_1=optional,
        birth_date="900715",
        sex="male",
        expiry_date="300715",
        nationality="VNM",
        surname="A",
        given_names="B",
    )
    assert personal_number(parse(mrz)) == number


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("Nam", "male"),
        ("nam", "male"),
        ("Nữ", "female"),
        ("NỮ", "female"),
        ("?", None),
        (None, None),
    ],
)
def test_sex(word: str | None, expected: str | None) -> None:
    """Two words are known; any other is none."""
    assert sex(word) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Nguyễn Văn Mẫu", "NGUYEN VAN MAU"),
        ("Đặng Thị Mẫu Ảo", "DANG THI MAU AO"),
        ("đỗ  Ưng-Ước", "DO UNG UOC"),
        ("", ""),
    ],
)
def test_transliterate(name: str, expected: str) -> None:
    """Names as the MRZ writes them."""
    assert transliterate(name) == expected


@given(st.text(max_size=40))
def test_transliterate_any(name: str) -> None:
    """Any text becomes A to Z and single spaces, and again the same."""
    plain = transliterate(name)
    assert set(plain) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ ")
    assert plain == transliterate(plain)
    assert "  " not in plain


def test_long_name() -> None:
    """The MRZ may hold only the beginning of a long name."""
    person = replace(
        people()["nam"],
        full_name="Nguyễn Phước Hoàng Thiên Ân Ngọc Ngân",
        surname="NGUYEN",
        given_names="PHUOC HOANG THIEN AN N",
    )
    dg1_ = b"\x61\x5d\x5f\x1f\x5a" + person.mrz.encode()
    assert VIETNAM.crosscheck(contents(issued(), DG1=dg1_, DG13=dg13(person)), DAY).ok
    other = replace(person, full_name="Nguyễn Phước Hoàng Thiên Ân")
    found = VIETNAM.crosscheck(contents(issued(), DG1=dg1_, DG13=dg13(other)), DAY)
    assert found.detail == {"fields": "full_name"}


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("15/07/1990", date(1990, 7, 15)),
        ("31/02/1990", None),
        ("1990-07-15", None),
        ("15/7/1990", None),
        ("15/07/1990 ", None),
        ("１５/07/1990", None),
        ("Không thời hạn", None),
        ("", None),
        (None, None),
    ],
)
def test_day(text: str | None, day: date | None) -> None:
    """Dates of DG13 are dd/MM/yyyy in ASCII digits; any other text is none."""
    assert fields.day(text) == day


@given(st.text(max_size=12))
def test_day_of_any_text(text: str) -> None:
    """Any text is a day or none."""
    assert fields.day(text) is None or len(text) == 10


def test_unreadable_issue_date_is_shown_as_it_stands() -> None:
    """A date of issue that is no date is still what the card says."""
    ours = issued().files["DG13"]
    odd = contents(issued(), DG13=ours.replace(b"01/06/2021", b"June  2021"))
    assert VIETNAM.identity(odd, DAY).issue_date == "June  2021"
    assert VIETNAM.issue_date(odd) is None


def test_national_nationality() -> None:
    """DG13's word stands before the code of the MRZ."""
    found = identity(replace(people()["nam"], nationality="Việt Nam"))
    assert (found.nationality, found.nationality_code) == ("Việt Nam", "VNM")


@pytest.mark.parametrize("content", [b"", b"\x6d\x00", b"\xff" * 20])
def test_unreadable_dg13(content: bytes) -> None:
    """Of an unreadable DG13 nothing is taken, and nothing breaks."""
    spoiled = contents(issued(), DG13=content)
    found = VIETNAM.identity(spoiled, DAY)
    assert found.full_name == "NGUYEN VAN MAU"
    assert VIETNAM.crosscheck(spoiled, DAY).reason == "malformed"


def test_hundred_years_without_dg13() -> None:
    """Two digits of a year are not enough for who may be a child or over a hundred."""
    zone = contents(issued()).mrz
    for born, expected in (("200304", None), ("050101", "2005-01-01"), ("900715", "1990-07-15")):
        less = Contents(mrz=replace(zone, birth_date=born), files={})
        assert VIETNAM.identity(less, DAY).birth_date == expected


def test_cut_name_without_dg13() -> None:
    """A name that fills its line may go on; only DG13 knows."""
    zone = contents(issued()).mrz
    less = Contents(mrz=replace(zone, lines=(*zone.lines[:2], "A" * 30)), files={})
    assert VIETNAM.identity(less, DAY).full_name is None
