"""Private keys as PKCS#8 files (RFC 5208), in and out.

`cryptography` cannot read keys with explicit curve parameters, which published test chips have,
so elliptic curve keys are parsed here.
"""

from __future__ import annotations

from Crypto.PublicKey import RSA

from ecid.emulator.keys import (
    AgreementSecret,
    DhSecret,
    EcSecret,
    RsaSecret,
    Secret,
    from_library,
    to_library,
)
from ecid.emulator.personalise.dh_keys import DH_KEY_AGREEMENT, dh_algorithm
from ecid.encoding import der_write as w
from ecid.encoding.oid import DH_PUBLIC_NUMBER, EC_PUBLIC_KEY, decode_oid
from ecid.encoding.spki import parse_ec_parameters, write_spki
from ecid.encoding.tlv import Tlv, children, parse_one
from ecid.errors import MalformedData, UnsupportedData
from ecid_crypto.curves import Curve, curve_by_oid
from ecid_crypto.dh import DhPrivateKey, group_by_parameters
from ecid_crypto.errors import CryptoError

_WHERE = "PKCS8"


def to_pkcs8(secret: Secret | AgreementSecret, *, explicit: bool = False) -> bytes:
    """Return the unencrypted PKCS#8 of ``secret``; the curve is named unless ``explicit``."""
    if isinstance(secret, RsaSecret):
        return bytes(to_library(secret).export_key(format="DER", pkcs=8))
    if isinstance(secret, DhSecret):
        inner = w.octets(w.integer(secret.exponent))
        return w.seq(w.integer(0), dh_algorithm(secret.group), inner)
    public = write_spki(secret.public, explicit)
    algorithm, point = children(parse_one(public, 0x30, _WHERE))
    scalar = secret.scalar.to_bytes(secret.curve.order_length, "big")
    inner = w.seq(w.integer(1), w.octets(scalar), w.explicit(1, point.raw))
    return w.seq(w.integer(0), algorithm.raw, w.octets(inner))


def from_pkcs8(der: bytes) -> Secret | DhSecret:
    """Return the key of an unencrypted PKCS#8 object: RSA, EC with a named or explicit curve, DH.

    Raises ``MalformedData("PKCS8", rule)`` or ``UnsupportedData``.
    """
    outer = children(parse_one(der, 0x30, _WHERE))
    if len(outer) < 3 or [part.tag for part in outer[:3]] != [0x02, 0x30, 0x04]:
        raise MalformedData(_WHERE, "not_pkcs8")
    algorithm = children(outer[1])
    dotted = decode_oid(algorithm[0].value, _WHERE) if algorithm else ""
    if dotted == EC_PUBLIC_KEY:
        return _ec_secret(algorithm, outer[2].value)
    if dotted in (DH_PUBLIC_NUMBER, DH_KEY_AGREEMENT):
        return _dh_secret(algorithm, outer[2].value)
    try:
        return from_library(RSA.import_key(der))
    except (ValueError, IndexError, TypeError) as exc:
        raise MalformedData(_WHERE, "not_rsa") from exc


def _ec_secret(algorithm: tuple[Tlv, ...], private: bytes) -> EcSecret:
    if len(algorithm) != 2:
        raise MalformedData(_WHERE, "curve_absent")
    curve = _curve(algorithm[1])
    cursor = parse_one(private, 0x30, _WHERE).cursor()
    cursor.read(0x02)
    scalar = int.from_bytes(cursor.read(0x04).value, "big")
    if not 1 <= scalar < curve.n:
        raise MalformedData(_WHERE, "scalar_range")
    return EcSecret(curve, scalar)


def _dh_secret(algorithm: tuple[Tlv, ...], private: bytes) -> DhSecret:
    """Return the key of RFC 3370 §4.1.1 (X9.42: p, g, q) or PKCS #3 (p, g and perhaps a length)."""
    if len(algorithm) != 2 or algorithm[1].tag != 0x30:
        raise MalformedData(_WHERE, "group_absent")
    p, g, *more = [int.from_bytes(part.value, "big") for part in children(algorithm[1])] + [0, 0]
    has_order = decode_oid(algorithm[0].value, _WHERE) == DH_PUBLIC_NUMBER
    exponent = int.from_bytes(parse_one(private, 0x02, _WHERE).value, "big")
    try:
        group = group_by_parameters(p, g, more[0] if has_order else None)
        DhPrivateKey(group, exponent)
    except CryptoError as exc:
        raise UnsupportedData(_WHERE, "group") from exc
    return DhSecret(group, exponent)


def _curve(parameters: Tlv) -> Curve:
    if parameters.tag == 0x30:
        return parse_ec_parameters(parameters.raw, _WHERE)[0]
    try:
        return curve_by_oid(decode_oid(parameters.value, _WHERE))
    except CryptoError as exc:
        raise UnsupportedData(_WHERE, "curve") from exc
