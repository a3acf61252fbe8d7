"""The live reading: from an open transport to evidence, in the order of Doc 9303-11 App. J.

Nothing is judged here. A chip that breaks off makes an exception; a chip that answers something
wrong makes evidence of it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256

from ecid.errors import (
    EcidError,
    FileAbsent,
    FileLocked,
    LimitExceeded,
    MalformedData,
    ProtocolError,
    SecureMessagingError,
    UnsupportedData,
)
from ecid.inspection.access import Passwords, open_chip
from ecid.inspection.border import chip_errors
from ecid.inspection.evidence import (
    Absence,
    ActiveAuthenticationFacts,
    ChipAnswer,
    ChipAuthenticationFacts,
    Evidence,
    Origin,
    Timing,
)
from ecid.inspection.profile import Profile
from ecid.lds import dg1, dg14, dg15
from ecid.lds.files import COM, NEED_RIGHTS, SOD, ElementaryFile, data_group
from ecid.lds.security_object import parse_lds_security_object, unwrap_sod
from ecid.protocols import active_authentication, chip_authentication
from ecid.protocols.active_authentication import RANDOMNESS_LENGTH, derive_challenge
from ecid.session.file_reader import FileReader, select_file, short_read_length
from ecid.session.secure_messaging import SecureMessaging
from ecid.trust.signed_data import parse_signed_data
from ecid_crypto.cipher import Cipher
from ecid_crypto.rng import Rng
from ecid_readers.chaining import CorrectLength, GetResponse
from ecid_readers.record import Meter
from ecid_readers.status import is_length_limit
from ecid_readers.transport import Transport


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a reading is. ``step`` is access, file, chip or done; nothing here is personal."""

    step: str
    file: str | None = None
    done: int = 0
    expected: int = 0


