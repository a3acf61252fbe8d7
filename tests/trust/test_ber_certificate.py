"""Certificates that are BER and not DER: read under a name, from the bytes that were signed."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecid.emulator import certificates as c
from ecid.emulator.pki import Signer
from ecid.encoding import der_write as w
from ecid.encoding.tlv import Tlv, children, encode, parse_one
from ecid.errors import MalformedData
from ecid.protocols.passive_authentication import authenticate
from ecid.trust import ber_certificate
from ecid.trust.certificate import Certificate, parse_certificate
from ecid.trust.chain import find_chain
from ecid.trust.extensions import Extension
from ecid.trust.tolerance import NOTHING
from ecid_crypto.hashes import Hash
from forged_sod import CSCA, GREEN, SIGNER, TRUST, all_verdicts, genuine, verdict

BER = ("ber_encoding",)
CONTROL = parse_certificate(SIGNER.certificate)
MEMBERS = children(children(parse_one(SIGNER.certificate, 0x30, "certificate"))[0])
VERSION, SERIAL, ALGORITHM, ISSUER, VALIDITY, SUBJECT, KEY, EXTENSIONS = range(8)


def endless(tlv: bytes) -> bytes:
    """Return a constructed object with an indefinite length."""
    return tlv[:1] + b"\x80" + parse_one(tlv, tlv[0], "x").value + b"\x00\x00"


def padded(tlv: bytes) -> bytes:
    """Return an object with its length in four octets."""
    value = parse_one(tlv, tlv[0], "x").value
    return tlv[:1] + b"\x84" + len(value).to_bytes(4, "big") + value


def tbs_with(index: int, part: bytes) -> bytes:
    """Return the signed part of the control with one of its parts replaced."""
    members = [member.raw for member in MEMBERS]
    members[index] = part
    return w.seq(*members)


def signed(tbs: bytes) -> bytes:
    """Return a certificate over ``tbs``, truly signed by the CSCA."""
    signature = CSCA.key.sign(Hash.SHA384, tbs)
    return w.seq(tbs, CSCA.key.algorithm(Hash.SHA384), w.bits(signature))


def extension(number: int) -> bytes:
    """Return one extension of the control."""
    return children(children(MEMBERS[EXTENSIONS])[0])[number].raw


def with_extension(replaced: bytes) -> bytes:
    """Return the extensions of the control with the first one, BasicConstraints, replaced."""
    rest = [each.raw for each in children(children(MEMBERS[EXTENSIONS])[0])[1:]]
    return w.explicit(3, w.seq(replaced, *rest))


def usage_without_seconds(moment: datetime) -> bytes:
    """Return a UTCTime that leaves the seconds out."""
    return encode(0x17, moment.strftime("%y%m%d%H%MZ").encode())


CONSTRAINTS = children(parse_one(extension(0), 0x30, "x"))
FALSE = w.boolean(False)
START, END = CONTROL.not_before, CONTROL.not_after
FORMS = {
    "serial number with a zero more": tbs_with(
        SERIAL, encode(0x02, b"\x00" + MEMBERS[SERIAL].value)
    ),
    "FALSE written out": tbs_with(
        EXTENSIONS,
        with_extension(w.seq(w.oid("2.5.29.19"), FALSE, CONSTRAINTS[-1].raw)),
    ),
    "dates without seconds": tbs_with(
        VALIDITY, w.seq(usage_without_seconds(START), usage_without_seconds(END))
    ),
    "date with an offset": tbs_with(
        VALIDITY, w.seq(encode(0x17, b"210528100000+0700"), w.utc_time(END))
    ),
    "long length": tbs_with(VALIDITY, padded(MEMBERS[VALIDITY].raw)),
    "long length of the whole": padded(w.seq(*(each.raw for each in MEMBERS))),
}

#: Lengths without end inside the signed part: signed is the form with lengths (X.509 §6.1).
STREAMED = {
    "extensions": tbs_with(EXTENSIONS, endless(MEMBERS[EXTENSIONS].raw)),
    "key": tbs_with(KEY, endless(MEMBERS[KEY].raw)),
    "all of it": endless(w.seq(*(each.raw for each in MEMBERS))),
}


def facts(certificate: Certificate) -> tuple[object, ...]:
    """Return what a certificate says, however it says it."""
    extensions = certificate.extensions
    return (
        certificate.version,
        certificate.serial,
        certificate.not_before,
        certificate.not_after,
        certificate.country,
        certificate.common_name,
        certificate.public_key.key,
        [(each.oid, each.value) for each in extensions.entries],
        extensions.key_usage,
        extensions.authority_key_identifier,
        extensions.subject_key_identifier,
    )


@pytest.mark.parametrize("name", FORMS)
def test_forms(name: str) -> None:
    """Each reads as its DER twin does, under a name, and as the bytes that were signed."""
    data = signed(FORMS[name])
    certificate = parse_certificate(data)
    assert certificate.encoding == BER
    assert certificate.deviations == BER
    assert facts(certificate) == facts(CONTROL)
    assert (certificate.raw, certificate.raw_tbs) == (data, FORMS[name])
    assert CONTROL.encoding == ()


@pytest.mark.parametrize("name", FORMS)
def test_signature_is_over_the_bytes_as_received(name: str) -> None:
    """The chain holds for the received form, and for nobody who is granted nothing."""
    signer = parse_certificate(signed(FORMS[name]))
    assert verdict(find_chain(signer, TRUST).finding) == "successful"
    sod = genuine(Signer(signer.raw, SIGNER.key))
    result = authenticate(sod, TRUST)
    assert all_verdicts(result) == GREEN
    assert ("ber_encoding", "DSC") in {(d.code, d.where) for d in result.deviations}
    strict = all_verdicts(authenticate(sod, TRUST, NOTHING))
    assert strict[2] == "undetermined not_tolerated"


@pytest.mark.parametrize("name", FORMS)
def test_signature_of_another_form(name: str) -> None:
    """A form made of a signed certificate afterwards is not what was signed."""
    algorithm, signature = children(parse_one(SIGNER.certificate, 0x30, "x"))[1:]
    turned = parse_certificate(w.seq(FORMS[name], algorithm.raw, signature.raw))
    assert verdict(find_chain(turned, TRUST).finding) == "failed bad_signature"


@pytest.mark.parametrize("name", STREAMED)
def test_lengths_without_end(name: str) -> None:
    """Whoever streamed a certificate after signing it signed the definite lengths."""
    algorithm, signature = children(parse_one(SIGNER.certificate, 0x30, "x"))[1:]
    streamed = parse_certificate(w.seq(STREAMED[name], algorithm.raw, signature.raw))
    assert (streamed.encoding, facts(streamed)) == (BER, facts(CONTROL))
    assert streamed.raw_tbs == CONTROL.raw_tbs
    assert verdict(find_chain(streamed, TRUST).finding) == "successful"


def test_outside_of_what_is_signed() -> None:
    """BER round the signed part changes nothing that was signed."""
    parts = [each.raw for each in children(parse_one(SIGNER.certificate, 0x30, "x"))]
    for data in (
        endless(SIGNER.certificate),
        padded(SIGNER.certificate),
        w.seq(*parts[:2], padded(parts[2])),
        b"\x30\x83\x00" + SIGNER.certificate[2:],
    ):
        certificate = parse_certificate(data)
        assert certificate.raw_tbs == CONTROL.raw_tbs
        assert certificate.signature == CONTROL.signature
        assert certificate.encoding == BER
        assert verdict(find_chain(certificate, TRUST).finding) == "successful"


def test_default_version_written_out() -> None:
    """A certificate of version 1 that says so is BER, and still no signer's (RFC 5280 §4.1.2.1)."""
    certificate = parse_certificate(signed(tbs_with(VERSION, w.explicit(0, w.integer(0)))))
    assert (certificate.version, certificate.encoding) == (0, BER)


