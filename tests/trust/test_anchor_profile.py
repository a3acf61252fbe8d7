"""Which certificates may be anchors, and what in them is overlooked (Doc 9303-12 §7.1)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ecid.emulator import certificates as c
from ecid.emulator.pki import Authority, make_csca
from ecid.emulator.signing import SigningKey
from ecid.encoding import der_write as w
from ecid.encoding.spki import write_spki
from ecid.encoding.tlv import children, parse_one
from ecid.trust.anchor_profile import AnchorFinding, check_anchor
from ecid.trust.certificate import parse_certificate
from ecid_crypto.hashes import Hash
from forged_sod import CSCA, SIGNER, CurveballKey, ec_key, flipped, key_identifier_of, key_of

CA, NOT_CA = c.basic_constraints(True, 0), c.basic_constraints(False)
USAGE = c.key_usage(5, 6)
KEY_IDENTIFIER = c.subject_key_identifier(key_identifier_of(CSCA))
UNKNOWN = "1.3.6.1.4.1.99999.1"
GOOD = AnchorFinding(None)


def check(certificate: bytes | Authority) -> AnchorFinding:
    """Return the finding about ``certificate``."""
    raw = certificate.certificate if isinstance(certificate, Authority) else certificate
    return check_anchor(parse_certificate(raw))


def with_extensions(*extensions: bytes) -> Authority:
    """Return a CSCA, signed by itself, with exactly these extensions."""
    return make_csca(CSCA.key, extensions=extensions)


def test_control() -> None:
    """The CSCA that the others here differ from in one part: no rule broken, nothing overlooked."""
    assert check(CSCA) == GOOD
    assert check(with_extensions(CA, USAGE, KEY_IDENTIFIER)) == GOOD


RULES = {
    "no extensions but an identifier": ((KEY_IDENTIFIER,), "not_a_ca"),
    "BasicConstraints without CA, no key usage": ((NOT_CA,), "not_a_ca"),
    "key usage of a document signer": ((NOT_CA, c.key_usage(0)), "key_usage"),
    "CA with the key usage of a signer": ((CA, c.key_usage(0)), "key_usage"),
    "CA that signs revocation lists only": ((CA, c.key_usage(6)), "key_usage"),
    "empty key usage": ((CA, c.key_usage()), "key_usage"),
    "unknown critical extension": (
        (CA, USAGE, c.extension(UNKNOWN, w.null(), critical=True)),
        "unknown_critical_extension",
    ),
    "extension twice": ((CA, USAGE, *[c.extension(UNKNOWN, w.null())] * 2), "extension_repeated"),
    "key usage twice": ((CA, USAGE, USAGE), "extension_repeated"),
    "BasicConstraints twice": ((CA, CA, USAGE), "extension_repeated"),
    "key usage that is none": ((CA, c.extension("2.5.29.15", w.null())), "unexpected_tag"),
    "BasicConstraints that are none": ((c.extension("2.5.29.19", w.null()), USAGE), "not_der"),
}


@pytest.mark.parametrize("name", RULES)
def test_rules(name: str) -> None:
    """A certificate of another role that strayed into a list never becomes an anchor."""
    extensions, rule = RULES[name]
    assert check(with_extensions(*extensions)).rule == rule


@pytest.mark.parametrize("version", [None, 1])
def test_version(version: int | None) -> None:
    """Only version 3 has the extensions that say so."""
    plan = replace(CSCA.plan, version=version)
    assert check(c.sign_certificate(plan, CSCA.key)).rule == "version"


def test_document_signer() -> None:
    """A document signer is no anchor, whoever hands it in."""
    assert check(SIGNER.certificate).rule == "key_usage"


DEVIATIONS = {
    "unknown extension": ((CA, USAGE, c.extension(UNKNOWN, w.null())), ()),
    "critical name change": (
        (CA, USAGE, c.extension("2.23.136.1.1.6.1", w.null(), critical=True)),
        (),
    ),
    "certificates only": ((CA, c.key_usage(5)), ()),
    "BasicConstraints without CA": ((NOT_CA, USAGE), ("not_marked_as_ca",)),
    "no BasicConstraints": ((USAGE,), ("not_marked_as_ca",)),
    "no key usage": ((CA,), ("key_usage_absent",)),
    "no path length": ((c.basic_constraints(True), USAGE), ("path_length",)),
    "path length 1": ((c.basic_constraints(True, 1), USAGE), ("path_length",)),
    "no key usage, no path length": (
        (c.basic_constraints(True),),
        ("key_usage_absent", "path_length"),
    ),
    "TRUE as 01": (
        (c.extension("2.5.29.19", bytes.fromhex("3006010101020100")), USAGE),
        ("boolean_encoding",),
    ),
    "bare key identifier": (
        (CA, USAGE, c.extension("2.5.29.14", bytes.fromhex("B5E2" * 10))),
        ("bare_key_identifier",),
    ),
}


@pytest.mark.parametrize("name", DEVIATIONS)
def test_deviations(name: str) -> None:
    """What leaves no doubt is overlooked and has a name; to whom it is granted is asked later."""
    extensions, deviations = DEVIATIONS[name]
    assert check(with_extensions(*extensions)) == AnchorFinding(None, deviations)


@pytest.mark.parametrize(
    ("serial", "deviations"), [(0, ("serial_not_positive",)), (1 << 159, ("serial_too_long",))]
)
def test_deviations_of_the_certificate(serial: int, deviations: tuple[str, ...]) -> None:
    """Those of fields and encoding stand first."""
    assert check(make_csca(CSCA.key, serial=serial)) == AnchorFinding(None, deviations)


# Keys -------------------------------------------------------------------------------------


def with_key(public_key: bytes, key: SigningKey = CSCA.key) -> bytes:
    """Return the CSCA with another SubjectPublicKeyInfo, signed by ``key``."""
    return c.sign_certificate(replace(CSCA.plan, public_key=public_key), key)


def test_key_unsupported() -> None:
    """An anchor over a curve that is not known verifies nothing, and is none."""
    ball = CurveballKey(key_of(CSCA.key))
    assert check(with_key(ball.spki, ball)).rule == "key_unsupported"


@pytest.mark.parametrize("spki", [w.seq(), flipped(write_spki(CSCA.key.public), -1)])
def test_key_malformed(spki: bytes) -> None:
    """Neither does one whose key is none."""
    assert check(with_key(spki)).rule == "key_malformed"


def test_deviations_of_the_key() -> None:
    """What is overlooked in the key is overlooked in the anchor."""
    public = key_of(CSCA.key)
    x = public.point.x.to_bytes(public.curve.field_length, "big")
    algorithm = children(parse_one(write_spki(public), 0x30, "x"))[0].raw
    compressed = w.seq(algorithm, w.bits(bytes([2 + public.point.y % 2]) + x))
    assert check(with_key(compressed)) == AnchorFinding(None, ("compressed_point",))


# Its own signature ------------------------------------------------------------------------


def test_own_signature() -> None:
    """One that names its own key and was signed by another is damaged or a lie."""
    wrong = c.sign_certificate(CSCA.plan, ec_key("somebody else", "P-384"))
    assert check(wrong).rule == "self_signature_signature_invalid"
    assert check(flipped(CSCA.certificate, -1)).rule == "self_signature_signature_invalid"


def test_weak_own_signature() -> None:
    """SHA-1 in a signature that proves nothing is overlooked; a wrong one with SHA-1 is not."""
    weak = make_csca(CSCA.key, hash_function=Hash.SHA1)
    assert check(weak) == AnchorFinding(None, ("weak_self_signature",))
    broken = check(flipped(weak.certificate, -1))
    assert broken.rule == "self_signature_signature_invalid"


def test_unknown_algorithm_of_its_own() -> None:
    """A signature that cannot be checked is no proof of itself."""
    tbs, _, signature = children(parse_one(CSCA.certificate, 0x30, "x"))
    strange = w.seq(w.oid("1.3.101.113"))
    inside = [each.raw for each in children(tbs)]
    inside[2] = strange
    both = w.seq(w.seq(*inside), strange, signature.raw)
    assert check(both).rule == "self_signature_unsupported_algorithm"


def test_algorithms_differ() -> None:
    """What is signed names another algorithm than stands outside (RFC 5280 §4.1.1.2)."""
    tbs, outer, _ = children(parse_one(CSCA.certificate, 0x30, "x"))
    inside = [each.raw for each in children(tbs)]
    inside[2] = w.seq(w.oid("1.2.840.113549.1.1.4"), w.null())
    signed = w.seq(*inside)
    signature = w.bits(CSCA.key.sign(Hash.SHA384, signed))
    assert check(w.seq(signed, outer.raw, signature)).rule == "algorithms_differ"
    inside[2] = outer.raw
    signed = w.seq(*inside)
    signature = w.bits(CSCA.key.sign(Hash.SHA384, signed))
    assert check(w.seq(signed, outer.raw, signature)) == GOOD


def countries(*named: str) -> bytes:
    """Return a subject with these values of countryName."""
    values = [w.set_of(w.seq(w.oid("2.5.4.6"), w.utf8(each))) for each in named]
    return w.seq(*values, w.set_of(w.seq(w.oid("2.5.4.3"), w.utf8("CSCA"))))


@pytest.mark.parametrize("named", [("UT",), ("UTO",), (), ("UT", "UX")])
def test_country(named: tuple[str, ...]) -> None:
    """A country, none, or two: the last two vouch for signers that name none either."""
    made = make_csca(ec_key("country"), subject=countries(*named), marked=False)
    assert check_anchor(parse_certificate(made.certificate)).rule is None


@pytest.mark.parametrize("named", ["1", "../OUT", "[/x]", "\x1b[2J", "U\u0422"])
def test_country_that_is_no_code(named: str) -> None:
    """Nobody vouches for what is no code, and it would stand in names of files."""
    made = make_csca(ec_key("country"), subject=countries(named), marked=False)
    assert check_anchor(parse_certificate(made.certificate)).rule == "country"


def test_link_certificate() -> None:
    """A link certificate was signed by the key before, also under an unchanged name."""
    new = ec_key("new", "P-384")
    assert check(make_csca(new, issuer=CSCA, subject=c.name("VN", "", "CSCA NEW"))) == GOOD
    same_name = make_csca(new, issuer=CSCA)
    assert same_name.plan.subject == CSCA.plan.subject
    assert check(same_name) == GOOD
