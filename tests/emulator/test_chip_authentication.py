"""Chip Authentication of every kind, from the chip's side (Doc 9303-11 §6.2)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chip_terminal import Terminal, tlv
from eac_terminal import chip_authentication, opened
from ecid.emulator import EmulatedCard, IssuedCard, card, issue, parse_definition
from ecid_crypto.cipher import Cipher
from ecid_crypto.curves import CURVES
from ecid_crypto.dh import DH_GROUPS
from pace_terminal import Suite

SUITE = Suite("GM", 2, 13)


def ready(issued: IssuedCard) -> Terminal:
    """Return a terminal in the application of a card that was just opened."""
    terminal = Terminal(EmulatedCard(issued))
    opened(terminal, issued, SUITE)
    return terminal


def proven(terminal: Terminal, issued: IssuedCard) -> bool:
    """Tell whether the new keys read DG1."""
    return terminal.read_file(0x0101) == issued.files["DG1"]


@pytest.mark.parametrize("cipher", Cipher)
@pytest.mark.parametrize("key", [*CURVES, *DH_GROUPS])
def test_every_key_and_cipher(key: str, cipher: Cipher) -> None:
    """Each curve and group with each cipher, by GENERAL AUTHENTICATE."""
    table: dict[str, object] = {
        "doc": "a key",
        "holder": "eriksson-td1",
        "pace": [{"mapping": "GM", "cipher": "AES-128", "parameters": 13}],
        "chip_authentication": [{"key": key, "cipher": cipher.value}],
    }
    issued = issue(parse_definition("key", table))
    terminal, secret = ready(issued), issued.chip_keys.chip_authentication
    assert secret is not None
    assert chip_authentication(terminal, secret, cipher)[0].sw == 0x9000
    assert proven(terminal, issued)


@pytest.mark.parametrize("name", ["ca-ecdh-3des", "ca-dh-3des", "ca-ecdh-no-info"])
def test_key_agreement_template(name: str) -> None:
    """3DES by MSE:Set KAT alone; a key without ChipAuthenticationInfo means 3DES."""
    issued = issue(name)
    terminal, secret = ready(issued), issued.chip_keys.chip_authentication
    assert secret is not None
    assert chip_authentication(terminal, secret, Cipher.TDES, kat=True)[0].sw == 0x9000
    assert proven(terminal, issued)


def test_key_agreement_template_is_for_3des() -> None:
    """A card with AES alone refuses it."""
    issued = issue("ca-dh-aes128")
    secret = issued.chip_keys.chip_authentication
    assert secret is not None
    assert chip_authentication(ready(issued), secret, Cipher.TDES, kat=True)[0].sw == 0x6A80


@pytest.mark.parametrize(
    ("key_id", "cipher"), [(7, Cipher.AES_192), (2, Cipher.AES_128)], ids=["DH", "ECDH"]
)
@pytest.mark.parametrize("named", [True, False])
def test_several_keys(key_id: int, cipher: Cipher, named: bool) -> None:
    """The protocol tells these two keys apart, and the reference may say it once more."""
    issued = issue("ca-two-keys")
    terminal, secret = ready(issued), issued.chip_keys.by_key_id[key_id]
    reply, _ = chip_authentication(terminal, secret, cipher, key_id=key_id if named else None)
    assert reply.sw == 0x9000
    assert proven(terminal, issued)


@pytest.mark.parametrize("key_id", [None, 1, 2, 3])
def test_keys_of_one_kind_need_a_reference(key_id: int | None) -> None:
    """6A88 without it, and for one that nobody has."""
    rows = [{"key": "P-256", "cipher": "AES-128", "key_id": number} for number in (1, 2)]
    table: dict[str, object] = {
        "doc": "two keys",
        "holder": "eriksson-td1",
        "pace": [{"mapping": "GM", "cipher": "AES-128", "parameters": 13}],
        "chip_authentication": rows,
    }
    issued = issue(parse_definition("keys", table))
    terminal = ready(issued)
    secret = issued.chip_keys.by_key_id.get(key_id or 0, issued.chip_keys.by_key_id[1])
    reply, _ = chip_authentication(terminal, secret, Cipher.AES_128, key_id=key_id)
    assert reply.sw == (0x9000 if key_id in (1, 2) else 0x6A88)
    if reply.sw == 0x9000:
        assert proven(terminal, issued)


@pytest.mark.parametrize("public", [b"", bytes(256), b"\xff" * 256, b"\x02" * 255])
def test_bad_number(public: bytes) -> None:
    """0, a number beyond p and a wrong length are refused; the old session goes on."""
    issued = issue("ca-dh-aes128")
    terminal = ready(issued)
    terminal.send("002241A4", tlv(0x80, bytes.fromhex("04007F00070202030102")))
    assert terminal.send("00860000", tlv(0x7C, tlv(0x80, public)), 256).sw == 0x6300
    assert proven(terminal, issued)


def test_number_outside_the_subgroup() -> None:
    """2 has another order than the generator (RFC 2631 §2.1.5)."""
    terminal = ready(issue("ca-dh-aes128"))
    terminal.send("002241A4", tlv(0x80, bytes.fromhex("04007F00070202030102")))
    data = tlv(0x7C, tlv(0x80, (2).to_bytes(256, "big")))
    assert terminal.send("00860000", data, 256).sw == 0x6300


def test_key_of_the_other_kind() -> None:
    """A chip whose key does not fit DG14 has none for that protocol."""
    dh, ec = issue("ca-dh-aes128"), issue("ca-ecdh-aes256")
    broken = replace(dh, chip_keys=ec.chip_keys)
    terminal = ready(broken)
    secret = dh.chip_keys.chip_authentication
    assert secret is not None
    assert chip_authentication(terminal, secret, Cipher.AES_128)[0].sw == 0x6A88


def test_twice() -> None:
    """Chip Authentication may be run again, inside its own session."""
    issued = card("ca-dh-aes128").issued
    terminal, secret = ready(issued), issued.chip_keys.chip_authentication
    assert secret is not None
    for _ in range(2):
        assert chip_authentication(terminal, secret, Cipher.AES_128)[0].sw == 0x9000
        assert proven(terminal, issued)
