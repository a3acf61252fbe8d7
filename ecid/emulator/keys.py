"""Private keys of emulated chips and issuers, as numbers, with PKCS#8 (RFC 5208) in and out.

They are throw-away keys that anybody can compute from the seed; the arithmetic on them may be
plain Python. `cryptography` cannot read keys with explicit curve parameters, which published
test chips have, so elliptic curve keys are parsed here.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from Crypto.PublicKey import RSA

from ecid.encoding import der_write as w
from ecid.encoding.oid import EC_PUBLIC_KEY, decode_oid
from ecid.encoding.spki import parse_ec_parameters, write_spki
from ecid.encoding.tlv import Tlv, children, parse_one
from ecid.errors import MalformedData, UnsupportedData
from ecid_crypto.curves import Curve, curve_by_oid
from ecid_crypto.ec_key import EcPrivateKey
from ecid_crypto.errors import CryptoError
from ecid_crypto.public_key import EcPublicKey, RsaPublicKey
from ecid_crypto.rng import Rng

_WHERE = "PKCS8"


@dataclass(frozen=True, slots=True)
class EcSecret:
    """A private scalar, 1 <= scalar < n, on a curve of prime order."""

    curve: Curve
    scalar: int = field(repr=False)

    @property
    def key(self) -> EcPrivateKey:
        """Return the key that agrees and multiplies."""
        return EcPrivateKey.from_scalar(self.curve, self.scalar)

    @property
    def public(self) -> EcPublicKey:
        """Return the public key."""
        return EcPublicKey(self.curve, self.key.public_point())


@dataclass(frozen=True, slots=True)
class RsaSecret:
    """An RSA private key: modulus, public and private exponent and the two primes."""

    n: int
    e: int
    d: int = field(repr=False)
    p: int = field(repr=False)
    q: int = field(repr=False)

    @property
    def public(self) -> RsaPublicKey:
        """Return the public key."""
        return RsaPublicKey(self.n, self.e)


Secret = EcSecret | RsaSecret
"""Any private key an emulated chip or issuer may have."""


def generate_ec(curve: Curve, rng: Rng) -> EcSecret:
    """Return a new key by rejection sampling, ``curve.order_length`` bytes a try."""
    surplus = 8 * curve.order_length - curve.n.bit_length()
    while True:
        scalar = int.from_bytes(rng(curve.order_length), "big") >> surplus
        if 1 <= scalar < curve.n:
            return EcSecret(curve, scalar)


def generate_rsa(bits: int, rng: Rng) -> RsaSecret:
    """Return a new RSA key of ``bits`` bits, e = 65537; the same ``rng`` gives the same key."""
    return _from_rsa(RSA.generate(bits, randfunc=rng))


def to_pkcs8(secret: Secret, *, explicit: bool = False) -> bytes:
    """Return the unencrypted PKCS#8 of ``secret``; the curve is named unless ``explicit``."""
    if isinstance(secret, RsaSecret):
        return bytes(_to_rsa(secret).export_key(format="DER", pkcs=8))
    public = write_spki(secret.public, explicit)
    algorithm, point = children(parse_one(public, 0x30, _WHERE))
    scalar = secret.scalar.to_bytes(secret.curve.order_length, "big")
    inner = w.seq(w.integer(1), w.octets(scalar), w.explicit(1, point.raw))
    return w.seq(w.integer(0), algorithm.raw, w.octets(inner))


def from_pkcs8(der: bytes) -> Secret:
    """Return the key of an unencrypted PKCS#8 object: RSA, or EC with a named or explicit curve.

    Raises ``MalformedData("PKCS8", rule)`` or ``UnsupportedData``.
    """
    outer = children(parse_one(der, 0x30, _WHERE))
    if len(outer) < 3 or [part.tag for part in outer[:3]] != [0x02, 0x30, 0x04]:
        raise MalformedData(_WHERE, "not_pkcs8")
    algorithm = children(outer[1])
    if algorithm and decode_oid(algorithm[0].value, _WHERE) == EC_PUBLIC_KEY:
        return _ec_secret(algorithm, outer[2].value)
    try:
        return _from_rsa(RSA.import_key(der))
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


def _curve(parameters: Tlv) -> Curve:
    if parameters.tag == 0x30:
        return parse_ec_parameters(parameters.raw, _WHERE)[0]
    try:
        return curve_by_oid(decode_oid(parameters.value, _WHERE))
    except CryptoError as exc:
        raise UnsupportedData(_WHERE, "curve") from exc


def _from_rsa(key: RSA.RsaKey) -> RsaSecret:
    return RsaSecret(int(key.n), int(key.e), int(key.d), int(key.p), int(key.q))


def _to_rsa(secret: RsaSecret) -> RSA.RsaKey:
    return RSA.construct((secret.n, secret.e, secret.d, secret.p, secret.q))
