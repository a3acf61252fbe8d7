"""Chip Authentication against recorded runs of four real documents, and its failure paths."""

from __future__ import annotations

from typing import Any

import pytest

from ecid.encoding import der_write as w
from ecid.encoding.spki import write_spki
from ecid.encoding.tlv import encode
from ecid.errors import ProtocolError, SecureMessagingError, UnsupportedData
from ecid.lds import dg14
from ecid.lds.security_infos import SecurityInfos
from ecid.protocols.chip_authentication import (
    ECDH_3DES,
    ChipAuthenticationChoice,
    choose,
    run_chip_authentication,
)
from ecid.session.keys import SessionKeys
from ecid.session.secure_messaging import SecureMessaging
from ecid_crypto.cipher import Cipher
from ecid_crypto.curves import curve_by_name, decode_point
from ecid_crypto.ec_key import EcPrivateKey
from ecid_crypto.kdf import derive_session_keys
from ecid_crypto.public_key import EcPublicKey
from ecid_crypto.rng import ScriptedRng, SeededRng
from ecid_readers.apdu import CommandApdu
from ecid_readers.replay import Replay
from scripted_card import FunctionCard, ScriptedCard

SMARTCARD = "0.4.0.127.0.7.2.2"
OK = b"\x90\x00"


# Recorded runs ----------------------------------------------------------------------------


def recorded(transcripts: dict[str, Any], state: str) -> dict[str, Any]:
    """Return the run of one document."""
    runs = {run["id"]: run for run in transcripts["chip_authentication"]}
    found: dict[str, Any] = runs[state]
    return found


def infos_of(run: dict[str, Any]) -> SecurityInfos:
    """Return DG14 of the document."""
    return dg14.parse(bytes.fromhex(run["dg14"]))


def session(run: dict[str, Any], phase: str, keys: SessionKeys) -> tuple[SecureMessaging, Replay]:
    """Return a session that expects exactly the commands of ``phase``."""
    wire = Replay(
        (bytes.fromhex(row["command_apdu"]), bytes.fromhex(row["response_apdu"]))
        for row in run["exchange"]
        if row["keys"] == phase
    )
    return SecureMessaging(wire, keys), wire


def keys_of(value: dict[str, str]) -> SessionKeys:
    """Return the session keys written in a run."""
    enc, mac = bytes.fromhex(value["ks_enc"]), bytes.fromhex(value["ks_mac"])
    aes = {16: Cipher.AES_128, 24: Cipher.AES_192, 32: Cipher.AES_256}
    cipher = Cipher.TDES if value["alg"] == "TDES" else aes[len(enc)]
    return SessionKeys(cipher, enc, mac, bytes.fromhex(value.get("ssc") or value["ssc_at_start"]))


@pytest.mark.parametrize("state", ["AT", "DE", "FR"])
def test_recorded_run(transcripts: dict[str, Any], state: str) -> None:
    """Commands under the old keys byte for byte, the new keys, and the first command under them.

    AT names no key, DE key C3, FR has a key and no ChipAuthenticationInfo, which means 3DES.
    """
    run = recorded(transcripts, state)
    old, wire = session(run, "before", keys_of(run["before"]))
    choice = choose(infos_of(run))
    assert choice is not None
    assert choice.oid == (run["protocol_oid"] or ECDH_3DES)
    rng = ScriptedRng(bytes.fromhex(run["terminal_private_key"]))
    keys = run_chip_authentication(old, choice, rng)
    assert keys_of(run["after"]) == keys
    assert wire.remaining == 0
    assert rng.exhausted

    new, wire = session(run, "after", keys)
    assert new.transmit(bytes.fromhex("00A4020C02010E")) == OK
    assert wire.remaining == 0


def test_recorded_keys_with_3des(transcripts: dict[str, Any]) -> None:
    """MY took 3DES by GENERAL AUTHENTICATE; MSE:Set KAT, the other way, gives the same keys."""
    run = recorded(transcripts, "MY")
    choice = choose(infos_of(run))
    assert choice is not None
    assert choice.cipher is Cipher.TDES
    public_key = bytes.fromhex(run["terminal_public_key"])
    command = CommandApdu(0x00, 0x22, 0x41, 0xA6, encode(0x91, public_key)).encode()
    wire = Replay([(command, OK)])
    rng = ScriptedRng(bytes.fromhex(run["terminal_private_key"]))
    keys = run_chip_authentication(wire, choice, rng)
    assert keys_of(run["after"]) == keys
    assert wire.remaining == 0
    new, wire = session(run, "after", keys)
    assert new.transmit(bytes.fromhex("00A4020C02010E")) == OK


