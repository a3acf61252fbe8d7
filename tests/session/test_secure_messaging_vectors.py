"""Secure messaging against published exchanges, byte for byte in both directions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ecid.errors import SecureMessagingError
from ecid.session.keys import SessionKeys
from ecid.session.secure_messaging import SecureMessaging
from ecid_crypto.cipher import Cipher
from ecid_readers.replay import Replay
from scripted_card import ChipSide, FunctionCard

READ_256 = bytes.fromhex("00B0000000")

# Doc 9303-11 Appendix D.4: keys and counter as D.3 leaves them.
D4_KEYS = SessionKeys(
    Cipher.TDES,
    bytes.fromhex("979EC13B1CBFE9DCD01AB0FED307EAE5"),
    bytes.fromhex("F1CB1F1FB5ADF208806B89DC579DC1F8"),
    bytes.fromhex("887022120C06C226"),
)
#: Clause, plain command, protected command, protected response, plain response.
D4 = [
    (
        "D.4 step 1",
        "00A4020C02011E",
        "0CA4020C158709016375432908C044F68E08BF8B92D635FF24F800",
        "990290008E08FA855A5D4C50A8ED9000",
        "9000",
    ),
    (
        "D.4 step 2",
        "00B0000004",
        "0CB000000D9701048E08ED6705417E96BA5500",
        "8709019FF0EC34F9922651990290008E08AD55CC17140B2DED9000",
        "60145F019000",
    ),
    (
        "D.4 step 3",
        "00B0000412",
        "0CB000040D9701128E082EA28A70F3C7B53500",
        "871901FB9235F4E4037F2327DCC8964F1F9B8C30F42C8E2FFF224A990290008E08C8B2787EAEA07D749000",
        "04303130365F36063034303030305C026175" + "9000",
    ),
]


def test_worked_example() -> None:
    """Doc 9303-11 Appendix D.4: EF.COM selected and read in two parts with 3DES."""
    wire = Replay((bytes.fromhex(row[2]), bytes.fromhex(row[3])) for row in D4)
    session = SecureMessaging(wire, D4_KEYS)
    for clause, plain, _, _, answer in D4:
        assert bytes.fromhex(answer) == session.transmit(bytes.fromhex(plain)), clause
    assert wire.remaining == 0
    assert session.alive


def test_worked_example_is_the_one_of_the_corpus(corpus: Path) -> None:
    """The bytes typed above are those of the vector file."""
    groups = {g["id"]: g["values"] for g in _load(corpus, "icao-9303-11.json")["groups"]}
    for number, (_, plain, protected, response, _) in enumerate(D4, 1):
        values = groups[f"D.4.{number}"]
        names = ("unprotected_command_apdu", "protected_apdu", "rapdu")
        assert [plain, protected, response] == [values[name]["hex"] for name in names]


@pytest.mark.parametrize("issuer", ["AT", "DE", "MY", "FR"])
@pytest.mark.parametrize("phase", ["before", "after"])
def test_chip_authentication_exchanges(corpus: Path, issuer: str, phase: str) -> None:
    """Four real documents: commands with the old keys, then with those of CA."""
    runs = {
        run["id"]: run for run in _load(corpus, "gmrtd_transcripts.json")["chip_authentication"]
    }
    run = runs[issuer]
    exchanges = [row for row in run["exchange"] if row["keys"] == phase]
    assert exchanges
    _replayed(_keys(run[phase]), exchanges)


def test_active_authentication_exchange(corpus: Path) -> None:
    """INTERNAL AUTHENTICATE of a real document: an answer of 224 bytes under 3DES."""
    for run in _load(corpus, "gmrtd_transcripts.json")["active_authentication"]:
        _replayed(_keys(run["secure_messaging"]), [run])


def test_card_security_reading(corpus: Path) -> None:
    """Eleven commands with AES-128 after PACE-CAM, the last short (the counter ends at 16)."""
    run = _load(corpus, "gmrtd_transcripts.json")["pace"][1]
    keys = SessionKeys.with_zero_counter(
        Cipher.AES_128, bytes.fromhex(run["ks_enc"]), bytes.fromhex(run["ks_mac"])
    )
    _replayed(keys, run["read_card_security"])
    assert 2 * len(run["read_card_security"]) == int(run["ssc_after"], 16)


def test_protected_commands(corpus: Path) -> None:
    """Commands that another implementation protected are protected to the same bytes."""
    rows = _vectors(corpus, "protect_command")
    for row in rows:
        wire = Replay([(bytes.fromhex(row["protected"]), b"\x69\x88")])
        with pytest.raises(SecureMessagingError):
            SecureMessaging(wire, _keys(row)).transmit(bytes.fromhex(row["plain_command_apdu"]))
        assert wire.remaining == 0
    assert len(rows) == 2


def test_unprotected_responses(corpus: Path) -> None:
    """Valid responses open to the plain bytes, every invalid one ends the session."""
    rows = _vectors(corpus, "unprotect_response")
    for row in rows:
        session = _answering(row, bytes.fromhex(row["protected"]))
        if row["expected"] == "valid":
            assert bytes.fromhex(row["plain_response_apdu"]) == session.transmit(READ_256)
        else:
            with pytest.raises(SecureMessagingError):
                session.transmit(READ_256)
        assert session.alive == (row["expected"] == "valid")
    assert {
        kind: sum(row["expected"] == kind for row in rows) for kind in ("valid", "invalid")
    } == {"valid": 2, "invalid": 8}


def test_decrypted_objects(corpus: Path) -> None:
    """DO'87' values of real documents decrypt, altered ones do not, both under a right MAC."""
    rows = _vectors(corpus, "decrypt_object_87_value")
    for row in rows:
        keys = _keys(row)
        chip = ChipSide(keys.cipher, keys.enc, keys.mac, int(row["ssc"], 16))
        value = bytes.fromhex(row["value"])
        sealed = chip.seal(bytes((0x87, len(value))) + value + b"\x99\x02\x90\x00", 0x9000)
        session = _answering(row, sealed, counter=int(row["ssc"], 16) - 2)
        if row["expected"] == "valid":
            assert bytes.fromhex(row["plain"] + "9000") == session.transmit(READ_256)
        else:
            with pytest.raises(SecureMessagingError) as caught:
                session.transmit(READ_256)
            assert caught.value.reason == "padding_indicator"
    assert len(rows) == 4


def _replayed(keys: SessionKeys, exchanges: list[dict[str, Any]]) -> None:
    """Assert that the plain side of ``exchanges`` yields exactly the protected side."""
    wire = Replay(
        (bytes.fromhex(row["command_apdu"]), bytes.fromhex(row["response_apdu"]))
        for row in exchanges
    )
    session = SecureMessaging(wire, keys)
    for row in exchanges:
        answer = session.transmit(bytes.fromhex(row["plain_command_apdu"]))
        assert bytes.fromhex(row["plain_response_apdu"]) == answer
    assert wire.remaining == 0


def _answering(row: dict[str, Any], answer: bytes, counter: int | None = None) -> SecureMessaging:
    """Return a session that gets ``answer``; a vector's counter is the one before it."""
    keys = _keys(row)
    before = int(row["ssc"], 16) - 1 if counter is None else counter
    ssc = before.to_bytes(len(keys.ssc), "big")
    return SecureMessaging(
        FunctionCard(lambda _: answer), SessionKeys(keys.cipher, keys.enc, keys.mac, ssc)
    )


def _keys(row: dict[str, Any]) -> SessionKeys:
    enc, mac = bytes.fromhex(row["ks_enc"]), bytes.fromhex(row["ks_mac"])
    cipher = Cipher.TDES
    if row["alg"] == "AES":
        cipher = {16: Cipher.AES_128, 24: Cipher.AES_192, 32: Cipher.AES_256}[len(enc)]
    ssc = next(row[name] for name in ("ssc", "ssc_at_start", "ssc_before") if name in row)
    return SessionKeys(cipher, enc, mac, bytes.fromhex(ssc))


def _vectors(corpus: Path, kind: str) -> list[dict[str, Any]]:
    rows = _load(corpus, "gmrtd_transcripts.json")["secure_messaging"]
    return [row for row in rows if row["kind"] == kind]


def _load(corpus: Path, name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((corpus / "vectors" / name).read_text("utf-8"))
    return loaded
