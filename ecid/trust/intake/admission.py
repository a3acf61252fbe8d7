"""What counts of all that was found in files, and why the rest does not.

Certificates given by hand are the operator's word. A list counts only if its signer chains to
something trusted already or to a stated fingerprint; a list that counts may vouch for the next.
Whatever is older than what is there is a rollback and changes nothing. Every piece that is left
out has a reason (``Skipped``), and nothing here raises for what a file holds.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, replace
from hashlib import sha256

from ecid.errors import MalformedData
from ecid.outcome import Outcome, Reason
from ecid.trust import names
from ecid.trust.anchor_profile import check_anchor
from ecid.trust.certificate import Certificate, parse_certificate
from ecid.trust.chain import find_chain
from ecid.trust.crl import RevocationList
from ecid.trust.entries import Entry, Kind, Layered, ListEntry, ListKind, Provenance
from ecid.trust.extensions import DIGITAL_SIGNATURE, KEY_CERT_SIGN
from ecid.trust.intake import grounds
from ecid.trust.intake.contents import (
    Found,
    FoundCertificate,
    FoundList,
    FoundRevocationList,
    Unreadable,
)
from ecid.trust.intake.versions import crl_entry, is_older, same_list
from ecid.trust.lists import deviations_in, master_list_certificates
from ecid.trust.revocation import check_list_signature
from ecid.trust.signed_data import parse_signed_data
from ecid.trust.signed_list import ListJudgement, judge_list
from ecid.trust.store import MemorySigners, Skipped, TrustStore
from ecid.trust.tolerance import Tolerances

#: Told about long work: the file, how many certificates are done, and of how many (0: unknown).
OnProgress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Under which rules things are admitted.

    ``stated`` are SHA-256 fingerprints in hex that the operator vouches for: with any of them, a
    certificate by hand counts only if it is one. ``keeping`` is whether this is for a store that
    lasts: then test anchors are refused unless ``allow_test``, and a revocation list must verify
    now. Otherwise it is judged when it is used, and its fault stands in the report.
    """

    tolerances: Tolerances
    stated: Collection[str] = ()
    keeping: bool = False
    allow_test: bool = False


@dataclass(frozen=True, slots=True)
class AcceptedList:
    """A list that counts, and what was overlooked in it."""

    source: str
    entry: ListEntry
    judgement: ListJudgement


@dataclass(frozen=True, slots=True)
class Admitted:
    """The new store, what it owes its lists to, and the stated fingerprints nobody had."""

    store: TrustStore
    accepted: tuple[AcceptedList, ...]
    unmatched: frozenset[str]
    count: int
    """How many certificates and lists were usable, those that were there before included."""


def admit(
    found: Iterable[tuple[str, Found]],
    base: TrustStore,
    rules: Rules,
    on_progress: OnProgress | None = None,
) -> Admitted:
    """Return ``base`` with everything admitted of ``found``, pairs of file name and content."""
    admission = _Admission(base, rules, on_progress or (lambda *_: None))
    for source, each in found:
        admission.take(source, each)
    return admission.finish()


