"""Foreign data groups issued again: the BSI reference set, with its published private keys."""

from __future__ import annotations

from pathlib import Path

import pytest

from chip_terminal import Session, Terminal, tlv
from ecid.emulator import CardSecrets, ChipKeys, EmulatedCard, IssuedCard, load, reissue
from ecid.emulator.issuing import personalise, sign
from ecid.emulator.keys import generate_ec
from ecid.emulator.personalise import data_groups as write
from ecid.emulator.personalise.person import people
from ecid.emulator.pkcs8 import from_pkcs8, to_pkcs8
from ecid.emulator.plain_ecdsa import sign_ecdsa
from ecid.errors import MalformedData, Misuse, UnsupportedData
from ecid.lds import dg14, dg15
from ecid_crypto.cipher import Cipher
from ecid_crypto.curves import curve_by_name, encode_point
from ecid_crypto.ec_key import EcPrivateKey
from ecid_crypto.hashes import Hash
from ecid_crypto.iso9796_2 import verify_scheme1
from ecid_crypto.public_key import EcPublicKey, RsaPublicKey
from ecid_crypto.rng import SeededRng
from ecid_crypto.signature import Ecdsa, verify

#: PACE-ECDH-GM-AES-128 with parameters 13.
CARD_ACCESS = bytes.fromhex("31143012060A04007F0007020204020202010202010D")

CURVE = curve_by_name("brainpoolP224r1")


@pytest.fixture
def bsi(corpus: Path) -> IssuedCard:
    """Return the reference set under an emulated issuer."""
    folder = corpus / "chips" / "bsi-tr03105-5-reference"
    original = load(folder)
    return reissue(
        original.files,
        ca_key_pkcs8=(folder / "DG14_sk.pkcs8").read_bytes(),
        aa_key_pkcs8=(folder / "DG15_sk.pkcs8").read_bytes(),
        secrets=original.secrets,
    )


@pytest.fixture
def terminal(bsi: IssuedCard) -> Terminal:
    """Return a terminal after BAC with the MRZ of the specimen."""
    found = Terminal(EmulatedCard(bsi), SeededRng(b"terminal"))
    assert found.select_application().sw == 0x9000
    assert found.bac(bsi.secrets.mrz_information).sw == 0x9000
    return found


def test_keys_fit_the_files(bsi: IssuedCard) -> None:
    """The published keys, one with explicit parameters, belong to DG14 and DG15."""
    ca, aa = bsi.chip_keys.chip_authentication, bsi.chip_keys.active_authentication
    assert ca is not None
    assert aa is not None
    assert dg14.parse(bsi.files["DG14"]).chip_authentication_keys[0].key == ca.public
    assert dg15.parse(bsi.files["DG15"]).key == aa.public


@pytest.mark.parametrize("with_kat", [True, False])
def test_chip_authentication_with_3des(terminal: Terminal, bsi: IssuedCard, with_kat: bool) -> None:
    """MSE:Set KAT, or Set AT and GENERAL AUTHENTICATE; new keys from the next command on."""
    ours = EcPrivateKey.generate(CURVE, SeededRng(b"ours"))
    point = encode_point(CURVE, ours.public_point())
    if with_kat:
        assert terminal.send("002241A6", tlv(0x91, point)) == (b"", 0x9000)
    else:
        oid = bytes.fromhex("04007F00070202030201")
        assert terminal.send("002241A4", tlv(0x80, oid)).sw == 0x9000
        reply = terminal.send("00860000", tlv(0x7C, tlv(0x80, point)), 256)
        assert reply == (b"\x7c\x00", 0x9000)
    (info,) = dg14.parse(bsi.files["DG14"]).chip_authentication_keys
    assert isinstance(info.key, EcPublicKey)
    terminal.session = Session.agreed(Cipher.TDES, ours.shared_secret(info.key.point))
    assert terminal.read_file(0x0101) == bsi.files["DG1"]


def test_active_authentication_with_rsa_1024(terminal: Terminal, bsi: IssuedCard) -> None:
    """A short key gives a short signature, which fits a short answer."""
    key = dg15.parse(bsi.files["DG15"]).key
    assert isinstance(key, RsaPublicKey)
    challenge = b"\x01" * 8
    reply = terminal.send("00880000", challenge, 256)
    assert len(reply.data) == 128
    assert verify_scheme1(key, reply.data, challenge) is Hash.SHA1


def test_locked_files(terminal: Terminal) -> None:
    """DG3 and DG4 need Terminal Authentication."""
    assert terminal.select(0x0103).sw == 0x6982
    assert terminal.select(0x0104).sw == 0x6982


def test_large_file(terminal: Terminal, bsi: IssuedCard) -> None:
    """Every byte of DG2 can be read in the largest steps of 3DES."""
    assert terminal.read_file(0x0102, step=231) == bsi.files["DG2"]


