"""Group SM: responses under secure messaging, changed on the wire (Doc 9303-11 §9.8).

What is tampered with is a READ BINARY of DG2, in the session of Chip Authentication, unless the
variant says otherwise. "The right MAC" takes the session keys, which only a forged chip has.
"""

from __future__ import annotations

from collections.abc import Callable

from ecid.emulator.issued import IssuedCard
from ecid.encoding.tlv import encode
from ecid.errors import ChipError
from ecid.outcome import Reason
from ecid.testing import (
    Aborted,
    Case,
    Exchange,
    LiveCard,
    Spy,
    Wire,
    aborts,
    answer,
    canary_card,
    fails,
    flip,
    large_card,
    replay,
    response,
    spied,
    stays_verified,
)
from ecid.testing.case import Expectation
from ecid.testing.spy import MAC, objects_of
from ecid.testing.wire import Hook
from ecid_crypto.cipher import Cipher
from ecid_crypto.mac import mac_padded

READ_BINARY, READ_BINARY_ODD, INTERNAL_AUTHENTICATE = 0xB0, 0xB1, 0x88
IN_SOD, IN_DG1, IN_DG2 = 3, 11, 20
"""Which protected READ BINARY: SOD is read in the session of PACE, DG1 and DG2 in that of CA."""

OK = b"\x90\x00"
UNKNOWN = bytes.fromhex("8003616263")
STATUS_OBJECT = bytes.fromhex("99029000")


def reading(hook: Hook, nth: int = IN_DG2, ins: int = READ_BINARY) -> Callable[[], LiveCard]:
    """Return the reading of a valid card in which ``hook`` answers one command."""
    return lambda: LiveCard(holder=canary_card(), tamper=lambda wire: wire.on(ins, nth, hook))


def every_read_of_dg1(hook: Hook) -> Callable[[], LiveCard]:
    """Return a reading in which ``hook`` answers every READ BINARY of DG1."""

    def tamper(wire: Wire) -> None:
        for nth in range(IN_DG1, IN_DG1 + 2):
            wire.on(READ_BINARY, nth, hook)

    return lambda: LiveCard(holder=canary_card(), tamper=tamper)


def large(hook: Hook) -> Callable[[], LiveCard]:
    """Return a reading beyond 32 KiB, where ``hook`` answers the first READ BINARY with odd INS."""

    def build() -> LiveCard:
        holder: IssuedCard = large_card()
        return LiveCard(holder=holder, tamper=lambda wire: wire.on(READ_BINARY_ODD, 1, hook))

    return build


def in_clear(spy: Spy, answered: bytes) -> bytes:
    """Return the right data, unprotected."""
    return spy.plain(answered) + OK


def resealed(change: Callable[[Spy, list[bytes]], list[bytes]]) -> Hook:
    """Return a hook that changes the objects before DO'8E' and gives them the right MAC."""

    def forge(spy: Spy, answered: bytes) -> bytes:
        *objects, _ = objects_of(answered)
        return spy.seal(*change(spy, objects), sw=int.from_bytes(answered[-2:], "big"))

    return spied(forge)


def unkeyed(change: Callable[[list[bytes]], list[bytes]]) -> Hook:
    """Return a hook that changes the objects, DO'8E' included, without any key."""
    return response(lambda answered: b"".join(change(objects_of(answered))) + answered[-2:])


def with_mac(length: int) -> Hook:
    """Return a hook that cuts or extends the right MAC to ``length`` bytes."""

    def change(objects: list[bytes]) -> list[bytes]:
        mac = objects[-1][2:]
        return [*objects[:-1], encode(MAC, (mac + mac)[:length])]

    return unkeyed(change)


def guessed_mac(objects: list[bytes]) -> list[bytes]:
    """Return the objects with one bit of the cryptogram changed and a MAC under a guessed key."""
    changed = [flip(objects[0]), *objects[1:-1]]
    body = b"".join(changed)
    padded = body + b"\x80" + bytes(-(len(body) + 1) % 16)
    return [*changed, encode(MAC, mac_padded(Cipher.AES_128, bytes(16), bytes(16) + padded))]


def resent(exchange: Exchange) -> bytes:
    """Lose the response; the link sends the command again, and the card has counted on."""
    exchange.respond()
    return exchange.respond()


def next_counter(spy: Spy, answered: bytes) -> bytes:
    """Return the response as the card would send it one command later."""
    later = spy.later(2)
    return later.seal(later.cryptogram(spy.pad(spy.plain(answered))), STATUS_OBJECT)


def padded_by(blocks: Callable[[Spy], bytes]) -> Hook:
    """Return a hook that answers these decrypted blocks, with the right MAC."""
    return spied(lambda spy, _: spy.seal(spy.cryptogram(blocks(spy)), STATUS_OBJECT))


