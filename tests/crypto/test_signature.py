"""Signature schemes: parameters, kinds of keys, malformed signatures.

The bulk of the published vectors is in the ``test_wycheproof`` modules.
"""

from __future__ import annotations

import pytest
from cryptography import exceptions
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
from ecdsa import SigningKey
from ecdsa import curves as other
from hypothesis import given
from hypothesis import strategies as st

from ecid_crypto.curves import CURVES, Curve, Point
from ecid_crypto.errors import (
    CryptoError,
    InvalidKey,
    InvalidPoint,
    InvalidSignature,
    UnsupportedAlgorithm,
)
from ecid_crypto.hashes import Hash
from ecid_crypto.public_key import DsaPublicKey, EcPublicKey, PublicKey, RsaPublicKey
from ecid_crypto.signature import Dsa, Ecdsa, RsaPkcs1v15, RsaPss, Scheme, verify

# RFC 6979 A.2.5: P-256, SHA-256 and SHA-512, message "sample". For SHA-512 the leftmost bits count.
P256 = CURVES["P-256"]
RFC6979_KEY = EcPublicKey(
    P256,
    Point(
        0x60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6,
        0x7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299,
    ),
)
RFC6979_SHA256 = bytes.fromhex(
    "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716"
    "F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8"
)
RFC6979_SHA512 = bytes.fromhex(
    "8496A60B5E9B47C825488827E0495B0E3FA109EC4568FD3F8D1097678EB97F00"
    "2362AB1ADBE2B8ADF9CB9EDAB740EA6049C028114F2460F96554F61FAE3302FE"
)
MESSAGE = b"sample"
PLAIN = Ecdsa(Hash.SHA256, "plain")
DER = Ecdsa(Hash.SHA256, "der")
N = P256.n


@pytest.fixture(scope="module")
def rsa_key() -> rsa.RSAPrivateKey:
    """Return a signing key of 2048 bits."""
    return rsa.generate_private_key(65537, 2048)


@pytest.fixture(scope="module")
def rsa_public(rsa_key: rsa.RSAPrivateKey) -> RsaPublicKey:
    """Return the public half as numbers."""
    numbers = rsa_key.public_key().public_numbers()
    return RsaPublicKey(numbers.n, numbers.e)


@pytest.mark.parametrize(
    ("hash_function", "signature"),
    [(Hash.SHA256, RFC6979_SHA256), (Hash.SHA512, RFC6979_SHA512)],
)
def test_rfc_6979(hash_function: Hash, signature: bytes) -> None:
    """RFC 6979 A.2.5, in both encodings; another message does not verify."""
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    der = utils.encode_dss_signature(r, s)
    verify(Ecdsa(hash_function, "plain"), RFC6979_KEY, signature, MESSAGE)
    verify(Ecdsa(hash_function, "der"), RFC6979_KEY, der, MESSAGE)
    with pytest.raises(InvalidSignature):
        verify(Ecdsa(hash_function, "plain"), RFC6979_KEY, signature, b"test")


