"""One setup of card and store, tried through both entry points."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from ecid.emulator.issued import IssuedCard
from ecid.testing import NOW, Case, Limits, LiveCard, StoredFolder, Trust
from ecid.testing.case import Expectation


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What is judged; the control is ``holder`` with ``good_trust`` (``LiveCard``)."""

    holder: IssuedCard = field(repr=False)
    card: IssuedCard | None = field(default=None, repr=False)
    trust: Trust | None = field(default=None, repr=False)
    good_trust: Trust | None = field(default=None, repr=False)
    at: datetime = NOW

    def folder(self) -> StoredFolder:
        """Return the files of the card in a folder."""
        return StoredFolder(
            holder=self.holder,
            card=self.card,
            trust=self.trust,
            good_trust=self.good_trust,
            at=self.at,
        )

    def live(self) -> LiveCard:
        """Return the card on a reader."""
        return LiveCard(
            holder=self.holder,
            card=self.card,
            trust=self.trust,
            good_trust=self.good_trust,
            at=self.at,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A case before it is known where it is tried."""

    id: str
    weight: int
    mutation: str
    make: Callable[[], Setup]
    expected: Expectation
    variant: str = ""
    limits: Limits | None = None

    def cases(self) -> Iterator[Case]:
        """Yield the case for a folder and the one for a live card."""
        for entry in ("folder", "live"):
            yield Case(
                id=self.id,
                variant=" ".join(filter(None, (self.variant, entry))),
                mutation=self.mutation,
                weight=self.weight,
                build=self._builder(entry),
                expected=self.expected,
                limits=self.limits,
            )

    def _builder(self, entry: str) -> Callable[[], StoredFolder | LiveCard]:
        def build() -> StoredFolder | LiveCard:
            setup = self.make()
            return setup.folder() if entry == "folder" else setup.live()

        return build
