"""Wycheproof: ECDSA, in DER and as r || s. None of its results is "acceptable" here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import pytest

from ecid_crypto.curves import CURVES, curve_by_name, decode_point
from ecid_crypto.errors import CryptoError
from ecid_crypto.hashes import Hash
from ecid_crypto.public_key import EcPublicKey
from ecid_crypto.signature import Ecdsa, verify

pytestmark = pytest.mark.slow

Reader = Callable[[str], dict[str, Any]]

NAMES = [
    "brainpoolP224r1_sha224",
    "brainpoolP256r1_sha256",
    "brainpoolP320r1_sha384",
    "brainpoolP384r1_sha384",
    "brainpoolP512r1_sha512",
    "secp192r1_sha256",
    "secp224r1_sha224",
    "secp224r1_sha256",
    "secp224r1_sha512",
    "secp256r1_sha256",
    "secp256r1_sha512",
    "secp384r1_sha256",
    "secp384r1_sha384",
    "secp384r1_sha512",
    "secp521r1_sha512",
]
# The one of these without a file of plain signatures.
NO_PLAIN = "secp384r1_sha256"


def wrong_answers(content: dict[str, Any], encoding: Literal["der", "plain"]) -> list[int]:
    """Return the numbers of the tests we answer otherwise than Wycheproof."""
    wrong = []
    for group in content["testGroups"]:
        curve = curve_by_name(_our_name(group["publicKey"]["curve"]))
        point = decode_point(curve, bytes.fromhex(group["publicKey"]["uncompressed"]))
        scheme, key = Ecdsa(Hash(group["sha"]), encoding), EcPublicKey(curve, point)
        wrong += [t["tcId"] for t in group["tests"] if t["result"] != _judge(scheme, key, t)]
    return wrong


def _our_name(curve: str) -> str:
    nist = {f"secp{bits}r1": f"P-{bits}" for bits in (192, 224, 256, 384, 521)}
    return nist.get(curve, curve)


def _judge(scheme: Ecdsa, key: EcPublicKey, test: dict[str, Any]) -> str:
    try:
        verify(scheme, key, bytes.fromhex(test["sig"]), bytes.fromhex(test["msg"]))
    except CryptoError:
        return "invalid"
    return "valid"


@pytest.mark.parametrize("name", NAMES)
def test_der(name: str, wycheproof: Reader) -> None:
    """Valid: accepted; invalid, so also whatever is BER and not DER: refused."""
    content = wycheproof(f"ecdsa_{name}")
    assert wrong_answers(content, "der") == []


@pytest.mark.parametrize("name", [name for name in NAMES if name != NO_PLAIN])
def test_plain(name: str, wycheproof: Reader) -> None:
    """Valid: accepted; invalid, so also every other length: refused."""
    content = wycheproof(f"ecdsa_{name}_p1363")
    assert wrong_answers(content, "plain") == []


def test_no_file_is_left_out(wycheproof_names: Callable[[str], list[str]]) -> None:
    """The list above is all there is."""
    plain = [f"ecdsa_{name}_p1363" for name in NAMES if name != NO_PLAIN]
    der = [f"ecdsa_{name}" for name in NAMES]
    assert sorted(plain + der) == wycheproof_names("ecdsa_")


def test_names_of_curves_are_known() -> None:
    """The translation of names does not miss."""
    assert {_our_name(name.split("_")[0]) for name in NAMES} <= set(CURVES)
