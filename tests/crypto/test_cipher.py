"""Block ciphers against SP 800-38A and Doc 9303-11 Appendix D."""

from __future__ import annotations

import pytest
from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives import ciphers
from cryptography.hazmat.primitives.ciphers import modes
from hypothesis import assume, given
from hypothesis import strategies as st

from ecid_crypto.cipher import Cipher, check_key, decrypt_cbc, encrypt_block, encrypt_cbc
from ecid_crypto.errors import InvalidKey, InvalidPadding

# SP 800-38A Appendix F: plaintext, keys and IV shared by all of its examples.
PLAIN = bytes.fromhex(
    "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
    "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710"
)
IV = bytes(range(16))
KEYS = {
    Cipher.AES_128: "2b7e151628aed2a6abf7158809cf4f3c",
    Cipher.AES_192: "8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b",
    Cipher.AES_256: "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4",
}
# Sections F.2.1, F.2.3 and F.2.5.
CBC = {
    Cipher.AES_128: (
        "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2"
        "73bed6b8e3c1743b7116e69e222295163ff1caa1681fac09120eca307586e1a7"
    ),
    Cipher.AES_192: (
        "4f021db243bc633d7178183a9fa071e8b4d9ada9ad7dedf4e5e738763f69145a"
        "571b242012fb7ae07fa9baac3df102e008b0e27988598881d920a9e64f5615cd"
    ),
    Cipher.AES_256: (
        "f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d"
        "39f23369a9d9bacfa530e26304231461b2eb05e2c39be9fcda6c19078c6a9d1b"
    ),
}
# Sections F.1.1, F.1.3 and F.1.5, first block.
ECB = {
    Cipher.AES_128: "3ad77bb40d7a3660a89ecaf32466ef97",
    Cipher.AES_192: "bd334f1d6e45f25ff712a214571fa5cc",
    Cipher.AES_256: "f3eed1bdb5d2a03c064b5a7e3db181f8",
}


@pytest.mark.parametrize("cipher", KEYS, ids=lambda c: c.value)
def test_aes_cbc(cipher: Cipher) -> None:
    """SP 800-38A F.2, both directions."""
    key, encrypted = bytes.fromhex(KEYS[cipher]), bytes.fromhex(CBC[cipher])
    assert encrypted == encrypt_cbc(cipher, key, IV, PLAIN)
    assert decrypt_cbc(cipher, key, IV, encrypted) == PLAIN


@pytest.mark.parametrize("cipher", KEYS, ids=lambda c: c.value)
def test_aes_single_block(cipher: Cipher) -> None:
    """SP 800-38A F.1: the bare block cipher."""
    assert ECB[cipher] == encrypt_block(cipher, bytes.fromhex(KEYS[cipher]), PLAIN[:16]).hex()


def test_3des_of_mutual_authentication(doc9303: dict[str, dict[str, bytes]]) -> None:
    """Doc 9303-11 D.3: E.IFD and E.IC, both directions."""
    key, run = doc9303["D.2.keys"]["k_enc"], doc9303["D.3"]
    for plain, encrypted in ((run["s"], run["e_ifd"]), (run["r"], run["e_ic"])):
        assert encrypted == encrypt_cbc(Cipher.TDES, key, bytes(8), plain)
        assert plain == decrypt_cbc(Cipher.TDES, key, bytes(8), encrypted)


def test_3des_of_secure_messaging(doc9303: dict[str, dict[str, bytes]]) -> None:
    """Doc 9303-11 D.4: the data of SELECT, one padded block."""
    step = doc9303["D.4.1"]
    encrypted = encrypt_cbc(Cipher.TDES, doc9303["D.3"]["ks_enc"], bytes(8), step["data"])
    assert step["encrypted_data"] == encrypted


def test_iv_of_chip_authentication_mapping(doc9303: dict[str, dict[str, bytes]]) -> None:
    """Doc 9303-11 I.1: IV = E(KSenc, -1), and the chip authentication data under it."""
    run = doc9303["I.1"]
    iv = encrypt_block(Cipher.AES_128, run["ks_enc"], b"\xff" * 16)
    assert run["iv"] == iv
    encrypted = run["encrypted_chip_authentication_data"]
    plain = decrypt_cbc(Cipher.AES_128, run["ks_enc"], iv, encrypted)
    assert run["decrypted_chip_authentication_data"] == plain[:32]


@given(st.binary(min_size=16, max_size=16), st.binary(min_size=8, max_size=8), st.data())
def test_3des_agrees_with_openssl(key: bytes, iv: bytes, data: st.DataObject) -> None:
    """Two-key 3DES of pycryptodome and of OpenSSL are the same function, whatever the parity."""
    assume(bytes(o | 1 for o in key[:8]) != bytes(o | 1 for o in key[8:]))
    blocks = data.draw(st.integers(0, 4))
    plain = data.draw(st.binary(min_size=8 * blocks, max_size=8 * blocks))
    other = ciphers.Cipher(TripleDES(key + key[:8]), modes.CBC(iv)).encryptor()
    assert other.update(plain) + other.finalize() == encrypt_cbc(Cipher.TDES, key, iv, plain)


@given(st.sampled_from(Cipher), st.data())
def test_round_trip(cipher: Cipher, data: st.DataObject) -> None:
    """What was encrypted decrypts, and the length does not change."""
    key = bytes(range(cipher.key_length))
    iv = data.draw(st.binary(min_size=cipher.block_length, max_size=cipher.block_length))
    plain = data.draw(st.binary(max_size=4)) * cipher.block_length
    encrypted = encrypt_cbc(cipher, key, iv, plain)
    assert len(plain) == len(encrypted)
    assert plain == decrypt_cbc(cipher, key, iv, encrypted)


@pytest.mark.parametrize("cipher", Cipher, ids=lambda c: c.value)
@pytest.mark.parametrize("difference", [-1, 1, 8])
def test_key_of_another_length_is_refused(cipher: Cipher, difference: int) -> None:
    """Too short or too long, also where it would fit another variant of AES or three-key 3DES."""
    key = bytes(range(cipher.key_length + difference))
    with pytest.raises(InvalidKey, match="key_length"):
        encrypt_cbc(cipher, key, bytes(cipher.block_length), b"")


@pytest.mark.parametrize("parity", [0, 1])
def test_degenerate_3des_key_is_refused(parity: int) -> None:
    """Halves that differ in parity bits only are the same key: single DES."""
    half = bytes(range(0, 16, 2))
    other = bytes(octet | parity for octet in half)
    with pytest.raises(InvalidKey, match="degenerate_3des_key"):
        check_key(Cipher.TDES, half + other)


@pytest.mark.parametrize("cipher", Cipher, ids=lambda c: c.value)
def test_wrong_lengths_of_iv_and_data_are_refused(cipher: Cipher) -> None:
    """The IV is one block, the data whole blocks, the single block exactly one."""
    key, block = bytes(range(cipher.key_length)), bytes(cipher.block_length)
    with pytest.raises(InvalidKey, match="iv_length"):
        encrypt_cbc(cipher, key, block[1:], block)
    with pytest.raises(InvalidPadding, match="whole_blocks"):
        encrypt_cbc(cipher, key, block, block + b"\x00")
    with pytest.raises(InvalidPadding, match="whole_blocks"):
        decrypt_cbc(cipher, key, block, block[1:])
    with pytest.raises(InvalidPadding, match="one_block"):
        encrypt_block(cipher, key, block + block)
