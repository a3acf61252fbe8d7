"""921 real certificates and six master lists. The counts are regression numbers.

They say what is, not what ought to be: a count that changes means that real documents are read
differently from now on, and whoever changes it says why.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from ecid.errors import MalformedData
from ecid.trust.anchor_profile import check_anchor
from ecid.trust.certificate import Certificate, parse_certificate
from ecid.trust.chain import find_chain
from ecid.trust.store import TrustStore
from ecid.trust.tolerance import Tolerances
from ecid.trust.verification import check_issued
from ecid_crypto.public_key import RsaPublicKey
from forged_sod import verdict
from real_certificates import all_certificates, anchor, anchor_files, bundle, listed, master_lists


@pytest.fixture(scope="module")
def everything(corpus: Path) -> list[Certificate]:
    """Return every certificate of the corpus, parsed: none is refused as a whole."""
    return [parse_certificate(raw) for raw in all_certificates(corpus)]


def short(certificate: Certificate) -> str:
    """Return country and the first bytes of the fingerprint."""
    return f"{certificate.country} {certificate.fingerprint[:8]}"


def test_all_of_them_parse(everything: list[Certificate]) -> None:
    """All are version 3, have an aware validity, a key and an algorithm that we know."""
    assert len(everything) == 921
    assert {certificate.version for certificate in everything} == {2}
    assert all(c.not_before.tzinfo and c.not_after.tzinfo for c in everything)
    kinds = Counter(
        (isinstance(c.public_key.key, RsaPublicKey), c.public_key.explicit_parameters)
        for c in everything
    )
    # RSA, EC with parameters written out as Doc 9303-12 wants, EC with a named curve.
    assert kinds == {(True, False): 684, (False, True): 228, (False, False): 9}
    assert Counter(c.public_key.deviations for c in everything) == {
        (): 909,
        ("field_element_length",): 12,
    }
    assert all(c.signature_algorithm for c in everything)


def test_algorithms_agree(everything: list[Certificate]) -> None:
    """The algorithms inside and outside of the signed part are the same bytes in all of them."""
    assert [short(c) for c in everything if c.raw_algorithm != c.raw_inner_algorithm] == []


def test_names_without_country(everything: list[Certificate]) -> None:
    """Only a root of San Marino has none: it is never a candidate."""
    found = [c.common_name for c in everything if c.country is None]
    assert found == ["RSM-CSCA"]


READ = (
    "is_ca",
    "path_length",
    "key_usage",
    "extended_key_usage",
    "subject_key_identifier",
    "authority_key_identifier",
    "private_key_usage",
    "document_types",
    "deviations",
)


def test_every_extension_can_be_read(everything: list[Certificate]) -> None:
    """No extension that means anything to us is broken in any of them."""
    assert [(short(c), name) for c in everything for name in READ if not _reads(c, name)] == []


def test_deviations(everything: list[Certificate]) -> None:
    """What is overlooked in them, exactly, and in whose.

    Two Ukrainian roots write TRUE as 01, which is BER; three Lithuanian ones put the key
    identifier bare into the extension, without an OCTET STRING of its own.
    """
    found = Counter((c.country, code) for c in everything for code in c.deviations)
    assert found == {
        ("LT", "bare_key_identifier"): 3,
        ("UA", "boolean_encoding"): 2,
        ("LT", "country_alpha_3"): 1,
    } | _serial_numbers(everything)
    assert {c.encoding for c in everything} == {()}


def test_every_deviation_is_granted(everything: list[Certificate]) -> None:
    """The table of the field names each of them, and the issuer that has it."""
    granted = Tolerances.load("field")
    missing = [
        (short(c), code)
        for c in everything
        for code in c.deviations
        if not granted.grants(code, c.country)
    ]
    assert missing == []


def test_anchor_profiles(everything: list[Certificate]) -> None:
    """Which rules they break as anchors: nothing but not being one, by key usage."""
    findings = [check_anchor(c) for c in everything]
    assert Counter(each.rule for each in findings) == {
        None: 911,
        "key_usage": 10,
    }
    granted = Tolerances.load("field")
    assert Counter(
        (code, granted.grants(code, c.country))
        for c, each in zip(everything, findings, strict=True)
        for code in each.deviations
    ) == {
        ("weak_self_signature", False): 82,
        ("path_length", True): 67,
        ("field_element_length", True): 12,
        ("not_marked_as_ca", True): 11,
        ("serial_not_positive", True): 6,
        ("bare_key_identifier", True): 3,
        ("boolean_encoding", True): 2,
        ("country_alpha_3", True): 1,
        ("key_usage_absent", True): 1,
    }


def test_nothing_stands_twice(everything: list[Certificate]) -> None:
    """No extension is repeated, and none is critical that is not understood.

    Critical is nameChange of a root of Luxembourg (Doc 9303-12 §7.1.1.7).
    """
    assert [short(c) for c in everything if c.extensions.repeated] == []
    assert [short(c) for c in everything if c.extensions.unknown_critical] == []
    changes = [(c, c.extensions.find("2.23.136.1.1.6.1")) for c in everything]
    assert "LU 5acb0c02" in {short(c) for c, change in changes if change and change.critical}
    assert [short(c) for c in everything if c.extensions.is_emulated] == []


def test_own_signatures(everything: list[Certificate]) -> None:
    """Under their own key: roots verify, link certificates do not.

    Of the self-issued ones, 178 are link certificates under an unchanged name; where the key
    changed its kind, ``key_kind`` says that the signature is of the other kind.
    """
    found = Counter(
        (c.raw_issuer == c.raw_subject, verdict(check_issued(c, c.public_key))) for c in everything
    )
    assert found == {
        (True, "successful"): 513,
        (True, "undetermined weak_hash"): 82,
        (True, "failed signature_invalid"): 170,
        (True, "failed signature_invalid key_kind"): 8,
        (False, "failed signature_invalid"): 139,
        (False, "failed signature_invalid key_kind"): 9,
    }


def test_self_issued_and_named_by_their_own_key(everything: list[Certificate]) -> None:
    """Whoever names its own key as the issuer's was signed by it: no false alarm in 921."""
    wrong = [
        short(c)
        for c in everything
        if _identifiers_agree(c)
        and verdict(check_issued(c, c.public_key)) not in {"successful", "undetermined weak_hash"}
    ]
    assert wrong == []


