"""PACE with libeac on the other side: every suite but those with Chip Authentication Mapping."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chip_terminal import tlv
from ecid.emulator import EmulatedCard, IssuedCard
from ecid.encoding.oid import encode_oid
from ecid.errors import AccessDenied, ProtocolError
from ecid.inspection.access import EMRTD_AID
from ecid.lds.files import by_name
from ecid.lds.security_infos import parse_card_access
from ecid.protocols.pace import PacePassword, choose, run_pace
from ecid.session.file_reader import read_file, select_application
from ecid.session.secure_messaging import SecureMessaging
from ecid_crypto.rng import SeededRng
from libeac import CAN, MRZ, RAW, EacContext, field_length
from libeac_chip import ChipSetup, EacChip
from libeac_library import RefusedError
from libeac_suites import SUITES, Suite, cases
from libeac_terminal import EacTerminal

pytestmark = pytest.mark.usefixtures("eac")

DG1 = by_name("DG1")
SHORT_DH = Suite("0.4.0.127.0.7.2.2.4.1.2", 0)


def card_access(suite: Suite) -> bytes:
    """Return EF.CardAccess with this one suite."""
    numbers = tlv(0x02, b"\x02") + tlv(0x02, bytes([suite.parameter_id]))
    return tlv(0x31, tlv(0x30, tlv(0x06, encode_oid(suite.oid)) + numbers))


def our_chip(issued: IssuedCard, suite: Suite) -> EmulatedCard:
    """Return an emulated chip that offers this one suite."""
    files = {**issued.files, "CardAccess": card_access(suite)}
    return EmulatedCard(replace(issued, files=files), rng=SeededRng(str(suite).encode()))


def their_chip(issued: IssuedCard, suite: Suite) -> EacChip:
    """Return a chip of libeac that offers this one suite and one file."""
    secrets = issued.secrets
    passwords = {MRZ: secrets.mrz.encode(), CAN: secrets.can.encode()}
    files = {DG1.fid: issued.files["DG1"]}
    return EacChip(ChipSetup(suite=suite, passwords=passwords, files=files))


@pytest.mark.parametrize("suite", cases(SUITES))
def test_libeac_reads_our_chip(issued: IssuedCard, suite: Suite) -> None:
    """Its terminal opens our chip with either password and reads a file under its keys."""
    secrets = issued.secrets
    for reference, secret in ((MRZ, secrets.mrz), (CAN, secrets.can)):
        terminal = EacTerminal(our_chip(issued, suite))
        assert terminal.pace(suite, reference, secret.encode()).sw == 0x9000
        terminal.select_application()
        assert terminal.read_file(DG1.fid) == issued.files["DG1"]


@pytest.mark.parametrize("suite", cases(SUITES))
def test_we_read_the_chip_of_libeac(issued: IssuedCard, suite: Suite) -> None:
    """Our terminal opens its chip with either password and reads a file under its keys."""
    for password in (
        PacePassword.from_mrz_information(issued.secrets.mrz_information),
        PacePassword.from_can(issued.secrets.can),
    ):
        chip = their_chip(issued, suite)
        parameters = choose(parse_card_access(card_access(suite)).pace)
        result = run_pace(chip, parameters, password, SeededRng(str(suite).encode()))
        session = SecureMessaging(chip, result.keys)
        select_application(session, EMRTD_AID)
        assert read_file(session, DG1, max_read=223) == issued.files["DG1"]
        assert result.chip_public == chip.pace_public


@pytest.mark.parametrize("suite", cases([s for s in SUITES if s.parameter_id in (0, 13)]))
def test_our_chip_refuses_a_wrong_password(issued: IssuedCard, suite: Suite) -> None:
    """A token of libeac under another password is 6300."""
    terminal = EacTerminal(our_chip(issued, suite))
    assert terminal.pace(suite, CAN, b"999999").sw == 0x6300


@pytest.mark.parametrize("suite", cases([s for s in SUITES if s.parameter_id in (0, 13)]))
def test_the_chip_of_libeac_refuses_a_wrong_password(issued: IssuedCard, suite: Suite) -> None:
    """Our token under another password is refused, which we tell apart."""
    parameters = choose(parse_card_access(card_access(suite)).pace)
    chip = their_chip(issued, suite)
    with pytest.raises(AccessDenied):
        run_pace(chip, parameters, PacePassword.from_can("999999"), SeededRng(b"terminal"))


def test_libeac_reads_card_access(issued: IssuedCard) -> None:
    """It finds protocol and parameters in EF.CardAccess as we write it, in clear by SFI."""
    terminal = EacTerminal(EmulatedCard(issued, rng=SeededRng(b"chip")))
    written = terminal.send("00B09C00", le=256).data
    assert written == issued.files["CardAccess"]
    terminal.side.read_card_access(written)
    terminal.side.decrypt_nonce(b"123456", CAN, bytes(16))


def test_libeac_refuses_card_access_with_integrated_mapping() -> None:
    """It follows TR-03110 2.02 there, which had no integrated mapping, and says so."""
    suite = next(s for s in SUITES if s.mapping == "IM" and s.parameter_id == 13)
    side = EacTerminal(EacChip(ChipSetup(suite=suite, passwords={}))).side
    with pytest.raises(RefusedError):
        side.read_card_access(card_access(suite))


def test_short_public_value_of_libeac(issued: IssuedCard) -> None:
    """A finite-field value may be shorter than the prime (§9.4.1, §9.4.3): ours has to take it."""
    terminal = ShortTerminal(our_chip(issued, SHORT_DH))
    assert terminal.pace(SHORT_DH, CAN, issued.secrets.can.encode()).sw == 0x9000


class ShortTerminal(EacTerminal):
    """A terminal whose mapping key begins with a zero byte, which is not sent."""

    def _mapping_data(self) -> bytes:
        nonce = self.side.nonce
        for _ in range(10_000):  # one in 256 is short
            self.side = EacContext()
            self.side.init_pace(SHORT_DH.oid, SHORT_DH.parameter_id)
            drawn = self.side.mapping_data()
            if len(drawn) < field_length(SHORT_DH.parameter_id):
                self.side.set_nonce(nonce)
                return drawn
        pytest.fail("no short key")


def test_secret_as_it_is(issued: IssuedCard) -> None:
    """The MRZ password of a TD1 by libeac is that of Doc 9303-11 §9.7.3."""
    suite = Suite("0.4.0.127.0.7.2.2.4.2.2", 13)
    terminal = EacTerminal(our_chip(issued, suite))
    password = PacePassword.from_mrz_information(issued.secrets.mrz_information)
    assert terminal.pace(suite, MRZ, password.secret, kind=RAW).sw == 0x9000


def test_a_chip_without_the_integrated_mapping_is_no_match(issued: IssuedCard) -> None:
    """A chip that maps as the draft of libeac does proves nothing to us."""
    suite = Suite("0.4.0.127.0.7.2.2.4.3.2", 0)
    chip = DraftChip(their_chip(issued, suite).setup)
    parameters = choose(parse_card_access(card_access(suite)).pace)
    password = PacePassword.from_can(issued.secrets.can)
    with pytest.raises((AccessDenied, ProtocolError)):
        run_pace(chip, parameters, password, SeededRng(b"terminal"))


class DraftChip(EacChip):
    """Maps with libeac's own integrated mapping."""

    def _map_integrated(self, theirs: bytes) -> None:
        self.side.map_generator(theirs)
