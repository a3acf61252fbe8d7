"""Group ALG: keys and curve parameters that nobody may compute with (RFC 5480, FIPS 186-4 §4).

The signer's certificate is genuine: what is wrong in it, the issuer has signed. Some of these keys
let anybody sign, others make a careless verifier compute for hours.
"""

from __future__ import annotations

from dataclasses import replace

from ecid.emulator.signing import SigningKey
from ecid.encoding.spki import write_spki
from ecid.testing import Limits, dsa_key, rsa_key
from ecid.testing.keys import Signing, digest_info, ecdsa_value, encoded_message, raised
from ecid_crypto.hashes import Hash
from ecid_crypto.public_key import PublicKey, RsaPublicKey
from entries import Row, Setup
from issuers import SOON, card_of, weak, with_key

RSA_KEY = rsa_key("signer")
DSA_KEY = dsa_key("signer")


def rsa(n: int | None = None, e: int | None = None) -> bytes:
    """Return an RSA key with another modulus or exponent."""
    secret = RSA_KEY.secret
    return write_spki(RsaPublicKey(secret.n if n is None else n, secret.e if e is None else e))


def block_itself(hash_function: Hash, message: bytes) -> bytes:
    """Return the signature under e = 1, which anybody can make: the block."""
    return encoded_message(digest_info(hash_function, message), 256)


def short_rsa() -> Setup:
    """Return a card with a right signature under a modulus that anybody can factor."""
    key = rsa_key("short", 512)

    def signing(hash_function: Hash, message: bytes) -> bytes:
        return raised(key, encoded_message(digest_info(hash_function, message), 64))

    return replace(with_key(write_spki(key.public), RSA_KEY, signing), holder=card_of(RSA_KEY))


def dsa(**changes: int) -> bytes:
    """Return the DSA key with other numbers."""
    return write_spki(replace(DSA_KEY.key, **changes))


def one_and_one(_hash: Hash, _message: bytes) -> bytes:
    """Return the signature that is right for any message where g and y are 1."""
    return ecdsa_value(1, 1)


def _weak(
    number: str,
    variant: str,
    spki: PublicKey | bytes,
    rule: str,
    *,
    signing: Signing | None = None,
    key: SigningKey = RSA_KEY,
    weight: int = 5,
    limits: Limits | None = None,
) -> Row:
    raw = spki if isinstance(spki, bytes) else write_spki(spki)
    return Row(
        id=number,
        variant=variant,
        mutation=f"the key of the signer: {variant}",
        weight=weight,
        make=lambda: with_key(raw, key, signing),
        expected=weak(rule),
        limits=limits,
    )


ROWS = (
    _weak(
        "ALG-19",
        "n of 65,536 bits",
        rsa(n=(1 << 65_535) + 1),
        "rsa_modulus_length",
        signing=lambda _hash, _message: b"\x01" * 8_192,
        weight=2,
        limits=SOON,
    ),
    _weak(
        "ALG-19",
        "e of 65,536 bits",
        rsa(e=(1 << 65_535) + 1),
        "rsa_exponent",
        weight=2,
        limits=SOON,
    ),
    _weak(
        "ALG-19",
        "both of 65,536 bits",
        rsa(n=(1 << 65_535) + 3, e=(1 << 65_535) + 1),
        "rsa_modulus_length",
        signing=lambda _hash, _message: b"\x01" * 8_192,
        weight=2,
        limits=SOON,
    ),
    _weak("ALG-20", "n even", rsa(n=RSA_KEY.secret.n - 1), "rsa_modulus_even"),
    _weak("ALG-20", "e = 1", rsa(e=1), "rsa_exponent", signing=block_itself),
    _weak("ALG-20", "e = 2", rsa(e=2), "rsa_exponent"),
    _weak("ALG-20", "e = 0", rsa(e=0), "rsa_key_not_positive"),
    _weak("ALG-20", "e = -3", rsa(e=-3), "rsa_key_not_positive"),
    Row(
        id="ALG-20",
        variant="n of 512 bits",
        mutation="a right signature under a modulus of 512 bits, which anybody can factor",
        weight=5,
        make=short_rsa,
        expected=weak("rsa_modulus_length"),
    ),
    _weak("ALG-23", "g = 1, y = 1", dsa(g=1, y=1), "dsa_range", key=DSA_KEY, signing=one_and_one),
    _weak("ALG-23", "g = 1", dsa(g=1), "dsa_range", key=DSA_KEY, signing=one_and_one),
    _weak("ALG-23", "g = 0", dsa(g=0), "dsa_range", key=DSA_KEY, signing=one_and_one),
    _weak(
        "ALG-23",
        "g = p + 1",
        dsa(g=DSA_KEY.key.p + 1),
        "dsa_range",
        key=DSA_KEY,
        signing=one_and_one,
    ),
    _weak("ALG-23", "g = p - 1", dsa(g=DSA_KEY.key.p - 1), "dsa_order", key=DSA_KEY),
    _weak("ALG-23", "q does not divide", dsa(q=DSA_KEY.key.q + 2), "dsa_order", key=DSA_KEY),
)

CASES = tuple(case for row in ROWS for case in row.cases())
