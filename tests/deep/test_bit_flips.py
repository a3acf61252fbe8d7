"""Every bit of every signed file, and every cut: nothing changes and stays verified."""

from __future__ import annotations

import os

import pytest

from tests.deep import unauthenticated
from tests.deep.kit import POLICIES, control, evidence, is_verified, judge
from tests.deep.unauthenticated import PAGE, Chunk

pytestmark = pytest.mark.deep

DG2_CHUNK = 1024

if os.environ.get("ECID_WRITE_UNAUTHENTICATED"):

    def test_the_page_is_written() -> None:
        """The page is written again from what every bit does."""
        PAGE.write_text(unauthenticated.page(), "utf-8")


@pytest.mark.parametrize("policy", POLICIES)
def test_control(policy: str) -> None:
    """Unchanged, the card is verified."""
    assert is_verified(judge({}, policy))


@pytest.mark.parametrize("chunk", list(unauthenticated.chunks()), ids=str)
def test_bits(chunk: Chunk) -> None:
    """The bits that may change are those of the page, and no others."""
    assert unauthenticated.found(chunk).hex() == unauthenticated.documented(chunk).hex()


@pytest.mark.parametrize("start", range(0, 17_365, DG2_CHUNK))
def test_one_bit_of_every_byte_of_dg2(start: int) -> None:
    """No byte of the portrait may change; which bit of it, its offset decides."""
    original = control().files["DG2"]
    assert start < len(original)
    for at in range(start, min(start + DG2_CHUNK, len(original))):
        altered = original[:at] + bytes([original[at] ^ 1 << at % 8]) + original[at + 1 :]
        assert not is_verified(judge({"DG2": altered}, "passive")), at


def test_dg2_is_covered() -> None:
    """The offsets above are all there are."""
    assert len(control().files["DG2"]) == 17_365


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("file", [*unauthenticated.FILES, "DG2"])
def test_cuts(file: str, policy: str) -> None:
    """No file cut short anywhere is verified; of DG2, every 16th cut."""
    original = control().files[file]
    assert original == evidence(policy).files[file]
    step = 16 if file == "DG2" else 1
    passing = [
        length
        for length in range(0, len(original), step)
        if is_verified(judge({file: original[:length]}, policy))
    ]
    # EF.CardAccess counts for nothing once it is only stored.
    unread = file == "CardAccess" and policy == "passive"
    assert passing == (list(range(len(original))) if unread else [])
