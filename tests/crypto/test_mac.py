"""Message authentication codes against RFC 4493, SP 800-38B and Doc 9303-11 Appendix D."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecid_crypto import mac as macs
from ecid_crypto.cipher import Cipher
from ecid_crypto.errors import CryptoError, InvalidKey, InvalidMac, InvalidPadding
from ecid_crypto.padding import pad

MESSAGE = bytes.fromhex(
    "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
    "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710"
)
AES_128 = "2b7e151628aed2a6abf7158809cf4f3c"
AES_192 = "8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b"
AES_256 = "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4"
TDES_KEY = bytes(range(16))


@pytest.mark.parametrize(
    ("key", "length", "full"),
    [
        (AES_128, 0, "bb1d6929e95937287fa37d129b756746"),
        (AES_128, 16, "070a16b46b4d4144f79bdd9dd04a287c"),
        (AES_128, 40, "dfa66747de9ae63030ca32611497c827"),
        (AES_128, 64, "51f0bebf7e3b9d92fc49741779363cfe"),
        (AES_192, 0, "d17ddf46adaacde531cac483de7a9367"),
        (AES_192, 16, "9e99a7bf31e710900662f65e617c5184"),
        (AES_256, 0, "028962f61b7bf89efc6b551f4667d983"),
        (AES_256, 16, "28a7023f452e8f82bd4bf28d8c37c35c"),
    ],
)
def test_cmac_examples(key: str, length: int, full: str) -> None:
    """RFC 4493 §4 and SP 800-38B Appendix D: the leftmost 8 bytes."""
    assert full[:16] == macs.cmac(bytes.fromhex(key), MESSAGE[:length]).hex()


def test_mac_of_mutual_authentication(doc9303: dict[str, dict[str, bytes]]) -> None:
    """Doc 9303-11 D.3: M.IFD over E.IFD and M.IC over E.IC."""
    key, run = doc9303["D.2.keys"]["k_mac"], doc9303["D.3"]
    assert run["m_ifd"] == macs.mac(Cipher.TDES, key, run["e_ifd"])
    assert run["m_ic"] == macs.mac(Cipher.TDES, key, run["e_ic"])


@pytest.mark.parametrize("step", ["D.4.1", "D.4.2", "D.4.3"])
def test_mac_of_secure_messaging(step: str, doc9303: dict[str, dict[str, bytes]]) -> None:
    """Doc 9303-11 D.4: the codes of command and response, over padded data."""
    key, values = doc9303["D.3"]["ks_mac"], doc9303[step]
    assert values["cc"] == macs.mac_padded(Cipher.TDES, key, values["n"])
    assert values["cc_computed"] == macs.retail_mac(key, values["k"])


def test_recorded_retail_macs(transcripts: dict[str, Any]) -> None:
    """ISO/IEC 9797-1 algorithm 3 over recorded messages; wrong lengths are refused."""
    expected = {"valid": 4, "invalid": 3}
    seen = {"valid": 0, "invalid": 0}
    for case in transcripts["iso9797_1_mac_algorithm_3"]:
        key, padded = bytes.fromhex(case["key"]), bytes.fromhex(case["padded_data"])
        if case["expected"] == "valid":
            assert case["mac"] == macs.retail_mac(key, padded).hex().upper()
        else:
            with pytest.raises(CryptoError):
                macs.retail_mac(key, padded)
        seen[case["expected"]] += 1
    assert expected == seen


@pytest.mark.parametrize("padded", [b"", b"\x80", bytes(9)])
def test_retail_mac_wants_whole_blocks(padded: bytes) -> None:
    """The caller pads; nothing at all is not a message."""
    with pytest.raises(InvalidPadding):
        macs.retail_mac(TDES_KEY, padded)
    with pytest.raises(InvalidPadding):
        macs.mac_padded(Cipher.TDES, TDES_KEY, padded)
    with pytest.raises(InvalidPadding):
        macs.mac_padded(Cipher.AES_128, TDES_KEY, padded)


def test_key_must_fit_the_cipher() -> None:
    """A 16-byte key is no key of AES-256, equal halves are no key of the retail MAC."""
    with pytest.raises(InvalidKey):
        macs.mac(Cipher.AES_256, TDES_KEY, b"")
    with pytest.raises(InvalidKey):
        macs.mac_padded(Cipher.AES_256, TDES_KEY, bytes(16))
    with pytest.raises(InvalidKey):
        macs.cmac(bytes(17), b"")
    with pytest.raises(InvalidKey, match="degenerate"):
        macs.retail_mac(bytes(16), bytes(8))


@given(st.sampled_from(Cipher), st.binary(max_size=70))
def test_mac_is_mac_padded_of_the_padded_message_for_3des_only(
    cipher: Cipher, message: bytes
) -> None:
    """AES pads inside CMAC, so padding first gives another code there."""
    key = bytes(range(cipher.key_length))
    same = macs.mac(cipher, key, message) == macs.mac_padded(
        cipher, key, pad(message, cipher.block_length)
    )
    assert (cipher is Cipher.TDES) == same


def test_equal_codes_verify() -> None:
    """Silence means yes."""
    macs.verify(b"12345678", b"12345678")


@given(st.binary(max_size=10))
def test_other_codes_do_not_verify(received: bytes) -> None:
    """Any other bytes, of any length, are refused with ``InvalidMac``."""
    if received != b"12345678":
        with pytest.raises(InvalidMac):
            macs.verify(b"12345678", received)


@pytest.mark.parametrize("length", [0, 4, 7, 16])
def test_shortened_codes_never_verify(length: int) -> None:
    """Equal but not 8 bytes: an empty code must not pass because both are empty."""
    with pytest.raises(CryptoError, match="mac_length"):
        macs.verify(bytes(length), bytes(length))
