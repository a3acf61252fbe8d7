"""PACE against the worked examples of Doc 9303-11, byte for byte: G.1, G.2, H.1, H.2 and I.1.

G and I print every APDU. H prints values only: its APDUs are put together from them here.
"""

from __future__ import annotations

import pytest

from ecid.encoding.tlv import encode
from ecid.lds.security_infos import parse, parse_card_access
from ecid.outcome import SUCCESS
from ecid.protocols.pace import (
    PaceParameters,
    PacePassword,
    PaceResult,
    PasswordReference,
    authentication_token,
    check_cam,
    choose,
    is_ambiguous,
    run_pace,
    static_keys,
)
from ecid.protocols.pace_mapping import map_nonce
from ecid.session.keys import SessionKeys
from ecid_crypto.cipher import Cipher, encrypt_cbc
from ecid_crypto.domain import DhDomain
from ecid_crypto.rng import ScriptedRng
from ecid_readers.replay import Replay
from pace_chip import suite
from scripted_card import ScriptedCard

Doc = dict[str, dict[str, bytes]]

STEPS = ("mse_set_at", "get_nonce", "map_nonce", "perform_key_agreement", "mutual_authentication")
OK = b"\x90\x00"
VARIANTS = {
    "G.1": suite("2.2", 13),
    "G.2": suite("1.2", 0),
    "H.1": suite("4.2", 13),
    "H.2": suite("3.2", 0),
    "I.1": suite("6.2", 13),
}
PRINTED = ("G.1", "G.2", "I.1")
INTEGRATED = ("H.1", "H.2")


class PrintedKey(PacePassword):
    """A password whose key is printed: the one of H comes from no password of the document."""

    def key(self, cipher: Cipher) -> bytes:
        """Return the printed K_π."""
        del cipher
        return self.secret


def printed_run(doc9303: Doc, name: str) -> tuple[PaceResult, Replay]:
    """Run an example whose APDUs are printed, the password being the MRZ above it."""
    values = doc9303[name]
    answers = {step: values[f"{step}_response_apdu"] for step in STEPS}
    # G.2 prints the last answer without its status word, I.1 and G.1 with it.
    if not answers["mutual_authentication"].endswith(OK):
        answers["mutual_authentication"] += OK
    wire = Replay((values[f"{step}_command_apdu"], answers[step]) for step in STEPS)
    rng = ScriptedRng(values["map_terminal_private_key"], values["ka_terminal_private_key"])
    information = doc9303[name[0]]["mrz_information"].decode("ascii")
    password = PacePassword.from_mrz_information(information)
    result = run_pace(wire, VARIANTS[name], password, rng)
    assert rng.exhausted
    return result, wire


@pytest.mark.parametrize("name", PRINTED)
def test_worked_example(doc9303: Doc, name: str) -> None:
    """Five commands byte for byte, and the session keys and the chip's key that come out."""
    values = doc9303[name]
    result, wire = printed_run(doc9303, name)
    assert wire.remaining == 0
    expected = SessionKeys(Cipher.AES_128, values["ks_enc"], values["ks_mac"], bytes(16))
    assert expected == result.keys
    assert element(VARIANTS[name], values["ka_chip_public_key"]) == result.chip_public
    assert result.deviations == ()
    assert result.tries_left is None


@pytest.mark.parametrize("name", PRINTED)
def test_choice_of_the_example(doc9303: Doc, name: str) -> None:
    """The PACEInfo of the example leads to its variant, which needs no name."""
    offered = parse_card_access(encode(0x31, doc9303[name]["pace_info"])).pace
    assert choose(offered) == VARIANTS[name]
    assert not is_ambiguous(offered)


def test_authority_of_g2(doc9303: Doc) -> None:
    """The printed octets of G.2 name an authority, which the printed table beside them does not."""
    result, _ = printed_run(doc9303, "G.2")
    assert result.certification_authorities == ("DETESTCVCA00003",)


@pytest.mark.parametrize("name", INTEGRATED)
def test_integrated_mapping(doc9303: Doc, name: str) -> None:
    """H.1, H.2: five commands put together from the values, the session keys, both tokens."""
    values, parameters = doc9303[name], VARIANTS[name]
    commands, answers = integrated_apdus(doc9303, name)
    wire = Replay(zip(commands, answers, strict=True))
    rng = ScriptedRng(values["nonce_t"], terminal_key(parameters, values))
    password = PrintedKey(PasswordReference.MRZ, values["k_pi"])
    result = run_pace(wire, parameters, password, rng)
    assert wire.remaining == 0
    assert rng.exhausted
    expected = SessionKeys(Cipher.AES_128, values["ks_enc"], values["ks_mac"], bytes(16))
    assert expected == result.keys
    assert element(parameters, values["chip_public_key"]) == result.chip_public
    assert result.chip_authentication is None


