"""The profile of a document signer certificate (Doc 9303-12 §7.1.1, Tables 4 and 5)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dsa_key import PUBLIC
from ecid.emulator import certificates as c
from ecid.emulator.pki import (
    SIGNER_VALIDITY,
    Authority,
    Signer,
    make_document_signer,
    signer_extensions,
)
from ecid.encoding import der_write as w
from ecid.encoding.spki import write_spki
from ecid.encoding.tlv import encode
from ecid.trust.certificate import Certificate, parse_certificate
from ecid.trust.chain import find_chain
from ecid.trust.signer_profile import (
    DEVIATION_LIST,
    MASTER_LIST,
    check_list_signer,
    check_signer_profile,
    deviations_of,
)
from ecid.trust.store import TrustStore
from ecid_crypto.public_key import RsaPublicKey
from forged_sod import (
    CSCA,
    SIGNER,
    CurveballKey,
    ec_key,
    flipped,
    genuine,
    key_of,
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
    "key usage for revocation lists too": (
        dsc(KEY_USAGE, c.key_usage(0, 6)),
        "failed dsc_profile may_sign_revocation_lists",
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


# The key ----------------------------------------------------------------------------------


def with_key(spki: bytes, *more: bytes) -> bytes:
    """Return the control with another SubjectPublicKeyInfo, issued by the CSCA."""
    plan = replace(
        CSCA.plan,
        issuer=CSCA.plan.subject,
        serial=5,
        public_key=spki,
        extensions=(*signer_extensions(ec_key("signer"), CSCA, SIGNER_VALIDITY[0]), *more),
    )
    return c.sign_certificate(plan, CSCA.key)


def rsa(bits: int, exponent: int = 65537) -> bytes:
    """Return an RSA key of this size; nobody has its private key."""
    return write_spki(RsaPublicKey((1 << bits - 1) + 1, exponent))


BALL = CurveballKey(key_of(ec_key("signer"))).spki
KEYS = {
    "control": (write_spki(ec_key("signer").public), "successful", ()),
    "RSA of 2048 bits": (rsa(2048), "successful", ()),
    "RSA of 2047 bits": (rsa(2047), "successful", ("short_rsa_key",)),
    "RSA of 1024 bits": (rsa(1024), "successful", ("short_rsa_key",)),
    "RSA of 1023 bits": (rsa(1023), "failed weak_key rsa_modulus_length", ("short_rsa_key",)),
    "RSA of 8193 bits": (rsa(8193), "failed weak_key rsa_modulus_length", ()),
    "RSA with exponent 1": (rsa(2048, 1), "failed weak_key rsa_exponent", ()),
    "RSA with an even exponent": (rsa(2048, 4), "failed weak_key rsa_exponent", ()),
    "DSA": (write_spki(PUBLIC), "successful", ()),
    "DSA with generator 1": (
        write_spki(replace(PUBLIC, g=1)),
        "failed weak_key dsa_range",
        (),
    ),
    "DSA of another order": (
        write_spki(replace(PUBLIC, q=PUBLIC.q + 2)),
        "failed weak_key dsa_order",
        (),
    ),
    "curve that nobody knows": (BALL, "undetermined unsupported_curve", ()),
    "algorithm that nobody knows": (
        w.seq(w.seq(w.oid("1.3.101.113")), w.bits(bytes(57))),
        "undetermined unsupported_algorithm",
        (),
    ),
    "point off the curve": (
        flipped(write_spki(ec_key("signer").public), -1),
        "failed weak_key bad_point",
        (),
    ),
    "no key": (w.seq(), "failed weak_key not_der", ()),
}


@pytest.mark.parametrize("name", KEYS)
def test_key(name: str) -> None:
    """A key is judged before anything is computed with it; a short one is said."""
    spki, expected, deviations = KEYS[name]
    assert profile(with_key(spki)) == expected
    assert deviations_of(certificate(with_key(spki))) == deviations


def test_key_of_another_role_is_not_asked_about() -> None:
    """The profile comes first: what the key of an authority is like decides nothing."""
    plan = replace(CSCA.plan, public_key=BALL)
    assert profile(c.sign_certificate(plan, CSCA.key)) == "failed dsc_profile certificate_authority"


def test_deviations() -> None:
    """Those of the certificate stand before those of its key."""
    curve = key_of(ec_key("signer")).curve
    point = key_of(ec_key("signer")).point
    octets = bytes([2 + point.y % 2]) + point.x.to_bytes(curve.field_length, "big")
    spki = w.seq(w.seq(w.oid("1.2.840.10045.2.1"), w.oid(curve.oid)), w.bits(octets))
    plan = replace(CSCA.plan, public_key=spki, serial=0)
    found = deviations_of(certificate(c.sign_certificate(plan, CSCA.key)))
    assert found == ("serial_not_positive", "compressed_point")
    assert deviations_of(certificate(SIGNER)) == ()


# Signers of lists -------------------------------------------------------------------------

MASTER = c.extension(EXTENDED, w.seq(w.oid(MASTER_LIST)))
DEVIATION = c.extension(EXTENDED, w.seq(w.oid(DEVIATION_LIST)))
OTHER = c.extension(EXTENDED, w.seq(w.oid("2.25.7")))
OTHER_AND_TLS = c.extension(EXTENDED, w.seq(w.oid("2.25.7"), w.oid("1.3.6.1.5.5.7.3.1")))
ANY = c.extension(EXTENDED, w.seq(w.oid("2.5.29.37.0")))
BOTH = c.extension(EXTENDED, w.seq(w.oid(DEVIATION_LIST), w.oid(MASTER_LIST)))
NO_PURPOSE = "failed dsc_profile extended_key_usage"


@pytest.mark.parametrize(
    ("extensions", "purpose", "expected"),
    [
        ((MASTER,), MASTER_LIST, "successful"),
        ((BOTH,), MASTER_LIST, "successful"),
        ((DEVIATION,), DEVIATION_LIST, "successful"),
        ((DEVIATION,), MASTER_LIST, NO_PURPOSE),
        ((MASTER,), DEVIATION_LIST, NO_PURPOSE),
        # A document signer signs no lists, not even those whose purpose has no identifier here.
        ((), MASTER_LIST, NO_PURPOSE),
        ((), None, NO_PURPOSE),
        ((OTHER,), None, "successful"),
        # Nor does who signs other lists, or anything else that has a name.
        ((MASTER,), None, NO_PURPOSE),
        ((DEVIATION,), None, NO_PURPOSE),
        ((OTHER_AND_TLS,), None, NO_PURPOSE),
        ((ANY,), None, NO_PURPOSE),
        ((MASTER, MASTER), MASTER_LIST, "failed dsc_profile extension_repeated"),
        ((MASTER, c.key_usage(0)), MASTER_LIST, "failed dsc_profile extension_repeated"),
        (
            (c.extension(EXTENDED, w.null()),),
            MASTER_LIST,
            "failed dsc_profile unexpected_tag",
        ),
    ],
)
def test_list_signer(extensions: tuple[bytes, ...], purpose: str | None, expected: str) -> None:
    """The purpose keeps the key of one role from doing the work of another."""
    signer = certificate(dsc(UNKNOWN, *extensions))
    assert verdict(check_list_signer(signer, purpose)) == expected


@pytest.mark.parametrize("name", [name for name in PROFILES if "extended" not in name])
def test_list_signer_profile(name: str) -> None:
    """Everything else is as with document signers, whose extended key usage alone is missing."""
    signer, expected = PROFILES[name]
    with_purpose = NO_PURPOSE if expected == "successful" else expected
    assert verdict(check_list_signer(certificate(signer), MASTER_LIST)) == with_purpose


@pytest.mark.parametrize("name", KEYS)
def test_list_signer_key(name: str) -> None:
    """And so is the key."""
    spki, expected, _ = KEYS[name]
    assert verdict(check_list_signer(certificate(with_key(spki, MASTER)), MASTER_LIST)) == expected


def test_two_signature_algorithms() -> None:
    """Inside and outside of the signed part must say the same (RFC 5280 §4.1.1.2)."""
    signer = with_outer_algorithm(SIGNER.certificate, NULL_ADDED)
    assert profile(signer) == "failed dsc_profile algorithms_differ"
    assert chain(signer, CSCA) == "successful"


def test_profile_of_a_whole_sod() -> None:
    """A wrong role fails the signer, whatever signature and chain say."""
    signer, expected = PROFILES["extended key usage of a web server"]
    assert verdicts(genuine(signer)) == ("successful", "successful", expected, "successful")
