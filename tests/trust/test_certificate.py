"""One certificate, decoded strictly from the received bytes (RFC 5280 §4.1)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest

from ecid.emulator import certificates as c
from ecid.emulator.pki import CSCA_NAME, SIGNER_NAME, SIGNER_VALIDITY, make_csca
from ecid.encoding import der_write as w
from ecid.encoding.spki import write_spki
from ecid.encoding.tlv import Tlv, children, encode, parse_one
from ecid.errors import MalformedData, UnsupportedData
from ecid.trust.certificate import Certificate, parse_certificate
from ecid_crypto.hashes import Hash
from ecid_crypto.signature import Ecdsa
from forged_sod import CSCA, SIGNER, ec_key

CERTIFICATE = parse_certificate(SIGNER.certificate)
SECOND = timedelta(seconds=1)


def parts() -> tuple[Tlv, ...]:
    """Return the signed part, the algorithm and the signature of the control."""
    return children(parse_one(SIGNER.certificate, 0x30, "certificate"))


def with_tbs_part(index: int, part: bytes) -> bytes:
    """Return the control with one part of TBSCertificate replaced."""
    tbs, algorithm, signature = parts()
    members = [member.raw for member in children(tbs)]
    members[index] = part
    return w.seq(w.seq(*members), algorithm.raw, signature.raw)


def refused(data: bytes) -> str:
    """Return the rule that ``data`` breaks."""
    with pytest.raises(MalformedData) as caught:
        parse_certificate(data)
    assert caught.value.where == "certificate"
    return caught.value.rule


def test_fields() -> None:
    """Everything as it was issued; the raw fields are bytes of the certificate."""
    tbs, algorithm, signature = parts()
    assert SIGNER.certificate == CERTIFICATE.raw
    assert tbs.raw == CERTIFICATE.raw_tbs
    assert algorithm.raw == CERTIFICATE.raw_algorithm == CERTIFICATE.raw_inner_algorithm
    assert signature.value[1:] == CERTIFICATE.signature
    assert (CERTIFICATE.version, CERTIFICATE.serial) == (2, 0x45434944_00000013)
    assert (CERTIFICATE.raw_issuer, CERTIFICATE.raw_subject) == (CSCA_NAME, SIGNER_NAME)
    assert (CERTIFICATE.not_before, CERTIFICATE.not_after) == SIGNER_VALIDITY
    assert write_spki(SIGNER.key.public) == CERTIFICATE.raw_public_key
    assert SIGNER.key.public == CERTIFICATE.public_key.key
    assert CERTIFICATE.signature_algorithm.scheme == Ecdsa(Hash.SHA384, "der")
    assert sha256(SIGNER.certificate).hexdigest() == CERTIFICATE.fingerprint
    assert CERTIFICATE.country == "VN"
    assert CERTIFICATE.common_name == "Document Signer EMULATED 00013"
    assert (CERTIFICATE.encoding, CERTIFICATE.deviations) == ((), ())


def test_no_bytes_in_the_repr() -> None:
    """The repr names serial number and validity, and no key or signature."""
    text = repr(CERTIFICATE)
    assert "raw" not in text
    assert "signature=" not in text


def test_validity() -> None:
    """Both ends included."""
    start, end = SIGNER_VALIDITY
    assert CERTIFICATE.valid_at(start)
    assert CERTIFICATE.valid_at(end)
    assert not CERTIFICATE.valid_at(start - SECOND)
    assert not CERTIFICATE.valid_at(end + SECOND)


def test_generalized_time() -> None:
    """From 2050 on the validity is a GeneralizedTime, and aware like the other."""
    far = datetime(2055, 1, 1, tzinfo=UTC)
    certificate = parse_certificate(
        make_csca(ec_key("far"), validity=(SIGNER_VALIDITY[0], far)).certificate
    )
    assert certificate.not_after == far


def test_without_extensions() -> None:
    """A certificate of version 1 parses; what it may do is another question."""
    plan = replace(CSCA.plan, version=None, extensions=())
    certificate = parse_certificate(c.sign_certificate(plan, CSCA.key))
    assert certificate.version == 0
    assert certificate.extensions.entries == ()


@pytest.mark.parametrize("index", range(3))
def test_outer_structure(index: int) -> None:
    """Three parts, none of them absent."""
    rest = [part.raw for i, part in enumerate(parts()) if i != index]
    assert refused(w.seq(*rest)) == "not_der"


BROKEN = {
    "empty": (b"", "not_der"),
    "bytes after it": (SIGNER.certificate + b"\x00", "not_der"),
    "one byte short": (SIGNER.certificate[:-1], "not_der"),
    "validity without end": (with_tbs_part(4, w.seq(w.utc_time(SIGNER_VALIDITY[0]))), "not_der"),
    "time without zone": (
        with_tbs_part(4, w.seq(*[encode(0x17, b"210101000000")] * 2)),
        "not_der",
    ),
    "month 13": (with_tbs_part(4, w.seq(*[encode(0x17, b"211301000000Z")] * 2)), "not_der"),
    "no extension in the list": (with_tbs_part(7, w.explicit(3, w.seq(w.null()))), "not_der"),
    "signature with unused bits": (
        w.seq(parts()[0].raw, parts()[1].raw, w.bits(b"\x80", 7)),
        "unused_bits",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken(name: str) -> None:
    """What is neither DER nor BER is refused as a whole; see ``test_ber_certificate`` for BER."""
    data, rule = BROKEN[name]
    assert refused(data) == rule


LAZY = {
    "unknown key": (6, w.seq(w.seq(w.oid("1.3.101.113")), w.bits(bytes(57)))),
    "key that is none": (6, w.seq()),
    "subject that is no name": (5, w.set_of()),
}


@pytest.mark.parametrize("name", LAZY)
def test_read_on_demand(name: str) -> None:
    """Keys and names spoil nothing until they are asked for, and then say why."""
    certificate = parse_certificate(with_tbs_part(*LAZY[name]))
    assert certificate.serial == CERTIFICATE.serial
    with pytest.raises((MalformedData, UnsupportedData)) as caught:
        _read_all(certificate)
    assert caught.value.fields["where"] == "certificate"


def test_signature_algorithm_on_demand() -> None:
    """So does the algorithm of the signature."""
    data = w.seq(parts()[0].raw, w.seq(w.oid("1.3.101.113")), parts()[2].raw)
    certificate = parse_certificate(data)
    with pytest.raises(UnsupportedData):
        _ = certificate.signature_algorithm


@pytest.mark.parametrize(
    ("serial", "deviations"),
    [
        (1, ()),
        (0, ("serial_not_positive",)),
        (-1, ("serial_not_positive",)),
        # 20 octets are the most (RFC 5280 §4.1.2.2), and the first bit is the sign.
        ((1 << 159) - 1, ()),
        (1 << 159, ("serial_too_long",)),
    ],
)
def test_deviations_of_a_serial_number(serial: int, deviations: tuple[str, ...]) -> None:
    """A number that an issuer must not give is read, and said."""
    certificate = parse_certificate(with_tbs_part(1, w.integer(serial)))
    assert (certificate.serial, certificate.deviations) == (serial, deviations)


@pytest.mark.parametrize(
    ("country", "read", "deviations"),
    [
        ("LT", "LT", ()),
        ("lt", "LT", ()),
        ("LTU", "LT", ("country_alpha_3",)),
        ("ltu", "LT", ("country_alpha_3",)),
        # No state has these three letters: they are left alone.
        ("XYZ", "XYZ", ()),
    ],
)
def test_country_of_three_letters(country: str, read: str, deviations: tuple[str, ...]) -> None:
    """Two letters stand in certificates (Doc 9303-12 §7.1.1.1); three are translated, and said."""
    certificate = parse_certificate(with_tbs_part(5, c.name(country, "x", "y")))
    assert (certificate.country, certificate.deviations) == (read, deviations)


@pytest.mark.parametrize(
    ("authority", "expected"), [(None, True), (b"key", True), (b"another key", False)]
)
def test_names_itself_issuer(authority: bytes | None, expected: bool) -> None:
    """A link certificate under an unchanged name is told apart by its key identifiers."""
    identifiers = [c.subject_key_identifier(b"key")]
    identifiers += [] if authority is None else [c.authority_key_identifier(authority)]
    csca = make_csca(ec_key("csca"), extensions=identifiers)
    assert parse_certificate(csca.certificate).names_itself_issuer is expected
    assert not CERTIFICATE.names_itself_issuer


def test_more_than_a_certificate_has() -> None:
    """64 KiB are sixteen times the largest real one: more is not looked into."""
    assert refused(b"\x30" * (64 * 1024 + 1)) == "too_large"
    assert refused(b"\x30" * (64 * 1024)) == "not_der"


def _read_all(certificate: Certificate) -> None:
    _ = (certificate.public_key, certificate.country)
