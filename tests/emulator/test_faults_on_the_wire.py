"""Each fault shows on the wire, where its line says: against the sound card, same randomness."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

import pytest

from chip_terminal import Terminal, tlv
from eac_terminal import chip_authentication, opened, prove, send_certificate
from ecid.emulator import EmulatedCard, card
from ecid.emulator.chip.offers import chip_authentication_offers
from ecid.emulator.definitions import definition
from ecid.emulator.faults import FAULTS
from ecid.emulator.terminal_issuing import CURRENT, TERMINAL, VERIFIER
from ecid.errors import CardRemoved, Misuse
from ecid_crypto.cipher import Cipher
from ecid_crypto.errors import CryptoError
from ecid_crypto.rng import SeededRng
from pace_terminal import Suite, pace

GM, IM, CAM = Suite("GM", 2, 13), Suite("IM", 2, 13), Suite("CAM", 2, 13)
TD3, VN = "utopia-td3", "vn-cccd-2021"


@dataclass
class Log:
    """A card that notes what passes."""

    card: EmulatedCard
    seen: list[tuple[bytes, bytes]] = field(default_factory=list)

    def transmit(self, command: bytes, /) -> bytes:
        """Pass a command on, and note it with its answer."""
        try:
            answer = self.card.transmit(command)
        except CardRemoved:
            answer = b"removed"
            raise
        finally:
            self.seen.append((command, answer))
        return answer


Script = Callable[[Terminal, EmulatedCard], None]


def by_pace(suite: Suite) -> Script:
    """Open by PACE with the CAN, two times."""

    def run(terminal: Terminal, chip: EmulatedCard) -> None:
        for _ in range(2):
            chip.reset()
            terminal.session = None
            pace(terminal, suite, chip.issued.secrets.can.encode())

    return run


def by_bac(terminal: Terminal, chip: EmulatedCard) -> None:
    """Open by BAC, two times, whatever the terminal thinks of the answer."""
    for _ in range(2):
        chip.reset()
        terminal.session = None
        with suppress(AssertionError, CryptoError):
            opened(terminal, chip.issued)


def read_all(terminal: Terminal, chip: EmulatedCard) -> None:
    """Read EF.CardAccess in the clear, EF.CardSecurity after PACE, then every file."""
    terminal.raw("00A4000C023F00")
    if terminal.select(0x011C).sw == 0x9000:
        terminal.read(0, 256)
    found = pace(terminal, GM, chip.issued.secrets.can.encode())
    assert found.reply.sw == 0x9000
    if terminal.select(0x011D).sw == 0x9000:
        for at in range(0, 4000, 200):
            terminal.read(at, 200)
    terminal.select_application()
    for fid in (0x011C, 0x011D, 0x011E, *range(0x0101, 0x0111)):
        if terminal.select(fid).sw == 0x9000:
            for at in range(0, 2200, 220):
                terminal.read(at, 220)
            terminal.read(0, 256)
            terminal.read(0, 65_536, extended=True)


def proofs(terminal: Terminal, chip: EmulatedCard) -> None:
    """Run AA twice and CA once, and read with the new keys."""
    suite = GM if "CardAccess" in chip.issued.files else None
    opened(terminal, chip.issued, suite)
    for _ in range(2):
        terminal.send("00880000", bytes(range(8)), 256)
    (genuine,) = card(chip.issued.name).issued.chip_keys.all_chip_authentication
    offer = chip_authentication_offers(chip.issued.files["DG14"])[0]
    chip_authentication(terminal, genuine, offer.cipher)
    for fid in (0x0101, 0x010D):
        terminal.select(fid)
        terminal.read(0, 10)


def as_inspector(terminal: Terminal, chip: EmulatedCard) -> None:
    """Run Terminal Authentication and read DG3."""
    identity = opened(terminal, chip.issued, GM)
    name = chip.issued.name
    genuine = card(name).issued
    (secret,) = genuine.chip_keys.all_chip_authentication
    pki = genuine.terminal
    choice = definition(name).terminal_authentication
    assert pki.key is not None
    assert choice is not None
    _, own = chip_authentication(
        terminal, secret, chip_authentication_offers(genuine.files["DG14"])[0].cipher
    )
    terminal.select(0x011C)
    terminal.read(0, 36)
    send_certificate(terminal, pki.verifier, CURRENT)
    send_certificate(terminal, pki.terminal, VERIFIER)
    prove(terminal, pki.key, choice.algorithm, TERMINAL, identity, own)
    terminal.select(0x0103)


SELECT, READ, CHALLENGE, EXTERNAL, STEP, MSE, SIGN, PSO = (
    *("A4", "B0", "84", "82", "86", "22", "88", "2A"),
)

#: Fault: card, script, the instruction whose answer is the first to differ.
CASES: dict[str, tuple[str, Script, str]] = {
    "dg1-altered": (TD3, read_all, READ),
    "dg15-withheld": (TD3, read_all, SELECT),
    "dg14-withheld": (TD3, read_all, SELECT),
    "dg1-withheld": (TD3, read_all, SELECT),
    "dg2-locked": (TD3, read_all, SELECT),
    "sod-missing": (TD3, read_all, SELECT),
    "com-missing": (TD3, read_all, SELECT),
    "com-lists-more": (TD3, read_all, READ),
    "dg14-shuffled": (TD3, read_all, READ),
    "dg2-40k": (TD3, read_all, READ),
    "dg2-70k": (TD3, read_all, READ),
    "rogue-csca": (TD3, read_all, READ),
    "expired": (TD3, read_all, READ),
    "clone": (TD3, proofs, SIGN),
    "dg14-other-key": (TD3, read_all, READ),
    "dg15-other-key": (TD3, read_all, READ),
    "card-access-missing": (TD3, read_all, SELECT),
    "card-access-extra": (TD3, read_all, READ),
    "card-access-shuffled": (TD3, read_all, READ),
    "card-access-unknown": (TD3, read_all, READ),
    "card-security-missing": (TD3, read_all, SELECT),
    "card-security-rogue": (TD3, read_all, READ),
    "card-security-other-key": (TD3, read_all, READ),
    "challenge-short": (TD3, by_bac, CHALLENGE),
    "challenge-long": (TD3, by_bac, CHALLENGE),
    "bac-wrong-mac": (TD3, by_bac, EXTERNAL),
    "bac-wrong-rnd": (TD3, by_bac, EXTERNAL),
    "bac-wrong-rnd-ifd": (TD3, by_bac, EXTERNAL),
    "bac-garbage": (TD3, by_bac, EXTERNAL),
    "bac-replay": (TD3, by_bac, EXTERNAL),
    "challenge-constant": (TD3, by_bac, CHALLENGE),
    "pace-refused": (TD3, by_pace(GM), MSE),
    "pace-wants-84": (TD3, by_pace(GM), MSE),
    "nonce-short": (TD3, by_pace(GM), STEP),
    "nonce-long": (TD3, by_pace(GM), STEP),
    "pace-wrong-tags": (TD3, by_pace(GM), STEP),
    "token-wrong": (TD3, by_pace(GM), STEP),
    "token-short": (TD3, by_pace(GM), STEP),
    "token-empty": (TD3, by_pace(GM), STEP),
    "token-echo": (TD3, by_pace(GM), STEP),
    "token-missing": (TD3, by_pace(GM), STEP),
    "pace-leading-zero": (TD3, by_pace(GM), STEP),
    "pace-echo-mapping-key": (TD3, by_pace(GM), STEP),
    "pace-echo-ephemeral": ("pace-ecdh-im-aes128-13", by_pace(IM), STEP),
    "pace-mapping-off-curve": (TD3, by_pace(GM), STEP),
    "pace-ephemeral-off-curve": (TD3, by_pace(GM), STEP),
    "pace-ephemeral-range": (TD3, by_pace(GM), STEP),
    "pace-ephemeral-compressed": (TD3, by_pace(GM), STEP),
    "pace-ephemeral-zero": (TD3, by_pace(GM), STEP),
    "cam-missing": (TD3, by_pace(CAM), STEP),
    "cam-wrong-data": (TD3, by_pace(CAM), STEP),
    "cam-static-iv": (TD3, by_pace(CAM), STEP),
    "cam-cut": (TD3, by_pace(CAM), STEP),
    "ca-keeps-old-keys": (VN, proofs, SELECT),
    "ca-plain-after": (VN, proofs, SELECT),
    "ca-other-secret": (VN, proofs, SELECT),
    "ca-refused": (VN, proofs, MSE),
    "wrong-mac": (VN, proofs, READ),
    "aa-refused": (VN, proofs, SIGN),
    "aa-replay": (VN, proofs, SIGN),
    "aa-short": (VN, proofs, SIGN),
    "aa-empty": (VN, proofs, SIGN),
    "aa-wrong-bit": (VN, proofs, SIGN),
    "aa-header": (VN, proofs, SIGN),
    "aa-trailer": (VN, proofs, SIGN),
    "aa-wrong-hash": (VN, proofs, SIGN),
    "aa-der": (TD3, proofs, SIGN),
    "ta-unknown-cvca": (TD3, as_inspector, READ),
    "ta-challenge-short": (TD3, as_inspector, CHALLENGE),
    "ta-challenge-long": (TD3, as_inspector, CHALLENGE),
    "ta-refuses-certificates": (TD3, as_inspector, PSO),
    "ta-denies-dg3": (TD3, as_inspector, SELECT),
    "select-mf-refused": (TD3, read_all, SELECT),
    "select-mf-locked": (TD3, read_all, SELECT),
    "card-access-locked": (TD3, read_all, SELECT),
    "no-extended-length": (TD3, read_all, READ),
    "le-231": (TD3, read_all, READ),
    "le-longer": (TD3, read_all, READ),
    "6282-padding": (TD3, read_all, READ),
    "long-answer-6700": (VN, proofs, SIGN),
    "long-answer-6cxx": (VN, proofs, SIGN),
    "long-answer-61xx": (VN, proofs, SIGN),
    "naked-error": (TD3, read_all, READ),
    "read-refused": (TD3, read_all, READ),
    "power-cut": (TD3, read_all, READ),
    "removed": (TD3, read_all, READ),
}


def transcript(name: str, script: Script, fault: str | None) -> list[tuple[bytes, bytes]]:
    """Return what passes between a terminal and a card, until one of them has enough."""
    chip = card(name, rng=SeededRng(b"chip"), fault=fault)
    log = Log(chip)
    with suppress(AssertionError, CryptoError, CardRemoved, IndexError, KeyError, ValueError):
        script(Terminal(log, SeededRng(b"terminal")), chip)
    return log.seen


def first_difference(name: str, script: Script, fault: str) -> str:
    """Return the instruction of the first command that the faulty card answers otherwise."""
    sound, faulty = transcript(name, script, None), transcript(name, script, fault)
    for (expected, answer), (sent, found) in zip(sound, faulty, strict=False):
        assert expected == sent
        if answer != found:
            return f"{sent[1]:02X}"
    pytest.fail("no difference")


def test_every_fault_has_a_case() -> None:
    """Nothing is left out but what needs a terminal of its own, below."""
    assert set(FAULTS) == set(CASES) | {"pace-refuses-84", "can-counted", "kat-refused"}


@pytest.mark.parametrize("fault", CASES)
def test_where_it_shows(fault: str) -> None:
    """The answers are those of the sound card up to the one that the fault is about."""
    name, script, instruction = CASES[fault]
    assert first_difference(name, script, fault) == instruction


def test_useless_reference() -> None:
    """84 is refused where nobody needs it, and wanted where somebody does."""
    template = tlv(0x80, GM.oid) + tlv(0x83, b"\x02")
    named = template + tlv(0x84, b"\x0d")
    for fault, without, with_reference in (
        (None, 0x9000, 0x9000),
        ("pace-refuses-84", 0x9000, 0x6A80),
        ("pace-wants-84", 0x6A87, 0x9000),
    ):
        chip = card(TD3, fault=fault)
        assert Terminal(chip).send("0022C1A4", template).sw == without
        assert Terminal(chip).send("0022C1A4", named).sw == with_reference


@pytest.mark.parametrize("fault", [None, "pace-refuses-84", "pace-wants-84"])
def test_ambiguous_reference(fault: str | None) -> None:
    """With two curves under one identifier, 84 is needed by every chip."""
    chip = card("pace-ambiguous", fault=fault)
    template = tlv(0x80, GM.oid) + tlv(0x83, b"\x02")
    assert Terminal(chip).send("0022C1A4", template).sw in (0x6A88, 0x6A87)
    for number, sw in ((12, 0x9000), (13, 0x9000), (14, 0x6A88)):
        named = template + tlv(0x84, bytes([number]))
        assert Terminal(chip).send("0022C1A4", named).sw == sw
        suite = Suite("GM", 2, number)
        if sw == 0x9000:
            chip.reset()
            found = pace(Terminal(chip), suite, b"314159", name_domain=True)
            assert found.reply.sw == 0x9000


def test_counted_can() -> None:
    """Three wrong attempts, and the right one is too late."""
    chip = card(VN, fault="can-counted")
    ends = []
    for _ in range(4):
        chip.reset()
        ends.append(pace(Terminal(chip), GM, b"000000").reply.sw)
    assert ends == [0x63C2, 0x63C1, 0x63C0, 0x6983]


def test_no_key_agreement_template() -> None:
    """3DES by MSE:Set KAT is refused, by MSE:Set AT it is not (Doc 9303-11 §8.5)."""
    for kat, sw in ((True, 0x6A86), (False, 0x9000)):
        chip = card("ca-ecdh-3des", fault="kat-refused")
        terminal = Terminal(chip)
        opened(terminal, chip.issued, GM)
        (secret,) = chip.issued.chip_keys.all_chip_authentication
        assert chip_authentication(terminal, secret, Cipher.TDES, kat=kat)[0].sw == sw


@pytest.mark.parametrize(
    ("fault", "name"),
    [
        ("token-wrong", "bac-only"),
        ("bac-wrong-rnd", "utopia-td1"),
        ("cam-missing", VN),
        ("clone", "bac-only"),
        ("aa-der", VN),
        ("aa-trailer", TD3),
        ("ta-denies-dg3", VN),
        ("select-mf-refused", VN),
        ("le-longer", VN),
        ("card-access-shuffled", "pace-dh-gm-3des-0"),
        ("dg15-withheld", "bac-only"),
        ("long-answer-6700", TD3),
        ("pace-echo-mapping-key", "pace-ecdh-im-aes128-13"),
    ],
)
def test_fault_that_does_not_suit(fault: str, name: str) -> None:
    """A card cannot get wrong what it does not do, nor what it does anyway."""
    with pytest.raises(Misuse):
        card(name, fault=fault)
