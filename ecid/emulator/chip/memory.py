"""What a chip remembers without power: retry counters, trust points and its idea of the date."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from ecid.emulator.behaviour import CardBehaviour
from ecid.emulator.issued import IssuedCard
from ecid.emulator.trust_point import TrustPoint
from ecid.encoding.tlv import encode

_EF_CVCA_LENGTH = 36


@dataclass(slots=True)
class ChipMemory:
    """The non-volatile part of a chip.

    ``tries`` are the attempts left by password; ``trust_points`` the CVCA keys, the newest first,
    two at most; ``today`` the latest date that the chip has learnt (TR-03110-1 §3.5).
    """

    tries: dict[int, int]
    trust_points: tuple[TrustPoint, ...]
    today: date

    @classmethod
    def of(cls, issued: IssuedCard, behaviour: CardBehaviour) -> ChipMemory:
        """Return the memory of a card that was never used."""
        return cls(dict(behaviour.tries), issued.trust_points, issued.today)

    @property
    def authority_references(self) -> tuple[bytes, ...]:
        """Return the holder references of the trust points, the newest first."""
        return tuple(point.reference for point in self.trust_points)

    @property
    def ef_cvca(self) -> bytes:
        """Return EF.CVCA: 42 {reference} once or twice, then zeros (Doc 9303-11 §9.2.12)."""
        names = b"".join(encode(0x42, name) for name in self.authority_references)
        return names.ljust(_EF_CVCA_LENGTH, b"\x00")
