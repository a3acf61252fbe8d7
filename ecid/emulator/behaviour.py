"""How a chip behaves where the standard leaves room, or where real chips leave the standard.

A profile is a set of values; the code of the emulator asks for a value, never for a name.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from ecid.emulator.chip.spots import Alteration, Spot
from ecid.errors import Misuse
from ecid_crypto.hashes import Hash


class DomainReference(enum.Enum):
    """When MSE:Set AT of PACE has to name the domain parameters in 84 (Doc 9303-11 §4.4.4.1)."""

    IF_AMBIGUOUS = "if-ambiguous"
    """As the standard says; a reference that nobody needs is checked all the same."""
    ALWAYS = "always"
    """Also where there is one choice: 6A87 without it, as Ukrainian passports were seen to say."""
    NEVER_IN_VAIN = "never-in-vain"
    """A reference that nobody needs is refused with 6A80."""


class LongAnswer(enum.Enum):
    """What happens to an answer, other than of READ BINARY, that does not fit Le."""

    REFUSED = "refused"
    """6700, and what had begun is over."""
    EXACT = "exact"
    """6Cxx with the length, as far as one byte can say it (ISO/IEC 7816-4 §5.6); else 6700."""
    IN_PARTS = "in-parts"
    """What fits, and 61xx until GET RESPONSE has fetched the rest (ISO/IEC 7816-4 §5.3.4)."""
    SENT = "sent"
    """Sent in full: the Vietnamese card does it."""


class AfterChipAuthentication(enum.Enum):
    """Which session goes on after Chip Authentication."""

    NEW_KEYS = "new-keys"
    OLD_KEYS = "old-keys"
    """Fault: 9000 throughout, and the keys from before."""
    NO_KEYS = "no-keys"
    """Fault: 9000 throughout, and answers without protection."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CardBehaviour:
    """The behaviour of one chip; the defaults are those of a strict chip by Doc 9303-10 and -11.

    Numbers that begin with ``0x`` are status words.
    """

    select_master_file: int = 0x9000
    """Answer to SELECT MF (ISO/IEC 7816-4 §11.2.2)."""

    outside_application: int = 0x6D00
    """Answer to GET CHALLENGE and the AUTHENTICATE commands before SELECT AID."""

    locked_files: frozenset[str] = frozenset({"DG3", "DG4"})
    """Files that need a right of Terminal Authentication: 6982 without it."""

    basic_access: bool = True
    """Whether BAC is offered at all; else its commands answer 6D00."""

    pace_in_application: bool = False
    """Whether PACE may also be run after SELECT AID."""

    pace_refuses: frozenset[int] = frozenset()
    """Passwords (1 MRZ, 2 CAN) for which MSE:Set AT answers 6A88, although PACE is offered."""

    domain_reference: DomainReference = DomainReference.IF_AMBIGUOUS
    """When MSE:Set AT of PACE needs 84."""

    pace_names_authorities: bool = False
    """Whether PACE ends with 87 and 88 although the terminal has not asked for them with 7F4C."""

    tries: Mapping[int, int] = field(default_factory=lambda: MappingProxyType({3: 3}))
    """How many wrong attempts in a row each password (1 MRZ to 4 PUK) bears; none: any number."""

    extended_length: bool = True
    """Whether commands in extended form are understood (ISO/IEC 7816-4 §5.1)."""

    max_read: int = 65_535
    """Most plain bytes of one READ BINARY, whatever is asked for."""

    largest_le: int = 65_536
    """Most plain bytes that READ BINARY may ask for; 6Cxx, or 6700 above 255, for more."""

    long_read_is_sent: bool = False
    """Whether READ BINARY answers beyond the outer Le; else it returns what fits, with 9000."""

    long_answer: LongAnswer = LongAnswer.REFUSED
    """What becomes of any other answer that is too long."""

    active_authentication_hash: Hash = Hash.SHA1
    """Hash of Active Authentication with RSA: trailer BC for SHA-1, else two bytes."""

    active_authentication_der: bool = False
    """Whether ECDSA answers are in DER instead of r || s, as some chips send them."""

    historical_bytes: bytes = b"EMULATED"
    """What the ATR says about the chip (at most 15 bytes)."""

    after_chip_authentication: AfterChipAuthentication = AfterChipAuthentication.NEW_KEYS
    """Fault: which keys protect what comes after Chip Authentication."""

    wrong_mac_after_ca: int | None = None
    """Fault: which protected response after Chip Authentication (from 1) has a wrong MAC."""

    naked_errors: bool = False
    """Fault: errors under secure messaging are sent without protection; the session stays."""

    pads_short_reads: bool = False
    """Fault: READ BINARY beyond the end pads its data with zeros up to Le, with 6282."""

    refuses: Mapping[int, int] = field(default_factory=lambda: MappingProxyType({}))
    """Fault: the status word that an instruction is answered with, whatever is asked."""

    refuses_templates: Mapping[int, int] = field(default_factory=lambda: MappingProxyType({}))
    """Fault: the status word that MSE:Set is answered with, by P1 and P2."""

    ignores_rights: bool = False
    """Fault: locked files stay locked after Terminal Authentication."""

    pace_leading_zeros: int = 0
    """How many zero bytes the shared secret of PACE begins with; each costs 256 times the work."""

    resets_at: int | None = None
    """Fault: the number of the APDU (from 1) before which the chip loses its power for a moment."""

    vanishes_at: int | None = None
    """Fault: the number of the APDU (from 1) at which the card leaves the field."""

    alter: Mapping[Spot, Alteration] = field(default_factory=lambda: MappingProxyType({}))
    """Faults by spot: what a chip sends in place of the right value."""

    retags: Mapping[Spot, int] = field(default_factory=lambda: MappingProxyType({}))
    """Fault: the tag that a value is sent under instead of its own."""

    omits: frozenset[Spot] = frozenset()
    """Fault: the data objects that are left out of answers that have several."""

    @property
    def atr(self) -> bytes:
        """Return the answer to reset of a contactless card (PC/SC part 3 §3.1.3.2.3, ISO 7816-3).

        T=0 and T=1 are indicated, so the last byte TCK makes the XOR of all but the first zero.
        """
        body = bytes([0x80 | len(self.historical_bytes), 0x80, 0x01]) + self.historical_bytes
        check = 0
        for octet in body:
            check ^= octet
        return b"\x3b" + body + bytes([check])


STANDARD = CardBehaviour()
"""A chip that does what Doc 9303 says, and no more."""

VN_CCCD_2021 = CardBehaviour(
    select_master_file=0x6D00,
    pace_in_application=True,
    max_read=2048,
    long_read_is_sent=True,
    long_answer=LongAnswer.SENT,
    historical_bytes=b"EMUL CCCD",
)
"""The Vietnamese card of 2021, as others have observed it (reference/cccd.md §2)."""

PROFILES: Mapping[str, CardBehaviour] = MappingProxyType(
    {
        "standard": STANDARD,
        "vn-cccd-2021": VN_CCCD_2021,
        "vn-cccd-2021-mf": replace(VN_CCCD_2021, select_master_file=0x9000),
        "vn-cccd-2021-pace-mrz": replace(VN_CCCD_2021, pace_refuses=frozenset({2})),
        "vn-cccd-2021-bac": replace(VN_CCCD_2021, pace_refuses=frozenset({1, 2})),
    }
)
"""The profiles by the name that ``card.json`` carries."""


def profile(name: str) -> CardBehaviour:
    """Return the behaviour called ``name``; raises ``Misuse`` if there is none."""
    if name not in PROFILES:
        raise Misuse
    return PROFILES[name]
