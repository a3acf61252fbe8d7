"""Valid cards, and the same with one part changed."""

from __future__ import annotations

import pytest

from ecid import Verdict
from ecid.emulator.issued import IssuedCard
from ecid.testing import (
    LiveCard,
    StoredFolder,
    Workplace,
    canary_card,
    data_groups,
    flip,
    large_card,
    resigned,
    sod_of,
    with_files,
)
from ecid.testing.bench import Bench, Limits

CARDS = pytest.mark.parametrize("issued", [canary_card(), large_card()], ids=["canary", "large"])


@CARDS
@pytest.mark.parametrize("entry", [LiveCard, StoredFolder])
def test_valid(issued: IssuedCard, entry: type[LiveCard | StoredFolder]) -> None:
    """Both cards are verified by both entry points."""
    with Bench(Limits()) as bench:
        assert entry(holder=issued).attempt(bench.place).verdict is Verdict.VERIFIED


def attempt(card: IssuedCard) -> str:
    """Return the verdict about ``card`` under the anchor of the canary card."""
    with Bench(Limits()) as bench:
        place: Workplace = bench.place
        return StoredFolder(holder=canary_card(), card=card).attempt(place).verdict.value


def test_with_files_signs_nothing() -> None:
    """A file changed is a forgery; a file taken away is missing; signed again it is valid."""
    valid = canary_card()
    changed = flip(valid.files["COM"])
    assert attempt(with_files(valid, DG2=flip(valid.files["DG2"]))) == "failed"
    assert attempt(with_files(valid, DG2=None)) == "verified"  # not supplied, which is no fault
    assert "DG3" not in resigned(valid, DG3=None).files
    assert attempt(resigned(valid, DG3=None)) == "failed"  # EF.COM still lists it
    assert with_files(valid, COM=changed).files["COM"] == changed
    assert valid.files["COM"] != changed


def test_sod_of_is_the_genuine_one() -> None:
    """Without overrides it is the SOD as issued, byte for byte."""
    assert canary_card().files["SOD"] == sod_of(canary_card())


def test_data_groups() -> None:
    """Data groups by number, and no other file."""
    groups = data_groups(canary_card())
    assert set(groups) == {1, 2, 3, 13, 14, 15}
    assert groups[1] == canary_card().files["DG1"]
