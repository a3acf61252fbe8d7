"""PACE with generic mapping against Doc 9303-11 appendix G.1 and a recorded run."""

from __future__ import annotations

from typing import Any

import pytest

from ecid.encoding import der_write as w
from ecid.encoding.tlv import encode
from ecid.errors import (
    AccessRefused,
    ProtocolError,
    UnsupportedData,
)
from ecid.lds.security_infos import parse_card_access
from ecid.protocols.pace import (
    PaceParameters,
    PacePassword,
    PasswordReference,
    authentication_token,
    choose,
    run_pace,
)
from ecid.session.keys import SessionKeys
from ecid_crypto.cipher import Cipher, encrypt_cbc
from ecid_crypto.curves import Point, curve_by_name, decode_point
from ecid_crypto.ec_key import EcPrivateKey
from ecid_crypto.kdf import KdfCounter, derive_key, derive_session_keys
from ecid_crypto.mapping import map_generic
from ecid_crypto.rng import ScriptedRng
from ecid_readers.replay import Replay

Doc = dict[str, dict[str, bytes]]

CURVE = curve_by_name("brainpoolP256r1")
GM_AES_128 = PaceParameters("0.4.0.127.0.7.2.2.4.2.2", Cipher.AES_128, CURVE, 13)
GM_3DES = PaceParameters("0.4.0.127.0.7.2.2.4.2.1", Cipher.TDES, CURVE, 13)
CAN = PacePassword.from_can("123456")
STEPS = ("mse_set_at", "get_nonce", "map_nonce", "perform_key_agreement", "mutual_authentication")


# Published runs ---------------------------------------------------------------------------


def test_worked_example(doc9303: Doc) -> None:
    """Appendix G.1, byte for byte: five commands, and the session keys that come out."""
    g1 = doc9303["G.1"]
    wire = Replay((g1[f"{step}_command_apdu"], g1[f"{step}_response_apdu"]) for step in STEPS)
    parameters = choose(parse_card_access(encode(0x31, g1["pace_info"])).pace)
    assert parameters == GM_AES_128
    information = doc9303["G"]["mrz_information"].decode("ascii")
    rng = ScriptedRng(g1["map_terminal_private_key"], g1["ka_terminal_private_key"])
    keys = run_pace(wire, parameters, PacePassword.from_mrz_information(information), rng)
    assert SessionKeys(Cipher.AES_128, g1["ks_enc"], g1["ks_mac"], bytes(16)) == keys
    assert wire.remaining == 0
    assert rng.exhausted


def test_recorded_steps(transcripts: dict[str, Any]) -> None:
    """A real document, 3DES: what can be computed without its nonce, which is withheld."""
    run = {row["id"]: row for row in transcripts["pace"]}["nz_gm_3des"]
    value = {name: _hex(text) for name, text in run.items() if isinstance(text, str)}
    assert choose(parse_card_access(value["card_access"]).pace) == GM_3DES

    mapping = EcPrivateKey.from_scalar(CURVE, _number(value["map_terminal_private_key"]))
    agreement = EcPrivateKey.from_scalar(CURVE, _number(value["ka_terminal_private_key"]))
    chip_mapping, chip = _point(value["map_chip_public_key"]), _point(value["ka_chip_public_key"])
    generator = _point(value["mapped_generator_computed"])
    assert _point(value["map_terminal_public_key"]) == mapping.public_point()
    assert _point(value["shared_secret_h_computed"]) == mapping.multiply(chip_mapping)
    ours = agreement.public_point(generator)
    assert _point(value["ka_terminal_public_key"]) == ours
    secret = agreement.shared_secret(chip)
    assert value["shared_secret_k_computed"] == secret
    enc, mac = derive_session_keys(secret, Cipher.TDES)
    assert (value["ks_enc"], value["ks_mac"]) == (enc, mac)
    assert value["t_ifd"] == authentication_token(GM_3DES, mac, chip)
    assert value["t_ic"] == authentication_token(GM_3DES, mac, ours)


def test_recorded_request(transcripts: dict[str, Any]) -> None:
    """The same document was told which parameters are meant (DO'84')."""
    run = {row["id"]: row for row in transcripts["pace"]}["nz_gm_3des"]
    step = {row["step"]: row for row in run["exchange"]}["mse_set_at"]
    wire = Replay([(_hex(step["command_apdu"]), b"\x6a\x80")])
    password = PacePassword.from_mrz_information("any")
    with pytest.raises(AccessRefused):
        run_pace(wire, GM_3DES, password, ScriptedRng(), name_parameters=True)
    assert wire.remaining == 0