@pytest.mark.parametrize("name", INTEGRATED)
def test_mapped_generator(doc9303: Doc, name: str) -> None:
    """H.1, H.2: the nonces s and t give the printed generator."""
    values, parameters = doc9303[name], VARIANTS[name]
    card = ScriptedCard([bytes.fromhex("7C0282009000")])
    mapped = map_nonce(card, parameters, values["nonce_s"], ScriptedRng(values["nonce_t"]))
    printed = values.get("mapped_generator") or b"".join(
        values[f"mapped_generator_{axis}"] for axis in "xy"
    )
    assert element(parameters, printed) == mapped.generator
    iv, key = bytes(16), values["k_pi"]
    assert values["encrypted_nonce_z"] == encrypt_cbc(Cipher.AES_128, key, iv, values["nonce_s"])


def integrated_apdus(doc9303: Doc, name: str) -> tuple[list[bytes], list[bytes]]:
    """Return the commands and answers that follow from the values of H.1 or H.2."""
    values, parameters = doc9303[name], VARIANTS[name]
    oid = values["input_data_t_ic"].partition(b"\x06\x0a")[2][:10]
    ours = element(parameters, values["terminal_public_key"])
    theirs = element(parameters, values["chip_public_key"])

    def step(content: bytes, cla: int = 0x10) -> bytes:
        data = encode(0x7C, content)
        return bytes((cla, 0x86, 0, 0, len(data))) + data + b"\x00"

    commands = [
        bytes.fromhex("0022C1A40F800A") + oid + bytes.fromhex("830101"),
        step(b""),
        step(encode(0x81, values["nonce_t"])),
        step(encode(0x83, ours)),
        step(encode(0x85, values["t_ifd"]), 0x00),
    ]
    objects = [(0x80, values["encrypted_nonce_z"]), (0x82, b""), (0x84, theirs)]
    objects.append((0x86, values["t_ic"]))
    return commands, [OK, *(encode(0x7C, encode(*each)) + OK for each in objects)]


def test_chip_authentication_of_i1(doc9303: Doc) -> None:
    """I.1: the encrypted data in DO'8A' decrypt to CA_IC, and the static key of the chip fits."""
    values = doc9303["I.1"]
    result, _ = printed_run(doc9303, "I.1")
    answer = result.chip_authentication
    assert answer is not None
    assert element(VARIANTS["I.1"], values["map_chip_public_key"]) == answer.mapping_key
    assert values["decrypted_chip_authentication_data"] == answer.data
    infos = parse(encode(0x31, values["chip_authentication_public_key_info"]), "CardSecurity")
    (static,) = static_keys(answer.domain, VARIANTS["I.1"].parameter_id, infos)
    assert element(VARIANTS["I.1"], values["pk_ic"]) == static
    assert check_cam(answer, static) == SUCCESS


@pytest.mark.parametrize("name", VARIANTS)
def test_tokens(doc9303: Doc, name: str) -> None:
    """Each token is over the public key of the other side: a point in 86, a number in 84."""
    values, parameters = doc9303[name], VARIANTS[name]
    prefix = "ka_" if name in PRINTED else ""
    chip = element(parameters, values[f"{prefix}chip_public_key"])
    ours = element(parameters, values[f"{prefix}terminal_public_key"])
    assert values["t_ifd"] == authentication_token(parameters, values["ks_mac"], chip)
    assert values["t_ic"] == authentication_token(parameters, values["ks_mac"], ours)


def element(parameters: PaceParameters, printed: bytes) -> bytes:
    """Return a public value as it is sent; points are printed without their first octet."""
    return printed if isinstance(parameters.domain, DhDomain) else b"\x04" + printed


def terminal_key(parameters: PaceParameters, values: dict[str, bytes]) -> bytes:
    """Return the terminal's private key; that of H.2 is printed longer than the order."""
    if not isinstance(parameters.domain, DhDomain):
        return values["terminal_private_key"]
    order = parameters.domain.group.q or 0
    exponent = int.from_bytes(values["terminal_private_key"], "big") % order
    return exponent.to_bytes(20, "big")
