"""Judging the files: their hashes, what is missing, and whether they agree with each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from ecid.errors import MalformedData, UnsupportedData
from ecid.inspection.evidence import Absence, Evidence
from ecid.inspection.profile import NoExpiry, Profile
from ecid.lds import com, dg1, dg2, dg14, dg15
from ecid.lds.files import NEED_RIGHTS, data_group
from ecid.lds.states import countries
from ecid.mrz.mrz import Mrz
from ecid.outcome import SUCCESS, Finding, Outcome, Reason, failed, not_supported, undetermined
from ecid.protocols.passive_authentication import PassiveAuthentication, check_data_group

_PARSERS: Mapping[int, Callable[[bytes], object]] = {
    1: dg1.parse,
    2: dg2.parse,
    14: dg14.parse,
    15: dg15.parse,
}


def check_file(
    evidence: Evidence, sod: PassiveAuthentication, number: int, profile: Profile
) -> tuple[Finding, bool]:
    """Judge ``dg.<number>``; also say whether it counts, which an unread file does not."""
    ef = data_group(number)
    content = evidence.files.get(ef.name)
    if content is None:
        return _not_there(evidence, number)
    if len(content) > ef.max_bytes:
        return failed(Reason.MALFORMED, rule="file_size"), True
    finding = check_data_group(
        sod.security_object, number, content, weak_hash_granted=sod.weak_hash_granted
    )
    if not finding.ok:
        return finding, True
    rule = _broken_rule(content, _PARSERS.get(number) or profile.parsers.get(number))
    return (SUCCESS if rule is None else failed(Reason.MALFORMED, rule=rule)), True


def check_com(evidence: Evidence, sod: PassiveAuthentication) -> Finding:
    """Judge ``lds.com``: EF.COM is unsigned, so it can only agree with the SOD or be wrong."""
    raw = evidence.files.get("COM")
    if raw is None:
        broken = evidence.missing.get("COM") is Absence.MALFORMED
        return failed(Reason.MALFORMED) if broken else not_supported(Reason.NO_COM)
    if sod.security_object is None:
        return undetermined(Reason.NOT_RUN)
    try:
        listed = com.parse(raw)
    except MalformedData as exc:
        return failed(Reason.MALFORMED, rule=exc.rule)
    if listed.unknown_tags or frozenset(listed.data_groups) != sod.listed:
        return failed(Reason.COM_MISMATCH)
    return SUCCESS


def check_state(mrz: Mrz | None, sod: PassiveAuthentication) -> Finding:
    """Judge ``lds.state``: one country in DG1, signer and anchor (TR-03135-1 §5.6.4.5)."""
    if mrz is None:
        return undetermined(Reason.NOT_SUPPLIED)
    if sod.certificate is None:
        return undetermined(Reason.DSC_MISSING)
    expected = countries(mrz.issuing_state)
    try:
        found = {c.country for c in (sod.certificate, sod.anchor) if c is not None}
        types = sod.certificate.extensions.document_types
    except MalformedData as exc:
        return failed(Reason.MALFORMED, rule=exc.rule)
    if types is not None and not {mrz.document_code, mrz.document_code[:1]} & types:
        return failed(Reason.DOCUMENT_TYPE)
    if not expected or None in found:
        return undetermined(Reason.COUNTRY_UNKNOWN)
    agree = len(found) == 1 and found <= expected
    return SUCCESS if agree else failed(Reason.COUNTRY_MISMATCH)


def check_expiry(mrz: Mrz | None, profile: Profile, at: date) -> Finding:
    """Judge ``document.expiry`` on the day ``at``; the last day still counts."""
    if mrz is None:
        return undetermined(Reason.NOT_SUPPLIED)
    try:
        expiry = profile.expiry(mrz, at)
    except MalformedData as exc:
        return undetermined(Reason.EXPIRY_UNKNOWN, rule=exc.rule)
    if expiry is None:
        return undetermined(Reason.EXPIRY_UNKNOWN)
    if isinstance(expiry, NoExpiry):
        return Finding(Outcome.SUCCESSFUL, Reason.NO_EXPIRY)
    return SUCCESS if at <= expiry else failed(Reason.DOCUMENT_EXPIRED)


def _not_there(evidence: Evidence, number: int) -> tuple[Finding, bool]:
    """Judge a file that the SOD lists and the evidence lacks."""
    absence = evidence.missing.get(data_group(number).name)
    if absence is Absence.LOCKED and number in NEED_RIGHTS:
        return not_supported(Reason.LOCKED), False
    if absence is Absence.MALFORMED:
        return failed(Reason.MALFORMED), True
    if absence is not None:
        return failed(Reason.FILE_WITHHELD), True
    came_from_a_chip = evidence.access is not None
    return undetermined(Reason.NOT_READ if came_from_a_chip else Reason.NOT_SUPPLIED), False


def _broken_rule(content: bytes, parser: Callable[[bytes], object] | None) -> str | None:
    """Return the rule of its format that an authentic file breaks, if its format is known."""
    if parser is None:
        return None
    try:
        parser(content)
    except MalformedData as exc:
        return exc.rule
    except UnsupportedData:
        return None  # correct and not implemented here: the hash is right all the same
    return None
