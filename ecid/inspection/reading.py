"""One chip being read: the session, the files so far, and what the chip would not give."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from ecid.errors import EcidError, FileAbsent, FileLocked, LimitExceeded, MalformedData
from ecid.inspection.access import OpenChip
from ecid.inspection.evidence import Absence, AccessFacts
from ecid.lds.files import ElementaryFile
from ecid.lds.security_object import parse_lds_security_object, unwrap_sod
from ecid.session.file_reader import FileReader, short_read_length
from ecid.session.keys import SessionKeys
from ecid.session.secure_messaging import SecureMessaging
from ecid.trust.signed_data import parse_signed_data
from ecid_readers.transport import Transport


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a reading is. ``step`` is access, file, chip or done; nothing here is personal."""

    step: str
    file: str | None = None
    done: int = 0
    expected: int = 0


OnProgress = Callable[[Progress], None]


@dataclass
class Reading:
    """What is known while a chip is read. ``link`` is the way to it without secure messaging."""

    link: Transport = field(repr=False)
    on_progress: OnProgress | None = field(default=None, repr=False)
    files: dict[str, bytes] = field(default_factory=dict, repr=False)
    missing: dict[str, Absence] = field(default_factory=dict)
    access: AccessFacts | None = None
    session: SecureMessaging = field(init=False, repr=False)
    short_length: int = field(init=False)
    """How many plain bytes a short response of the session carries."""

    def opened(self, chip: OpenChip) -> None:
        """Go on in the session that access control opened, with the files read on the way."""
        self.access = chip.facts
        if chip.card_access is not None:
            self.files["CardAccess"] = chip.card_access
        security = None if chip.pace is None else chip.pace.card_security
        if isinstance(security, Absence):
            self.missing["CardSecurity"] = security
        elif security is not None:
            self.files["CardSecurity"] = security
        self._use(chip.session, chip.keys)

    def switch(self, keys: SessionKeys) -> None:
        """Go on under the keys that Chip Authentication agreed on."""
        self._use(SecureMessaging(self.link, keys), keys)

    def _use(self, session: SecureMessaging, keys: SessionKeys) -> None:
        self.session, self.short_length = session, short_read_length(keys.cipher)
        self._reader = FileReader(session, self.short_length)

    def read(self, ef: ElementaryFile) -> bytes | None:
        """Read one file; what the chip says instead of it goes into ``missing``."""

        def on_bytes(done: int, expected: int) -> None:
            self.report(Progress("file", ef.name, done, expected))

        try:
            content = self._reader.read(ef, on_bytes=on_bytes)
        except FileAbsent:
            self.missing[ef.name] = Absence.ABSENT
        except FileLocked:
            self.missing[ef.name] = Absence.LOCKED
        except (MalformedData, LimitExceeded):
            self.missing[ef.name] = Absence.MALFORMED
        else:
            self.files[ef.name] = content
            return content
        return None

    def listed(self) -> frozenset[int]:
        """Return the data groups that the SOD lists, unjudged; none if it cannot be read."""
        sod = self.files.get("SOD")
        if sod is None:
            return frozenset()
        try:
            content = parse_signed_data(unwrap_sod(sod), "SOD").content or b""
            return frozenset(entry.number for entry in parse_lds_security_object(content).hashes)
        except EcidError:
            return frozenset()

    def report(self, progress: Progress) -> None:
        """Tell whoever wants to know."""
        if self.on_progress is not None:
            self.on_progress(progress)