@pytest.mark.slow
def test_link_certificates_verify(everything: list[Certificate]) -> None:
    """Most of what does not verify under its own key does under the key it names.

    The rest names a key that is in none of the lists, but for a certificate of Ivory Coast,
    whose named key did not sign it, and two (of Spain and the Philippines) that name themselves
    as the issuer while the key they name is that of their predecessor.
    """
    store = TrustStore.of(*(c.raw for c in everything))
    others = [c for c in everything if verdict(check_issued(c, c.public_key)).startswith("failed")]
    found = Counter(verdict(find_chain(c, store).finding) for c in others)
    assert found == {
        "successful": 278,
        "undetermined issuer_name": 2,
        "undetermined weak_hash": 40,
        "undetermined no_csca": 5,
        "failed bad_signature": 1,
    }


def test_single_anchors(corpus: Path) -> None:
    """Every root signed itself; two are link certificates, one is a document signer."""
    found = {}
    for file in anchor_files(corpus):
        certificate = parse_certificate(anchor(corpus, file.name))
        found[file.name] = verdict(check_issued(certificate, certificate.public_key))
    others = {name for name, text in found.items() if text != "successful"}
    assert len(found) == 18
    assert {found[name] for name in others} == {"failed signature_invalid"}
    assert others == {
        "DSC_NationalIdentification_00013.cer",
        "IDN_2010_SERIES_CSCA_CERT__2016-01_CSCA_LINK.cer",
        "IDN_2010_SERIES_CSCA_CERT__2020-10_CSCA_LINK.cer",
    }


# Real chains ------------------------------------------------------------------------------

VN_SIGNER = "DSC_NationalIdentification_00013.cer"


def chain(corpus: Path, signer: str, *anchors: str) -> str:
    """Return the verdict on the chain of real certificates."""
    store = TrustStore.of(*(anchor(corpus, name) for name in anchors))
    return verdict(find_chain(parse_certificate(anchor(corpus, signer)), store).finding)


def test_vietnamese_identity_card(corpus: Path) -> None:
    """The signer of the identity card under its CSCA, and not under that of the passport."""
    assert chain(corpus, VN_SIGNER, "CSCA_Vietnam_001.cer") == "successful"
    assert chain(corpus, VN_SIGNER, "CSCA_ePassport_Vietnam.cer") == "undetermined no_csca"
    both = ("CSCA_ePassport_Vietnam.cer", "CSCA_Vietnam_001.cer")
    assert chain(corpus, VN_SIGNER, *both) == "successful"


def test_vietnamese_csca_is_in_no_list(corpus: Path) -> None:
    """It can only come from the caller: with all other anchors of the world, no anchor."""
    csca = anchor(corpus, "CSCA_Vietnam_001.cer")
    others = [c for c in all_certificates(corpus) if c != csca]
    signer = parse_certificate(anchor(corpus, VN_SIGNER))
    assert verdict(find_chain(signer, TrustStore.of(*others)).finding) == "undetermined no_csca"


