"""The suites of PACE that libeac is driven through, and the two mappings as it is driven.

libeac's integrated mapping is that of a draft (``docs/reference/interop.md``). What stands here
in its place is a third reading of Doc 9303-11 §4.4.3.3.2 and Appendix B.3, apart from the one of
``ecid_crypto.mapping``, which follows Appendix B.2.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

import pytest

from ecid.lds.protocol_oids import PACE
from ecid_crypto.cipher import Cipher, decrypt_cbc, encrypt_cbc
from ecid_crypto.curves import Curve, standardised_curve
from ecid_crypto.dh import standardised_group
from libeac import GROUPS, EacContext

CIPHERS = {"1": Cipher.TDES, "2": Cipher.AES_128, "3": Cipher.AES_192, "4": Cipher.AES_256}
CURVES = range(8, 19)
_NO_INTEGRATED_MAPPING = 10
_VARIANTS = {"1": ("GM", GROUPS), "2": ("GM", CURVES), "3": ("IM", GROUPS), "4": ("IM", CURVES)}

_C_128 = ("a668892a7c41e3ca739f40b057d85904", "a4e136ac725f738b01c1f60217c188ad")
_C_256 = (
    "d463d65234124ef7897054986dca0a174e28df758cbaa03f240616414d5a1676",
    "54bd7255f0aaf831bec3423fcf39d69b6cbf066677d0faae5aadd99df8e53517",
)


@dataclass(frozen=True, slots=True)
class Suite:
    """Protocol, cipher and standardised domain parameters of one run of PACE."""

    oid: str
    parameter_id: int

    @property
    def mapping(self) -> str:
        """Return GM or IM."""
        return _VARIANTS[self.oid.split(".")[-2]][0]

    @property
    def cipher(self) -> Cipher:
        """Return the cipher that the last arc names."""
        return CIPHERS[self.oid.split(".")[-1]]

    @property
    def agreement(self) -> str:
        """Return DH or ECDH."""
        return "DH" if self.parameter_id in GROUPS else "ECDH"

    def __str__(self) -> str:
        return f"{self.agreement}-{self.mapping}-{self.cipher.name}-{self.parameter_id}"


SUITES = tuple(
    Suite(f"{PACE}.{variant}.{cipher}", number)
    for variant, (mapping, numbers) in _VARIANTS.items()
    for cipher in CIPHERS
    for number in numbers
    if mapping == "GM" or number != _NO_INTEGRATED_MAPPING
)
"""Every suite of Doc 9303-11 but those with Chip Authentication Mapping, which libeac lacks."""


class Numbered(Protocol):
    """What has standardised domain parameters."""

    @property
    def parameter_id(self) -> int:
        """Return their number."""
        ...


def cases(numbered: Iterable[Numbered]) -> list[object]:
    """Return the parameters of a test, by name; the groups of 2048 bits take their time."""
    return [
        pytest.param(item, id=str(item), marks=[pytest.mark.slow] * (item.parameter_id in (1, 2)))
        for item in numbered
    ]


def map_integrated(side: EacContext, suite: Suite, t: bytes) -> None:
    """Map the nonce of ``side`` and the nonce ``t`` as Doc 9303-11 does.

    Over a finite field only the pseudo-random number is ours: a nonce is given to libeac that its
    one encryption turns into that number, and it raises it to the cofactor itself.
    """
    if suite.agreement == "DH":
        group = standardised_group(suite.parameter_id)
        number = pseudo_random(suite.cipher, side.nonce, t, group.p)
        wanted = number.to_bytes(group.field_length, "big")
        iv = bytes(suite.cipher.block_length)
        side.set_nonce(decrypt_cbc(suite.cipher, t, iv, wanted))
        side.map_generator(t)
        return
    curve = standardised_curve(suite.parameter_id)
    side.set_generator(encode_number(curve, pseudo_random(suite.cipher, side.nonce, t, curve.p)))


def nonce_length(cipher: Cipher) -> int:
    """Return the length of the nonce of the integrated mapping: l is at least k (§4.4.3.3)."""
    return -(-cipher.key_length // cipher.block_length) * cipher.block_length


def pseudo_random(cipher: Cipher, s: bytes, t: bytes, p: int) -> int:
    """Return R(s, t) modulo ``p`` (§4.4.3.3.2, figure 2)."""
    c0, c1 = map(bytes.fromhex, _C_256 if cipher in (Cipher.AES_192, Cipher.AES_256) else _C_128)
    iv, parts, bits = bytes(cipher.block_length), [], 8 * len(s)
    key = encrypt_cbc(cipher, t, iv, s)[: cipher.key_length]
    for _ in range(-(-(p.bit_length() + 64) // bits)):
        parts.append(encrypt_cbc(cipher, key, iv, c1))
        key = encrypt_cbc(cipher, key, iv, c0)[: cipher.key_length]
    return int.from_bytes(b"".join(parts), "big") % p


def encode_number(curve: Curve, t: int) -> bytes:
    """Return the point of ``t``, computed in Jacobian coordinates (Appendix B.3)."""
    p, a, b = curve.p, curve.a, curve.b
    alpha = -t * t % p
    z = a * (alpha + alpha**2) % p
    x2 = -b * z * (1 + alpha + alpha**2) % p
    h2 = (x2**3 + a * x2 * z**4 + b * z**6) % p
    power = pow(h2, p - 1 - (p + 1) // 4, p)
    if power**2 * h2 % p == 1:
        x, y = x2, power * h2 % p
    else:
        x, y = alpha * x2 % p, power * -alpha * t * h2 % p
    length = (p.bit_length() + 7) // 8
    affine = (x * pow(z, -2, p) % p, y * pow(z, -3, p) % p)
    return b"\x04" + b"".join(number.to_bytes(length, "big") for number in affine)