def test_recorded_nonce_without_nonce(transcripts: dict[str, Any]) -> None:
    """An answer with tag 83 instead of 80 for the nonce."""
    (row,) = transcripts["pace_invalid"]
    wire = Replay(
        [
            (_hex("0022C1A40F800A04007F00070202040202830102"), b"\x90\x00"),
            (_hex(row["command_apdu"]), _hex(row["response_apdu"])),
        ]
    )
    with pytest.raises(ProtocolError) as caught:
        run_pace(wire, GM_AES_128, CAN, ScriptedRng())
    assert caught.value.code == "unexpected_object"
    assert wire.remaining == 0


def test_key_of_the_mrz(doc9303: Doc) -> None:
    """Appendix G: the password key of the MRZ decrypts the nonce of G.1."""
    g1, g = doc9303["G.1"], doc9303["G"]
    password = PacePassword.from_mrz_information(g["mrz_information"].decode("ascii"))
    assert password.reference is PasswordReference.MRZ
    key = derive_key(password.secret, KdfCounter.PASSWORD, Cipher.AES_128)
    assert g1["encrypted_nonce_z"] == encrypt_cbc(Cipher.AES_128, key, bytes(16), g1["nonce_s"])


def test_tokens(doc9303: Doc) -> None:
    """Appendix G.1: each token is over the public key of the other side."""
    g1 = doc9303["G.1"]
    chip, ours = _point(g1["ka_chip_public_key"]), _point(g1["ka_terminal_public_key"])
    assert g1["t_ifd"] == authentication_token(GM_AES_128, g1["ks_mac"], chip)
    assert g1["t_ic"] == authentication_token(GM_AES_128, g1["ks_mac"], ours)


# What is chosen ---------------------------------------------------------------------------


def info(protocol: str, parameter_id: int | None = None) -> bytes:
    """Return a PACEInfo, ``protocol`` being the last two arcs of its identifier."""
    number = b"" if parameter_id is None else w.integer(parameter_id)
    return w.seq(w.oid(f"0.4.0.127.0.7.2.2.4.{protocol}"), w.integer(2), number)


def offered(*infos: bytes) -> PaceParameters:
    """Return the choice among ``infos``."""
    return choose(parse_card_access(encode(0x31, b"".join(sorted(infos)))).pace)


@pytest.mark.parametrize(
    ("infos", "oid", "parameter_id"),
    [
        ([info("2.1", 13), info("2.2", 12)], "2.2", 12),
        ([info("2.2", 16), info("2.4", 12)], "2.4", 12),
        ([info("2.2", 12), info("2.2", 16)], "2.2", 16),
        ([info("4.4", 13), info("2.2", 12)], "2.2", 12),
        ([info("6.4", 13), info("2.2", 12)], "2.2", 12),
        ([info("1.4", 2), info("2.1", 12)], "2.1", 12),
        ([info("2.4"), info("2.1", 12)], "2.1", 12),
        ([info("2.4", 31), info("2.1", 12)], "2.1", 12),
    ],
)
def test_the_strongest_is_chosen(infos: list[bytes], oid: str, parameter_id: int) -> None:
    """Cipher first, then curve; what this library does not run is passed over."""
    chosen = offered(*infos)
    assert (chosen.oid, chosen.parameter_id) == (f"0.4.0.127.0.7.2.2.4.{oid}", parameter_id)


@pytest.mark.parametrize("infos", [[], [info("4.2", 13)], [info("1.2", 0)], [info("2.2", 7)]])
def test_nothing_to_choose(infos: list[bytes]) -> None:
    """Integrated mapping, finite fields and unknown curves: not supported, said so."""
    with pytest.raises(UnsupportedData) as caught:
        offered(*infos)
    assert (caught.value.where, caught.value.what) == ("EF.CardAccess", "pace_variant")


def test_password_is_not_printed() -> None:
    """No repr shows the password."""
    assert "123456" not in repr(CAN)
    assert "secret" not in repr(CAN)


def test_mapping_is_the_mapping_of_the_example(doc9303: Doc) -> None:
    """Appendix G.1: nonce and shared point give the mapped generator."""
    g1 = doc9303["G.1"]
    mapped = map_generic(CURVE, g1["nonce_s"], _point(g1["shared_secret_h"]))
    assert _point(g1["mapped_generator"]) == mapped


def _hex(text: str) -> bytes:
    return bytes.fromhex(text) if set(text) <= set("0123456789ABCDEF") else b""


def _number(value: bytes) -> int:
    return int.from_bytes(value, "big")


def _point(value: bytes) -> Point:
    """Return the point whose coordinates stand side by side in ``value``."""
    return decode_point(CURVE, b"\x04" + value)
