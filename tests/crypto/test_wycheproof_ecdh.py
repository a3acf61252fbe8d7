"""Wycheproof: ECDH, points as such and points in a SubjectPublicKeyInfo.

Reading a SubjectPublicKeyInfo is not the business of this package. Where it is byte for byte
the plain form (id-ecPublicKey, the named curve, a BIT STRING), the point is taken out of it and
tested; what is skipped is counted, and none of it is "valid".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from ecid_crypto.curves import Curve, curve_by_name, decode_point
from ecid_crypto.ec_key import EcPrivateKey
from ecid_crypto.errors import CryptoError

pytestmark = pytest.mark.slow

Reader = Callable[[str], dict[str, Any]]

POINTS = ["secp224r1", "secp256r1", "secp384r1", "secp521r1"]
# Tests run and tests skipped. Skipped are: malformed ASN.1 (most), explicit parameters, another
# curve than that of the private key, compressed points: questions for the parser of keys.
INFOS = {
    "brainpoolP224r1": (519, 268),
    "brainpoolP256r1": (537, 267),
    "brainpoolP320r1": (509, 262),
    "brainpoolP384r1": (661, 275),
    "brainpoolP512r1": (531, 263),
    "secp224r1": (459, 255),
    "secp256r1": (350, 262),
    "secp384r1": (791, 256),
    "secp521r1": (652, 264),
}
SLOW = ("brainpoolP320r1", "brainpoolP384r1", "brainpoolP512r1")


def our_curve(name: str) -> Curve:
    """Return the curve Wycheproof calls ``name``."""
    nist = {f"secp{bits}r1": f"P-{bits}" for bits in (224, 256, 384, 521)}
    return curve_by_name(nist.get(name, name))


def judge(curve: Curve, encoded: bytes, test: dict[str, Any]) -> str:
    """Return "valid" if the shared secret is the expected one, else "invalid"."""
    try:
        key = EcPrivateKey.from_scalar(curve, int(test["private"], 16))
        secret = key.shared_secret(decode_point(curve, encoded))
    except CryptoError:
        return "invalid"
    return "valid" if secret.hex() == test["shared"] else "wrong secret"


def wanted(test: dict[str, Any]) -> str:
    """Return what ``judge`` has to say; what Wycheproof calls acceptable is refused here."""
    return "invalid" if test["result"] == "acceptable" else str(test["result"])


@pytest.mark.parametrize("name", POINTS)
def test_points(name: str, wycheproof: Reader) -> None:
    """Valid: the secret is right; invalid: refused; acceptable, a compressed point: refused.

    Doc 9303-11 §9.4 has uncompressed points only.
    """
    curve = our_curve(name)
    wrong = []
    for group in wycheproof(f"ecdh_{name}_ecpoint")["testGroups"]:
        for test in group["tests"]:
            if wanted(test) != judge(curve, bytes.fromhex(test["public"]), test):
                wrong.append(test["tcId"])
    assert wrong == []


@pytest.mark.parametrize(
    "name",
    [pytest.param(n, marks=pytest.mark.slow) if n in SLOW else n for n in INFOS],
)
def test_infos(name: str, wycheproof: Reader) -> None:
    """As above for the plain form; everything else is counted and belongs to the parser.

    Acceptable here: bytes after the point, and a last byte so changed that the point is off the
    curve with the secret of the right one; both are refused.
    """
    curve = our_curve(name)
    header = _plain_header(curve)
    wrong, skipped = [], Counter[str]()
    run = 0
    for group in wycheproof(f"ecdh_{name}")["testGroups"]:
        for test in group["tests"]:
            public = bytes.fromhex(test["public"])
            if not public.startswith(header):
                skipped[test["result"]] += 1
                continue
            run += 1
            if wanted(test) != judge(curve, public[len(header) :], test):
                wrong.append(test["tcId"])
    assert wrong == []
    assert INFOS[name] == (run, skipped.total())
    assert skipped["valid"] == 0


def _plain_header(curve: Curve) -> bytes:
    """Return everything that stands before the point in the plain SubjectPublicKeyInfo."""
    point_length = 1 + 2 * curve.field_length
    algorithm = _der(0x30, _oid("1.2.840.10045.2.1") + _oid(curve.oid))
    whole = _der(0x30, algorithm + _der(0x03, bytes(1 + point_length)))
    return whole[:-point_length]


def _oid(dotted: str) -> bytes:
    first, second, *rest = (int(arc) for arc in dotted.split("."))
    content = bytes([40 * first + second])
    for arc in rest:
        septets = [arc & 0x7F]
        while arc := arc >> 7:
            septets.insert(0, arc & 0x7F | 0x80)
        content += bytes(septets)
    return _der(0x06, content)


def _der(tag: int, content: bytes) -> bytes:
    length = bytes([len(content)])
    if len(content) > 0x7F:
        length = b"\x81" + length
    return bytes([tag]) + length + content


def test_no_file_is_left_out(wycheproof_names: Callable[[str], list[str]]) -> None:
    """The lists above are all there is."""
    names = [f"ecdh_{name}_ecpoint" for name in POINTS] + [f"ecdh_{name}" for name in INFOS]
    assert sorted(names) == wycheproof_names("ecdh_")
