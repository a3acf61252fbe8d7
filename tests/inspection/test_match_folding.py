"""One folding for everything that is laid beside a chip: what counts and what does not."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecid.errors import Misuse
from ecid.inspection.folding import folded, says_no_expiry, words_of
from ecid.inspection.judge_match import parse_form


@pytest.mark.parametrize(
    ("key", "typed", "on_chip"),
    [
        ("sex", "Nam", "male"),
        ("sex", "NỮ", "female"),
        ("sex", "f", "female"),
        ("personal_number", "000 090 123 456", "000090123456"),
        ("old_id_number", "012 345\u00a0678", "012345678"),
        ("birth_date", "15-07-1990", "1990-07-15"),
        ("birth_date", " 15.07.1990 ", "1990-07-15"),
        ("issue_date", "1/6/2021", "2021-06-01"),
        ("issue_date", "2021-06-01", "2021-06-01"),
        ("expiry_date", "Không thời hạn", "no expiry"),
        ("spouse_name", "", None),
        ("spouse_name", " \u200b", None),
        ("full_name", "Nguyễn Văn\u200b Mẫu", "Nguyễn Văn Mẫu"),
        ("full_name", "LÊ THỊ HÒA", "Lê Thị Hoà"),
        ("full_name", "Lê Thuỷ", "Lê Thủy"),
        ("full_name", "H\u2019Mẫu", "H'Mẫu"),
        ("place_of_residence", "Số 1 Ðường Mẫu,Quận Mẫu", "Số 1 Đường Mẫu, Quận Mẫu"),
        ("nationality", "việt nam", "Việt Nam"),
    ],
)
def test_same(key: str, typed: str, on_chip: str | None) -> None:
    """How it was typed does not matter."""
    assert folded(key, typed) == folded(key, on_chip)
    assert folded(key, unicodedata.normalize("NFD", typed)) == folded(key, on_chip)


@pytest.mark.parametrize(
    ("key", "typed", "on_chip"),
    [
        ("full_name", "Nguyen Van Mau", "Nguyễn Văn Mẫu"),
        ("full_name", "Nguyễn Văn", "Nguyễn Văn Mẫu"),
        ("full_name", "", "Nguyễn Văn Mẫu"),
        ("full_name", "Hoá", "Hoà"),
        ("full_name", "Dặng", "Đặng"),
        ("birth_date", "07/15/1990", "1990-07-15"),
        ("birth_date", "15/07/90", "1990-07-15"),
        ("birth_date", "15/07-1990", "1990-07-15"),
        ("sex", "Nam", "female"),
        ("personal_number", "000090123457", "000090123456"),
        ("expiry_date", "Không thời hạn", "2030-07-15"),
        ("expiry_date", "Không thời hạn", None),
    ],
)
def test_different(key: str, typed: str, on_chip: str | None) -> None:
    """What it says does, accents included."""
    assert folded(key, typed) != folded(key, on_chip)


@given(st.text(max_size=60))
def test_any_text(text: str) -> None:
    """Words are the same however often they are folded, and whatever the form of their letters."""
    words = words_of(text)
    assert words_of(" ".join(words)) == words
    assert isinstance(says_no_expiry(text), bool)


@pytest.mark.parametrize(
    "text",
    ['{"full_name": "A", "full_name": "B"}', '{"full_name": {"x": 1, "x": 2}}'],
)
def test_key_twice(text: str) -> None:
    """Of two equal keys one would go unseen."""
    with pytest.raises(Misuse) as caught:
        parse_form(text)
    assert caught.value.code == "form_format"
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    ("key", "repeated"),
    [("ho_ten", "ho_ten"), ("Nguyễn Văn Mẫu", "…"), ("000090123456", "…"), ("\x1b[31m", "…")],
)
def test_unknown_key(key: str, repeated: str) -> None:
    """A misspelt key is repeated, a name or number in its place is not."""
    with pytest.raises(Misuse) as caught:
        parse_form(f'{{"{key}": "A"}}'.replace("\x1b", "\\u001b"))
    assert caught.value.fields["field"] == repeated
