"""Chip Authentication against recorded runs of four real documents, and its failure paths."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ecid.encoding.tlv import Cursor, encode, parse_one
from ecid.errors import ProtocolError, SecureMessagingError
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
from ecid_crypto.domain import standardised_domain
from ecid_crypto.kdf import derive_session_keys
from ecid_crypto.rng import ScriptedRng, SeededRng
from ecid_readers.apdu import CommandApdu
from ecid_readers.replay import Replay
from scripted_card import ChipSide, FunctionCard, ScriptedCard

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
    result = run_chip_authentication(old, choice, rng)
    assert keys_of(run["after"]) == result.keys
    assert bytes.fromhex(run["terminal_public_key"]) == result.public
    assert wire.remaining == 0
    assert rng.exhausted

    new, wire = session(run, "after", result.keys)
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
    keys = run_chip_authentication(wire, choice, rng).keys
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


# Both sides -------------------------------------------------------------------------------

#: The private key of the chip.
STATIC = 0x1234567


def chosen(cipher: Cipher, number: int) -> ChipAuthenticationChoice:
    """Return the choice of this cipher over standardised parameters, with the chip's key."""
    domain = standardised_domain(number)
    last = 1 + list(Cipher).index(cipher)
    oid = f"0.4.0.127.0.7.2.2.3.{2 if number > 2 else 1}.{last}"
    return ChipAuthenticationChoice(oid, cipher, domain, domain.key(STATIC).public(), None)


@pytest.mark.parametrize("cipher", Cipher)
@pytest.mark.parametrize("number", [0, 1, 2, *range(8, 19)])
def test_both_sides(cipher: Cipher, number: int) -> None:
    """What the chip computes from our command is what comes out here, in every domain."""
    choice = chosen(cipher, number)
    card = ScriptedCard([OK, b"\x7c\x00" + OK])
    result = run_chip_authentication(card, choice, SeededRng(b"terminal"))
    sent = sent_key(card.commands, cipher)
    assert sent == result.public
    secret = choice.domain.key(STATIC).shared_secret(sent)
    expected = SessionKeys.with_zero_counter(cipher, *derive_session_keys(secret, cipher))
    assert expected == result.keys


@pytest.mark.parametrize("number", [0, 1, 2, 8, 12, 18])
@pytest.mark.parametrize("key_id", [None, 0, 1, 127, 128, 0x1234])
@pytest.mark.parametrize("cipher", [Cipher.TDES, Cipher.AES_128])
def test_commands(cipher: Cipher, number: int, key_id: int | None) -> None:
    """The bytes on the wire: MSE:Set KAT with 3DES, MSE:Set AT and GENERAL AUTHENTICATE with AES.

    Public values of 2048 bits need extended length; a key id is sent only if there is one.
    """
    choice = replace(chosen(cipher, number), key_id=key_id)
    card = ScriptedCard([OK, b"\x7c\x00" + OK])
    public = run_chip_authentication(card, choice, SeededRng(b"terminal")).public
    reference = {None: "", 0: "840100", 1: "840101", 127: "84017F", 128: "840180"}
    end = bytes.fromhex(reference.get(key_id, "84021234"))
    if cipher is Cipher.TDES:
        data = encode(0x91, public) + end
        assert card.commands == [command("002241A6", data)]
        return
    protocol = bytes.fromhex("800A04007F0007020203") + bytes((2 if number > 2 else 1, 2))
    general = command("00860000", encode(0x7C, encode(0x80, public)), le=True)
    assert card.commands == [command("002241A4", protocol + end), general]


def command(header: str, data: bytes, *, le: bool = False) -> bytes:
    """Return a command with short length fields, or extended ones where they are needed."""
    if len(data) > 255:
        body = b"\x00" + len(data).to_bytes(2, "big") + data
        return bytes.fromhex(header) + body + b"\x01\x00" * le
    return bytes.fromhex(header) + bytes((len(data),)) + data + b"\x00" * le


