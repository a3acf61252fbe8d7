"""From evidence to a report: pure, so that the same input gives the same report, with no card.

The order of the checks is the list in ``_Judge.checks``; every id of the contract is answered.
"""

from __future__ import annotations

from datetime import date, datetime
from functools import cached_property

from ecid.encoding.spki import SubjectPublicKey
from ecid.errors import EcidError, MalformedData
from ecid.inspection import judge_access, judge_chip, judge_files, judge_match
from ecid.inspection.checks import AFTER_DATA_GROUPS, Check, Weight, conclude
from ecid.inspection.evidence import Absence, Evidence
from ecid.inspection.identity import Identity
from ecid.inspection.judge_chip import KeyFile
from ecid.inspection.policy import Policy
from ecid.inspection.profile import Contents, Profile
from ecid.inspection.report import Report
from ecid.lds import dg1, dg2, dg12, dg14, dg15
from ecid.lds.face import FaceImage
from ecid.lds.files import SOD
from ecid.lds.security_infos import SecurityInfos, parse_card_access
from ecid.mrz.mrz import Mrz
from ecid.outcome import (
    SUCCESS,
    Deviation,
    Finding,
    Outcome,
    Reason,
    failed,
    not_supported,
    undetermined,
)
from ecid.protocols.passive_authentication import PassiveAuthentication, authenticate
from ecid.trust.certificate import Certificate
from ecid.trust.listed import AA_KEY_COMPROMISED, CA_KEY_COMPROMISED, SIGNER_REVOKED, listed
from ecid.trust.revocation import check_revocation
from ecid.trust.signing_time import check_time
from ecid.trust.store import TrustStore
from ecid_crypto.hashes import Hash

#: What the common name of our own throw-away anchors holds, beside the marker extension.
EMULATED_NAME = "CSCA EMULATED"


def verify(
    evidence: Evidence,
    trust: TrustStore,
    policy: Policy,
    at: datetime,
    profile: Profile,
    *,
    clock_is_right: bool = True,
) -> Report:
    """Judge ``evidence`` against ``trust`` under ``policy`` as of ``at`` (an aware datetime).

    ``clock_is_right`` is False where ``at`` is what a clock shows that cannot be right; then
    nothing that depends on the time succeeds. Never raises for what the evidence holds: broken
    bytes are failed checks.
    """
    return _Judge(evidence, trust, policy, at, profile, clock_is_right).report()


