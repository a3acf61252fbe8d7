"""Hash functions of Doc 9303: SHA-1 and SHA-2 (FIPS 180-4)."""

from __future__ import annotations

import enum

from cryptography.hazmat.primitives import hashes as primitives

from ecid_crypto.errors import UnsupportedAlgorithm


class Hash(enum.Enum):
    """A hash function; the value is its name in FIPS 180-4.

    SHA-1 is here because documents in the field still use it; whether it is good enough is a
    question of policy and is answered elsewhere.
    """

    SHA1 = "SHA-1"
    SHA224 = "SHA-224"
    SHA256 = "SHA-256"
    SHA384 = "SHA-384"
    SHA512 = "SHA-512"

    @classmethod
    def from_oid(cls, dotted: str) -> Hash:
        """Return the function with object identifier ``dotted`` (RFC 3279 §2.1, RFC 5754 §2).

        Raises ``UnsupportedAlgorithm`` for every other identifier.
        """
        try:
            return _BY_OID[dotted]
        except KeyError:
            raise UnsupportedAlgorithm("hash_algorithm") from None

    @property
    def oid(self) -> str:
        """Return the object identifier in dotted form."""
        return _OIDS[self]

    @property
    def digest_length(self) -> int:
        """Return the length of a digest in bytes."""
        return _PRIMITIVES[self].digest_size

    def digest(self, data: bytes) -> bytes:
        """Return the digest of ``data``, ``digest_length`` bytes."""
        context = primitives.Hash(_PRIMITIVES[self])
        context.update(data)
        return context.finalize()


def primitive(hash_function: Hash) -> primitives.HashAlgorithm:
    """Return the `cryptography` object of ``hash_function``; for the modules of this package."""
    return _PRIMITIVES[hash_function]


_OIDS = {
    Hash.SHA1: "1.3.14.3.2.26",
    Hash.SHA224: "2.16.840.1.101.3.4.2.4",
    Hash.SHA256: "2.16.840.1.101.3.4.2.1",
    Hash.SHA384: "2.16.840.1.101.3.4.2.2",
    Hash.SHA512: "2.16.840.1.101.3.4.2.3",
}
_BY_OID = {oid: hash_function for hash_function, oid in _OIDS.items()}

_PRIMITIVES: dict[Hash, primitives.HashAlgorithm] = {
    Hash.SHA1: primitives.SHA1(),  # noqa: S303 (Doc 9303-11 prescribes it for 3DES and AES-128)
    Hash.SHA224: primitives.SHA224(),
    Hash.SHA256: primitives.SHA256(),
    Hash.SHA384: primitives.SHA384(),
    Hash.SHA512: primitives.SHA512(),
}
