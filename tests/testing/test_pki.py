"""Issuers for tests: what is not told otherwise is in order, and what is told stands there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from ecid import Verdict
from ecid.emulator import certificates as c
from ecid.emulator.pki import Authority
from ecid.encoding import der_write as w
from ecid.encoding.spki import parse_spki
from ecid.encoding.tlv import children, parse_one
from ecid.testing import (
    NOW,
    LiveCard,
    canary_card,
    crl,
    csca,
    dsc,
    ec_key,
    issued_by,
    list_signer,
    master_list,
    node,
    revoked_entry,
    signed_again,
)
from ecid.testing.bench import Bench, Limits
from ecid.testing.pki import (
    EXTENSIONS,
    ISSUER,
    PUBLIC_KEY,
    SERIAL,
    SUBJECT,
    VALIDITY,
    VERSION,
    country_of,
    curve_parameters,
    edited,
    explicit_key,
)
from ecid.trust.extensions import KEY_USAGE, SUBJECT_KEY_IDENTIFIER
from ecid_crypto.curves import Point, curve_by_name
from ecid_crypto.public_key import EcPublicKey

UTOPIA = csca("VN", name="CSCA EMULATED Kit")


def loaded(raw: bytes) -> x509.Certificate:
    """Return a certificate as `cryptography` reads it."""
    return x509.load_der_x509_certificate(raw)


def test_certificates() -> None:
    """Another implementation reads them and verifies that the issuer signed."""
    root = loaded(UTOPIA.certificate)
    root.verify_directly_issued_by(root)
    signer = dsc(UTOPIA, serial=77)
    found = loaded(signer.certificate)
    found.verify_directly_issued_by(root)
    assert (found.serial_number, found.not_valid_before_utc < NOW) == (77, True)
    assert country_of(UTOPIA) == "VN"
    assert next(each.value for each in found.subject) == "VN"


def test_link_certificate() -> None:
    """With an issuer it is a link certificate."""
    new = csca("VN", ec_key("kit new"), name="CSCA EMULATED New", issuer=UTOPIA)
    loaded(new.certificate).verify_directly_issued_by(loaded(UTOPIA.certificate))


def test_a_card_of_another_issuer() -> None:
    """A card issued by such an authority is verified with its anchor, and with no other."""
    other = csca("VN", ec_key("kit other"), name="CSCA EMULATED Other")
    card = issued_by(canary_card(), UTOPIA, dsc(UTOPIA))
    foreign = issued_by(canary_card(), other, dsc(UTOPIA))
    with Bench(Limits()) as bench:
        assert LiveCard(holder=card).attempt(bench.place).verdict is Verdict.VERIFIED
        assert LiveCard(holder=foreign).attempt(bench.place).verdict is Verdict.UNDETERMINED


def test_extensions() -> None:
    """Extensions are left out and put in by their type."""
    usual = loaded(dsc(UTOPIA).certificate).extensions
    without = loaded(dsc(UTOPIA, without=[KEY_USAGE]).certificate).extensions
    assert {each.oid.dotted_string for each in usual} - {
        each.oid.dotted_string for each in without
    } == {KEY_USAGE}
    more = c.extension("2.25.1", w.null(), critical=True)
    raw = dsc(UTOPIA, extra=[more]).certificate
    assert node(raw, (0, *EXTENSIONS, -1)) == more
    first, second = c.key_usage(0), c.subject_key_identifier(b"key")
    assert edited([first, second], [SUBJECT_KEY_IDENTIFIER], [more]) == (first, more)


@pytest.mark.parametrize("path", [VERSION, SERIAL, ISSUER, VALIDITY, SUBJECT, PUBLIC_KEY])
def test_any_node(path: tuple[int, ...]) -> None:
    """Any node of the signed part can be replaced, and the signature is right all the same."""
    raw = dsc(UTOPIA, nodes={path: w.octets(b"anything")}).certificate
    assert node(raw, (0, *path)) == w.octets(b"anything")
    verified_by(UTOPIA, raw)


def verified_by(issuer: Authority, raw: bytes) -> None:
    """Verify the signature on what need not be a certificate any more."""
    signed, _, signature = children(parse_one(raw, 0x30, "certificate"))
    key = loaded(issuer.certificate).public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    algorithm = loaded(issuer.certificate).signature_hash_algorithm
    assert algorithm is not None
    key.verify(signature.value[1:], signed.raw, ec.ECDSA(algorithm))


def test_public_key() -> None:
    """A public key in the place of the signer's own."""
    other = parse_spki(node(dsc(UTOPIA, ec_key("kit spki")).certificate, (0, *PUBLIC_KEY)), "x")
    assert isinstance(other.key, EcPublicKey)
    spki = explicit_key(other.key, curve_parameters(other.key.curve))
    found = parse_spki(node(dsc(UTOPIA, public_key=spki).certificate, (0, *PUBLIC_KEY)), "x")
    assert (found.key, found.explicit_parameters) == (other.key, True)


