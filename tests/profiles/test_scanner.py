"""What scanners do to letters is named, undone or given up: no word is ever guessed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecid.emulator.personalise.person import people
from ecid.profiles.vietnam import qr
from ecid.profiles.vietnam.scanner import REVERSIBLE, Damage
from scanners import DAMAGES, code_points, low_byte, windows_1252_with_losses

PEOPLE = people()
#: What can be undone, with every byte still there.
UNDONE = [
    (damage, code)
    for damage, code in DAMAGES
    if Damage(code) in REVERSIBLE and damage is not windows_1252_with_losses
]


@pytest.mark.parametrize("name", PEOPLE)
@pytest.mark.parametrize(("damage", "code"), DAMAGES)
def test_no_word_is_guessed(name: str, damage: Callable[[str], str], code: str) -> None:
    """Each word of name and residence is the one on the card, or a question mark."""
    person = PEOPLE[name]
    found = qr.read(damage(person.qr))
    for read, true in ((found.full_name, person.full_name), (found.residence, person.residence)):
        if read is not None:
            words = zip(read.split(), true.split(), strict=True)
            assert all("?" in one or one == other for one, other in words)
    assert found.sex in {None, "male" if person.sex == "Nam" else "female"}
    assert found.damage == code


@pytest.mark.parametrize("name", PEOPLE)
@pytest.mark.parametrize(("damage", "code"), UNDONE)
def test_reversible_damage_is_undone(name: str, damage: Callable[[str], str], code: str) -> None:
    """A name is had back letter by letter, as far as every letter of it came through."""
    person = PEOPLE[name]
    found = qr.read(damage(person.qr))
    assert found.full_name == person.full_name


@pytest.mark.parametrize("name", PEOPLE)
def test_whole_text_is_undamaged(name: str) -> None:
    """The control: nothing is repaired where nothing is broken; extra fields stay raw."""
    person = PEOPLE[name]
    found = qr.read(person.qr + "|x%41|Ng&#7885;c")
    assert found.damage is None
    assert (found.full_name, found.residence) == (person.full_name, person.residence)
    assert found.extra[-2:] == ("x%41", "Ng&#7885;c")


@pytest.mark.parametrize("address", ["Thôn 3 – Mẫu", "Tổ 1½, Xã “Mẫu”", "Số 12°, Phố Mẫu"])
def test_signs_of_typography_are_no_damage(address: str) -> None:
    """An address may hold a dash or a fraction."""
    found = qr.read(f"000195000789||Đặng Thị Mẫu Ảo|20111995|Nữ|{address}|01062021")
    assert found.damage is None
    assert found.residence == address


def test_low_bytes_that_look_whole() -> None:
    """``Vũ`` becomes ``Vi``, and ``Ảo`` two letters of Vietnamese: both are given up."""
    found = qr.read(f"000195000789||{low_byte('Vũ Thị Ảo Lan')}|20111995|Nữ|Mau|01062021")
    assert found.full_name == "? ? ? Lan"


def test_numbers_that_are_letters() -> None:
    """A word of none but letters as numbers is no house number, and no house number is a word."""
    text = code_points("000195000789||Đặng Thị Ảo|20111995|Nữ|Số 45, Khu đô thị Ví Dụ|01062021")
    assert qr.read(text).residence == "Số 45, Khu ? thị Ví Dụ"


@given(st.text(max_size=200) | st.text("0123456789|NamữTr&#;%", max_size=200))
def test_any_text(text: str) -> None:
    """Any text is read; without twelve digits it is unreadable."""
    found = qr.read(text)
    assert (found.number is None) is (found.damage is Damage.UNREADABLE)


#: Name, sex and residence as they came; the damage, the name and the residence that are read.
SHAPES = [
    ("Ksor Kha", "Nam", "T022501870149 7842, X01950163", "utf8_decimals", "Ksor Kha", "Tổ ?, Xã"),
    ("Mai Kha", "N022501870175", "Nam Long", "utf8_decimals", "Mai Kha", "Nam Long"),
    ("Ksor Kha", "Nam", "T7893 3, T226n Ph250", "code_point_decimals", "Ksor Kha", "Tổ 3, Tân Phú"),
    ("Mai Kha", "N7919", "Nam Long", "code_point_decimals", "Mai Kha", "Nam Long"),
    ("MAI 193NH", "Nam", "Nam Long", "code_point_decimals", "MAI ÁNH", "Nam Long"),
    ("Lan 221", "Nam", "Nam Long", "code_point_decimals", "Lan Ý", "Nam Long"),
    ("M\u00edc V♥n Long", "Nam", "Nam Long", "low_byte", "? ? Long", "Nam Long"),
    ("Cao S) Long", "Nam", "Nam Long", "low_byte", "Cao ? Long", "Nam Long"),
    ("Tr░íng Θc Lan", "Nam", "ak Pa", "low_byte", "? ? Lan", "? Pa"),
    ("MáC NAM", "Nam", "Nam Long", "low_byte", "? NAM", "Nam Long"),
    ("M\u00edc Vn Long", "Nam", "Nam Long", "replaced", "? ? ?", "? ?"),
    ("L Minh Ngc Ngha", "Nam", "Nam Long", "replaced", "? ? ? ?", "? ?"),
    ("Kiu Thanh Ha", "N", "Nam Long", "replaced", "? ? ?", "? ?"),
    ("Nguy?n Van M?u", "Nam", "Nam ?", "replaced", "? Van ?", "Nam ?"),
    ("L\\u00fd Minh", "Nam", "H\\u00e0 N\\u1ed9i", "escaped", "Lý Minh", "Hà Nội"),
    ("Lys Minh Ngocj", "Nam", "Haf Nooij", "input_method", "? ? ?", "? ?"),
    ("Ly1 Minh Ngoc5", "Nam", "Ha2 No6i5", "input_method", "? ? ?", "? ?"),
    ("Tr├¬├┤n An", "Nam", "Nam Long", "wrong_code_page", "Trêôn An", "Nam Long"),
    ("ƒê·ªó Kha", "Nam", "Nam Long", "wrong_code_page", "Đỗ Kha", "Nam Long"),
]


@pytest.mark.parametrize(("name", "sex", "place", "damage", "true_name", "true_place"), SHAPES)
def test_shapes(
    name: str, sex: str, place: str, damage: str, true_name: str, true_place: str
) -> None:
    """Each shape has its name wherever it shows, and no wrong word is kept."""
    found = qr.read(f"000195000789||{name}|20111995|{sex}|{place}|01062021")
    assert found.damage == damage
    assert (found.full_name, found.residence) == (true_name, true_place)


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("Mai Thanh Hoa", "QL193, Km250, K250"),
        ("Ksor Kha", "Nam Long, A 1234 B, 225A"),
        ("H'Hen Niê", "Buôn Krông (cũ), Tx. Tp. KP. 3"),
        ("K' Brêu", "Tổ 7842, Ấp 3"),
        ("LAN Ý", "Số 193 Ngõ 7"),
        ("Nguyễn\u00a0Văn\u00a0Mẫu", "Tổ\u00a03"),
    ],
)
def test_whole_texts_that_look_odd(name: str, place: str) -> None:
    """House numbers, brackets and names of the highlands are no damage."""
    found = qr.read(f"000195000789||{name}|20111995|Nam|{place}|01062021")
    assert (found.damage, found.full_name, found.residence) == (None, name, place)
