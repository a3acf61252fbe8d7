"""Validity at signing and now, as two facts (Doc 9303-12 §5; design, section 6, item 5)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from ecid.emulator import cms
from ecid.emulator.pki import make_csca, make_document_signer
from ecid.encoding import der_write as w
from ecid.encoding.oid import SIGNING_TIME as SIGNING_TIME_OID
from ecid.protocols.passive_authentication import authenticate
from ecid.trust.certificate import parse_certificate
from ecid.trust.signing_time import check_time
from forged_sod import CONTENT, TRUST, ec_key, verdict, with_attributes

START = datetime(2021, 6, 1, 12, tzinfo=UTC)
END = datetime(2031, 6, 1, 12, tzinfo=UTC)
SIGNED = datetime(2022, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 1, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)

_CSCA = make_csca(ec_key("csca"), validity=(START - timedelta(days=365), END + timedelta(days=365)))
_SHORT_CSCA = make_csca(ec_key("csca"), validity=(START, datetime(2025, 1, 1, tzinfo=UTC)))
SIGNER = parse_certificate(
    make_document_signer(ec_key("dsc"), _CSCA, validity=(START, END)).certificate
)
ANCHOR = parse_certificate(_CSCA.certificate)
SHORT_ANCHOR = parse_certificate(_SHORT_CSCA.certificate)

NOT_THEN = "failed not_valid_at_signing"
NOT_YET = "failed not_valid_at_signing not_yet_valid"
EXPIRED = "undetermined signer_expired"
UNKNOWN = "undetermined signing_time_unknown"


@pytest.mark.parametrize(
    ("signed_at", "at", "expected"),
    [
        # The control, and both ends of the period included.
        (SIGNED, NOW, "successful"),
        (START, NOW, "successful"),
        (END, END, "successful"),
        (SIGNED, START, "undetermined signed_in_future"),
        (SIGNED, SIGNED - timedelta(hours=23), "successful"),
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
        (date(2022, 1, 1), "successful"),
        # The certificate begins and ends at noon: some moment of these days will do.
        (date(2021, 6, 1), "successful"),
        (date(2031, 6, 1), "successful"),
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
