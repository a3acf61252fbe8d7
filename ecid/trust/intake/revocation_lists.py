"""Revocation lists: whose they are, and which of two stays.

A list is a version of another if one key has signed both; a namesake's list never takes its
place. One signed over SHA-1 may say that somebody is revoked, so it is kept, but never instead of
a better one.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ecid.errors import MalformedData
from ecid.outcome import Reason
from ecid.trust.certificate import Certificate
from ecid.trust.crl import RevocationList, parse_revocation_list
from ecid.trust.entries import ListEntry, ListKind
from ecid.trust.intake.candidates import Queue, Waiting
from ecid.trust.intake.draft import Draft
from ecid.trust.intake.versions import is_older
from ecid.trust.revocation import check_list_signature
from ecid.trust.signed_list import CLOCK_TOLERANCE

_WHAT = ListKind.REVOCATION_LIST.value


@dataclass(frozen=True, slots=True)
class _Signed:
    """Whose key signed a list (none: nobody's that we know), and whether over a weak hash."""

    keys: frozenset[bytes]
    weak: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class _Given:
    source: str
    crl: RevocationList
    entry: ListEntry


@dataclass
class RevocationLists:
    """Takes revocation lists into ``draft``."""

    draft: Draft
    accepted: list[ListEntry] = field(default_factory=list)
    faulty: list[ListEntry] = field(default_factory=list)
    """Those that are not right and stand beside the others, to be judged when they are used."""
    _waiting: Queue[_Given] = field(init=False)
    _known: dict[bytes, _Signed] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._waiting = Queue(self.draft)

    def take(self, source: str, crl: RevocationList) -> None:
        """Keep a list until its issuer is there."""
        try:
            entry = ListEntry.of_revocation_list(crl, source)
        except MalformedData as exc:
            self.draft.skip(source, exc.rule, _WHAT)
            return
        given = _Given(source, crl, entry)
        if crl.unsupported is not None:
            self._refuse(given, f"crl_{crl.unsupported}")
        elif crl.this_update - self.draft.rules.at > CLOCK_TOLERANCE:
            self._refuse(given, Reason.SIGNED_IN_FUTURE.value)
        else:
            self._waiting.add(Waiting(given, entry.issuer_key, entry.key_identifier))

    def round(self) -> None:
        """Admit every list whose issuer is there."""
        for waiting in self._waiting.due():
            given = waiting.item
            signed = self._signed(given.crl, given.entry)
            if signed.keys:
                self._waiting.done(waiting)
                self._admit(given, signed)

    def finish(self) -> None:
        """Leave out the lists that nobody we know has signed."""
        view = self.draft.view()
        for waiting in self._waiting.waiting:
            known = view.issuers_of(waiting.item.entry)
            rule = Reason.CRL_BAD_SIGNATURE.value if known else "crl_issuer_unknown"
            self._refuse(waiting.item, rule)

    def _refuse(self, given: _Given, rule: str) -> None:
        """Leave a list out of a store that lasts; elsewhere its fault is said when it is used."""
        if self.draft.rules.keeping:
            self.draft.skip(given.source, rule, _WHAT)
            return
        self.faulty.append(given.entry)
        self.draft.content[given.entry.fingerprint] = given.crl.raw

    def _admit(self, given: _Given, signed: _Signed) -> None:
        entry = given.entry
        versions = [known for known in self.draft.lists if self._is_version(known, entry, signed)]
        weaker = [known for known in versions if self._signed_of(known).weak and not signed.weak]
        rivals = [known for known in versions if known not in weaker]
        if any(is_older(entry, known) for known in rivals):
            self.draft.skip(given.source, "rollback", _WHAT)
            return
        # A weak list may be newer than a better one: then both stay.
        replaced = [known for known in rivals if self._signed_of(known).weak == signed.weak]
        replaced += [known for known in weaker if not is_older(entry, known)]
        self.draft.put_list(entry, given.crl.raw, replaced)
        self._known[entry.fingerprint] = signed
        self.accepted.append(entry)

    def _is_version(self, known: ListEntry, entry: ListEntry, signed: _Signed) -> bool:
        if known.kind is not ListKind.REVOCATION_LIST or known.issuer_key != entry.issuer_key:
            return False
        return bool(signed.keys & self._signed_of(known).keys)

    def _signed_of(self, known: ListEntry) -> _Signed:
        """Return who signed a list that is in the store."""
        if known.fingerprint not in self._known:
            try:
                crl = parse_revocation_list(self.draft.view().shelf.take(known.fingerprint))
                self._known[known.fingerprint] = self._signed(crl, known)
            except MalformedData:  # it was read when it came: another version of ours
                self._known[known.fingerprint] = _Signed(frozenset())
        return self._known[known.fingerprint]

    def _signed(self, crl: RevocationList, entry: ListEntry) -> _Signed:
        """Return who signed a list: an anchor that it names, if it names one, else a namesake."""
        issuers = self.draft.view().issuers_of(entry)
        named = [each for each in issuers if _is_named(each, entry)]
        reasons = [(each.raw_public_key, _reason(crl, each)) for each in named or issuers]
        good = frozenset(key for key, reason in reasons if reason is None)
        weak = frozenset(key for key, reason in reasons if reason is Reason.WEAK_HASH)
        return _Signed(good) if good else _Signed(weak, weak=True)


def _is_named(anchor: Certificate, entry: ListEntry) -> bool:
    named = entry.key_identifier
    return named is not None and anchor.extensions.subject_key_identifier == named


def _reason(crl: RevocationList, issuer: Certificate) -> Reason | None:
    finding = check_list_signature(crl, issuer)
    return None if finding.ok else finding.reason
