"""``docs/reference/protocols.md`` lists the cells that exist, and that all of them met."""

from __future__ import annotations

import os

from tests.conformance.meeting import MET
from tests.conformance.page import PAGE, every_cell, page, run_all

CELLS = [cell for group in every_cell() for cell in group]

if os.environ.get("ECID_WRITE_PROTOCOLS"):

    def test_the_page_is_written() -> None:
        """The page is written again from what every cell comes to."""
        PAGE.write_text(page(run_all()), "utf-8")


def test_every_cell_is_its_own() -> None:
    """No cell stands for another one."""
    assert len(set(CELLS)) == len(CELLS)


def test_page() -> None:
    """It is what the generator writes where every cell meets; the matrices show that they do."""
    assert page(dict.fromkeys(CELLS, MET)) == PAGE.read_text("utf-8")


def test_a_cell_that_failed_is_named() -> None:
    """The page would say which cell did not meet, and why."""
    first = CELLS[0]
    text = page({**dict.fromkeys(CELLS, MET), first: "ProtocolError"})
    assert f"2 of 3 · {first}: ProtocolError" in text
