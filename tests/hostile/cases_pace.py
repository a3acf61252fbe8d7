"""Group PACE, the four steps: keys, tokens, nonces and status words of a forged chip.

A run of PACE that was not finished leaves nothing to judge: it is an exception, not a check
(design, section 3), and no BAC follows it (section 6, item 10).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from chips import (
    AGREEMENT,
    GENERAL_AUTHENTICATE,
    MAPPING,
    MSE,
    NO_BAC,
    NONCE,
    TOKENS,
    Host,
    broken,
    case,
    denied,
)
from ecid.emulator.chip.spots import Spot
from ecid.errors import AccessRefused
from ecid.secret import AccessSecret
from ecid.testing import Aborted, LiveCard, answer, canary_card, flip, response, stays_verified

GM = Host(canary_card)
BY_ZONE = Host(canary_card, zone=True)
"""The same card with a secret that BAC would take, too."""

ONCE = {(MSE, False): 1, **NO_BAC}


def retagged(nth: int, tag: int) -> Callable[[], LiveCard]:
    """Return the reading in which the object of the ``nth`` answer has another tag."""
    changed = response(lambda answered: answered[:2] + bytes([tag]) + answered[3:])
    return GM.wired(GENERAL_AUTHENTICATE, changed, nth)


def twice(nth: int) -> Callable[[], LiveCard]:
    """Return the reading in which the object of the ``nth`` answer stands there twice."""

    def double(answered: bytes) -> bytes:
        inside = answered[2:-2] * 2
        return b"\x7c" + bytes([len(inside)]) + inside + answered[-2:]

    return GM.wired(GENERAL_AUTHENTICATE, response(double), nth)


def nonce_of(length: int) -> Callable[[], LiveCard]:
    """Return the reading of a chip whose encrypted nonce has another length."""
    return GM.forging(Spot.PACE_NONCE, lambda z: (z * 2)[:length])


def token(change: Callable[[bytes], bytes]) -> Callable[[], LiveCard]:
    """Return the reading of a chip that sends another token, where BAC would work."""
    return BY_ZONE.forging(Spot.PACE_TOKEN, change)


def wrong_can(can: str = "046195") -> AccessSecret:
    """Return a card access number of another card."""
    return AccessSecret.from_can(can)


def other_qr() -> AccessSecret:
    """Return the QR text of another person's card, which also gives zones to try."""
    _, *rest = canary_card().secrets.qr.split("|")
    return AccessSecret.from_qr("|".join(["000090731946", *rest]))


def counting(tries: int) -> Callable[[], LiveCard]:
    """Return the reading of a chip that bears so many wrong card access numbers."""

    def build() -> LiveCard:
        behaviour = replace(canary_card().behaviour, tries={2: tries})
        return GM.live(behaviour=behaviour, secret=wrong_can())

    return build


BLOCKED = Aborted(error=AccessRefused, code="password_blocked", detail={"exit_code": 9})
UNPROVEN = broken("access_unproven", TOKENS)
CASES = (
    *(
        case("PACE-08", 5, f"the chip's token: {name}", token(change), UNPROVEN, name, sent=NO_BAC)
        for name, change in (
            ("one bit", flip),
            ("empty", lambda _: b""),
            ("4 bytes", lambda value: value[:4]),
            ("7 bytes", lambda value: value[:7]),
            ("9 bytes", lambda value: value + b"\x00"),
            ("16 bytes", lambda value: value * 2),
            ("zeros", lambda _: bytes(8)),
        )
    ),
    case(
        "PACE-08",
        5,
        "the chip returns our own token",
        GM.echoing(Spot.PACE_TOKEN),
        UNPROVEN,
        "ours",
    ),
    *(
        case(
            "PACE-10",
            2,
            f"the encrypted nonce has {length} bytes and not 16",
            nonce_of(length),
            broken("wrong_length", NONCE),
            f"{length} bytes",
        )
        for length in (0, 8, 15, 17, 32)
    ),
    case(
        "PACE-10",
        2,
        "90 in place of 80",
        retagged(1, 0x90),
        broken("unexpected_object", NONCE),
        "90",
    ),
    *(
        case(
            "PACE-11",
            2,
            f"{tag:02X} in place of {tag - 0x10:02X}",
            retagged(nth, tag),
            broken("unexpected_object", step),
            f"{tag:02X}",
        )
        for nth, tag, step in ((2, 0x92, MAPPING), (3, 0x94, AGREEMENT), (4, 0x96, TOKENS))
    ),
    *(
        case(
            "PACE-11",
            2,
            "the object stands there twice",
            twice(nth),
            broken("repeated_object", step),
            f"step {nth} twice",
        )
        for nth, step in ((1, NONCE), (4, TOKENS))
    ),
    case(
        "PACE-13",
        3,
        "a wrong card access number on a chip that bears two: 63C1, and it is not tried again",
        counting(2),
        denied(tries_left=1),
        "63C1",
        sent=ONCE,
    ),
    case(
        "PACE-13",
        3,
        "a wrong card access number on a chip that bears one: 63C0 after the token",
        counting(1),
        denied(tries_left=0),
        "63C0",
        sent=ONCE,
    ),
    case(
        "PACE-13",
        3,
        "63C0 to MSE:Set AT: the password is blocked before anything is tried",
        GM.wired(MSE, answer(b"\x63\xc0")),
        BLOCKED,
        "63C0 at MSE",
        sent={**ONCE, (GENERAL_AUTHENTICATE, False): 0},
    ),
    case(
        "PACE-13",
        3,
        "63C1 to MSE:Set AT and the right password: the last try is the one that was asked for",
        GM.wired(MSE, response(lambda _: b"\x63\xc1")),
        stays_verified("access"),
        "63C1 at MSE",
        sent=ONCE,
    ),
    case(
        "PACE-13",
        3,
        "a QR text of another card: after the card access number, no zone is tried, and no BAC",
        GM.given(secret=other_qr()),
        denied(),
        "QR text",
        sent=ONCE,
    ),
    case(
        "PACE-19",
        5,
        "the chip's token is wrong, and BAC would work with the same zone",
        token(flip),
        UNPROVEN,
        "chip's token",
        sent=ONCE,
    ),
    case(
        "PACE-19",
        5,
        "the chip refuses our token (6300), and would take BAC",
        BY_ZONE.wired(GENERAL_AUTHENTICATE, answer(b"\x63\x00"), 4),
        denied(),
        "our token",
        sent=ONCE,
    ),
    *(
        case(
            "PACE-19",
            5,
            f"the chip breaks off with 6985 at step {nth}, and would take BAC",
            BY_ZONE.wired(GENERAL_AUTHENTICATE, answer(b"\x69\x85"), nth),
            broken("protocol", step),
            f"step {nth}",
            sent=ONCE,
        )
        for nth, step in ((1, NONCE), (2, MAPPING), (3, AGREEMENT))
    ),
)
