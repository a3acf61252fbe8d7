"""When a document was signed, and whether its certificates were and are valid (Doc 9303-12 §5).

Validity at signing and validity now are two facts (design, section 6, item 5). The period in
which the signer's private key may be used only informs: it stands beside the success.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from ecid.encoding.oid import SIGNING_TIME
from ecid.errors import MalformedData
from ecid.outcome import SUCCESS, Finding, Outcome, Reason, failed, undetermined
from ecid.trust.certificate import Certificate
from ecid.trust.signed_data import SignerInfo
from ecid.trust.times import parse_time

#: Signed later than now: one of the two clocks is wrong.
_CLOCK_TOLERANCE = timedelta(days=1)


def signing_time(signer: SignerInfo) -> datetime | None:
    """Return the signed attribute signingTime, or None: absent, repeated or unreadable.

    A repeated one fails the signature (``ecid.trust.signer``), one that is no DER is a deviation.
    """
    try:
        return parse_time(signer.attribute(SIGNING_TIME, "SOD"), "SOD")
    except MalformedData:
        return None


def check_time(
    signer: Certificate,
    anchor: Certificate | None,
    signed_at: datetime | date | None,
    at: datetime,
) -> Finding:
    """Judge the validity of ``signer`` and ``anchor`` when it signed, and at the moment ``at``.

    ``signed_at`` is signingTime, else an issue date that passive authentication vouches for, else
    None. Not valid at signing is a failure; valid then and not now stays open
    (``signer_expired``), and so does an unknown time with a certificate that has ended
    (``signing_time_unknown``). A moment before the validity begins is a failure.
    """
    certificates = [signer] if anchor is None else [signer, anchor]
    if any(at < certificate.not_before for certificate in certificates):
        return failed(Reason.NOT_VALID_AT_SIGNING, rule="not_yet_valid")
    if signed_at is not None and not _all_valid(certificates, signed_at):
        return failed(Reason.NOT_VALID_AT_SIGNING)
    if isinstance(signed_at, datetime) and signed_at - at > _CLOCK_TOLERANCE:
        return undetermined(Reason.SIGNED_IN_FUTURE)
    if all(certificate.valid_at(at) for certificate in certificates):
        outside = signed_at is not None and not _key_was_in_use(signer, signed_at)
        return Finding(Outcome.SUCCESSFUL, Reason.OUTSIDE_KEY_USAGE) if outside else SUCCESS
    if signed_at is None:
        return undetermined(Reason.SIGNING_TIME_UNKNOWN)
    return undetermined(Reason.SIGNER_EXPIRED)


def _key_was_in_use(signer: Certificate, moment: datetime | date) -> bool:
    """Whether ``moment`` lies in the signer's private key usage period, if it has one."""
    try:
        period = signer.extensions.private_key_usage
    except MalformedData:
        return True  # the profile of the certificate is judged elsewhere
    if period is None:
        return True
    start, end = period
    day = moment.astimezone(UTC).date() if isinstance(moment, datetime) else moment
    return (start is None or start.date() <= day) and (end is None or day <= end.date())


def _all_valid(certificates: list[Certificate], moment: datetime | date) -> bool:
    if isinstance(moment, datetime):
        return all(certificate.valid_at(moment) for certificate in certificates)
    # Only the day is known: valid at any moment of it will do.
    start = datetime.combine(moment, time.min, UTC)
    end = datetime.combine(moment, time.max, UTC)
    return all(c.not_before <= end and start <= c.not_after for c in certificates)
