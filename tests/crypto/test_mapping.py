"""PACE with generic mapping: Doc 9303-11 Appendices G.1, H.1 and I.1, and recorded runs."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecid_crypto.cipher import Cipher, decrypt_cbc, encrypt_block, encrypt_cbc
from ecid_crypto.curves import CURVES, Point, add, decode_point
from ecid_crypto.ec_key import EcPrivateKey
from ecid_crypto.errors import InvalidKey, InvalidPoint
from ecid_crypto.kdf import derive_session_keys
from ecid_crypto.mac import mac
from ecid_crypto.mapping import map_generic
from ecid_crypto.padding import unpad

CURVE = CURVES["brainpoolP256r1"]


def key(scalar: bytes) -> EcPrivateKey:
    """Return the private key of a worked example.

    One of I.1 (``ka_chip_private_key``) is printed above the order: it is reduced first.
    """
    return EcPrivateKey.from_scalar(CURVE, int.from_bytes(scalar, "big") % CURVE.n)


def point(coordinates: bytes) -> Point:
    """Return a point printed as x || y."""
    return decode_point(CURVE, b"\x04" + coordinates)


@pytest.mark.parametrize("group", ["G.1", "I.1"])
@pytest.mark.parametrize(("ours", "theirs"), [("terminal", "chip"), ("chip", "terminal")])
def test_worked_example(
    group: str, ours: str, theirs: str, doc9303: dict[str, dict[str, bytes]]
) -> None:
    """Appendices G.1 and I.1, every value, from the side of the terminal and of the chip."""
    run = doc9303[group]
    first = key(run[f"map_{ours}_private_key"])
    assert point(run[f"map_{ours}_public_key"]) == first.public_point()
    shared = first.multiply(point(run[f"map_{theirs}_public_key"]))
    assert point(run["shared_secret_h"]) == shared
    generator = map_generic(CURVE, run["nonce_s"], shared)
    assert point(run["mapped_generator"]) == generator
    second = key(run[f"ka_{ours}_private_key"])
    assert point(run[f"ka_{ours}_public_key"]) == second.public_point(generator)
    secret = second.shared_secret(point(run[f"ka_{theirs}_public_key"]))
    assert run["shared_secret_k"] == secret


def test_scalar_printed_above_the_order(doc9303: dict[str, dict[str, bytes]]) -> None:
    """Appendix I.1 prints a private key of the chip that is no scalar: it is refused as it is."""
    printed = int.from_bytes(doc9303["I.1"]["ka_chip_private_key"], "big")
    with pytest.raises(InvalidKey, match="scalar_range"):
        EcPrivateKey.from_scalar(CURVE, printed)


@pytest.mark.parametrize("group", ["G.1", "H.1", "I.1"])
def test_keys_and_tokens(group: str, doc9303: dict[str, dict[str, bytes]]) -> None:
    """Appendices G.1, H.1 and I.1: session keys and both authentication tokens."""
    run = doc9303[group]
    enc, mac_key = derive_session_keys(run["shared_secret_k"], Cipher.AES_128)
    assert (run["ks_enc"], run["ks_mac"]) == (enc, mac_key)
    assert run["t_ifd"] == mac(Cipher.AES_128, mac_key, run["input_data_t_ifd"])
    assert run["t_ic"] == mac(Cipher.AES_128, mac_key, run["input_data_t_ic"])


@pytest.mark.parametrize(("group", "password"), [("G.1", "G"), ("I.1", "I")])
def test_encrypted_nonce(group: str, password: str, doc9303: dict[str, dict[str, bytes]]) -> None:
    """Appendices G.1 and I.1: z = E(Kπ, s), without padding and with a zero IV."""
    run, k_pi = doc9303[group], doc9303[password]["k_pi"]
    z = run["encrypted_nonce_z"]
    assert z == encrypt_cbc(Cipher.AES_128, k_pi, bytes(16), run["nonce_s"])
    assert run["nonce_s"] == decrypt_cbc(Cipher.AES_128, k_pi, bytes(16), z)


def test_key_agreement_on_an_integrated_mapping(doc9303: dict[str, dict[str, bytes]]) -> None:
    """Appendix H.1: the mapping is another one, the agreement on its generator is the same."""
    run = doc9303["H.1"]
    generator = point(run["mapped_generator_x"] + run["mapped_generator_y"])
    chip, terminal = key(run["chip_private_key"]), key(run["terminal_private_key"])
    assert point(run["chip_public_key"]) == chip.public_point(generator)
    assert point(run["terminal_public_key"]) == terminal.public_point(generator)
    assert run["shared_secret_k"] == terminal.shared_secret(point(run["chip_public_key"]))


def test_chip_authentication_mapping(doc9303: dict[str, dict[str, bytes]]) -> None:
    """Appendix I.1: CA.IC · PK.IC is the mapping key the chip has sent."""
    run = doc9303["I.1"]
    data = run["encrypted_chip_authentication_data"]
    plain = unpad(decrypt_cbc(Cipher.AES_128, run["ks_enc"], run["iv"], data))
    assert run["decrypted_chip_authentication_data"] == plain
    assert point(run["pk_map_ic"]) == key(plain).multiply(point(run["pk_ic"]))


@pytest.mark.parametrize("which", ["nz_gm_3des", "de_cam_aes128"])
def test_recorded_runs(which: str, transcripts: dict[str, Any]) -> None:
    """Two chips, with 3DES and with AES: secrets, keys and tokens; the nonce is not published."""
    run = next(run for run in transcripts["pace"] if run["id"] == which)
    values = {k: bytes.fromhex(v) for k, v in run.items() if _is_hex(v)}
    cipher = {"TDES": Cipher.TDES, "AES": Cipher.AES_128}[run["alg"]]
    first = key(values["map_terminal_private_key"])
    assert point(values["map_terminal_public_key"]) == first.public_point()
    shared = first.multiply(point(values["map_chip_public_key"]))
    assert point(values["shared_secret_h_computed"]) == shared
    second = key(values["ka_terminal_private_key"])
    generator = point(values["mapped_generator_computed"])
    assert point(values["ka_terminal_public_key"]) == second.public_point(generator)
    secret = second.shared_secret(point(values["ka_chip_public_key"]))
    assert values["shared_secret_k_computed"] == secret
    enc, mac_key = derive_session_keys(secret, cipher)
    assert (values["ks_enc"], values["ks_mac"]) == (enc, mac_key)
    assert values["t_ifd"] == mac(cipher, mac_key, values["input_data_t_ifd"])
    assert values["t_ic"] == mac(cipher, mac_key, values["input_data_t_ic"])


def _is_hex(value: object) -> bool:
    return isinstance(value, str) and set(value) <= set("0123456789ABCDEF")


def test_recorded_chip_authentication_mapping(transcripts: dict[str, Any]) -> None:
    """The German chip: its static key answers for its mapping key."""
    run = next(run for run in transcripts["pace"] if run["id"] == "de_cam_aes128")
    values = {k: bytes.fromhex(v) for k, v in run.items() if _is_hex(v)}
    iv = encrypt_block(Cipher.AES_128, values["ks_enc"], b"\xff" * 16)
    assert values["iv_computed"] == iv
    data = values["encrypted_chip_authentication_data"]
    plain = unpad(decrypt_cbc(Cipher.AES_128, values["ks_enc"], iv, data))
    assert values["decrypted_chip_authentication_data_computed"] == plain
    product = key(plain).multiply(point(values["pk_ic_computed"]))
    assert point(values["map_chip_public_key"]) == product


def test_nonce_is_taken_modulo_the_order() -> None:
    """N + 1 maps like 1: G + H."""
    doubled = add(CURVE, CURVE.g, CURVE.g)
    nonce = (CURVE.n + 1).to_bytes(33, "big")
    assert add(CURVE, CURVE.g, doubled) == map_generic(CURVE, nonce, doubled)


@pytest.mark.parametrize("nonce", [bytes(16), CURVE.n.to_bytes(32, "big"), b""])
def test_nonce_of_zero_is_refused(nonce: bytes) -> None:
    """s·G would be infinity: the generator would not depend on the password."""
    with pytest.raises(InvalidPoint):
        map_generic(CURVE, nonce, CURVE.g)


@given(st.integers(1, CURVE.n - 1))
def test_infinite_generator_is_refused(scalar: int) -> None:
    """H = -s·G would make every later key agreement trivial."""
    opposite = EcPrivateKey.from_scalar(CURVE, CURVE.n - scalar).public_point()
    with pytest.raises(InvalidPoint, match="point_at_infinity"):
        map_generic(CURVE, scalar.to_bytes(32, "big"), opposite)


def test_shared_point_is_validated() -> None:
    """H off the curve is refused before anything is computed."""
    with pytest.raises(InvalidPoint, match="point_off_curve"):
        map_generic(CURVE, b"\x01", Point(1, 1))
