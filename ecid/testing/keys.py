"""Private keys for forged issuers, and signatures that no honest one makes.

    rsa_key("issuer", exponent=3)                   the same name is the same key, byte for byte
    ScriptedKey(rsa_key("issuer"), lambda hash_function, message: bytes(256))

Everything here is in plain integers and anybody can compute it: for tests only.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from math import gcd

from Crypto.Util.number import isPrime

from ecid.emulator.keys import EcSecret, RsaSecret, generate_ec
from ecid.emulator.signing import EcdsaKey, RsaKey, SigningKey
from ecid.encoding import der_write as w
from ecid.encoding.signature_algorithm import DSA_DER
from ecid_crypto.curves import Point, curve_by_name
from ecid_crypto.ec_key import EcPrivateKey
from ecid_crypto.hashes import Hash
from ecid_crypto.public_key import DsaPublicKey, EcPublicKey, PublicKey
from ecid_crypto.rng import Rng, SeededRng

Signing = Callable[[Hash, bytes], bytes]
"""Makes a signature of a hash function and a message."""


@dataclass(frozen=True, slots=True)
class ScriptedKey:
    """A key that signs in its own way, and may call its algorithm by another name.

    ``inner`` has the public key, ``signing`` makes the signature, ``identifier`` is the complete
    AlgorithmIdentifier (DER), that of ``inner`` if None.
    """

    inner: SigningKey = field(repr=False)
    signing: Signing | None = None
    identifier: bytes | None = field(default=None, repr=False)

    @property
    def public(self) -> PublicKey:
        """Return the public key of ``inner``."""
        return self.inner.public

    def sign(self, hash_function: Hash, message: bytes) -> bytes:
        """Return what ``signing`` makes."""
        return (self.signing or self.inner.sign)(hash_function, message)

    def algorithm(self, hash_function: Hash) -> bytes:
        """Return ``identifier``, whatever the hash."""
        if self.identifier is None:
            return self.inner.algorithm(hash_function)
        return self.identifier


# Elliptic curves.


@dataclass(frozen=True, slots=True)
class BareEcdsaKey:
    """ECDSA in plain integers (TR-03111 §4.2.1), on any curve and with any base point.

    With a ``base`` of one's own the public point can be somebody else's: see ``curveball``.
    """

    secret: EcSecret = field(repr=False)
    base: Point | None = None

    @property
    def public(self) -> PublicKey:
        """Return the public key: the scalar times the base point."""
        return EcPublicKey(self.secret.curve, self.secret.key.public_point(self.base))

    def numbers(self, hash_function: Hash, message: bytes) -> tuple[int, int]:
        """Return r and s; the nonce is derived from key and message."""
        curve, digest = self.secret.curve, hash_function.digest(message)
        surplus = max(0, 8 * len(digest) - curve.n.bit_length())
        number = int.from_bytes(digest, "big") >> surplus
        seed = self.secret.scalar.to_bytes(curve.order_length, "big") + digest
        nonce = generate_ec(curve, SeededRng(b"nonce" + seed)).scalar
        r = EcPrivateKey.from_scalar(curve, nonce).public_point(self.base).x % curve.n
        s = pow(nonce, -1, curve.n) * (number + r * self.secret.scalar) % curve.n
        return r, s

    def sign(self, hash_function: Hash, message: bytes) -> bytes:
        """Return ECDSA-Sig-Value."""
        return ecdsa_value(*self.numbers(hash_function, message))

    def algorithm(self, hash_function: Hash) -> bytes:
        """Return ecdsa-with-SHA*, parameters absent."""
        return EcdsaKey(self.secret).algorithm(hash_function)


@cache
def ec_key(label: str, curve: str = "P-256") -> BareEcdsaKey:
    """Return the key on ``curve`` (a name of ``ecid_crypto.curves``) that ``label`` stands for."""
    return BareEcdsaKey(generate_ec(curve_by_name(curve), _rng("ec", label, curve)))


def curveball(victim: PublicKey, label: str = "curveball") -> BareEcdsaKey:
    """Return a key of one's own that has the public point of ``victim`` (CVE-2020-0601).

    Its base point is not the curve's: a verifier that compares no more than the point, or the
    curve without its base point, takes it for the victim's. Raises ``TypeError`` for keys that
    are on no curve.
    """
    if not isinstance(victim, EcPublicKey):
        raise TypeError(victim)
    scalar = generate_ec(victim.curve, _rng("curveball", label)).scalar
    inverse = EcPrivateKey.from_scalar(victim.curve, pow(scalar, -1, victim.curve.n))
    return BareEcdsaKey(EcSecret(victim.curve, scalar), inverse.multiply(victim.point))


def ecdsa_value(r: int, s: int) -> bytes:
    """Return ECDSA-Sig-Value (RFC 3279 §2.2.3), also of numbers that no signature has."""
    return w.seq(w.integer(r), w.integer(s))


# RSA.


@cache
def rsa_key(label: str, bits: int = 2048, exponent: int = 65537) -> RsaKey:
    """Return the RSA key that ``label`` stands for, of an even number of bits; PKCS #1 v1.5.

    Keys too short to be used by anybody can be had, too.
    """
    rng = _rng("rsa", label, bits, exponent)
    p, q = (_rsa_prime(rng, bits // 2, exponent) for _ in range(2))
    return RsaKey(RsaSecret(p * q, exponent, pow(exponent, -1, (p - 1) * (q - 1)), p, q))


def _rsa_prime(rng: Rng, bits: int, exponent: int) -> int:
    """Return a prime whose two highest bits are set, so that two of them make twice the bits."""
    while True:
        candidate = int.from_bytes(rng(bits // 8), "big") | 3 << (bits - 2) | 1
        if gcd(candidate - 1, exponent) == 1 and isPrime(candidate):
            return candidate


def digest_info(hash_function: Hash, message: bytes) -> bytes:
    """Return DigestInfo (RFC 8017 §9.2)."""
    algorithm = w.seq(w.oid(hash_function.oid), w.null())
    return w.seq(algorithm, w.octets(hash_function.digest(message)))


def encoded_message(info: bytes, length: int) -> bytes:
    """Return the block of PKCS #1 v1.5 round ``info`` (RFC 8017 §9.2), ``length`` bytes long."""
    return b"\x00\x01" + b"\xff" * (length - len(info) - 3) + b"\x00" + info