@pytest.mark.parametrize("curve", ["P-256", "brainpoolP256r1", "brainpoolP320r1", "P-521"])
@pytest.mark.parametrize("hash_function", [Hash.SHA224, Hash.SHA256, Hash.SHA512])
def test_active_authentication_with_ecdsa(curve: str, hash_function: Hash) -> None:
    """Plain r || s, the digest cut to the order where it is longer."""
    secret = generate_ec(curve_by_name(curve), SeededRng(b"key"))
    signature = sign_ecdsa(secret, hash_function, bytes(8), SeededRng(b"nonce"))
    assert len(signature) == 2 * secret.curve.order_length
    verify(Ecdsa(hash_function, "plain"), secret.public, signature, bytes(8))


@pytest.mark.parametrize(
    ("info", "expected"),
    [
        # ActiveAuthenticationInfo with plain ECDSA and SHA-384, none, another algorithm.
        ("301706066781080101050201 01060a04007f00070101040104", Hash.SHA384),
        ("", Hash.SHA256),
        ("301406066781080101050201 0106072a8648ce3d0401", Hash.SHA256),
    ],
)
def test_ecdsa_hash_comes_from_dg14(info: str, expected: Hash) -> None:
    """DG14 names the hash of Active Authentication (Doc 9303-11 §9.2.4)."""
    secret = generate_ec(curve_by_name("P-256"), SeededRng(b"aa"))
    body = bytes.fromhex(info)
    card = IssuedCard(
        name="ecdsa",
        files={
            "CardAccess": CARD_ACCESS,
            "DG14": tlv(0x6E, tlv(0x31, body)),
            "DG15": write.dg15(secret.public),
        },
        secrets=CardSecrets(can="123456"),
        chip_keys=ChipKeys(active_authentication=secret),
        csca=b"",
    )
    terminal = Terminal(EmulatedCard(sign(card)))
    terminal.pace(b"123456")
    terminal.select_application()
    reply = terminal.send("00880000", bytes(8), 256)
    verify(Ecdsa(expected, "plain"), secret.public, reply.data, bytes(8))


@pytest.mark.parametrize("explicit", [True, False])
@pytest.mark.parametrize("name", ["brainpoolP224r1", "P-521"])
def test_pkcs8_round_trip(name: str, explicit: bool) -> None:
    """An EC key written with named or explicit parameters is read again."""
    secret = generate_ec(curve_by_name(name), SeededRng(b"key"))
    assert from_pkcs8(to_pkcs8(secret, explicit=explicit)) == secret


def test_wrong_kind_of_key(bsi: IssuedCard) -> None:
    """An RSA key cannot do Chip Authentication; bytes that are no key are malformed."""
    aa = bsi.chip_keys.active_authentication
    assert aa is not None
    with pytest.raises(Misuse):
        reissue(bsi.files, ca_key_pkcs8=to_pkcs8(aa), aa_key_pkcs8=None, secrets=bsi.secrets)
    with pytest.raises(MalformedData):
        reissue(bsi.files, ca_key_pkcs8=b"", aa_key_pkcs8=None, secrets=bsi.secrets)


@pytest.mark.parametrize(
    ("der", "rule"),
    [
        ("3003020100", "not_pkcs8"),
        ("30120201003009 0607 2A8648CE3D0201 04023000", "curve_absent"),
        ("30140201003 00D0609 2A864886F70D010101 0500 0400", "not_rsa"),
        ("301F0201003013 0607 2A8648CE3D0201 0608 2A8648CE3D030107 0405 3003020100", "truncated"),
        (
            "30220201003013 0607 2A8648CE3D0201 0608 2A8648CE3D030107 0408 3006020101040100",
            "scalar_range",
        ),
    ],
)
def test_private_keys_that_are_none(der: str, rule: str) -> None:
    """Each is refused by the rule it breaks, never with a foreign exception."""
    with pytest.raises(MalformedData) as caught:
        from_pkcs8(bytes.fromhex(der.replace(" ", "")))
    assert caught.value.rule == rule


def test_private_key_on_an_unknown_curve() -> None:
    """A curve that is correctly named and not known is ``UnsupportedData``."""
    with pytest.raises(UnsupportedData):
        from_pkcs8(bytes.fromhex("301C020100301306072A8648CE3D020106082A8648CE3D03017F04023000"))


def test_unknown_profile(bsi: IssuedCard) -> None:
    """A behaviour has to be one of the profiles."""
    with pytest.raises(Misuse):
        reissue(
            bsi.files,
            ca_key_pkcs8=None,
            aa_key_pkcs8=None,
            secrets=bsi.secrets,
            profile="vn-cccd-1999",
        )


def test_vietnamese_card_needs_both_keys() -> None:
    """Personalising without a key pair for DG14 and DG15 is a mistake of the caller."""
    with pytest.raises(Misuse):
        personalise(people()["nam"], ChipKeys(), name="x", profile="standard")
