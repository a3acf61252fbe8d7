"""Master lists, deviation lists and defect lists: which count, and what they bring.

A list counts if its signer chains to something trusted already or is stated; one that counts may
vouch for the next. An older version of a list than is there is a rollback and changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from hashlib import sha256

from ecid.errors import MalformedData
from ecid.outcome import Outcome, Reason
from ecid.trust.certificate import Certificate, parse_certificate
from ecid.trust.chain import find_chain
from ecid.trust.entries import Kind, ListEntry, ListKind, Provenance
from ecid.trust.intake import grounds
from ecid.trust.intake.candidates import Queue, Waiting
from ecid.trust.intake.certificates import Certificates
from ecid.trust.intake.contents import FoundList
from ecid.trust.intake.draft import Draft
from ecid.trust.intake.versions import is_older, same_list
from ecid.trust.lists import deviations_in, master_list_certificates
from ecid.trust.signed_list import ListJudgement, judge_list
from ecid.trust.store import TrustStore


@dataclass(frozen=True, slots=True)
class AcceptedList:
    """A list that counts, and what was overlooked in it."""

    source: str
    entry: ListEntry
    judgement: ListJudgement


@dataclass(frozen=True, slots=True, eq=False)
class _Given:
    source: str
    found: FoundList


@dataclass
class SignedLists:
    """Takes lists into ``draft``, and the anchors in them through ``certificates``.

    ``before_each`` list, revocation lists are seen to: its signer may stand on one.
    """

    draft: Draft
    certificates: Certificates
    before_each: Callable[[], None]
    accepted: list[AcceptedList] = field(default_factory=list)
    digests: set[str] = field(default_factory=set)
    """SHA-256 of every list that was given, in hex."""
    _waiting: Queue[_Given] = field(init=False)

    def __post_init__(self) -> None:
        self._waiting = Queue(self.draft)

    def take(self, source: str, found: FoundList) -> None:
        """Keep a list until all certificates are there."""
        self.digests.add(sha256(found.raw).hexdigest())
        self._waiting.add(Waiting(_Given(source, found)))

    def round(self) -> bool:
        """Admit every list that counts now; tell whether any does."""
        before = len(self.accepted)
        for waiting in self._waiting.due():
            self.before_each()
            if self._admit(waiting, last=False):
                self._waiting.done(waiting)
        return len(self.accepted) > before

    def finish(self) -> tuple[str, ...]:
        """Say what else is wrong with lists that nobody trusted has signed; return their files."""
        left = [each for each in self._waiting.waiting if not self._admit(each, last=True)]
        return tuple(dict.fromkeys(each.item.source for each in left))

    def unanchored(self) -> set[str]:
        """Return SHA-256 of every list that nobody trusted has signed, in hex."""
        return {sha256(each.item.found.raw).hexdigest() for each in self._waiting.waiting}

    def _admit_stated_issuer(self, given: _Given, signer: Certificate) -> bool:
        """Admit the issuer of ``signer``, in the list or round it, if the operator has stated it.

        Like any certificate that is stated, it is an anchor by hand, if it may be one at all.
        """
        rules = self.draft.rules
        for raw in _enclosed(given.found) if rules.stated else ():
            fingerprint = sha256(raw)
            known = fingerprint.digest() in self.draft.anchors
            if known or fingerprint.hexdigest() not in rules.stated:
                continue
            try:
                certificate, alone = parse_certificate(raw), TrustStore.of(raw)
            except MalformedData:
                continue
            if find_chain(signer, alone, rules.tolerances, given.found.kind.value).finding.ok:
                return self.certificates.anchor(given.source, certificate, ())
        return False

    def _admit(self, waiting: Waiting[_Given], *, last: bool) -> bool:
        """Deal with one list; False if it is unanchored and may be anchored by another.

        The ``last`` time, what else is wrong with an unanchored list is said, too.
        """
        source, found, rules = waiting.item.source, waiting.item.found, self.draft.rules
        judgement = judge_list(
            found.kind, found.signed, self.draft.view(), rules.tolerances, rules.at, rules.stated
        )
        finding = judgement.finding
        if judgement.chain.reason is Reason.NO_CSCA and finding.outcome is Outcome.UNDETERMINED:
            if judgement.signer is not None:
                right = finding.reason is Reason.NO_CSCA
                if right and self._admit_stated_issuer(waiting.item, judgement.signer):
                    return self._admit(waiting, last=last)
                known = Waiting.for_issuer_of(waiting.item, judgement.signer)
                waiting.issuer_key = known.issuer_key
                waiting.key_identifier = known.key_identifier
            if last and finding.reason is not None and finding.reason is not Reason.NO_CSCA:
                self.draft.skip(source, finding.reason.value, found.kind.value)
            return False
        if not finding.ok or judgement.signer is None:
            reason = finding.reason or Reason.SIGNATURE_INVALID
            self.draft.skip(source, reason.value, found.kind.value)
            return True
        self._accept(waiting.item, judgement, judgement.signer)
        return True

    def _accept(self, given: _Given, judgement: ListJudgement, signer: Certificate) -> None:
        source, found, draft = given.source, given.found, self.draft
        try:
            entry = ListEntry.of_signed_list(
                found.kind, found.raw, source, signer, judgement.signed_at, judgement.country
            )
            inside = _inside(found)
        except MalformedData as exc:
            draft.skip(source, exc.rule, found.kind.value)
            return
        entry = replace(entry, count=len(inside), anchor=judgement.anchor)
        earlier = [known for known in draft.lists if _is_version(entry, known)]
        if any(is_older(entry, known) for known in earlier):
            draft.skip(source, "rollback", found.kind.value)
            return
        draft.met |= judgement.stated
        for known in earlier:
            entry = grounds.succeed(entry, known, draft.anchors, draft.lists)
        draft.put_list(entry, found.raw, earlier)
        gone = {known.fingerprint.hex() for known in earlier} - {entry.fingerprint.hex()}
        if gone:
            draft.forget(gone)
        self.accepted.append(AcceptedList(source, entry, judgement))
        if found.kind is ListKind.MASTER_LIST:
            self._listed(source, entry, inside)

    def _listed(self, source: str, entry: ListEntry, inside: tuple[bytes, ...]) -> None:
        provenance = Provenance(Kind.MASTER_LIST, source, entry.fingerprint.hex())
        for number, raw in enumerate(inside, start=1):
            try:
                self.certificates.anchor(source, parse_certificate(raw), (provenance,))
            except MalformedData as exc:
                self.draft.skip(source, exc.rule, f"certificate {number}")
            self.draft.on_progress(source, number, len(inside))


def _is_version(entry: ListEntry, known: ListEntry) -> bool:
    return known.kind is not ListKind.REVOCATION_LIST and same_list(entry, known)


def _inside(found: FoundList) -> tuple[bytes, ...]:
    if found.kind is ListKind.MASTER_LIST:
        return master_list_certificates(found.signed.content or b"")
    return (b"",) * len(deviations_in(found.raw))


def _enclosed(found: FoundList) -> Iterator[bytes]:
    """Yield the certificates round a list, and those in it."""
    yield from found.signed.certificates
    if found.kind is ListKind.MASTER_LIST:
        try:
            yield from master_list_certificates(found.signed.content or b"")
        except MalformedData:  # said when the list is judged
            return
