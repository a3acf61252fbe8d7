"""Who signed a SignedData, and whether the signature holds (RFC 5652 §5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ecid.emulator import certificates as c
from ecid.emulator import cms
from ecid.emulator.pki import CSCA_NAME, SIGNING_TIME, Signer, make_document_signer
from ecid.encoding import der_write as w
from ecid.errors import MalformedData
from ecid.lds.security_object import unwrap_sod
from ecid.outcome import Finding
from ecid.trust.certificate import Certificate, parse_certificate
from ecid.trust.names import Likeness
from ecid.trust.signed_data import SignedData, SignerIdentifier, parse_signed_data
from ecid.trust.signer import (
    MAX_CERTIFICATES,
    check,
    is_named,
    only_signer,
    select,
    usable_hash,
)
from ecid_crypto.hashes import Hash
from forged_sod import (
    CONTENT,
    CSCA,
    DIGEST_ALGORITHM,
    GROUPS,
    SIGNATURE,
    SIGNATURE_ALGORITHM,
    SIGNER,
    ec_key,
    genuine,
    signer_extensions_but,
    signer_with,
    verdict,
    with_attributes,
    with_signer_part,
)

KEY_IDENTIFIER = c.key_identifier(SIGNER.key.public)
BY_KEY = cms.key_identifier(KEY_IDENTIFIER)
SERIAL = parse_certificate(SIGNER.certificate).serial
PAST = datetime(2018, 1, 1, tzinfo=UTC)
SHOUTED = c.name("VN", "ECID EMULATOR", "CSCA EMULATED", serial="001")
TURNED = w.seq(
    *(
        w.set_of(w.seq(w.oid(oid), text))
        for oid, text in (
            ("2.5.4.3", w.utf8("CSCA EMULATED")),
            ("2.5.4.5", w.printable("001")),
            ("2.5.4.10", w.utf8("ecid emulator")),
            ("2.5.4.6", w.printable("VN")),
        )
    )
)
OTHER = make_document_signer(ec_key("other"), CSCA, serial=7)


def signed(sod: bytes) -> SignedData:
    """Return the SignedData inside ``sod``."""
    return parse_signed_data(unwrap_sod(sod), "CMS")


def identified(identifier: bytes | None = None, version: int = 1) -> bytes:
    """Return a SOD whose signer identifier is this one, truly signed."""
    attributes = cms.signed_attributes(CONTENT)
    info = cms.signer_info(SIGNER, CONTENT, attributes, identifier=identifier, version=version)
    return genuine(signer_infos=(info,))


def by_issuer(name: bytes, serial: int = SERIAL) -> bytes:
    """Return a signer identifier of issuer and serial number."""
    return w.seq(name, w.integer(serial))


# One key, certified twice -----------------------------------------------------------------


@pytest.mark.parametrize("old_first", [True, False])
def test_key_certified_twice(old_first: bool) -> None:
    """Of two certificates with one key identifier, the one that was valid when it signed."""
    key = ec_key("signer")
    old = make_document_signer(key, CSCA, serial=5, validity=(PAST, PAST + timedelta(days=1)))
    new = make_document_signer(key, CSCA, serial=6)
    attributes = cms.signed_attributes(CONTENT, signing_time=SIGNING_TIME)
    named = cms.key_identifier(c.key_identifier(key.public))
    info = cms.signer_info(new, CONTENT, attributes, identifier=named, version=3)
    both = (old, new) if old_first else (new, old)
    sod = genuine(new, signer_infos=(info,), certificates=tuple(s.certificate for s in both))
    parsed = signed(sod)
    selected = select(parsed, parsed.signers[0])
    assert selected is not None
    assert selected.certificate.raw == new.certificate


def test_two_signing_times() -> None:
    """Which of two counts would be the attacker's choice: at most one stands (RFC 5652 §11.3)."""
    time = cms.attribute("1.2.840.113549.1.9.5", w.utc_time(SIGNING_TIME))
    later = cms.attribute("1.2.840.113549.1.9.5", w.utc_time(SIGNING_TIME + timedelta(days=1)))
    plain = cms.signed_attributes(CONTENT)
    found = [signed(with_attributes(*plain, *times)) for times in ((), (time,), (time, later))]
    mine = parse_certificate(SIGNER.certificate)
    assert [verdict(check(each, each.signers[0], mine).finding) for each in found] == [
        "successful",
        "successful",
        "failed signed_attributes signing_time",
    ]


