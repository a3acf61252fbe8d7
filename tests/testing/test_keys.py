"""Keys for forged issuers: they sign what another implementation takes, or exactly not that."""

from __future__ import annotations

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, padding, rsa

from ecid.emulator.signing import SigningKey
from ecid.encoding.spki import write_spki
from ecid.testing import ScriptedKey, curveball, dsa_key, ec_key, rsa_key
from ecid.testing.keys import (
    BareEcdsaKey,
    cube_root_forgery,
    digest_info,
    encoded_message,
    raised,
)
from ecid_crypto.curves import curve_by_name
from ecid_crypto.ec_key import EcPrivateKey
from ecid_crypto.hashes import Hash
from ecid_crypto.public_key import EcPublicKey, RsaPublicKey
from ecid_crypto.signature import Ecdsa
from ecid_crypto.signature import verify as verify_signature

MESSAGE = b"what is signed"
SHA256 = hashes.SHA256()


def loaded(key: SigningKey) -> object:
    """Return the public key as `cryptography` has it."""
    return serialization.load_der_public_key(write_spki(key.public))


@pytest.mark.parametrize("curve", ["P-256", "P-384", "brainpoolP384r1"])
def test_ecdsa(curve: str) -> None:
    """Another implementation verifies what is signed in plain integers."""
    key = ec_key("kit", curve)
    public = loaded(key)
    assert isinstance(public, ec.EllipticCurvePublicKey)
    public.verify(key.sign(Hash.SHA256, MESSAGE), MESSAGE, ec.ECDSA(SHA256))


@pytest.mark.parametrize("curve", ["brainpoolP320r1", "P-224"])
def test_ecdsa_where_openssl_has_no_curve(curve: str) -> None:
    """Every curve of ours can sign."""
    key = ec_key("kit", curve)
    verify_signature(Ecdsa(Hash.SHA512, "der"), key.public, key.sign(Hash.SHA512, MESSAGE), MESSAGE)


def test_curveball() -> None:
    """The point is the victim's, the signature is not, unless the base point is believed."""
    victim = ec_key("victim", "P-384")
    thief = curveball(victim.public)
    assert thief.public == victim.public
    assert thief.secret.scalar != victim.secret.scalar
    assert thief.base != curve_by_name("P-384").g
    public = loaded(victim)
    assert isinstance(public, ec.EllipticCurvePublicKey)
    with pytest.raises(InvalidSignature):
        public.verify(thief.sign(Hash.SHA256, MESSAGE), MESSAGE, ec.ECDSA(SHA256))
    assert believes_any_base(thief, MESSAGE)


def believes_any_base(key: BareEcdsaKey, message: bytes) -> bool:
    """Verify as the textbook does, with the base point that the key brings along."""
    curve, public = key.secret.curve, key.public
    assert isinstance(public, EcPublicKey)
    assert key.base is not None
    r, s = key.numbers(Hash.SHA256, message)
    w = pow(s, -1, curve.n)
    digest = int.from_bytes(Hash.SHA256.digest(message), "big")
    # u1·G' + u2·Q is (u1 + u2·d)·G', since Q = d·G'; that d exists is the attack.
    scalar = (digest * w + r * w * key.secret.scalar) % curve.n
    return EcPrivateKey.from_scalar(curve, scalar).multiply(key.base).x % curve.n == r


def test_curveball_needs_a_curve() -> None:
    """An RSA key has no base point."""
    with pytest.raises(TypeError):
        curveball(rsa_key("kit").public)


@pytest.mark.parametrize("exponent", [3, 65537])
def test_rsa(exponent: int) -> None:
    """Another implementation verifies, whether the key signs or is used by hand."""
    key = rsa_key("kit", exponent=exponent)
    public = loaded(key)
    assert isinstance(public, rsa.RSAPublicKey)
    assert (public.key_size, public.public_numbers().e) == (2048, exponent)
    by_hand = raised(key, encoded_message(digest_info(Hash.SHA256, MESSAGE), 256))
    for signature in (key.sign(Hash.SHA256, MESSAGE), by_hand):
        public.verify(signature, MESSAGE, padding.PKCS1v15(), SHA256)


def test_short_rsa() -> None:
    """A key that nobody may use has the length asked for."""
    key = rsa_key("kit", 512)
    assert isinstance(key.public, RsaPublicKey)
    assert key.public.bits == 512
    block = encoded_message(digest_info(Hash.SHA256, MESSAGE), 64)
    opened = pow(int.from_bytes(raised(key, block), "big"), key.public.e, key.public.n)
    assert opened.to_bytes(64, "big") == block


def test_cube_root_forgery() -> None:
    """Its cube begins like the right block, whatever the modulus; a strict verifier refuses."""
    key = rsa_key("kit", exponent=3)
    info = digest_info(Hash.SHA256, MESSAGE)
    signature = cube_root_forgery(info, 256)
    assert isinstance(key.public, RsaPublicKey)
    opened = pow(int.from_bytes(signature, "big"), 3, key.public.n).to_bytes(256, "big")
    assert opened.startswith(b"\x00\x01" + b"\xff" * 8 + b"\x00" + info)
    assert opened != encoded_message(info, 256)
    public = loaded(key)
    assert isinstance(public, rsa.RSAPublicKey)
    with pytest.raises(InvalidSignature):
        public.verify(signature, MESSAGE, padding.PKCS1v15(), SHA256)


def test_cube_root_needs_room() -> None:
    """A modulus of 512 bits has no room for rubbish."""
    with pytest.raises(ValueError, match="64"):
        cube_root_forgery(digest_info(Hash.SHA256, MESSAGE), 64)


def test_dsa() -> None:
    """Another implementation verifies."""
    key = dsa_key("kit")
    public = loaded(key)
    assert isinstance(public, dsa.DSAPublicKey)
    public.verify(key.sign(Hash.SHA256, MESSAGE), MESSAGE, SHA256)


def test_scripted() -> None:
    """Signature and name of the algorithm are as told, the public key is the inner one."""
    inner = ec_key("kit")
    told = ScriptedKey(inner, lambda _hash, message: message[::-1], b"name")
    assert told.public == inner.public
    assert told.sign(Hash.SHA256, b"ab") == b"ba"
    assert told.algorithm(Hash.SHA1) == b"name"
    plain = ScriptedKey(inner)
    assert plain.sign(Hash.SHA256, MESSAGE) == inner.sign(Hash.SHA256, MESSAGE)
    assert plain.algorithm(Hash.SHA256) == inner.algorithm(Hash.SHA256)


def test_one_name_is_one_key() -> None:
    """Keys are reproducible, and differ by name."""
    assert ec_key("one") == ec_key("one")
    assert ec_key("one").public != ec_key("two").public
    assert rsa_key("one").public != rsa_key("two").public
