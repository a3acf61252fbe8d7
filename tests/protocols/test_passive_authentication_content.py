"""Passive Authentication: weak and unknown algorithms, and what is wrong with signed content."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ecid.emulator import certificates as c
from ecid.emulator import cms
from ecid.emulator.pki import SIGNING_TIME
from ecid.encoding import der_write as w
from ecid.encoding.spki import write_spki
from ecid.protocols.passive_authentication import authenticate
from ecid_crypto.hashes import Hash
from forged_sod import (
    CONTENT,
    CSCA,
    DIGEST_ALGORITHM,
    GREEN,
    SIGNATURE_ALGORITHM,
    SIGNER,
    TRUST,
    flipped,
    genuine,
    verdict,
    verdicts,
    with_signed_data_part,
    with_signer_part,
)

NOT_RUN = "undetermined not_run"
REST = GREEN[2:]
MD5 = w.seq(w.oid("1.2.840.113549.2.5"))
SIGNATURE_INVALID = ("successful", "failed signature_invalid", *REST)


# Algorithms -------------------------------------------------------------------------------


def test_sha1() -> None:
    """SHA-1 in the signature is checked, then left open."""
    sod = genuine(hash_function=Hash.SHA1)
    assert verdicts(sod) == ("successful", "undetermined weak_hash", *REST)


def announced(sod: bytes, algorithm: bytes) -> bytes:
    """Return ``sod`` with ``algorithm`` as the only one in SignedData.digestAlgorithms."""
    return with_signed_data_part(sod, 1, w.set_of(algorithm))


def test_sha1_of_the_content_only() -> None:
    """The digest of the content carries the signature: SHA-1 there is as weak."""
    attributes = cms.signed_attributes(CONTENT, Hash.SHA1)
    info = cms.signer_info(
        SIGNER, CONTENT, attributes, hash_function=Hash.SHA1, signature_hash=Hash.SHA256
    )
    sod = announced(genuine(signer_infos=(info,)), w.seq(w.oid(Hash.SHA1.oid)))
    assert verdicts(sod) == ("successful", "undetermined weak_hash", *REST)


def test_sha1_and_a_wrong_signature() -> None:
    """A weak hash never hides that the signature is wrong."""
    assert verdicts(flipped(genuine(hash_function=Hash.SHA1), -1)) == SIGNATURE_INVALID


def test_sha1_without_certificate() -> None:
    """Nor that the signer is unknown."""
    sod = genuine(hash_function=Hash.SHA1, certificates=())
    assert verdicts(sod)[1] == "undetermined dsc_missing"


def test_md5() -> None:
    """MD5 is refused, whatever it is the digest of."""
    sod = announced(with_signer_part(genuine(), DIGEST_ALGORITHM, MD5), MD5)
    assert verdicts(sod) == ("successful", "failed weak_hash", *REST)


def test_unknown_digest() -> None:
    """A hash that this library does not know leaves the question open."""
    sha3 = w.seq(w.oid("2.16.840.1.101.3.4.2.8"))
    sod = announced(with_signer_part(genuine(), DIGEST_ALGORITHM, sha3), sha3)
    assert verdicts(sod) == ("successful", "undetermined unsupported_algorithm", *REST)


def test_digest_with_parameters() -> None:
    """Hash functions have no parameters but NULL."""
    sod = with_signer_part(genuine(), DIGEST_ALGORITHM, w.seq(w.oid(Hash.SHA256.oid), w.integer(1)))
    assert verdicts(sod) == (
        "successful",
        "failed signed_attributes hash_parameters",
        *REST,
    )


def test_unknown_signature_algorithm() -> None:
    """Ed448, say: open, not failed."""
    sod = with_signer_part(genuine(), SIGNATURE_ALGORITHM, w.seq(w.oid("1.3.101.113")))
    assert verdicts(sod) == ("successful", "undetermined unsupported_algorithm", *REST)


def test_signature_algorithm_of_another_key() -> None:
    """RSA named for an elliptic curve key."""
    rsa = w.seq(w.oid("1.2.840.113549.1.1.11"), w.null())
    sod = with_signer_part(genuine(), SIGNATURE_ALGORITHM, rsa)
    assert verdicts(sod) == ("successful", "failed signature_invalid key_kind", *REST)


def test_null_parameters_are_reported() -> None:
    """ECDSA with NULL verifies, and the deviation has a name."""
    algorithm = w.seq(w.oid("1.2.840.10045.4.3.2"), w.null())
    sod = with_signer_part(genuine(), SIGNATURE_ALGORITHM, algorithm)
    assert verdicts(sod) == GREEN
    deviations = authenticate(sod, TRUST).deviations
    assert [(d.code, d.where) for d in deviations] == [("ecdsa_null_parameters", "SOD")]


def test_point_off_the_curve() -> None:
    """A signer's key that is no point of its curve verifies nothing."""
    plan = replace(
        CSCA.plan,
        issuer=CSCA.plan.subject,
        serial=77,
        public_key=flipped(write_spki(SIGNER.key.public), -1),
    )
    signer = replace(SIGNER, certificate=c.sign_certificate(plan, CSCA.key))
    assert verdicts(genuine(signer))[1] == "failed dsc_profile bad_point"


