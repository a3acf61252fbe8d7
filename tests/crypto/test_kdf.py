"""Key derivation against Doc 9303-11 Appendices D to I and recorded protocol runs."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecid_crypto.cipher import Cipher
from ecid_crypto.kdf import KdfCounter, derive_key, derive_session_keys


def test_keys_from_key_seed(doc9303: dict[str, dict[str, bytes]]) -> None:
    """Doc 9303-11 D.1: 3DES keys with their parity adjusted."""
    d1 = doc9303["D.1"]
    enc, mac = derive_session_keys(d1["k_seed"], Cipher.TDES)
    assert d1["enc_ka"] + d1["enc_kb"] == enc
    assert d1["mac_ka"] + d1["mac_kb"] == mac


def test_document_basic_access_keys(doc9303: dict[str, dict[str, bytes]]) -> None:
    """Doc 9303-11 D.2 and D.3: access keys, then session keys."""
    keys, run = doc9303["D.2.keys"], doc9303["D.3"]
    assert (keys["k_enc"], keys["k_mac"]) == derive_session_keys(keys["k_seed"], Cipher.TDES)
    session = derive_session_keys(run["session_k_seed"], Cipher.TDES)
    assert (run["ks_enc"], run["ks_mac"]) == session


@pytest.mark.parametrize("group", ["G.1", "G.2", "H.1", "H.2", "I.1"])
def test_session_keys_of_pace(group: str, doc9303: dict[str, dict[str, bytes]]) -> None:
    """Doc 9303-11 G to I: AES-128 from K, an x-coordinate or a field element."""
    run = doc9303[group]
    session = derive_session_keys(run["shared_secret_k"], Cipher.AES_128)
    assert (run["ks_enc"], run["ks_mac"]) == session


@pytest.mark.parametrize("group", ["G", "I"])
def test_password_key(group: str, doc9303: dict[str, dict[str, bytes]]) -> None:
    """Doc 9303-11 G and I: Kπ from the SHA-1 of the MRZ information."""
    values = doc9303[group]
    assert values["k_pi"] == derive_key(values["k"], KdfCounter.PASSWORD, Cipher.AES_128)


def test_recorded_derivations(transcripts: dict[str, Any]) -> None:
    """Counters 1 to 3 with 3DES, AES-128 and AES-192."""
    ciphers = {112: Cipher.TDES, 128: Cipher.AES_128, 192: Cipher.AES_192, 256: Cipher.AES_256}
    for case in transcripts["kdf"]:
        secret, counter = bytes.fromhex(case["shared_secret"]), KdfCounter(case["counter"])
        key = derive_key(secret, counter, ciphers[case["key_bits"]])
        assert case["key"] == key.hex().upper()


def test_aes_256_takes_the_whole_digest() -> None:
    """§9.7.1: SHA-256 of secret and counter; AES-192 takes its first 24 bytes."""
    key = derive_key(b"secret", KdfCounter.ENC, Cipher.AES_256)
    # SHA-256 of 73656372657400000001, computed with coreutils.
    assert key.hex() == "dfa8676eed207d46b3355a87807c367b73dc2529c1da9fa4079678884e6d009e"
    assert key[:24] == derive_key(b"secret", KdfCounter.ENC, Cipher.AES_192)


@given(st.binary(max_size=64), st.sampled_from(KdfCounter))
def test_3des_keys_have_odd_parity(secret: bytes, counter: KdfCounter) -> None:
    """Every byte of a 3DES key has an odd number of ones."""
    key = derive_key(secret, counter, Cipher.TDES)
    assert {1} == {octet.bit_count() % 2 for octet in key}


@given(st.binary(max_size=64), st.sampled_from(KdfCounter), st.sampled_from(Cipher))
def test_length_fits_the_cipher(secret: bytes, counter: KdfCounter, cipher: Cipher) -> None:
    """The key is as long as its cipher wants it."""
    assert cipher.key_length == len(derive_key(secret, counter, cipher))
