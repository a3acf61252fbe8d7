"""Wycheproof: DSA, in DER. Its one "acceptable" test is a number without its leading zero byte."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ecid_crypto.errors import CryptoError
from ecid_crypto.hashes import Hash
from ecid_crypto.public_key import DsaPublicKey
from ecid_crypto.signature import Dsa, verify

pytestmark = pytest.mark.slow

Reader = Callable[[str], dict[str, Any]]

NAMES = ["dsa_2048_224_sha224", "dsa_2048_256_sha256", "dsa_3072_256_sha256"]

# Decided in docs/decisions/0008: such an r is a negative INTEGER, and r has to be positive.
ACCEPTABLE = {"MissingZero": "invalid"}


def wrong_answers(content: dict[str, Any]) -> list[int]:
    """Return the numbers of the tests we answer otherwise than we should."""
    return [
        test["tcId"]
        for group in content["testGroups"]
        for test in group["tests"]
        if _wanted(test) != _judge(group, test)
    ]


def _wanted(test: dict[str, Any]) -> str:
    if test["result"] != "acceptable":
        return str(test["result"])
    (flag,) = test["flags"]
    return ACCEPTABLE[flag]


def _judge(group: dict[str, Any], test: dict[str, Any]) -> str:
    key = DsaPublicKey(*(int(group["publicKey"][name], 16) for name in "pqgy"))
    try:
        scheme = Dsa(Hash(group["sha"]))
        verify(scheme, key, bytes.fromhex(test["sig"]), bytes.fromhex(test["msg"]))
    except CryptoError:
        return "invalid"
    return "valid"


@pytest.mark.parametrize("name", NAMES)
def test_dsa(name: str, wycheproof: Reader) -> None:
    """Valid: accepted; invalid: refused; acceptable: see ``ACCEPTABLE``."""
    assert wrong_answers(wycheproof(name)) == []


def test_no_file_is_left_out(wycheproof_names: Callable[[str], list[str]]) -> None:
    """The list above is all there is."""
    assert wycheproof_names("dsa_") == NAMES
