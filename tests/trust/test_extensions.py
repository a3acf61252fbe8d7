"""Certificate extensions, read one by one when they are asked for (Doc 9303-12 §7.1)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecid.emulator import certificates as c
from ecid.emulator.pki import CSCA_USAGE_END, CSCA_VALIDITY, SIGNER_USAGE, SIGNER_VALIDITY
from ecid.encoding import der_write as w
from ecid.encoding.tlv import encode
from ecid.errors import MalformedData
from ecid.trust import extensions as ext
from ecid.trust.certificate import parse_certificate
from ecid.trust.extensions import Extension, Extensions
from forged_sod import CSCA, SIGNER, key_identifier_of

READERS: dict[str, Callable[[Extensions], object]] = {
    ext.BASIC_CONSTRAINTS: lambda e: (e.is_ca, e.path_length),
    ext.KEY_USAGE: lambda e: e.key_usage,
    ext.EXTENDED_KEY_USAGE: lambda e: e.extended_key_usage,
    ext.SUBJECT_KEY_IDENTIFIER: lambda e: e.subject_key_identifier,
    ext.AUTHORITY_KEY_IDENTIFIER: lambda e: e.authority_key_identifier,
    ext.PRIVATE_KEY_USAGE_PERIOD: lambda e: e.private_key_usage,
    ext.DOCUMENT_TYPE_LIST: lambda e: e.document_types,
}


def one(oid: str, value: bytes, *, critical: bool = False) -> Extensions:
    """Return extensions that consist of one."""
    return Extensions((Extension(oid, critical, value),))


def refused(oid: str, extensions: Extensions) -> str:
    """Return the rule that reading ``oid`` reports."""
    with pytest.raises(MalformedData) as caught:
        READERS[oid](extensions)
    assert caught.value.where == "certificate"
    return caught.value.rule


def test_of_a_certificate() -> None:
    """CSCA and document signer of the emulated issuer, as they are encoded."""
    csca = parse_certificate(CSCA.certificate).extensions
    signer = parse_certificate(SIGNER.certificate).extensions
    assert (csca.is_ca, csca.path_length) == (True, 0)
    assert csca.key_usage == frozenset({ext.KEY_CERT_SIGN, ext.CRL_SIGN})
    assert csca.subject_key_identifier == key_identifier_of(CSCA)
    assert (signer.is_ca, signer.path_length) == (False, None)
    assert signer.key_usage == frozenset({ext.DIGITAL_SIGNATURE})
    assert signer.authority_key_identifier == csca.subject_key_identifier
    assert signer.extended_key_usage is None
    assert signer.private_key_usage == (SIGNER_VALIDITY[0], SIGNER_VALIDITY[0] + SIGNER_USAGE)
    assert csca.private_key_usage == (CSCA_VALIDITY[0], CSCA_USAGE_END)
    assert (csca.deviations, signer.deviations) == ((), ())
    assert (csca.is_emulated, signer.is_emulated) == (True, False)
    assert not csca.unknown_critical
    assert not csca.repeated


def test_absent() -> None:
    """Without extensions nothing is granted and nothing identified."""
    none = Extensions(())
    assert none.find(ext.KEY_USAGE) is None
    assert (none.is_ca, none.path_length, none.key_usage) == (False, None, None)
    assert (none.subject_key_identifier, none.authority_key_identifier) == (None, None)
    assert (none.extended_key_usage, none.private_key_usage) == (None, None)
    assert not none.unknown_critical


@pytest.mark.parametrize("oid", READERS)
def test_twice(oid: str) -> None:
    """Which of two extensions counts is nobody's choice (RFC 5280 §4.2)."""
    twice = Extensions((Extension(oid, False, w.null()),) * 2)
    assert twice.repeated
    assert refused(oid, twice) == "extension_repeated"


