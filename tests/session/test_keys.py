"""Session keys: right lengths, and nothing printed."""

from __future__ import annotations

import pytest

from ecid.session.keys import SessionKeys
from ecid_crypto.cipher import Cipher
from ecid_crypto.errors import InvalidKey

KEY = bytes(range(1, 17))


@pytest.mark.parametrize("cipher", list(Cipher))
def test_zero_counter(cipher: Cipher) -> None:
    """After PACE and Chip Authentication the counter is one block of zeros (9303-11 §9.8.7)."""
    key = bytes(range(1, cipher.key_length + 1))
    assert bytes(cipher.block_length) == SessionKeys.with_zero_counter(cipher, key, key).ssc


@pytest.mark.parametrize(
    ("enc", "mac", "ssc"),
    [(KEY[:8], KEY, bytes(8)), (KEY, KEY + KEY, bytes(8)), (KEY, KEY, bytes(16)), (KEY, KEY, b"")],
)
def test_wrong_lengths(enc: bytes, mac: bytes, ssc: bytes) -> None:
    """Keys or a counter of another length are refused."""
    assert bytes(8) == SessionKeys(Cipher.TDES, KEY, KEY, bytes(8)).ssc
    with pytest.raises(InvalidKey):
        SessionKeys(Cipher.TDES, enc, mac, ssc)


def test_nothing_is_printed() -> None:
    """``repr`` names the cipher only."""
    printed = repr(SessionKeys(Cipher.TDES, KEY, KEY, KEY[:8]))
    assert printed == "SessionKeys(cipher=<Cipher.TDES: '3DES'>)"