@pytest.mark.parametrize("hash_function", Hash, ids=lambda h: h.value)
@pytest.mark.parametrize("curve", CURVES.values(), ids=list(CURVES))
def test_ecdsa_on_every_curve_with_every_hash(curve: Curve, hash_function: Hash) -> None:
    """Made by the `ecdsa` package, hash longer than the order included; verified in both forms."""
    theirs = {".".join(map(str, c.oid)): c for c in other.curves if c.oid}[curve.oid]
    signer = SigningKey.from_secret_exponent(curve.n // 3, curve=theirs)
    public = signer.verifying_key.pubkey.point
    key = EcPublicKey(curve, Point(int(public.x()), int(public.y())))
    digest = hash_function.digest(MESSAGE)
    plain: bytes = signer.sign_digest(digest, allow_truncate=True, k=curve.n // 5)
    width = curve.order_length
    r, s = int.from_bytes(plain[:width], "big"), int.from_bytes(plain[width:], "big")
    verify(Ecdsa(hash_function, "plain"), key, plain, MESSAGE)
    verify(Ecdsa(hash_function, "der"), key, utils.encode_dss_signature(r, s), MESSAGE)
    with pytest.raises(InvalidSignature):
        verify(Ecdsa(hash_function, "plain"), key, plain, b"another message")


@pytest.mark.parametrize("curve", CURVES.values(), ids=list(CURVES))
def test_equation_that_ends_at_infinity(curve: Curve) -> None:
    """With Q = -e·G, r = 1 and s = 1 the sum is e·G - e·G = infinity: no signature."""
    digest = int.from_bytes(Hash.SHA1.digest(MESSAGE), "big")
    digest >>= max(0, 160 - curve.n.bit_length())
    scalar = -digest % curve.n
    theirs = {".".join(map(str, c.oid)): c for c in other.curves if c.oid}[curve.oid]
    public = (theirs.generator * scalar).to_affine()
    key = EcPublicKey(curve, Point(int(public.x()), int(public.y())))
    one = (1).to_bytes(curve.order_length, "big")
    with pytest.raises(InvalidSignature):
        verify(Ecdsa(Hash.SHA1, "plain"), key, one + one, MESSAGE)


def _r_s(r: int, s: int) -> bytes:
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


@pytest.mark.parametrize(
    "signature",
    [
        b"",
        RFC6979_SHA256[:-1],
        RFC6979_SHA256 + b"\x00",
        _r_s(0, 1),
        _r_s(1, 0),
        _r_s(N, 1),
        _r_s(1, N),
        bytes(64),
        b"\xff" * 64,
    ],
)
def test_plain_signature_out_of_form(signature: bytes) -> None:
    """TR-03111 §5.2.1: two numbers of the length of the order, each in 1 to n - 1."""
    with pytest.raises(InvalidSignature, match=r"signature_(length|range)"):
        verify(PLAIN, RFC6979_KEY, signature, MESSAGE)


def _mutated_der() -> dict[str, bytes]:
    r, s = RFC6979_SHA256[:32], RFC6979_SHA256[32:]
    body = b"\x02\x21\x00" + r + b"\x02\x21\x00" + s
    return {
        "trailing byte": b"\x30\x46" + body + b"\x00",
        "byte inside": b"\x30\x47" + body + b"\x00",
        "long length": b"\x30\x81\x46" + body,
        "indefinite length": b"\x30\x80" + body + b"\x00\x00",
        "superfluous zero": b"\x30\x47\x02\x22\x00\x00" + r + b"\x02\x21\x00" + s,
        "negative": b"\x30\x45\x02\x20" + r + b"\x02\x21\x00" + s,
        "set": b"\x31\x46" + body,
        "plain": r + s,
        "empty": b"",
        "empty sequence": b"\x30\x00",
        "r plus n": utils.encode_dss_signature(
            int.from_bytes(r, "big") + N, int.from_bytes(s, "big")
        ),
    }


@pytest.mark.parametrize("curve", ["P-256", "brainpoolP320r1"])
@pytest.mark.parametrize("signature", _mutated_der().values(), ids=_mutated_der())
def test_signature_that_is_not_der(curve: str, signature: bytes) -> None:
    """RFC 3279 §2.2.3 in DER and nothing else, whichever library verifies."""
    key = RFC6979_KEY if curve == "P-256" else EcPublicKey(CURVES[curve], CURVES[curve].g)
    with pytest.raises(InvalidSignature):
        verify(DER, key, signature, MESSAGE)


@pytest.mark.parametrize("hash_function", Hash, ids=lambda h: h.value)
def test_rsa_pkcs1(
    hash_function: Hash, rsa_key: rsa.RSAPrivateKey, rsa_public: RsaPublicKey
) -> None:
    """RFC 8017 §8.2 with every hash; the hash named must be the hash used."""
    algorithm = getattr(hashes, hash_function.name)()
    signature = rsa_key.sign(MESSAGE, padding.PKCS1v15(), algorithm)
    verify(RsaPkcs1v15(hash_function), rsa_public, signature, MESSAGE)
    for wrong in set(Hash) - {hash_function}:
        with pytest.raises(InvalidSignature):
            verify(RsaPkcs1v15(wrong), rsa_public, signature, MESSAGE)


def _encoded(digest_info: bytes) -> int:
    filler = b"\xff" * (256 - 3 - len(digest_info))
    return int.from_bytes(b"\x00\x01" + filler + b"\x00" + digest_info, "big")


@pytest.mark.parametrize(
    ("header", "accepted"),
    [
        ("3031300d060960864801650304020105000420", True),
        ("302f300b0609608648016503040201" + "0420", False),
    ],
    ids=["with NULL", "without NULL"],
)
def test_digest_info_needs_its_null(
    header: str, accepted: bool, rsa_key: rsa.RSAPrivateKey, rsa_public: RsaPublicKey
) -> None:
    """RFC 8017 §9.2: without the NULL parameter the signature is refused (a known ICAO list).

    The other form has to be asked for (``null=False``), and then is the only one.
    """
    info = bytes.fromhex(header) + Hash.SHA256.digest(MESSAGE)
    number = pow(_encoded(info), rsa_key.private_numbers().d, rsa_public.n)
    signature = number.to_bytes(256, "big")
    right, wrong = (RsaPkcs1v15(Hash.SHA256, null=null) for null in (accepted, not accepted))
    assert RsaPkcs1v15(Hash.SHA256, null=True) == RsaPkcs1v15(Hash.SHA256)
    verify(right, rsa_public, signature, MESSAGE)
    with pytest.raises(InvalidSignature):
        verify(wrong, rsa_public, signature, MESSAGE)
    with pytest.raises(InvalidSignature):
        verify(right, rsa_public, signature, b"another message")


WITHOUT_NULL = {
    Hash.SHA1: "301f300706052b0e03021a0414",
    Hash.SHA224: "302b300b0609608648016503040204041c",
    Hash.SHA256: "302f300b06096086480165030402010420",
    Hash.SHA384: "303f300b06096086480165030402020430",
    Hash.SHA512: "304f300b06096086480165030402030440",
}


@pytest.mark.parametrize("hash_function", Hash, ids=lambda h: h.value)
def test_digest_info_without_null(
    hash_function: Hash, rsa_key: rsa.RSAPrivateKey, rsa_public: RsaPublicKey
) -> None:
    """The DigestInfo of every hash with no parameters at all; no other hash fits."""
    info = bytes.fromhex(WITHOUT_NULL[hash_function]) + hash_function.digest(MESSAGE)
    number = pow(_encoded(info), rsa_key.private_numbers().d, rsa_public.n)
    signature = number.to_bytes(256, "big")
    verify(RsaPkcs1v15(hash_function, null=False), rsa_public, signature, MESSAGE)
    for other_hash in set(Hash) - {hash_function}:
        with pytest.raises(InvalidSignature):
            verify(RsaPkcs1v15(other_hash, null=False), rsa_public, signature, MESSAGE)


def test_rsa_pss_takes_its_parameters_literally(
    rsa_key: rsa.RSAPrivateKey, rsa_public: RsaPublicKey
) -> None:
    """RFC 8017 §8.1: another salt length, hash or mask hash does not verify."""
    pss = padding.PSS(padding.MGF1(hashes.SHA384()), 20)
    signature = rsa_key.sign(MESSAGE, pss, hashes.SHA256())
    verify(RsaPss(Hash.SHA256, Hash.SHA384, 20), rsa_public, signature, MESSAGE)
    for wrong in (
        RsaPss(Hash.SHA256, Hash.SHA384, 32),
        RsaPss(Hash.SHA256, Hash.SHA384, 0),
        RsaPss(Hash.SHA256, Hash.SHA384, -1),
        RsaPss(Hash.SHA256, Hash.SHA384, 1 << 40),
        RsaPss(Hash.SHA256, Hash.SHA256, 20),
        RsaPss(Hash.SHA384, Hash.SHA384, 20),
    ):
        with pytest.raises(InvalidSignature):
            verify(wrong, rsa_public, signature, MESSAGE)


@pytest.mark.parametrize("scheme", [RsaPkcs1v15(Hash.SHA256), RsaPss(Hash.SHA256, Hash.SHA256, 32)])
def test_rsa_signature_out_of_form(
    scheme: Scheme, rsa_key: rsa.RSAPrivateKey, rsa_public: RsaPublicKey
) -> None:
    """One byte more or less, the number above the modulus, zero."""
    signature = rsa_key.sign(MESSAGE, padding.PKCS1v15(), hashes.SHA256())
    above = (rsa_public.n + 1).to_bytes(256, "big")
    for wrong in (signature[:-1], b"\x00" + signature, b"", above, bytes(256), b"\xff" * 256):
        with pytest.raises(InvalidSignature):
            verify(scheme, rsa_public, wrong, MESSAGE)


def test_key_of_the_other_kind(rsa_public: RsaPublicKey) -> None:
    """RSA schemes take RSA keys, ECDSA takes points, DSA takes neither."""
    for other_key in (rsa_public, RFC6979_KEY):
        with pytest.raises(InvalidKey, match="key_kind"):
            verify(Dsa(Hash.SHA256), other_key, RFC6979_SHA256, MESSAGE)
    with pytest.raises(InvalidKey, match="key_kind"):
        verify(PLAIN, rsa_public, RFC6979_SHA256, MESSAGE)
    with pytest.raises(InvalidKey, match="key_kind"):
        verify(RsaPkcs1v15(Hash.SHA256), RFC6979_KEY, RFC6979_SHA256, MESSAGE)


def test_unusable_keys_are_refused() -> None:
    """A short RSA key, a point off the curve."""
    with pytest.raises(InvalidKey):
        verify(RsaPkcs1v15(Hash.SHA256), RsaPublicKey((1 << 511) + 1, 3), bytes(64), MESSAGE)
    for curve in (P256, CURVES["brainpoolP224r1"]):
        with pytest.raises(InvalidPoint):
            verify(PLAIN, EcPublicKey(curve, Point(1, 1)), RFC6979_SHA256, MESSAGE)


SCHEMES = st.one_of(
    st.builds(RsaPkcs1v15, st.sampled_from(Hash), st.booleans()),
    st.builds(Dsa, st.sampled_from(Hash)),
    st.builds(RsaPss, st.sampled_from(Hash), st.sampled_from(Hash), st.integers(-2, 300)),
    st.builds(Ecdsa, st.sampled_from(Hash), st.sampled_from(["der", "plain"])),
)
KEYS = st.one_of(
    st.builds(RsaPublicKey, st.integers(), st.integers()),
    st.builds(
        RsaPublicKey,
        st.integers(1 << 1023, (1 << 1025) - 1),
        st.sampled_from([3, 65537, (1 << 32) + 1]),
    ),
    st.builds(
        EcPublicKey,
        st.sampled_from(list(CURVES.values())),
        st.builds(Point, st.integers(-1), st.integers(-1)),
    ),
    st.builds(DsaPublicKey, st.integers(), st.integers(), st.integers(), st.integers()),
    st.sampled_from(list(CURVES.values())).map(lambda curve: EcPublicKey(curve, curve.g)),
)
SIGNATURES = st.one_of(
    st.binary(max_size=200),
    st.binary(min_size=128, max_size=128),
    st.binary(min_size=64, max_size=64),
    st.builds(utils.encode_dss_signature, st.integers(1, N), st.integers(1, N)),
)


@given(SCHEMES, KEYS, SIGNATURES, st.binary(max_size=20))
def test_nothing_but_refusals(
    scheme: Scheme,
    key: PublicKey,
    signature: bytes,
    message: bytes,
) -> None:
    """Whatever the bytes and numbers, the answer is a ``CryptoError`` and no other exception."""
    with pytest.raises(CryptoError):
        verify(scheme, key, signature, message)


def test_algorithm_missing_in_openssl(
    rsa_public: RsaPublicKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A build of OpenSSL without SHA-1 signatures says so: that is no wrong signature."""

    def refuse(*_: object) -> None:
        raise exceptions.UnsupportedAlgorithm("not in this build")

    monkeypatch.setattr(padding, "PKCS1v15", refuse)
    with pytest.raises(UnsupportedAlgorithm):
        verify(RsaPkcs1v15(Hash.SHA1), rsa_public, bytes(256), MESSAGE)


def test_openssl_signature_verifies() -> None:
    """Made by OpenSSL with a generated key, verified as DER."""
    signer = ec.generate_private_key(ec.BrainpoolP384R1())
    numbers = signer.public_key().public_numbers()
    key = EcPublicKey(CURVES["brainpoolP384r1"], Point(numbers.x, numbers.y))
    signature = signer.sign(MESSAGE, ec.ECDSA(hashes.SHA384()))
    verify(Ecdsa(Hash.SHA384, "der"), key, signature, MESSAGE)