def test_critical() -> None:
    """Critical is whatever is not understood and has to be."""
    private = "1.3.6.1.4.1.99999.1"
    assert one(private, b"", critical=True).unknown_critical
    assert not one(private, b"").unknown_critical
    assert not any(one(oid, b"", critical=True).unknown_critical for oid in ext.UNDERSTOOD)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("3000", (False, None)),
        ("30030101FF", (True, None)),
        ("30060101FF020100", (True, 0)),
        ("30060101FF020105", (True, 5)),
    ],
)
def test_basic_constraints(value: str, expected: tuple[bool, int | None]) -> None:
    """RFC 5280 §4.2.1.9; absent cA means no."""
    found = one(ext.BASIC_CONSTRAINTS, bytes.fromhex(value))
    assert (found.is_ca, found.path_length) == expected


@pytest.mark.parametrize(
    "value",
    [
        "",
        # TRUE as 01, and more than that wrong.
        "30060101010201",
        "3006010101020000",
        "3103010101",
        "30020100",
        "30030101FF00",
        "0101FF",
    ],
)
def test_broken_basic_constraints(value: str) -> None:
    """Whatever is not DER is nobody's authority."""
    assert refused(ext.BASIC_CONSTRAINTS, one(ext.BASIC_CONSTRAINTS, bytes.fromhex(value))) == (
        "not_der"
    )


@pytest.mark.parametrize(
    ("value", "bits"),
    [
        ("03020780", {0}),
        ("03020106", {5, 6}),
        ("030204F0", {0, 1, 2, 3}),
        ("0303070080", {8}),
        ("030100", set()),
        ("03020000", set()),
    ],
)
def test_key_usage(value: str, bits: set[int]) -> None:
    """Bits count from the first (RFC 5280 §4.2.1.3)."""
    assert one(ext.KEY_USAGE, bytes.fromhex(value)).key_usage == frozenset(bits)


@pytest.mark.parametrize(
    ("value", "rule"),
    [
        ("", "truncated"),
        ("0300", "key_usage"),
        ("03020880", "key_usage"),
        ("0401", "unexpected_tag"),
    ],
)
def test_broken_key_usage(value: str, rule: str) -> None:
    """No BIT STRING, or one with more unused bits than an octet has."""
    assert refused(ext.KEY_USAGE, one(ext.KEY_USAGE, bytes.fromhex(value))) == rule


@given(st.sets(st.integers(0, 7), min_size=1))
def test_any_key_usage(numbers: set[int]) -> None:
    """What the emulated issuer writes is what is read."""
    written = c.key_usage(*numbers)
    assert one(ext.KEY_USAGE, written[written.rindex(b"\x03\x02") :]).key_usage == frozenset(
        numbers
    )


def test_extended_key_usage() -> None:
    """The purposes in order."""
    purposes = ("1.3.6.1.5.5.7.3.1", "2.23.136.1.1.3")
    value = w.seq(*map(w.oid, purposes))
    assert one(ext.EXTENDED_KEY_USAGE, value).extended_key_usage == purposes
    assert one(ext.EXTENDED_KEY_USAGE, w.seq()).extended_key_usage == ()
    assert refused(ext.EXTENDED_KEY_USAGE, one(ext.EXTENDED_KEY_USAGE, w.set_of())) == (
        "unexpected_tag"
    )


def test_key_identifiers() -> None:
    """Subject: an OCTET STRING. Authority: the first member, if it is there."""
    assert one(ext.SUBJECT_KEY_IDENTIFIER, w.octets(b"key")).subject_key_identifier == b"key"
    full = w.seq(encode(0x80, b"key"), encode(0xA1, w.seq()), encode(0x82, b"\x05"))
    assert one(ext.AUTHORITY_KEY_IDENTIFIER, full).authority_key_identifier == b"key"
    assert one(ext.AUTHORITY_KEY_IDENTIFIER, w.seq()).authority_key_identifier is None
    broken = one(ext.AUTHORITY_KEY_IDENTIFIER, b"\x30\x01")
    assert (broken.authority_key_identifier, broken.deviations) == (None, ("broken_extension",))


@pytest.mark.parametrize("true", ["01", "02", "7F", "FE"])
def test_boolean_encoding(true: str) -> None:
    """Any octet but zero is TRUE in BER (X.690 §8.2.2), as two Ukrainian roots have it: said."""
    control = one(ext.BASIC_CONSTRAINTS, bytes.fromhex("30060101FF020100"))
    assert (control.is_ca, control.path_length, control.deviations) == (True, 0, ())
    found = one(ext.BASIC_CONSTRAINTS, bytes.fromhex(f"30060101{true}020100"))
    assert (found.is_ca, found.path_length) == (True, 0)
    assert found.deviations == ("boolean_encoding",)


