"""PACE, terminal against chip: 141 suites by 4 passwords."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.conformance.pace_matrix import Suite, cells, groups, meet

SUITES = list(groups())


def test_number() -> None:
    """141 suites and four passwords, counted from what exists."""
    assert len(set(SUITES)) == len(SUITES) == 141
    assert Counter((suite.mapping, suite.agreement) for suite in SUITES) == {
        ("GM", "DH"): 4 * 3,
        ("GM", "ECDH"): 4 * 11,
        ("IM", "DH"): 4 * 3,
        ("IM", "ECDH"): 4 * 10,
        ("CAM", "ECDH"): 3 * 11,
    }
    assert [cell.password.name for cell in cells(SUITES[0])] == ["MRZ", "CAN", "PIN", "PUK"]


@pytest.mark.slow
@pytest.mark.parametrize("suite", SUITES, ids=str)
def test_suite(suite: Suite) -> None:
    """Every password opens a session that both sides verify; CAM proves the chip."""
    for cell in cells(suite):
        meet(cell)
