"""The hash of a data group against the signed one (Doc 9303-11 §5.1 step 5)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecid.lds.security_object import DataGroupHash, LdsSecurityObject
from ecid.protocols.passive_authentication import check_data_group
from ecid_crypto.hashes import Hash
from forged_sod import verdict

CONTENT = b"whole file, header included"
MD5, MD2 = "1.2.840.113549.2.5", "1.2.840.113549.2.2"


def signed(algorithm: str, value: bytes, number: int = 1) -> LdsSecurityObject:
    """Return a security object with one hash."""
    return LdsSecurityObject(0, algorithm, (DataGroupHash(number, value),))


def judged(security_object: LdsSecurityObject | None, content: bytes = CONTENT) -> str:
    """Return the verdict on ``content`` as data group 1."""
    return verdict(check_data_group(security_object, 1, content))


@pytest.mark.parametrize("hash_function", [Hash.SHA224, Hash.SHA256, Hash.SHA384, Hash.SHA512])
def test_match(hash_function: Hash) -> None:
    """The control, with every hash of Doc 9303-12 §4.4."""
    assert judged(signed(hash_function.oid, hash_function.digest(CONTENT))) == "successful"


def test_mismatch() -> None:
    """Another file, or another hash."""
    genuine = signed(Hash.SHA256.oid, Hash.SHA256.digest(CONTENT))
    assert judged(genuine, CONTENT + b"\x00") == "failed hash_mismatch"
    assert judged(genuine, b"") == "failed hash_mismatch"
    assert judged(signed(Hash.SHA256.oid, bytes(32))) == "failed hash_mismatch"


@pytest.mark.parametrize("length", [0, 1, 31])
def test_shortened_hash(length: int) -> None:
    """A hash cut short matches nothing."""
    value = Hash.SHA256.digest(CONTENT)[:length]
    assert judged(signed(Hash.SHA256.oid, value)) == "failed hash_mismatch"


def test_hash_of_another_function() -> None:
    """The hash is that of the named function."""
    assert judged(signed(Hash.SHA384.oid, Hash.SHA256.digest(CONTENT))) == "failed hash_mismatch"


def test_unlisted() -> None:
    """A file that the SOD does not know fails (L1)."""
    other = signed(Hash.SHA256.oid, Hash.SHA256.digest(CONTENT), number=2)
    assert judged(other) == "failed unlisted"


def test_no_security_object() -> None:
    """Without signed hashes nothing was compared."""
    assert judged(None) == "undetermined not_run"


def test_sha1() -> None:
    """SHA-1 is compared, then left open; a mismatch is a mismatch."""
    genuine = signed(Hash.SHA1.oid, Hash.SHA1.digest(CONTENT))
    assert judged(genuine) == "undetermined weak_hash"
    assert judged(genuine, b"other") == "failed hash_mismatch"


@pytest.mark.parametrize("oid", [MD5, MD2])
def test_broken_hash(oid: str) -> None:
    """MD5 and MD2 fail, without being computed."""
    assert judged(signed(oid, bytes(16))) == "failed weak_hash"


def test_unknown_hash() -> None:
    """A function that is not known stays open."""
    assert judged(signed("2.16.840.1.101.3.4.2.8", bytes(32))) == (
        "undetermined unsupported_algorithm"
    )


@given(st.binary(max_size=64), st.binary(max_size=64))
def test_only_the_same_bytes_match(one: bytes, other: bytes) -> None:
    """Success means equality of the bytes."""
    security_object = signed(Hash.SHA256.oid, Hash.SHA256.digest(one))
    assert check_data_group(security_object, 1, other).ok == (one == other)
