"""``docs/reference/interop.md`` tells what a run of these tests met, and with which versions.

``make docs`` runs them and writes the tables again: ``python -m tests.interop.test_page``. What
stands outside the marks is written by hand.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

FOLDER = Path(__file__).resolve().parent
PAGE = FOLDER.parents[1] / "docs" / "reference" / "interop.md"
BEGIN, END = "<!-- written by make docs: begin -->\n", "<!-- written by make docs: end -->\n"

PACKAGES = {
    "libeac3": "libeac (OpenPACE), both sides of PACE, CA and TA",
    "libssl3": "the OpenSSL that libeac computes with",
    "openpace": "cvc-create, card-verifiable certificates",
    "pcscd": "the PC/SC service",
    "vsmartcard-vpcd": "the virtual reader",
    "opensc": "opensc-tool",
    "pcsc-tools": "scriptor and pcsc_scan",
}

TERMINAL, CHIP = "our terminal, its chip", "its terminal, our chip"
_READS = {TERMINAL: "test_we_read_the_chip_of_libeac", CHIP: "test_libeac_reads_our_chip"}
_CA = {
    TERMINAL: "test_we_authenticate_the_chip_of_libeac",
    CHIP: "test_libeac_authenticates_our_chip",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One line: a test of which ``count`` cases, those that ``start`` so, have to pass."""

    protocol: str
    variants: str
    direction: str
    test: str
    start: str
    count: int

    def line(self, passed: int) -> str:
        """Return the line."""
        cells = (self.protocol, self.variants, self.direction, f"{passed} of {self.count}")
        return f"| {' | '.join(cells)} |\n"


_CURVES = "parameters 8 to 18, 3DES and AES-128, 192, 256"
_CURVES_IM = "parameters 8, 9 and 11 to 18, ciphers as above, its mapping replaced: finding 5"
_GROUPS_IM = "parameters 0 to 2, ciphers as above, its mapping completed: finding 5"
_GROUPS = "parameters 0 to 2, 3DES and AES-128, 192, 256"
_V15_ECDSA = "RSA v1.5 (SHA-1, 256, 512), ECDSA (SHA-1, 224, 256, 384, 512)"

ROWS = (
    *(
        Row(f"PACE-{kind}", variants, direction, _READS[direction], kind, count)
        for kind, variants, count in (
            ("ECDH-GM", _CURVES, 44),
            ("DH-GM", _GROUPS, 12),
            ("ECDH-IM", _CURVES_IM, 40),
            ("DH-IM", _GROUPS_IM, 12),
        )
        for direction in (CHIP, TERMINAL)
    ),
    *(
        Row(f"CA-{kind}", variants, direction, _CA[direction], kind, count)
        for kind, variants, count in (("ECDH", _CURVES, 44), ("DH", _GROUPS, 12))
        for direction in (CHIP, TERMINAL)
    ),
    Row("CA, MSE:Set KAT", "3DES, all", CHIP, "test_libeac_authenticates_our_chip_by_kat", "", 14),
    Row("TA", _V15_ECDSA, CHIP, "test_libeac_opens_the_fingerprints_of_our_chip", "", 8),
    Row(
        "TA",
        "RSA PSS (SHA-1, 256, 512), its signature replaced: finding 6",
        CHIP,
        "test_salt_of_libeac",
        "",
        3,
    ),
    Row(
        "TA",
        f"{_V15_ECDSA}, RSA PSS (SHA-1, 256, 512)",
        TERMINAL,
        "test_the_chip_of_libeac_believes_us",
        "",
        11,
    ),
    Row("TA, link certificate", "RSA v1.5, ECDSA", CHIP, "test_link_certificate", "", 2),
    Row("TA, link certificate", "RSA PSS, ECDSA", TERMINAL, "test_we_go_by_the_link", "", 2),
    Row("TA after BAC", "ECDSA", CHIP, "test_after_bac", "", 1),
    *(
        Row("PC/SC", what, "other programs, our chip", test, "", 1)
        for what, test in (
            ("opensc-tool: ATR", "test_opensc_tool_sees_the_answer_to_reset"),
            ("opensc-tool: EF.CardAccess by SFI", "test_opensc_tool_reads_card_access"),
            (
                "opensc-tool: SELECT AID, GET CHALLENGE",
                "test_opensc_tool_selects_and_asks_for_a_challenge",
            ),
            ("scriptor: EF.CardAccess by SFI", "test_scriptor_reads_card_access"),
            (
                "scriptor: SELECT AID, GET CHALLENGE",
                "test_scriptor_selects_and_asks_for_a_challenge",
            ),
            ("pcsc_scan: reader, card, ATR", "test_pcsc_scan_sees_the_card"),
            ("libeac through pcscd: PACE, DG2", "test_libeac_reads_the_card_over_pcsc"),
        )
    ),
)

_TABLE = "| Protocol | Variants | Who | Met |\n|---|---|---|---|\n"


def table(passed: dict[Row, int]) -> str:
    """Return the table of what was met."""
    return _TABLE + "".join(row.line(passed[row]) for row in ROWS)


def versions() -> str:
    """Return the table of what is installed here."""
    lines = "".join(
        f"| `{package}` | {_version(package)} | {role} |\n" for package, role in PACKAGES.items()
    )
    return "| Debian package | Version | What of it |\n|---|---|---|\n" + lines


def _version(package: str) -> str:
    command = ["dpkg-query", "--show", "--showformat", "${Version}", package]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def run() -> dict[Row, int]:
    """Run the tests and return how many cases of each row passed."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        # The page may be out of date until it is written.
        ignored = [f"--ignore={FOLDER / name}.py" for name in ("test_page", "test_matrix")]
        command = [sys.executable, "-m", "pytest", "-q", *ignored, f"--junitxml={report}"]
        subprocess.run([*command, str(FOLDER)], check=True, cwd=FOLDER.parents[1])
        cases = ElementTree.parse(report).getroot().iter("testcase")
        names = [case.get("name", "") for case in cases if len(case) == 0]
    return {row: _passed(row, names) for row in ROWS}


def _passed(row: Row, names: list[str]) -> int:
    wanted = f"{row.test}[{row.start}"
    return sum(name == row.test or name.startswith(wanted) for name in names)


def write() -> None:
    """Run the tests and write the part between the marks again."""
    passed = run()
    head, rest = PAGE.read_text("utf-8").split(BEGIN)
    _, tail = rest.split(END)
    body = f"{versions()}\n{table(passed)}"
    PAGE.write_text(f"{head}{BEGIN}{body}{END}{tail}", "utf-8")


def test_page_is_that_of_a_run_in_which_all_passed() -> None:
    """Whoever adds a variant writes the page again with ``make docs``."""
    assert table({row: row.count for row in ROWS}) in PAGE.read_text("utf-8")


def test_every_package_is_named_with_a_version() -> None:
    """The versions are those of the machine of that run; here only that none is missing."""
    text = PAGE.read_text("utf-8")
    assert [package for package in PACKAGES if f"| `{package}` | " not in text] == []


def test_no_row_stands_twice() -> None:
    """Two rows with the same cases would count them twice."""
    assert max(Counter((row.test, row.start) for row in ROWS).values()) == 1


if __name__ == "__main__":
    write()