@pytest.mark.parametrize(
    "change",
    [
        lambda curve: curve_parameters(curve, p=curve.p + 2),
        lambda curve: curve_parameters(curve, a=1),
        lambda curve: curve_parameters(curve, b=1),
        lambda curve: curve_parameters(curve, g=Point(1, 2)),
        lambda curve: curve_parameters(curve, g=b"\x02" + bytes(32)),
        lambda curve: curve_parameters(curve, n=1),
        lambda curve: curve_parameters(curve, h=2),
        lambda curve: curve_parameters(curve, version=2),
        lambda curve: curve_parameters(curve, field=w.seq(w.null())),
    ],
)
def test_curve_parameters(change: Callable[[object], bytes]) -> None:
    """Every value of the parameters can be another one."""
    curve = curve_by_name("P-256")
    parts = [
        children(parse_one(der, 0x30, "x")) for der in (curve_parameters(curve), change(curve))
    ]
    usual, changed = ([each.raw for each in found] for found in parts)
    assert sum(one != other for one, other in zip(usual, changed, strict=True)) == 1


def test_revocation_list() -> None:
    """Another implementation reads it and verifies it."""
    raw = crl(UTOPIA, 5, revoked_entry(6), number=3)
    found = x509.load_der_x509_crl(raw)
    key = loaded(UTOPIA.certificate).public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    assert found.is_signature_valid(key)
    assert [each.serial_number for each in found] == [5, 6]
    number = found.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number
    assert (number, found.next_update_utc) == (3, NOW + timedelta(days=89))


def test_changed_revocation_list() -> None:
    """Another name, no number, no entries, another key, and any node."""
    found = x509.load_der_x509_crl(crl(UTOPIA, number=None, name=c.name("AT", "x", "y")))
    assert len(found) == 0
    assert next(each.value for each in found.issuer) == "AT"
    assert len(list(found.extensions)) == 1
    forged = x509.load_der_x509_crl(crl(UTOPIA, 5, key=ec_key("kit forger")))
    key = loaded(UTOPIA.certificate).public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    assert not forged.is_signature_valid(key)
    endless = crl(UTOPIA, 5, next_update=None, nodes={(0,): w.integer(7)})
    assert node(endless, (0, 0)) == w.integer(7)
    verified_by(UTOPIA, endless)


def test_signed_again_without_changes() -> None:
    """What is not changed stays as it is."""
    assert signed_again(UTOPIA.certificate, UTOPIA.key, {}) == UTOPIA.certificate


def test_master_list() -> None:
    """Certificates as a set, the signer in the envelope; both can be others."""
    signer = list_signer(UTOPIA)
    usage = loaded(signer.certificate).extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    assert [each.dotted_string for each in usage.value] == ["2.23.136.1.1.3"]
    content = w.seq(w.integer(0), w.set_of(UTOPIA.certificate))
    usual = master_list(signer, UTOPIA.certificate)
    assert usual == master_list(signer, content=content)
    assert node(usual, (1, 0, 2, 1, 0)) == w.octets(content)
    assert node(usual, (1, 0, 3, 0)) == signer.certificate
    bare = master_list(signer, UTOPIA.certificate, enclosed=(), signed_at=None)
    assert signer.certificate not in bare
