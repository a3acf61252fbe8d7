"""The seven things that scanners do to letters: each is named, undone or given up, and verifies."""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Callable
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecid import api, emulator
from ecid.inspection.checks import Verdict
from ecid.outcome import Outcome, Reason
from ecid.profiles.vietnam import qr
from ecid.profiles.vietnam.scanner import REVERSIBLE, Damage
from ecid.secret import AccessSecret
from inspection_kit import NOW, issued, trust_of

CARD = "vn-cccd-2021-nu"


def _utf8_decimals(text: str) -> str:
    return "".join(
        c if c.isascii() else "".join(f"{octet:04d}" for octet in c.encode()) for c in text
    )


def _code_points(text: str) -> str:
    return "".join(c if c.isascii() else str(ord(c)) for c in text)


def _low_byte(text: str) -> str:
    return "".join(c if c.isascii() else bytes([ord(c) & 0xFF]).decode("cp437") for c in text)


def _as_windows(text: str) -> str:
    return "".join(
        bytes([octet]).decode("latin-1" if octet in {0x81, 0x8D, 0x8F, 0x90, 0x9D} else "cp1252")
        for octet in text.encode()
    )


DAMAGES: dict[str, tuple[Damage, Callable[[str], str]]] = {
    "UTF-8 bytes as decimals": (Damage.UTF8_DECIMALS, _utf8_decimals),
    "code points as decimals": (Damage.CODE_POINT_DECIMALS, _code_points),
    "low byte in code page 437": (Damage.LOW_BYTE, _low_byte),
    "UTF-8 as Windows-1252": (Damage.WRONG_CODE_PAGE, _as_windows),
    "UTF-8 as code page 437": (
        Damage.WRONG_CODE_PAGE,
        lambda text: text.encode().decode("cp437"),
    ),
    "decomposed": (Damage.DECOMPOSED, lambda text: unicodedata.normalize("NFD", text)),
    "entities": (
        Damage.ESCAPED,
        lambda text: "".join(c if c.isascii() else f"&#{ord(c)};" for c in text),
    ),
    "percent": (Damage.ESCAPED, lambda text: quote(text, safe="|, ")),
    "input method": (Damage.INPUT_METHOD, lambda text: text.replace("|", "")),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_damaged_text_still_verifies(name: str) -> None:
    """The digits open the chip, the words come from it, and the damage is said."""
    damage, spoil = DAMAGES[name]
    card = issued(CARD)
    report = api.read(
        AccessSecret.from_qr(spoil(card.secrets.qr)),
        card=emulator.card(CARD),
        trust=trust_of(card),
        at=NOW,
    )
    found = report.check("match.qr")
    assert report.verdict is Verdict.VERIFIED
    assert found.outcome is Outcome.SUCCESSFUL
    assert found.detail["damage"] == damage.value
    assert report.identity.full_name == "Đặng Thị Mẫu Ảo"


@pytest.mark.parametrize("name", [n for n, (d, _) in DAMAGES.items() if d in REVERSIBLE])
def test_reversible_damage_is_undone(name: str) -> None:
    """What can be had back is had back, letter by letter."""
    found = qr.read(DAMAGES[name][1](issued(CARD).secrets.qr))
    assert found.full_name == "Đặng Thị Mẫu Ảo"
    assert found.sex == "female"


def test_lost_letters_are_not_guessed() -> None:
    """Of the low bytes a word with a lost letter becomes a question mark."""
    found = qr.read(_low_byte(issued(CARD).secrets.qr))
    assert found.full_name is not None
    assert "?" in found.full_name.split()
    assert html.unescape(found.full_name) == found.full_name


def test_whole_text_is_undamaged() -> None:
    """The control: nothing is repaired where nothing is broken."""
    found = qr.read(issued(CARD).secrets.qr)
    assert found.damage is None
    assert found.full_name == "Đặng Thị Mẫu Ảo"


def test_text_of_2024() -> None:
    """Eleven fields are read like seven; the four without a name are kept raw."""
    found = qr.read(issued("vn-cc-2024").secrets.qr)
    assert found.damage is None
    assert found.extra == ("",) * 4


def test_somebody_else() -> None:
    """Another person's text with the number of this card names what differs, and is exit 13."""
    card = issued(CARD)
    text = f"{card.secrets.qr[:12]}|123456789|Trần Văn Khác|01011990|Nam|Xã Khác|02022022"
    report = api.read(
        AccessSecret.from_qr(text), card=emulator.card(CARD), trust=trust_of(card), at=NOW
    )
    found = report.check("match.qr")
    assert report.exit_code == 13
    assert found.reason is Reason.QR_MISMATCH
    assert found.detail["fields"] == ("birth_date, issue_date, sex, full_name, place_of_residence")


@given(st.text(max_size=200) | st.text("0123456789|NamữTr&#;%", max_size=200))
def test_any_text(text: str) -> None:
    """Any text is read; without twelve digits it is unreadable."""
    found = qr.read(text)
    assert (found.number is None) is (found.damage is Damage.UNREADABLE)