OnProgress = Callable[[Progress], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a reading is to do. ``choose_profile`` gets the issuing state of DG1, or None."""

    secret: Passwords
    choose_profile: Callable[[str | None], Profile]
    data_groups: frozenset[int] | None = None
    """The data groups wanted; None leaves it to the profile. DG1 is always read."""
    binding: str | None = None
    """Text that the Active Authentication challenge is bound to."""
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
    meter = Meter(card)
    with chip_errors():
        return _Reading(GetResponse(CorrectLength(meter)), meter, order, rng, on_progress).run(
            source
        )


class _Reading:
    """The state of one reading; every method is one step of it."""

    def __init__(
        self,
        link: Transport,
        meter: Meter,
        order: Order,
        rng: Rng,
        on_progress: OnProgress | None,
    ) -> None:
        self._link, self._meter, self._order, self._rng = link, meter, order, rng
        self._on_progress = on_progress
        self._files: dict[str, bytes] = {}
        self._missing: dict[str, Absence] = {}
        self._started = time.monotonic()

    def run(self, source: str) -> Evidence:
        """Do the steps in their order and return what came of them."""
        self._report(Progress("access"))
        chip = open_chip(self._link, self._order.secret, self._rng)
        if chip.card_access is not None:
            self._files["CardAccess"] = chip.card_access
        self._use(chip.session, chip.keys.cipher)
        self._read(COM)
        self._read(SOD)
        listed = self._listed()
        chip_facts = self._chip_authentication(listed)
        profile, active_facts = None, None
        if self._session.alive:
            profile = self._read_data_groups(listed)
            active_facts = self._active_authentication(listed, profile)
        self._report(Progress("done"))
        return Evidence(
            origin=Origin.LIVE,
            source=source,
            files=self._files,
            missing=self._missing,
            profile=None if profile is None else profile.name,
            access=chip.facts,
            chip_authentication=chip_facts,
            active_authentication=active_facts,
            presented_mrz=self._presented(),
            presented_qr=self._order.secret.qr,
            presented_form=self._order.expected_form,
            timing=self._timing(),
        )

    def _use(self, session: SecureMessaging, cipher: Cipher) -> None:
        """Go on in ``session``; how much a short response carries depends on its cipher."""
        self._session, self._short_length = session, short_read_length(cipher)
        self._reader = FileReader(session, self._short_length)

    def _read(self, ef: ElementaryFile) -> bytes | None:
        """Read one file; what the chip says instead of it goes into ``missing``."""

        def on_bytes(done: int, expected: int) -> None:
            self._report(Progress("file", ef.name, done, expected))

        try:
            content = self._reader.read(ef, on_bytes=on_bytes)
        except FileAbsent:
            self._missing[ef.name] = Absence.ABSENT
        except FileLocked:
            self._missing[ef.name] = Absence.LOCKED
        except (MalformedData, LimitExceeded):
            self._missing[ef.name] = Absence.MALFORMED
        else:
            self._files[ef.name] = content
            return content
        return None

    def _listed(self) -> frozenset[int]:
        """Return the data groups that the SOD lists, unjudged; none if it cannot be read."""
        sod = self._files.get("SOD")
        if sod is None:
            return frozenset()
        try:
            content = parse_signed_data(unwrap_sod(sod), "SOD").content or b""
            return frozenset(entry.number for entry in parse_lds_security_object(content).hashes)
        except EcidError:
            return frozenset()

    def _chip_authentication(self, listed: frozenset[int]) -> ChipAuthenticationFacts | None:
        """Run Chip Authentication if DG14 offers it, and go on under the new keys."""
        raw = self._read(data_group(14)) if 14 in listed else None
        if raw is None:
            return None
        self._report(Progress("chip"))
        try:
            choice = chip_authentication.choose(dg14.parse(raw))
        except (MalformedData, UnsupportedData):
            return None
        if choice is None:
            return None
        answer, step, sw = self._prove(choice)
        return ChipAuthenticationFacts(
            oid=choice.oid, public_key=choice.public, answer=answer, step=step, sw=sw
        )

    def _prove(
        self, choice: chip_authentication.ChipAuthenticationChoice
    ) -> tuple[ChipAnswer, str, int]:
        """Return how the chip answered. Proven is only a response that verifies under new keys."""
        try:
            result = chip_authentication.run_chip_authentication(self._session, choice, self._rng)
        except ProtocolError as exc:
            return ChipAnswer.REFUSED, exc.step, exc.sw
        session = SecureMessaging(self._link, result.keys)
        self._use(session, result.keys.cipher)
        try:
            select_file(session, data_group(1))
        except SecureMessagingError:
            return ChipAnswer.WRONG_MAC, "first response", 0
        except ProtocolError:
            pass  # protected, hence proven; that DG1 is absent is found out when it is read
        return ChipAnswer.PROVEN, "", 0

    def _read_data_groups(self, listed: frozenset[int]) -> Profile:
        """Read DG1, let it choose the profile, and read what is wanted and listed."""
        raw = self._read(data_group(1))
        profile = self._order.choose_profile(_issuing_state(raw))
        wanted = self._order.data_groups
        if wanted is None:
            wanted = profile.data_groups
        for number in sorted((wanted & listed) - {1, 14, 15} - NEED_RIGHTS):
            self._read(data_group(number))
        return profile

    def _active_authentication(
        self, listed: frozenset[int], profile: Profile
    ) -> ActiveAuthenticationFacts | None:
        """Challenge the chip if DG15 is signed and the profile wants it."""
        if 15 not in listed or not profile.active_authentication:
            return None
        raw = self._read(data_group(15))
        if raw is None:
            return None
        self._report(Progress("chip"))
        try:
            key = dg15.parse(raw).key
        except (MalformedData, UnsupportedData):
            return None
        randomness = self._rng(RANDOMNESS_LENGTH)
        text = self._order.binding
        binding = b"" if text is None else sha256(text.encode("utf-8")).digest()
        challenge = derive_challenge(randomness, binding)
        try:
            answer = active_authentication.internal_authenticate(
                self._session, challenge, key, self._short_length
            )
            sw, signature = answer.sw, answer.data
        except SecureMessagingError as exc:
            # A link that cannot carry the answer refuses it in clear; anything else is an attack
            # or a fault, and ends the reading.
            if exc.reason != "plain_response" or not is_length_limit(exc.sw):
                raise
            sw, signature = exc.sw, b""
        return ActiveAuthenticationFacts(
            randomness=randomness, binding=binding, sw=sw, signature=signature
        )

    def _presented(self) -> str | None:
        mrz = self._order.secret.mrz
        return None if mrz is None else "".join(mrz.lines)

    def _timing(self) -> Timing:
        return Timing(
            total_ms=round((time.monotonic() - self._started) * 1000),
            apdus=self._meter.apdus,
            bytes_sent=self._meter.bytes_sent,
            bytes_received=self._meter.bytes_received,
        )

    def _report(self, progress: Progress) -> None:
        if self._on_progress is not None:
            self._on_progress(progress)


def _issuing_state(raw: bytes | None) -> str | None:
    try:
        return None if raw is None else dg1.parse(raw).mrz.issuing_state
    except EcidError:
        return None