def test_one_bit_of_a_real_signer(corpus: Path) -> None:
    """A bit of the signed part changed: the named anchor did not sign this."""
    real = anchor(corpus, VN_SIGNER)
    at = real.index(b"Document Signer")
    forged = real[:at] + b"d" + real[at + 1 :]
    store = TrustStore.of(anchor(corpus, "CSCA_Vietnam_001.cer"))
    assert verdict(find_chain(parse_certificate(forged), store).finding) == "failed bad_signature"


@pytest.mark.parametrize(("old", "new"), [("2010-12", "2016-01"), ("2016-01", "2020-10")])
def test_indonesian_link_certificates(corpus: Path, old: str, new: str) -> None:
    """The old key signs a certificate of the new key (Doc 9303-12 §4.3)."""
    series = "IDN_2010_SERIES_CSCA_CERT__"
    link = parse_certificate(anchor(corpus, f"{series}{new}_CSCA_LINK.cer"))
    root = parse_certificate(anchor(corpus, f"{series}{new}_CSCA.cer"))
    assert chain(corpus, f"{series}{new}_CSCA_LINK.cer", f"{series}{old}_CSCA.cer") == "successful"
    assert link.public_key.key == root.public_key.key


# Master lists -----------------------------------------------------------------------------

LISTS = {
    "DE_ML_2021-03-15_sha1.ml": (2, 423),
    "DE_ML_2024-12-19-10-09-11.ml": (2, 551),
    "DE_ML_2026-05-28-08-28-45.ml": (2, 588),
    "ICAO_ml_March2023.ml": (2, 372),
    "IT_MasterListCSCA.ml": (1, 333),
    "NL_ML_2026-07-22.ml": (1, 411),
}


def test_master_lists(corpus: Path) -> None:
    """Their CMS decodes strictly: certificates in the CMS, certificates in the list."""
    found = {
        name: (len(cms.certificates), len(listed(cms)))
        for name, cms in master_lists(corpus).items()
    }
    assert found == LISTS
    for cms in master_lists(corpus).values():
        assert (cms.version, cms.content_type, len(cms.signers)) == (3, "2.23.136.1.1.2", 1)


def test_master_list_signers(corpus: Path) -> None:
    """Signers of lists have a purpose of their own: none could sign a document."""
    for name, cms in master_lists(corpus).items():
        certificates = [parse_certificate(raw) for raw in cms.certificates]
        (signer,) = [c for c in certificates if c.extensions.extended_key_usage is not None]
        assert signer.extensions.extended_key_usage == ("2.23.136.1.1.3",), name
        assert not signer.extensions.is_ca


# The store --------------------------------------------------------------------------------


def test_bundle(corpus: Path) -> None:
    """716 of 720 are CSCA certificates, one is a signer's; three may not sign certificates.

    That is 11 more than Doc 9303-12 alone admits: nine whose BasicConstraints forgot that they
    are a CA, and the two Ukrainian roots of above.
    """
    store = TrustStore.load(bundle(corpus))
    assert (len(store.entries), len(store.signers)) == (716, 1)
    assert Counter(s.rule for s in store.skipped) == {"key_usage": 3}
    overlooked = Counter(code for entry in store.entries for code in entry.deviations)
    assert (overlooked["not_marked_as_ca"], overlooked["boolean_encoding"]) == (9, 2)


def test_folder(corpus: Path) -> None:
    """The folder of all anchors: a signer among them is kept as a signer."""
    store = TrustStore.load(corpus / "pki" / "anchors")
    assert (len(store.entries), len(store.signers)) == (724, 2)
    assert [s.source for s in store.skipped if "Andy" not in s.source] == []
    fingerprints = {entry.fingerprint.hex() for entry in store.signers.entries()}
    assert parse_certificate(anchor(corpus, VN_SIGNER)).fingerprint in fingerprints


def test_estonian_files(corpus: Path) -> None:
    """DER and PEM under .cer, .crt and .der: the content decides, not the suffix."""
    files = sorted((corpus / "pki" / "anchors").glob("csca_Estonia_*"))
    store = TrustStore.load(*files)
    assert len(store.anchors) == len(files) == 7
    assert store.skipped == ()
    assert {file.suffix for file in files} == {".cer", ".crt", ".der"}
    assert {file.read_bytes()[:1] for file in files} == {b"-", b"0"}


def _serial_numbers(everything: list[Certificate]) -> Counter[tuple[str | None, str]]:
    """Return how many certificates of a country have a serial number of zero or less."""
    return Counter((c.country, "serial_not_positive") for c in everything if c.serial <= 0)


def _reads(certificate: Certificate, name: str) -> bool:
    try:
        getattr(certificate.extensions, name)
    except MalformedData:
        return False
    return True


def _identifiers_agree(certificate: Certificate) -> bool:
    if not _reads(certificate, "subject_key_identifier"):
        return False
    own = certificate.extensions.subject_key_identifier
    return own is not None and own == certificate.extensions.authority_key_identifier
