"""The emulated issuer's parts can be replaced one by one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from cryptography import x509

from ecid.emulator import certificates as c
from ecid.emulator import cms
from ecid.emulator.keys import generate_ec, generate_rsa
from ecid.emulator.pki import (
    EMULATED_MARKER_OID,
    SIGNING_TIME,
    emulated_issuer,
    make_csca,
    make_document_signer,
    sign_sod,
)
from ecid.emulator.signing import EcdsaKey, RsaKey, RsaPssKey, SigningKey, signing_key
from ecid.encoding.tlv import children, parse_one
from ecid_crypto.curves import curve_by_name
from ecid_crypto.hashes import Hash
from ecid_crypto.public_key import RsaPublicKey
from ecid_crypto.rng import SeededRng
from ecid_crypto.signature import RsaPkcs1v15, RsaPss, verify

CSCA, SIGNER = emulated_issuer(0)
GROUPS = {1: b"one", 14: b"fourteen"}
RSA_SECRET = generate_rsa(2048, SeededRng(b"rsa"))


def ec_key(label: bytes = b"other") -> EcdsaKey:
    """Return a key on P-256."""
    return EcdsaKey(generate_ec(curve_by_name("P-256"), SeededRng(label)))


def signer_infos(sod: bytes) -> list[list[bytes]]:
    """Return the members of each SignerInfo."""
    content = children(children(parse_one(sod, 0x77, "SOD"))[0])[1]
    signed = children(children(content)[0])
    return [[part.raw for part in children(info)] for info in children(signed[-1])]


def test_deterministic() -> None:
    """The same parts make the same SOD."""
    first = sign_sod(GROUPS, SIGNER, signing_time=SIGNING_TIME)
    assert first == sign_sod(GROUPS, SIGNER, signing_time=SIGNING_TIME)
    assert first != sign_sod(GROUPS, SIGNER)


@pytest.mark.parametrize("key", [RsaKey(RSA_SECRET), RsaPssKey(RSA_SECRET)])
def test_rsa_issuer(key: SigningKey) -> None:
    """RSA keys sign certificates that `cryptography` verifies, v1.5 and PSS."""
    csca = make_csca(key, hash_function=Hash.SHA256)
    signer = make_document_signer(ec_key(), csca, hash_function=Hash.SHA512)
    issuer = x509.load_der_x509_certificate(csca.certificate)
    issuer.verify_directly_issued_by(issuer)
    x509.load_der_x509_certificate(signer.certificate).verify_directly_issued_by(issuer)


def test_rsa_signatures() -> None:
    """Both RSA schemes verify with the other half of this project."""
    public = RSA_SECRET.public
    assert isinstance(public, RsaPublicKey)
    verify(RsaPkcs1v15(Hash.SHA1), public, RsaKey(RSA_SECRET).sign(Hash.SHA1, b"m"), b"m")
    pss = RsaPss(Hash.SHA384, Hash.SHA384, 48)
    verify(pss, public, RsaPssKey(RSA_SECRET).sign(Hash.SHA384, b"m"), b"m")
    assert signing_key(RSA_SECRET) == RsaKey(RSA_SECRET)


def test_link_certificate() -> None:
    """A new CSCA key signed by the old one."""
    link = make_csca(ec_key(), issuer=CSCA, subject=c.name("VN", "ecid emulator", "CSCA NEW"))
    old = x509.load_der_x509_certificate(CSCA.certificate)
    x509.load_der_x509_certificate(link.certificate).verify_directly_issued_by(old)


def test_unmarked_csca() -> None:
    """The marker can be left out, for the tests of what it is for."""
    certificate = x509.load_der_x509_certificate(make_csca(ec_key(), marked=False).certificate)
    assert EMULATED_MARKER_OID not in {e.oid.dotted_string for e in certificate.extensions}


def test_replaced_plan() -> None:
    """Any field of a certificate can be replaced and signed again."""
    plan = replace(CSCA.plan, serial=5, not_after=datetime(2055, 1, 1, tzinfo=UTC))
    certificate = x509.load_der_x509_certificate(c.sign_certificate(plan, CSCA.key))
    certificate.verify_directly_issued_by(certificate)
    assert certificate.serial_number == 5
    assert certificate.not_valid_after_utc.year == 2055


def test_certificate_of_version_1() -> None:
    """Version and extensions can be left out."""
    plan = replace(CSCA.plan, version=None, extensions=())
    der = c.sign_certificate(plan, CSCA.key)
    assert x509.load_der_x509_certificate(der).version is x509.Version.v1


def test_without_signed_attributes() -> None:
    """An empty sequence of attributes: the signature is over the content itself."""
    (info,) = signer_infos(sign_sod(GROUPS, SIGNER, attributes=()))
    assert [part[0] for part in info] == [0x02, 0x30, 0x30, 0x30, 0x04]


@pytest.mark.parametrize("sort", [True, False])
def test_order_of_attributes(sort: bool) -> None:
    """Attributes stand and are signed in DER order, unless a broken issuer is wanted."""
    content = cms.lds_security_object(GROUPS)
    attributes = tuple(reversed(cms.signed_attributes(content)))
    info = cms.signer_info(SIGNER, content, attributes, sort=sort)
    placed = children(children(parse_one(info, 0x30, "SignerInfo"))[3])
    assert [part.raw for part in placed] == (sorted(attributes) if sort else list(attributes))


def test_two_signer_infos() -> None:
    """SignerInfos can be built apart and put together."""
    content = cms.lds_security_object(GROUPS)
    attributes = cms.signed_attributes(content, message_digest=bytes(32))
    bad = cms.signer_info(SIGNER, content, attributes, signature=b"\x00")
    good = cms.signer_info(SIGNER, content, cms.signed_attributes(content))
    sod = sign_sod(GROUPS, SIGNER, econtent=content, signer_infos=(bad, good))
    assert len(signer_infos(sod)) == 2


def test_identified_by_key() -> None:
    """A SignerInfo may name the key instead of the certificate."""
    content = cms.lds_security_object(GROUPS, version=1, lds_version=("0108", "040000"))
    identifier = cms.key_identifier(c.key_identifier(SIGNER.key.public))
    info = cms.signer_info(
        SIGNER, content, cms.signed_attributes(content), identifier=identifier, version=3
    )
    ((_, sid, *_),) = signer_infos(sign_sod(GROUPS, SIGNER, econtent=content, signer_infos=(info,)))
    assert sid[:2] == b"\x80\x14"


def test_certificates_in_the_sod() -> None:
    """None, one or several certificates; the order of a SET OF is DER's."""
    both = sign_sod(GROUPS, SIGNER, certificates=(SIGNER.certificate, CSCA.certificate))
    none = sign_sod(GROUPS, SIGNER, certificates=())
    assert SIGNER.certificate in both
    assert CSCA.certificate in both
    assert SIGNER.certificate not in none


def test_issuers_differ() -> None:
    """Another label or seed is another issuer of the same name."""
    rogue, _ = emulated_issuer(0, "rogue")
    assert rogue.plan.subject == CSCA.plan.subject
    assert rogue.certificate != CSCA.certificate
    assert emulated_issuer(1)[0].certificate != CSCA.certificate
