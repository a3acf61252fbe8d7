"""Terminal Authentication version 1 with libeac on the other side, every algorithm.

The certificates are made by cvc-create: neither side has written them.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cache

import pytest

import cvc_create
from chip_terminal import Session, Terminal
from cvc_create import LONG_REFERENCES, REFERENCES, SCHEMES, CvcPki, sign_pss
from ecid.emulator import EmulatedCard, IssuedCard, issue
from ecid.emulator.keys import EcSecret
from ecid.emulator.terminal_pki import TerminalPki
from ecid.inspection.access import EMRTD_AID
from ecid.lds import dg14
from ecid.lds.cvc import parse_cvc
from ecid.lds.files import by_name
from ecid.lds.security_infos import parse_card_access
from ecid.outcome import Finding, Outcome, Reason
from ecid.protocols.chip_authentication import choose, run_chip_authentication
from ecid.protocols.pace import PacePassword, run_pace
from ecid.protocols.pace import choose as choose_pace
from ecid.protocols.terminal_authentication import (
    TerminalAuthenticationResult,
    compressed,
    run_terminal_authentication,
)
from ecid.protocols.terminal_credential import TerminalCredential
from ecid.protocols.terminal_key import FileTerminalKey
from ecid.session.file_reader import select_application
from ecid.session.secure_messaging import SecureMessaging
from ecid.trust.cv_chain import CvChain
from ecid_crypto.domain import domain_of
from ecid_crypto.rng import SeededRng
from libeac import CAN, PACE
from libeac_apdus import Reply, Request
from libeac_chip import ChipSetup, EacChip
from libeac_suites import Suite
from libeac_terminal import EacTerminal

pytestmark = pytest.mark.usefixtures("eac")

DG3, DG4 = by_name("DG3"), by_name("DG4")
PACE_SUITE = Suite("0.4.0.127.0.7.2.2.4.2.2", 13)
CA_OID, CA_PARAMETERS = "0.4.0.127.0.7.2.2.3.2.2", 12
PSS = tuple(scheme for scheme in SCHEMES if "PSS" in scheme)
NOW = datetime(2026, 1, 1, tzinfo=UTC)

Make = Callable[..., CvcPki]


@pytest.fixture(scope="session")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Make:
    """Return a maker of certificate chains, each made once."""
    if not cvc_create.is_installed():
        if os.environ.get("CI") == "true":
            pytest.fail("openpace is not installed, and CI may not do without it")
        pytest.skip("openpace is not installed")

    @cache
    def make(scheme: str, *rights: str, as_it_is: bool = False) -> CvcPki:
        folder = tmp_path_factory.mktemp(scheme)
        return cvc_create.make(folder, scheme, *([rights] if rights else []), as_it_is=as_it_is)

    return make


@pytest.fixture(scope="session")
def card() -> IssuedCard:
    """Return a card with fingerprints and iris behind Terminal Authentication."""
    return issue("eac-ecdsa")


def trusting(card: IssuedCard, anchor: bytes) -> IssuedCard:
    """Return ``card`` with another trust point."""
    pki = TerminalPki(trusted=(anchor,))
    return replace(card, terminal=pki, today=date(2025, 6, 1))


@dataclass
class Visit:
    """A terminal of libeac after Chip Authentication with our chip."""

    terminal: EacTerminal
    id_ic: bytes
    compressed: bytes

    def authenticate(
        self,
        pki: CvcPki,
        chain: tuple[bytes, ...] | None = None,
        references: tuple[bytes, ...] = REFERENCES,
    ) -> int:
        """Present the chain, prove the key and return the last status word."""
        return self.terminal.terminal_authentication(
            chain or pki.chain, references, pki.key, self.id_ic, self.compressed
        ).sw

    def opens(self, fid: int) -> bool:
        """Tell whether a file can be selected."""
        return self.terminal.send("00A4020C", fid.to_bytes(2, "big")).sw == 0x9000


def visit(issued: IssuedCard, kind: type[EacTerminal] = EacTerminal) -> Visit:
    """Open our chip by PACE and run Chip Authentication, both by libeac."""
    terminal = kind(EmulatedCard(issued, rng=SeededRng(b"chip")))
    assert terminal.pace(PACE_SUITE, CAN, issued.secrets.can.encode()).sw == 0x9000
    terminal.select_application()
    id_ic = terminal.side.compress(PACE, terminal.chip_public)
    return authenticated_chip(terminal, issued, id_ic)


def authenticated_chip(terminal: EacTerminal, issued: IssuedCard, id_ic: bytes) -> Visit:
    """Run Chip Authentication."""
    secret = issued.chip_keys.chip_authentication
    assert secret is not None
    _, public = domain_of(secret.public)
    compressed = terminal.chip_authentication(CA_OID, CA_PARAMETERS, public)
    return Visit(terminal, id_ic, compressed)


@pytest.mark.parametrize("scheme", [s for s in SCHEMES if s not in PSS])
def test_libeac_opens_the_fingerprints_of_our_chip(
    pki: Make, card: IssuedCard, scheme: str
) -> None:
    """Chain and signature of libeac open DG3 and DG4, which were shut before."""
    made = pki(scheme)
    visited = visit(trusting(card, made.anchor))
    assert not visited.opens(DG3.fid)
    assert visited.authenticate(made) == 0x9000
    assert visited.terminal.read_file(DG3.fid) == card.files["DG3"]
    assert visited.opens(DG4.fid)


@pytest.mark.parametrize("scheme", PSS)
def test_salt_of_libeac(pki: Make, card: IssuedCard, scheme: str) -> None:
    """Our chip takes the chain, but not libeac's signature, whose salt is too long (§7.1.4.1.1).

    The same run with a salt as long as the hash is the control.
    """
    made = pki(scheme)
    visited = visit(trusting(card, made.anchor))
    assert visited.authenticate(made) == 0x6300
    assert not visited.opens(DG3.fid)
    visited = visit(trusting(card, made.anchor), Resalted)
    assert isinstance(visited.terminal, Resalted)
    visited.terminal.scheme, visited.terminal.key = scheme, made.key
    assert visited.authenticate(made) == 0x9000
    assert visited.terminal.read_file(DG3.fid) == card.files["DG3"]


class Resalted(EacTerminal):
    """A terminal that signs with the right salt, by another library."""

    scheme, key = "", b""

    def _sign(self, challenge: bytes, id_ic: bytes, compressed: bytes) -> bytes:
        return sign_pss(self.key, self.scheme, id_ic + challenge + compressed)


@pytest.mark.parametrize("scheme", PSS)
def test_salt_of_cvc_create(pki: Make, card: IssuedCard, scheme: str) -> None:
    """A chain as cvc-create signs it ends at its first certificate, on either of our sides."""
    made = pki(scheme, as_it_is=True)
    visited = visit(trusting(card, made.anchor))
    assert visited.authenticate(made) == 0x6300
    chain = credential(made, *made.chain).chain([REFERENCES[0].decode()], NOW)
    assert isinstance(chain, Finding)
    assert chain.reason is Reason.NO_CHAIN


@pytest.mark.parametrize("scheme", ["RSA_v1_5_SHA_256", "ECDSA_SHA_256"])
def test_link_certificate(pki: Make, card: IssuedCard, scheme: str) -> None:
    """A chip that knows the old CVCA key follows the link to the new one."""
    made = pki(scheme)
    visited = visit(trusting(card, made.anchor))
    assert visited.authenticate(made, made.long_chain, LONG_REFERENCES) == 0x9000
    assert visited.opens(DG3.fid)


def test_rights(pki: Make, card: IssuedCard) -> None:
    """A terminal without the right for the iris opens the fingerprints alone."""
    made = pki("ECDSA_SHA_256", "--read-finger")
    visited = visit(trusting(card, made.anchor))
    assert visited.authenticate(made) == 0x9000
    assert visited.opens(DG3.fid)
    assert not visited.opens(DG4.fid)


@pytest.mark.parametrize("what", ["certificate", "identity", "key"])
def test_our_chip_refuses(pki: Make, card: IssuedCard, what: str) -> None:
    """One bit of a certificate, another chip's name or another key: 6300, and DG3 stays shut."""
    made = pki("ECDSA_SHA_256")
    visited = visit(trusting(card, made.anchor))
    if what == "certificate":
        made = replace(made, verifier=made.verifier[:-1] + bytes([made.verifier[-1] ^ 1]))
    elif what == "identity":
        visited.id_ic = bytes(32)
    else:
        visited.compressed = bytes(32)
    assert visited.authenticate(made) == 0x6300
    assert not visited.opens(DG3.fid)


