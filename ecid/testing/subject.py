"""What a case is tried on, by the public interface only: a live card, or a folder of its files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Protocol

import ecid
from ecid.emulator.behaviour import CardBehaviour
from ecid.emulator.card import EmulatedCard
from ecid.emulator.issued import IssuedCard
from ecid.inspection.report import Report
from ecid.protocols.terminal_credential import TerminalCredential
from ecid.secret import AccessSecret
from ecid.testing.cards import trust_of
from ecid.testing.wire import Wire
from ecid.trust.store import TrustStore
from ecid_crypto.rng import Rng, system_rng

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
"""When everything is judged: every emulated certificate and card is valid then."""

Trust = TrustStore | Mapping[str, bytes]
"""A store, or files by name: certificates, lists, LDIF, as an operator gives them."""


@dataclass(frozen=True, slots=True)
class Workplace:
    """Where a subject is tried: the reader on the desk, and a folder for what it is given."""

    wire: Wire
    inputs: Path

    def folder(self, files: Mapping[str, bytes]) -> Path:
        """Return a new folder with these files, by name."""
        folder = self.new_folder()
        folder.mkdir()
        for name, content in files.items():
            (folder / name).write_bytes(content)
        return folder

    def new_folder(self) -> Path:
        """Return the path of a folder that is not there yet."""
        return self.inputs / str(len(list(self.inputs.iterdir())))


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportResult:
    """What came of an import into a trust store, and of a card judged with the store after it.

    ``code`` is that of the error, None if the import ended well; ``rules`` say why which piece
    was left out, in order; ``added`` counts anchors. The digests are those of the store.
    """

    report: Report = field(repr=False)
    code: str | None
    rules: tuple[str, ...]
    added: int
    before: str
    after: str


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

    def attempt(self, place: Workplace) -> Report | ImportResult:
        """Try it once. Raises ``EcidError`` where it cannot be finished."""
        ...


def honest(_wire: Wire) -> None:
    """Tamper with nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveCard:
    """A card read over a wire with its card access number, or with its zone if it has none.

    ``card`` is the card as changed, ``tamper`` gives the wire its hooks, ``trust`` is the store
    as changed and ``good_trust`` the one of the control: the anchor of ``holder`` unless given.
    ``secret`` and ``good_secret`` are the same for what opens the chip, ``terminal`` and
    ``good_terminal`` for what the terminal authenticates itself with, nothing unless given.
    ``rng`` makes the source that the terminal draws from: whoever knows it knows its keys.
    """

    holder: IssuedCard = field(repr=False)
    card: IssuedCard | None = field(default=None, repr=False)
    behaviour: CardBehaviour | None = None
    tamper: Callable[[Wire], None] = honest
    secret: AccessSecret | None = None
    good_secret: AccessSecret | None = None
    terminal: TerminalCredential | None = field(default=None, repr=False)
    good_terminal: TerminalCredential | None = field(default=None, repr=False)
    rng: Callable[[], Rng] = field(default=lambda: system_rng, repr=False)
    trust: Trust | None = field(default=None, repr=False)
    good_trust: Trust | None = field(default=None, repr=False)
    policy: str = "counter"
    at: datetime = NOW

    @property
    def key(self) -> str:
        """Entry point, policy, moment, files and store of the control, and what it is given."""
        given = hash((self.good_secret, self.good_terminal))
        return f"live/{self.policy}/{self.at}/{digest_of(self.holder, self.good_trust)}/{given}"

    def control(self) -> LiveCard:
        """Return the reading of the holder's valid card over an honest wire."""
        return LiveCard(
            holder=self.holder,
            good_secret=self.good_secret,
            good_terminal=self.good_terminal,
            good_trust=self.good_trust,
            policy=self.policy,
            at=self.at,
        )

    def attempt(self, place: Workplace) -> Report:
        """Read the card."""
        issued = self.holder if self.card is None else self.card
        place.wire.insert(EmulatedCard(issued, behaviour=self.behaviour))
        self.tamper(place.wire)
        return ecid.read(
            self.secret or self.good_secret or _printed(self.holder),
            card=place.wire,
            trust=_store(place, self.holder, self.trust, self.good_trust),
            policy=self.policy,
            at=self.at,
            terminal=self.terminal or self.good_terminal,
            rng=self.rng(),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFolder:
    """The files of a card in a folder, as another tool or ``ecid card issue`` has written them.

    The stores are those of ``LiveCard``.
    """

    holder: IssuedCard = field(repr=False)
    card: IssuedCard | None = field(default=None, repr=False)
    trust: Trust | None = field(default=None, repr=False)
    good_trust: Trust | None = field(default=None, repr=False)
    policy: str = "passive"
    at: datetime = NOW

    @property
    def key(self) -> str:
        """Entry point, policy, moment, files and store of the control."""
        return f"folder/{self.policy}/{self.at}/{digest_of(self.holder, self.good_trust)}"

    def control(self) -> StoredFolder:
        """Return the folder of the holder's valid card."""
        return StoredFolder(
            holder=self.holder, good_trust=self.good_trust, policy=self.policy, at=self.at
        )

    def attempt(self, place: Workplace) -> Report:
        """Write the folder, load it and verify it."""
        folder = place.new_folder()
        (self.holder if self.card is None else self.card).save(folder)
        return ecid.verify(
            ecid.Evidence.from_folder(folder),
            trust=_store(place, self.holder, self.trust, self.good_trust),
            policy=self.policy,
            at=self.at,
        )


def _printed(holder: IssuedCard) -> AccessSecret:
    secrets = holder.secrets
    if secrets.can:
        return AccessSecret.from_can(secrets.can)
    return AccessSecret.from_mrz(secrets.mrz)


def _store(place: Workplace, holder: IssuedCard, *given: Trust | None) -> TrustStore:
    """Return the first store that is given, else the one that verifies the holder's card."""
    found = next((each for each in given if each is not None), None)
    if found is None:
        return trust_of(holder)
    return found if isinstance(found, TrustStore) else TrustStore.load(place.folder(found))


def digest_of(card: IssuedCard, *given: Trust | None) -> str:
    """Return what tells controls apart: the files of a card, and what it is judged with."""
    parts = _parts(card.files)
    for each in given:
        if isinstance(each, TrustStore):
            parts.append(each.digest.encode())
        elif each is not None:
            parts += [b"trust", *_parts(each)]
    return sha256(b"".join(parts)).hexdigest()


def _parts(files: Mapping[str, bytes]) -> list[bytes]:
    found = [name.encode() + b"\0" + sha256(data).digest() for name, data in files.items()]
    return sorted(found)
