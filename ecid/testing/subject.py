"""What a case is tried on, by the public interface only: a live card, or a folder of its files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Protocol

import ecid
from ecid.emulator.behaviour import CardBehaviour
from ecid.emulator.card import EmulatedCard
from ecid.emulator.issued import IssuedCard
from ecid.inspection.report import Report
from ecid.secret import AccessSecret
from ecid.testing.cards import trust_of
from ecid.testing.wire import Wire
from ecid.trust.store import TrustStore

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
"""When everything is judged: every emulated certificate and card is valid then."""


@dataclass(frozen=True, slots=True)
class Workplace:
    """Where a subject is tried: the reader on the desk, and a folder for what it is given."""

    wire: Wire
    inputs: Path


class Subject(Protocol):
    """Something that can be tried once, and that knows what it was before it was changed."""

    @property
    def holder(self) -> IssuedCard:
        """The valid card whose personal data may leak."""
        ...

    @property
    def key(self) -> str:
        """A word for the control: subjects with the same control have the same."""
        ...

    def control(self) -> Subject:
        """Return the same subject without the mutation."""
        ...

    def attempt(self, place: Workplace) -> Report:
        """Try it once. Raises ``EcidError`` where it cannot be finished."""
        ...


def honest(_wire: Wire) -> None:
    """Tamper with nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveCard:
    """A card read over a wire with its card access number; the anchor is that of ``holder``.

    ``card`` is the card as changed, ``tamper`` gives the wire its hooks.
    """

    holder: IssuedCard = field(repr=False)
    card: IssuedCard | None = field(default=None, repr=False)
    behaviour: CardBehaviour | None = None
    tamper: Callable[[Wire], None] = honest
    secret: AccessSecret | None = None
    trust: TrustStore | None = field(default=None, repr=False)
    policy: str = "counter"

    @property
    def key(self) -> str:
        """Entry point, policy and files of the control."""
        return f"live/{self.policy}/{_digest(self.holder)}"

    def control(self) -> LiveCard:
        """Return the reading of the holder's valid card over an honest wire."""
        return LiveCard(holder=self.holder, policy=self.policy)

    def attempt(self, place: Workplace) -> Report:
        """Read the card."""
        issued = self.holder if self.card is None else self.card
        place.wire.insert(EmulatedCard(issued, behaviour=self.behaviour))
        self.tamper(place.wire)
        return ecid.read(
            self.secret or AccessSecret.from_can(self.holder.secrets.can),
            card=place.wire,
            trust=self.trust or trust_of(self.holder),
            policy=self.policy,
            at=NOW,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFolder:
    """The files of a card in a folder, as another tool or ``ecid card issue`` has written them."""

    holder: IssuedCard = field(repr=False)
    card: IssuedCard | None = field(default=None, repr=False)
    trust: TrustStore | None = field(default=None, repr=False)
    policy: str = "passive"

    @property
    def key(self) -> str:
        """Entry point, policy and files of the control."""
        return f"folder/{self.policy}/{_digest(self.holder)}"

    def control(self) -> StoredFolder:
        """Return the folder of the holder's valid card."""
        return replace(self, card=None, trust=None)

    def attempt(self, place: Workplace) -> Report:
        """Write the folder, load it and verify it."""
        folder = place.inputs / f"folder-{len(list(place.inputs.iterdir()))}"
        (self.holder if self.card is None else self.card).save(folder)
        return ecid.verify(
            ecid.Evidence.from_folder(folder),
            trust=self.trust or trust_of(self.holder),
            policy=self.policy,
            at=NOW,
        )


def _digest(card: IssuedCard) -> str:
    parts = [name.encode() + b"\0" + sha256(data).digest() for name, data in card.files.items()]
    return sha256(b"".join(sorted(parts))).hexdigest()
