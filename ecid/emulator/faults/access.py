"""What a chip can get wrong before anything is read: BAC and the steps common to all of PACE."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ecid.emulator.behaviour import DomainReference
from ecid.emulator.chip.spots import Spot
from ecid.emulator.faults.fault import (
    Fault,
    altering,
    behaving,
    has_bac,
    has_pace,
    last_bit,
)

_RECORDED = bytes(range(0x40, 0x60))
"""RND.IC, RND.IFD and K.IC of a session that somebody has recorded."""


def _other_nonce(nonces: bytes, _received: bytes) -> bytes:
    """Change RND.IC, which stands first."""
    return last_bit(nonces[:8]) + nonces[8:]


def _other_terminal_nonce(nonces: bytes, _received: bytes) -> bytes:
    """Change RND.IFD, which stands second."""
    return nonces[:8] + last_bit(nonces[8:16]) + nonces[16:]


def _cut(value: bytes, _received: bytes) -> bytes:
    return value[:-1]


def _longer(value: bytes, _received: bytes) -> bytes:
    return value + b"\x00"


FAULTS: Mapping[str, Fault] = MappingProxyType(
    {
        "challenge-short": altering(
            "GET CHALLENGE of BAC returns seven bytes", has_bac, Spot.CHALLENGE, _cut
        ),
        "challenge-long": altering(
            "GET CHALLENGE of BAC returns nine bytes", has_bac, Spot.CHALLENGE, _longer
        ),
        "bac-wrong-mac": altering(
            "the answer to EXTERNAL AUTHENTICATE has a wrong MAC",
            has_bac,
            Spot.BAC_ANSWER,
            last_bit,
        ),
        "bac-wrong-rnd": altering(
            "the answer of BAC carries another RND.IC than the challenge",
            has_bac,
            Spot.BAC_NONCES,
            _other_nonce,
        ),
        "bac-wrong-rnd-ifd": altering(
            "the answer of BAC carries another RND.IFD than the terminal's",
            has_bac,
            Spot.BAC_NONCES,
            _other_terminal_nonce,
        ),
        "bac-garbage": altering(
            "the answer of BAC has a right MAC over 32 zeros",
            has_bac,
            Spot.BAC_NONCES,
            lambda nonces, _: bytes(len(nonces)),
        ),
        "bac-replay": altering(
            "the answer of BAC is one of an earlier session, its MAC right",
            has_bac,
            Spot.BAC_NONCES,
            lambda nonces, _: _RECORDED[: len(nonces)],
        ),
        "challenge-constant": altering(
            "GET CHALLENGE of BAC returns the same eight bytes in every session",
            has_bac,
            Spot.CHALLENGE,
            lambda challenge, _: _RECORDED[: len(challenge)],
        ),
        "pace-refused": behaving(
            "PACE is offered, and MSE:Set AT answers 6A88 to MRZ and CAN",
            has_pace,
            pace_refuses=frozenset({1, 2}),
        ),
        "pace-wants-84": behaving(
            "MSE:Set AT of PACE answers 6A87 unless 84 names the domain parameters",
            has_pace,
            domain_reference=DomainReference.ALWAYS,
        ),
        "pace-refuses-84": behaving(
            "MSE:Set AT of PACE answers 6A80 to an 84 that nobody needs",
            has_pace,
            domain_reference=DomainReference.NEVER_IN_VAIN,
        ),
        "can-counted": behaving(
            "the CAN bears three wrong attempts: 63C2, 63C1, 63C0, then 6983",
            has_pace,
            tries=MappingProxyType({2: 3}),
        ),
        "nonce-short": altering(
            "the encrypted nonce of PACE is eight bytes short",
            has_pace,
            Spot.PACE_NONCE,
            lambda sealed, _: sealed[:-8],
        ),
        "nonce-long": altering(
            "the encrypted nonce of PACE is one block too long",
            has_pace,
            Spot.PACE_NONCE,
            lambda sealed, _: sealed + bytes(16),
        ),
        "pace-wrong-tags": behaving(
            "PACE answers with tags 90, 92, 94 and 96 for 80, 82, 84 and 86",
            has_pace,
            retags=MappingProxyType(
                {
                    Spot.PACE_NONCE: 0x90,
                    Spot.PACE_MAPPING: 0x92,
                    Spot.PACE_EPHEMERAL: 0x94,
                    Spot.PACE_TOKEN: 0x96,
                }
            ),
        ),
        "token-wrong": altering(
            "the chip's token of PACE has a wrong bit", has_pace, Spot.PACE_TOKEN, last_bit
        ),
        "token-short": altering(
            "the chip's token of PACE has four bytes",
            has_pace,
            Spot.PACE_TOKEN,
            lambda token, _: token[:4],
        ),
        "token-empty": altering(
            "the chip's token of PACE is empty", has_pace, Spot.PACE_TOKEN, lambda *_: b""
        ),
        "token-echo": altering(
            "the chip sends the terminal's own token of PACE back",
            has_pace,
            Spot.PACE_TOKEN,
            lambda _, theirs: theirs,
        ),
        "token-missing": behaving(
            "the last answer of PACE has no token", has_pace, omits=frozenset({Spot.PACE_TOKEN})
        ),
        "pace-leading-zero": behaving(
            "the shared secret of PACE begins with a zero byte, as one in 256 does",
            has_pace,
            pace_leading_zeros=1,
        ),
    }
)
"""The faults by name."""
