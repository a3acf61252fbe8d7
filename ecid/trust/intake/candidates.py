"""What waits for its issuer: tried again only when an anchor comes that may be it.

Trying everything whenever something new is there takes the square of their number; a file may
hold a hundred thousand.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Generic, TypeVar

from ecid.trust import names
from ecid.trust.certificate import Certificate
from ecid.trust.intake.draft import Draft

_Item = TypeVar("_Item")


@dataclass(eq=False)
class Waiting(Generic[_Item]):
    """One piece, and by what its issuer is known: name, and key identifier if it says one."""

    item: _Item
    issuer_key: bytes | None = None
    key_identifier: bytes | None = None
    tried: bool = False

    @classmethod
    def for_issuer_of(cls, item: _Item, certificate: Certificate) -> Waiting[_Item]:
        """Return ``item``, waiting for the issuer of ``certificate``. Raises ``MalformedData``."""
        return cls(
            item,
            names.index_key(certificate.raw_issuer, "certificate"),
            certificate.extensions.authority_key_identifier,
        )


@dataclass
class Queue(Generic[_Item]):
    """Everything that waits, and which anchors it has seen."""

    draft: Draft
    _all: dict[Waiting[_Item], None] = field(default_factory=dict)
    _seen: set[bytes] = field(default_factory=set)

    @property
    def waiting(self) -> tuple[Waiting[_Item], ...]:
        """Everything that waits, in the order it came."""
        return tuple(self._all)

    def add(self, waiting: Waiting[_Item]) -> None:
        """Let something wait."""
        self._all[waiting] = None

    def due(self) -> list[Waiting[_Item]]:
        """Return what has never been tried, and what a new anchor may have issued."""
        fresh = [each for each in self.draft.anchors.values() if each.fingerprint not in self._seen]
        self._seen.update(each.fingerprint for each in fresh)
        keys, issuers = {e.key_identifier for e in fresh} - {None}, {e.name_key for e in fresh}
        due = [
            each
            for each in self._all
            if not each.tried or each.issuer_key in issuers or each.key_identifier in keys
        ]
        for each in due:
            each.tried = True
        return due

    def done(self, waiting: Waiting[_Item]) -> None:
        """Let something wait no longer."""
        del self._all[waiting]
