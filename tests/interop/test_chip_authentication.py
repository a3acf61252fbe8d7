"""Chip Authentication version 1 with libeac on the other side: every domain and cipher."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import pytest

from chip_terminal import tlv
from ecid.emulator import ChipKeys, EmulatedCard, IssuedCard
from ecid.emulator.keys import AgreementSecret, DhSecret, generate_dh, generate_ec
from ecid.emulator.personalise.dh_keys import write_dh_spki
from ecid.encoding.oid import encode_oid
from ecid.encoding.spki import write_spki
from ecid.errors import SecureMessagingError
from ecid.inspection.access import EMRTD_AID
from ecid.lds import dg14
from ecid.lds.files import by_name
from ecid.lds.protocol_oids import CHIP_AUTHENTICATION, PUBLIC_KEY
from ecid.lds.security_infos import parse_card_access
from ecid.protocols.chip_authentication import choose, run_chip_authentication
from ecid.protocols.pace import PacePassword, run_pace
from ecid.protocols.pace import choose as choose_pace
from ecid.session.file_reader import read_file, select_application
from ecid.session.secure_messaging import SecureMessaging
from ecid_crypto.cipher import Cipher
from ecid_crypto.curves import standardised_curve
from ecid_crypto.dh import standardised_group
from ecid_crypto.domain import domain_of
from ecid_crypto.rng import SeededRng
from libeac import CAN, GROUPS
from libeac_chip import ChipSetup, EacChip
from libeac_suites import CIPHERS, CURVES, Suite, cases
from libeac_terminal import EacTerminal

pytestmark = pytest.mark.usefixtures("eac")

DG1 = by_name("DG1")
PACE_SUITE = Suite("0.4.0.127.0.7.2.2.4.2.2", 13)


@dataclass(frozen=True, slots=True)
class Variant:
    """Domain and cipher of one run."""

    parameter_id: int
    cipher: str

    @property
    def agreement(self) -> str:
        """Return the arc of DH or ECDH."""
        return "1" if self.parameter_id in GROUPS else "2"

    @property
    def oid(self) -> str:
        """Return the protocol."""
        return f"{CHIP_AUTHENTICATION}.{self.agreement}.{self.cipher}"

    def __str__(self) -> str:
        kind = "DH" if self.agreement == "1" else "ECDH"
        return f"{kind}-{CIPHERS[self.cipher].name}-{self.parameter_id}"


VARIANTS = tuple(
    Variant(number, cipher) for number in (*GROUPS, *CURVES) for cipher in sorted(CIPHERS)
)
TDES = tuple(v for v in VARIANTS if CIPHERS[v.cipher] is Cipher.TDES)


@cache
def chip_key(parameter_id: int) -> AgreementSecret:
    """Return the static key of a chip in this domain."""
    rng = SeededRng(b"chip key %d" % parameter_id)
    if parameter_id in GROUPS:
        return generate_dh(standardised_group(parameter_id), rng)
    return generate_ec(standardised_curve(parameter_id), rng)


def number_of(secret: AgreementSecret) -> bytes:
    """Return the private key as libeac takes it."""
    number = secret.exponent if isinstance(secret, DhSecret) else secret.scalar
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


def security_infos(variant: Variant) -> bytes:
    """Return DG14 with one ChipAuthenticationInfo and its key."""
    key = chip_key(variant.parameter_id)
    if isinstance(key, DhSecret):
        spki = write_dh_spki(key.public)
    else:
        spki = write_spki(key.public, explicit=True)
    info = tlv(0x30, tlv(0x06, encode_oid(variant.oid)) + tlv(0x02, b"\x01"))
    kind = tlv(0x06, encode_oid(f"{PUBLIC_KEY}.{variant.agreement}"))
    return tlv(0x6E, tlv(0x31, info + tlv(0x30, kind + spki)))


def opened(issued: IssuedCard, variant: Variant) -> EacTerminal:
    """Return libeac's terminal in the application of our chip with this key."""
    files = {**issued.files, "DG14": security_infos(variant)}
    keys = ChipKeys(chip_authentication=chip_key(variant.parameter_id))
    card = EmulatedCard(
        replace(issued, files=files, chip_keys=keys), rng=SeededRng(str(variant).encode())
    )
    terminal = EacTerminal(card)
    assert terminal.pace(PACE_SUITE, CAN, issued.secrets.can.encode()).sw == 0x9000
    terminal.select_application()
    return terminal


@pytest.mark.parametrize("variant", cases(VARIANTS))
def test_libeac_authenticates_our_chip(issued: IssuedCard, variant: Variant) -> None:
    """Its terminal comes to our keys with MSE:Set AT and GENERAL AUTHENTICATE, and reads on."""
    terminal = opened(issued, variant)
    _, public = domain_of(chip_key(variant.parameter_id).public)
    terminal.chip_authentication(variant.oid, variant.parameter_id, public)
    assert terminal.read_file(DG1.fid) == issued.files["DG1"]


@pytest.mark.parametrize("variant", cases(TDES))
def test_libeac_authenticates_our_chip_by_kat(issued: IssuedCard, variant: Variant) -> None:
    """The same with MSE:Set KAT, the form for 3DES."""
    terminal = opened(issued, variant)
    _, public = domain_of(chip_key(variant.parameter_id).public)
    terminal.set_key_agreement_template(variant.oid, variant.parameter_id, public)
    assert terminal.read_file(DG1.fid) == issued.files["DG1"]


def session_with(
    issued: IssuedCard, variant: Variant, number: bytes
) -> tuple[EacChip, SecureMessaging]:
    """Return a chip of libeac with this private key, and our session with it after PACE."""
    chip = EacChip(
        ChipSetup(
            suite=PACE_SUITE,
            passwords={CAN: issued.secrets.can.encode()},
            files={DG1.fid: issued.files["DG1"]},
            ca_oid=variant.oid,
            ca_parameter_id=variant.parameter_id,
            ca_key=number,
        )
    )
    parameters = choose_pace(parse_card_access(issued.files["CardAccess"]).pace)
    password = PacePassword.from_can(issued.secrets.can)
    result = run_pace(chip, parameters, password, SeededRng(b"terminal"))
    session = SecureMessaging(chip, result.keys)
    select_application(session, EMRTD_AID)
    return chip, session


@pytest.mark.parametrize("variant", cases(VARIANTS))
def test_we_authenticate_the_chip_of_libeac(issued: IssuedCard, variant: Variant) -> None:
    """Our terminal and its chip come to the same keys, by KAT with 3DES and else by AT."""
    number = number_of(chip_key(variant.parameter_id))
    chip, session = session_with(issued, variant, number)
    choice = choose(dg14.parse(security_infos(variant)))
    assert choice is not None
    assert (choice.oid, choice.cipher) == (variant.oid, CIPHERS[variant.cipher])
    result = run_chip_authentication(session, choice, SeededRng(str(variant).encode()))
    renewed = SecureMessaging(chip, result.keys)
    assert read_file(renewed, DG1, max_read=223) == issued.files["DG1"]


@pytest.mark.parametrize("parameter_id", [0, 13])
def test_a_chip_of_libeac_with_another_key(issued: IssuedCard, parameter_id: int) -> None:
    """A copy without the private key agrees on other keys: its first answer does not verify."""
    variant = Variant(parameter_id, "2")
    chip, session = session_with(issued, variant, b"\x05")
    choice = choose(dg14.parse(security_infos(variant)))
    assert choice is not None
    result = run_chip_authentication(session, choice, SeededRng(b"terminal"))
    with pytest.raises(SecureMessagingError):
        read_file(SecureMessaging(chip, result.keys), DG1, max_read=223)
