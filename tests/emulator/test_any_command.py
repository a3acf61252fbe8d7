"""Whatever is sent, the chip answers: at least a status word, never an exception."""

from __future__ import annotations

from contextlib import suppress

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from chip_terminal import Terminal, tlv
from eac_terminal import chip_authentication, opened, prove, send_certificate
from ecid.emulator import EmulatedCard, issue
from ecid.emulator.behaviour import PROFILES
from ecid.emulator.chip.offers import (
    active_authentication_hash,
    chip_authentication_offers,
    pace_offers,
)
from ecid.emulator.definitions import definition
from ecid.emulator.keys import AgreementSecret
from ecid.emulator.pkcs8 import from_pkcs8
from ecid.emulator.terminal_issuing import CURRENT, PREVIOUS, TERMINAL, VERIFIER
from ecid.errors import MalformedData, UnsupportedData
from ecid_crypto.cipher import Cipher
from ecid_crypto.rng import SeededRng
from pace_terminal import Suite

INSTRUCTIONS = (0x22, 0x2A, 0x2C, 0x82, 0x84, 0x86, 0x88, 0xA4, 0xB0, 0xB1, 0xC0, 0x20)
CLASSES = (0x00, 0x10, 0x0C, 0x1C, 0x80, 0x04)
PARAMETERS = (
    0x00,
    0x01,
    0x02,
    0x04,
    0x0C,
    0x41,
    0xA4,
    0xA6,
    0xC1,
    0x9C,
    0x9E,
    0x81,
    0x83,
    0xB6,
    0xBE,
    0xFF,
)

headers = st.tuples(
    st.sampled_from(CLASSES),
    st.sampled_from(INSTRUCTIONS),
    st.sampled_from(PARAMETERS),
    st.sampled_from(PARAMETERS),
).map(bytes)
plain_headers = headers.map(lambda header: bytes([header[0] & 0x10]) + header[1:])
objects = st.builds(
    tlv,
    st.sampled_from([0x7C, 0x80, 0x81, 0x83, 0x84, 0x85, 0x87, 0x8E, 0x91, 0x97, 0x99]),
    st.binary(max_size=70),
)
data = st.one_of(
    st.binary(max_size=80),
    st.sampled_from([b"\x01\x1c", b"\x01\x01", b"\x3f\x00", bytes.fromhex("A0000002471001")]),
    st.lists(objects, max_size=3).map(b"".join),
    objects.map(lambda inner: tlv(0x7C, inner)),
)
lengths = st.one_of(st.none(), st.integers(1, 256))


class AnyCommand(RuleBasedStateMachine):
    """A terminal that does anything, sometimes the right thing."""

    @initialize(profile=st.sampled_from(sorted(PROFILES)))
    def power_on(self, profile: str) -> None:
        """Take a card of any behaviour."""
        self.chip = EmulatedCard(
            issue("vn-cccd-2021"), behaviour=PROFILES[profile], rng=SeededRng(b"chip")
        )
        self.terminal = Terminal(self.chip, SeededRng(b"terminal"))
        self.refuses_can = 2 in PROFILES[profile].pace_refuses

    def send(self, command: bytes) -> bytes:
        """Transmit, and check what holds for every answer."""
        response = self.chip.transmit(command)
        assert len(response) >= 2
        assert response[-2] in range(0x62, 0x70) or response[-2] == 0x90
        return response

    @rule(command=st.binary(max_size=300))
    def anything(self, command: bytes) -> None:
        """Any bytes."""
        self.send(command)

    @rule(header=headers, body=data, le=lengths)
    def well_formed(self, header: bytes, body: bytes, le: int | None) -> None:
        """Send a command APDU that makes some sense."""
        tail = b"" if le is None else bytes([le % 256])
        self.send(header + (bytes([len(body)]) + body if body else b"") + tail)

    @rule(header=plain_headers, body=data, le=lengths)
    def protected(self, header: bytes, body: bytes, le: int | None) -> None:
        """Send a rightly protected command: its answer is protected, too."""
        session = self.terminal.session
        if session is None:
            return
        before = session.counter
        response = self.send(session.protect(header, body, le))
        if len(response) == 2:
            assert response in (b"\x68\x82", b"\x69\x88")
            self.terminal.session = None
        else:
            assert session.open(response).sw != 0
            assert session.counter == before + 2
            self.terminal.session = session if header[1] not in (0x22, 0x86) else None

    @rule(can=st.sampled_from([b"123456", b"654321"]))
    def pace(self, can: bytes) -> None:
        """PACE from power-on, with the right CAN or a wrong one."""
        self.chip.reset()
        self.terminal.session = None
        right = 0x9000 if can == b"123456" else 0x6300
        assert self.terminal.pace(can).sw == (0x6A88 if self.refuses_can else right)

    @rule()
    def bac(self) -> None:
        """BAC in the application."""
        self.terminal.session = None
        assert self.terminal.select_application().sw == 0x9000
        assert self.terminal.bac("090123456290071503007158").sw == 0x9000

    @invariant()
    def locked_files_stay_locked(self) -> None:
        """Nothing makes the chip give DG1 in the clear."""
        if self.terminal.session is None and hasattr(self, "chip"):
            assert b"NGUYEN" not in self.send(bytes.fromhex("00B0810000"))

    @rule()
    def reset(self) -> None:
        """Power off and on."""
        self.chip.reset()
        self.terminal.session = None


