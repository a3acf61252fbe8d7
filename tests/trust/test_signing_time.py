"""Validity at signing and now, as two facts (Doc 9303-12 §5; design, section 6, item 5)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from ecid.emulator import certificates as c
from ecid.emulator import cms
from ecid.emulator.pki import SIGNER_USAGE, make_csca, make_document_signer
from ecid.encoding import der_write as w
from ecid.encoding.oid import SIGNING_TIME as SIGNING_TIME_OID
from ecid.protocols.passive_authentication import authenticate
from ecid.trust.certificate import Certificate, parse_certificate
from ecid.trust.extensions import PRIVATE_KEY_USAGE_PERIOD
from ecid.trust.signing_time import check_time
from forged_sod import (
    CONTENT,
    TRUST,
    ec_key,
    signer_extensions_but,
    verdict,
    with_attributes,
)

START = datetime(2021, 6, 1, 12, tzinfo=UTC)
END = datetime(2031, 6, 1, 12, tzinfo=UTC)
SIGNED = datetime(2021, 8, 1, tzinfo=UTC)
"""Within the usage period of the signer's key, which is the first 90 days."""
NOW = datetime(2026, 1, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)

_CSCA = make_csca(ec_key("csca"), validity=(START - timedelta(days=365), END + timedelta(days=365)))
_SHORT_CSCA = make_csca(ec_key("csca"), validity=(START, datetime(2025, 1, 1, tzinfo=UTC)))
SIGNER = parse_certificate(
    make_document_signer(ec_key("dsc"), _CSCA, validity=(START, END)).certificate
)
ANCHOR = parse_certificate(_CSCA.certificate)
SHORT_ANCHOR = parse_certificate(_SHORT_CSCA.certificate)

IN_USE = "successful"
NOT_IN_USE = "successful outside_key_usage"
NOT_THEN = "failed not_valid_at_signing"
NOT_YET = "failed not_valid_at_signing not_yet_valid"
EXPIRED = "undetermined signer_expired"
UNKNOWN = "undetermined signing_time_unknown"


@pytest.mark.parametrize(
    ("signed_at", "at", "expected"),
    [
        # The control, and both ends of the period included.
        (SIGNED, NOW, IN_USE),
        (START, NOW, IN_USE),
        (END, END, NOT_IN_USE),
        (SIGNED, START, "undetermined signed_in_future"),
        (SIGNED, SIGNED - timedelta(hours=23), IN_USE),
        # Signed outside the period.
        (START - SECOND, NOW, NOT_THEN),
        (END + SECOND, NOW, NOT_THEN),
        # Valid then, not now.
        (SIGNED, END + SECOND, EXPIRED),
        # Not valid yet by our clock, whatever the signer says.
        (SIGNED, START - SECOND, NOT_YET),
        (None, START - SECOND, NOT_YET),
        # Signing time unknown.
        (None, NOW, "successful"),
        (None, END + SECOND, UNKNOWN),
        # Never both: not valid then dominates.
        (END + SECOND, END + timedelta(days=1), NOT_THEN),
    ],
)
def test_time(signed_at: datetime | None, at: datetime, expected: str) -> None:
    """One signer valid from noon to noon, and an anchor valid longer."""
    assert verdict(check_time(SIGNER, ANCHOR, signed_at, at)) == expected
    assert verdict(check_time(SIGNER, None, signed_at, at)) == expected


@pytest.mark.parametrize(
    ("signed_at", "expected"),
    [
        (date(2021, 7, 1), IN_USE),
        # The certificate begins and ends at noon: some moment of these days will do.
        (date(2021, 6, 1), IN_USE),
        (date(2031, 6, 1), NOT_IN_USE),
        (date(2021, 5, 31), NOT_THEN),
        (date(2031, 6, 2), NOT_THEN),
    ],
)
def test_only_the_day_is_known(signed_at: date, expected: str) -> None:
    """An issue date has no time of day."""
    assert verdict(check_time(SIGNER, ANCHOR, signed_at, NOW)) == expected


def test_anchor_counts() -> None:
    """The anchor has to be valid at the same moments as the signer."""
    late = datetime(2025, 6, 1, tzinfo=UTC)
    assert verdict(check_time(SIGNER, SHORT_ANCHOR, SIGNED, SIGNED)) == "successful"
    assert verdict(check_time(SIGNER, SHORT_ANCHOR, SIGNED, NOW)) == EXPIRED
    assert verdict(check_time(SIGNER, SHORT_ANCHOR, late, NOW)) == NOT_THEN
    assert verdict(check_time(SIGNER, SHORT_ANCHOR, None, NOW)) == UNKNOWN


