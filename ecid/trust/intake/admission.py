"""What counts of all that was found in files, and why the rest does not.

Certificates given by hand are the operator's word. A list counts only if its signer chains to
something trusted already or to a stated fingerprint; a list that counts may vouch for the next.
Revocation lists come first, since they may say that a list counts no more. Every piece that is
left out has a reason (``Skipped``), and nothing here raises for what a file holds.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from ecid.trust.entries import Kind, ListEntry, Provenance
from ecid.trust.intake.certificates import Certificates
from ecid.trust.intake.contents import (
    Found,
    FoundCertificate,
    FoundList,
    FoundRevocationList,
    Unreadable,
)
from ecid.trust.intake.draft import Draft
from ecid.trust.intake.letting_go import LettingGo
from ecid.trust.intake.revocation_lists import RevocationLists
from ecid.trust.intake.rules import OnProgress, Rules
from ecid.trust.intake.signed_lists import AcceptedList, SignedLists
from ecid.trust.store import TrustStore

__all__ = ["AcceptedList", "Admitted", "OnProgress", "Rules", "admit"]


@dataclass(frozen=True, slots=True)
class Admitted:
    """The new store, what it owes its lists to, and the stated fingerprints nobody had."""

    store: TrustStore
    accepted: tuple[AcceptedList, ...]
    revocation_lists: tuple[ListEntry, ...]
    signers: int
    """How many signers came."""
    unmatched: frozenset[str]
    refused: dict[str, str]
    """Stated fingerprints whose certificates do not count, and the rule they break."""
    count: int
    """How many certificates and lists were usable, those that were there before included."""


def admit(
    found: Iterable[tuple[str, Found]],
    base: TrustStore,
    rules: Rules,
    on_progress: OnProgress | None = None,
) -> Admitted:
    """Return ``base`` with everything admitted of ``found``, pairs of file name and content."""
    admission = _Admission(Draft(base, rules, on_progress or (lambda *_: None)))
    for source, each in found:
        admission.take(source, each)
    return admission.finish()


@dataclass
class _Admission:
    draft: Draft
    certificates: Certificates = field(init=False)
    lists: SignedLists = field(init=False)
    crls: RevocationLists = field(init=False)
    listed_only: list[tuple[str, FoundCertificate]] = field(default_factory=list)
    """Certificates of an exported store that only lists had vouched for."""

    def __post_init__(self) -> None:
        self.certificates = Certificates(self.draft)
        self.crls = RevocationLists(self.draft)
        self.lists = SignedLists(self.draft, self.certificates, self.crls.round)

    def take(self, source: str, found: Found) -> None:
        """Admit a certificate at once; keep lists until all certificates are there."""
        if isinstance(found, Unreadable):
            self.draft.skip(source, found.rule)
        elif isinstance(found, FoundList):
            self.lists.take(source, found)
        elif isinstance(found, FoundRevocationList):
            self.crls.take(source, found.crl)
        elif found.listed_only and not self.certificates.is_stated(found.certificate):
            self.listed_only.append((source, found))
        else:
            self.certificates.take(source, found)

    def finish(self) -> Admitted:
        """Judge the lists, as long as one of them makes another count."""
        self._rounds()
        if self._listed_only():
            self._rounds()
        unanchored = self.lists.finish()
        self.certificates.finish()
        self.crls.finish()
        LettingGo(self.draft).run()
        store = self.draft.store(self.crls.faulty, unanchored)
        kept = {each.fingerprint for each in store.lists}
        return Admitted(
            store=store,
            accepted=tuple(a for a in self.lists.accepted if a.entry.fingerprint in kept),
            revocation_lists=tuple(a for a in self.crls.accepted if a.fingerprint in kept),
            signers=len(self.draft.signers),
            unmatched=self._unmatched(store),
            refused=self.draft.refused,
            count=len(self.draft.content),
        )

    def _rounds(self) -> None:
        """Revocation lists before links and lists, and again after each that brought anchors."""
        more = True
        while more:
            self.crls.round()
            linked = self.certificates.links()
            more = self.lists.round() or linked

    def _listed_only(self) -> bool:
        """Decide about certificates that were exported because a list vouched for them.

        If it counts here, it has brought them. If it is here and nobody trusts it, or it did not
        come along, they are a bundle: whoever gives the folder vouches for what is in it. If it
        was refused, so are they.
        """
        here = {entry.fingerprint.hex() for entry in self.draft.lists}
        refused = self.lists.digests - self.lists.unanchored() - here
        taken = False
        for source, found in self.listed_only:
            certificate = found.certificate
            if bytes.fromhex(certificate.fingerprint) in self.draft.anchors:
                continue
            if any(each.list_digest in refused for each in found.claims):
                self.certificates.leave_out(source, certificate, "list_not_accepted")
                continue
            self.certificates.by_hand(source, certificate, (Provenance(Kind.BUNDLE, source),))
            taken = True
        return taken

    def _unmatched(self, store: TrustStore) -> frozenset[str]:
        """Return the stated fingerprints that neither came nor were in the store."""
        stated = frozenset(self.draft.rules.stated) - self.draft.met
        if not stated:
            return stated
        there = {entry.fingerprint.hex() for entry in (*store.entries, *store.signers.entries())}
        return stated - there
