"""PACE against recorded runs of real documents, step by step: their nonces are withheld."""

from __future__ import annotations

from typing import Any

import pytest

from ecid.encoding.tlv import children, parse_one
from ecid.errors import AccessRefused, ProtocolError
from ecid.lds.security_infos import parse, parse_card_access
from ecid.outcome import SUCCESS
from ecid.protocols.pace import PacePassword, authentication_token, check_cam, choose, run_pace
from ecid.protocols.pace_cam import open_answer, static_keys
from ecid.session.keys import SessionKeys
from ecid.session.secure_messaging import SecureMessaging
from ecid.trust.signed_data import parse_signed_data
from ecid_crypto.cipher import Cipher
from ecid_crypto.kdf import derive_session_keys
from ecid_crypto.rng import ScriptedRng
from ecid_readers.replay import Replay
from pace_chip import suite

VARIANTS = {"nz_gm_3des": suite("2.1", 13), "de_cam_aes128": suite("6.2", 13)}
CAN = PacePassword.from_can("123456")


def recorded(transcripts: dict[str, Any], name: str) -> dict[str, Any]:
    """Return one run, its values as bytes; points get the octet that they are printed without."""
    run = next(row for row in transcripts["pace"] if row["id"] == name)
    values = {key: _value(key, text) for key, text in run.items() if isinstance(text, str)}
    return {**values, "exchange": run["exchange"], "read": run.get("read_card_security")}


@pytest.mark.parametrize("name", VARIANTS)
def test_recorded_choice(transcripts: dict[str, Any], name: str) -> None:
    """The German document offers generic mapping too, and mapping with a proof is chosen."""
    offered = parse_card_access(recorded(transcripts, name)["card_access"]).pace
    assert choose(offered) == VARIANTS[name]


@pytest.mark.parametrize("name", VARIANTS)
def test_recorded_steps(transcripts: dict[str, Any], name: str) -> None:
    """Everything that can be computed without the nonce: H, keys, secret and both tokens."""
    run, parameters = recorded(transcripts, name), VARIANTS[name]
    domain = parameters.domain
    mapping = domain.key(int.from_bytes(run["map_terminal_private_key"], "big"))
    agreement = domain.key(int.from_bytes(run["ka_terminal_private_key"], "big"))
    assert run["map_terminal_public_key"] == mapping.public()
    assert run["shared_secret_h_computed"] == mapping.multiply(run["map_chip_public_key"])
    ours = agreement.public(run["mapped_generator_computed"])
    assert run["ka_terminal_public_key"] == ours
    secret = agreement.shared_secret(run["ka_chip_public_key"])
    assert run["shared_secret_k_computed"] == secret
    enc, mac = derive_session_keys(secret, parameters.cipher)
    assert (run["ks_enc"], run["ks_mac"]) == (enc, mac)
    chip = run["ka_chip_public_key"]
    assert run["t_ifd"] == authentication_token(parameters, mac, chip)
    assert run["t_ic"] == authentication_token(parameters, mac, ours)


@pytest.mark.parametrize("name", VARIANTS)
def test_recorded_request(transcripts: dict[str, Any], name: str) -> None:
    """Both documents were told which parameters are meant (DO'84'), the MRZ being the password."""
    step = recorded(transcripts, name)["exchange"][0]
    wire = Replay([(bytes.fromhex(step["command_apdu"]), b"\x69\x85")])
    password = PacePassword.from_mrz_information("any")
    with pytest.raises(AccessRefused):
        run_pace(wire, VARIANTS[name], password, ScriptedRng(), name_parameters=True)
    assert wire.remaining == 0


def test_recorded_proof(transcripts: dict[str, Any]) -> None:
    """The German chip: its last answer, opened, fits one of two static keys of EF.CardSecurity."""
    run, parameters = recorded(transcripts, "de_cam_aes128"), VARIANTS["de_cam_aes128"]
    last = bytes.fromhex(run["exchange"][-1]["response_apdu"])
    objects = {o.tag: o.value for o in children(parse_one(last[:-2], 0x7C, "answer"))}
    assert objects[0x86] == run["t_ic"]
    assert objects[0x8A] == run["encrypted_chip_authentication_data"]
    answer = open_answer(
        parameters.domain,
        Cipher.AES_128,
        run["ks_enc"],
        run["map_chip_public_key"],
        objects[0x8A],
    )
    assert run["decrypted_chip_authentication_data_computed"] == answer.data
    signed = parse_signed_data(run["card_security_computed"], "CardSecurity")
    infos = parse(signed.content or b"", "CardSecurity")
    assert len(infos.chip_authentication_keys) == 2
    (key,) = static_keys(parameters.domain, parameters.parameter_id, infos)
    assert check_cam(answer, key) == SUCCESS
    assert key == b"\x04" + run["pk_ic_computed"]


def test_recorded_session(transcripts: dict[str, Any]) -> None:
    """The keys of that run open the session in which EF.CardSecurity was read."""
    run = recorded(transcripts, "de_cam_aes128")
    keys = SessionKeys.with_zero_counter(Cipher.AES_128, run["ks_enc"], run["ks_mac"])
    wire = Replay(
        (bytes.fromhex(row["command_apdu"]), bytes.fromhex(row["response_apdu"]))
        for row in run["read"]
    )
    session = SecureMessaging(wire, keys)
    for row in run["read"]:
        answer = session.transmit(bytes.fromhex(row["plain_command_apdu"]))
        assert bytes.fromhex(row["plain_response_apdu"]) == answer
    assert wire.remaining == 0


def test_recorded_answer_without_nonce(transcripts: dict[str, Any]) -> None:
    """An answer with tag 83 instead of 80 for the nonce."""
    (row,) = transcripts["pace_invalid"]
    wire = Replay(
        [
            (bytes.fromhex("0022C1A40F800A04007F00070202040202830102"), b"\x90\x00"),
            (bytes.fromhex(row["command_apdu"]), bytes.fromhex(row["response_apdu"])),
        ]
    )
    with pytest.raises(ProtocolError) as caught:
        run_pace(wire, suite("2.2", 13), CAN, ScriptedRng())
    assert caught.value.code == "unexpected_object"
    assert wire.remaining == 0


def _value(key: str, text: str) -> bytes:
    if not set(text) <= set("0123456789ABCDEF"):
        return b""
    points = ("public_key", "shared_secret_h_computed", "mapped_generator_computed")
    return b"\x04" * key.endswith(points) + bytes.fromhex(text)
