"""Passive Authentication: one part of the signed data changed at a time (RFC 5652 §5)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ecid.emulator import certificates as c
from ecid.emulator import cms
from ecid.emulator.pki import emulated_issuer, make_document_signer
from ecid.encoding import der_write as w
from ecid.encoding.oid import CONTENT_TYPE, LDS_SECURITY_OBJECT, MESSAGE_DIGEST, SIGNED_DATA
from ecid.lds.security_object import LEGACY_CONTENT_TYPES
from ecid.protocols.passive_authentication import authenticate
from ecid_crypto.hashes import Hash
from forged_sod import (
    ATTRIBUTES,
    CONTENT,
    CSCA,
    GREEN,
    SIGNATURE,
    SIGNER,
    TRUST,
    VERSION,
    ec_key,
    edited_content,
    flipped,
    genuine,
    signer_parts,
    verdicts,
    with_attributes,
    with_signed_data_part,
    with_signer_part,
)

NOT_RUN = "undetermined not_run"
REST = GREEN[2:]
ID_DATA = "1.2.840.113549.1.7.1"
MD5 = w.seq(w.oid("1.2.840.113549.2.5"))
DECOY = make_document_signer(ec_key("decoy"), CSCA, serial=1)

CONTENT_DIGEST = Hash.SHA256.digest(CONTENT)
TYPE = cms.attribute(CONTENT_TYPE, w.oid(LDS_SECURITY_OBJECT))
DIGEST = cms.attribute(MESSAGE_DIGEST, w.octets(CONTENT_DIGEST))
BAD_DIGEST = cms.attribute(MESSAGE_DIGEST, w.octets(bytes(32)))


def malformed(rule: str) -> tuple[str, ...]:
    """Return the verdicts of a SOD that is refused before anything is verified."""
    return (f"failed malformed {rule}", NOT_RUN, NOT_RUN, NOT_RUN)


def bad_attributes(rule: str) -> tuple[str, ...]:
    """Return the verdicts of a SOD whose signed attributes break ``rule``."""
    return ("successful", f"failed signed_attributes {rule}", *REST)


DIGEST_MISMATCH = ("successful", "failed digest_mismatch", *REST)
SIGNATURE_INVALID = ("successful", "failed signature_invalid", *REST)


def test_control() -> None:
    """Two attributes are enough: the others differ from this SOD in one part."""
    assert verdicts(with_attributes(TYPE, DIGEST)) == GREEN


# Signed attributes, each properly signed --------------------------------------------------

ATTRIBUTE_MUTATIONS = {
    "content type missing": ((DIGEST,), bad_attributes("signed_attributes")),
    "content type twice": ((TYPE, TYPE, DIGEST), bad_attributes("signed_attributes")),
    "content type with two values": (
        (cms.attribute(CONTENT_TYPE, w.oid(LDS_SECURITY_OBJECT), w.oid(ID_DATA)), DIGEST),
        bad_attributes("signed_attributes"),
    ),
    "content type without value": (
        (cms.attribute(CONTENT_TYPE), DIGEST),
        bad_attributes("signed_attributes"),
    ),
    "content type of plain data": (
        (cms.attribute(CONTENT_TYPE, w.oid(ID_DATA)), DIGEST),
        bad_attributes("content_type"),
    ),
    "content type is no identifier": (
        (cms.attribute(CONTENT_TYPE, w.octets(w.oid(LDS_SECURITY_OBJECT)[2:])), DIGEST),
        bad_attributes("content_type"),
    ),
    "digest missing": ((TYPE,), bad_attributes("signed_attributes")),
    "digest twice, the right one last": (
        (TYPE, BAD_DIGEST, DIGEST),
        bad_attributes("signed_attributes"),
    ),
    "digest twice, the same": ((TYPE, DIGEST, DIGEST), bad_attributes("signed_attributes")),
    "digest with two values": (
        (
            TYPE,
            cms.attribute(MESSAGE_DIGEST, w.octets(bytes(32)), w.octets(CONTENT_DIGEST)),
        ),
        bad_attributes("signed_attributes"),
    ),
    "digest of something else": ((TYPE, BAD_DIGEST), DIGEST_MISMATCH),
    "digest cut short": (
        (TYPE, cms.attribute(MESSAGE_DIGEST, w.octets(CONTENT_DIGEST[:16]))),
        DIGEST_MISMATCH,
    ),
    "digest empty": ((TYPE, cms.attribute(MESSAGE_DIGEST, w.octets(b""))), DIGEST_MISMATCH),
    "digest of another type": (
        (TYPE, cms.attribute(MESSAGE_DIGEST, w.bits(CONTENT_DIGEST))),
        DIGEST_MISMATCH,
    ),
    "attribute that is none": ((TYPE, DIGEST, w.seq(w.oid(ID_DATA))), bad_attributes("truncated")),
}


@pytest.mark.parametrize("name", ATTRIBUTE_MUTATIONS)
def test_signed_attributes(name: str) -> None:
    """ContentType and messageDigest stand exactly once with one value that fits (§11)."""
    attributes, expected = ATTRIBUTE_MUTATIONS[name]
    assert verdicts(with_attributes(*attributes)) == expected


def test_no_signed_attributes() -> None:
    """A signature over the content itself is none: the content is no plain data (§5.3)."""
    assert verdicts(genuine(attributes=())) == bad_attributes("signed_attributes")


def test_attributes_as_content() -> None:
    """Genuine attributes under their genuine signature, passed off as content."""
    parts = signer_parts(genuine())
    attributes = b"\x31" + parts[ATTRIBUTES][1:]
    info = cms.signer_info(SIGNER, attributes, (), signature=_octets(parts[SIGNATURE]))
    assert verdicts(genuine(econtent=attributes, signer_infos=(info,))) == (
        "failed malformed not_der",
        "failed signed_attributes signed_attributes",
        *REST,
    )


def test_attributes_are_verified_as_received() -> None:
    """A SET that the issuer did not sort verifies as it came, and not when sorted afterwards."""
    unsorted = with_attributes(DIGEST, TYPE, sort=False)
    assert TYPE < DIGEST
    assert verdicts(unsorted) == GREEN
    resorted = with_signer_part(unsorted, ATTRIBUTES, w.implicit(0, w.set_of(TYPE, DIGEST)))
    assert verdicts(resorted) == SIGNATURE_INVALID


def test_unsigned_attributes() -> None:
    """They are read over: nothing is believed for them, and nothing refused."""
    parts = signer_parts(genuine())
    attribute = cms.attribute(MESSAGE_DIGEST, w.octets(bytes(32)))
    info = w.seq(*parts, w.implicit(1, w.set_of(attribute)))
    assert verdicts(genuine(signer_infos=(info,))) == GREEN


# Content and signature --------------------------------------------------------------------


def test_flipped_signature() -> None:
    """One bit of the signature."""
    assert verdicts(flipped(genuine(), -1)) == SIGNATURE_INVALID


@pytest.mark.parametrize("signature", [b"", b"\x30\x00", w.seq(w.integer(0), w.integer(0))])
def test_no_signature(signature: bytes) -> None:
    """Signatures that are none, among them r = s = 0 (CVE-2022-21449)."""
    sod = with_signer_part(genuine(), SIGNATURE, w.octets(signature))
    assert verdicts(sod) == SIGNATURE_INVALID


def test_flipped_content() -> None:
    """One bit of a data group hash: the digest no longer fits, the signature still would."""
    sod = genuine()
    at = sod.index(Hash.SHA256.digest(b"data group two"))
    assert verdicts(flipped(sod, at)) == DIGEST_MISMATCH


def test_signature_of_another_signer() -> None:
    """The certificate of one signer, the signature of another."""
    other = replace(SIGNER, key=ec_key("thief", "brainpoolP384r1"))
    assert verdicts(genuine(other)) == SIGNATURE_INVALID


def test_failed_signature_is_final() -> None:
    """A broken signature over broken content fails for both reasons (LDS_H_69)."""
    sod = flipped(edited_content(lambda content: content + b"\x05\x00"), -1)
    assert verdicts(sod) == ("failed malformed not_der", "failed signature_invalid", *REST)


def test_detached_content() -> None:
    """Without eContent there is nothing that was signed here."""
    sod = with_signed_data_part(genuine(), 2, w.seq(w.oid(LDS_SECURITY_OBJECT)))
    assert verdicts(sod) == ("failed malformed content_type", "failed digest_mismatch", *REST)


def test_content_of_another_type() -> None:
    """Well signed, but not as an LDS security object: plain data has a rule of its own."""
    for content_type, rule in ((ID_DATA, "data_content_type"), (SIGNED_DATA, "content_type")):
        assert verdicts(genuine(content_type=content_type)) == (
            f"failed malformed {rule}",
            *GREEN[1:],
        )


@pytest.mark.parametrize("content_type", sorted(LEGACY_CONTENT_TYPES))
def test_content_type_of_a_draft(content_type: str) -> None:
    """Drafts of the standard had other identifiers of the same object: said, and no more."""
    sod = genuine(content_type=content_type)
    assert verdicts(sod) == GREEN
    found = authenticate(sod, TRUST).deviations
    assert [(d.code, d.where) for d in found] == [("legacy_content_type", "SOD")]


def test_content_type_changed_after_signing() -> None:
    """The signed attribute still names the LDS security object."""
    content = w.seq(w.oid(ID_DATA), w.explicit(0, w.octets(CONTENT)))
    assert verdicts(with_signed_data_part(genuine(), 2, content)) == (
        "failed malformed data_content_type",
        "failed signed_attributes content_type",
        *REST,
    )


@pytest.mark.parametrize("version", [1, 4])
def test_signed_data_version(version: int) -> None:
    """SignedData has version 3, since its content is no plain data (§5.1)."""
    assert verdicts(genuine(version=version)) == (
        "failed malformed signed_data_version",
        *GREEN[1:],
    )


def test_not_signed_data() -> None:
    """Another CMS type in the ContentInfo."""
    sod = genuine().replace(
        bytes.fromhex("2A864886F70D010702"), bytes.fromhex("2A864886F70D010701")
    )
    assert verdicts(sod) == malformed("not_signed_data")


# Signers ----------------------------------------------------------------------------------

GOOD = cms.signer_info(SIGNER, CONTENT, cms.signed_attributes(CONTENT))
BAD = cms.signer_info(SIGNER, CONTENT, cms.signed_attributes(CONTENT), signature=b"\x00")
BY_KEY = cms.key_identifier(c.key_identifier(SIGNER.key.public))


def test_no_signer() -> None:
    """Without a signer there is nothing to judge."""
    assert verdicts(genuine(signer_infos=())) == malformed("signer_count")


@pytest.mark.parametrize("infos", [(GOOD, BAD), (BAD, GOOD), (GOOD, GOOD)])
def test_several_signers(infos: tuple[bytes, ...]) -> None:
    """No choice between two signatures, even if both are right."""
    assert verdicts(genuine(signer_infos=infos)) == (
        "successful",
        "failed signer_count",
        NOT_RUN,
        NOT_RUN,
    )


@pytest.mark.parametrize(
    ("version", "identifier", "expected"),
    [
        (1, None, GREEN),
        (3, BY_KEY, GREEN),
        (3, None, malformed("signer_version")),
        (1, BY_KEY, malformed("signer_version")),
        (0, None, malformed("signer_version")),
        (300, None, malformed("signer_version")),
    ],
)
def test_signer_version(version: int, identifier: bytes | None, expected: tuple[str, ...]) -> None:
    """Version 1 goes with issuer and serial number, 3 with the key identifier (§5.3)."""
    info = cms.signer_info(
        SIGNER,
        CONTENT,
        cms.signed_attributes(CONTENT),
        identifier=identifier,
        version=version,
    )
    assert verdicts(genuine(signer_infos=(info,))) == expected


def test_neither_kind_of_identifier() -> None:
    """A SignerIdentifier that is no choice of §5.3."""
    sod = with_signer_part(genuine(), 1, w.octets(bytes(20)))
    assert verdicts(sod) == malformed("signer_identifier")


def test_decoy_in_the_bag() -> None:
    """The signer is found by its identifier, wherever its certificate stands."""
    assert DECOY.certificate < SIGNER.certificate
    both = (DECOY.certificate, SIGNER.certificate)
    result = authenticate(genuine(certificates=both), TRUST)
    assert verdicts(genuine(certificates=both)) == GREEN
    assert result.certificate is not None
    assert SIGNER.certificate == result.certificate.raw


def test_rubbish_in_the_bag() -> None:
    """What is no certificate is no candidate."""
    assert verdicts(genuine(certificates=(w.seq(), SIGNER.certificate))) == GREEN


@pytest.mark.parametrize("by_key", [False, True])
def test_identifier_names_the_decoy(by_key: bool) -> None:
    """The named certificate did not sign, although the one that did is there."""
    identifier = cms.issuer_and_serial(DECOY.certificate)
    if by_key:
        identifier = cms.key_identifier(c.key_identifier(DECOY.key.public))
    info = cms.signer_info(
        SIGNER,
        CONTENT,
        cms.signed_attributes(CONTENT),
        identifier=identifier,
        version=3 if by_key else 1,
    )
    both = (DECOY.certificate, SIGNER.certificate)
    assert verdicts(genuine(signer_infos=(info,), certificates=both)) == SIGNATURE_INVALID


@pytest.mark.parametrize("certificates", [(), (DECOY.certificate,)])
def test_signer_certificate_missing(certificates: tuple[bytes, ...]) -> None:
    """Without the signer's certificate nothing is decided, and nothing is green.

    Also if there is another one, which the identifier does not name and whose key did not sign.
    """
    assert verdicts(genuine(certificates=certificates)) == (
        "successful",
        *["undetermined dsc_missing"] * 3,
    )


def test_anchor_in_the_bag() -> None:
    """The CSCA that a forger put into the SOD is no anchor (Doc 9303-12 §6.1)."""
    rogue, signer = emulated_issuer(0, "rogue")
    sod = genuine(signer, certificates=(signer.certificate, rogue.certificate))
    assert verdicts(sod) == (*GREEN[:3], "undetermined no_csca")


def test_empty_digest_algorithms() -> None:
    """No issuer leaves digestAlgorithms empty; other readers fell over it (CVE-2026-45447)."""
    found = verdicts(with_signed_data_part(genuine(), 1, w.set_of()))
    assert found[0] == "failed malformed digest_algorithms_empty"


def test_version_is_not_a_choice_of_the_signer() -> None:
    """The version of SignerInfo stands outside the signature and is judged all the same."""
    assert verdicts(with_signer_part(genuine(), VERSION, w.integer(3))) == malformed(
        "signer_version"
    )


def _octets(der: bytes) -> bytes:
    """Return the content of a short OCTET STRING."""
    assert der[0] == 0x04
    assert der[1] == len(der) - 2
    return der[2:]