def too_long(spy: Spy, _: bytes) -> bytes:
    """Return 224 plain bytes where 223 were asked for."""
    return spy.seal(spy.cryptogram(spy.pad(bytes(224))), STATUS_OBJECT)


def overrun(index: int, length: bytes) -> Hook:
    """Return a hook that gives the object ``index`` another length field."""

    def change(objects: list[bytes]) -> list[bytes]:
        chosen = objects[index]
        objects[index] = chosen[:1] + length + chosen[2 if chosen[1] < 0x80 else 3 :]
        return objects

    return unkeyed(change)


def inside(spy: Spy, objects: list[bytes]) -> list[bytes]:
    """Return the objects with an unknown one inside the value of DO'99'."""
    return [objects[0], encode(0x99, UNKNOWN + OK)]


def case(
    number: str,
    weight: int,
    mutation: str,
    build: Callable[[], LiveCard],
    expected: Expectation,
    variant: str = "",
) -> Case:
    """Return one row of the table."""
    return Case(
        id=number,
        weight=weight,
        mutation=mutation,
        build=build,
        expected=expected,
        variant=variant,
    )


PLAIN = aborts("plain_response")
WRONG_MAC = aborts("wrong_mac")
UNEXPECTED = aborts("unexpected_object")
PADDING = aborts("padding")
MALFORMED = aborts("malformed")