def test_old_keys_after_the_run(transcripts: dict[str, Any]) -> None:
    """An answer under the new keys does not verify under the old ones (CA4)."""
    run = recorded(transcripts, "AT")
    answer = next(row["response_apdu"] for row in run["exchange"] if row["keys"] == "after")
    old = SecureMessaging(FunctionCard(lambda _: bytes.fromhex(answer)), keys_of(run["before"]))
    with pytest.raises(SecureMessagingError):
        old.transmit(bytes.fromhex("00A4020C02010E"))


# What is chosen ---------------------------------------------------------------------------


def private(label: str, curve: str = "brainpoolP256r1") -> EcPrivateKey:
    """Return a chip's key that ``label`` stands for."""
    return EcPrivateKey.generate(curve_by_name(curve), SeededRng(label.encode()))


def key_info(label: str, key_id: int | None = None, curve: str = "brainpoolP256r1") -> bytes:
    """Return a ChipAuthenticationPublicKeyInfo."""
    key = private(label, curve)
    spki = write_spki(EcPublicKey(key.curve, key.public_point()))
    number = b"" if key_id is None else w.integer(key_id)
    return w.seq(w.oid(f"{SMARTCARD}.1.2"), spki, number)


def protocol_info(protocol: str, key_id: int | None = None) -> bytes:
    """Return a ChipAuthenticationInfo, ``protocol`` being the last two arcs."""
    number = b"" if key_id is None else w.integer(key_id)
    return w.seq(w.oid(f"{SMARTCARD}.3.{protocol}"), w.integer(1), number)


DH_KEY = w.seq(
    w.oid(f"{SMARTCARD}.1.1"),
    w.seq(
        w.seq(w.oid("1.2.840.113549.1.3.1"), w.seq(w.integer(23), w.integer(5))),
        w.bits(b"\x02\x01\x08"),
    ),
)


def chosen(*infos: bytes) -> ChipAuthenticationChoice | None:
    """Return the choice from a DG14 with these infos."""
    return choose(dg14.parse(encode(0x6E, w.set_of(*infos))))


def chosen_pair(*infos: bytes) -> tuple[str, int | None]:
    """Return the last arcs of the protocol chosen and the id of the key."""
    choice = chosen(*infos)
    assert choice is not None
    return choice.oid.removeprefix(f"{SMARTCARD}.3."), choice.key_id


def test_no_key() -> None:
    """A DG14 without key offers no chip authentication."""
    assert chosen(protocol_info("2.2")) is None


def test_key_without_protocol() -> None:
    """A key and no ChipAuthenticationInfo: 3DES (TR-03110-1 §3.4)."""
    choice = chosen(key_info("a"))
    assert choice is not None
    assert (choice.oid, choice.cipher, choice.key_id) == (ECDH_3DES, Cipher.TDES, None)


@pytest.mark.parametrize(
    ("infos", "expected"),
    [
        ([protocol_info("2.1"), protocol_info("2.2"), key_info("a")], ("2.2", None)),
        ([protocol_info("2.3"), protocol_info("2.4"), key_info("a")], ("2.4", None)),
        ([protocol_info("2.2", 1), key_info("a", 1), key_info("b", 2)], ("2.2", 1)),
        ([protocol_info("2.2", 2), key_info("a", 1), key_info("b", 2)], ("2.2", 2)),
        (
            [
                protocol_info("2.4", 7),
                protocol_info("2.2", 1),
                key_info("a", 1),
            ],
            ("2.2", 1),
        ),
        (
            [
                protocol_info("2.2", 1),
                protocol_info("2.2", 2),
                key_info("a", 1),
                key_info("b", 2, "brainpoolP512r1"),
            ],
            ("2.2", 2),
        ),
        # Finite field protocols are not run, and never with an elliptic curve key.
        ([protocol_info("1.4"), protocol_info("2.2"), key_info("a"), DH_KEY], ("2.2", None)),
    ],
)
def test_the_strongest_is_chosen(infos: list[bytes], expected: tuple[str, int | None]) -> None:
    """Cipher first, then curve, and always a protocol with the key that it names (CA6, CA7)."""
    assert chosen_pair(*infos) == expected


