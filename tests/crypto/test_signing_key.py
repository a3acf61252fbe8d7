"""Private keys that sign: our own verifier takes what they make, and nothing of them is shown."""

from __future__ import annotations

import pickle

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from ecid_crypto._ec_backend import OPENSSL_CURVES
from ecid_crypto.errors import CryptoError, InvalidKey
from ecid_crypto.hashes import Hash
from ecid_crypto.signature import Ecdsa, RsaPkcs1v15, RsaPss, verify
from ecid_crypto.signing_key import SigningKey


def pkcs8(private: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    """Return a key as DER."""
    return private.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


@pytest.fixture(scope="module")
def rsa_key() -> SigningKey:
    """Return an RSA key of 2048 bits."""
    return SigningKey.from_pkcs8(pkcs8(rsa.generate_private_key(65537, 2048)))


@pytest.mark.parametrize("hash_function", list(Hash))
def test_rsa(rsa_key: SigningKey, hash_function: Hash) -> None:
    """Both paddings, with every hash."""
    pss = RsaPss(hash_function, hash_function, hash_function.digest_length)
    for scheme in (RsaPkcs1v15(hash_function), pss):
        signature = rsa_key.sign(scheme, b"message")
        verify(scheme, rsa_key.public, signature, b"message")
        with pytest.raises(CryptoError):
            verify(scheme, rsa_key.public, signature, b"another")


@pytest.mark.parametrize("curve", OPENSSL_CURVES)
@pytest.mark.parametrize("hash_function", [Hash.SHA1, Hash.SHA256, Hash.SHA512])
def test_ecdsa(curve: str, hash_function: Hash) -> None:
    """Every curve of the library, with hashes shorter and longer than its order."""
    private = ec.generate_private_key(OPENSSL_CURVES[curve])
    key = SigningKey.from_pkcs8(pkcs8(private))
    scheme = Ecdsa(hash_function, "plain")
    signature = key.sign(scheme, b"message")
    verify(scheme, key.public, signature, b"message")
    assert key.sign(scheme, b"message") == signature
    with pytest.raises(CryptoError):
        verify(scheme, key.public, signature, b"another")


def test_nothing_is_shown(rsa_key: SigningKey) -> None:
    """The key has no representation and cannot be pickled."""
    assert repr(rsa_key) == "SigningKey(RsaPublicKey)"
    with pytest.raises(TypeError):
        pickle.dumps(rsa_key)


def test_errors_hold_nothing_of_the_key() -> None:
    """A damaged file is refused by a rule's name alone."""
    data = pkcs8(ec.generate_private_key(ec.SECP256R1()))
    with pytest.raises(InvalidKey) as caught:
        SigningKey.from_pkcs8(data[:-5])
    assert str(caught.value) == "key_unreadable"