CASES = (
    case("SM-01", 5, "the right data in clear", reading(spied(in_clear)), PLAIN, "DG2"),
    case("SM-01", 5, "the right data in clear", reading(spied(in_clear), IN_SOD), PLAIN, "SOD"),
    case("SM-01", 5, "9000 in clear, no data", reading(answer(OK)), PLAIN, "no data"),
    case(
        "SM-01",
        5,
        "an answer to Active Authentication in clear with 9000; only 6700, 6Cxx and 61xx may say "
        "in clear that the link cannot carry the answer (design, section 6, item 15)",
        reading(response(lambda _: bytes(256) + OK), 1, INTERNAL_AUTHENTICATE),
        PLAIN,
        "AA",
    ),
    case("SM-02", 5, "6282 in clear with data", reading(answer(b"\x61\x62\x82")), PLAIN, "6282"),
    case("SM-02", 5, "6B00 in clear", reading(answer(b"\x6b\x00")), PLAIN, "6B00"),
    case("SM-02", 5, "6282 in clear, no data", reading(answer(b"\x62\x82")), PLAIN, "6282 empty"),
    case(
        "SM-02",
        5,
        "6982 in clear to Active Authentication",
        reading(answer(b"\x69\x82"), 1, INTERNAL_AUTHENTICATE),
        PLAIN,
        "AA",
    ),
    case(
        "SM-04",
        5,
        "no DO'99', and the right MAC without it",
        reading(resealed(lambda _, objects: objects[:1])),
        aborts("missing_status"),
    ),
    case(
        "SM-05",
        3,
        "DO'87' taken away on the wire",
        reading(unkeyed(lambda objects: objects[1:])),
        WRONG_MAC,
        "wire",
    ),
    case(
        "SM-05",
        3,
        "the chip answers every READ BINARY of DG1 with 9000 and no DO'87', under the right MAC. "
        "That is a lawful response without data (9303-11 Figure 4) from the chip itself, so the "
        "session stands; a file that never comes is malformed, and never verified",
        every_read_of_dg1(spied(lambda spy, _: spy.seal(STATUS_OBJECT))),
        fails("dg.1", Reason.MALFORMED),
        "chip",
    ),
    case(
        "SM-05",
        3,
        "the same for one READ BINARY: it is repeated, the file is complete and its hash is right",
        reading(resealed(lambda _, objects: objects[1:])),
        stays_verified("dg.2"),
        "chip, once",
    ),
    *(
        case(
            "SM-07",
            5,
            f"the right MAC, {length} bytes of it",
            reading(with_mac(length)),
            aborts("mac_length"),
            f"{length} bytes",
        )
        for length in (0, 4, 7, 9, 16)
    ),
    case(
        "SM-08",
        5,
        "one bit of the cryptogram changed",
        reading(unkeyed(lambda objects: [flip(objects[0]), *objects[1:]])),
        WRONG_MAC,
        "same MAC",
    ),
    case(
        "SM-08",
        5,
        "one bit of the cryptogram changed, MAC under a guessed key",
        reading(unkeyed(guessed_mac)),
        WRONG_MAC,
        "guessed key",
    ),
    case("SM-10", 5, "the response before this one, again", reading(replay()), WRONG_MAC),
    case(
        "SM-11",
        5,
        "the response is lost and the command sent again: the card has ended the session",
        reading(resent),
        PLAIN,
        "resent",
    ),
    case(
        "SM-11",
        5,
        "the response is lost and a later one delivered",
        reading(spied(next_counter)),
        WRONG_MAC,
        "later counter",
    ),
    case(
        "SM-13",
        3,
        "an unknown object before DO'8E', under the right MAC; the grammar is closed (threat S6)",
        reading(resealed(lambda _, objects: [*objects, UNKNOWN])),
        UNEXPECTED,
        "before 8E",
    ),
    case(
        "SM-13",
        3,
        "an unknown object between DO'87' and DO'99', under the right MAC",
        reading(resealed(lambda _, objects: [objects[0], UNKNOWN, objects[1]])),
        UNEXPECTED,
        "before 99",
    ),
    case(
        "SM-13",
        3,
        "an unknown object first, under the right MAC: that is no protected response at all",
        reading(resealed(lambda _, objects: [UNKNOWN, *objects])),
        PLAIN,
        "first",
    ),
    case(
        "SM-13",
        3,
        "an unknown object inside DO'99', under the right MAC",
        reading(resealed(inside)),
        aborts("status_length"),
        "inside 99",
    ),
    case(
        "SM-14",
        5,
        "an unknown object after DO'8E'",
        reading(unkeyed(lambda objects: [*objects, UNKNOWN])),
        UNEXPECTED,
        "after 8E",
    ),
    case(
        "SM-14",
        5,
        "an unknown object before DO'8E', MAC as it was",
        reading(unkeyed(lambda objects: [*objects[:-1], UNKNOWN, objects[-1]])),
        UNEXPECTED,
        "before 8E",
    ),
    case(
        "SM-16",
        3,
        "DO'99' before DO'87', under the right MAC",
        reading(resealed(lambda _, objects: [objects[1], objects[0]])),
        aborts("object_order"),
    ),
    case(
        "SM-17",
        3,
        "padding of zeros without 80, right MAC; the MAC is verified before anything is decrypted, "
        "so nobody without the key can tell this error from that of the MAC: class and code are "
        "the same, and the reason is reached with the right MAC only",
        reading(padded_by(lambda spy: b"data".ljust(spy.block_length, b"\0"))),
        PADDING,
        "zeros",
    ),
    case(
        "SM-17",
        3,
        "padding that begins in the block before the last, right MAC",
        reading(padded_by(lambda spy: b"data\x80".ljust(2 * spy.block_length, b"\0"))),
        PADDING,
        "wrong block",
    ),
    case("SM-19", 3, "one byte more than Le", reading(spied(too_long)), aborts("too_long")),
    case(
        "SM-20",
        2,
        "DO'87' without anything, not even the padding indicator, right MAC",
        reading(resealed(lambda _, objects: [encode(0x87, b""), objects[1]])),
        aborts("padding_indicator"),
        "no value",
    ),
    case(
        "SM-20",
        2,
        "DO'87' with the padding indicator and no cryptogram, right MAC; padding makes the "
        "shortest cryptogram one block, so an empty one is no empty answer",
        reading(resealed(lambda _, objects: [encode(0x87, b"\x01"), objects[1]])),
        aborts("bad_cryptogram_length"),
        "no cryptogram",
    ),
    case(
        "SM-22",
        2,
        "DO'85' in a response to even INS, right MAC",
        reading(resealed(lambda _, objects: [b"\x85" + objects[0][1:], *objects[1:]])),
        UNEXPECTED,
        "85",
    ),
    case(
        "SM-22",
        2,
        "DO'87' in a response to odd INS, right MAC",
        large(resealed(lambda _, objects: [b"\x87" + objects[0][1:], *objects[1:]])),
        UNEXPECTED,
        "87",
    ),
    case("SM-23", 3, "DO'87' overruns the APDU", reading(overrun(0, b"\x81\xff")), MALFORMED, "87"),
    case("SM-23", 3, "DO'99' overruns the APDU", reading(overrun(1, b"\x7f")), MALFORMED, "99"),
    case("SM-23", 3, "DO'8E' overruns the APDU", reading(overrun(2, b"\x7f")), MALFORMED, "8E"),
    case(
        "SM-23",
        3,
        "a length of four gigabytes",
        reading(overrun(0, b"\x84\xff\xff\xff\xff")),
        MALFORMED,
        "4 GiB",
    ),
    case(
        "SM-23", 3, "the indefinite length", reading(overrun(0, b"\x80")), MALFORMED, "indefinite"
    ),
    case(
        "SM-23",
        3,
        "half a status word: that is no response APDU",
        reading(answer(b"\x90")),
        Aborted(error=ChipError, code="chip_error"),
        "one byte",
    ),
)
