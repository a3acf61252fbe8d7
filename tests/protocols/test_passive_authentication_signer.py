"""Passive Authentication: signers named badly, stored elsewhere, or signing in another way."""

from __future__ import annotations

from hashlib import sha256

import pytest

from dsa_key import DsaKey
from ecid.emulator import certificates as c
from ecid.emulator import cms
from ecid.emulator.pki import Authority, Signer, make_csca, make_document_signer
from ecid.emulator.signing import SigningKey
from ecid.encoding import der_write as w
from ecid.encoding.tlv import children, parse_one
from ecid.protocols.passive_authentication import PassiveAuthentication, authenticate
from ecid.trust.certificate import parse_certificate
from ecid.trust.entries import Entry, Kind, MemoryShelf, Provenance
from ecid.trust.store import MemorySigners, TrustStore
from ecid.trust.tolerance import Tolerances
from ecid_crypto.hashes import Hash
from forged_sod import (
    ATTRIBUTES,
    CONTENT,
    CSCA,
    GREEN,
    SIGNER,
    TRUST,
    all_verdicts,
    ec_key,
    flipped,
    genuine,
    signer_parts,
    verdicts,
    with_attributes,
    with_signer_part,
)

INVALID = "failed signature_invalid"
MISSING = "undetermined dsc_missing"
NOT_TOLERATED = "undetermined not_tolerated"


def said(result: PassiveAuthentication) -> list[tuple[str, str]]:
    """Return codes and places of the deviations."""
    return [(each.code, each.where) for each in result.deviations]


# An identifier that names no certificate --------------------------------------------------


def issuer(country: str) -> tuple[Authority, Signer]:
    """Return a CSCA of ``country`` and a document signer."""
    csca = make_csca(ec_key("csca"), subject=c.name(country, "", "CSCA EMULATED"))
    subject = c.name(country, "", "Document Signer EMULATED")
    return csca, make_document_signer(ec_key("dsc"), csca, subject=subject, serial=5)


def misnamed(signer: Signer, csca: Authority, *, bags: int = 1, signature: bytes = b"") -> bytes:
    """Return a SOD whose identifier has another serial number; ``bags`` certificates enclosed."""
    info = cms.signer_info(
        signer,
        CONTENT,
        cms.signed_attributes(CONTENT),
        identifier=w.seq(csca.plan.subject, w.integer(6)),
        signature=signature or None,
    )
    bag = (signer.certificate, csca.certificate)[:bags]
    return genuine(signer, signer_infos=(info,), certificates=bag)


FOREIGN = ec_key("somebody else").sign(Hash.SHA256, b"something else")


@pytest.mark.parametrize(
    ("country", "changes", "expected"),
    [
        # Passports of Ukraine have it: the one certificate there is, is meant.
        ("UA", {}, GREEN),
        ("UA", {"signature": FOREIGN}, ("successful", INVALID, *GREEN[2:])),
        ("UA", {"bags": 2}, ("successful", MISSING, MISSING, MISSING)),
        ("UA", {"bags": 0}, ("successful", MISSING, MISSING, MISSING)),
        # Elsewhere its key has to have signed, and even then that is no success.
        ("UT", {}, ("successful", NOT_TOLERATED, *GREEN[2:])),
        ("UT", {"signature": FOREIGN}, ("successful", MISSING, MISSING, MISSING)),
        ("UT", {"bags": 2}, ("successful", MISSING, MISSING, MISSING)),
    ],
)
def test_identifier_of_nobody(
    country: str, changes: dict[str, int | bytes], expected: tuple[str, ...]
) -> None:
    """The signer is the one that is named, or the only one whose issuer is known to name badly."""
    csca, signer = issuer(country)
    trust = TrustStore.of(csca.certificate)
    control = genuine(signer)
    assert verdicts(control, trust) == GREEN
    bags, signature = int(changes.get("bags", 1)), bytes(changes.get("signature", b""))
    result = authenticate(misnamed(signer, csca, bags=bags, signature=signature), trust)
    assert all_verdicts(result) == expected
    tried = MISSING not in expected
    assert said(result) == ([("signer_identifier", "SOD")] if tried else [])
    assert (result.certificate is not None) is tried


