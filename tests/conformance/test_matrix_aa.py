"""Active Authentication, terminal against chip: every key with every hash."""

from __future__ import annotations

import pytest

from tests.conformance.aa_matrix import cells, groups, meet

KEYS = list(groups())


def test_number() -> None:
    """Five sizes of RSA and nineteen curves, each with five hashes."""
    assert len({cell for key in KEYS for cell in cells(key)}) == (5 + 19) * 5


@pytest.mark.slow
@pytest.mark.parametrize("key", KEYS)
def test_key(key: str) -> None:
    """The answer to a challenge holds, and the session goes on."""
    for cell in cells(key):
        meet(cell)
