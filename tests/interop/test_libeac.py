"""libeac with itself: that the binding does what it says, and where libeac leaves Doc 9303."""

from __future__ import annotations

import json
from hashlib import sha1
from itertools import count
from pathlib import Path

import pytest

from ecid_crypto.cipher import Cipher
from ecid_crypto.curves import encode_point, standardised_curve
from ecid_crypto.dh import standardised_group
from ecid_crypto.ec_key import EcPrivateKey
from libeac import CA, CAN, MRZ, PACE, RAW, EacContext
from libeac_library import RefusedError, seeded
from libeac_suites import SUITES, Suite, cases, encode_number, map_integrated, pseudo_random

pytestmark = pytest.mark.usefixtures("eac")

GM = tuple(suite for suite in SUITES if suite.mapping == "GM")
IM = tuple(suite for suite in SUITES if suite.mapping == "IM")
OID = "0.4.0.127.0.7.2.2.4"


def open_both(suite: Suite, theirs: bytes = b"123456") -> tuple[EacContext, EacContext]:
    """Return terminal and chip with a nonce between them; ``theirs`` is the terminal's CAN."""
    terminal, chip = EacContext(), EacContext()
    for side in (terminal, chip):
        side.init_pace(suite.oid, suite.parameter_id)
    terminal.decrypt_nonce(theirs, CAN, chip.encrypted_nonce(b"123456", CAN))
    return terminal, chip


def agree(terminal: EacContext, chip: EacContext) -> bool:
    """Run what follows the mapping, and tell whether both accept the other's token."""
    ours, theirs = terminal.ephemeral_key(), chip.ephemeral_key()
    terminal.agree(theirs)
    chip.agree(ours)
    accepted = chip.verify_token(terminal.token(theirs))
    return accepted and terminal.verify_token(chip.token(ours))


def map_generic(terminal: EacContext, chip: EacContext) -> None:
    """Exchange mapping keys."""
    ours, theirs = terminal.mapping_data(), chip.mapping_data()
    terminal.map_generator(theirs)
    chip.map_generator(ours)


@pytest.mark.parametrize("suite", cases(GM))
def test_generic_mapping(suite: Suite) -> None:
    """Two contexts come to the same keys, and one message passes under them."""
    terminal, chip = open_both(suite)
    map_generic(terminal, chip)
    assert agree(terminal, chip)
    assert terminal.pace_keys == chip.pace_keys
    for side in (terminal, chip):
        side.start_secure_messaging(PACE)
        side.count()
    assert chip.decrypt(terminal.encrypt(b"one message")) == b"one message"
    assert terminal.authenticate(b"another") == chip.authenticate(b"another")


@pytest.mark.parametrize("suite", cases(IM))
def test_integrated_mapping(suite: Suite) -> None:
    """With the mapping of Doc 9303-11 in place of its own, all of libeac's other steps work."""
    terminal, chip = open_both(suite)
    t = bytes(range(suite.cipher.key_length))
    nonce = bytes(range(64, 64 + (16 if suite.cipher.key_length == 16 else 32)))
    for side in (terminal, chip):
        side.set_nonce(nonce)
        map_integrated(side, suite, t)
    assert agree(terminal, chip)


@pytest.mark.parametrize("suite", cases([s for s in SUITES if s.cipher is Cipher.AES_128]))
def test_wrong_password(suite: Suite) -> None:
    """A terminal with another password is refused, in every domain."""
    terminal, chip = open_both(suite, b"654321")
    if suite.mapping == "GM":
        map_generic(terminal, chip)
    else:
        for side in (terminal, chip):
            map_integrated(side, suite, bytes(16))
    assert not agree(terminal, chip)


def test_libeac_leaves_the_generator_alone() -> None:
    """Its own integrated mapping over curves uses no nonce: a wrong password passes."""
    terminal, chip = open_both(Suite(f"{OID}.4.2", 13), b"654321")
    for side in (terminal, chip):
        side.map_generator(bytes(16))
    assert terminal.nonce != chip.nonce
    assert agree(terminal, chip)


def test_curves_of_the_draft() -> None:
    """The map of the draft needs a prime that is 2 modulo 3; libeac refuses the other curves."""
    refused = set()
    for number in range(8, 19):
        terminal, _ = open_both(Suite(f"{OID}.4.2", number))
        try:
            terminal.map_generator(bytes(16))
        except RefusedError:
            refused.add(number)
    assert refused == {n for n in range(8, 19) if standardised_curve(n).p % 3 != 2}


def test_one_block_of_nonce() -> None:
    """One block is drawn, which §4.4.3.3 allows with generic mapping: 8 bytes with 3DES."""
    lengths = {}
    for cipher in "1234":
        chip = EacContext()
        chip.init_pace(f"{OID}.2.{cipher}", 13)
        lengths[cipher] = len(chip.encrypted_nonce(b"123456", CAN))
    assert lengths == {"1": 8, "2": 16, "3": 16, "4": 16}


