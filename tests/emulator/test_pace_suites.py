"""Every suite of PACE that the standards know, from the chip's side."""

from __future__ import annotations

import pytest

from chip_terminal import Terminal
from ecid.emulator import CardDefinition, EmulatedCard, issue, parse_definition
from ecid_crypto.hashes import Hash
from ecid_crypto.rng import SeededRng
from pace_terminal import Suite, pace

pytestmark = pytest.mark.slow

CIPHER_NAMES = ("3DES", "AES-128", "AES-192", "AES-256")
PARAMETERS = (0, 1, 2, *range(8, 19))

#: 14 of generic mapping and 13 of integrated mapping with each of four ciphers, 11 of CAM with
#: each of three.
SUITES = [
    Suite(mapping, cipher, parameters)
    for mapping in ("GM", "IM", "CAM")
    for cipher in (1, 2, 3, 4)
    for parameters in PARAMETERS
    if not (mapping == "IM" and parameters == 10)
    and not (mapping == "CAM" and (parameters < 3 or cipher == 1))
]


def defined(*suites: Suite) -> CardDefinition:
    """Return a card that offers these suites, four passwords and, for CAM, the keys."""
    keys = {suite.parameter_id: suite for suite in suites if suite.mapping == "CAM"}
    pace_rows = [
        {
            "mapping": suite.mapping,
            "cipher": CIPHER_NAMES[suite.cipher_id - 1],
            "parameters": suite.parameter_id,
        }
        for suite in suites
    ]
    rows = [
        {"key": suite.domain.name, "cipher": "AES-128", "key_id": key_id}
        for key_id, suite in keys.items()
    ]
    table = {
        "doc": "a suite",
        "holder": "eriksson-td1",
        "pin": "935562",
        "puk": "4870243291",
        "pace": pace_rows,
        "chip_authentication": rows,
    }
    return parse_definition("suite", table)


def test_their_number() -> None:
    """141 suites."""
    assert len(set(SUITES)) == 141


@pytest.mark.parametrize(("number", "suite"), list(enumerate(SUITES)), ids=map(str, SUITES))
def test_suite(number: int, suite: Suite) -> None:
    """PACE ends in a session that reads DG1; the passwords take turns."""
    issued = issue(defined(suite))
    secrets = issued.secrets
    reference = number % 4 + 1
    password = (
        Hash.SHA1.digest(secrets.mrz_information.encode()),
        secrets.can.encode(),
        secrets.pin.encode(),
        secrets.puk.encode(),
    )[reference - 1]
    terminal = Terminal(EmulatedCard(issued, rng=SeededRng(b"chip")), SeededRng(b"terminal"))
    found = pace(terminal, suite, password, reference=reference)
    assert found.reply.sw == 0x9000
    assert (0x8A in found.objects) is (suite.mapping == "CAM")
    if suite.mapping == "CAM":
        static = issued.chip_keys.by_key_id[suite.parameter_id]
        quotient = suite.domain.key(int.from_bytes(found.quotient, "big"))
        assert quotient.multiply(static.agreement.public()) == found.chip_mapping
    assert terminal.select_application().sw == 0x9000
    assert terminal.read_file(0x0101) == issued.files["DG1"]


@pytest.mark.parametrize("suite", [Suite("GM", 2, 1), Suite("GM", 1, 12), Suite("CAM", 4, 16)])
def test_another_session_each_time(suite: Suite) -> None:
    """No value of the chip comes twice."""
    card = EmulatedCard(issue(defined(suite)))
    seen = []
    for _ in range(2):
        card.reset()
        found = pace(Terminal(card), suite, card.issued.secrets.can.encode())
        seen += [found.chip_mapping, found.chip_public]
    assert len(set(seen)) == 4
