"""The profile of a document signer certificate (Doc 9303-12 §7.1.1, Tables 4 and 5)."""

from __future__ import annotations

import pytest

from ecid.emulator import certificates as c
from ecid.emulator.pki import (
    Authority,
    Signer,
    make_document_signer,
)
from ecid.encoding import der_write as w
from ecid.encoding.tlv import encode
from ecid.trust.certificate import Certificate, parse_certificate
from ecid.trust.chain import find_chain
from ecid.trust.signer_profile import check_signer_profile
from ecid.trust.store import TrustStore
from forged_sod import (
    CSCA,
    SIGNER,
    ec_key,
    genuine,
    signer_extensions_but,
    signer_with,
    verdict,
    verdicts,
    with_outer_algorithm,
)

KEY_USAGE, BASIC_CONSTRAINTS = "2.5.29.15", "2.5.29.19"


def chain(signer: Signer | bytes, *anchors: Authority | bytes) -> str:
    """Return the verdict on ``signer`` under ``anchors``, in this order."""
    return verdict(find_chain(certificate(signer), store(*anchors)).finding)


def certificate(signer: Signer | bytes) -> Certificate:
    """Return the certificate of ``signer``."""
    return parse_certificate(signer if isinstance(signer, bytes) else signer.certificate)


def store(*anchors: Authority | bytes) -> TrustStore:
    """Return a store of ``anchors``."""
    return TrustStore.of(*(a if isinstance(a, bytes) else a.certificate for a in anchors))


def profile(signer: Signer | bytes) -> str:
    """Return the verdict on the profile of ``signer``."""
    return verdict(check_signer_profile(certificate(signer)))


def dsc(oid: str, *instead: bytes) -> Signer:
    """Return a signer with another extension in place of ``oid``."""
    return signer_with(*signer_extensions_but(oid, *instead))


UNKNOWN = "1.3.6.1.4.1.99999.1"
EXTENDED = "2.5.29.37"
NULL_ADDED = w.seq(w.oid("1.2.840.10045.4.3.3"), w.null())
PROFILES = {
    "control": (dsc(UNKNOWN), "successful"),
    "without BasicConstraints": (dsc(BASIC_CONSTRAINTS), "successful"),
    "unknown extension": (dsc(UNKNOWN, c.extension(UNKNOWN, w.null())), "successful"),
    "unknown critical extension": (
        dsc(UNKNOWN, c.extension(UNKNOWN, w.null(), critical=True)),
        "failed dsc_profile unknown_critical_extension",
    ),
    "authority": (
        dsc(BASIC_CONSTRAINTS, c.basic_constraints(True)),
        "failed dsc_profile certificate_authority",
    ),
    "no key usage": (dsc(KEY_USAGE), "failed dsc_profile key_usage_missing"),
    "empty key usage": (dsc(KEY_USAGE, c.key_usage()), "failed dsc_profile not_for_signatures"),
    "key usage for signing lists": (
        dsc(KEY_USAGE, c.key_usage(6)),
        "failed dsc_profile not_for_signatures",
    ),
    "key usage for certificates too": (
        dsc(KEY_USAGE, c.key_usage(0, 5)),
        "failed dsc_profile may_sign_certificates",
    ),
    "key usage that is none": (
        dsc(KEY_USAGE, c.extension(KEY_USAGE, encode(0x03, b"\x08\x80"))),
        "failed dsc_profile key_usage",
    ),
    "key usage twice": (
        dsc(UNKNOWN, c.key_usage(0)),
        "failed dsc_profile extension_repeated",
    ),
    "unknown extension twice": (
        dsc(UNKNOWN, *[c.extension(UNKNOWN, w.null())] * 2),
        "failed dsc_profile extension_repeated",
    ),
    "extended key usage of a web server": (
        dsc(UNKNOWN, c.extension(EXTENDED, w.seq(w.oid("1.3.6.1.5.5.7.3.1")))),
        "failed dsc_profile extended_key_usage",
    ),
    "extended key usage of a master list signer": (
        dsc(UNKNOWN, c.extension(EXTENDED, w.seq(w.oid("2.23.136.1.1.3")))),
        "failed dsc_profile extended_key_usage",
    ),
    "version 1": (
        make_document_signer(ec_key("signer"), CSCA, version=None),
        "failed dsc_profile version",
    ),
    "version 2": (
        make_document_signer(ec_key("signer"), CSCA, version=1),
        "failed dsc_profile version",
    ),
}


@pytest.mark.parametrize("name", PROFILES)
def test_signer_profile(name: str) -> None:
    """A certificate of another role under the same CSCA signs no documents (P7)."""
    signer, expected = PROFILES[name]
    assert profile(signer) == expected
    assert chain(signer, CSCA) == "successful"


def test_two_signature_algorithms() -> None:
    """Inside and outside of the signed part must say the same (RFC 5280 §4.1.1.2)."""
    signer = with_outer_algorithm(SIGNER.certificate, NULL_ADDED)
    assert profile(signer) == "failed dsc_profile algorithms_differ"
    assert chain(signer, CSCA) == "successful"


def test_profile_of_a_whole_sod() -> None:
    """A wrong role fails the signer, whatever signature and chain say."""
    signer, expected = PROFILES["extended key usage of a web server"]
    assert verdicts(genuine(signer)) == ("successful", "successful", expected, "successful")
