"""Terminal Authentication, terminal against chip: algorithms, accesses, CVCA keys and rights."""

from __future__ import annotations

import pytest

from tests.conformance.ta_matrix import ALGORITHMS, Group, cells, groups, meet

GROUPS = list(groups())


def test_number() -> None:
    """Eleven algorithms after three accesses, by three CVCA keys and four rights.

    Beyond that, each of five hashes with each of the seven other curves, once.
    """
    assert len(ALGORITHMS) == 11
    every = {cell for group in GROUPS for cell in cells(group)}
    assert len(every) == 11 * 3 * 3 * 4 + 5 * 7


@pytest.mark.slow
@pytest.mark.parametrize("group", GROUPS, ids=str)
def test_group(group: Group) -> None:
    """The chip takes the chain and the signature, and gives exactly what the rights allow."""
    for cell in cells(group):
        meet(cell)