# Exactly one signer -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("identifier", "version", "rule"),
    [
        (None, 1, None),
        (BY_KEY, 3, None),
        (None, 3, "signer_version"),
        (BY_KEY, 1, "signer_version"),
        (None, 0, "signer_version"),
        (None, 2, "signer_version"),
    ],
)
def test_version_of_a_signer(identifier: bytes | None, version: int, rule: str | None) -> None:
    """Version 1 goes with issuer and serial number, 3 with the key identifier (§5.3)."""
    found = signed(identified(identifier, version))
    if rule is None:
        assert only_signer(found, "CMS") == found.signers[0]
        return
    with pytest.raises(MalformedData) as caught:
        only_signer(found, "CMS")
    assert (caught.value.where, caught.value.rule) == ("CMS", rule)


@pytest.mark.parametrize("count", [0, 2])
def test_number_of_signers(count: int) -> None:
    """No signer says nothing, and between two there is no choice."""
    found = signed(genuine())
    with pytest.raises(MalformedData) as caught:
        only_signer(replace(found, signers=found.signers * count), "CMS")
    assert caught.value.rule == "signer_count"


# Which certificate is named ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("identifier", "expected"),
    [
        (SignerIdentifier(CSCA_NAME, SERIAL), Likeness.IDENTICAL),
        (SignerIdentifier(SHOUTED, SERIAL), Likeness.ENCODING),
        (SignerIdentifier(TURNED, SERIAL), Likeness.ORDER),
        (SignerIdentifier(CSCA_NAME, SERIAL + 1), None),
        (SignerIdentifier(c.name("UT", "", ""), SERIAL), None),
        (SignerIdentifier(key_identifier=KEY_IDENTIFIER), Likeness.IDENTICAL),
        (SignerIdentifier(key_identifier=KEY_IDENTIFIER[:-1]), None),
        (SignerIdentifier(serial=SERIAL), None),
    ],
)
def test_is_named(identifier: SignerIdentifier, expected: Likeness | None) -> None:
    """By the name of the issuer and the serial number, or by the key identifier."""
    assert is_named(identifier, parse_certificate(SIGNER.certificate)) == expected


def test_no_key_identifier_is_named_by_none() -> None:
    """A certificate without key identifier is not meant by anybody who names one."""
    bare = signer_with(*signer_extensions_but("2.5.29.14"))
    certificate = parse_certificate(bare.certificate)
    assert is_named(SignerIdentifier(key_identifier=b""), certificate) is None


def found(
    certificates: Sequence[bytes], stored: Sequence[bytes] = (), identifier: bytes | None = None
) -> tuple[bytes, tuple[str, ...]] | None:
    """Return the certificate that is selected, and the deviations of that."""
    sod = identified(identifier, 3 if identifier == BY_KEY else 1)
    data = replace(signed(sod), certificates=tuple(certificates))
    selected = select(data, data.signers[0], [parse_certificate(each) for each in stored])
    return None if selected is None else (selected.certificate.raw, selected.deviations)


