"""Hash functions against FIPS 180-4."""

from __future__ import annotations

import pytest

from ecid_crypto.errors import UnsupportedAlgorithm
from ecid_crypto.hashes import Hash

# FIPS 180-4 examples: digest of "abc".
ABC = {
    Hash.SHA1: "a9993e364706816aba3e25717850c26c9cd0d89d",
    Hash.SHA224: "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7",
    Hash.SHA256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    Hash.SHA384: (
        "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
        "8086072ba1e7cc2358baeca134c825a7"
    ),
    Hash.SHA512: (
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
        "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"
    ),
}


@pytest.mark.parametrize("hash_function", Hash, ids=lambda h: h.value)
def test_digest_of_abc(hash_function: Hash) -> None:
    """FIPS 180-4: the one-block example of each function."""
    assert ABC[hash_function] == hash_function.digest(b"abc").hex()
    assert len(ABC[hash_function]) == 2 * hash_function.digest_length


@pytest.mark.parametrize(
    ("oid", "expected"),
    [
        ("1.3.14.3.2.26", Hash.SHA1),
        ("2.16.840.1.101.3.4.2.4", Hash.SHA224),
        ("2.16.840.1.101.3.4.2.1", Hash.SHA256),
        ("2.16.840.1.101.3.4.2.2", Hash.SHA384),
        ("2.16.840.1.101.3.4.2.3", Hash.SHA512),
    ],
)
def test_object_identifiers(oid: str, expected: Hash) -> None:
    """RFC 3279 §2.1 and RFC 5754 §2, both ways."""
    assert expected is Hash.from_oid(oid)
    assert oid == expected.oid


@pytest.mark.parametrize("oid", ["", "1.2.840.113549.2.5", "2.16.840.1.101.3.4.2.6"])
def test_other_identifiers_are_unsupported(oid: str) -> None:
    """MD5, SHA-512/256 and the empty string name nothing we implement."""
    with pytest.raises(UnsupportedAlgorithm):
        Hash.from_oid(oid)