class _Judge:
    """One judgement. Its properties are the facts, its methods the checks made of them."""

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

    def report(self) -> Report:
        """Return everything in one value."""
        checks = self.checks()
        ignored = {check.id for check in checks if check.weight is Weight.EVALUATORY}
        return Report(
            verdict=conclude(checks, self.policy.required - (ignored & {"access.binding"})),
            checks=tuple(checks),
            evidence=self.evidence,
            policy=self.policy,
            trust_digest=self.trust.digest,
            anchors=len(self.trust.entries),
            profile=self.profile.name,
            checked_at=self.at,
            emulated=self._emulated(),
            deviations=self._deviations(),
            unverified=self._identity(),
        )

    def checks(self) -> list[Check]:
        """Return every check of the contract in the order of the report."""
        found = [
            self._check("access", judge_access.check_access(self.evidence)),
            self._binding(),
            self._check("sod.format", self.sod.format),
            self._check("sod.signature", self.sod.signature),
            self._check("sod.signer", self.sod.signer),
            self._check("sod.chain", self.sod.chain),
            self._check("sod.time", self.time),
            self._check("sod.revocation", self._revocation()),
            self._check("cardsecurity", not_supported(Reason.NOT_REQUESTED)),
        ]
        for number, (finding, counts) in sorted(self.data_groups.items()):
            weight = None if counts or number == 1 else Weight.EVALUATORY
            found.append(self._check(f"dg.{number}", finding, weight))
        rest = self._content_checks() | self._chip_checks()
        return found + [self._check(check_id, rest[check_id]) for check_id in AFTER_DATA_GROUPS]

    def _content_checks(self) -> dict[str, Finding]:
        return {
            "lds.com": judge_files.check_com(self.evidence, self.sod),
            "lds.state": judge_files.check_state(self.mrz, self.sod),
            "lds.crosscheck": self._crosscheck(),
            "terminal": not_supported(Reason.NOT_REQUESTED),
            "match.mrz": judge_match.check_mrz(self.evidence, self.mrz, self.profile),
            "match.qr": judge_match.check_qr(self.evidence, self.contents, self.profile, self.day),
            "match.form": judge_match.check_form(self.evidence, self._identity),
            "match.person": undetermined(Reason.ASK_CLERK),
            "match.registry": not_supported(Reason.NOT_REQUESTED),
            "document.expiry": self._expiry(),
        }

    def _chip_checks(self) -> dict[str, Finding]:
        key = self.active_authentication_key
        of_ca = judge_chip.check_chip_authentication(
            self.evidence, self._key_file(14), self.signed_infos
        )
        of_aa = judge_chip.check_active_authentication(
            self.evidence,
            self._key_file(15),
            key,
            self.signed_infos,
            wanted=self.profile.active_authentication,
        )
        parts = {
            "chip.ca": self._granted(of_ca, self.signed_infos, "DG14"),
            "chip.aa": self._granted(of_aa, key, "DG15"),
            "chip.cam": not_supported(Reason.NOT_OFFERED),
        }
        for check_id, code in (("chip.ca", CA_KEY_COMPROMISED), ("chip.aa", AA_KEY_COMPROMISED)):
            if code in self.listed and parts[check_id].ok:
                parts[check_id] = failed(Reason.LISTED_DEFECT, what=code)
        return {"chip": judge_chip.compose(parts.values()), **parts}

    def _binding(self) -> Check:
        finding = judge_access.check_binding(
            self.evidence,
            self.card_access,
            self.signed_infos,
            signed_is_authentic=self._is_authentic(14),
        )
        finding = self._granted(finding, self.card_access, "CardAccess")
        # Where the signed data offers no PACE there is nothing to bind (design, section 3).
        ignored = finding.reason is Reason.NOT_OFFERED
        return self._check("access.binding", finding, Weight.EVALUATORY if ignored else None)

    def _check(self, check_id: str, finding: Finding, weight: Weight | None = None) -> Check:
        return Check.of(check_id, finding, weight or self.policy.weights[check_id])

    # Facts, each computed once.

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
        granted = finding.reason is Reason.SIGNER_EXPIRED and self._grants("signer_expired")
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
    def issuer_is_proven(self) -> bool:
        """Whether everything about the SOD is successful: only then its hashes vouch for files."""
        sod = self.sod
        findings = (sod.format, sod.signature, sod.signer, sod.chain, self.time)
        return all(finding.outcome is Outcome.SUCCESSFUL for finding in findings)

    def _is_authentic(self, number: int) -> bool:
        finding, _ = self.data_groups.get(number, (undetermined(Reason.NOT_RUN), False))
        return self.issuer_is_proven and finding.outcome is Outcome.SUCCESSFUL

    def _key_file(self, number: int) -> KeyFile:
        finding, _ = self.data_groups.get(number, (undetermined(Reason.NOT_RUN), False))
        readable = self.sod.security_object is not None
        return KeyFile(
            listed=number in self.sod.listed if readable else None,
            finding=finding,
            present=f"DG{number}" in self.evidence.files,
            authentic=self._is_authentic(number),
        )

    @cached_property
    def listed(self) -> tuple[str, ...]:
        """What deviation and defect lists say of this signer's documents."""
        if self.sod.certificate is None:
            return ()
        document_type = None if self.mrz is None else self.mrz.document_code
        signed_at = self.sod.signed_at
        issued = self._issue_date() if signed_at is None else signed_at.date()
        return listed(self.sod.certificate, self.trust, document_type, issued)

    def _revocation(self) -> Finding:
        """Judge ``sod.revocation``: revocation lists, and what defect lists take back."""
        if self.sod.certificate is None:
            return undetermined(Reason.DSC_MISSING)
        if SIGNER_REVOKED in self.listed:
            return failed(Reason.REVOKED, what="defect_list")
        if self.sod.anchor is None:
            return undetermined(Reason.NO_CRL)
        found = check_revocation(self.sod.certificate, self.sod.anchor, self.trust, self.at)
        if found.outcome is Outcome.SUCCESSFUL and not self.clock_is_right:
            return undetermined(Reason.CLOCK_BEFORE_BUILD)
        return found

    def _granted(
        self, finding: Finding, given: SecurityInfos | SubjectPublicKey | None, where: str
    ) -> Finding:
        """Return ``finding``, open where it leans on a deviation that the issuer is not granted."""
        deviations = [Deviation(code, where) for code in (given.deviations if given else ())]
        anchor = self.sod.anchor
        country = None if anchor is None else anchor.country
        return self.policy.tolerances.settle(finding, deviations, country, where)[0]

    def _grants(self, code: str) -> bool:
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

    def _crosscheck(self) -> Finding:
        if self.contents is None:
            return undetermined(Reason.NOT_SUPPLIED)
        return self.profile.crosscheck(self.contents, self.day)

    def _expiry(self) -> Finding:
        found = judge_files.check_expiry(self.mrz, self.profile, self.day)
        in_date = found.ok and found.reason is not Reason.NO_EXPIRY
        unsure = in_date and not self.clock_is_right
        return undetermined(Reason.CLOCK_BEFORE_BUILD) if unsure else found

    def _identity(self) -> Identity | None:
        contents = self.contents
        return None if contents is None else self.profile.identity(contents, self.day)

    def _face(self) -> FaceImage | None:
        try:
            return dg2.parse(self.evidence.files["DG2"]).faces[0]
        except (KeyError, EcidError):
            return None

    def _emulated(self) -> bool:
        anchor: Certificate | None = self.sod.anchor
        if anchor is None or not self.sod.chain.ok:
            return False
        try:
            return anchor.extensions.is_emulated and EMULATED_NAME in anchor.common_name
        except MalformedData:
            return False

    def _deviations(self) -> tuple[Deviation, ...]:
        found = list(self.sod.deviations)
        found += [Deviation(code, "documents of this signer") for code in self.listed]
        found += [Deviation("unanchored_list", source) for source in self.trust.unanchored]
        if self.sod.weak_hash_granted and self._hashes_are_weak():
            found.append(Deviation(Reason.WEAK_HASH.value, "LDS security object"))
        if self.time.ok and self._is_expired():
            found.append(Deviation("signer_expired", "DSC"))
        for infos, where in ((self.signed_infos, "DG14"), (self.card_access, "CardAccess")):
            found += [Deviation(code, where) for code in (infos.deviations if infos else ())]
        key = self.active_authentication_key
        found += [Deviation(code, "DG15") for code in (key.deviations if key else ())]
        return tuple(sorted(set(found)))

    def _hashes_are_weak(self) -> bool:
        found = self.sod.security_object
        return found is not None and found.hash_algorithm == Hash.SHA1.oid

    def _is_expired(self) -> bool:
        certificates = (self.sod.certificate, self.sod.anchor)
        return any(each is not None and not each.valid_at(self.at) for each in certificates)