def test_after_bac(pki: Make, card: IssuedCard) -> None:
    """After BAC the chip's name is the document number with its check digit."""
    made = pki("ECDSA_SHA_256")
    issued = trusting(card, made.anchor)
    chip = EmulatedCard(issued, rng=SeededRng(b"chip"))
    opener = Terminal(chip, SeededRng(b"terminal"))
    opener.select_application()
    information = issued.secrets.mrz_information
    assert opener.bac(information).sw == 0x9000
    assert opener.session is not None
    terminal = EacTerminal(chip)
    terminal.messaging = BacMessaging(opener.session)
    visited = authenticated_chip(terminal, issued, information[:10].encode())
    assert visited.authenticate(made) == 0x9000
    assert visited.opens(DG3.fid)


class BacMessaging:
    """The session of a BAC run, until libeac has keys of its own."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def protect(self, plain: Request, /) -> Plain:
        """Return the protected command."""
        return Plain(self._session.protect(plain.header, plain.data, plain.le))

    def open(self, response: bytes, /) -> Reply:
        """Return the plain response."""
        return Reply(*self._session.open(response))


@dataclass(frozen=True, slots=True)
class Plain:
    """Octets that are sent as they are."""

    octets: bytes

    def encode(self) -> bytes:
        """Return them."""
        return self.octets


# -- the other way round


def their_chip(card: IssuedCard, anchor: bytes) -> EacChip:
    """Return a chip of libeac with the keys of ``card`` and this anchor."""
    secret = card.chip_keys.chip_authentication
    assert isinstance(secret, EcSecret)
    return EacChip(
        ChipSetup(
            suite=PACE_SUITE,
            passwords={CAN: card.secrets.can.encode()},
            ca_oid=CA_OID,
            ca_parameter_id=CA_PARAMETERS,
            ca_key=secret.scalar.to_bytes(32, "big"),
            cvca=anchor,
        )
    )


def credential(made: CvcPki, *certificates: bytes) -> TerminalCredential:
    """Return what our terminal brings."""
    held = tuple(parse_cvc(found) for found in (made.anchor, *certificates))
    return TerminalCredential(held, FileTerminalKey.from_bytes(made.key))


def authenticate(
    chip: EacChip, card: IssuedCard, held: TerminalCredential, identity: bytes | None = None
) -> TerminalAuthenticationResult:
    """Run PACE, Chip and Terminal Authentication by our terminal."""
    parameters = choose_pace(parse_card_access(card.files["CardAccess"]).pace)
    password = PacePassword.from_can(card.secrets.can)
    opened = run_pace(chip, parameters, password, SeededRng(b"terminal"))
    session = SecureMessaging(chip, opened.keys)
    select_application(session, EMRTD_AID)
    choice = choose(dg14.parse(card.files["DG14"]))
    assert choice is not None
    proven = run_chip_authentication(session, choice, SeededRng(b"terminal"))
    chain = held.chain([REFERENCES[0].decode()], NOW)
    assert isinstance(chain, CvChain)
    return run_terminal_authentication(
        SecureMessaging(chip, proven.keys),
        chain,
        held.key,
        chip_authentication=proven,
        domain=choice.domain,
        identity=identity or compressed(parameters.domain, opened.chip_public),
    )


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_chip_of_libeac_believes_us(pki: Make, card: IssuedCard, scheme: str) -> None:
    """It verifies the chain that we choose and our signature."""
    made = pki(scheme)
    chip = their_chip(card, made.anchor)
    result = authenticate(chip, card, credential(made, *made.chain))
    assert result.finding.outcome is Outcome.SUCCESSFUL
    assert (result.reads_fingerprints, result.reads_irises) == (True, True)
    assert chip.terminal_is_authentic


@pytest.mark.parametrize("scheme", ["RSA_PSS_SHA_256", "ECDSA_SHA_256"])
def test_we_go_by_the_link(pki: Make, card: IssuedCard, scheme: str) -> None:
    """A chip that names the old CVCA key gets the link certificate first."""
    made = pki(scheme)
    chip = their_chip(card, made.anchor)
    result = authenticate(chip, card, credential(made, *made.long_chain))
    assert result.finding.outcome is Outcome.SUCCESSFUL
    assert chip.terminal_is_authentic


def test_the_chip_of_libeac_refuses_another_identity(pki: Make, card: IssuedCard) -> None:
    """A signature for another chip is refused, which is a finding."""
    made = pki("ECDSA_SHA_256")
    chip = their_chip(card, made.anchor)
    held = credential(made, *made.chain)
    result = authenticate(chip, card, held, identity=bytes(32))
    assert result.finding.reason is Reason.TERMINAL_REFUSED
    assert not chip.terminal_is_authentic


def test_the_chip_of_libeac_refuses_another_anchor(pki: Make, card: IssuedCard) -> None:
    """A chain under a key that the chip does not have ends at its first certificate."""
    made, other = pki("ECDSA_SHA_256"), pki("ECDSA_SHA_1")
    chip = their_chip(card, other.anchor)
    result = authenticate(chip, card, credential(made, *made.chain))
    assert result.finding.reason is Reason.TERMINAL_REFUSED
    assert not chip.terminal_is_authentic


def test_certificates_of_cvc_create(pki: Make) -> None:
    """We read out of them what was asked for."""
    terminal = parse_cvc(pki("ECDSA_SHA_256", "--read-finger").terminal)
    assert (terminal.authority_reference, terminal.holder_reference) == (
        "DEDVDE00001",
        "DETERM00001",
    )
    assert (terminal.effective, terminal.expiration) == (date(2025, 1, 1), date(2040, 1, 1))
    assert terminal.authorization.reads_fingerprints
    assert not terminal.authorization.reads_irises
