"""The facts of one judgement, each computed once: from raw bytes to what the checks ask of them."""

from __future__ import annotations

from datetime import date, datetime
from functools import cached_property

from ecid.encoding.spki import SubjectPublicKey
from ecid.errors import EcidError, MalformedData
from ecid.inspection import judge_chip, judge_files
from ecid.inspection.evidence import Absence, Evidence
from ecid.inspection.policy import Policy
from ecid.inspection.profile import Contents, Profile
from ecid.lds import dg1, dg2, dg12, dg14, dg15
from ecid.lds.face import FaceImage
from ecid.lds.files import SOD
from ecid.lds.security_infos import SecurityInfos, parse_card_access
from ecid.mrz.mrz import Mrz
from ecid.outcome import (
    SUCCESS,
    Finding,
    Outcome,
    Reason,
    failed,
    undetermined,
)
from ecid.protocols.active_authentication import AnswerCheck
from ecid.protocols.card_security import CardSecurity, authenticate_card_security
from ecid.protocols.passive_authentication import PassiveAuthentication, authenticate
from ecid.trust.listed import listed
from ecid.trust.signing_time import check_time
from ecid.trust.store import TrustStore


class Facts:
    """What evidence, trust, policy and moment amount to; nothing here is a check yet."""

    def __init__(  # noqa: PLR0917 - the inputs of a judgement
        self,
        evidence: Evidence,
        trust: TrustStore,
        policy: Policy,
        at: datetime,
        profile: Profile,
        clock_is_right: bool,
    ) -> None:
        self.evidence, self.trust, self.policy = evidence, trust, policy
        self.at, self.profile, self.clock_is_right = at, profile, clock_is_right

    @cached_property
    def day(self) -> date:
        """The day of the judgement."""
        return self.at.date()

    @cached_property
    def sod(self) -> PassiveAuthentication:
        """What the SOD amounts to."""
        raw = self.evidence.files.get("SOD")
        if raw is not None and len(raw) > SOD.max_bytes:
            return PassiveAuthentication(format=failed(Reason.MALFORMED, rule="file_size"))
        if raw is not None:
            return authenticate(raw, self.trust, self.policy.tolerances)
        absence = self.evidence.missing.get("SOD")
        if absence is Absence.MALFORMED:
            return PassiveAuthentication(format=failed(Reason.MALFORMED))
        withheld = absence is not None
        finding = failed(Reason.FILE_WITHHELD) if withheld else undetermined(Reason.NOT_SUPPLIED)
        return PassiveAuthentication(format=finding)

    @cached_property
    def card_security(self) -> CardSecurity | None:
        """What EF.CardSecurity amounts to, None where it was not read."""
        raw = self.evidence.files.get("CardSecurity")
        if raw is None:
            return None
        return authenticate_card_security(raw, self.trust, self.policy.tolerances)

    @cached_property
    def data_groups(self) -> dict[int, tuple[Finding, bool]]:
        """The finding about each data group that is listed or present, and whether it counts."""
        present = {n for n in range(1, 17) if f"DG{n}" in self.evidence.files}
        numbers = present | self.sod.listed | {1}
        check = judge_files.check_file
        return {n: check(self.evidence, self.sod, n, self.profile) for n in numbers}

    @cached_property
    def time(self) -> Finding:
        """Validity at signing and now."""
        if self.sod.certificate is None:
            return undetermined(Reason.DSC_MISSING)
        if not self.clock_is_right:
            return undetermined(Reason.CLOCK_BEFORE_BUILD)
        signed_at = self.sod.signed_at or self._issue_date()
        finding = check_time(self.sod.certificate, self.sod.anchor, signed_at, self.at)
        granted = finding.reason is Reason.SIGNER_EXPIRED and self.grants("signer_expired")
        return SUCCESS if granted else finding

    @cached_property
    def mrz(self) -> Mrz | None:
        """The zone of DG1, or None where it cannot be read."""
        try:
            return dg1.parse(self.evidence.files["DG1"]).mrz
        except (KeyError, EcidError):
            return None

    @cached_property
    def contents(self) -> Contents | None:
        """What identity is made of, or None without a readable DG1."""
        if self.mrz is None:
            return None
        return Contents(mrz=self.mrz, face=self._face(), files=self.evidence.files)

    @cached_property
    def signed_infos(self) -> SecurityInfos | None:
        """The SecurityInfos of DG14; whether they are authentic is another question."""
        try:
            return dg14.parse(self.evidence.files["DG14"])
        except (KeyError, EcidError):
            return None

    @cached_property
    def card_access(self) -> SecurityInfos | None:
        """The SecurityInfos of EF.CardAccess, which nobody signed."""
        try:
            return parse_card_access(self.evidence.files["CardAccess"])
        except (KeyError, EcidError):
            return None

    @cached_property
    def active_authentication_key(self) -> SubjectPublicKey | None:
        """The key of DG15, or None where it cannot be used."""
        try:
            return dg15.parse(self.evidence.files["DG15"])
        except (KeyError, EcidError):
            return None

    @cached_property
    def answer(self) -> AnswerCheck | None:
        """What the chip's answer to Active Authentication amounts to."""
        return judge_chip.answer_of(
            self.evidence, self.active_authentication_key, self.signed_infos
        )

    @cached_property
    def issuer_is_proven(self) -> bool:
        """Whether everything about the SOD is successful: only then its hashes vouch for files."""
        sod = self.sod
        findings = (sod.format, sod.signature, sod.signer, sod.chain, self.time)
        return all(finding.outcome is Outcome.SUCCESSFUL for finding in findings)

    def is_authentic(self, number: int) -> bool:
        """Whether passive authentication vouches for a data group."""
        finding, _ = self.data_groups.get(number, (undetermined(Reason.NOT_RUN), False))
        return self.issuer_is_proven and finding.outcome is Outcome.SUCCESSFUL

    @cached_property
    def listed(self) -> tuple[str, ...]:
        """What deviation and defect lists say of this signer's documents."""
        if self.sod.certificate is None:
            return ()
        document_type = None if self.mrz is None else self.mrz.document_code
        signed_at = self.sod.signed_at
        issued = self._issue_date() if signed_at is None else signed_at.date()
        return listed(self.sod.certificate, self.trust, document_type, issued)

    def grants(self, code: str) -> bool:
        """Whether the issuer is granted the deviation ``code``."""
        anchor = self.sod.anchor
        return anchor is not None and self.policy.tolerances.grants(code, anchor.country)

    def _issue_date(self) -> date | None:
        """Return the date of issue by DG13 or DG12, whichever is signed and says one."""
        contents = self.contents
        if contents is None:
            return None
        by_profile = self.profile.issue_date(contents) if self._is_signed(13) else None
        return by_profile or (self._issue_date_of_dg12() if self._is_signed(12) else None)

    def _is_signed(self, number: int) -> bool:
        """Whether the hash of the data group is right."""
        return number in self.data_groups and self.data_groups[number][0].ok

    def _issue_date_of_dg12(self) -> date | None:
        try:
            return dg12.issue_date(self.evidence.files["DG12"])
        except (KeyError, MalformedData):
            return None

    def _face(self) -> FaceImage | None:
        try:
            return dg2.parse(self.evidence.files["DG2"]).faces[0]
        except (KeyError, EcidError):
            return None
