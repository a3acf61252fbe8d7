"""Group CA: keys in DG14 that are none, several keys, and what DG14 says of them.

Everything here is signed by the issuer: the hashes are right.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from chips import (
    CHIP_AUTHENTICATION,
    MSE,
    PUBLIC_KEY,
    Host,
    case,
    shipped,
    with_infos,
    without,
)
from ecid.emulator.issued import IssuedCard
from ecid.emulator.keys import EcSecret
from ecid.emulator.personalise.dh_keys import dh_algorithm
from ecid.emulator.personalise.security_infos import (
    chip_authentication_info,
    chip_authentication_public_key_info,
)
from ecid.encoding import der_write as w
from ecid.encoding.oid import BSI_SMARTCARD
from ecid.outcome import Reason
from ecid.testing import (
    LiveCard,
    canary_card,
    fails,
    flip,
    stays_open,
    stays_verified,
)
from ecid_crypto.cipher import Cipher
from ecid_crypto.curves import curve_by_name, encode_point
from ecid_crypto.dh import DH_GROUPS
from ecid_crypto.public_key import EcPublicKey

HOST = Host(canary_card)
DH, TWO, P_224 = (
    Host(partial(shipped, name)) for name in ("ca-dh-aes128", "ca-two-keys", "ca-ecdh-3des")
)

MALFORMED = fails("chip.ca", Reason.MALFORMED)


# Keys that are none, in a DG14 that is signed.


def with_spki(oid: str, spki: bytes) -> Callable[[IssuedCard], IssuedCard]:
    """Return a change of the key in DG14, signed by the issuer."""
    info = w.seq(w.oid(f"{BSI_SMARTCARD}.1.{oid}"), spki)
    return lambda card: with_infos(card, lambda infos: [*without(PUBLIC_KEY)(infos), info])


def with_point(change: Callable[[bytes], bytes]) -> Callable[[], LiveCard]:
    """Return the reading of a card whose point in DG14 is changed, and signed as it then is."""

    def build(card: IssuedCard) -> IssuedCard:
        secret = card.chip_keys.chip_authentication
        assert isinstance(secret, EcSecret)
        public = secret.public
        curve = w.seq(w.oid("1.2.840.10045.2.1"), w.oid(public.curve.oid))
        point = change(encode_point(public.curve, public.point))
        return with_spki("2", w.seq(curve, w.bits(point)))(card)

    return HOST.with_card(build)


GROUP = DH_GROUPS["MODP-2048-256"]
NOT_IN_SUBGROUP = next(y for y in range(2, 99) if pow(y, GROUP.q or 1, GROUP.p) != 1)

NO_POINTS: dict[str, Callable[[bytes], bytes]] = {
    "infinity": lambda _: b"\x00",
    "zeros": lambda point: b"\x04" + bytes(len(point) - 1),
    "x is zero": lambda point: point[:1] + bytes(len(point) // 2) + point[len(point) // 2 + 1 :],
    "one byte short": lambda point: point[:-1],
    "one byte long": lambda point: point + b"\x00",
    "empty": lambda _: b"",
    "x beyond p": lambda point: point[:1] + b"\xff" * (len(point) // 2) + point[-32:],
}


def with_number(value: int) -> Callable[[], LiveCard]:
    """Return the reading of a card whose number in DG14 is another, and signed as it then is."""
    spki = w.seq(dh_algorithm(GROUP), w.bits(w.integer(value)))
    return DH.with_card(with_spki("1", spki))


# Several keys.


def infos_with_ids(*ids: int | None) -> Callable[[IssuedCard], IssuedCard]:
    """Return a change of the two ChipAuthenticationInfos: the ids of the keys they mean."""
    infos = (
        chip_authentication_info(True, Cipher.AES_192, ids[0]),
        chip_authentication_info(False, Cipher.AES_128, ids[1]),
    )
    return lambda card: with_infos(
        card, lambda found: [*without(CHIP_AUTHENTICATION)(found), *infos]
    )


def two_points(card: IssuedCard) -> IssuedCard:
    """Return the card with two keys on curves, and an info that names neither."""
    known = card.chip_keys.by_key_id[2].public
    other = EcSecret(curve_by_name("P-256"), 0x2).public
    assert isinstance(known, EcPublicKey)
    keys = (
        chip_authentication_public_key_info(known, "explicit", 2),
        chip_authentication_public_key_info(other, "explicit", 3),
    )
    info = chip_authentication_info(False, Cipher.AES_128, None)
    rest = without(PUBLIC_KEY, CHIP_AUTHENTICATION)
    return with_infos(card, lambda found: [*rest(found), *keys, info])


CASES = (
    case(
        "CA-07",
        5,
        "the point in DG14 is off the curve; the hash is right. A data group with a key that is "
        "none is malformed, whatever else it says",
        with_point(flip),
        MALFORMED,
    ),
    *(
        case(
            "CA-08",
            5,
            f"the point in DG14: {name}; the hash is right",
            with_point(change),
            MALFORMED,
            name,
        )
        for name, change in NO_POINTS.items()
    ),
    *(
        case(
            "CA-08",
            5,
            f"the number in DG14: {name}; the hash is right",
            with_number(value),
            MALFORMED,
            f"DH {name}",
        )
        for name, value in (
            ("0", 0),
            ("1", 1),
            ("-1", -1),
            ("p - 1", GROUP.p - 1),
            ("p", GROUP.p),
            ("p + g", GROUP.p + GROUP.g),
            ("outside the subgroup", NOT_IN_SUBGROUP),
        )
    ),
    case(
        "CA-10",
        3,
        "two keys, and the key ids of both infos are those of no key",
        TWO.with_card(infos_with_ids(8, 9)),
        stays_open("chip.ca", Reason.UNSUPPORTED_ALGORITHM, "ca_key_id_unmatched"),
    ),
    case(
        "CA-11",
        2,
        "two keys on curves, and an info without key id: nothing is guessed",
        TWO.with_card(two_points),
        stays_open("chip.ca", Reason.UNSUPPORTED_ALGORITHM, "ca_key_ambiguous"),
        "two of a kind",
        sent={(MSE, True): 0},
    ),
    case(
        "CA-13",
        2,
        "no ChipAuthenticationInfo: a key alone means version 1 with 3DES (TR-03110-1 §3.4)",
        P_224.with_card(lambda card: with_infos(card, without(CHIP_AUTHENTICATION))),
        stays_verified("chip.ca"),
    ),
)
