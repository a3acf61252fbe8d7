"""The live reading: from an open transport to evidence, in the order of Doc 9303-11 App. J.

Nothing is judged here. A chip that breaks off makes an exception; a chip that answers something
wrong makes evidence of it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from ecid.errors import EcidError
from ecid.inspection.access import OpenChip, Passwords, open_chip
from ecid.inspection.border import chip_errors
from ecid.inspection.evidence import (
    ActiveAuthenticationFacts,
    Evidence,
    Origin,
    TerminalFacts,
    Timing,
)
from ecid.inspection.profile import Profile
from ecid.inspection.proofs import (
    NOT_RUN,
    ChipProof,
    Terminal,
    challenge_chip,
    prove_chip,
    prove_terminal,
)
from ecid.inspection.reading import OnProgress, Progress, Reading
from ecid.lds import dg1
from ecid.lds.files import COM, NEED_RIGHTS, SOD, data_group
from ecid_crypto.rng import Rng
from ecid_readers.chaining import CorrectLength, GetResponse
from ecid_readers.record import Meter
from ecid_readers.transport import Transport

__all__ = ["OnProgress", "Order", "Progress", "Terminal", "collect"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a reading is to do. ``choose_profile`` gets the issuing state of DG1, or None."""

    secret: Passwords
    choose_profile: Callable[[str | None], Profile]
    data_groups: frozenset[int] | None = None
    """The data groups wanted; None leaves it to the profile. DG1 is always read."""
    binding: str | None = None
    """Text that the Active Authentication challenge is bound to."""
    terminal: Terminal | None = None
    """What the terminal authenticates itself with; None: it does not."""
    expected_form: str | None = field(default=None, repr=False)
    """What somebody typed, to be compared with the chip: a JSON object of identity keys."""


def collect(
    card: Transport,
    order: Order,
    *,
    source: str,
    rng: Rng,
    on_progress: OnProgress | None = None,
) -> Evidence:
    """Read one chip and return the evidence, ``origin`` live.

    ``card`` is a transport to a chip that was just reset. Takes randomness for access control,
    Chip Authentication and Active Authentication from ``rng``, in this order. Raises
    ``EcidError`` where the reading cannot go on.
    """
    meter, started = Meter(card), time.monotonic()
    with chip_errors():
        reading = Reading(GetResponse(CorrectLength(meter)), on_progress)
        evidence = _Collection(reading, order, rng).run(source)
    total_ms = round((time.monotonic() - started) * 1000)
    return evidence(
        Timing(
            total_ms=total_ms,
            apdus=meter.apdus,
            bytes_sent=meter.bytes_sent,
            bytes_received=meter.bytes_received,
        )
    )


@dataclass
class _Collection:
    """The steps of one reading, in their order."""

    reading: Reading
    order: Order
    rng: Rng
    proof: ChipProof | None = None
    terminal: TerminalFacts | None = None
    challenge: ActiveAuthenticationFacts | None = None

    def run(self, source: str) -> Callable[[Timing], Evidence]:
        """Do the steps; what comes of them lacks only what they cost."""
        reading = self.reading
        if self.order.terminal is not None:
            self.terminal = NOT_RUN
        reading.report(Progress("access"))
        chip = open_chip(reading.link, self.order.secret, self.rng)
        reading.opened(chip)
        reading.read(COM)
        reading.read(SOD)
        listed = reading.listed()
        if 14 in listed:
            reading.report(Progress("chip"))
            self.proof = prove_chip(reading, self.rng)
        profile = self._data(chip, listed) if reading.session.alive else None
        reading.report(Progress("done"))
        return lambda timing: self._evidence(source, chip, profile, timing)

    def _data(self, chip: OpenChip, listed: frozenset[int]) -> Profile:
        """Read DG1, which chooses the profile, then what is wanted, then challenge the chip."""
        reading, order = self.reading, self.order
        profile = order.choose_profile(_issuing_state(reading.read(data_group(1))))
        wanted = profile.data_groups if order.data_groups is None else order.data_groups
        self._read_all((wanted & listed) - {1, 14, 15} - NEED_RIGHTS)
        if 15 in listed and profile.active_authentication:
            reading.report(Progress("chip"))
            self.challenge = challenge_chip(reading, self.rng, order.binding)
        if order.terminal is not None and reading.session.alive:
            self._fingerprints(order.terminal, chip, listed)
        return profile

    def _fingerprints(self, terminal: Terminal, chip: OpenChip, listed: frozenset[int]) -> None:
        """Authenticate the terminal, last of all: a challenge that is too long ends the session."""
        reading = self.reading
        reading.report(Progress("chip"))
        self.terminal, granted = prove_terminal(reading, terminal, self.proof, chip.pace)
        wanted = granted if self.order.data_groups is None else granted & self.order.data_groups
        if reading.session.alive:
            self._read_all(wanted & listed)

    def _read_all(self, numbers: frozenset[int]) -> None:
        for number in sorted(numbers):
            self.reading.read(data_group(number))

    def _evidence(
        self, source: str, chip: OpenChip, profile: Profile | None, timing: Timing
    ) -> Evidence:
        mrz = self.order.secret.mrz
        return Evidence(
            origin=Origin.LIVE,
            source=source,
            files=self.reading.files,
            missing=self.reading.missing,
            profile=None if profile is None else profile.name,
            access=chip.facts,
            chip_authentication=None if self.proof is None else self.proof.facts,
            active_authentication=self.challenge,
            mapping=None if chip.pace is None else chip.pace.mapping,
            terminal=self.terminal,
            presented_mrz=None if mrz is None else "".join(mrz.lines),
            presented_qr=self.order.secret.qr,
            presented_form=self.order.expected_form,
            timing=timing,
        )


def _issuing_state(raw: bytes | None) -> str | None:
    try:
        return None if raw is None else dg1.parse(raw).mrz.issuing_state
    except EcidError:
        return None
