"""The valid cards that the cases of chip protocols start from, and the ways to change one thing.

Each card has what its group is about, and as little else as the verdict ``verified`` needs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from types import MappingProxyType
from typing import Any

from ecid.emulator.chip.spots import Alteration, Spot
from ecid.emulator.definition import parse_definition
from ecid.emulator.issued import IssuedCard
from ecid.emulator.issuing import issue
from ecid.emulator.personalise.data_groups import dg2
from ecid.emulator.personalise.person import people, portrait
from ecid.encoding import der_write as w
from ecid.encoding.oid import BSI_SMARTCARD, decode_oid
from ecid.encoding.tlv import children, encode, parse_one
from ecid.errors import AccessDenied, ProtocolError
from ecid.protocols.terminal_credential import TerminalCredential
from ecid.secret import AccessSecret
from ecid.testing import (
    Aborted,
    Case,
    Exchange,
    LiveCard,
    Subject,
    TerminalKit,
    canary_card,
    resigned,
)
from ecid.testing.case import Expectation
from ecid.testing.spy import STATUS
from ecid.testing.wire import Hook, Sent

MSE, GENERAL_AUTHENTICATE, GET_CHALLENGE = 0x22, 0x86, 0x84
EXTERNAL_AUTHENTICATE, INTERNAL_AUTHENTICATE, VERIFY_CERTIFICATE = 0x82, 0x88, 0x2A

NONCE, MAPPING = "PACE nonce", "PACE mapping"
AGREEMENT, TOKENS = "PACE key agreement", "PACE mutual authentication"

NOTHING: Mapping[Sent, int] = MappingProxyType({})
NO_BAC: Mapping[Sent, int] = MappingProxyType(
    {(GET_CHALLENGE, False): 0, (EXTERNAL_AUTHENTICATE, False): 0}
)


# Cards.

GM_13 = {"mapping": "GM", "cipher": "AES-128", "parameters": 13}
CA_P256 = {"key": "P-256", "cipher": "AES-128"}


@cache
def bac_chip() -> IssuedCard:
    """Return a passport with BAC and Chip Authentication."""
    return passport("hostile-bac", chip_authentication=[CA_P256])


@cache
def dh_chip() -> IssuedCard:
    """Return a passport with PACE over a finite field, generic mapping."""
    pace = {"mapping": "GM", "cipher": "AES-128", "parameters": 1}
    return passport("hostile-dh", pace=[pace], chip_authentication=[CA_P256])


@cache
def two_ciphers_chip() -> IssuedCard:
    """Return a passport that offers PACE with AES-256 and with 3DES."""
    pace = [{**GM_13, "cipher": cipher} for cipher in ("AES-256", "3DES")]
    return passport("hostile-two-ciphers", pace=pace, chip_authentication=[CA_P256])


@cache
def cam_chip() -> IssuedCard:
    """Return a passport with chip authentication mapping, Chip and Active Authentication."""
    return short(issue("utopia-td3"))


@cache
def shipped(name: str) -> IssuedCard:
    """Return a shipped passport."""
    return short(issue(name))


@cache
def aa_chip() -> IssuedCard:
    """Return a Vietnamese card whose chip can prove itself by Active Authentication alone."""
    return with_infos(canary_card(), without(PUBLIC_KEY, CHIP_AUTHENTICATION))


KIT = TerminalKit()
"""The authority that the chip of ``ta_chip`` trusts with fingerprints and irises."""


@cache
def ta_chip() -> IssuedCard:
    """Return a passport whose DG3 and DG4 want Terminal Authentication."""
    return KIT.trusted_by(shipped("eac-ecdsa"))


def passport(name: str, **table: Any) -> IssuedCard:
    """Return the passport of a definition (``ecid.emulator.definition``) with a short portrait."""
    made = parse_definition(name, {"doc": name, "holder": "eriksson-td3", **table})
    return short(issue(made))


def short(card: IssuedCard) -> IssuedCard:
    """Return ``card`` with no more than the beginning of a portrait, issued again."""
    picture = portrait(people()["nam"].portrait)[:2_400]
    return resigned(card, DG2=dg2(picture, 480, 640))


# SecurityInfos.

Infos = Callable[[list[bytes]], Iterable[bytes]]
"""Changes a list of SecurityInfos (DER)."""

PUBLIC_KEY, TERMINAL_AUTHENTICATION, CHIP_AUTHENTICATION, PACE = "1", "2", "3", "4"
"""Kinds of SecurityInfo: the arc below bsi-de protocols smartcard."""


def infos_of(der_set: bytes) -> list[bytes]:
    """Return the entries of a SET of SecurityInfos."""
    return [entry.raw for entry in children(parse_one(der_set, 0x31, "SecurityInfos"))]


def dg14(infos: Iterable[bytes]) -> bytes:
    """Return DG14 with these entries."""
    return encode(0x6E, w.set_of(*infos))


def with_infos(card: IssuedCard, change: Infos) -> IssuedCard:
    """Return ``card`` with other SecurityInfos in DG14, signed by its issuer."""
    return resigned(card, DG14=dg14(change(infos_of_dg14(card))))


def kind(info: bytes) -> str:
    """Return what kind of SecurityInfo this is, empty for those of other families."""
    (oid, *_) = children(parse_one(info, 0x30, "SecurityInfo"))
    family, _, rest = decode_oid(oid.value).partition(f"{BSI_SMARTCARD}.")
    return "" if family else rest.partition(".")[0]


def without(*kinds: str) -> Infos:
    """Return a change that leaves these kinds out."""
    return lambda infos: [info for info in infos if kind(info) not in kinds]


def infos_of_dg14(card: IssuedCard) -> list[bytes]:
    """Return the entries of DG14."""
    return infos_of(parse_one(card.files["DG14"], 0x6E, "DG14").value)


# Readings.


@dataclass(frozen=True)
class Host:
    """A valid card, how it is opened, and what the terminal brings: the control of its cases.

    ``zone`` is whether it is opened with its machine readable zone.
    """

    make: Callable[[], IssuedCard]
    zone: bool = False
    credential: Callable[[], TerminalCredential] | None = None

    def live(self, **fields: Any) -> LiveCard:
        """Return the reading of the card with some fields of ``LiveCard`` changed."""
        holder = self.make()
        return LiveCard(
            holder=holder,
            good_secret=AccessSecret.from_mrz(holder.secrets.mrz) if self.zone else None,
            good_terminal=None if self.credential is None else self.credential(),
            **fields,
        )

    def given(self, **fields: Any) -> Callable[[], LiveCard]:
        """Return the same, made when it is asked for."""
        return lambda: self.live(**fields)

    def faulty(self, alter: Mapping[Spot, Alteration], **more: Any) -> Callable[[], LiveCard]:
        """Return the reading of a chip with faults; ``more`` are fields of its behaviour."""

        def build() -> LiveCard:
            behaviour = replace(self.make().behaviour, alter=alter, **more)
            return self.live(behaviour=behaviour)

        return build

    def forging(self, spot: Spot, change: Callable[[bytes], bytes]) -> Callable[[], LiveCard]:
        """Return the reading of a chip that sends something else at ``spot``."""
        return self.faulty({spot: lambda value, _: change(value)})

    def echoing(self, spot: Spot) -> Callable[[], LiveCard]:
        """Return the reading of a chip that sends back what it got."""
        return self.faulty({spot: lambda _, received: received})

    def wired(
        self, ins: int, hook: Hook, nth: int = 1, *, protected: bool = False
    ) -> Callable[[], LiveCard]:
        """Return the reading in which ``hook`` answers one command."""
        return lambda: self.live(
            tamper=lambda wire: wire.on(ins, nth, hook, protected=protected),
        )

    def with_card(
        self, change: Callable[[IssuedCard], IssuedCard], **fields: Any
    ) -> Callable[[], LiveCard]:
        """Return the reading of the card as changed."""
        return lambda: self.live(card=change(self.make()), **fields)


def broken(code: str, step: str) -> Aborted:
    """Return the expectation that the chip broke a protocol at ``step``."""
    return Aborted(error=ProtocolError, code=code, detail={"step": step, "exit_code": 9})


def denied(**detail: int) -> Aborted:
    """Return the expectation that the chip refuses the key."""
    return Aborted(error=AccessDenied, code="wrong_key", detail={"exit_code": 5, **detail})


def refusing(sw: int) -> Hook:
    """Return a hook that passes the command on, and answers a protected status word."""

    def hook(exchange: Exchange) -> bytes:
        exchange.respond()
        return exchange.spy.seal(encode(STATUS, sw.to_bytes(2, "big")), sw=sw)

    return hook


def case(
    number: str,
    weight: int,
    mutation: str,
    build: Callable[[], Subject],
    expected: Expectation,
    variant: str = "",
    *,
    sent: Mapping[Sent, int] = NOTHING,
) -> Case:
    """Return one row of a table."""
    return Case(
        id=number,
        weight=weight,
        mutation=mutation,
        build=build,
        expected=expected,
        variant=variant,
        sent=sent,
    )
