"""Judging the chip: whether it holds a key that the issuer signed (Doc 9303-11 §6).

A proof counts only with the key of a data group that passive authentication vouches for; with a
key that nobody signed a copy proves itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ecid.encoding.spki import SubjectPublicKey
from ecid.errors import UnsupportedData
from ecid.inspection.evidence import (
    ChipAnswer,
    ChipAuthenticationFacts,
    Evidence,
    Origin,
)
from ecid.lds.security_infos import SecurityInfos
from ecid.outcome import SUCCESS, Finding, Outcome, Reason, failed, not_supported, undetermined
from ecid.protocols import active_authentication, chip_authentication
from ecid.protocols.active_authentication import AnswerCheck
from ecid_crypto.domain import domain_of
from ecid_readers.status import SW_OK, is_length_limit


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFile:
    """What is known of DG14 or DG15 when the chip is judged."""

    listed: bool | None
    """Whether the SOD lists it; None if the SOD cannot be read."""
    finding: Finding
    """The check of the file itself."""
    present: bool
    authentic: bool
    """Whether the whole of passive authentication vouches for it."""


def check_chip_authentication(
    evidence: Evidence, file: KeyFile, infos: SecurityInfos | None
) -> Finding:
    """Judge ``chip.ca``. Recorded evidence never proves it: session keys could be invented."""
    absent = _absent(file)
    if absent is not None:
        return absent
    if infos is None:
        return failed(Reason.MALFORMED)
    try:
        if chip_authentication.choose(infos) is None:
            return not_supported(Reason.NOT_OFFERED)
    except UnsupportedData as exc:
        return undetermined(Reason.UNSUPPORTED_ALGORITHM, what=exc.what)
    if evidence.origin is not Origin.LIVE:
        return undetermined(Reason.RECORDED)
    return _chip_answer(evidence.chip_authentication, file, infos)


def check_active_authentication(
    evidence: Evidence,
    file: KeyFile,
    key: SubjectPublicKey | None,
    answer: AnswerCheck | None,
    *,
    wanted: bool,
) -> Finding:
    """Judge ``chip.aa`` by the ``answer``: it is computed again, so it also lasts on file."""
    if file.listed and not wanted:
        return not_supported(Reason.BY_POLICY)
    absent = _absent(file)
    if absent is not None:
        return absent
    if key is None:
        return undetermined(Reason.UNSUPPORTED_ALGORITHM)
    facts = evidence.active_authentication
    if facts is None:
        live = evidence.origin is Origin.LIVE
        return undetermined(Reason.NOT_RUN if live else Reason.RECORDED)
    if is_length_limit(facts.sw):
        return undetermined(Reason.LINK_LENGTH)
    if facts.sw != SW_OK:
        return failed(Reason.CHIP_REFUSED, sw=f"{facts.sw:04X}")
    if answer is None:
        return undetermined(Reason.NOT_RUN)
    return _with_authentic_key(answer.finding, file)


def answer_of(
    evidence: Evidence, key: SubjectPublicKey | None, infos: SecurityInfos | None
) -> AnswerCheck | None:
    """Return what the chip's answer to our challenge amounts to, None without one."""
    facts = evidence.active_authentication
    if facts is None or key is None or facts.sw != SW_OK:
        return None
    challenge = active_authentication.derive_challenge(facts.randomness, facts.binding)
    return active_authentication.check_answer(key.key, infos, challenge, facts.signature)


def compose(parts: Iterable[Finding]) -> Finding:
    """Return ``chip``: any failure fails, else one success will do, else what is still open."""
    found = list(parts)
    for outcome in (Outcome.FAILED, Outcome.SUCCESSFUL, Outcome.ABORTED, Outcome.UNDETERMINED):
        for finding in found:
            if finding.outcome is outcome:
                return finding
    return not_supported(Reason.NOT_OFFERED)


def _chip_answer(
    facts: ChipAuthenticationFacts | None, file: KeyFile, infos: SecurityInfos
) -> Finding:
    """Judge what a live chip did when Chip Authentication was run."""
    if facts is None:
        return undetermined(Reason.NOT_RUN)
    if facts.answer is ChipAnswer.REFUSED:
        return failed(Reason.CHIP_REFUSED, step=facts.step, sw=f"{facts.sw:04X}")
    if facts.answer is not ChipAnswer.PROVEN:
        return failed(Reason.WRONG_ANSWER)
    if facts.public_key not in _static_keys(infos):
        return failed(Reason.KEY_NOT_AUTHENTICATED)
    return _with_authentic_key(SUCCESS, file)


def _absent(file: KeyFile) -> Finding | None:
    """Return the finding where there is no file to take a key from."""
    if file.listed is None:
        return undetermined(Reason.NOT_RUN)
    if not file.listed:
        return not_supported(Reason.NOT_OFFERED)
    return None if file.present else file.finding


def _with_authentic_key(answer: Finding, file: KeyFile) -> Finding:
    """Let a right answer count only with a key that the issuer signed."""
    if not answer.ok or file.authentic:
        return answer
    if file.finding.outcome is Outcome.FAILED:
        return failed(Reason.KEY_NOT_AUTHENTICATED)
    return undetermined(Reason.KEY_NOT_AUTHENTICATED)


def _static_keys(infos: SecurityInfos) -> set[bytes]:
    keys = [entry.key for entry in infos.chip_authentication_keys if entry.key is not None]
    return {domain_of(key)[1] for key in keys}
