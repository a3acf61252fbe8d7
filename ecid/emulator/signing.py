"""Signing keys of emulated issuers: one method that signs, one that names the algorithm.

ECDSA is deterministic (RFC 6979) and RSASSA-PSS draws its salt from the generator it is given,
so that the same seed makes the same files byte for byte.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from Crypto.Hash import SHA1, SHA224, SHA256, SHA384, SHA512
from Crypto.Signature import pkcs1_15, pss
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from ecid.emulator.keys import EcSecret, RsaSecret, Secret, to_library
from ecid.encoding import der_write as w
from ecid.encoding.oid import MGF1, RSASSA_PSS
from ecid_crypto.hashes import Hash
from ecid_crypto.public_key import PublicKey
from ecid_crypto.rng import Rng, SeededRng


class SigningKey(Protocol):
    """A private key of an emulated issuer."""

    @property
    def public(self) -> PublicKey:
        """The public key."""
        ...

    def sign(self, hash_function: Hash, message: bytes) -> bytes:
        """Return the signature over ``message`` in the form certificates and CMS carry."""
        ...

    def algorithm(self, hash_function: Hash) -> bytes:
        """Return the DER AlgorithmIdentifier of ``sign`` with this hash."""
        ...


@dataclass(frozen=True, slots=True)
class EcdsaKey:
    """ECDSA on a curve that `cryptography` knows (RFC 5758 §3.2): r and s in a SEQUENCE."""

    secret: EcSecret = field(repr=False)

    @property
    def public(self) -> PublicKey:
        """Return the public key."""
        return self.secret.public

    def sign(self, hash_function: Hash, message: bytes) -> bytes:
        """Return the deterministic signature (RFC 6979)."""
        key = ec.derive_private_key(self.secret.scalar, _CURVES[self.secret.curve.name])
        return key.sign(message, ec.ECDSA(_HASHES[hash_function], deterministic_signing=True))

    def algorithm(self, hash_function: Hash) -> bytes:
        """Return ecdsa-with-SHA*, parameters absent."""
        return w.seq(w.oid(_ECDSA[hash_function]))


@dataclass(frozen=True, slots=True)
class RsaKey:
    """RSASSA-PKCS1-v1_5 (RFC 4055 §5)."""

    secret: RsaSecret = field(repr=False)

    @property
    def public(self) -> PublicKey:
        """Return the public key."""
        return self.secret.public

    def sign(self, hash_function: Hash, message: bytes) -> bytes:
        """Return the signature, as long as the modulus."""
        return pkcs1_15.new(to_library(self.secret)).sign(DIGESTS[hash_function].new(message))

    def algorithm(self, hash_function: Hash) -> bytes:
        """Return sha*WithRSAEncryption with NULL."""
        return w.seq(w.oid(_RSA[hash_function]), w.null())


@dataclass(frozen=True, slots=True)
class RsaPssKey:
    """RSASSA-PSS with MGF1 of the same hash and a salt as long as the digest (RFC 4055 §3.1)."""

    secret: RsaSecret = field(repr=False)
    rng: Rng = field(default_factory=lambda: SeededRng(b"ecid emulator salt"), repr=False)

    @property
    def public(self) -> PublicKey:
        """Return the public key."""
        return self.secret.public

    def sign(self, hash_function: Hash, message: bytes) -> bytes:
        """Return the signature, as long as the modulus; the salt comes from ``rng``."""
        digest = DIGESTS[hash_function].new(message)
        return pss.new(to_library(self.secret), rand_func=self.rng).sign(digest)

    def algorithm(self, hash_function: Hash) -> bytes:
        """Return id-RSASSA-PSS with all of its parameters written out."""
        digest = w.seq(w.oid(hash_function.oid), w.null())
        mask = w.seq(w.oid(MGF1), digest)
        salt = w.integer(hash_function.digest_length)
        fields = w.seq(w.explicit(0, digest), w.explicit(1, mask), w.explicit(2, salt))
        return w.seq(w.oid(RSASSA_PSS), fields)


def signing_key(secret: Secret) -> SigningKey:
    """Return the usual way of signing with ``secret``: ECDSA, or RSA PKCS#1 v1.5."""
    return EcdsaKey(secret) if isinstance(secret, EcSecret) else RsaKey(secret)


_CURVES: dict[str, ec.EllipticCurve] = {
    "P-192": ec.SECP192R1(),
    "P-224": ec.SECP224R1(),
    "P-256": ec.SECP256R1(),
    "P-384": ec.SECP384R1(),
    "P-521": ec.SECP521R1(),
    "brainpoolP256r1": ec.BrainpoolP256R1(),
    "brainpoolP384r1": ec.BrainpoolP384R1(),
    "brainpoolP512r1": ec.BrainpoolP512R1(),
}
# SHA-1 is here for issuers that have to be refused.
_HASHES: dict[Hash, hashes.HashAlgorithm] = {
    Hash.SHA1: hashes.SHA1(),  # noqa: S303
    Hash.SHA224: hashes.SHA224(),
    Hash.SHA256: hashes.SHA256(),
    Hash.SHA384: hashes.SHA384(),
    Hash.SHA512: hashes.SHA512(),
}
DIGESTS = {
    Hash.SHA1: SHA1,
    Hash.SHA224: SHA224,
    Hash.SHA256: SHA256,
    Hash.SHA384: SHA384,
    Hash.SHA512: SHA512,
}
"""The hash functions as pycryptodome has them."""
_ECDSA = {
    Hash.SHA1: "1.2.840.10045.4.1",
    Hash.SHA224: "1.2.840.10045.4.3.1",
    Hash.SHA256: "1.2.840.10045.4.3.2",
    Hash.SHA384: "1.2.840.10045.4.3.3",
    Hash.SHA512: "1.2.840.10045.4.3.4",
}
_RSA = {
    Hash.SHA1: "1.2.840.113549.1.1.5",
    Hash.SHA224: "1.2.840.113549.1.1.14",
    Hash.SHA256: "1.2.840.113549.1.1.11",
    Hash.SHA384: "1.2.840.113549.1.1.12",
    Hash.SHA512: "1.2.840.113549.1.1.13",
}