MINE, OTHERS = SIGNER.certificate, OTHER.certificate
NOT_NAMED = ("signer_identifier",)
SELECTIONS: dict[
    str, tuple[Sequence[bytes], Sequence[bytes], bytes | None, tuple[bytes, tuple[str, ...]] | None]
] = {
    "control": ((MINE,), (), None, (MINE, ())),
    "by key identifier": ((MINE,), (), BY_KEY, (MINE, ())),
    "among others": ((OTHERS, MINE), (), None, (MINE, ())),
    "among rubbish": ((b"", w.seq(), MINE), (), None, (MINE, ())),
    "by another case": ((MINE,), (), by_issuer(SHOUTED), (MINE, ("name_encoding",))),
    "by another order": ((MINE,), (), by_issuer(TURNED), (MINE, ("name_order",))),
    "stored": ((), (OTHERS, MINE), None, (MINE, ())),
    "stored, by another case": ((), (MINE,), by_issuer(SHOUTED), (MINE, ("name_encoding",))),
    "stored, another one enclosed": ((OTHERS,), (MINE,), None, (MINE, ())),
    "stored, but not named": ((), (OTHERS,), None, None),
    "nobody": ((), (), None, None),
    "the only one is not named": ((OTHERS,), (), None, (OTHERS, NOT_NAMED)),
    "the only one has another serial number": (
        (MINE,),
        (),
        by_issuer(CSCA_NAME, 1),
        (MINE, NOT_NAMED),
    ),
    "two that are not named": ((OTHERS, CSCA.certificate), (), None, None),
    "one that is not named, and rubbish": ((OTHERS, w.seq()), (), None, None),
    "rubbish only": ((w.seq(),), (), None, None),
}


@pytest.mark.parametrize("name", SELECTIONS)
def test_select(name: str) -> None:
    """The one that is named; one that is not named only if there is no other to be meant."""
    certificates, stored, identifier, expected = SELECTIONS[name]
    assert found(certificates, stored, identifier) == expected


@pytest.mark.parametrize("twin_first", [True, False])
def test_exact_name_comes_first(twin_first: bool) -> None:
    """Of two that a name may mean, the one it means to the letter."""
    twin = make_document_signer(ec_key("twin"), CSCA, issuer_name=SHOUTED).certificate
    both = (twin, MINE) if twin_first else (MINE, twin)
    assert found(both) == (MINE, ())
    assert found(both, identifier=by_issuer(SHOUTED)) == (twin, ())


def test_number_of_certificates() -> None:
    """Nobody encloses more than this, and nobody is made to read more."""
    crowd = [w.seq()] * (MAX_CERTIFICATES - 1)
    assert found((*crowd, MINE)) == (MINE, ())
    assert found((*crowd, w.seq(), MINE)) is None


# Whether the signature holds --------------------------------------------------------------


def judged(sod: bytes, certificate: Certificate | Signer | None = SIGNER) -> str:
    """Return the verdict on the signature of ``sod`` under ``certificate``."""
    data = signed(sod)
    if isinstance(certificate, Signer):
        certificate = parse_certificate(certificate.certificate)
    return verdict(check(data, data.signers[0], certificate).finding)


MD5, SHA3 = w.seq(w.oid("1.2.840.113549.2.5")), w.seq(w.oid("2.16.840.1.101.3.4.2.8"))
TYPE, DIGEST = cms.signed_attributes(CONTENT)
UNKNOWN = w.seq(w.oid("1.3.101.113"))
_SHA1_CONTENT = cms.lds_security_object(GROUPS, Hash.SHA1)
SHA1_DIGEST = cms.signer_info(
    SIGNER,
    _SHA1_CONTENT,
    cms.signed_attributes(_SHA1_CONTENT, Hash.SHA1),
    hash_function=Hash.SHA1,
    signature_hash=Hash.SHA256,
)
CHECKS = {
    "control": (genuine(), "successful"),
    "SHA-1": (genuine(hash_function=Hash.SHA1), "undetermined weak_hash"),
    "SHA-1 over the content only": (
        genuine(hash_function=Hash.SHA1, signer_infos=(SHA1_DIGEST,)),
        "undetermined weak_hash",
    ),
    "MD5": (with_signer_part(genuine(), DIGEST_ALGORITHM, MD5), "failed weak_hash"),
    "SHA-3": (
        with_signer_part(genuine(), DIGEST_ALGORITHM, SHA3),
        "undetermined unsupported_algorithm",
    ),
    "digest algorithm that is none": (
        with_signer_part(genuine(), DIGEST_ALGORITHM, w.seq(w.integer(1))),
        "failed signed_attributes not_der",
    ),
    "no content type": (with_attributes(DIGEST), "failed signed_attributes signed_attributes"),
    "no digest": (with_attributes(TYPE), "failed signed_attributes signed_attributes"),
    "Ed448": (
        with_signer_part(genuine(), SIGNATURE_ALGORITHM, UNKNOWN),
        "undetermined unsupported_algorithm",
    ),
    "signature algorithm that is none": (
        with_signer_part(genuine(), SIGNATURE_ALGORITHM, w.seq(w.integer(1))),
        "failed malformed not_der",
    ),
    "key of another kind": (
        with_signer_part(genuine(), SIGNATURE_ALGORITHM, w.seq(w.oid("1.2.840.113549.1.1.11"))),
        "failed signature_invalid key_kind",
    ),
    "no signature": (
        with_signer_part(genuine(), SIGNATURE, w.octets(b"")),
        "failed signature_invalid",
    ),
}


