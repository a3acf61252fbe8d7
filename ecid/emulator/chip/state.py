"""What a chip remembers between two commands."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from ecid.emulator.behaviour import AfterChipAuthentication, CardBehaviour
from ecid.emulator.chip.command import LOCKED, NOT_FOUND, Command, RefusalError
from ecid.emulator.chip.cv_certificates import CertifiedKey
from ecid.emulator.chip.memory import ChipMemory
from ecid.emulator.chip.offers import ChipAuthenticationOffer, PaceOffer
from ecid.emulator.chip.offers import Mapping as Pace
from ecid.emulator.chip.secure_messaging import SecureChannel
from ecid.emulator.chip.spots import Spot
from ecid.emulator.issued import IssuedCard
from ecid.emulator.keys import EcSecret
from ecid_crypto.domain import DhDomain, Domain
from ecid_crypto.hashes import Hash
from ecid_crypto.rng import Rng


class Application(enum.Enum):
    """Where identifiers of files resolve (Doc 9303-10 §3.6)."""

    MASTER_FILE = "MF"
    EMRTD = "eMRTD"


@dataclass(slots=True)
class PaceRun:
    """One run of PACE; ``step`` is the GENERAL AUTHENTICATE expected next, 1 to 4."""

    offer: PaceOffer
    password: int
    key: bytes = field(repr=False)
    step: int = 1
    names_authorities: bool = False
    nonce: bytes = field(default=b"", repr=False)
    mapping_secret: EcSecret | None = field(default=None, repr=False)
    generator: bytes = field(default=b"", repr=False)
    own_public: bytes = field(default=b"", repr=False)
    terminal_public: bytes = field(default=b"", repr=False)
    secret: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Access:
    """How the open session came about.

    ``password`` is that of PACE, None after BAC; ``chip_key`` the chip's compressed ephemeral key
    of PACE; ``terminal_key`` that of the terminal in Chip Authentication, or in PACE with chip
    authentication mapping, empty before them.
    """

    password: int | None = None
    chip_key: bytes = field(default=b"", repr=False)
    terminal_key: bytes = field(default=b"", repr=False)


@dataclass(slots=True)
class TerminalRun:
    """Terminal Authentication under way.

    ``imported`` is the key of the last certificate below the CVCA; ``issuer`` was selected to
    verify the next one, ``holder`` to verify the terminal's signature over ``challenge``.
    """

    imported: CertifiedKey | None = None
    issuer: CertifiedKey | None = None
    holder: CertifiedKey | None = None
    challenge: bytes | None = field(default=None, repr=False)


@dataclass(slots=True)
class ChipState:
    """The chip: what was put in when it was made, and what changes.

    ``session`` is the open secure messaging session; ``next_session`` replaces it once the
    answer is sent. ``authenticated`` tells whether a terminal has authenticated itself in it, and
    ``room`` how many plain bytes READ BINARY may answer with.
    """

    issued: IssuedCard = field(repr=False)
    behaviour: CardBehaviour
    rng: Rng = field(repr=False)
    memory: ChipMemory = field(repr=False)
    application: Application = Application.MASTER_FILE
    current: str | None = None
    session: SecureChannel | None = field(default=None, repr=False)
    access: Access = Access()
    next_session: tuple[SecureChannel, Access] | None = field(default=None, repr=False)
    challenge: bytes | None = field(default=None, repr=False)
    pace: PaceRun | None = field(default=None, repr=False)
    chip_authentication: ChipAuthenticationOffer | None = None
    chain: Command | None = field(default=None, repr=False)
    terminal: TerminalRun = field(default_factory=TerminalRun)
    rights: int = 0
    authenticated: bool = False
    protected_since_ca: int | None = None
    unprotected: bool = False
    room: int = 0

    @property
    def secured(self) -> bool:
        """Tell whether secure messaging is on; a plain command has ended it before it runs."""
        return self.session is not None

    @property
    def opened_with(self) -> int | None:
        """Return the password of PACE that opened the session; None after BAC or without one."""
        return self.access.password if self.secured else None

    def altered(self, spot: Spot, value: bytes, received: bytes = b"") -> bytes:
        """Return what is sent for ``value``: itself, unless the behaviour has a fault there."""
        alteration = self.behaviour.alter.get(spot)
        return value if alteration is None else alteration(value, received)

    def power_on(self) -> None:
        """Forget everything volatile: the chip is at the master file, without a session."""
        self.application = Application.MASTER_FILE
        self.end_session()

    def end_session(self) -> None:
        """Drop the keys and every right and half-done protocol (Doc 9303-11 §9.8.3)."""
        self.session = None
        self.access = Access()
        self.current = None
        self.protected_since_ca = None
        self.unprotected = False
        self._drop_rights()
        self.authenticated = False
        self.drop_protocols()

    def drop_protocols(self) -> None:
        """Forget protocols that have begun and not ended."""
        self.challenge = self.pace = self.chip_authentication = self.next_session = None
        self.chain = None

    def open(self, channel: SecureChannel, run: PaceRun | None = None) -> None:
        """Put the keys of BAC, or of PACE if ``run`` is given, into use after this answer."""
        self.next_session = channel, Access()
        if run is not None:
            domain = run.offer.domain
            ours, theirs = run.own_public, run.terminal_public
            # After chip authentication mapping the chip is as good as after Chip Authentication.
            proven = run.offer.mapping is Pace.CHIP_AUTHENTICATION
            terminal_key = compressed(domain, theirs) if proven else b""
            self.next_session = (
                channel,
                Access(run.password, compressed(domain, ours), terminal_key),
            )

    def renew(self, channel: SecureChannel, terminal_key: bytes) -> None:
        """Put the keys of Chip Authentication into use after this answer."""
        self.protected_since_ca = 0
        after = self.behaviour.after_chip_authentication
        self.unprotected = after is AfterChipAuthentication.NO_KEYS
        if after is AfterChipAuthentication.OLD_KEYS and self.session is not None:
            channel = self.session
        self.next_session = channel, replace(self.access, terminal_key=terminal_key)

    def switch_session(self) -> None:
        """Put the keys that a protocol has agreed on into use, from the next command on."""
        if self.next_session is not None:
            (self.session, self.access), self.next_session = self.next_session, None
            self._drop_rights()

    def _drop_rights(self) -> None:
        self.terminal = TerminalRun()
        self.rights = 0

    def find(self, *, fid: int | None = None, sfi: int | None = None) -> str:
        """Return the name of the file with this identifier in the current application.

        Raises ``RefusalError``: 6982 if it may not be read now, 6A82 if it is not there.
        """
        within = _FILES[self.application]
        names = [n for n, ids in within.items() if ids in ((fid, ids[1]), (ids[0], sfi))]
        self.require_access(names[0] if names else None)
        if not names or self.content(names[0]) is None:
            raise RefusalError(NOT_FOUND)
        return names[0]

    def content(self, name: str) -> bytes | None:
        """Return the file called ``name``; EF.CVCA follows the trust points. None: no such file."""
        if name == "CVCA" and self.memory.trust_points:
            return self.memory.ef_cvca
        return self.issued.files.get(name)

    def require_access(self, name: str | None) -> None:
        """Refuse with 6982 what needs secure messaging or a right that was not granted.

        The files of the master file are free, but for EF.CardSecurity, which needs PACE
        (Doc 9303-10 §3.11). A locked file that does not exist is not locked.
        """
        if self.application is Application.EMRTD and not self.secured:
            raise RefusalError(LOCKED)
        if name is None or name not in self.issued.files:
            return
        if name == "CardSecurity" and self.opened_with is None:
            raise RefusalError(LOCKED)
        if name not in self.behaviour.locked_files:
            return
        if self.behaviour.ignores_rights or not self.rights & _RIGHTS.get(name, 0):
            raise RefusalError(LOCKED)


def compressed(domain: Domain, public: bytes) -> bytes:
    """Return Comp of a public value: SHA-1 of a number, x-coordinate of a point (TR-03110-3 §A.2).

    ``public`` is encoded as it is sent.
    """
    if isinstance(domain, DhDomain):
        return Hash.SHA1.digest(public)
    return public[1 : 1 + (domain.bits + 7) // 8]


#: The bit of the effective authorisation that opens a file (TR-03110-3 §C.4.2).
_RIGHTS: Mapping[str, int] = MappingProxyType({"DG3": 0x01, "DG4": 0x02})

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