@dataclass
class _Admission:
    base: TrustStore
    rules: Rules
    on_progress: OnProgress
    anchors: dict[bytes, Entry] = field(init=False)
    signers: dict[bytes, Entry] = field(init=False)
    lists: list[ListEntry] = field(init=False)
    content: dict[bytes, bytes] = field(default_factory=dict)
    skipped: list[Skipped] = field(default_factory=list)
    met: set[str] = field(default_factory=set)
    unstated: list[tuple[str, Certificate]] = field(default_factory=list)
    pending: list[tuple[str, FoundList]] = field(default_factory=list)
    crls: list[tuple[str, RevocationList]] = field(default_factory=list)
    faulty: list[ListEntry] = field(default_factory=list)
    accepted: list[AcceptedList] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.anchors = {entry.fingerprint: entry for entry in self.base.entries}
        self.signers = {}
        self.lists = list(self.base.lists)

    def take(self, source: str, found: Found) -> None:
        """Admit a certificate at once; keep lists until all certificates are there."""
        if isinstance(found, Unreadable):
            self.skipped.append(Skipped(source, found.rule))
        elif isinstance(found, FoundList):
            self.pending.append((source, found))
        elif isinstance(found, FoundRevocationList):
            self.crls.append((source, found.crl))
        else:
            self._certificate(source, found)

    def finish(self) -> Admitted:
        """Judge the lists, as long as one of them makes another count, then revocation lists."""
        self._links()
        unanchored = self._signed_lists()
        self._let_go()
        for source, crl in self.crls:
            self._revocation_list(source, crl)
        store = self._store(tuple(dict.fromkeys(source for source, _ in unanchored)))
        unmatched = frozenset(self.rules.stated) - self.met
        return Admitted(store, tuple(self.accepted), unmatched, len(self.content))

    # Certificates.

    def _certificate(self, source: str, found: FoundCertificate) -> None:
        certificate = found.certificate
        try:
            may_sign = self._may_sign_certificates(certificate)
            usage = certificate.extensions.key_usage
        except MalformedData as exc:
            self._skip(source, certificate, exc.rule)
            return
        if may_sign and found.kind is Kind.DIRECTORY:
            self._skip(source, certificate, "directory_is_no_anchor")
        elif may_sign:
            self._by_hand(source, certificate, found.kind)
        elif usage is not None and DIGITAL_SIGNATURE in usage:
            self._signer(source, certificate, found)
        else:
            self._skip(source, certificate, "not_a_ca")

    def _by_hand(self, source: str, certificate: Certificate, kind: Kind) -> None:
        fingerprint = certificate.fingerprint
        if fingerprint in self.rules.stated:
            self.met.add(fingerprint)
        elif self.rules.stated:
            self.unstated.append((source, certificate))
            return
        self._anchor(source, certificate, Provenance(kind, source))

    def _links(self) -> None:
        """Admit the link certificates among those that nobody stated, whatever their order."""
        waiting = self.unstated
        while linked := [each for each in waiting if self._is_link(each[1])]:
            for source, certificate in linked:
                self._anchor(source, certificate, Provenance(Kind.LINK, source))
            waiting = [each for each in waiting if each not in linked]
        for source, certificate in waiting:
            self._skip(source, certificate, "fingerprint_not_stated")

    def _anchor(self, source: str, certificate: Certificate, provenance: Provenance) -> None:
        finding = check_anchor(certificate)
        rule = finding.rule
        if rule is None and self._is_refused_test_anchor(certificate):
            rule = "test_anchor"
        if rule is None:
            rule = self._not_granted(certificate, finding.deviations)
        if rule is not None:
            self._skip(source, certificate, rule)
            return
        try:
            entry = Entry.of(certificate, (provenance,), finding.deviations)
        except MalformedData as exc:
            self._skip(source, certificate, exc.rule)
            return
        known = self.anchors.get(entry.fingerprint)
        before = () if known is None else known.provenances
        together = tuple(dict.fromkeys((*before, provenance)))
        self.anchors[entry.fingerprint] = replace(entry, provenances=together)
        self.content[entry.fingerprint] = certificate.raw

    def _signer(self, source: str, certificate: Certificate, found: FoundCertificate) -> None:
        deviations = ("non_conformant",) if found.non_conformant else ()
        provenance = Provenance(found.kind, source)
        try:
            entry = Entry.of(certificate, (provenance,), (*certificate.deviations, *deviations))
        except MalformedData as exc:
            self._skip(source, certificate, exc.rule)
            return
        self.signers[entry.fingerprint] = entry
        self.content[entry.fingerprint] = certificate.raw
        if len(self.signers) % 100 == 0:
            self.on_progress(source, len(self.signers), 0)

    def _may_sign_certificates(self, certificate: Certificate) -> bool:
        usage = certificate.extensions.key_usage
        return certificate.extensions.is_ca or (usage is not None and KEY_CERT_SIGN in usage)

    def _is_refused_test_anchor(self, certificate: Certificate) -> bool:
        refusing = self.rules.keeping and not self.rules.allow_test
        return refusing and certificate.extensions.is_emulated

    def _not_granted(self, certificate: Certificate, deviations: tuple[str, ...]) -> str | None:
        """Return the rule of the first deviation that the issuer is not granted, if any."""
        for code in deviations:
            if code != "weak_self_signature" and not self.rules.tolerances.grants(
                code, certificate.country
            ):
                return code
        return None

    def _is_link(self, certificate: Certificate) -> bool:
        """Whether an anchor that is there already has signed ``certificate``."""
        return find_chain(certificate, self._view(), self.rules.tolerances).finding.ok

    def _skip(self, source: str, certificate: Certificate, rule: str) -> None:
        try:
            who = f"{certificate.country or '?'} {certificate.common_name}"
        except MalformedData:
            who = "?"
        self.skipped.append(Skipped(source, rule, f"{who} {certificate.serial:X}"))

    # Lists.

    def _signed_lists(self) -> list[tuple[str, FoundList]]:
        """Admit every list that counts; return those that nobody trusted has signed."""
        waiting = self.pending
        while True:
            left = [each for each in waiting if not self._signed_list(*each)]
            if len(left) == len(waiting):
                return [each for each in left if not self._signed_list(*each, last=True)]
            waiting = left

    def _signed_list(self, source: str, found: FoundList, *, last: bool = False) -> bool:
        """Deal with one list; False if it is unanchored and may be anchored by another.

        The ``last`` time, what else is wrong with an unanchored list is said, too.
        """
        judgement = judge_list(
            found.kind, found.signed, self._view(), self.rules.tolerances, self.rules.stated
        )
        finding = judgement.finding
        if judgement.chain.reason is Reason.NO_CSCA and finding.outcome is Outcome.UNDETERMINED:
            if last and finding.reason is not None and finding.reason is not Reason.NO_CSCA:
                self.skipped.append(Skipped(source, finding.reason.value, found.kind.value))
            return False
        if not finding.ok or judgement.signer is None:
            reason = finding.reason or Reason.SIGNATURE_INVALID
            self.skipped.append(Skipped(source, reason.value, found.kind.value))
            return True
        try:
            entry = self._list_entry(source, found, judgement, judgement.signer)
            inside = self._inside(found)
        except MalformedData as exc:
            self.skipped.append(Skipped(source, exc.rule, found.kind.value))
            return True
        if self._is_rollback(entry):
            self.skipped.append(Skipped(source, "rollback", found.kind.value))
            return True
        self.met |= judgement.stated
        self._replace(replace(entry, count=len(inside)), found.raw)
        self.accepted.append(AcceptedList(source, self.lists[-1], judgement))
        if found.kind is ListKind.MASTER_LIST:
            self._listed(source, entry, inside)
        return True

    def _inside(self, found: FoundList) -> tuple[bytes, ...]:
        if found.kind is ListKind.MASTER_LIST:
            return master_list_certificates(found.signed.content or b"")
        return (b"",) * len(deviations_in(found.raw))

    def _list_entry(
        self, source: str, found: FoundList, judgement: ListJudgement, signer: Certificate
    ) -> ListEntry:
        return ListEntry(
            kind=found.kind,
            fingerprint=sha256(found.raw).digest(),
            source=source,
            country=signer.country,
            issuer_key=names.index_key(signer.raw_issuer, "certificate"),
            key_identifier=None,
            this_update=judgement.signed_at,
            anchor=judgement.anchor,
        )

    def _listed(self, source: str, entry: ListEntry, inside: tuple[bytes, ...]) -> None:
        provenance = Provenance(Kind.MASTER_LIST, source, entry.fingerprint.hex())
        for number, raw in enumerate(inside, start=1):
            try:
                self._anchor(source, parse_certificate(raw), provenance)
            except MalformedData as exc:
                self.skipped.append(Skipped(source, exc.rule, f"certificate {number}"))
            self.on_progress(source, number, len(inside))

    def _revocation_list(self, source: str, crl: RevocationList) -> None:
        try:
            entry = crl_entry(source, crl)
        except MalformedData as exc:
            self.skipped.append(Skipped(source, exc.rule))
            return
        rule = self._broken_crl(crl, entry)
        if rule is not None and not self.rules.keeping:
            # Its fault is said when it is used; it never takes the place of one without a fault.
            self.faulty.append(entry)
            self.content[entry.fingerprint] = crl.raw
            return
        if rule is None and self._is_rollback(entry):
            rule = "rollback"
        if rule is None:
            self._replace(entry, crl.raw)
        else:
            self.skipped.append(Skipped(source, rule, ListKind.REVOCATION_LIST.value))

    def _broken_crl(self, crl: RevocationList, entry: ListEntry) -> str | None:
        """Return why a revocation list is not kept: nobody's, badly signed, or not complete."""
        if crl.unsupported is not None:
            return f"crl_{crl.unsupported}"
        view = self._view()
        issuers = [each for each in self.anchors.values() if each.name_key == entry.issuer_key]
        if not issuers:
            return "crl_issuer_unknown"
        findings = [check_list_signature(crl, view.certificate(each)) for each in issuers]
        if any(finding.ok for finding in findings):
            return None
        weak = any(finding.reason is Reason.WEAK_HASH for finding in findings)
        return Reason.WEAK_HASH.value if weak else Reason.CRL_BAD_SIGNATURE.value

    def _is_rollback(self, entry: ListEntry) -> bool:
        return any(is_older(entry, known) for known in self.lists if same_list(entry, known))

    def _replace(self, entry: ListEntry, raw: bytes) -> None:
        """Put ``entry`` in the place of the older list, and let go of what only that one had."""
        earlier = [known for known in self.lists if same_list(entry, known)]
        for known in earlier:
            entry = grounds.succeed(entry, known, self.anchors, self.lists)
        self.lists = [known for known in self.lists if known not in earlier]
        self.lists.append(entry)
        self.content[entry.fingerprint] = raw
        gone = {known.fingerprint for known in earlier} - {entry.fingerprint}
        if gone:
            self._forget({fingerprint.hex() for fingerprint in gone})

    def _forget(self, lists: set[str]) -> None:
        for fingerprint, entry in list(self.anchors.items()):
            left = tuple(p for p in entry.provenances if p.list_digest not in lists)
            if not left:
                del self.anchors[fingerprint]
            elif left != entry.provenances:
                self.anchors[fingerprint] = replace(entry, provenances=left)

    def _let_go(self) -> None:
        """Drop what a newer list has left without ground, unless an anchor that stands will do."""
        while True:
            stands = grounds.standing(self.anchors, self.lists)
            fallen = next((each for each in self.lists if each.fingerprint not in stands), None)
            if fallen is None:
                return
            at, anchor = self.lists.index(fallen), self._vouching(fallen, stands)
            if anchor is not None:
                self.lists[at] = replace(fallen, anchor=anchor)
                continue
            del self.lists[at]
            self._forget({fallen.fingerprint.hex()})
            self.skipped.append(Skipped(fallen.source, "anchor_gone", fallen.kind.value))

    def _vouching(self, entry: ListEntry, stands: Collection[bytes]) -> bytes | None:
        """Return the anchor among those that stand which vouches for a list, if one does."""
        view = self._view(stands)
        try:
            signed = parse_signed_data(view.shelf.take(entry.fingerprint), entry.kind.value)
        except MalformedData:  # it was read when it came: another version of ours
            return None
        judgement = judge_list(entry.kind, signed, view, self.rules.tolerances)
        return judgement.anchor if judgement.finding.ok else None

    # Stores.

    def _view(self, only: Collection[bytes] | None = None) -> TrustStore:
        """Return the anchors as they are now, or some of them."""
        entries = (e for e in self.anchors.values() if only is None or e.fingerprint in only)
        return TrustStore(tuple(entries), shelf=Layered(self.content, self.base.shelf))

    def _store(self, unanchored: tuple[str, ...]) -> TrustStore:
        signers = self.base.signers
        if self.signers:
            known = {entry.fingerprint: entry for entry in signers.entries()}
            signers = MemorySigners(tuple((known | self.signers).values()))
        return TrustStore(
            entries=tuple(self.anchors.values()),
            signers=signers,
            lists=tuple(dict.fromkeys((*self.lists, *self.faulty))),
            shelf=Layered(self.content, self.base.shelf),
            skipped=tuple(self.skipped),
            unanchored=unanchored,
        )
