"""Group BAC: a chip that does not prove, or cannot prove, that it knows the key of the zone.

Access control that was not finished leaves nothing to judge: it is an exception, not a check
(design, section 3). ``access_unproven`` stands for a wrong MAC and for wrong nonces alike.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

from chips import EXTERNAL_AUTHENTICATE, GET_CHALLENGE, Host, bac_chip, broken, case, denied
from ecid.emulator.card import EmulatedCard
from ecid.emulator.chip.spots import Spot
from ecid.protocols.bac import BacKey, run_bac
from ecid.secret import AccessSecret
from ecid.session.file_reader import select_application
from ecid.testing import LiveCard, answer, canary_card, flip, response, stays_verified
from ecid_crypto.rng import system_rng

HOST = Host(bac_chip, zone=True)
VIETNAMESE = Host(lambda: replace(canary_card(), profile="vn-cccd-2021-bac"), zone=True)
"""The chip refuses to start PACE, with either password."""

UNPROVEN = broken("access_unproven", "EXTERNAL AUTHENTICATE")


@cache
def recorded() -> bytes:
    """Return the answer to EXTERNAL AUTHENTICATE in an earlier session of the same chip."""
    heard: list[bytes] = []
    chip = EmulatedCard(bac_chip())

    class Tapped:
        def transmit(self, command: bytes, /) -> bytes:
            heard.append(chip.transmit(command))
            return heard[-1]

    key = BacKey.from_mrz_information(bac_chip().secrets.mrz_information)
    select_application(Tapped(), bytes.fromhex("A0000002471001"))
    run_bac(Tapped(), key, system_rng)
    return heard[-1]


def replayed() -> LiveCard:
    """Return the reading of a chip that has nothing but a recording."""
    return HOST.wired(EXTERNAL_AUTHENTICATE, answer(recorded()))()


def nonces(change: Callable[[bytes], bytes]) -> Callable[[], LiveCard]:
    """Return the reading of a chip that encrypts other nonces, under the right MAC."""
    return HOST.forging(Spot.BAC_NONCES, change)


def sealed(change: Callable[[bytes], bytes]) -> Callable[[], LiveCard]:
    """Return the reading of a chip whose answer is changed after it was sealed."""
    return HOST.forging(Spot.BAC_ANSWER, change)


def of_length(ins: int, length: int) -> Callable[[], LiveCard]:
    """Return the reading in which an answer with 9000 is cut or goes on."""
    resized = response(lambda answered: (answered[:-2] * 2)[:length] + answered[-2:])
    return HOST.wired(ins, resized)


def constant() -> LiveCard:
    """Return the reading of a chip whose random source is stuck."""
    return HOST.live(tamper=lambda wire: wire.insert(EmulatedCard(bac_chip(), rng=bytes)))


def other_zone() -> AccessSecret:
    """Return the secret of another document."""
    return AccessSecret.from_fields("L898902C4", "740812", "300415")


def other_qr() -> AccessSecret:
    """Return the QR text of another person's card, as somebody scanned it."""
    _, *rest = canary_card().secrets.qr.split("|")
    return AccessSecret.from_qr("|".join(["000090731946", *rest]))


ONCE = {(GET_CHALLENGE, False): 1, (EXTERNAL_AUTHENTICATE, False): 1}

CASES = (
    case("BAC-01", 5, "one bit of M_IC changed", sealed(flip), UNPROVEN, "MAC"),
    case("BAC-01", 5, "one bit of E_IC changed", sealed(lambda v: flip(v, 0)), UNPROVEN, "E_IC"),
    case("BAC-01", 5, "a MAC of zeros", sealed(lambda v: v[:32] + bytes(8)), UNPROVEN, "zeros"),
    case(
        "BAC-02",
        5,
        "E_IC is the encryption of anything, under the right MAC",
        nonces(lambda _: bytes(range(32))),
        UNPROVEN,
    ),
    case(
        "BAC-04",
        5,
        "RND.IC differs from the answer to GET CHALLENGE by one bit",
        nonces(lambda value: flip(value, 0)),
        UNPROVEN,
        "RND.IC",
    ),
    case(
        "BAC-04",
        5,
        "RND.IFD differs from ours by one bit",
        nonces(lambda value: flip(value, 8)),
        UNPROVEN,
        "RND.IFD",
    ),
    case(
        "BAC-04",
        5,
        "RND.IC and RND.IFD changed places",
        nonces(lambda value: value[8:16] + value[:8] + value[16:]),
        UNPROVEN,
        "changed places",
    ),
    case("BAC-05", 5, "the answer of an earlier session", replayed, UNPROVEN),
    *(
        case(
            "BAC-07",
            3,
            f"GET CHALLENGE answers {length} bytes",
            of_length(GET_CHALLENGE, length),
            broken("wrong_length", "GET CHALLENGE"),
            f"challenge of {length}",
            sent={(EXTERNAL_AUTHENTICATE, False): 0},
        )
        for length in (0, 7, 9)
    ),
    *(
        case(
            "BAC-07",
            3,
            f"EXTERNAL AUTHENTICATE answers {length} bytes",
            of_length(EXTERNAL_AUTHENTICATE, length),
            broken("wrong_length", "EXTERNAL AUTHENTICATE"),
            f"answer of {length}",
        )
        for length in (0, 32, 39, 41)
    ),
    case(
        "BAC-08",
        2,
        "the zone is that of another document: 6300; a secret that was given is tried once",
        HOST.given(secret=other_zone()),
        denied(),
        "6300",
        sent=ONCE,
    ),
    case(
        "BAC-08",
        2,
        "63C2: the chip says how many tries are left",
        HOST.wired(EXTERNAL_AUTHENTICATE, answer(b"\x63\xc2")),
        denied(tries_left=2),
        "63C2",
        sent=ONCE,
    ),
    case(
        "BAC-08",
        2,
        "a QR text of another card on a chip without PACE: the zones that its dates can mean are "
        "tried, each once: here two, and never more than three (design, section 6, item 10)",
        VIETNAMESE.given(secret=other_qr()),
        denied(),
        "QR text",
        sent={(GET_CHALLENGE, False): 2, (EXTERNAL_AUTHENTICATE, False): 2},
    ),
    case(
        "BAC-10",
        1,
        "GET CHALLENGE answers zeros in every session. The list wants undetermined(weak_rng); "
        "one reading sees one challenge and keeps nothing of the card's for the next, so there is "
        "nothing to compare with (design, section 2: judging is pure, from what one reading took). "
        "What the terminal rests on is its own RND.IFD and K.IFD",
        constant,
        stays_verified("access"),
    ),
)