# The LDS security object ------------------------------------------------------------------


def lds(*entries: tuple[int, bytes], version: int = 0) -> bytes:
    """Return an LDSSecurityObject with these entries, in this order."""
    hashes = (w.seq(w.integer(n), w.octets(value)) for n, value in entries)
    return w.seq(w.integer(version), w.seq(w.oid(Hash.SHA256.oid)), w.seq(*hashes))


HASH = bytes(32)
CONTENTS = {
    "one data group": (lds((1, HASH)), "successful"),
    "data group twice": (lds((1, HASH), (1, bytes(31) + b"\x01")), "duplicate_data_group"),
    "same hash twice": (lds((1, HASH), (1, HASH)), "duplicate_data_group"),
    "data group 0": (lds((0, HASH)), "data_group_number"),
    "data group 17": (lds((17, HASH)), "data_group_number"),
    "data group -1": (lds((-1, HASH)), "data_group_number"),
    "no data group": (lds(), "no_data_group_hash"),
    "version 1 without version info": (lds((1, HASH), version=1), "version_info"),
    "bytes after it": (CONTENT + b"\x05\x00", "not_der"),
    "empty": (b"", "not_der"),
}


@pytest.mark.parametrize("name", CONTENTS)
def test_lds_security_object(name: str) -> None:
    """Properly signed content that breaks its own format fails, and gives no hashes."""
    content, rule = CONTENTS[name]
    sod = genuine(econtent=content)
    expected = "successful" if rule == "successful" else f"failed malformed {rule}"
    assert verdicts(sod) == (expected, *GREEN[1:])
    assert (authenticate(sod, TRUST).security_object is None) == (rule != "successful")


def test_lds_security_object_of_the_future() -> None:
    """A version that is not known is not wrong."""
    sod = genuine(econtent=lds((1, HASH), version=2))
    assert verdicts(sod) == ("undetermined unsupported_algorithm", *GREEN[1:])


def test_lds_version() -> None:
    """Version 1 with LDS and Unicode version."""
    content = cms.lds_security_object({1: b"x"}, version=1, lds_version=("0108", "040000"))
    result = authenticate(genuine(econtent=content), TRUST)
    assert verdict(result.format) == "successful"
    assert result.security_object is not None
    assert result.security_object.lds_version == "0108"


def test_signing_time_is_the_signed_one() -> None:
    """SigningTime is taken from the signed attributes; without it the time is unknown."""
    assert authenticate(genuine(), TRUST).signed_at == SIGNING_TIME
    assert authenticate(genuine(signing_time=None), TRUST).signed_at is None
