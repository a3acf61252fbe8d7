"""Defect D8: which of the 65,536 status words each command takes for success (defects.md).

Each run answers one command with right data under the word, and tells whether the reader went on.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import cache

import pytest

from cvc_kit import chain
from ecid.encoding.tlv import encode
from ecid.errors import EcidError, ProtocolError
from ecid.lds.files import COM
from ecid.protocols.bac import BacKey, run_bac
from ecid.protocols.chip_authentication import ChipAuthenticationChoice, run_chip_authentication
from ecid.protocols.pace import PacePassword, run_pace
from ecid.protocols.pace_mapping import swap_public
from ecid.protocols.terminal_authentication import run_terminal_authentication
from ecid.protocols.terminal_credential import TerminalCredential
from ecid.protocols.terminal_key import FileTerminalKey
from ecid.session.file_reader import FileReader, select_application, select_file
from ecid.trust.cv_chain import CvChain
from ecid_crypto.cipher import Cipher
from ecid_crypto.domain import standardised_domain
from ecid_crypto.rng import ScriptedRng, SeededRng
from pace_chip import PaceChip, suite
from scripted_card import FunctionCard, ScriptedCard

CAN = PacePassword.from_can("123456")
AES_CURVE = suite("2.2", 12)
DOMAIN = standardised_domain(12)
OURS, THEIRS = DOMAIN.key(3).public(), DOMAIN.key(5).public()
AID = bytes.fromhex("A0000002471001")
FILE = bytes.fromhex("6003800120")
RNG = SeededRng(b"terminal")

# Doc 9303-11 Appendix D.3.
BAC_KEY = BacKey.from_mrz_information("L898902C<369080619406236")
RND_IC, RND_IFD = bytes.fromhex("4608F91988702212"), bytes.fromhex("781723860C06C226")
BAC_ANSWER = BAC_KEY.seal(RND_IC + RND_IFD + bytes(range(16)))

EVERY = range(0x10000)
#: 90xx, 63xx, and under every first byte the second bytes that look harmless.
TELLING = sorted(
    {high << 8 | low for high in (0x90, 0x63) for low in range(0x100)}
    | {high << 8 | low for high in range(0x100) for low in (0x00, 0x01, 0x80, 0x82, 0xC2)}
)


def words(sw: int) -> bytes:
    """Return a status word as it comes."""
    return sw.to_bytes(2, "big")


def application(sw: int) -> bool:
    """SELECT the application."""
    select_application(FunctionCard(lambda _: words(sw)), AID)
    return True


def file(sw: int) -> bool:
    """SELECT a file."""
    select_file(FunctionCard(lambda _: words(sw)), COM)
    return True


def read_binary(sw: int) -> bool:
    """READ BINARY."""
    card = FunctionCard(lambda _: FILE + words(sw))
    return FileReader(card, 223).read(COM, use_sfi=True) == FILE


def pace_mse(sw: int) -> bool:
    """MSE:Set AT of PACE; what follows it is refused."""
    card = FunctionCard(lambda command: words(sw) if command[1] == 0x22 else b"\x6f\x00")
    with contextlib.suppress(ProtocolError):
        run_pace(card, AES_CURVE, CAN, RNG)
    return card.commands[-1][1] == 0x86


def general_authenticate(sw: int) -> bool:
    """GENERAL AUTHENTICATE with a public key."""
    card = FunctionCard(lambda _: encode(0x7C, encode(0x82, THEIRS)) + words(sw))
    return swap_public(card, DOMAIN, OURS, "step", sent=0x81, received=0x82) == THEIRS


def bac_external(sw: int) -> bool:
    """EXTERNAL AUTHENTICATE of BAC."""
    card = ScriptedCard([RND_IC + b"\x90\x00", BAC_ANSWER + words(sw)])
    run_bac(card, BAC_KEY, ScriptedRng(RND_IFD, bytes(16)))
    return True


def ca_key(sw: int) -> bool:
    """MSE:Set KAT of Chip Authentication."""
    choice = ChipAuthenticationChoice("0.4.0.127.0.7.2.2.3.2.1", Cipher.TDES, DOMAIN, THEIRS, None)
    run_chip_authentication(FunctionCard(lambda _: words(sw)), choice, RNG)
    return True


TERMINAL = chain("2.3")
CREDENTIAL = TerminalCredential(
    tuple(holder.certificate for holder in TERMINAL),
    FileTerminalKey.from_bytes(TERMINAL[-1].pkcs8()),
)


@cache
def certificates() -> CvChain:
    """Return the chain that the chip is shown."""
    found = CREDENTIAL.chain(("ZZCVCA00001",), datetime(2026, 1, 1, tzinfo=UTC))
    assert isinstance(found, CvChain)
    return found


class Agreed:
    """What Chip Authentication gave."""

    public = OURS


class Signer:
    """A key whose signature nobody looks at."""

    public = CREDENTIAL.key.public

    def sign(self, oid: str, message: bytes) -> bytes:
        """Return as many bytes as a signature has."""
        return bytes(64)


def terminal_external(sw: int) -> bool:
    """EXTERNAL AUTHENTICATE of Terminal Authentication."""
    answers = {0x84: bytes(8) + b"\x90\x00", 0x82: words(sw)}
    result = run_terminal_authentication(
        FunctionCard(lambda command: answers.get(command[1], b"\x90\x00")),
        certificates(),
        Signer(),
        chip_authentication=Agreed(),
        domain=DOMAIN,
        identity=b"X",
    )
    return result.finding.ok


#: What each takes: 9000, and the warnings that the standard gives a meaning.
SUCCESS: dict[Callable[[int], bool], set[int]] = {
    application: {0x9000},
    file: {0x9000},
    read_binary: {0x9000, 0x6282},
    pace_mse: {0x9000, *range(0x63C1, 0x63D0)},
    general_authenticate: {0x9000},
    bac_external: {0x9000},
    ca_key: {0x9000},
    terminal_external: {0x9000},
}


def accepted(run: Callable[[int], bool], among: Iterable[int]) -> set[int]:
    """Return the status words after which ``run`` says that the command had succeeded."""
    found = set()
    for sw in among:
        with contextlib.suppress(EcidError):
            if run(sw):
                found.add(sw)
    return found


@pytest.mark.parametrize("run", SUCCESS, ids=lambda run: run.__name__)
def test_d08_telling_words(run: Callable[[int], bool]) -> None:
    """Defect D8: xx00 is no success, nor is 90xx; both bytes count."""
    assert accepted(run, TELLING) == SUCCESS[run] & set(TELLING)


#: These calculate before they can tell: 65,536 times is for `make deep`.
COSTLY = {bac_external, ca_key, terminal_external}


@pytest.mark.parametrize(
    "run",
    [
        pytest.param(
            run, marks=pytest.mark.deep if run in COSTLY else pytest.mark.slow, id=run.__name__
        )
        for run in SUCCESS
    ],
)
def test_d08_all_words(run: Callable[[int], bool]) -> None:
    """Defect D8: of all 65,536 words, exactly the documented ones are success."""
    assert accepted(run, EVERY) == SUCCESS[run]


@pytest.mark.parametrize("sw", [0x9000, 0x6300, 0x6700, 0x6A80, 0x6F00, 0x9001, 0x9100, 0x6100])
@pytest.mark.parametrize("step", range(2, 6))
def test_d08_every_step_of_pace(step: int, sw: int) -> None:
    """Defect D8: right data under a wrong word open nothing, at whatever step."""
    chip = PaceChip(AES_CURVE, CAN)

    def answer(command: bytes) -> bytes:
        right = chip.transmit(command)
        return right[:-2] + words(sw) if len(card.commands) == step else right

    card = FunctionCard(answer)
    if sw == 0x9000:
        run_pace(card, AES_CURVE, CAN, RNG)
        return
    with pytest.raises(EcidError):
        run_pace(card, AES_CURVE, CAN, RNG)
    assert len(card.commands) == step
