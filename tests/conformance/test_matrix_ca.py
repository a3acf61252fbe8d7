"""Chip Authentication, terminal against chip: every key, encoding, cipher and form."""

from __future__ import annotations

import pytest

from tests.conformance.ca_matrix import FORMS, Key, cells, groups, meet

KEYS = list(groups())


def test_number() -> None:
    """Three groups in two encodings, nineteen curves in two, eleven of them by their number too.

    Numbers and explicit parameters meet each cipher in each form, other encodings in one.
    """
    every = [cell for key in KEYS for cell in cells(key)]
    assert len(set(KEYS)) == 3 * 2 + 19 * 2 + 11
    assert len(set(every)) == (3 * 2 + 19) * (4 * 3 + 1) + (19 + 11) * 4
    assert {cell.form for cell in every} == set(FORMS)


@pytest.mark.slow
@pytest.mark.parametrize("key", KEYS, ids=str)
def test_key(key: Key) -> None:
    """The chip proves the key that was meant, and the new keys serve both sides."""
    for cell in cells(key):
        meet(cell)
