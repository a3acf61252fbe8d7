"""What a chip remembers between two commands."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from ecid.emulator.behaviour import CardBehaviour
from ecid.emulator.chip.command import LOCKED, NOT_FOUND, RefusalError
from ecid.emulator.chip.offers import ChipAuthenticationOffer, PaceOffer
from ecid.emulator.chip.secure_messaging import SecureChannel
from ecid.emulator.issued import IssuedCard
from ecid_crypto.curves import Point
from ecid_crypto.rng import Rng


class Application(enum.Enum):
    """Where identifiers of files resolve (Doc 9303-10 §3.6)."""

    MASTER_FILE = "MF"
    EMRTD = "eMRTD"


@dataclass(slots=True)
class PaceRun:
    """One run of PACE; ``step`` is the GENERAL AUTHENTICATE expected next, 1 to 4."""

    offer: PaceOffer
    key: bytes = field(repr=False)
    step: int = 1
    nonce: bytes = field(default=b"", repr=False)
    generator: Point | None = field(default=None, repr=False)
    own_public: Point | None = field(default=None, repr=False)
    terminal_public: Point | None = field(default=None, repr=False)
    secret: bytes = field(default=b"", repr=False)


@dataclass(slots=True)
class ChipState:
    """The chip: what was put in when it was made, and what changes.

    ``session`` is the open secure messaging session; ``next_session`` replaces it once the
    answer is sent. ``room`` is how many plain bytes the answer to this command may have.
    """

    issued: IssuedCard = field(repr=False)
    behaviour: CardBehaviour
    rng: Rng = field(repr=False)
    application: Application = Application.MASTER_FILE
    current: str | None = None
    session: SecureChannel | None = field(default=None, repr=False)
    next_session: SecureChannel | None = field(default=None, repr=False)
    challenge: bytes | None = field(default=None, repr=False)
    pace: PaceRun | None = field(default=None, repr=False)
    chip_authentication: ChipAuthenticationOffer | None = None
    protected_since_ca: int | None = None
    room: int = 0

    @property
    def secured(self) -> bool:
        """Tell whether secure messaging is on; a plain command has ended it before it runs."""
        return self.session is not None

    def power_on(self) -> None:
        """Forget everything: the chip is at the master file, without a session."""
        self.application = Application.MASTER_FILE
        self.end_session()

    def end_session(self) -> None:
        """Drop the keys and every right and half-done protocol (Doc 9303-11 §9.8.3)."""
        self.session = self.next_session = None
        self.current = None
        self.protected_since_ca = None
        self.drop_protocols()

    def drop_protocols(self) -> None:
        """Forget protocols that have begun and not ended."""
        self.challenge = self.pace = self.chip_authentication = self.next_session = None

    def switch_session(self) -> None:
        """Put the keys that a protocol has agreed on into use, from the next command on."""
        if self.next_session is not None:
            self.session, self.next_session = self.next_session, None

    def find(self, *, fid: int | None = None, sfi: int | None = None) -> str:
        """Return the name of the file with this identifier in the current application.

        Raises ``RefusalError``: 6982 if it may not be read now, 6A82 if it is not there.
        """
        within = _FILES[self.application]
        names = [n for n, ids in within.items() if ids in ((fid, ids[1]), (ids[0], sfi))]
        self.require_access(names[0] if names else None)
        if not names or names[0] not in self.issued.files:
            raise RefusalError(NOT_FOUND)
        return names[0]

    def require_access(self, name: str | None) -> None:
        """Refuse with 6982 what needs secure messaging, or rights that nobody can get here.

        The files of the master file are free (Doc 9303-10 §3.6.1). A locked file that does not
        exist is not locked.
        """
        if self.application is Application.EMRTD and not self.secured:
            raise RefusalError(LOCKED)
        if name in self.behaviour.locked_files and name in self.issued.files:
            raise RefusalError(LOCKED)


#: File identifier and short identifier (Doc 9303-10 §3.6, tables 3 to 5).
_FILES: Mapping[Application, Mapping[str, tuple[int, int]]] = MappingProxyType(
    {
        Application.MASTER_FILE: {
            "CardAccess": (0x011C, 0x1C),
            "CardSecurity": (0x011D, 0x1D),
            "DIR": (0x2F00, 0x1E),
            "ATR_INFO": (0x2F01, 0x01),
        },
        Application.EMRTD: {
            "CVCA": (0x011C, 0x1C),
            "SOD": (0x011D, 0x1D),
            "COM": (0x011E, 0x1E),
            **{f"DG{number}": (0x0100 + number, number) for number in range(1, 17)},
        },
    }
)
