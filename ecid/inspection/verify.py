"""From evidence to a report: pure, so that the same input gives the same report, with no card.

The order of the checks is the list in ``_Judge.checks``; every id of the contract is answered.
"""

from __future__ import annotations

from datetime import datetime
from functools import cached_property

from ecid.encoding.spki import SubjectPublicKey
from ecid.errors import MalformedData
from ecid.inspection import (
    judge_access,
    judge_chip,
    judge_files,
    judge_match,
    judge_security,
)
from ecid.inspection.checks import AFTER_DATA_GROUPS, Check, Weight, conclude
from ecid.inspection.evidence import AccessFacts, Evidence
from ecid.inspection.facts import Facts
from ecid.inspection.identity import Identity
from ecid.inspection.judge_access import SignedInfos
from ecid.inspection.judge_chip import KeyFile
from ecid.inspection.judge_security import Document
from ecid.inspection.policy import Policy
from ecid.inspection.profile import Profile
from ecid.inspection.report import Report
from ecid.lds.security_infos import SecurityInfos
from ecid.outcome import (
    Deviation,
    Finding,
    Outcome,
    Reason,
    failed,
    not_supported,
    undetermined,
)
from ecid.protocols.active_authentication import AnswerCheck
from ecid.trust.certificate import Certificate
from ecid.trust.listed import AA_KEY_COMPROMISED, CA_KEY_COMPROMISED, SIGNER_REVOKED
from ecid.trust.revocation import check_revocation
from ecid.trust.store import TrustStore
from ecid_crypto.hashes import Hash

#: What the common name of our own throw-away anchors holds, beside the marker extension.
EMULATED_NAME = "CSCA EMULATED"

ANSWER = "INTERNAL AUTHENTICATE"


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


class _Judge(Facts):
    """One judgement: the checks made of the facts."""

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
            self._check("access", self._access()),
            self._binding(),
            self._check("sod.format", self.sod.format),
            self._check("sod.signature", self.sod.signature),
            self._check("sod.signer", self.sod.signer),
            self._check("sod.chain", self.sod.chain),
            self._check("sod.time", self.time),
            self._check("sod.revocation", self._revocation()),
            self._check("cardsecurity", self.of_card_security),
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
            "terminal": judge_security.check_terminal(self.evidence),
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
            self.answer,
            wanted=self.profile.active_authentication,
        )
        parts = {
            "chip.ca": self._granted(of_ca, self.signed_infos, "DG14"),
            "chip.aa": self._granted(self._granted(of_aa, key, "DG15"), self.answer, ANSWER),
            "chip.cam": judge_security.check_mapping(
                self.evidence,
                self.card_security,
                self.of_card_security,
                Document(
                    self.signed_infos if self.is_authentic(14) else None, self.sod.certificate
                ),
            ),
        }
        for check_id, code in (("chip.ca", CA_KEY_COMPROMISED), ("chip.aa", AA_KEY_COMPROMISED)):
            if code in self.listed and parts[check_id].ok:
                parts[check_id] = failed(Reason.LISTED_DEFECT, what=code)
        return {"chip": judge_chip.compose(parts.values()), **parts}

    def _access(self) -> Finding:
        finding = judge_access.check_access(self.evidence)
        return self._granted(finding, self.evidence.access, "access")

    def _binding(self) -> Check:
        signed = [SignedInfos(self.signed_infos, self.is_authentic(14))]
        if self.card_security is not None:
            authentic = self.of_card_security.outcome is Outcome.SUCCESSFUL
            signed.append(SignedInfos(self.card_security.infos, authentic))
        finding = judge_access.check_binding(self.evidence, self.card_access, signed)
        finding = self._granted(finding, self.card_access, "CardAccess")
        # Where the signed data offers no PACE there is nothing to bind (design, section 3).
        ignored = finding.reason is Reason.NOT_OFFERED
        return self._check("access.binding", finding, Weight.EVALUATORY if ignored else None)

    def _check(self, check_id: str, finding: Finding, weight: Weight | None = None) -> Check:
        return Check.of(check_id, finding, weight or self.policy.weights[check_id])

    @cached_property
    def of_card_security(self) -> Finding:
        """The check of EF.CardSecurity, which two others rest on."""
        return judge_security.check_card_security(
            self.evidence,
            self.card_security,
            self.sod.anchor,
            self.trust,
            self.at,
            clock_is_right=self.clock_is_right,
        )

    def _key_file(self, number: int) -> KeyFile:
        finding, _ = self.data_groups.get(number, (undetermined(Reason.NOT_RUN), False))
        readable = self.sod.security_object is not None
        return KeyFile(
            listed=number in self.sod.listed if readable else None,
            finding=finding,
            present=f"DG{number}" in self.evidence.files,
            authentic=self.is_authentic(number),
        )

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
        self,
        finding: Finding,
        given: SecurityInfos | SubjectPublicKey | AnswerCheck | AccessFacts | None,
        where: str,
    ) -> Finding:
        """Return ``finding``, open where it leans on a deviation that the issuer is not granted."""
        deviations = [Deviation(code, where) for code in (given.deviations if given else ())]
        anchor = self.sod.anchor
        country = None if anchor is None else anchor.country
        return self.policy.tolerances.settle(finding, deviations, country, where)[0]

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
        found += self.card_security.deviations if self.card_security else ()
        given = (
            (self.signed_infos, "DG14"),
            (self.card_access, "CardAccess"),
            (self.active_authentication_key, "DG15"),
            (self.answer, ANSWER),
            (self.evidence.access, "access"),
        )
        found += [Deviation(code, w) for each, w in given if each for code in each.deviations]
        return tuple(sorted(set(found)))

    def _hashes_are_weak(self) -> bool:
        found = self.sod.security_object
        return found is not None and found.hash_algorithm == Hash.SHA1.oid

    def _is_expired(self) -> bool:
        certificates = (self.sod.certificate, self.sod.anchor)
        return any(each is not None and not each.valid_at(self.at) for each in certificates)
