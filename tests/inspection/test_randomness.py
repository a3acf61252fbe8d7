"""The watched source of randomness: what it hands on, and when it ends a reading."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecid.errors import RandomnessError
from ecid.inspection.randomness import WatchedRng
from ecid_crypto.rng import ScriptedRng, SeededRng


@given(st.lists(st.integers(0, 64), max_size=20))
def test_good_source(lengths: list[int]) -> None:
    """What a good source gives is handed on, however much of it is asked for."""
    watched, same = WatchedRng(SeededRng(b"good")), SeededRng(b"good")
    assert [watched(length) for length in lengths] == [same(length) for length in lengths]


@given(st.integers(16, 64), st.integers(16, 64), st.binary(min_size=1, max_size=1))
def test_constant_source(first: int, second: int, octet: bytes) -> None:
    """The second draw of a constant source ends the reading, whatever the lengths."""
    watched = WatchedRng(lambda length: octet * length)
    assert watched(first) == octet * first
    with pytest.raises(RandomnessError):
        watched(second)


def test_source_that_comes_round_again() -> None:
    """A draw is compared with every earlier one, not only with the last."""
    ones, twos = b"\x01" * 16, b"\x02" * 16
    watched = WatchedRng(ScriptedRng(ones, twos, ones))
    assert (watched(16), watched(16)) == (ones, twos)
    with pytest.raises(RandomnessError):
        watched(16)


def test_short_draws_are_not_compared() -> None:
    """Eight bytes, as BAC draws them, may be equal; less than 16 show nothing."""
    watched = WatchedRng(bytes)
    assert [watched(15), watched(8), watched(8)] == [bytes(15), bytes(8), bytes(8)]


def test_wrong_length() -> None:
    """A source that gives less than it was asked for is none."""
    with pytest.raises(RandomnessError):
        WatchedRng(lambda length: bytes(length - 1))(16)