def test_mrz() -> None:
    """The secret of the MRZ is SHA-1 of number and dates, which libeac takes out of a TD1."""
    zone = b"I<UTOD231458907<<<<<<<<<<<<<<<7408122F1204159UTO<<<<<<<<<<<6".ljust(90, b"<")
    secret = sha1(b"D23145890774081221204159", usedforsecurity=False).digest()
    terminal, chip = EacContext(), EacContext()
    for side in (terminal, chip):
        side.init_pace(f"{OID}.2.2", 13)
    terminal.decrypt_nonce(secret, RAW, chip.encrypted_nonce(zone, MRZ))
    assert terminal.nonce == chip.nonce


def test_secret_without_leading_zeros() -> None:
    """Leading zeros are taken off a finite-field secret; PKCS #3 keeps them (Table 13)."""
    group, chip_key = standardised_group(0), 0x1234567890ABCDEF
    theirs = next(
        pow(group.g, exponent, group.p)
        for exponent in count(3)
        if pow(group.g, exponent * chip_key, group.p).bit_length() <= 1016
    )
    secrets = []
    for as_it_is in (True, False):
        chip = EacContext(as_it_is=as_it_is)
        chip.init_ca("0.4.0.127.0.7.2.2.3.1.2", 0)
        chip.set_chip_key(chip_key.to_bytes(8, "big"))
        chip.ca_agree(theirs.to_bytes(128, "big"))
        secrets.append(chip.ca_shared_secret)
    secret = pow(theirs, chip_key, group.p)
    assert secrets == [secret.to_bytes(127, "big"), secret.to_bytes(128, "big")]


def test_point_without_leading_zeros() -> None:
    """They are taken off a compressed point, too, whose length is fixed (§7.1.4.2.3)."""
    curve = standardised_curve(13)
    point = next(
        found
        for found in (EcPrivateKey.from_scalar(curve, n).public_point() for n in count(2))
        if found.x.bit_length() <= 248
    )
    found = []
    for as_it_is in (True, False):
        side = EacContext(as_it_is=as_it_is)
        side.init_ca("0.4.0.127.0.7.2.2.3.2.2", 13)
        found.append(side.compress(CA, encode_point(curve, point)))
    assert found == [point.x.to_bytes(31, "big"), point.x.to_bytes(32, "big")]


def test_seed() -> None:
    """The same seed gives the same bytes, and the randomness is the system's again afterwards."""
    drawn = []
    for _ in range(2):
        with seeded(b"a seed"):
            side = EacContext()
            side.init_pace(f"{OID}.2.2", 13)
            drawn.append(side.mapping_data())
    assert drawn[0] == drawn[1]


@pytest.mark.parametrize("group", ["H.1", "H.2"])
def test_third_reading_of_the_integrated_mapping(corpus: Path, group: str) -> None:
    """The mapping that libeac is given is that of the worked examples, but for the sign of y."""
    text = (corpus / "vectors" / "icao-9303-11.json").read_text(encoding="utf-8")
    values = next(g["values"] for g in json.loads(text)["groups"] if g["id"] == group)
    number = {name: int(found["hex"], 16) for name, found in values.items()}
    s, t = (bytes.fromhex(values[name]["hex"]) for name in ("nonce_s", "nonce_t"))
    curve = standardised_curve(13)
    p = curve.p if group == "H.1" else standardised_group(0).p
    mapped = pseudo_random(Cipher.AES_128, s, t, p)
    assert mapped == number["pseudo_random_r_p"]
    if group == "H.1":
        point = encode_number(curve, mapped)
        assert int.from_bytes(point[1:33], "big") == number["mapped_generator_x"]
        y = int.from_bytes(point[33:], "big")
        assert number["mapped_generator_y"] in (y, p - y)


def test_integrated_mapping_of_the_worked_example(corpus: Path) -> None:
    """H.2: libeac raises the pseudo-random number to the cofactor, and that is the generator."""
    text = (corpus / "vectors" / "icao-9303-11.json").read_text(encoding="utf-8")
    values = next(g["values"] for g in json.loads(text)["groups"] if g["id"] == "H.2")
    suite = Suite(f"{OID}.3.2", 0)
    sides = []
    for _ in range(2):
        side = EacContext()
        side.init_pace(suite.oid, suite.parameter_id)
        side.decrypt_nonce(b"123456", CAN, bytes(16))
        side.set_nonce(bytes.fromhex(values["nonce_s"]["hex"]))
        map_integrated(side, suite, bytes.fromhex(values["nonce_t"]["hex"]))
        sides.append(side)
    assert agree(*sides)