@pytest.mark.parametrize("number", [0, 2, 12])
@pytest.mark.parametrize("cipher", Cipher)
def test_under_secure_messaging(cipher: Cipher, number: int) -> None:
    """The same inside the session that access control opened, the long commands too."""
    keys = SessionKeys.with_zero_counter(Cipher.AES_128, bytes(range(16)), bytes(range(1, 17)))
    side = ChipSide(Cipher.AES_128, keys.enc, keys.mac)
    commands = []

    def answer(protected: bytes) -> bytes:
        opened = side.open(protected)
        commands.append(opened.encode())
        return side.answer(b"\x7c\x00" if opened.ins == 0x86 else b"")

    choice = chosen(cipher, number)
    session = SecureMessaging(FunctionCard(answer), keys)
    result = run_chip_authentication(session, choice, SeededRng(b"terminal"))
    assert sent_key(commands, cipher) == result.public


def test_each_run_has_its_own_key() -> None:
    """CA-16: the terminal's key is ephemeral (TR-03105-5.1 ISO7816_D_10)."""
    rng = SeededRng(b"terminal")
    seen = set()
    for _ in range(50):
        card = ScriptedCard([OK, b"\x7c\x00" + OK])
        result = run_chip_authentication(card, chosen(Cipher.AES_128, 12), rng)
        seen |= {result.public, result.keys.enc, result.keys.mac}
    assert len(seen) == 150


REFUSALS = [
    (Cipher.TDES, [b"\x6a\x88"], "CA MSE:Set KAT", 0x6A88),
    (Cipher.TDES, [b"\x63\x00"], "CA MSE:Set KAT", 0x6300),
    (Cipher.AES_128, [b"\x6a\x80"], "CA MSE:Set AT", 0x6A80),
    (Cipher.AES_128, [b"\x6d\x00"], "CA MSE:Set AT", 0x6D00),
    (Cipher.AES_128, [OK, b"\x63\x00"], "CA GENERAL AUTHENTICATE", 0x6300),
    (Cipher.AES_128, [OK, b"\x7c\x00\x69\x82"], "CA GENERAL AUTHENTICATE", 0x6982),
]


@pytest.mark.parametrize(("cipher", "answers", "step", "sw"), REFUSALS)
def test_refusal(cipher: Cipher, answers: list[bytes], step: str, sw: int) -> None:
    """Any status word but 9000 ends the protocol and names the step; there are no new keys."""
    card = ScriptedCard(answers)
    with pytest.raises(ProtocolError) as caught:
        run_chip_authentication(card, chosen(cipher, 12), SeededRng(b"terminal"))
    assert (caught.value.code, caught.value.step, caught.value.sw) == ("protocol", step, sw)
    assert len(card.commands) == len(answers)


def test_a_clone_says_yes() -> None:
    """9000 to everything gives keys and proves nothing: the next answer does not verify (CA3)."""
    clone = FunctionCard(lambda _: OK)
    choice = chosen(Cipher.AES_128, 12)
    keys = run_chip_authentication(clone, choice, SeededRng(b"terminal")).keys
    with pytest.raises(SecureMessagingError):
        SecureMessaging(clone, keys).transmit(bytes.fromhex("00A4020C02010E"))


def sent_key(commands: list[bytes], cipher: Cipher) -> bytes:
    """Return the public key that the terminal sent, wherever its cipher puts it."""
    data = CommandApdu.decode(commands[-1]).data
    if cipher is Cipher.TDES:
        return Cursor(data, where="command").read(0x91).value
    return parse_one(data, 0x7C, "command").cursor().read(0x80).value


@pytest.mark.parametrize(
    ("key_id", "octets"),
    [(0, "00"), (1, "01"), (128, "80"), (256, "0100"), (-1, "FF"), (-128, "80")],
)
def test_key_id_as_octets(key_id: int, octets: str) -> None:
    """Any id that a file can hold can be sent; a negative one as its INTEGER had it."""
    sent: list[bytes] = []

    def answer(command: bytes) -> bytes:
        sent.append(command)
        return b"\x7c\x00\x90\x00" if command[1] == 0x86 else b"\x90\x00"

    domain = standardised_domain(12)
    public = domain.key(7).public()
    choice = ChipAuthenticationChoice(
        "0.4.0.127.0.7.2.2.3.2.2", Cipher.AES_128, domain, public, key_id
    )
    run_chip_authentication(FunctionCard(answer), choice, SeededRng(b"ids"))
    assert encode(0x84, bytes.fromhex(octets)) in sent[0]
