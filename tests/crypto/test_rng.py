"""Sources of random bytes."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecid_crypto.errors import CryptoError
from ecid_crypto.rng import ScriptedRng, SeededRng, system_rng


def test_system_rng_gives_the_length_asked_for() -> None:
    """The length is exact and two draws of 16 bytes differ."""
    assert len(system_rng(16)) == 16
    assert system_rng(16) != system_rng(16)


def test_script_is_followed_in_order() -> None:
    """Chunks come back one by one, and the script says when it is used up."""
    rng = ScriptedRng(b"\x01\x02", b"\x03")
    assert rng(2) == b"\x01\x02"
    assert not rng.exhausted
    assert rng(1) == b"\x03"
    assert rng.exhausted


@pytest.mark.parametrize("length", [1, 3])
def test_script_refuses_another_length(length: int) -> None:
    """A call that asks for another length than scripted is an error of the caller."""
    with pytest.raises(CryptoError, match="script_length"):
        ScriptedRng(b"\x01\x02")(length)


def test_script_refuses_to_go_on_when_exhausted() -> None:
    """Nothing is ever repeated or invented."""
    rng = ScriptedRng(b"\x01")
    rng(1)
    with pytest.raises(CryptoError, match="script_exhausted"):
        rng(1)


def test_seeded_stream_is_sha256_in_counter_mode() -> None:
    """The first bytes are SHA-256(seed || 0), then SHA-256(seed || 1)."""
    blocks = [hashlib.sha256(b"seed" + bytes(7) + bytes([i])).digest() for i in (0, 1)]
    assert b"".join(blocks) == SeededRng(b"seed")(64)


@given(st.binary(max_size=8), st.lists(st.integers(0, 70), max_size=8))
def test_seeded_stream_does_not_depend_on_how_it_is_cut(seed: bytes, lengths: list[int]) -> None:
    """Drawing in pieces and drawing at once give the same bytes."""
    rng = SeededRng(seed)
    pieces = b"".join(rng(length) for length in lengths)
    assert SeededRng(seed)(sum(lengths)) == pieces
