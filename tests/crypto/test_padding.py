"""ISO/IEC 9797-1 padding method 2."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecid_crypto.errors import InvalidPadding
from ecid_crypto.padding import pad, unpad


def test_recorded_cases(transcripts: dict[str, Any]) -> None:
    """Every case of the transcripts, padded (where a block length is given) and unpadded."""
    for case in transcripts["padding_method_2"]:
        data, padded = bytes.fromhex(case["data"]), bytes.fromhex(case["padded"])
        assert data == unpad(padded)
        if "block" in case:
            assert padded == pad(data, case["block"])


@given(st.binary(max_size=70), st.sampled_from([8, 16]))
def test_round_trip(data: bytes, block_length: int) -> None:
    """Padding fills the last block, adds one byte to one block, and comes off again."""
    padded = pad(data, block_length)
    assert len(padded) % block_length == 0
    assert 1 <= len(padded) - len(data) <= block_length
    assert data == unpad(padded)


@given(st.binary(max_size=20))
def test_unpad_accepts_nothing_but_80_and_zeros(data: bytes) -> None:
    """On any bytes: either the remainder starts with 80 and ends in zeros, or a refusal."""
    try:
        plain = unpad(data)
    except InvalidPadding:
        assert not data.rstrip(b"\x00").endswith(b"\x80")
    else:
        assert data == plain + b"\x80" + bytes(len(data) - len(plain) - 1)


@pytest.mark.parametrize("data", [b"", bytes(8), b"\x80\x01", b"\x12\x34"])
def test_absent_padding_is_refused(data: bytes) -> None:
    """No 80, or something after it other than 00."""
    with pytest.raises(InvalidPadding, match="method_2"):
        unpad(data)
