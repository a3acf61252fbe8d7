"""Group ALG: signatures that a careless verifier takes (RFC 8017 §8, FIPS 186-4, TR-03111 §4.2).

The control is a card whose signer has a key of the same kind and signs properly. Where a signature
could only be forged with luck or work, it is made with the key: a verifier sees the same number.
ECDSA and unknown algorithms are in ``cases_alg_names``, keys and curves in ``cases_alg_keys`` and
``cases_alg_curves``.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache

from Crypto.Hash import SHA1, SHA256
from Crypto.PublicKey import RSA
from Crypto.Signature import pss

from ecid.emulator import cms
from ecid.emulator.issued import IssuedCard
from ecid.emulator.pki import SIGNING_TIME, Signer
from ecid.emulator.signing import RsaKey, RsaPssKey
from ecid.encoding import der_write as w
from ecid.encoding.oid import MGF1, RSASSA_PSS
from ecid.encoding.tlv import encode
from ecid.outcome import Reason
from ecid.testing import (
    ScriptedKey,
    canary_card,
    data_groups,
    fails,
    rsa_key,
    signed_by,
    stays_open,
)
from ecid.testing.keys import Signing, cube_root_forgery, digest_info, encoded_message, raised
from ecid_crypto.hashes import Hash
from ecid_crypto.rng import SeededRng
from entries import Row, Setup
from issuers import signed, signer_of

INVALID = fails("sod.signature", Reason.SIGNATURE_INVALID)
LENGTH = 256
"""Bytes in the modulus of the RSA keys."""

RSA_KEY, CUBE_KEY = rsa_key("signer"), rsa_key("signer", exponent=3)


# RSA PKCS #1 v1.5.


def forged_cube_root(hash_function: Hash, message: bytes) -> bytes:
    """Return the signature of whoever has no key, only e = 3."""
    return cube_root_forgery(digest_info(hash_function, message), LENGTH)


def with_info(info: Callable[[Hash, bytes], bytes], key: RsaKey = CUBE_KEY) -> Callable[[], Setup]:
    """Return the maker of a card whose block has another DigestInfo."""

    def signing(hash_function: Hash, message: bytes) -> bytes:
        return raised(key, encoded_message(info(hash_function, message), LENGTH))

    return lambda: signed(key, signing)


def long_form(value: bytes, tag: int, octets: int) -> bytes:
    """Return an object whose length takes ``octets`` bytes more than DER gives it."""
    return bytes([tag, 0x80 | octets]) + len(value).to_bytes(octets, "big") + value


def algorithm(hash_function: Hash) -> bytes:
    """Return the AlgorithmIdentifier of a DigestInfo."""
    return w.seq(w.oid(hash_function.oid), w.null())


def long_outside(hash_function: Hash, message: bytes) -> bytes:
    """Return a DigestInfo with its outermost length in the long form."""
    inside = algorithm(hash_function) + w.octets(hash_function.digest(message))
    return long_form(inside, 0x30, 1)


def long_algorithm(hash_function: Hash, message: bytes) -> bytes:
    """Return a DigestInfo with the length of its algorithm in the long form."""
    inside = w.oid(hash_function.oid) + w.null()
    return w.seq(long_form(inside, 0x30, 4), w.octets(hash_function.digest(message)))


def long_hash(hash_function: Hash, message: bytes) -> bytes:
    """Return a DigestInfo with the length of its hash in the long form."""
    return w.seq(algorithm(hash_function), long_form(hash_function.digest(message), 0x04, 4))


def rubbish_in_length(hash_function: Hash, message: bytes) -> bytes:
    """Return a DigestInfo whose length has 64 octets, all but the last of them rubbish.

    A reader that keeps the lowest bits of a length sees the right one (CVE-2014-1569).
    """
    inside = algorithm(hash_function) + w.octets(hash_function.digest(message))
    return bytes([0x30, 0xC0]) + SeededRng(b"rubbish")(63) + bytes([len(inside)]) + inside


def rubbish_in_parameters(hash_function: Hash, message: bytes) -> bytes:
    """Return a DigestInfo with rubbish in the place of the NULL, which some readers skip."""
    parameters = encode(0x04, SeededRng(b"rubbish")(120))
    identifier = w.seq(w.oid(hash_function.oid), parameters)
    return w.seq(identifier, w.octets(hash_function.digest(message)))


def rubbish_inside(hash_function: Hash, message: bytes) -> bytes:
    """Return a DigestInfo with a third object."""
    return w.seq(
        algorithm(hash_function),
        w.octets(hash_function.digest(message)),
        encode(0x04, SeededRng(b"rubbish")(120)),
    )


def without_null(hash_function: Hash, message: bytes) -> bytes:
    """Return a DigestInfo whose algorithm has no parameters."""
    return w.seq(w.seq(w.oid(hash_function.oid)), w.octets(hash_function.digest(message)))


def of_sha1(_: Hash, message: bytes) -> bytes:
    """Return the right DigestInfo of another hash function."""
    return digest_info(Hash.SHA1, message)


def renamed_sha1(hash_function: Hash, message: bytes) -> bytes:
    """Return the right hash under the name of SHA-1."""
    return w.seq(algorithm(Hash.SHA1), w.octets(hash_function.digest(message)))


def bare_hash(hash_function: Hash, message: bytes) -> bytes:
    """Return the hash without any DigestInfo."""
    return hash_function.digest(message)


def constant(value: int, length: int = LENGTH) -> Signing:
    """Return a signature that is always the same number."""
    return lambda _hash, _message: value.to_bytes(length, "big")


def genuine(hash_function: Hash, message: bytes) -> bytes:
    """Return the right signature."""
    return raised(RSA_KEY, encoded_message(digest_info(hash_function, message), LENGTH))


@cache
def moment_when(fits: Callable[[bytes], bool]) -> datetime:
    """Return the first second from the usual one on at which the right signature ``fits``."""
    content = cms.lds_security_object(data_groups(canary_card()))
    moments = (SIGNING_TIME + timedelta(seconds=n) for n in range(10_000))

    def message(moment: datetime) -> bytes:
        return w.set_of(*cms.signed_attributes(content, signing_time=moment))

    return next(each for each in moments if fits(genuine(Hash.SHA256, message(each))))


def begins_with_zero(signature: bytes) -> bool:
    """Whether a signature is a number of fewer bytes than the modulus."""
    return signature[0] == 0


def has_room(signature: bytes) -> bool:
    """Whether the modulus can be added without one byte more."""
    return int.from_bytes(signature, "big") + RSA_KEY.secret.n < 1 << 8 * LENGTH


def changed(
    change: Callable[[bytes], bytes], fits: Callable[[bytes], bool] = bool
) -> Callable[[], Setup]:
    """Return the maker of a card whose right signature is written in another way."""

    def signing(hash_function: Hash, message: bytes) -> bytes:
        return change(genuine(hash_function, message))

    return lambda: signed(RSA_KEY, signing, moment=moment_when(fits))


def plus_modulus(signature: bytes) -> bytes:
    """Return the same number modulo n, and larger than n."""
    return (int.from_bytes(signature, "big") + RSA_KEY.secret.n).to_bytes(LENGTH, "big")


# RSASSA-PSS.


PSS_KEY = RsaPssKey(RSA_KEY.secret)


@cache
def pss_card() -> IssuedCard:
    """Return a card signed with RSASSA-PSS."""
    return signed_by(canary_card(), signer_of(PSS_KEY))


def pss_signed(signing: Signing | None, identifier: bytes | None = None) -> Setup:
    """Return a card with another signature, or another name for it."""
    forger = Signer(signer_of(PSS_KEY).certificate, ScriptedKey(PSS_KEY, signing, identifier))
    return Setup(holder=pss_card(), card=signed_by(canary_card(), forger))


def mgf1_with_sha1(_: Hash, message: bytes) -> bytes:
    """Return a signature whose mask was made with SHA-1."""
    return _pss(message, mask_func=lambda seed, length: pss.MGF1(seed, length, SHA1))


def short_salt(_: Hash, message: bytes) -> bytes:
    """Return a signature with 20 bytes of salt."""
    return _pss(message, salt_bytes=20)


def _pss(message: bytes, **options: object) -> bytes:
    secret = RSA_KEY.secret
    key = RSA.construct((secret.n, secret.e, secret.d, secret.p, secret.q))
    rng = SeededRng(b"hostile salt")
    return pss.new(key, rand_func=rng, **options).sign(SHA256.new(message))  # type: ignore[arg-type]


def pss_identifier(*members: bytes) -> bytes:
    """Return id-RSASSA-PSS of SHA-256 with more members."""
    digest = w.seq(w.oid(Hash.SHA256.oid), w.null())
    mask = w.seq(w.oid(MGF1), digest)
    usual = w.explicit(0, digest), w.explicit(1, mask), w.explicit(2, w.integer(32))
    return w.seq(w.oid(RSASSA_PSS), w.seq(*usual, *members))


def _rsa(number: str, variant: str, mutation: str, make: Callable[[], Setup]) -> Row:
    return Row(id=number, variant=variant, mutation=mutation, weight=5, make=make, expected=INVALID)


ROWS = (
    _rsa(
        "ALG-01",
        "without a key",
        "e = 3: the cube root of a block that goes on with rubbish after the hash",
        lambda: signed(CUBE_KEY, forged_cube_root),
    ),
    _rsa("ALG-02", "outside", "long form of the length of DigestInfo", with_info(long_outside)),
    _rsa("ALG-02", "algorithm", "long form of the algorithm's length", with_info(long_algorithm)),
    _rsa("ALG-02", "hash", "long form of the length of the hash", with_info(long_hash)),
    _rsa(
        "ALG-02",
        "rubbish in a length",
        "a length of 64 octets, whose lowest is the right one",
        with_info(rubbish_in_length),
    ),
    _rsa(
        "ALG-02",
        "rubbish in the parameters",
        "rubbish in the place of NULL",
        with_info(rubbish_in_parameters),
    ),
    _rsa(
        "ALG-02",
        "rubbish inside",
        "rubbish after the hash, in DigestInfo",
        with_info(rubbish_inside),
    ),
    Row(
        id="ALG-02",
        variant="no NULL",
        mutation="no parameters: another encoding, and the only one whose meaning is beyond "
        "doubt. Known of some issuers; open where it is not granted to this one",
        weight=5,
        make=with_info(without_null),
        expected=stays_open("sod.signature", Reason.DIGEST_INFO_WITHOUT_NULL),
    ),
    _rsa("ALG-04", "SHA-1", "DigestInfo of SHA-1 under SHA-256", with_info(of_sha1, RSA_KEY)),
    _rsa(
        "ALG-04",
        "renamed",
        "the SHA-256 of the attributes, called SHA-1 in DigestInfo",
        with_info(renamed_sha1, RSA_KEY),
    ),
    _rsa("ALG-04", "none", "no DigestInfo, only the hash", with_info(bare_hash, RSA_KEY)),
    _rsa("ALG-05", "0", "the signature is 0", lambda: signed(RSA_KEY, constant(0))),
    _rsa("ALG-05", "1", "the signature is 1", lambda: signed(RSA_KEY, constant(1))),
    _rsa("ALG-05", "n", "the signature is n", lambda: signed(RSA_KEY, constant(RSA_KEY.secret.n))),
    _rsa(
        "ALG-05",
        "n - 1",
        "the signature is n - 1",
        lambda: signed(RSA_KEY, constant(RSA_KEY.secret.n - 1)),
    ),
    _rsa("ALG-05", "s + n", "n added to the right signature", changed(plus_modulus, has_room)),
    _rsa(
        "ALG-05",
        "k + 1",
        "a zero before the right signature",
        changed(lambda signature: b"\x00" + signature),
    ),
    _rsa(
        "ALG-05",
        "k - 1",
        "the right signature without the zero that it begins with",
        changed(lambda signature: signature[1:], begins_with_zero),
    ),
    _rsa("ALG-05", "empty", "no signature at all", changed(lambda _: b"")),
    Row(
        id="ALG-07",
        variant="MGF1",
        mutation="the mask was made with SHA-1, and SHA-256 is announced",
        weight=3,
        make=lambda: pss_signed(mgf1_with_sha1),
        expected=INVALID,
    ),
    Row(
        id="ALG-07",
        variant="salt",
        mutation="20 bytes of salt, and 32 are announced",
        weight=3,
        make=lambda: pss_signed(short_salt),
        expected=INVALID,
    ),
    Row(
        id="ALG-08",
        mutation="trailer field 2 is announced; the value must be 1 (RFC 4055 §3.1)",
        weight=3,
        make=lambda: pss_signed(None, pss_identifier(w.explicit(3, w.integer(2)))),
        expected=fails("sod.signature", Reason.MALFORMED, "pss_trailer_field"),
    ),
)

CASES = tuple(case for row in ROWS for case in row.cases())