@pytest.mark.parametrize(
    "infos",
    [
        [DH_KEY],
        [protocol_info("1.2"), DH_KEY],
        [protocol_info("1.2"), key_info("a")],
        [protocol_info("2.2", 1), key_info("a", 2)],
    ],
)
def test_nothing_to_choose(infos: list[bytes]) -> None:
    """Keys that no protocol here can use: not supported, said so."""
    with pytest.raises(UnsupportedData) as caught:
        chosen(*infos)
    assert (caught.value.where, caught.value.what) == ("DG14", "chip_authentication_variant")


# Both sides -------------------------------------------------------------------------------


@pytest.mark.parametrize(("last", "cipher"), list(enumerate(Cipher, start=1)))
@pytest.mark.parametrize("curve", ["P-256", "brainpoolP224r1", "brainpoolP512r1"])
@pytest.mark.parametrize("key_id", [None, 0, 1, 0x1234])
def test_both_sides(last: int, cipher: Cipher, curve: str, key_id: int | None) -> None:
    """What the chip computes from our commands is what comes out here."""
    choice = chosen(protocol_info(f"2.{last}", key_id), key_info("chip", key_id, curve))
    assert choice is not None
    card = ScriptedCard([OK, b"\x7c\x00" + OK])
    keys = run_chip_authentication(card, choice, SeededRng(b"terminal"))
    ours = decode_point(choice.key.curve, _sent_key(card.commands, cipher))
    secret = private("chip", curve).shared_secret(ours)
    assert SessionKeys.with_zero_counter(cipher, *derive_session_keys(secret, cipher)) == keys
    reference = {None: b"", 0: b"\x84\x01\x00", 1: b"\x84\x01\x01", 0x1234: b"\x84\x02\x12\x34"}
    assert CommandApdu.decode(card.commands[0]).data.endswith(reference[key_id])


def test_each_run_has_its_own_key() -> None:
    """The terminal's key is ephemeral (TR-03105-5.1 ISO7816_D_10)."""
    choice = chosen(protocol_info("2.2"), key_info("chip"))
    assert choice is not None
    rng = SeededRng(b"terminal")
    cards = [ScriptedCard([OK, b"\x7c\x00" + OK]) for _ in range(2)]
    first, second = (run_chip_authentication(card, choice, rng) for card in cards)
    assert first != second
    assert cards[0].commands[1] != cards[1].commands[1]


REFUSALS = [
    ("2.1", [b"\x6a\x88"], "CA MSE:Set KAT", 0x6A88),
    ("2.1", [b"\x63\x00"], "CA MSE:Set KAT", 0x6300),
    ("2.2", [b"\x6a\x80"], "CA MSE:Set AT", 0x6A80),
    ("2.2", [b"\x6d\x00"], "CA MSE:Set AT", 0x6D00),
    ("2.2", [OK, b"\x63\x00"], "CA GENERAL AUTHENTICATE", 0x6300),
    ("2.2", [OK, b"\x7c\x00\x69\x82"], "CA GENERAL AUTHENTICATE", 0x6982),
]


@pytest.mark.parametrize(("protocol", "answers", "step", "sw"), REFUSALS)
def test_refusal(protocol: str, answers: list[bytes], step: str, sw: int) -> None:
    """Any status word but 9000 ends the protocol and names the step; there are no new keys."""
    choice = chosen(protocol_info(protocol), key_info("chip"))
    assert choice is not None
    card = ScriptedCard(answers)
    with pytest.raises(ProtocolError) as caught:
        run_chip_authentication(card, choice, SeededRng(b"terminal"))
    assert (caught.value.code, caught.value.step, caught.value.sw) == ("protocol", step, sw)
    assert len(card.commands) == len(answers)


def test_a_clone_says_yes() -> None:
    """9000 to everything gives keys and proves nothing: the next answer does not verify (CA3)."""
    choice = chosen(protocol_info("2.2"), key_info("chip"))
    assert choice is not None
    clone = FunctionCard(lambda _: OK)
    keys = run_chip_authentication(clone, choice, SeededRng(b"terminal"))
    with pytest.raises(SecureMessagingError):
        SecureMessaging(clone, keys).transmit(bytes.fromhex("00A4020C02010E"))


def _sent_key(commands: list[bytes], cipher: Cipher) -> bytes:
    """Return the public key that the terminal sent, wherever its cipher puts it."""
    data = CommandApdu.decode(commands[-1]).data
    if cipher is Cipher.TDES:
        return _value(data)
    return _value(_value(data))


def _value(data: bytes) -> bytes:
    """Return the value of the first object; lengths of one or two bytes."""
    at, length = (3, data[2]) if data[1] == 0x81 else (2, data[1])
    return data[at : at + length]
