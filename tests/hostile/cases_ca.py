"""Group CA: a chip that does not hold the key of DG14, or whose DG14 proves nothing.

Success is the first response that verifies under the new keys, and only with a DG14 that passive
authentication vouches for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial

from chips import (
    MSE,
    PUBLIC_KEY,
    Host,
    bac_chip,
    case,
    dg14,
    infos_of_dg14,
    refusing,
    shipped,
    without,
)
from ecid import Report, Verdict
from ecid.emulator.behaviour import AfterChipAuthentication
from ecid.emulator.card import EmulatedCard
from ecid.emulator.chip.spots import Spot
from ecid.emulator.issued import ChipKeys, IssuedCard
from ecid.emulator.keys import EcSecret
from ecid.emulator.personalise.data_groups import com
from ecid.emulator.personalise.security_infos import (
    chip_authentication_public_key_info,
)
from ecid.encoding.tlv import encode
from ecid.inspection.access import open_chip
from ecid.lds import dg14 as reading_dg14
from ecid.outcome import Outcome, Reason
from ecid.protocols.chip_authentication import choose, run_chip_authentication
from ecid.secret import AccessSecret
from ecid.testing import (
    Exchange,
    Judged,
    LiveCard,
    Subject,
    Workplace,
    aborts,
    canary_card,
    fails,
    stays_verified,
    with_files,
)
from ecid.testing.spy import STATUS, Spy
from ecid_crypto.curves import curve_by_name
from ecid_crypto.rng import system_rng

HOST, BY_ZONE = Host(canary_card), Host(canary_card, zone=True)
TDES = Host(partial(shipped, "ca-dh-3des"))

NO_PROOF = fails("chip.ca", Reason.WRONG_ANSWER)
NOT_AUTHENTIC = fails("chip.ca", Reason.KEY_NOT_AUTHENTICATED)
OK = b"\x90\x00"


# Whose key it is.


def guessed(card: IssuedCard) -> ChipKeys:
    """Return the keys of ``card`` with somebody else's for Chip Authentication."""
    key = EcSecret(curve_by_name("brainpoolP256r1"), 0xCA)
    return ChipKeys(
        chip_authentication=key, active_authentication=card.chip_keys.active_authentication
    )


def own_key(card: IssuedCard) -> IssuedCard:
    """Return a chip with a key of its own, and a DG14 of its own that nobody signed."""
    keys = guessed(card)
    assert keys.chip_authentication is not None
    info = chip_authentication_public_key_info(keys.chip_authentication.public, "explicit", None)
    content = dg14([*without(PUBLIC_KEY)(infos_of_dg14(card)), info])
    return replace(with_files(card, DG14=content), chip_keys=keys)


def copied(card: IssuedCard) -> IssuedCard:
    """Return a copy: the files as they are, and a guessed key."""
    return replace(card, chip_keys=guessed(card))


def stripped(card: IssuedCard) -> IssuedCard:
    """Return the card without DG14, which EF.COM and EF.CardAccess do not mention either."""
    return with_files(card, DG14=None, COM=com((1, 2, 3, 13, 15)), CardAccess=None)


# What the chip does after Chip Authentication.


def after(which: AfterChipAuthentication, host: Host = HOST) -> Callable[[], LiveCard]:
    """Return the reading of a chip that says 9000 and goes on as it likes."""
    return host.faulty({}, after_chip_authentication=which)


def other_card(exchange: Exchange) -> bytes:
    """Lay another genuine card on the reader, which has no session."""
    return EmulatedCard(bac_chip()).transmit(exchange.command)


def other_session(exchange: Exchange) -> bytes:
    """Lay another genuine card on the reader, which somebody has opened and answers for."""
    card = EmulatedCard(bac_chip())
    open_chip(card, AccessSecret.from_mrz(bac_chip().secrets.mrz), system_rng)
    assert card.channel is not None
    return Spy(card.channel).seal(encode(STATUS, OK))


def secret_of(number: int) -> Callable[[bytes], bytes]:
    """Return a change of the chip's shared secret to a number."""
    return lambda value: number.to_bytes(len(value), "big")


RUNS = 1_000


