"""Group PACE, files: EF.CardAccess, which nobody signed, against DG14 and EF.CardSecurity.

What EF.CardAccess offers is bound by ``access.binding`` once DG14 is authentic (Doc 9303-11 §4.2).
The list calls its reason ``downgrade``; here it is ``binding_mismatch``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from cases_pace_cam import HOST as CAM
from cases_pace_cam import card_security
from chips import (
    MSE,
    NO_BAC,
    PACE,
    Host,
    Infos,
    case,
    infos_of,
    infos_of_dg14,
    kind,
    two_ciphers_chip,
    with_infos,
    without,
)
from ecid.emulator.issued import IssuedCard
from ecid.emulator.personalise.security_infos import pace_info
from ecid.encoding import der_write as w
from ecid.encoding.oid import BSI_SMARTCARD
from ecid.encoding.spki import write_spki
from ecid.encoding.tlv import children, encode, parse_one
from ecid.errors import AccessDenied, UnsupportedData
from ecid.outcome import Reason
from ecid.testing import (
    Aborted,
    LiveCard,
    canary_card,
    ec_key,
    fails,
    stays_verified,
    with_files,
)
from ecid_crypto.cipher import Cipher
from ecid_crypto.curves import Point, curve_by_name, encode_point
from ecid_crypto.public_key import EcPublicKey

BY_CAN, BY_ZONE = Host(canary_card), Host(canary_card, zone=True)
TWO = Host(two_ciphers_chip)

MISMATCH = fails("access.binding", Reason.BINDING_MISMATCH)
CAN_IS_NO_USE = Aborted(error=AccessDenied, code="can_needs_pace", detail={"exit_code": 5})


def unsupported(what: str) -> Aborted:
    """Return the expectation that nothing offered can be run, and BAC is not tried instead."""
    return Aborted(error=UnsupportedData, code="unsupported", detail={"what": what, "exit_code": 8})


def access(*infos: bytes, card: Callable[[], IssuedCard] = canary_card) -> bytes:
    """Return EF.CardAccess with these infos in place of the PACEInfos of the card."""
    offered = infos_of(card().files["CardAccess"])
    return w.set_of(*(info for info in offered if kind(info) != PACE), *infos)


def with_access(content: bytes | None) -> Callable[[IssuedCard], IssuedCard]:
    """Return a change of EF.CardAccess alone: DG14 stays as it was signed."""
    return lambda card: with_files(card, CardAccess=content)


def offering(*infos: bytes) -> Callable[[IssuedCard], IssuedCard]:
    """Return a change of what EF.CardAccess and DG14 both say of PACE."""

    def change(card: IssuedCard) -> IssuedCard:
        signed = with_infos(card, lambda each: [*without(PACE)(each), *infos])
        return with_files(signed, CardAccess=access(*infos))

    return change


def with_security(change: Infos) -> Callable[[IssuedCard], IssuedCard]:
    """Return a change of EF.CardSecurity alone, rightly signed."""

    def build(card: IssuedCard) -> IssuedCard:
        return with_files(card, CardSecurity=card_security(change(infos_of_dg14(card))))

    return build


GM_13 = pace_info("GM", Cipher.AES_128, 13)
GM_12 = pace_info("GM", Cipher.AES_128, 12)
IM_13 = pace_info("IM", Cipher.AES_128, 13)
GM_31, GM_40 = (pace_info("GM", Cipher.AES_128, number) for number in (31, 40))


# Domain parameters of one's own.


def rogue_parameters(number: int) -> bytes:
    """Return a PACEDomainParameterInfo: P-256 written out, with another base point."""
    curve = curve_by_name("P-256")
    spki = write_spki(ec_key("rogue curve").public, explicit=True)
    algorithm = children(parse_one(spki, 0x30, "SPKI"))[0].raw
    usual, other = (encode_point(curve, point) for point in (curve.g, _other_base()))
    assert algorithm.count(usual) == 1
    oid = w.oid(f"{BSI_SMARTCARD}.4.2")
    return w.seq(oid, algorithm.replace(usual, other), w.integer(number))


def _other_base() -> Point:
    """Return a point that is not the base point of P-256."""
    public = ec_key("base point").public
    assert isinstance(public, EcPublicKey)
    return public.point


# EF.CardAccess that is no SET of SecurityInfos.


def nested(depth: int) -> bytes:
    """Return SETs inside each other, ``depth`` of them."""
    content = b""
    for _ in range(depth):
        content = encode(0x31, content)
    return content


def _malformed() -> Iterable[tuple[str, bytes]]:
    good = canary_card().files["CardAccess"]
    yield "empty", b""
    yield "empty set", b"\x31\x00"
    yield "one byte", b"\x31"
    yield "length beyond the end", good[:1] + bytes([good[1] + 1]) + good[2:]
    yield "length too short", good[:1] + bytes([good[1] - 1]) + good[2:]
    yield "SEQUENCE in place of SET", b"\x30" + good[1:]
    yield "indefinite length", b"\x31\x80" + good[2:] + b"\x00\x00"
    yield "length of 4 GiB", b"\x31\x84\xff\xff\xff\xff" + good[2:]
    yield "PACEInfo without version", access(w.seq(children(parse_one(GM_13, 0x30, ""))[0].raw))
    yield "60 KiB of zeros", encode(0x31, bytes(60 * 1024))
    yield "60 KiB of PACEInfos", encode(0x31, GM_13 * (60 * 1024 // len(GM_13)))
    yield "5,000 levels", nested(5_000)
    yield "300 levels", nested(300)


def malformed(content: bytes, host: Host) -> Callable[[], LiveCard]:
    """Return the reading of a card with this EF.CardAccess."""
    return host.with_card(with_access(content))


CASES = (
    case(
        "PACE-14",
        5,
        "EF.CardAccess is absent, DG14 has a PACEInfo, and BAC works",
        BY_ZONE.with_card(with_access(None)),
        MISMATCH,
        "absent",
    ),
    case(
        "PACE-14",
        5,
        "EF.CardAccess is an empty set, DG14 has a PACEInfo, and BAC works",
        BY_ZONE.with_card(with_access(b"\x31\x00")),
        MISMATCH,
        "emptied",
    ),
    case(
        "PACE-14",
        5,
        "of AES-256 and 3DES in DG14, EF.CardAccess has 3DES alone",
        TWO.with_card(with_access(access(pace_info("GM", Cipher.TDES, 13), card=two_ciphers_chip))),
        MISMATCH,
        "weakened",
    ),
    *(
        case(
            "PACE-16",
            3,
            f"EF.CardAccess offers {name}, which DG14 does not have",
            BY_CAN.with_card(with_access(access(GM_13, extra))),
            MISMATCH,
            name,
        )
        for name, extra in (
            ("another curve", GM_12),
            ("another mapping", IM_13),
            ("domain parameters", rogue_parameters(13)),
        )
    ),
    *(
        case(
            "PACE-17",
            3,
            f"EF.CardSecurity, with the right signature, has {name}",
            CAM.with_card(with_security(change)),
            MISMATCH,
            name,
        )
        for name, change in (
            ("fewer PACEInfos", lambda infos: [each for each in infos if each != GM_13]),
            ("no PACEInfo", without(PACE)),
            ("one PACEInfo more", lambda infos: [*infos, GM_12]),
            ("another PACEInfo", lambda infos: [GM_12 if i == GM_13 else i for i in infos]),
        )
    ),
    *(
        case(
            "PACE-25",
            2,
            f"EF.CardAccess: {name}; read with the zone, BAC opens the chip, and DG14 tells",
            malformed(content, BY_ZONE),
            MISMATCH,
            name,
        )
        for name, content in _malformed()
    ),
    *(
        case(
            "PACE-25",
            2,
            f"EF.CardAccess: {name}; read with the card access number, which wants PACE",
            malformed(content, BY_CAN),
            CAN_IS_NO_USE,
            f"{name}, CAN",
            sent={(MSE, False): 0, **NO_BAC},
        )
        for name, content in _malformed()
    ),
    *(
        case(
            "PACE-26",
            2,
            f"{name} beside those that are known; EF.CardAccess and DG14 agree",
            BY_CAN.with_card(offering(info, GM_13)),
            stays_verified("access"),
            f"{name} beside others",
        )
        for name, info in (("parameters 31", GM_31), ("parameters 40", GM_40))
    ),
    *(
        case(
            "PACE-26",
            2,
            f"{name} and nothing else; the zone would open the chip by BAC, which is not tried "
            "where PACE is offered (design, section 6, item 10)",
            BY_ZONE.with_card(offering(info)),
            unsupported(what),
            name,
            sent={(MSE, False): 0, **NO_BAC},
        )
        for name, info, what in (
            ("parameters 31", GM_31, "pace_parameters_unknown"),
            ("parameters 40", GM_40, "pace_parameters_proprietary"),
        )
    ),
    case(
        "PACE-28",
        5,
        "two PACEInfos for parameters 40 and 41, which EF.CardAccess and DG14 define as curves of "
        "their own",
        BY_ZONE.with_card(
            offering(
                GM_40,
                pace_info("GM", Cipher.AES_128, 41),
                rogue_parameters(40),
                rogue_parameters(41),
            )
        ),
        unsupported("pace_parameters_proprietary"),
        "proprietary",
        sent={(MSE, False): 0, **NO_BAC},
    ),
    case(
        "PACE-28",
        5,
        "EF.CardAccess alone defines parameters 13 as a curve of its own: the standardised one is "
        "used all the same, and the difference to DG14 is found",
        BY_CAN.with_card(with_access(access(GM_13, rogue_parameters(13)))),
        MISMATCH,
        "13 again",
    ),
    case(
        "PACE-28",
        5,
        "EF.CardAccess and DG14 define parameters 13 as a curve of their own: a genuine chip that "
        "says so is run on the standardised one",
        BY_CAN.with_card(offering(GM_13, rogue_parameters(13))),
        stays_verified("access.binding"),
        "13 again, signed",
    ),
)
