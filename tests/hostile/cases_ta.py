"""Group TA: the terminal authenticates itself to a chip that refuses, errs or is not genuine.

The check is ``terminal`` (design, section 6, item 12). It is optional: an open one takes nothing
away from what the chip has proven, a failed one fails the reading.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date

from chips import (
    EXTERNAL_AUTHENTICATE,
    GET_CHALLENGE,
    KIT,
    MSE,
    TERMINAL_AUTHENTICATION,
    VERIFY_CERTIFICATE,
    Host,
    case,
    dg14,
    infos_of_dg14,
    refusing,
    ta_chip,
    without,
)
from ecid import Outcome, Verdict
from ecid.emulator.behaviour import AfterChipAuthentication
from ecid.emulator.cvc_issuing import READ_DG4
from ecid.emulator.issued import IssuedCard
from ecid.emulator.pki import emulated_issuer
from ecid.emulator.terminal_pki import TerminalPki
from ecid.encoding.tlv import encode
from ecid.outcome import Reason
from ecid.testing import (
    Case,
    Judged,
    LiveCard,
    Spy,
    TerminalKit,
    aborts,
    answer,
    fails,
    flip,
    response,
    signed_by,
    spied,
    stays_open_beside,
    stays_verified,
    with_files,
)
from ecid.testing.spy import STATUS
from ecid.testing.terminals import Changes
from ecid.testing.wire import Sent

HOST = Host(ta_chip, credential=KIT.credential)
OTHER = TerminalKit(label="other", name="UTOTHER")
DG4_ALONE = TerminalKit(authority_rights=READ_DG4)
"""The same authority by name and key; its certificate in the chip grants no fingerprints."""

NOTHING_SENT: dict[Sent, int] = {
    (VERIFY_CERTIFICATE, True): 0,
    (GET_CHALLENGE, True): 0,
    (EXTERNAL_AUTHENTICATE, True): 0,
}


def failing(outcome: Outcome, reason: Reason, check: str = "terminal") -> Judged:
    """Return the expectation of a check in a report that is not verified."""
    return Judged(check=check, outcomes=frozenset({outcome}), reasons=frozenset({reason}))


def challenge(length: int) -> Callable[[], LiveCard]:
    """Return the reading of a chip that sends a challenge of this length, under the right MAC."""

    def resized(spy: Spy, answered: bytes) -> bytes:
        data = (spy.plain(answered) * 2)[:length]
        objects = [spy.cryptogram(spy.pad(data))] if data else []
        return spy.seal(*objects, encode(STATUS, b"\x90\x00"))

    return HOST.wired(GET_CHALLENGE, spied(resized), protected=True)


def with_dates(whose: str, dates: Changes) -> Callable[[], LiveCard]:
    """Return the reading by a terminal one of whose certificates has other dates."""
    return lambda: HOST.live(terminal=KIT.credential(**{whose: dates}))


EXPIRED = {"expiration": date(2025, 12, 31)}
FUTURE = {"effective": date(2026, 1, 2)}


def untrusting(content: bytes) -> Callable[[IssuedCard], IssuedCard]:
    """Return a change to a chip that trusts nobody, and to its EF.CVCA."""
    return lambda card: replace(with_files(card, CVCA=content), terminal=TerminalPki())


def other_dg14(card: IssuedCard) -> IssuedCard:
    """Return the card with a DG14 that lacks an entry, and the SOD as it was."""
    return with_files(card, DG14=dg14(without(TERMINAL_AUTHENTICATION)(infos_of_dg14(card))))


def by_rogue(card: IssuedCard) -> IssuedCard:
    """Return the card with a SOD under another CSCA of the same name."""
    return signed_by(card, emulated_issuer(card.seed, "rogue", card.country)[1])


REFUSALS = (
    ("MSE:Set DST", MSE, 2, 0),
    ("PSO:VERIFY CERTIFICATE of the verifier", VERIFY_CERTIFICATE, 1, 1),
    ("PSO:VERIFY CERTIFICATE of the terminal", VERIFY_CERTIFICATE, 2, 2),
    ("GET CHALLENGE", GET_CHALLENGE, 1, 2),
    ("EXTERNAL AUTHENTICATE", EXTERNAL_AUTHENTICATE, 1, 2),
)


def _refusals() -> Iterator[Case]:
    for name, ins, nth, certificates in REFUSALS:
        yield case(
            "TA-04",
            2,
            f"{name} answers 6300, protected; nothing is sent again, and nothing after it",
            HOST.wired(ins, refusing(0x6300), nth, protected=True),
            fails("terminal", Reason.TERMINAL_REFUSED, "6300"),
            name,
            sent={(VERIFY_CERTIFICATE, True): certificates, (ins, True): nth},
        )


CASES = (
    *(
        case(
            "TA-01",
            3,
            f"GET CHALLENGE answers {length} bytes",
            challenge(length),
            fails("terminal", Reason.CHALLENGE),
            f"{length} bytes",
            sent={(EXTERNAL_AUTHENTICATE, True): 0},
        )
        for length in (0, 7, 9)
    ),
    *(
        case(
            "TA-01",
            3,
            f"GET CHALLENGE answers {length} bytes: DG3 is not read",
            challenge(length),
            failing(Outcome.UNDETERMINED, Reason.NOT_READ, "dg.3"),
            f"{length} bytes, DG3",
        )
        for length in (7, 9)
    ),
    case(
        "TA-02",
        2,
        "the chip names an authority that no certificate of ours leads from",
        HOST.with_card(OTHER.trusted_by),
        stays_open_beside("terminal", Reason.NO_CHAIN, "authority"),
        "EF.CVCA",
        sent=NOTHING_SENT,
    ),
    case(
        "TA-02",
        2,
        "the chip names an authority that no certificate of ours leads from: DG1 is as before",
        HOST.with_card(OTHER.trusted_by),
        stays_verified("dg.1"),
        "DG1",
    ),
    case(
        "TA-02",
        2,
        "the chip says nothing of whom it trusts: EF.CVCA is empty",
        HOST.with_card(untrusting(b"")),
        stays_open_beside("terminal", Reason.NO_CHAIN, "authority"),
        "empty",
        sent=NOTHING_SENT,
    ),
    case(
        "TA-02",
        2,
        "EF.CVCA is no sequence of references",
        HOST.with_card(untrusting(b"\xff" * 36)),
        stays_open_beside("terminal", Reason.NO_CHAIN, "authority"),
        "malformed",
        sent=NOTHING_SENT,
    ),
    *_refusals(),
    case(
        "TA-04",
        2,
        "PSO:VERIFY CERTIFICATE answers 6300 in clear: the session is over",
        HOST.wired(VERIFY_CERTIFICATE, answer(b"\x63\x00"), protected=True),
        aborts("plain_response"),
        "in clear",
        sent={(VERIFY_CERTIFICATE, True): 1},
    ),
    case(
        "TA-04",
        2,
        "PSO:VERIFY CERTIFICATE answers 9000 under a wrong MAC",
        HOST.wired(VERIFY_CERTIFICATE, response(lambda a: flip(a, -3)), protected=True),
        aborts("wrong_mac"),
        "wrong MAC",
        sent={(VERIFY_CERTIFICATE, True): 1},
    ),
    case(
        "TA-04",
        2,
        "the chip trusts another key by the same name, and refuses the certificate itself",
        HOST.with_card(TerminalKit(label="other").trusted_by),
        fails("terminal", Reason.TERMINAL_REFUSED, "TA PSO:VERIFY CERTIFICATE"),
        "other key",
        sent={(VERIFY_CERTIFICATE, True): 1},
    ),
    *(
        case(
            "TA-05",
            2,
            f"the certificate of the {name}; nothing is sent",
            with_dates(who, dates),
            stays_open_beside("terminal", reason),
            name,
            sent=NOTHING_SENT,
        )
        for name, who, dates, reason in (
            ("terminal expired yesterday", "terminal", EXPIRED, Reason.EXPIRED),
            ("verifier expired yesterday", "verifier", EXPIRED, Reason.EXPIRED),
            ("terminal begins tomorrow", "terminal", FUTURE, Reason.NOT_YET_VALID),
        )
    ),
    *(
        case(
            "TA-07",
            3,
            f"{name}: it gets neither certificates nor a signature",
            build,
            failing(Outcome.UNDETERMINED, Reason.KEY_NOT_AUTHENTICATED),
            name,
            sent=NOTHING_SENT,
        )
        for name, build in (
            ("a chip whose SOD nobody trusts", HOST.with_card(by_rogue)),
            (
                "a chip whose SOD has a wrong signature",
                HOST.with_card(lambda card: with_files(card, SOD=flip(card.files["SOD"]))),
            ),
            (
                "a chip whose DG14 is another",
                HOST.with_card(other_dg14),
            ),
            (
                "a chip that refuses Chip Authentication",
                HOST.wired(MSE, refusing(0x6A80), protected=True),
            ),
        )
    ),
    case(
        "TA-07",
        3,
        "a chip that goes on under the keys from before Chip Authentication",
        HOST.faulty({}, after_chip_authentication=AfterChipAuthentication.OLD_KEYS),
        fails("chip.ca", Reason.WRONG_ANSWER),
        "old keys",
        sent=NOTHING_SENT,
    ),
    case(
        "TA-08",
        1,
        "Terminal Authentication succeeds, and DG3 answers 6982: the chip grants less than we hold",
        HOST.with_card(DG4_ALONE.trusted_by),
        Judged(
            check="dg.3",
            outcomes=frozenset({Outcome.NOT_SUPPORTED}),
            reasons=frozenset({Reason.LOCKED}),
            verdicts=frozenset({Verdict.VERIFIED}),
        ),
        "dg.3",
    ),
    case(
        "TA-08",
        1,
        "Terminal Authentication succeeds, and DG3 answers 6982: that is still a success",
        HOST.with_card(DG4_ALONE.trusted_by),
        stays_verified("terminal"),
        "terminal",
    ),
)