@dataclass(frozen=True)
class Ephemerals:
    """A thousand runs of Chip Authentication against a chip that listens, then a reading.

    Raises ``AssertionError`` if a public key came twice. It is the protocol that is run, and not
    a reading, since only our own side is in question; P-256 makes it cheap.
    """

    holder: IssuedCard = field(default_factory=bac_chip)
    key: str = "ephemerals"

    def control(self) -> Subject:
        """Return one reading."""
        return Host(bac_chip, zone=True).live()

    def attempt(self, place: Workplace) -> Report:
        """Run them."""
        choice = choose(reading_dg14.parse(self.holder.files["DG14"]))
        assert choice is not None
        heard: set[bytes] = set()

        class Listening:
            def transmit(self, command: bytes, /) -> bytes:
                if command[1] != MSE:
                    heard.add(command)
                return OK

        for _ in range(RUNS):
            run_chip_authentication(Listening(), choice, system_rng)
        assert len(heard) == RUNS
        return Host(bac_chip, zone=True).live().attempt(place)


def beside_a_failure(check: str) -> Judged:
    """Return the expectation that ``check`` is successful in a report that has failed."""
    return Judged(
        check=check,
        outcomes=frozenset({Outcome.SUCCESSFUL}),
        reasons=frozenset({None}),
        verdicts=frozenset({Verdict.FAILED}),
    )


REFUSED = HOST.wired(MSE, refusing(0x6A80), protected=True)

CASES = (
    case(
        "CA-01",
        5,
        "EF.COM and EF.CardAccess do not mention DG14, SELECT answers 6A82, the SOD lists it",
        BY_ZONE.with_card(stripped),
        fails("chip.ca", Reason.FILE_WITHHELD),
    ),
    case(
        "CA-02",
        5,
        "DG14 has a key of the copy's, its hash does not fit, and Chip Authentication completes",
        HOST.with_card(own_key),
        NOT_AUTHENTIC,
        "own key",
    ),
    case(
        "CA-02",
        5,
        "a copy with the genuine DG14 and a guessed key",
        HOST.with_card(copied),
        NO_PROOF,
        "guessed key",
    ),
    *(
        case(
            id_,
            5,
            mutation,
            after(which, host),
            NO_PROOF,
            name,
        )
        for id_, which, mutation in (
            ("CA-04", AfterChipAuthentication.OLD_KEYS, "9000, and the keys from before go on"),
            ("CA-05", AfterChipAuthentication.NO_KEYS, "9000, and answers in clear go on"),
        )
        for name, host in (("AES", HOST), ("3DES", TDES))
    ),
    *(
        case(
            "CA-08",
            5,
            f"the shared secret of the chip is {name}, as if our key were of small order",
            HOST.forging(Spot.CA_SECRET, secret_of(number)),
            NO_PROOF,
            f"secret {name}",
        )
        for name, number in (("0", 0), ("1", 1))
    ),
    case(
        "CA-14",
        5,
        "Chip Authentication is refused, Active Authentication succeeds: any failure fails",
        REFUSED,
        fails("chip", Reason.CHIP_REFUSED),
        "chip",
    ),
    case(
        "CA-14",
        5,
        "Chip Authentication is refused, Active Authentication succeeds",
        REFUSED,
        fails("chip.ca", Reason.CHIP_REFUSED),
        "chip.ca",
    ),
    case(
        "CA-14",
        5,
        "Chip Authentication is refused, Active Authentication succeeds",
        REFUSED,
        beside_a_failure("chip.aa"),
        "chip.aa",
    ),
    case(
        "CA-16",
        3,
        "a chip that listens to a thousand runs: no public key of ours comes twice",
        Ephemerals,
        stays_verified("chip.ca"),
    ),
    case(
        "CA-17",
        5,
        "another genuine card lies there when Chip Authentication begins, without a session",
        BY_ZONE.wired(MSE, other_card, protected=True),
        aborts("plain_response"),
        "no session",
    ),
    case(
        "CA-17",
        5,
        "another genuine card lies there when Chip Authentication begins, and answers in a session "
        "of its own",
        BY_ZONE.wired(MSE, other_session, protected=True),
        aborts("wrong_mac"),
        "its own session",
    ),
)
