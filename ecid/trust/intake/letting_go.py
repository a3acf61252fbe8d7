"""What goes when a newer list has taken an anchor away, or a revocation list has said its word."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace

from ecid.errors import MalformedData
from ecid.trust.certificate import Certificate
from ecid.trust.entries import Entry, Kind, ListEntry, ListKind
from ecid.trust.intake import grounds
from ecid.trust.intake.draft import Draft
from ecid.trust.signed_data import SignedData, parse_signed_data
from ecid.trust.signed_list import is_revoked, judge_list
from ecid.trust.signer import only_signer, select


@dataclass
class LettingGo:
    """Drops from ``draft`` what is without ground, until everything stands."""

    draft: Draft
    _signers: dict[bytes, Certificate | None] = field(default_factory=dict)

    def run(self) -> None:
        """Drop lists and links, and the anchors that only they had vouched for."""
        while self._fallen_list() or self._revoked_list() or self._revoked_link():
            pass

    def _fallen_list(self) -> bool:
        """Drop a list whose anchor is gone, unless an anchor that stands will do."""
        draft = self.draft
        stands = grounds.standing(draft.anchors, draft.lists)
        fallen = next((each for each in draft.lists if each.fingerprint not in stands), None)
        if fallen is None:
            return False
        anchor = self._vouching(fallen, stands)
        if anchor is None:
            self._drop(fallen, "anchor_gone")
        else:
            draft.change_list(draft.lists.index(fallen), replace(fallen, anchor=anchor))
        return True

    def _revoked_list(self) -> bool:
        """Drop a list whose signer is revoked by now."""
        issuers = self._with_revocation_lists()
        for entry in self.draft.lists:
            if entry.kind is ListKind.REVOCATION_LIST or entry.issuer_key not in issuers:
                continue
            signer = self._signer(entry)
            if signer is not None and self._is_revoked(signer, entry.kind.value):
                self._drop(entry, "signer_revoked")
                return True
        return False

    def _revoked_link(self) -> bool:
        """Take away the word of a link certificate that is revoked by now."""
        issuers = self._with_revocation_lists()
        for entry in list(self.draft.anchors.values()):
            if entry.issuer_key in issuers and self._is_revoked_link(entry):
                left = tuple(each for each in entry.provenances if each.kind is not Kind.LINK)
                self.draft.skip(entry.provenances[0].source, "revoked", entry.label)
                self.draft.leave(entry.fingerprint, left)
                return True
        return False

    def _is_revoked_link(self, entry: Entry) -> bool:
        if all(each.kind is not Kind.LINK for each in entry.provenances):
            return False
        return self._is_revoked(self.draft.view().certificate(entry), "link")

    def _is_revoked(self, certificate: Certificate, where: str) -> bool:
        draft = self.draft
        return is_revoked(certificate, draft.view(), draft.rules.tolerances, draft.rules.at, where)

    def _with_revocation_lists(self) -> set[bytes]:
        lists = self.draft.lists
        return {each.issuer_key for each in lists if each.kind is ListKind.REVOCATION_LIST}

    def _drop(self, entry: ListEntry, rule: str) -> None:
        self.draft.change_list(self.draft.lists.index(entry), None)
        self.draft.forget({entry.fingerprint.hex()})
        self.draft.skip(entry.source, rule, entry.kind.value)

    def _vouching(self, entry: ListEntry, stands: Collection[bytes]) -> bytes | None:
        """Return the anchor among those that stand which vouches for a list, if one does."""
        signed, rules = self._parsed(entry), self.draft.rules
        if signed is None:
            return None
        view = self.draft.view_of(stands)
        judgement = judge_list(entry.kind, signed, view, rules.tolerances, rules.at)
        return judgement.anchor if judgement.finding.ok else None

    def _signer(self, entry: ListEntry) -> Certificate | None:
        if entry.fingerprint not in self._signers:
            self._signers[entry.fingerprint] = None
            signed = self._parsed(entry)
            if signed is not None:
                selected = select(signed, only_signer(signed, entry.kind.value))
                self._signers[entry.fingerprint] = selected.certificate if selected else None
        return self._signers[entry.fingerprint]

    def _parsed(self, entry: ListEntry) -> SignedData | None:
        raw = self.draft.view().shelf.take(entry.fingerprint)
        try:
            return parse_signed_data(raw, entry.kind.value)
        except MalformedData:  # it was read when it came: another version of ours
            return None
