"""Everything one reading took from one chip, and nothing concluded from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path


class Origin(StrEnum):
    """Where evidence comes from. Only the process that talked to the chip may call it live."""

    LIVE = "live"
    RECORDED = "recorded"


class Absence(StrEnum):
    """Why a file that the reading wanted is not in the evidence."""

    ABSENT = "absent"
    LOCKED = "locked"
    MALFORMED = "malformed"


class ChipAnswer(StrEnum):
    """How Chip Authentication ended, by what the chip did."""

    PROVEN = "proven"
    REFUSED = "refused"
    WRONG_MAC = "wrong_mac"
    UNUSABLE = "unusable"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessFacts:
    """How the chip was opened (Doc 9303-11 §4)."""

    protocol: str
    """``PACE`` or ``BAC``."""
    cipher: str
    mapping: str | None = None
    parameter_id: int | None = None
    password: str
    """``CAN`` or ``MRZ``: which kind, never which value."""
    pace_refused: bool = False
    """PACE was offered, and the chip refused to start it."""
    deviations: tuple[str, ...] = ()
    """What the chip did otherwise than the standard says, and was met."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingFacts:
    """What a chip said to prove itself in PACE with chip authentication mapping (§4.4.3.5)."""

    parameter_id: int
    mapping_key: bytes = field(repr=False)
    """PK_Map,IC, encoded as it was sent."""
    data: bytes | None = field(repr=False)
    """CA_IC, or None where the chip sent none that can be decrypted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChipAuthenticationFacts:
    """One run of Chip Authentication: with which key, and how it ended."""

    oid: str
    public_key: bytes = field(repr=False)
    """The chip's static key as it stood in DG14, so that judging can tie the two together."""
    answer: ChipAnswer
    step: str = ""
    sw: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ActiveAuthenticationFacts:
    """One challenge and its answer; anybody can compute it again (Doc 9303-11 §6.1)."""

    randomness: bytes = field(repr=False)
    binding: bytes = field(repr=False)
    """SHA-256 of what the reading was bound to, or empty."""
    sw: int
    signature: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class TerminalFacts:
    """How Terminal Authentication ended: an outcome and a reason, as a check has them."""

    outcome: str
    reason: str | None = None
    rule: str = ""
    step: str = ""
    sw: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """What the reading cost on the link."""

    total_ms: int
    apdus: int
    bytes_sent: int
    bytes_received: int


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """Raw files, challenge and answer pairs, access facts: frozen and serialisable.

    ``origin`` is never stored: what comes out of a file is ``RECORDED``, whatever it says.
    """

    origin: Origin = Origin.RECORDED
    source: str = ""
    """The reader's name, ``card:NAME``, or the path as given."""
    files: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    """Raw files by name (``SOD``, ``DG1``, ``CardAccess``), as the chip gave them."""
    missing: Mapping[str, Absence] = field(default_factory=dict)
    """Files that were wanted and not had, and why."""
    profile: str | None = None
    access: AccessFacts | None = None
    chip_authentication: ChipAuthenticationFacts | None = None
    active_authentication: ActiveAuthenticationFacts | None = None
    mapping: MappingFacts | None = None
    terminal: TerminalFacts | None = None
    presented_mrz: str | None = field(default=None, repr=False)
    """The MRZ that the person gave as the secret, all of it, if that is what was given."""
    presented_qr: str | None = field(default=None, repr=False)
    """The QR text that the person gave as the secret, if that is what was given."""
    presented_form: str | None = field(default=None, repr=False)
    """What the chip was to be compared with: a JSON object of identity keys."""
    timing: Timing | None = None

    @classmethod
    def load(cls, path: str | Path) -> Evidence:
        """Return the evidence stored in the file ``path``; see ``evidence_file.load``."""
        from ecid.inspection import evidence_file  # noqa: PLC0415 - it needs this class

        return evidence_file.load(Path(path))

    @classmethod
    def from_folder(cls, path: str | Path) -> Evidence:
        """Return the raw files in the folder ``path`` as evidence; see ``folder.load``."""
        from ecid.inspection import folder  # noqa: PLC0415 - it needs this class

        return folder.load(Path(path))

    def save(self, path: str | Path) -> None:
        """Write the evidence to the file ``path``; see ``evidence_file.save``."""
        from ecid.inspection import evidence_file  # noqa: PLC0415 - it needs this class

        evidence_file.save(self, Path(path))