def test_critical_is_any_octet_but_zero() -> None:
    """TRUE is FF in DER and anything but zero in BER (X.690 §8.2.2)."""
    for octet, critical in ((b"\x00", False), (b"\x01", True), (b"\x7f", True)):
        made = w.seq(w.oid("2.5.29.19"), encode(0x01, octet), CONSTRAINTS[-1].raw)
        found = parse_certificate(signed(tbs_with(EXTENSIONS, with_extension(made))))
        assert found.encoding == BER
        assert found.extensions.entries[0].critical is critical


def test_without_extensions() -> None:
    """They may be absent in BER as well."""
    tbs = w.seq(*(each.raw for each in MEMBERS[:EXTENSIONS]))
    certificate = parse_certificate(endless(signed(tbs)))
    assert (certificate.encoding, certificate.extensions.entries) == (BER, ())


def test_extension_is_what_der_has() -> None:
    """The same values as from DER: object identifier, whether critical, the octets inside."""
    found = ber_certificate.parse(SIGNER.certificate).extensions
    assert tuple(Extension(*each) for each in found) == CONTROL.extensions.entries


BROKEN = {
    "no validity end": (tbs_with(VALIDITY, w.seq(w.utc_time(START))), "not_der"),
    "three dates": (tbs_with(VALIDITY, w.seq(*[w.utc_time(START)] * 3)), "not_der"),
    "date without zone": (
        tbs_with(VALIDITY, w.seq(*[encode(0x17, b"210101000000")] * 2)),
        "not_der",
    ),
    "date of another type": (tbs_with(VALIDITY, w.seq(*[w.printable("x")] * 2)), "not_der"),
    "no serial number": (tbs_with(SERIAL, w.octets(b"\x01")), "not_der"),
    "no extension": (tbs_with(EXTENSIONS, w.explicit(3, w.seq(w.null()))), "not_der"),
    "too deep": (tbs_with(SUBJECT, b"\x30\x80" * 40 + b"\x00\x00" * 40), "not_der"),
    "part too many": (tbs_with(EXTENSIONS, MEMBERS[EXTENSIONS].raw + w.null()), "not_der"),
    "long object identifier": (
        tbs_with(
            EXTENSIONS,
            w.explicit(
                3, w.seq(w.seq(encode(0x06, b"\x2a" + b"\xff" * 20 + b"\x7f"), w.octets(b"")))
            ),
        ),
        "not_der",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken(name: str) -> None:
    """What is no BER either is refused under the rule of strict DER."""
    tbs, rule = BROKEN[name]
    for data in (signed(tbs), endless(signed(tbs))):
        with pytest.raises(MalformedData) as caught:
            parse_certificate(data)
        assert (caught.value.where, caught.value.rule) == ("certificate", rule)


def test_signature_with_unused_bits() -> None:
    """Signatures are whole octets, in BER as in DER."""
    tbs, algorithm, _ = (each.raw for each in children(parse_one(SIGNER.certificate, 0x30, "x")))
    with pytest.raises(MalformedData) as caught:
        ber_certificate.parse(endless(w.seq(tbs, algorithm, w.bits(b"\x80", 7))))
    assert caught.value.rule == "unused_bits"


def test_far_future() -> None:
    """A GeneralizedTime is read, too."""
    far = datetime(2055, 1, 1, tzinfo=UTC)
    tbs = tbs_with(VALIDITY, endless(w.seq(c.time(START), c.time(far))))
    assert parse_certificate(signed(tbs)).not_after == far


@given(st.data())
def test_any_lengths(data: st.DataObject) -> None:
    """Whichever lengths are written in BER, the certificate says the same."""
    loose = _loosened(parse_one(SIGNER.certificate, 0x30, "x"), data)
    certificate = parse_certificate(loose)
    assert (certificate.encoding == ()) == (loose == SIGNER.certificate)
    assert certificate.serial == CONTROL.serial
    assert (certificate.not_before, certificate.not_after) == (START, END)
    assert certificate.extensions == CONTROL.extensions


def _loosened(node: Tlv, data: st.DataObject) -> bytes:
    inner = node.value
    if node.constructed:
        inner = b"".join(_loosened(child, data) for child in children(node))
        if data.draw(st.integers(0, 9)) == 0:
            return bytes([node.tag, 0x80]) + inner + b"\x00\x00"
    if data.draw(st.integers(0, 9)) == 0:
        return bytes([node.tag, 0x84]) + len(inner).to_bytes(4, "big") + inner
    return encode(node.tag, inner)


@given(st.binary(max_size=300), st.integers(0, len(SIGNER.certificate)))
def test_any_bytes(data: bytes, at: int) -> None:
    """Parts or ``MalformedData``, also of a certificate that was overwritten."""
    overwritten = SIGNER.certificate[:at] + data + SIGNER.certificate[at + len(data) :]
    for candidate in (data, endless(w.seq(data)), overwritten):
        with suppress(MalformedData):
            assert isinstance(ber_certificate.parse(candidate).serial, int)
