"""Revocation lists, decoded and not judged (RFC 5280 §5)."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecid.emulator import certificates as c
from ecid.encoding import der_write as w
from ecid.encoding.tlv import children, parse_one
from ecid.errors import MalformedData, UnsupportedData
from ecid.trust import crl as crl_module
from ecid.trust.crl import RevocationList, is_revocation_list, parse_revocation_list
from ecid_crypto.hashes import Hash
from trust_kit import (
    CERTIFICATE_ISSUER,
    DELTA_INDICATOR,
    DISTRIBUTION_POINT,
    INVENTED,
    NEXT_UPDATE,
    ROOT,
    THIS_UPDATE,
    crl,
    crl_number,
    entry,
    master_list,
)

GENUINE = crl(5, 7)


def parsed(data: bytes) -> RevocationList:
    """Return the list that ``data`` is."""
    return parse_revocation_list(data)


def refused(data: bytes) -> str:
    """Return the rule that ``data`` breaks."""
    with pytest.raises(MalformedData) as caught:
        parse_revocation_list(data)
    assert caught.value.where == "CRL"
    return caught.value.rule


def parts(data: bytes) -> list[bytes]:
    """Return signed part, algorithm and signature."""
    return [part.raw for part in children(parse_one(data, 0x30, "CRL"))]


def test_fields() -> None:
    """Everything as it was signed."""
    found = parsed(GENUINE)
    tbs, algorithm, signature = parts(GENUINE)
    assert (found.raw, found.raw_tbs, found.raw_algorithm) == (GENUINE, tbs, algorithm)
    assert w.bits(found.signature) == signature
    assert found.raw_issuer == ROOT.plan.subject
    assert (found.this_update, found.next_update) == (THIS_UPDATE, NEXT_UPDATE)
    assert (found.revoked, found.number, found.country) == (frozenset({5, 7}), 1, "UT")
    assert found.extensions.authority_key_identifier == c.key_identifier(ROOT.key.public)
    assert found.unsupported is None
    assert found.fingerprint == Hash.SHA256.digest(GENUINE)
    assert found.signature_algorithm.scheme.hash is Hash.SHA256


def test_nobody_is_revoked() -> None:
    """A list without entries leaves their field out (§5.1.2.6)."""
    assert parsed(crl()).revoked == frozenset()


def test_first_version() -> None:
    """Version 1 has neither a version nor extensions (§5.1.2.1)."""
    found = parsed(crl(5, version=None, extensions=()))
    assert found.revoked == {5}
    assert (found.number, found.unsupported) == (None, None)


def test_times_of_both_kinds() -> None:
    """UTCTime until 2049, GeneralizedTime after it."""
    far = datetime(2050, 2, 3, 4, 5, 6, tzinfo=UTC)
    assert parsed(crl(next_update=far)).next_update == far


def test_no_next_update() -> None:
    """Its absence is said, not filled in."""
    assert parsed(crl(next_update=None)).next_update is None


@pytest.mark.parametrize("number", [0, 1, 2**159 - 1])
def test_number(number: int) -> None:
    """Up to 20 octets (§5.2.3)."""
    assert parsed(crl(number=number)).number == number


def test_no_number() -> None:
    """A list without the extension has none."""
    assert parsed(crl(number=None)).number is None


@pytest.mark.parametrize("value", [b"", b"\x04\x01\x01", b"\x02\x01\x01\x00"])
def test_broken_number(value: bytes) -> None:
    """A number that is no INTEGER is an error and not None: it would pass for the newest."""
    found = parsed(crl(number=None, more=(c.extension("2.5.29.20", value),)))
    with pytest.raises(MalformedData):
        assert found.number


def test_number_twice() -> None:
    """Which of two numbers counts is not for us to guess."""
    found = parsed(crl(number=1, more=crl_number(2)))
    with pytest.raises(MalformedData) as caught:
        assert found.number
    assert caught.value.rule == "extension_repeated"


UNSUPPORTED = {
    "delta": crl(5, more=(c.extension(DELTA_INDICATOR, w.integer(1), critical=True),)),
    "partitioned": crl(5, more=(c.extension(DISTRIBUTION_POINT, w.seq(), critical=True),)),
    "unknown_critical_extension": crl(5, more=(c.extension(INVENTED, w.null(), critical=True),)),
    "indirect": crl(entry(5, c.extension(CERTIFICATE_ISSUER, w.seq(), critical=True))),
}


@pytest.mark.parametrize("name", UNSUPPORTED)
def test_unsupported(name: str) -> None:
    """What is no complete list of one issuer is parsed all the same, and named."""
    found = parsed(UNSUPPORTED[name])
    assert found.unsupported == name
    assert found.revoked == {5}


def test_delta_and_partition_count_without_being_critical() -> None:
    """An issuer that forgot to mark them meant them all the same."""
    assert parsed(crl(more=(c.extension(DELTA_INDICATOR, w.integer(1)),))).unsupported == "delta"
    partition = crl(more=(c.extension(DISTRIBUTION_POINT, w.seq()),))
    assert parsed(partition).unsupported == "partitioned"


def test_what_is_not_critical_is_passed_over() -> None:
    """Reasons of entries, and extensions that the list itself calls dispensable."""
    reason = c.extension("2.5.29.21", b"\x0a\x01\x01")
    assert parsed(crl(entry(5, reason))).unsupported is None
    assert parsed(crl(more=(c.extension(INVENTED, w.null()),))).unsupported is None


def test_number_may_be_critical() -> None:
    """What we understand may be marked so."""
    number = c.extension("2.5.29.20", w.integer(4), critical=True)
    assert parsed(crl(number=None, more=(number,))).unsupported is None


BROKEN = {
    "nothing": (b"", "not_der"),
    "bytes after it": (GENUINE + b"\x00", "not_der"),
    "cut off": (GENUINE[:-1], "not_der"),
    "a certificate": (ROOT.certificate, "not_der"),
    "version 3": (crl(version=2), "version"),
    "version 0": (crl(version=0), "version"),
    "two algorithms": (
        crl(inner_algorithm=ROOT.key.algorithm(Hash.SHA512)),
        "algorithms_differ",
    ),
    "algorithm changed outside": (
        w.seq(parts(GENUINE)[0], ROOT.key.algorithm(Hash.SHA512), parts(GENUINE)[2]),
        "algorithms_differ",
    ),
    "a signature of loose bits": (
        w.seq(*parts(GENUINE)[:2], w.bits(b"\x80", 7)),
        "unused_bits",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken(name: str) -> None:
    """A list that breaks its format is refused with the rule."""
    data, rule = BROKEN[name]
    assert refused(data) == rule


def test_algorithm_unknown() -> None:
    """An unknown scheme is found out when somebody asks for it."""
    unknown = w.seq(w.oid("1.3.101.113"))
    tbs = parts(crl(inner_algorithm=unknown))[0]
    found = parsed(w.seq(tbs, unknown, parts(GENUINE)[2]))
    with pytest.raises(UnsupportedData):
        assert found.signature_algorithm


def test_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """A limit above a million entries, so that nothing larger is looked into."""
    assert 1_000_000 * len(entry(2**31)) <= crl_module.MAX_BYTES
    monkeypatch.setattr(crl_module, "MAX_BYTES", len(GENUINE))
    assert parsed(GENUINE).revoked == {5, 7}
    monkeypatch.setattr(crl_module, "MAX_BYTES", len(GENUINE) - 1)
    assert refused(GENUINE) == "too_large"


def test_ten_thousand_entries() -> None:
    """A large list is read in far less than a second, and its entries are looked up, not walked."""
    data = crl(*range(1, 10_001))
    started = time.perf_counter()
    found = parsed(data)
    assert 10_000 in found.revoked
    assert 10_001 not in found.revoked
    assert time.perf_counter() - started < 3  # some 20 ms on an idle machine
    assert len(found.revoked) == 10_000


RECOGNISED = {
    "genuine": (GENUINE, True),
    "first version": (crl(version=None, extensions=()), True),
    "generalized time": (crl(this_update=datetime(2051, 1, 1, tzinfo=UTC)), True),
    "version 3": (crl(version=2), True),
    "certificate": (ROOT.certificate, False),
    "certificate of the first version": (
        c.sign_certificate(replace(ROOT.plan, version=None), ROOT.key),
        False,
    ),
    "master list": (master_list(ROOT.certificate), False),
    "empty": (b"", False),
    "nearly nothing": (b"\x30\x00", False),
    "no structure": (b"\x30\x02\x30\x00", False),
}


@pytest.mark.parametrize("name", RECOGNISED)
def test_recognised(name: str) -> None:
    """A list is told from a certificate by its first objects, good or bad as it may be."""
    data, expected = RECOGNISED[name]
    assert is_revocation_list(data) == expected


@given(st.binary(max_size=200))
def test_arbitrary_bytes(data: bytes) -> None:
    """A list or a named error, and a clear answer to what it is."""
    assert is_revocation_list(data) in {True, False}
    with suppress(MalformedData):
        assert parse_revocation_list(data)


@given(st.integers(0, len(GENUINE) - 1), st.integers(1, 255))
def test_one_changed_byte(at: int, change: int) -> None:
    """Never another error than ours, wherever the byte stands; nothing is lost by parsing."""
    changed = GENUINE[:at] + bytes([GENUINE[at] ^ change]) + GENUINE[at + 1 :]
    with suppress(MalformedData, UnsupportedData):
        found = parse_revocation_list(changed)
        assert found.raw == changed
        assert found.number is None or found.country is None or found.signature_algorithm
