"""What opens the chip: which texts are taken, which are refused before the chip is asked."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecid.emulator import IssuedCard
from ecid.errors import Misuse
from ecid.secret import AccessSecret
from inspection_kit import by_can, by_mrz, issued


@pytest.fixture
def card() -> IssuedCard:
    """Return the shipped card."""
    return issued()


def refused(call: object, *arguments: str) -> Misuse:
    """Return the refusal of ``call`` with ``arguments``."""
    assert callable(call)
    with pytest.raises(Misuse) as caught:
        call(*arguments)
    assert caught.value.exit_code == 2
    return caught.value


@pytest.mark.parametrize(
    "can", ["", "12345", "1234567", "12345a", "１２３４５６", "123456\n", " 123456"]
)
def test_can_format(can: str) -> None:
    """A card access number is six ASCII digits."""
    assert refused(AccessSecret.from_can, can).code == "can_format"


def test_can_opens_pace_only(card: IssuedCard) -> None:
    """A CAN makes a PACE password and no BAC key."""
    secret = by_can(card)
    assert secret.bac_keys == ()
    assert [p.reference.name for p in secret.pace_passwords] == ["CAN"]


@pytest.mark.parametrize(
    "change", [str, str.lower, lambda m: f" {m}\n", lambda m: m.replace("<", "< ")]
)
def test_mrz_as_typed(card: IssuedCard, change: object) -> None:
    """Case, spaces and line ends of a typed zone do not matter."""
    assert callable(change)
    assert AccessSecret.from_mrz(change(card.secrets.mrz)) == by_mrz(card)


def test_mrz_in_lines(card: IssuedCard) -> None:
    """A zone may come in lines."""
    mrz = card.secrets.mrz
    lines = "\n".join((mrz[:30], mrz[30:60], mrz[60:]))
    assert AccessSecret.from_mrz(lines) == by_mrz(card)
    assert AccessSecret.from_mrz(lines.replace("\n", "\r\n")) == by_mrz(card)


@pytest.mark.parametrize("at", [14, 36, 44])
def test_wrong_check_digit(card: IssuedCard, at: int) -> None:
    """A typing mistake in what the key is made of is found before the chip counts it."""
    mrz = card.secrets.mrz
    wrong = mrz[:at] + str((int(mrz[at]) + 1) % 10) + mrz[at + 1 :]
    found = refused(AccessSecret.from_mrz, wrong)
    assert found.code == "mrz_check_digit"


@given(st.text(max_size=100))
def test_any_text(text: str) -> None:
    """Any text is a secret or a misuse, for each kind of secret."""
    for call in (AccessSecret.from_can, AccessSecret.from_mrz, AccessSecret.from_qr):
        with contextlib.suppress(Misuse):
            assert call(text) != AccessSecret()


@given(st.text(max_size=12), st.text(max_size=8), st.text(max_size=8))
def test_any_fields(number: str, birth: str, expiry: str) -> None:
    """So are any three texts."""
    with contextlib.suppress(Misuse):
        assert AccessSecret.from_fields(number, birth, expiry).bac_keys


def test_fields_and_mrz_are_one_key(card: IssuedCard) -> None:
    """Number and dates give the key that the whole zone gives."""
    secrets = card.secrets
    fields = AccessSecret.from_fields(
        secrets.document_number, secrets.birth_date, secrets.expiry_date
    )
    assert fields.mrz_information == by_mrz(card).mrz_information
    assert fields.bac_keys == by_mrz(card).bac_keys


def test_no_secret() -> None:
    """A secret made by hand of nothing opens nothing."""
    assert AccessSecret().bac_keys == ()
    with pytest.raises(Misuse):
        _ = AccessSecret().pace_passwords


def test_qr_is_the_can(card: IssuedCard) -> None:
    """Of the QR text only digits make keys: the last six of the number are the CAN."""
    for text in (card.secrets.qr, "000090123456", "\ufeff 000090123456|||||||||| "):
        assert AccessSecret.from_qr(text).pace_passwords[0] == by_can(card).pace_passwords[0]


def test_qr_leads_to_the_mrz(card: IssuedCard) -> None:
    """With both dates in the text the MRZ information is derived, the likeliest first."""
    secret = AccessSecret.from_qr(card.secrets.qr)
    assert secret.derived[0] == by_mrz(card).mrz_information
    assert len(secret.derived) <= 3
    assert [p.reference.name for p in secret.pace_passwords][:2] == ["CAN", "MRZ"]
    assert AccessSecret.from_qr("000090123456").derived == ()


@pytest.mark.parametrize(
    "text",
    ["", "00009012345|x", "0000901234567|x", "００００９０１２３４５６|x", "x"],
)
def test_qr_without_a_number(text: str) -> None:
    """A text without 12 ASCII digits opens nothing."""
    assert refused(AccessSecret.from_qr, text).code == "qr_format"
