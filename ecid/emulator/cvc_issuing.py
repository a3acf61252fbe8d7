"""Card-verifiable certificates as an issuer writes them (TR-03110-3 App. C and D).

``CvcPlan`` is every field as a value: a test that needs a broken certificate replaces a field and
signs again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

from Crypto.Signature import pkcs1_15, pss

from ecid.emulator.keys import EcSecret, Secret, to_library
from ecid.emulator.plain_ecdsa import sign_ecdsa
from ecid.emulator.signing import DIGESTS
from ecid.encoding.oid import BSI_SMARTCARD, encode_oid
from ecid.encoding.tlv import encode
from ecid_crypto.curves import Curve, encode_point
from ecid_crypto.hashes import Hash
from ecid_crypto.public_key import EcPublicKey
from ecid_crypto.rng import Rng

ALGORITHMS: Mapping[str, tuple[str, str, Hash]] = MappingProxyType(
    {
        "RSA-SHA-1": ("1.1", "v1.5", Hash.SHA1),
        "RSA-SHA-256": ("1.2", "v1.5", Hash.SHA256),
        "RSA-PSS-SHA-1": ("1.3", "PSS", Hash.SHA1),
        "RSA-PSS-SHA-256": ("1.4", "PSS", Hash.SHA256),
        "RSA-SHA-512": ("1.5", "v1.5", Hash.SHA512),
        "RSA-PSS-SHA-512": ("1.6", "PSS", Hash.SHA512),
        "ECDSA-SHA-1": ("2.1", "plain", Hash.SHA1),
        "ECDSA-SHA-224": ("2.2", "plain", Hash.SHA224),
        "ECDSA-SHA-256": ("2.3", "plain", Hash.SHA256),
        "ECDSA-SHA-384": ("2.4", "plain", Hash.SHA384),
        "ECDSA-SHA-512": ("2.5", "plain", Hash.SHA512),
    }
)
"""The algorithms of Terminal Authentication by name: arcs below id-TA, kind and hash (§A.6)."""

CVCA, DV_DOMESTIC, DV_FOREIGN, TERMINAL = 0xC0, 0x80, 0x40, 0x00
"""The two highest bits of an authorisation: who the holder is (§C.4)."""

READ_DG3, READ_DG4 = 0x01, 0x02
"""The rights of an inspection system (§C.4.1)."""

INSPECTION_SYSTEM = "0.4.0.127.0.7.3.1.2.1"
"""id-IS, the only terminal type of version 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CvcPlan:
    """The fields of a certificate.

    ``authority`` and ``holder`` are references of 16 bytes at most; ``algorithm`` is that of the
    holder's key; ``explicit`` writes the curve out, as only a CVCA does; ``extra`` are complete
    objects after the dates.
    """

    authority: bytes
    holder: bytes
    key: Secret = field(repr=False)
    algorithm: str
    authorisation: int
    effective: date
    expiration: date
    explicit: bool = False
    terminal_type: str = INSPECTION_SYSTEM
    profile: int = 0
    extra: bytes = b""


def issue_cvc(plan: CvcPlan, signer: Secret, algorithm: str, rng: Rng) -> bytes:
    """Return the certificate 7F21 of ``plan``, signed with the issuer's key and ``algorithm``."""
    body = certificate_body(plan)
    return encode(0x7F21, body + encode(0x5F37, sign(signer, algorithm, body, rng)))


def certificate_body(plan: CvcPlan) -> bytes:
    """Return the body 7F4E, which is what is signed (§C.1)."""
    authorisation = bytes([plan.authorisation])
    template = encode(0x06, encode_oid(plan.terminal_type)) + encode(0x53, authorisation)
    return encode(
        0x7F4E,
        encode(0x5F29, bytes([plan.profile]))
        + encode(0x42, plan.authority)
        + public_key(plan.key, plan.algorithm, explicit=plan.explicit)
        + encode(0x5F20, plan.holder)
        + encode(0x7F4C, template)
        + encode(0x5F25, _digits(plan.effective))
        + encode(0x5F24, _digits(plan.expiration))
        + plan.extra,
    )


def public_key(key: Secret, algorithm: str, *, explicit: bool) -> bytes:
    """Return the public key object 7F49 (§D.3)."""
    oid = encode(0x06, encode_oid(f"{BSI_SMARTCARD}.2.{ALGORITHMS[algorithm][0]}"))
    public = key.public
    if not isinstance(public, EcPublicKey):
        return encode(0x7F49, oid + _unsigned(0x81, public.n) + _unsigned(0x82, public.e))
    before, after = _domain(public.curve) if explicit else (b"", b"")
    point = encode(0x86, encode_point(public.curve, public.point))
    return encode(0x7F49, oid + before + point + after)


def sign(key: Secret, algorithm: str, message: bytes, rng: Rng) -> bytes:
    """Return the signature of a certificate or of a terminal (§A.6); r || s for ECDSA."""
    _, kind, hash_function = ALGORITHMS[algorithm]
    if isinstance(key, EcSecret):
        return sign_ecdsa(key, hash_function, message, rng)
    digest = DIGESTS[hash_function].new(message)
    if kind == "PSS":
        return pss.new(to_library(key), rand_func=rng).sign(digest)
    return pkcs1_15.new(to_library(key)).sign(digest)


def _domain(curve: Curve) -> tuple[bytes, bytes]:
    """Return the domain parameters that stand before and after the point (§D.3.3)."""
    numbers = ((0x81, curve.p), (0x82, curve.a), (0x83, curve.b))
    before = b"".join(_unsigned(tag, number) for tag, number in numbers)
    before += encode(0x84, encode_point(curve, curve.g)) + _unsigned(0x85, curve.n)
    return before, _unsigned(0x87, curve.h)


def _unsigned(tag: int, number: int) -> bytes:
    return encode(tag, number.to_bytes((number.bit_length() + 7) // 8, "big"))


def _digits(day: date) -> bytes:
    """Return a day as six digits, one byte each (§D.2.1.3)."""
    return bytes(map(int, f"{day:%y%m%d}"))