def raised(key: RsaKey, block: bytes) -> bytes:
    """Return ``block`` to the private exponent: the signature that a verifier sees as ``block``."""
    secret, number = key.secret, int.from_bytes(block, "big")
    by_p, by_q = (pow(number, secret.d % (prime - 1), prime) for prime in (secret.p, secret.q))
    root = by_q + secret.q * ((by_p - by_q) * pow(secret.q, -1, secret.p) % secret.p)
    return root.to_bytes(secret.public.byte_length, "big")


def cube_root_forgery(info: bytes, length: int) -> bytes:
    """Return a signature under any modulus of ``length`` bytes with e = 3, made without a key.

    Its cube begins with a short padding and ``info``; rubbish follows, which a verifier ignores
    that looks for the hash and not at the whole block (Bleichenbacher 2006, CVE-2006-4339).
    """
    beginning = b"\x00\x01" + b"\xff" * 8 + b"\x00" + info
    wanted = int.from_bytes(beginning.ljust(length, b"\x00"), "big")
    root = _cube_root(wanted)
    if (root**3).to_bytes(length, "big")[: len(beginning)] != beginning:
        raise ValueError(length)
    return root.to_bytes(length, "big")


def _cube_root(number: int) -> int:
    """Return the smallest integer whose cube is not less than ``number``."""
    low, high = 0, 1 << -(-number.bit_length() // 3) + 1
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if middle**3 >= number else (middle + 1, high)
    return low


# DSA.


@dataclass(frozen=True, slots=True)
class DsaKey:
    """DSA (FIPS 186-4 §4.6); ``exponent`` is the private key."""

    key: DsaPublicKey
    exponent: int = field(repr=False)

    @property
    def public(self) -> PublicKey:
        """Return the public key with its domain parameters."""
        return self.key

    def sign(self, hash_function: Hash, message: bytes) -> bytes:
        """Return Dss-Sig-Value; the nonce is derived from key and message."""
        p, q, g = self.key.p, self.key.q, self.key.g
        digest = hash_function.digest(message)
        number = int.from_bytes(digest, "big") >> max(0, 8 * len(digest) - q.bit_length())
        seed = self.exponent.to_bytes(64, "big") + digest
        nonce = int.from_bytes(SeededRng(b"nonce" + seed)(64), "big") % (q - 1) + 1
        r = pow(g, nonce, p) % q
        return ecdsa_value(r, pow(nonce, -1, q) * (number + self.exponent * r) % q)

    def algorithm(self, hash_function: Hash) -> bytes:
        """Return dsa-with-sha*, parameters absent."""
        return w.seq(w.oid(next(oid for oid, each in DSA_DER.items() if each is hash_function)))


@cache
def dsa_key(label: str) -> DsaKey:
    """Return the DSA key of 1024 and 160 bits that ``label`` stands for."""
    rng = _rng("dsa", label)
    q = _prime(rng, 160, 1)
    p = _prime(rng, 1024, q)
    g = pow(2, (p - 1) // q, p)
    exponent = int.from_bytes(rng(20), "big") % (q - 2) + 1
    return DsaKey(DsaPublicKey(p, q, g, pow(g, exponent, p)), exponent)


def _prime(rng: Rng, bits: int, divisor: int) -> int:
    """Return a prime of ``bits`` bits that is one more than a multiple of ``divisor``."""
    while True:
        drawn = int.from_bytes(rng(bits // 8), "big") | 1 << (bits - 1)
        candidate = drawn - drawn % (2 * divisor) + 1
        if candidate.bit_length() == bits and isPrime(candidate):
            return candidate


def _rng(*parts: object) -> Rng:
    return SeededRng("/".join(["ecid testing", *map(str, parts)]).encode())
