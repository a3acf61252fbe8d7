"""What a chip remembers without power: retry counters, trust points and its idea of the date."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from ecid.emulator.behaviour import CardBehaviour
from ecid.emulator.chip.cv_certificates import CertifiedKey, trust_point
from ecid.emulator.issued import IssuedCard
from ecid.emulator.personalise.data_groups import cvca

_MOST_TRUST_POINTS = 2


@dataclass(slots=True)
class ChipMemory:
    """The non-volatile part of a chip.

    ``tries`` are the attempts left by password; ``trust_points`` the CVCA keys, the newest first,
    two at most; ``today`` the latest date that the chip has learnt (TR-03110-1 §3.5).
    """

    tries: dict[int, int]
    trust_points: tuple[CertifiedKey, ...]
    today: date

    @classmethod
    def of(cls, issued: IssuedCard, behaviour: CardBehaviour) -> ChipMemory:
        """Return the memory of a card that was never used."""
        found = map(trust_point, issued.terminal.trusted)
        points = tuple(point for point in found if point is not None)
        return cls(dict(behaviour.tries), points, issued.today)

    def trust(self, point: CertifiedKey) -> None:
        """Enable a new key; of more than two the least recent goes (Doc 9303-11 §7.1.4.3.4)."""
        points = (point, *self.trust_points)
        newest = sorted(points, key=lambda each: each.effective, reverse=True)
        self.trust_points = tuple(newest[:_MOST_TRUST_POINTS])

    @property
    def authority_references(self) -> tuple[bytes, ...]:
        """Return the holder references of the trust points, the newest first."""
        return tuple(point.reference for point in self.trust_points)

    @property
    def ef_cvca(self) -> bytes:
        """Return EF.CVCA as the trust points make it."""
        return cvca(self.authority_references)