TestAnyCommand = AnyCommand.TestCase
TestAnyCommand.settings = settings(stateful_step_count=25)


SUITES = {
    "utopia-td3": Suite("CAM", 2, 13),
    "eac-link": Suite("GM", 2, 13),
    "pace-pin-puk": Suite("GM", 2, 13),
    "ca-two-keys": Suite("GM", 2, 13),
    "pace-ecdh-im-aes128-13": Suite("IM", 2, 13),
    "eac-bac-dh": None,
}


class AnyCard(RuleBasedStateMachine):
    """A terminal that goes any way through the protocols of any card."""

    @initialize(name=st.sampled_from(sorted(SUITES)))
    def power_on(self, name: str) -> None:
        """Take a card."""
        self.suite = SUITES[name]
        self.issued = issue(name)
        self.chip = EmulatedCard(self.issued, rng=SeededRng(b"chip"))
        self.identity = self.own_key = bytes(32)
        self.restart()

    @rule()
    def restart(self) -> None:
        """Power off and on."""
        self.chip.reset()
        self.terminal = Terminal(self.chip, SeededRng(b"terminal"))

    @rule()
    def open(self) -> None:
        """Run access control from power-on."""
        self.restart()
        self.identity = opened(self.terminal, self.issued, self.suite)

    @rule(which=st.integers(0, 1), wrong=st.booleans())
    def prove_chip(self, which: int, wrong: bool) -> None:
        """Run Chip Authentication with a key of the card, perhaps with the wrong cipher."""
        keys = self.issued.chip_keys
        secrets: list[tuple[int | None, AgreementSecret]] = [*keys.by_key_id.items()]
        if keys.chip_authentication is not None:
            secrets.append((None, keys.chip_authentication))
        if self.terminal.session is None or not secrets:
            return
        key_id, secret = secrets[which % len(secrets)]
        offers = chip_authentication_offers(self.issued.files["DG14"])
        cipher = next(offer.cipher for offer in offers if offer.key_id == key_id)
        reply, self.own_key = chip_authentication(
            self.terminal, secret, Cipher.AES_256 if wrong else cipher, key_id=key_id
        )
        assert (reply.sw == 0x9000) is not wrong or reply.sw == 0x6985

    @rule(order=st.permutations(range(3)), count=st.integers(1, 3))
    def send_certificates(self, order: list[int], count: int) -> None:
        """Send some of the certificates in any order."""
        pki = self.issued.terminal
        if self.terminal.session is None or not pki.verifier:
            return
        steps = (
            (pki.link or pki.trusted[0], PREVIOUS),
            (pki.verifier, CURRENT),
            (pki.terminal, VERIFIER),
        )
        for number in order[:count]:
            send_certificate(self.terminal, *steps[number])

    @rule()
    def prove_terminal(self) -> None:
        """Sign the challenge, if the chip gives one; what is open then is what may be."""
        pki = self.issued.terminal
        if self.terminal.session is None or pki.key is None:
            return
        choice = definition(self.issued.name).terminal_authentication
        assert choice is not None
        with suppress(AssertionError):
            prove(self.terminal, pki.key, choice.algorithm, TERMINAL, self.identity, self.own_key)

    @rule(header=plain_headers, body=data, le=lengths)
    def protected(self, header: bytes, body: bytes, le: int | None) -> None:
        """Send anything under the session's protection; every answer is protected."""
        session = self.terminal.session
        if session is None:
            return
        reply = session.open(self.chip.transmit(session.protect(header, body, le)))
        assert reply.sw
        if self.chip.channel is None or self.chip.channel.enc != session.enc:
            self.terminal.session = None  # it was the right command: keys have changed

    @rule(command=st.binary(max_size=40))
    def plain(self, command: bytes) -> None:
        """Send anything in the clear: the session is over."""
        assert len(self.chip.transmit(command)) >= 2
        self.terminal.session = None
        assert self.chip.channel is None


TestAnyCard = AnyCard.TestCase
TestAnyCard.settings = settings(stateful_step_count=20, max_examples=50)


@given(st.one_of(st.binary(max_size=200), st.lists(objects).map(b"".join)))
def test_offers_of_any_file(content: bytes) -> None:
    """Files that make no sense offer nothing, or something; they never stop the chip."""
    for wrapped in (content, tlv(0x31, content), tlv(0x6E, tlv(0x31, content))):
        assert isinstance(pace_offers(wrapped), tuple)
        assert isinstance(chip_authentication_offers(wrapped), tuple)
        assert active_authentication_hash(wrapped) is None


@given(st.binary(max_size=200))
def test_any_private_key(content: bytes) -> None:
    """Bytes that are no PKCS#8 key are refused by name."""
    for der in (content, tlv(0x30, content)):
        with suppress(MalformedData, UnsupportedData):
            assert from_pkcs8(der).public is not None
