"""The worked examples of Doc 9303-11, from the chip's side, byte for byte."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from chip_terminal import tlv
from ecid.emulator import CardBehaviour, CardSecrets, ChipKeys, EmulatedCard, IssuedCard
from ecid.emulator.chip.active_authentication import representative
from ecid.emulator.cvc_issuing import CVCA, CvcPlan, issue_cvc
from ecid.emulator.keys import EcSecret, RsaSecret, generate_ec
from ecid.emulator.terminal_pki import TerminalPki
from ecid_crypto.curves import curve_by_name, encode_point
from ecid_crypto.hashes import Hash
from ecid_crypto.rng import ScriptedRng, SeededRng

Vector = Callable[[str, str], str]

#: EF.COM of Appendix D.4: what its steps 2 and 3 decrypt to.
EF_COM = bytes.fromhex("60145F0104303130365F36063034303030305C026175")


def make_card(secrets: CardSecrets, rng: ScriptedRng, **files: bytes) -> EmulatedCard:
    """Return a strict card with these files and random bytes."""
    issued = IssuedCard(
        name="worked example", files=files, secrets=secrets, chip_keys=ChipKeys(), csca=b""
    )
    return EmulatedCard(issued, rng=rng)


def exchange(card: EmulatedCard, command: str) -> str:
    """Return the response to a command, both as upper-case hex."""
    return card.transmit(bytes.fromhex(command)).hex().upper()


def test_bac_and_secure_messaging(vector: Vector) -> None:
    """Appendix D.3 and D.4: BAC, then SELECT and READ BINARY of EF.COM."""
    secrets = CardSecrets(document_number="L898902C", birth_date="690806", expiry_date="940623")
    rng = ScriptedRng(bytes.fromhex(vector("D.3", "rnd_ic")), bytes.fromhex(vector("D.3", "k_ic")))
    card = make_card(secrets, rng, COM=EF_COM)
    assert exchange(card, "00A4040C07A0000002471001") == "9000"
    assert exchange(card, vector("D.3", "get_challenge_command_apdu")) == (
        vector("D.3", "rnd_ic") + "9000"
    )
    assert exchange(card, vector("D.3", "external_authenticate_command_apdu")) == (
        vector("D.3", "resp_data") + "9000"
    )
    for group in ("D.4.1", "D.4.2", "D.4.3"):
        assert exchange(card, vector(group, "protected_apdu")) == vector(group, "rapdu")
    assert rng.exhausted


STEPS = (
    "mse_set_at",
    "get_nonce",
    "map_nonce",
    "perform_key_agreement",
    "mutual_authentication",
)


def from_mrz(vector: Vector, group: str) -> CardSecrets:
    """Return the MRZ password of an appendix."""
    return CardSecrets(
        document_number=vector(group, "document_number"),
        birth_date=vector(group, "date_of_birth"),
        expiry_date=vector(group, "date_of_expiry"),
    )


def drawn(vector: Vector, group: str, *names: str, order: int = 0) -> ScriptedRng:
    """Return these values as the chip draws them; exponents are taken modulo ``order``."""
    chunks = [bytes.fromhex(vector(group, name)) for name in names]
    if order:
        length = (order.bit_length() + 7) // 8
        reduced = [(int.from_bytes(each, "big") % order).to_bytes(length, "big") for each in chunks]
        chunks = [chunks[0], *reduced[1:]]
    return ScriptedRng(*chunks)


def test_pace_ecdh_generic_mapping(vector: Vector) -> None:
    """Appendix G.1: the five exchanges of PACE with the MRZ."""
    rng = drawn(vector, "G.1", "nonce_s", "map_chip_private_key", "ka_chip_private_key")
    card_access = bytes.fromhex("3114" + vector("G.1", "pace_info"))
    card = make_card(from_mrz(vector, "G"), rng, CardAccess=card_access)
    for step in STEPS:
        command, response = (
            vector("G.1", f"{step}_{kind}_apdu") for kind in ("command", "response")
        )
        assert exchange(card, command) == response, step
    assert rng.exhausted


def test_pace_dh_generic_mapping(vector: Vector) -> None:
    """Appendix G.2: over a finite field; the last answer names a CVCA key and lacks its 9000."""
    names = ("nonce_s", "map_chip_private_key", "ka_chip_private_key")
    rng = drawn(vector, "G.2", *names)
    key = generate_ec(curve_by_name("brainpoolP256r1"), SeededRng(b"cvca"))
    plan = CvcPlan(
        authority=b"DETESTCVCA00003",
        holder=b"DETESTCVCA00003",
        key=key,
        algorithm="ECDSA-SHA-256",
        authorisation=CVCA,
        effective=date(2021, 1, 1),
        expiration=date(2031, 1, 1),
        explicit=True,
    )
    trusted = issue_cvc(plan, key, "ECDSA-SHA-256", SeededRng(b"k"))
    issued = IssuedCard(
        name="worked example",
        files={"CardAccess": bytes.fromhex("3114" + vector("G.2", "pace_info"))},
        secrets=from_mrz(vector, "G"),
        chip_keys=ChipKeys(),
        csca=b"",
        terminal=TerminalPki(trusted=(trusted,)),
    )
    card = EmulatedCard(issued, behaviour=CardBehaviour(pace_names_authorities=True), rng=rng)
    for step in STEPS:
        command, response = (
            vector("G.2", f"{step}_{kind}_apdu") for kind in ("command", "response")
        )
        missing = "9000" if step == "mutual_authentication" else ""
        assert exchange(card, command) == response + missing, step
    assert rng.exhausted


@pytest.mark.parametrize(
    ("group", "oid", "parameter_id", "tag"),
    [("H.1", "04007F00070202040402", 13, "86"), ("H.2", "04007F00070202040302", 0, "84")],
)
def test_pace_integrated_mapping(
    vector: Vector, group: str, oid: str, parameter_id: int, tag: str
) -> None:
    """Appendix H: the values of integrated mapping, put into the commands of §4.4.4.

    The printed Kπ is that of the CAN 123456. The document prints no commands here.
    """
    order = int(vector("H.2", "prime_order_q"), 16) if parameter_id == 0 else 0
    rng = drawn(vector, group, "nonce_s", "chip_private_key", order=order)
    info = f"3012060A{oid}0201020201{parameter_id:02X}"
    card = make_card(CardSecrets(can="123456"), rng, CardAccess=bytes.fromhex("3114" + info))
    uncompressed = "04" if tag == "86" else ""
    z, t, terminal_key, chip_key, t_ifd, t_ic = (
        vector(group, name)
        for name in (
            "encrypted_nonce_z",
            "nonce_t",
            "terminal_public_key",
            "chip_public_key",
            "t_ifd",
            "t_ic",
        )
    )
    assert exchange(card, f"0022C1A40F800A{oid}830102") == "9000"
    assert exchange(card, "10860000027C0000") == f"7C128010{z}9000"
    assert exchange(card, f"10860000147C128110{t}00") == "7C0282009000"
    terminal_object = tlv(0x83, bytes.fromhex(uncompressed + terminal_key))
    chip_object = tlv(0x84, bytes.fromhex(uncompressed + chip_key))
    data = tlv(0x7C, terminal_object)
    answer = exchange(card, f"10860000{len(data):02X}{data.hex()}00")
    assert answer == tlv(0x7C, chip_object).hex().upper() + "9000"
    assert exchange(card, f"008600000C7C0A8508{t_ifd}00") == f"7C0A8608{t_ic}9000"
    assert rng.exhausted
    assert card.channel is not None
    assert card.channel.enc.hex().upper() == vector(group, "ks_enc")
    assert card.channel.mac.hex().upper() == vector(group, "ks_mac")


def test_pace_chip_authentication_mapping(vector: Vector) -> None:
    """Appendix I.1: the last answer has the encrypted quotient of mapping and static key.

    The static private key is not printed; it is the mapping key divided by that quotient.
    """
    curve = curve_by_name("brainpoolP256r1")
    mapping, quotient = (
        int(vector("I.1", name), 16)
        for name in ("map_chip_private_key", "decrypted_chip_authentication_data")
    )
    static = EcSecret(curve, mapping * pow(quotient, -1, curve.n) % curve.n)
    public = encode_point(curve, static.public.point)[1:]
    assert public.hex().upper() == vector("I.1", "pk_ic")
    names = ("nonce_s", "map_chip_private_key", "ka_chip_private_key")
    rng = drawn(vector, "I.1", *names, order=curve.n)  # the last one is printed above the order
    issued = IssuedCard(
        name="worked example",
        files={"CardAccess": bytes.fromhex("3114" + vector("I.1", "pace_info"))},
        secrets=from_mrz(vector, "I"),
        chip_keys=ChipKeys(by_key_id={13: static}),
        csca=b"",
    )
    card = EmulatedCard(issued, rng=rng)
    for step in STEPS:
        command, response = (
            vector("I.1", f"{step}_{kind}_apdu") for kind in ("command", "response")
        )
        assert exchange(card, command) == response, step
    assert rng.exhausted


def test_active_authentication(vector: Vector) -> None:
    """Appendix F: the message representative; no private key is printed, so not its power."""
    m1 = bytes.fromhex(vector("F", "m1"))
    secret = RsaSecret(n=(1 << 1023) + 1, e=3, d=1, p=1, q=1)
    challenge = bytes.fromhex(vector("F", "rnd_ifd"))
    found = representative(secret, Hash.SHA1, challenge, ScriptedRng(m1))
    assert found.hex().upper() == vector("F", "f")


@pytest.mark.parametrize("known", [True, False])
def test_pace_key_follows_the_secret(vector: Vector, known: bool) -> None:
    """Appendix G.1, first step: the same nonce is sealed otherwise for another document."""
    number = vector("G", "document_number") if known else "T22000128"
    secrets = CardSecrets(document_number=number, birth_date="640812", expiry_date="101031")
    rng = ScriptedRng(bytes.fromhex(vector("G.1", "nonce_s")))
    card_access = bytes.fromhex("3114" + vector("G.1", "pace_info"))
    card = make_card(secrets, rng, CardAccess=card_access)
    exchange(card, vector("G.1", "mse_set_at_command_apdu"))
    sealed = exchange(card, vector("G.1", "get_nonce_command_apdu"))
    assert (sealed == vector("G.1", "get_nonce_response_apdu")) is known