# The usage period of the private key ------------------------------------------------------

USED_UNTIL = START + SIGNER_USAGE


def using(*period: bytes) -> Certificate:
    """Return the signer with this PrivateKeyUsagePeriod, or with none."""
    kept = signer_extensions_but(PRIVATE_KEY_USAGE_PERIOD, *period, csca=_CSCA, label="dsc")
    signer = make_document_signer(ec_key("dsc"), _CSCA, validity=(START, END), extensions=kept)
    return parse_certificate(signer.certificate)


def period(*ends: bytes) -> bytes:
    """Return a PrivateKeyUsagePeriod with these members."""
    return c.extension(PRIVATE_KEY_USAGE_PERIOD, w.seq(*ends))


def _end(number: int, moment: datetime) -> bytes:
    return w.implicit(number, w.generalized_time(moment))


FROM, UNTIL = _end(0, START + timedelta(days=10)), _end(1, START + timedelta(days=20))


@pytest.mark.parametrize(
    ("signed_at", "expected"),
    [
        # The day counts: a clock that is some hours wrong is no news.
        (USED_UNTIL, IN_USE),
        (USED_UNTIL + timedelta(hours=11, minutes=59), IN_USE),
        (USED_UNTIL + timedelta(hours=12), NOT_IN_USE),
        (USED_UNTIL.date(), IN_USE),
        (USED_UNTIL.date() + timedelta(days=1), NOT_IN_USE),
        # Not when it was signed is known, but that it was.
        (None, IN_USE),
    ],
)
def test_usage_period(signed_at: datetime | date | None, expected: str) -> None:
    """Signed after the key should have been destroyed: a success that says so, and no more."""
    assert verdict(check_time(SIGNER, ANCHOR, signed_at, NOW)) == expected


@pytest.mark.parametrize(
    ("extensions", "days", "expected"),
    [
        ((period(FROM, UNTIL),), 15, IN_USE),
        ((period(FROM, UNTIL),), 9, NOT_IN_USE),
        ((period(FROM, UNTIL),), 21, NOT_IN_USE),
        ((period(FROM),), 9, NOT_IN_USE),
        ((period(FROM),), 1000, IN_USE),
        ((period(UNTIL),), 0, IN_USE),
        ((period(UNTIL),), 21, NOT_IN_USE),
        ((period(),), 1000, IN_USE),
        ((), 1000, IN_USE),
        # What cannot be read is a matter of the profile.
        ((period(w.null()),), 1000, IN_USE),
        ((period(FROM, UNTIL),) * 2, 1000, IN_USE),
    ],
)
def test_usage_period_with_open_ends(
    extensions: tuple[bytes, ...], days: int, expected: str
) -> None:
    """Either end may be missing, and the whole of it (RFC 3280 §4.2.1.4)."""
    signed_at = START + timedelta(days=days)
    assert verdict(check_time(using(*extensions), ANCHOR, signed_at, NOW)) == expected


def test_usage_period_hides_nothing() -> None:
    """Whatever is worse is said instead."""
    late = USED_UNTIL + timedelta(days=1)
    assert verdict(check_time(SIGNER, ANCHOR, late, END + SECOND)) == EXPIRED
    assert verdict(check_time(SIGNER, ANCHOR, late, late - timedelta(days=2))) == (
        "undetermined signed_in_future"
    )


# When it was signed -----------------------------------------------------------------------

TYPE_AND_DIGEST = cms.signed_attributes(CONTENT)
LEAP = datetime(2049, 12, 31, 23, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([w.utc_time(LEAP)], LEAP),
        ([w.generalized_time(LEAP)], LEAP),
        ([], None),
        ([w.utc_time(LEAP), w.generalized_time(LEAP)], None),
        ([w.printable("491231235959Z")], None),
        ([w.utc_time(LEAP)[:-1] + b"+"], None),
        ([w.utc_time(LEAP).replace(b"4912", b"4913")], None),
        ([w.utc_time(LEAP).replace(b"1231", b"0230")], None),
    ],
)
def test_signing_time(values: list[bytes], expected: datetime | None) -> None:
    """UTCTime or GeneralizedTime, once; anything else is an unknown time, not an error."""
    attribute = cms.attribute(SIGNING_TIME_OID, *values)
    sod = with_attributes(*TYPE_AND_DIGEST, attribute)
    assert authenticate(sod, TRUST).signed_at == expected


def test_signing_time_twice() -> None:
    """Two of them are none."""
    attribute = cms.attribute(SIGNING_TIME_OID, w.utc_time(LEAP))
    sod = with_attributes(*TYPE_AND_DIGEST, attribute, attribute)
    assert authenticate(sod, TRUST).signed_at is None
