"""How a chip behaves where the standard leaves room, or where real chips leave the standard.

A profile is a set of values; the code of the emulator asks for a value, never for a name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from ecid.errors import Misuse


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
    """Files that need Terminal Authentication, which no emulated card offers: always 6982."""

    pace_in_application: bool = False
    """Whether PACE may also be run after SELECT AID."""

    pace_refuses: frozenset[int] = frozenset()
    """Passwords (1 MRZ, 2 CAN) for which MSE:Set AT answers 6A88, although PACE is offered."""

    extended_length: bool = True
    """Whether commands in extended form are understood (ISO/IEC 7816-4 §5.1)."""

    max_read: int = 65_535
    """Most plain bytes of one READ BINARY, whatever is asked for."""

    answers_beyond_le: bool = False
    """Whether an answer that does not fit the outer Le is sent all the same.

    Otherwise READ BINARY returns what fits, with 9000, and other commands answer 6700.
    """

    historical_bytes: bytes = b"EMULATED"
    """What the ATR says about the chip (at most 15 bytes)."""

    wrong_mac_after_ca: int | None = None
    """Fault: which protected response after Chip Authentication (from 1) has a wrong MAC."""

    vanishes_at: int | None = None
    """Fault: the number of the APDU (from 1) at which the card leaves the field."""

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
    answers_beyond_le=True,
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
