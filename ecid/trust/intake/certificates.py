"""Certificates: which become anchors, on whose word, and which are kept as signers only.

Given by hand they are the operator's word; with fingerprints stated, only those are, and link
certificates that an anchor has signed (Doc 9303-12 §4.3).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ecid.errors import MalformedData
from ecid.trust import names
from ecid.trust.anchor_profile import check_anchor
from ecid.trust.certificate import Certificate
from ecid.trust.chain import find_chain
from ecid.trust.entries import Entry, Kind, Provenance
from ecid.trust.extensions import DIGITAL_SIGNATURE, KEY_CERT_SIGN, NAME_CHANGE
from ecid.trust.intake.candidates import Queue, Waiting
from ecid.trust.intake.contents import FoundCertificate
from ecid.trust.intake.draft import Draft
from ecid.trust.signed_list import is_revoked


@dataclass(frozen=True, slots=True, eq=False)
class _Given:
    source: str
    certificate: Certificate


@dataclass
class Certificates:
    """Takes certificates into ``draft``."""

    draft: Draft
    _unstated: Queue[_Given] = field(init=False)

    def __post_init__(self) -> None:
        self._unstated = Queue(self.draft)

    def take(self, source: str, found: FoundCertificate) -> None:
        """Admit a certificate, or leave it out."""
        certificate = found.certificate
        try:
            may_sign = _may_sign_certificates(certificate)
            usage = certificate.extensions.key_usage
        except MalformedData as exc:
            self.leave_out(source, certificate, exc.rule)
            return
        if may_sign and found.kind is Kind.DIRECTORY and not self.is_stated(certificate):
            self.leave_out(source, certificate, "directory_is_no_anchor")
        elif may_sign:
            self.by_hand(source, certificate, found.given or (Provenance(found.kind, source),))
        elif usage is not None and DIGITAL_SIGNATURE in usage:
            self._signer(source, certificate, found)
        else:
            self.leave_out(source, certificate, "not_a_ca")

    def by_hand(
        self, source: str, certificate: Certificate, provenances: Sequence[Provenance]
    ) -> None:
        """Admit an anchor that somebody gave; if fingerprints are stated, it must be one."""
        if not self.draft.rules.stated or self.is_stated(certificate):
            self.anchor(source, certificate, provenances)
            return
        try:
            waiting = Waiting.for_issuer_of(_Given(source, certificate), certificate)
        except MalformedData as exc:
            self.leave_out(source, certificate, exc.rule)
        else:
            self._unstated.add(waiting)

    def is_stated(self, certificate: Certificate) -> bool:
        """Whether the operator has stated its fingerprint."""
        stated = self.draft.rules.stated
        return bool(stated) and certificate.fingerprint in stated

    def links(self) -> bool:
        """Admit the link certificates among those nobody stated; tell whether there are any."""
        admitted = False
        while due := self._unstated.due():
            for waiting in due:
                given = waiting.item
                rule = self._broken_link(given.certificate)
                if rule == "fingerprint_not_stated":
                    continue
                self._unstated.done(waiting)
                if rule is not None:
                    self.leave_out(given.source, given.certificate, rule)
                    continue
                provenance = Provenance(Kind.LINK, given.source)
                admitted |= self.anchor(given.source, given.certificate, [provenance])
        return admitted

    def finish(self) -> None:
        """Leave out what nobody has stated and no anchor has signed."""
        for waiting in self._unstated.waiting:
            given = waiting.item
            self.leave_out(given.source, given.certificate, "fingerprint_not_stated")

    def anchor(
        self, source: str, certificate: Certificate, provenances: Sequence[Provenance]
    ) -> bool:
        """Admit an anchor if it may be one; what the operator has stated is by hand, too."""
        stated = self.is_stated(certificate)
        if stated:
            by_operator = Provenance(Kind.BY_HAND, source)
            provenances = tuple(dict.fromkeys((*provenances, by_operator)))
        finding = check_anchor(certificate)
        rule = finding.rule or self._refused(certificate, finding.deviations)
        if rule is None:
            try:
                entry = Entry.of(certificate, tuple(provenances), finding.deviations)
            except MalformedData as exc:
                rule = exc.rule
        if rule is not None:
            self.leave_out(source, certificate, rule)
            return False
        self.draft.put_anchor(entry, certificate.raw)
        if stated:
            self.draft.met.add(certificate.fingerprint)
        return True

    def leave_out(self, source: str, certificate: Certificate, rule: str) -> None:
        """Leave a certificate out, and remember it if it was stated."""
        self.draft.skip_certificate(source, certificate, rule)
        if self.is_stated(certificate):
            self.draft.refused[certificate.fingerprint] = rule

    def _signer(self, source: str, certificate: Certificate, found: FoundCertificate) -> None:
        draft = self.draft
        deviations = ("non_conformant",) if found.non_conformant else ()
        provenances = found.claims or (Provenance(found.kind, source),)
        try:
            entry = Entry.of(certificate, provenances, (*certificate.deviations, *deviations))
        except MalformedData as exc:
            self.leave_out(source, certificate, exc.rule)
            return
        draft.signers[entry.fingerprint] = entry
        draft.content[entry.fingerprint] = certificate.raw
        if self.is_stated(certificate):
            draft.met.add(certificate.fingerprint)
        if len(draft.signers) % 100 == 0:
            draft.on_progress(source, len(draft.signers), 0)

    def _refused(self, certificate: Certificate, deviations: tuple[str, ...]) -> str | None:
        """Return the rule by which an anchor of good profile is refused all the same, if any.

        Test anchors unless they are allowed, and deviations that the issuer is not granted.
        """
        rules = self.draft.rules
        if rules.keeping and not rules.allow_test and certificate.extensions.is_emulated:
            return "test_anchor"
        for code in deviations:
            if code != "weak_self_signature" and not rules.tolerances.grants(
                code, certificate.country
            ):
                return code
        return None

    def _broken_link(self, certificate: Certificate) -> str | None:
        """Return why ``certificate`` is no link of an anchor that is there already, if it is none.

        It links two keys of one authority: its two names are the same, or it says that the name
        has changed (Doc 9303-12 §7.1.1).
        """
        draft = self.draft
        view, rules = draft.view(), draft.rules
        if certificate.names_itself_issuer or not _links_names(certificate):
            return "fingerprint_not_stated"
        if not find_chain(certificate, view, rules.tolerances).finding.ok:
            return "fingerprint_not_stated"
        revoked = is_revoked(certificate, view, rules.tolerances, rules.at, "link")
        return "revoked" if revoked else None


def _may_sign_certificates(certificate: Certificate) -> bool:
    usage = certificate.extensions.key_usage
    return certificate.extensions.is_ca or (usage is not None and KEY_CERT_SIGN in usage)


def _links_names(certificate: Certificate) -> bool:
    try:
        subject, issuer = certificate.raw_subject, certificate.raw_issuer
        alike = names.likeness(subject, issuer, "certificate") is not None
        return alike or certificate.extensions.find(NAME_CHANGE) is not None
    except MalformedData:
        return False
