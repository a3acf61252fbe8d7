"""The numbers on the page are those of the whole matrix, not of what happens to be tested."""

from __future__ import annotations

import re
from pathlib import Path

from cvc_create import SCHEMES
from libeac_suites import SUITES

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "interop.md"


def met(protocol: str, who: str) -> int:
    """Return what stands in the last column, added up over the rows of a protocol."""
    pattern = rf"^\| {protocol} \| .* \| {who} \| (\d+) of \1 \|$"
    return sum(map(int, re.findall(pattern, PAGE.read_text("utf-8"), re.MULTILINE)))


def test_every_suite_of_pace() -> None:
    """141 suites less the 33 of Chip Authentication Mapping, in both directions."""
    assert len(SUITES) == 141 - 33
    for who in ("its terminal, our chip", "our terminal, its chip"):
        assert met("PACE-(?:EC)?DH-(?:GM|IM)", who) == len(SUITES)


def test_every_variant_of_chip_authentication() -> None:
    """14 domains by 4 ciphers, in both directions."""
    for who in ("its terminal, our chip", "our terminal, its chip"):
        assert met("CA-(?:EC)?DH", who) == 56


def test_every_algorithm_of_terminal_authentication() -> None:
    """Six of RSA, five of ECDSA, in both directions."""
    for who in ("its terminal, our chip", "our terminal, its chip"):
        assert met("TA", who) == len(SCHEMES) == 11
