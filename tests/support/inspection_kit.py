"""What the tests of reading, judging and the command share: cards, links that cheat, answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import pytest

from ecid import api, emulator
from ecid.cli.main import run
from ecid.emulator import EmulatedCard, IssuedCard
from ecid.emulator.issuing import sign
from ecid.inspection.evidence import Evidence
from ecid.inspection.report import Report
from ecid.secret import AccessSecret
from ecid.trust.store import TrustStore
from ecid_readers.apdu import CommandApdu
from ecid_readers.transport import Transport

#: A moment at which every emulated certificate and card is valid.
NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
NAME = "vn-cccd-2021"

Link = Callable[[Transport], Transport]


def issued(name: str = NAME) -> IssuedCard:
    """Return the shipped card ``name``."""
    return emulator.issue(name)


def changed(card: IssuedCard, **files: bytes | None) -> IssuedCard:
    """Return ``card`` with some files replaced, or taken away where None, and nothing signed."""
    kept = {name: data for name, data in card.files.items() if name not in files}
    return replace(card, files=kept | {k: v for k, v in files.items() if v is not None})


def resigned(card: IssuedCard, **files: bytes | None) -> IssuedCard:
    """Return ``card`` with files changed and a new SOD of the same issuer over all of them."""
    return sign(changed(card, **files))


def trust_of(card: IssuedCard) -> TrustStore:
    """Return a store that holds the anchor of ``card``."""
    return TrustStore.of(card.csca)


def by_can(card: IssuedCard) -> AccessSecret:
    """Return the card access number as the secret."""
    return AccessSecret.from_can(card.secrets.can)


def by_mrz(card: IssuedCard) -> AccessSecret:
    """Return the printed zone as the secret."""
    return AccessSecret.from_mrz(card.secrets.mrz)


def read(
    card: IssuedCard | EmulatedCard,
    secret: AccessSecret | None = None,
    *,
    link: Link | None = None,
    trust: TrustStore | None = None,
    **options: Any,
) -> Report:
    """Read ``card`` through ``link`` and judge it under its own anchor at ``NOW``."""
    chip = EmulatedCard(card) if isinstance(card, IssuedCard) else card
    transport: Transport = chip if link is None else link(chip)
    return api.read(
        by_can(chip.issued) if secret is None else secret,
        card=transport,
        trust=trust_of(chip.issued) if trust is None else trust,
        **{"at": NOW, **options},
    )


def judge(evidence: Evidence, trust: TrustStore | None = None, **options: Any) -> Report:
    """Judge ``evidence`` under the anchor of the shipped cards at ``NOW``."""
    store = trust_of(issued()) if trust is None else trust
    return api.verify(evidence, trust=store, **{"at": NOW, **options})


def stored(card: IssuedCard) -> Evidence:
    """Return the files of ``card`` as evidence that came from a folder."""
    return Evidence(files=card.files, source="folder")


def outcome(report: Report, check_id: str) -> tuple[str, str | None]:
    """Return outcome and reason of a check as the report spells them."""
    check = report.check(check_id)
    return check.outcome.value, None if check.reason is None else check.reason.value


@dataclass
class Wire:
    """A link that keeps the commands that passed, and may answer some itself."""

    inner: Transport
    answers: Mapping[bytes, bytes] = field(default_factory=dict)
    """Answers by the beginning of the command, given without asking the chip."""
    commands: list[bytes] = field(default_factory=list)

    def transmit(self, command: bytes, /) -> bytes:
        """Carry one command."""
        self.commands.append(command)
        for start, answer in self.answers.items():
            if command.startswith(start):
                return answer
        return self.inner.transmit(command)

    def count(self, ins: int) -> int:
        """Return how many commands had the instruction ``ins``."""
        return sum(CommandApdu.decode(command).ins == ins for command in self.commands)


#: No EF.CardAccess: neither by identifier nor by short identifier, and no master file.
WITHOUT_CARD_ACCESS = {
    bytes.fromhex("00A4020C02011C"): b"\x6a\x82",
    bytes.fromhex("00B09C"): b"\x6a\x82",
    bytes.fromhex("00A4000C023F00"): b"\x6a\x82",
}
#: MSE:Set AT for PACE answers wrong parameters.
PACE_REFUSED = {bytes.fromhex("0022C1A4"): b"\x6a\x80"}


@dataclass(frozen=True)
class Answer:
    """What one run of the command came to."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """The one object on standard output; fails where there is not exactly one."""
        lines = self.out.splitlines()
        assert len(lines) == 1, lines
        found = json.loads(lines[0])
        assert isinstance(found, dict)
        return found

    def check(self, check_id: str) -> dict[str, Any]:
        """Return the check ``check_id`` of the report."""
        [found] = [check for check in self.json["checks"] if check["id"] == check_id]
        assert isinstance(found, dict)
        return found


class Command:
    """The command ``ecid`` inside this process."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *arguments: object) -> Answer:
        """Run ``ecid`` with ``arguments``."""
        self._capsys.readouterr()
        code = run([str(argument) for argument in arguments])
        captured = self._capsys.readouterr()
        return Answer(code, captured.out, captured.err)
