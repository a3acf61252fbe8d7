"""The worked examples of Doc 9303-11, from the chip's side, byte for byte."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ecid.emulator import CardSecrets, ChipKeys, EmulatedCard, IssuedCard
from ecid_crypto.rng import ScriptedRng

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


def test_pace_generic_mapping(vector: Vector) -> None:
    """Appendix G.1: the five exchanges of PACE with the MRZ."""
    secrets = CardSecrets(
        document_number=vector("G", "document_number"),
        birth_date=vector("G", "date_of_birth"),
        expiry_date=vector("G", "date_of_expiry"),
    )
    names = ("nonce_s", "map_chip_private_key", "ka_chip_private_key")
    rng = ScriptedRng(*(bytes.fromhex(vector("G.1", name)) for name in names))
    card_access = bytes.fromhex("3114" + vector("G.1", "pace_info"))
    card = make_card(secrets, rng, CardAccess=card_access)
    steps = (
        "mse_set_at",
        "get_nonce",
        "map_nonce",
        "perform_key_agreement",
        "mutual_authentication",
    )
    for step in steps:
        command, response = (
            vector("G.1", f"{step}_{kind}_apdu") for kind in ("command", "response")
        )
        assert exchange(card, command) == response, step
    assert rng.exhausted


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
