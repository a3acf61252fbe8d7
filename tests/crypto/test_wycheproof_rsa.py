"""Wycheproof: RSASSA-PKCS1-v1_5 and RSASSA-PSS."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from ecid_crypto.errors import CryptoError
from ecid_crypto.hashes import Hash
from ecid_crypto.public_key import RsaPublicKey
from ecid_crypto.signature import RsaPkcs1v15, RsaPss, Scheme, verify

Reader = Callable[[str], dict[str, Any]]

PKCS1 = [
    f"rsa_signature_{size}_sha{bits}"
    for size, functions in ((2048, (224, 256, 384, 512)), (3072, (256, 384, 512)))
    for bits in functions
] + [f"rsa_signature_4096_sha{bits}" for bits in (256, 384, 512)]

PSS = [
    "rsa_pss_2048_sha1_mgf1_20",
    "rsa_pss_2048_sha1_mgf1_20_params",
    "rsa_pss_2048_sha256_mgf1_0",
    "rsa_pss_2048_sha256_mgf1_0_params",
    "rsa_pss_2048_sha256_mgf1_32",
    "rsa_pss_2048_sha256_mgf1_32_params",
    "rsa_pss_2048_sha256_mgf1sha1_20",
    "rsa_pss_2048_sha384_mgf1_48",
    "rsa_pss_2048_sha512_mgf1sha256_32_params",
    "rsa_pss_3072_sha256_mgf1_32",
    "rsa_pss_3072_sha256_mgf1_32_params",
    "rsa_pss_4096_sha256_mgf1_32",
    "rsa_pss_4096_sha384_mgf1_48",
    "rsa_pss_4096_sha512_mgf1_32",
    "rsa_pss_4096_sha512_mgf1_32_params",
    "rsa_pss_4096_sha512_mgf1_64",
    "rsa_pss_4096_sha512_mgf1_64_params",
    "rsa_pss_misc",
    "rsa_pss_misc_params",
]

# A DigestInfo without the NULL parameter is "acceptable" to Wycheproof. RFC 8017 §9.2 compares
# with the one DER encoding, so we refuse; a profile that tolerates it would have another name.
ACCEPTABLE = {"MissingNull": "invalid"}


def wrong_answers(content: dict[str, Any], scheme: Callable[[dict[str, Any]], Scheme]) -> list[int]:
    """Return the numbers of the tests we answer otherwise than we should."""
    return [
        test["tcId"]
        for group in content["testGroups"]
        for test in group["tests"]
        if _wanted(test) != _judge(scheme(group), _key(group), test)
    ]


def _key(group: dict[str, Any]) -> RsaPublicKey:
    numbers = group["publicKey"]
    return RsaPublicKey(int(numbers["modulus"], 16), int(numbers["publicExponent"], 16))


def _pss(group: dict[str, Any]) -> RsaPss:
    return RsaPss(Hash(group["sha"]), Hash(group["mgfSha"]), group["sLen"])


def _wanted(test: dict[str, Any]) -> str:
    if test["result"] != "acceptable":
        return str(test["result"])
    (flag,) = test["flags"]
    return ACCEPTABLE[flag]


def _judge(scheme: Scheme, key: RsaPublicKey, test: dict[str, Any]) -> str:
    try:
        verify(scheme, key, bytes.fromhex(test["sig"]), bytes.fromhex(test["msg"]))
    except CryptoError:
        return "invalid"
    return "valid"


@pytest.mark.parametrize("name", PKCS1)
def test_pkcs1(name: str, wycheproof: Reader) -> None:
    """Valid: accepted; invalid: refused; acceptable: see ``ACCEPTABLE``."""
    content = wycheproof(name)
    assert wrong_answers(content, lambda group: RsaPkcs1v15(Hash(group["sha"]))) == []


@pytest.mark.parametrize("name", PSS)
def test_pss(name: str, wycheproof: Reader) -> None:
    """Valid: accepted; invalid, so also another length of the salt: refused."""
    assert wrong_answers(wycheproof(name), _pss) == []


def test_no_file_is_left_out(wycheproof_names: Callable[[str], list[str]]) -> None:
    """The lists above are all there is; DSA is not used in Doc 9303."""
    assert sorted(PKCS1) == wycheproof_names("rsa_signature_")
    assert sorted(PSS) == wycheproof_names("rsa_pss_")


def test_only_one_thing_is_acceptable(wycheproof: Reader) -> None:
    """One test in each file of PKCS #1 v1.5, so the choice above is exercised in all of them."""
    results = {
        name: Counter(
            test["result"] for group in wycheproof(name)["testGroups"] for test in group["tests"]
        )["acceptable"]
        for name in PKCS1 + PSS
    }
    assert {name: int(name in PKCS1) for name in PKCS1 + PSS} == results