def test_anchor_that_names_no_country_grants_none() -> None:
    """An anchor without a country vouches for no signer that names one, whichever."""
    csca = make_csca(ec_key("csca"), subject=c.name("", "", "CSCA EMULATED"))
    liar = make_document_signer(ec_key("dsc"), csca, subject=c.name("UA", "", "Signer"), serial=5)
    trust = TrustStore.of(csca.certificate)
    assert verdicts(genuine(liar), trust) == (*GREEN[:3], "undetermined no_csca")
    assert verdicts(misnamed(liar, csca), trust)[3] == "undetermined no_csca"


@pytest.mark.parametrize(("country", "signature"), [("UA", "successful"), ("UT", NOT_TOLERATED)])
def test_signer_without_a_country_has_what_its_anchor_has(country: str, signature: str) -> None:
    """Tolerances go by the anchor, since only its country is the operator's word."""
    csca, _ = issuer(country)
    silent = make_document_signer(ec_key("dsc"), csca, subject=c.name("", "", "Signer"), serial=5)
    result = authenticate(misnamed(silent, csca), TrustStore.of(csca.certificate))
    assert all_verdicts(result) == (GREEN[0], signature, *GREEN[2:])


def unsorted_attributes() -> bytes:
    """Return a SOD whose signed attributes the signer did not sort, and signed so."""
    given = children(parse_one(b"\x31" + signer_parts(genuine())[ATTRIBUTES][1:], 0x31, "SOD"))
    return with_attributes(*(each.raw for each in given[::-1]), sort=False)


def long_length() -> bytes:
    """Return a SOD whose signed attributes have their length in four bytes more than needed."""
    content = parse_one(signer_parts(genuine())[ATTRIBUTES], 0xA0, "SOD").value
    longer = b"\xa0\x84" + len(content).to_bytes(4, "big") + content
    return with_signer_part(genuine(), ATTRIBUTES, longer)


@pytest.mark.parametrize(
    ("sod", "code"), [(unsorted_attributes(), "set_order"), (long_length(), "ber_encoding")]
)
def test_signer_info_that_is_no_der(sod: bytes, code: str) -> None:
    """What is read by hand is named all the same, and granted by the table only."""
    result = authenticate(sod, TRUST)
    assert all_verdicts(result) == GREEN
    assert said(result) == [(code, "SOD")]
    strict = authenticate(sod, TRUST, Tolerances.load("none"))
    assert all_verdicts(strict) == (NOT_TOLERATED, *GREEN[1:])


def test_country_of_a_misnamed_signer_is_not_its_own_word() -> None:
    """A signer that calls itself Ukrainian under the CSCA of another country has no anchor."""
    csca, _ = issuer("UT")
    liar = make_document_signer(ec_key("dsc"), csca, subject=c.name("UA", "", "Signer"), serial=5)
    result = authenticate(misnamed(liar, csca), TrustStore.of(csca.certificate))
    assert all_verdicts(result) == (*GREEN[:3], "undetermined no_csca")


# A signer that only the operator has ------------------------------------------------------


def entry(certificate: bytes) -> Entry:
    """Return the entry of a store for ``certificate``."""
    return Entry.of(parse_certificate(certificate), (Provenance(Kind.BY_HAND, ""),))


def store(*signers: bytes) -> TrustStore:
    """Return a store of the CSCA and of ``signers``."""
    shelf = {sha256(each).digest(): each for each in (CSCA.certificate, *signers)}
    return TrustStore(
        (entry(CSCA.certificate),),
        signers=MemorySigners(tuple(map(entry, signers))),
        shelf=MemoryShelf(shelf),
    )


