"""Group PACE, chip authentication mapping: what the chip sends in 8A, and EF.CardSecurity.

``chip.cam`` is at most what ``cardsecurity`` came to (design, section 3).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import cache

from chips import PUBLIC_KEY, Host, cam_chip, case, infos_of_dg14, kind
from ecid.emulator.chip.spots import Alteration, Spot
from ecid.emulator.cms import Signer, sign_card_security
from ecid.emulator.issued import IssuedCard
from ecid.emulator.keys import EcSecret
from ecid.emulator.personalise.security_infos import chip_authentication_public_key_info
from ecid.emulator.pki import SIGNING_TIME, emulated_issuer
from ecid.encoding import der_write as w
from ecid.outcome import Reason
from ecid.testing import fails, flip, issuer_of, stays_open, with_files
from ecid.testing.case import Expectation
from ecid_crypto.curves import curve_by_name

HOST = Host(cam_chip)

#: Of the parameters, and so of the static key (Doc 9303-11 §9.2.1).
NUMBER = 13

NO_DATA = fails("chip.cam", Reason.WRONG_ANSWER, "chip_authentication_data")
WRONG = fails("chip.cam", Reason.WRONG_ANSWER)
NOT_AUTHENTIC = fails("chip.cam", Reason.KEY_NOT_AUTHENTICATED)


def card_security(infos: Iterable[bytes], signer: Signer | None = None) -> bytes:
    """Return EF.CardSecurity with these SecurityInfos, signed by the issuer of the card."""
    chosen = issuer_of(cam_chip())[1] if signer is None else signer
    return sign_card_security(w.set_of(*infos), chosen, SIGNING_TIME)


@cache
def copied() -> IssuedCard:
    """Return a copy of the card: files as they are, but a static key of somebody else's."""
    guessed = EcSecret(curve_by_name("brainpoolP256r1"), 0x1CE)
    return replace(cam_chip(), chip_keys=replace(cam_chip().chip_keys, by_key_id={NUMBER: guessed}))


def own_infos() -> list[bytes]:
    """Return the SecurityInfos of the card with the static key of the copy."""
    key = copied().chip_keys.by_key_id[NUMBER]
    rest = [info for info in infos_of_dg14(cam_chip()) if kind(info) != PUBLIC_KEY]
    return [*rest, chip_authentication_public_key_info(key.public, "explicit", NUMBER)]


def bad_signature(_: IssuedCard) -> IssuedCard:
    """Return the copy with its own key in EF.CardSecurity, and a signature that is wrong."""
    return with_files(copied(), CardSecurity=flip(card_security(own_infos())))


def swapped(_: IssuedCard) -> IssuedCard:
    """Return the copy with its own key written over the one that was signed."""
    genuine, ours = (
        next(info for info in infos if kind(info) == PUBLIC_KEY)
        for infos in (infos_of_dg14(cam_chip()), own_infos())
    )
    original = cam_chip().files["CardSecurity"]
    assert original.count(genuine) == 1
    return with_files(copied(), CardSecurity=original.replace(genuine, ours))


def rogue() -> Signer:
    """Return a document signer under another CSCA of the same name."""
    return emulated_issuer(cam_chip().seed, "rogue", cam_chip().country)[1]


def by_rogue(card: IssuedCard) -> IssuedCard:
    """Return the genuine chip with EF.CardSecurity signed under a CSCA that nobody trusts."""
    return with_files(card, CardSecurity=card_security(infos_of_dg14(card), rogue()))


def copy_by_rogue(_: IssuedCard) -> IssuedCard:
    """Return the copy with EF.CardSecurity signed under a CSCA that nobody trusts."""
    return with_files(copied(), CardSecurity=card_security(own_infos(), rogue()))


def _of_8a() -> Iterable[tuple[str, dict[Spot, bytes], Expectation]]:
    """Yield what the chip sends in place of its encrypted chip authentication data."""
    yield "empty", {Spot.CAM_DATA: b""}, NO_DATA
    yield "half a block", {Spot.CAM_DATA: bytes(8)}, NO_DATA
    yield "zeros", {Spot.CAM_DATA: bytes(48)}, NO_DATA
    yield "IV of zeros", {Spot.CAM_IV: bytes(16)}, WRONG
    yield "quotient 1", {Spot.CAM_QUOTIENT: (1).to_bytes(32, "big")}, WRONG
    yield "quotient 0", {Spot.CAM_QUOTIENT: bytes(32)}, fails("chip.cam", Reason.WRONG_ANSWER)
    yield "quotient of 31 bytes", {Spot.CAM_QUOTIENT: b"\x01" * 31}, NO_DATA


def sending(value: bytes) -> Alteration:
    """Return a fault that sends ``value``, whatever is right."""
    return lambda _, __: value


CASES = (
    case(
        "PACE-20",
        5,
        "8A is left out of the last answer of PACE",
        HOST.faulty({}, omits=frozenset({Spot.CAM_DATA})),
        NO_DATA,
        "missing",
    ),
    *(
        case(
            "PACE-20",
            5,
            f"8A: {name}",
            HOST.faulty({spot: sending(value) for spot, value in spots.items()}),
            expected,
            name,
        )
        for name, spots, expected in _of_8a()
    ),
    case(
        "PACE-22",
        5,
        "a copy, whose own key stands in EF.CardSecurity, and the signature over it is wrong",
        HOST.with_card(bad_signature),
        NOT_AUTHENTIC,
        "signature",
    ),
    case(
        "PACE-22",
        5,
        "a copy, whose own key was written over the one in EF.CardSecurity",
        HOST.with_card(swapped),
        NOT_AUTHENTIC,
        "digest",
    ),
    case(
        "PACE-22",
        5,
        "a copy with the genuine EF.CardSecurity: its quotient does not lead to the mapping key",
        HOST.with_card(lambda _: copied()),
        WRONG,
        "genuine file",
    ),
    case(
        "PACE-22",
        5,
        "EF.CardSecurity is not there: 6A82",
        HOST.with_card(lambda card: with_files(card, CardSecurity=None)),
        fails("cardsecurity", Reason.FILE_WITHHELD),
        "withheld",
    ),
    case(
        "PACE-23",
        5,
        "EF.CardSecurity is signed under a CSCA of the same name that nobody trusts",
        HOST.with_card(by_rogue),
        stays_open("chip.cam", Reason.KEY_NOT_AUTHENTICATED),
        "genuine chip",
    ),
    case(
        "PACE-23",
        5,
        "a copy, whose own key stands in an EF.CardSecurity under a CSCA that nobody trusts",
        HOST.with_card(copy_by_rogue),
        fails("chip.cam", Reason.KEY_NOT_AUTHENTICATED, "another_key"),
        "copy",
    ),
)