BARE = bytes.fromhex("B5E23D3BA102A77B77B55B0E6AD37B8E9D434D2D")


def test_bare_key_identifier() -> None:
    """Twenty octets without the header of an OCTET STRING, as three Lithuanian roots have it."""
    control = one(ext.SUBJECT_KEY_IDENTIFIER, w.octets(BARE))
    assert (control.subject_key_identifier, control.deviations) == (BARE, ())
    found = one(ext.SUBJECT_KEY_IDENTIFIER, BARE)
    assert (found.subject_key_identifier, found.deviations) == (BARE, ("bare_key_identifier",))


def test_key_identifier_that_only_looks_bare() -> None:
    """Twenty octets that are an OCTET STRING of eighteen are just that."""
    found = one(ext.SUBJECT_KEY_IDENTIFIER, w.octets(BARE[:18]))
    assert (found.subject_key_identifier, found.deviations) == (BARE[:18], ())


@pytest.mark.parametrize("length", [19, 21])
def test_bare_key_identifier_of_another_length(length: int) -> None:
    """Only what is as long as SHA-1 is taken for an identifier."""
    found = one(ext.SUBJECT_KEY_IDENTIFIER, (BARE + b"\x00")[:length])
    assert refused(ext.SUBJECT_KEY_IDENTIFIER, found) == "length_too_long"
    assert found.deviations == ("broken_extension",)


START, STOP = datetime(2021, 5, 28, 3, tzinfo=UTC), datetime(2021, 8, 26, 3, tzinfo=UTC)


def _time(number: int, moment: datetime) -> bytes:
    return w.implicit(number, w.generalized_time(moment))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (w.seq(_time(0, START), _time(1, STOP)), (START, STOP)),
        (w.seq(_time(0, START)), (START, None)),
        (w.seq(_time(1, STOP)), (None, STOP)),
        (w.seq(), (None, None)),
    ],
)
def test_private_key_usage(value: bytes, expected: tuple[datetime | None, datetime | None]) -> None:
    """Either end may be open (RFC 3280 §4.2.1.4)."""
    assert one(ext.PRIVATE_KEY_USAGE_PERIOD, value).private_key_usage == expected


@pytest.mark.parametrize(
    "value",
    [
        b"",
        w.null(),
        w.seq(_time(1, STOP), _time(0, START)),
        w.seq(w.implicit(0, w.utc_time(START))),
        w.seq(w.generalized_time(START)),
        w.seq(_time(0, START)) + b"\x00",
    ],
)
def test_broken_private_key_usage(value: bytes) -> None:
    """Two optional GeneralizedTimes in their order, and nothing else."""
    assert refused(ext.PRIVATE_KEY_USAGE_PERIOD, one(ext.PRIVATE_KEY_USAGE_PERIOD, value)) == (
        "not_der"
    )


def test_document_types() -> None:
    """The codes of documents that the signer is for (Doc 9303-12 §7.1.1.6); absent means any."""
    assert Extensions(()).document_types is None
    types = w.seq(w.integer(0), w.set_of(w.printable("I"), w.printable("ID")))
    assert one(ext.DOCUMENT_TYPE_LIST, types).document_types == frozenset({"I", "ID"})
    assert (
        one(ext.DOCUMENT_TYPE_LIST, w.seq(w.integer(0), w.set_of())).document_types == frozenset()
    )
    broken = one(ext.DOCUMENT_TYPE_LIST, w.seq(w.set_of(w.printable("I"))))
    assert refused(ext.DOCUMENT_TYPE_LIST, broken) == "not_der"


@given(st.sampled_from(sorted(READERS)), st.binary(max_size=60))
def test_arbitrary_bytes(oid: str, value: bytes) -> None:
    """A value or ``MalformedData``, whatever stands in an extension."""
    with suppress(MalformedData):
        READERS[oid](one(oid, value))
    assert isinstance(one(oid, value).deviations, tuple)
