"""Finite-field public keys as DG14 carries them (Doc 9303-11 §9.2.6; PKCS #3, RFC 3279 §2.3.3)."""

from __future__ import annotations

from ecid.encoding import der_write as w
from ecid.encoding.oid import DH_PUBLIC_NUMBER
from ecid_crypto.dh import DhGroup, DhPublicKey

DH_KEY_AGREEMENT = "1.2.840.113549.1.3.1"
"""dhKeyAgreement of PKCS #3: parameters p and g, without the order."""


def write_dh_spki(key: DhPublicKey, *, pkcs3: bool = False) -> bytes:
    """Return the SubjectPublicKeyInfo of ``key``: X9.42, or PKCS #3 if asked for or without q."""
    return w.seq(dh_algorithm(key.group, pkcs3=pkcs3), w.bits(w.integer(key.y)))


def dh_algorithm(group: DhGroup, *, pkcs3: bool = False) -> bytes:
    """Return the AlgorithmIdentifier of a key in ``group``."""
    if pkcs3 or group.q is None:
        return w.seq(w.oid(DH_KEY_AGREEMENT), w.seq(w.integer(group.p), w.integer(group.g)))
    numbers = (w.integer(group.p), w.integer(group.g), w.integer(group.q))
    return w.seq(w.oid(DH_PUBLIC_NUMBER), w.seq(*numbers))