OTHER = make_document_signer(ec_key("other"), CSCA, serial=7).certificate
#: Another one under the serial number of the signer: only its issuer tells it apart.
NAMESAKE = make_document_signer(
    ec_key("namesake"), CSCA, issuer_name=c.name("VN", "", "CSCA OTHER")
).certificate
ALL_MISSING = ("successful", MISSING, MISSING, MISSING)


@pytest.mark.parametrize(
    ("enclosed", "stored", "expected"),
    [
        ((), (), ALL_MISSING),
        ((), (SIGNER.certificate,), GREEN),
        ((), (OTHER, NAMESAKE, SIGNER.certificate), GREEN),
        ((), (OTHER,), ALL_MISSING),
        ((), (NAMESAKE,), ALL_MISSING),
        ((OTHER,), (SIGNER.certificate,), GREEN),
    ],
)
def test_stored_signer(
    enclosed: tuple[bytes, ...], stored: tuple[bytes, ...], expected: tuple[str, ...]
) -> None:
    """A document may leave its signer out (Doc 9303-10 §4.6.2.2); then the store may have it."""
    sod = genuine(certificates=enclosed)
    result = authenticate(sod, store(*stored))
    assert all_verdicts(result) == expected
    assert result.deviations == ()
    forged = verdicts(flipped(sod, -1), store(*stored))
    assert forged[1] == (INVALID if expected == GREEN else MISSING)


def test_stored_signer_by_key_identifier() -> None:
    """By whatever the identifier names it."""
    info = cms.signer_info(
        SIGNER,
        CONTENT,
        cms.signed_attributes(CONTENT),
        identifier=cms.key_identifier(c.key_identifier(SIGNER.key.public)),
        version=3,
    )
    sod = genuine(signer_infos=(info,), certificates=())
    assert verdicts(sod, store(OTHER, SIGNER.certificate)) == GREEN
    assert verdicts(sod, store(OTHER)) == ALL_MISSING


def test_stored_signer_is_no_anchor() -> None:
    """A signer in the store vouches for what it signed and for nobody else, itself included."""
    sod = genuine(certificates=())
    trust = store(SIGNER.certificate)
    without_anchor = TrustStore((), signers=trust.signers, shelf=trust.shelf)
    assert verdicts(sod, without_anchor) == (*GREEN[:3], "undetermined no_csca")


def test_enclosed_signer_comes_first() -> None:
    """What the document says of itself needs no store."""
    assert verdicts(genuine(), store(OTHER, NAMESAKE)) == GREEN


# DSA --------------------------------------------------------------------------------------


@pytest.mark.parametrize("dsa_root", [False, True])
@pytest.mark.parametrize("hash_", [Hash.SHA224, Hash.SHA256, Hash.SHA384, Hash.SHA512])
def test_dsa(dsa_root: bool, hash_: Hash) -> None:
    """Doc 9303-12 §4.1.6.2 allows DSA, for signers and for their CSCA."""
    root: SigningKey = DsaKey() if dsa_root else ec_key("csca")
    csca = make_csca(root, hash_function=Hash.SHA256)
    signer = make_document_signer(DsaKey(), csca, hash_function=Hash.SHA256)
    trust = TrustStore.of(csca.certificate)
    sod = genuine(signer, hash_function=hash_)
    result = authenticate(sod, trust)
    assert (all_verdicts(result), result.deviations) == (GREEN, ())
    assert verdicts(flipped(sod, -1), trust)[1] == INVALID


def test_dsa_under_a_key_of_another_kind() -> None:
    """A signature that names DSA, and a signer with a point."""
    swapped = Signer(SIGNER.certificate, DsaKey())
    assert verdicts(genuine(swapped)) == (
        "successful",
        "failed signature_invalid key_kind",
        *GREEN[2:],
    )


def test_trust_is_the_operators() -> None:
    """The control of this module: the shipped issuer under its own anchor."""
    assert verdicts(genuine(), TRUST) == GREEN