@pytest.mark.parametrize("name", CHECKS)
def test_check(name: str) -> None:
    """One part of the SignerInfo changed at a time."""
    sod, expected = CHECKS[name]
    assert judged(sod) == expected


def test_content_that_was_not_signed() -> None:
    """The digest is over the content as it came."""
    data = signed(genuine())
    changed = replace(data, content=CONTENT + b"\x00")
    certificate = parse_certificate(SIGNER.certificate)
    found = check(changed, changed.signers[0], certificate).finding
    assert verdict(found) == "failed digest_mismatch"
    missing = replace(data, content=None)
    assert verdict(check(missing, missing.signers[0], certificate).finding) == (
        "failed digest_mismatch"
    )


def test_content_type_that_was_not_signed() -> None:
    """The signed attribute names the type of the content."""
    data = replace(signed(genuine()), content_type="1.2.840.113549.1.7.1")
    found = check(data, data.signers[0], parse_certificate(SIGNER.certificate)).finding
    assert verdict(found) == "failed signed_attributes content_type"


def test_without_certificate() -> None:
    """Open, unless the content is not the one that was signed."""
    assert judged(genuine(), None) == "undetermined dsc_missing"
    assert judged(with_attributes(TYPE), None) == "failed signed_attributes signed_attributes"


def test_certificate_of_another() -> None:
    """The named certificate's key did not sign."""
    assert judged(genuine(), OTHER) == "failed signature_invalid"


@pytest.mark.parametrize(
    ("spki", "expected"),
    [
        (w.seq(), "failed dsc_profile not_der"),
        (w.seq(UNKNOWN, w.bits(bytes(57))), "undetermined unsupported_algorithm"),
    ],
)
def test_certificate_without_a_usable_key(spki: bytes, expected: str) -> None:
    """A key that is none is the certificate's fault, an unknown one nobody's."""
    plan = replace(CSCA.plan, issuer=CSCA.plan.subject, serial=77, public_key=spki)
    certificate = parse_certificate(c.sign_certificate(plan, CSCA.key))
    assert judged(genuine(), certificate) == expected


@pytest.mark.parametrize("hash_", list(Hash))
def test_usable_hash(hash_: Hash) -> None:
    """Each hash of Doc 9303 by its identifier; whether it is weak is asked later."""
    assert usable_hash(hash_.oid) is hash_


@pytest.mark.parametrize(
    ("oid", "expected"),
    [
        ("1.2.840.113549.2.5", "failed weak_hash"),
        ("1.2.840.113549.2.2", "failed weak_hash"),
        ("2.16.840.1.101.3.4.2.8", "undetermined unsupported_algorithm"),
        ("1.2.3", "undetermined unsupported_algorithm"),
    ],
)
def test_unusable_hash(oid: str, expected: str) -> None:
    """MD2 and MD5 are broken, others unknown."""
    finding = usable_hash(oid)
    assert isinstance(finding, Finding)
    assert verdict(finding) == expected
