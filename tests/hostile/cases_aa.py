"""Group AA: answers to INTERNAL AUTHENTICATE, and the randomness of the challenge."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from chips import INTERNAL_AUTHENTICATE, Host, cam_chip, case, refusing
from ecid.emulator.chip.active_authentication import power, representative
from ecid.emulator.chip.spots import Spot
from ecid.emulator.keys import EcSecret, RsaSecret
from ecid.emulator.plain_ecdsa import sign_ecdsa
from ecid.errors import RandomnessError
from ecid.outcome import Reason
from ecid.testing import (
    Aborted,
    LiveCard,
    aborts,
    answer,
    canary_card,
    fails,
)
from ecid_crypto.curves import curve_by_name
from ecid_crypto.hashes import Hash
from ecid_crypto.rng import Rng, SeededRng

HOST, ECDSA = Host(canary_card), Host(cam_chip)

WRONG = fails("chip.aa", Reason.WRONG_ANSWER)
SHA1_LENGTH = 20
EARLIER = b"earlier!"


def sending(change: Callable[[bytes, bytes], bytes], host: Host = HOST) -> Callable[[], LiveCard]:
    """Return the reading of a chip whose answer is another; it knows the challenge."""
    return host.faulty({Spot.AA_SIGNATURE: change})


def signing(change: Callable[[bytes, bytes], bytes]) -> Callable[[], LiveCard]:
    """Return the reading of a chip that holds the key, and signs another representative."""
    return HOST.faulty({Spot.AA_REPRESENTATIVE: change})


def modulus() -> int:
    """Return n of the card's key."""
    key = canary_card().chip_keys.active_authentication
    assert isinstance(key, RsaSecret)
    return key.n


def number(value: int) -> bytes:
    """Return a number in the length of the modulus."""
    return value.to_bytes((modulus().bit_length() + 7) // 8, "big")


def hashing(hashed: Callable[[bytes, bytes], bytes]) -> Callable[[bytes, bytes], bytes]:
    """Return a change of what the representative's hash is over, of M1 and the challenge."""

    def change(value: bytes, challenge: bytes) -> bytes:
        m1 = value[1 : -SHA1_LENGTH - 1]
        return value[:1] + m1 + Hash.SHA1.digest(hashed(m1, challenge)) + value[-1:]

    return change


def shifted(value: bytes, challenge: bytes) -> bytes:
    """Return a representative that begins one byte later, its hash being right."""
    m1 = value[1 : -SHA1_LENGTH - 2]
    return b"\x00\x6a" + m1 + Hash.SHA1.digest(m1 + challenge) + value[-1:]


def earlier(host: Host) -> Callable[[bytes, bytes], bytes]:
    """Return a change to the answer of an earlier session, whose challenge was another."""

    def change(_: bytes, __: bytes) -> bytes:
        key = host.make().chip_keys.active_authentication
        assert key is not None
        if isinstance(key, EcSecret):
            return sign_ecdsa(key, Hash.SHA256, EARLIER, SeededRng(EARLIER))
        return power(key, representative(key, Hash.SHA1, EARLIER, SeededRng(EARLIER)))

    return change


def with_sha_1(_: bytes, challenge: bytes) -> bytes:
    """Return a signature with the right key and another hash than DG14 names."""
    key = cam_chip().chip_keys.active_authentication
    assert isinstance(key, EcSecret)
    return sign_ecdsa(key, Hash.SHA1, challenge, SeededRng(challenge))


def stuck() -> LiveCard:
    """Return the reading of a terminal whose random source is constant."""
    return HOST.live(rng=lambda: lambda length: b"\x5a" * length)


@dataclass(frozen=True)
class Periodic:
    """A random source that comes round again after some draws."""

    draws: int

    def __call__(self) -> Rng:
        """Return the source."""
        drawn: list[int] = []

        def rng(length: int) -> bytes:
            drawn.append(length)
            return SeededRng(bytes([len(drawn) % self.draws]))(length)

        return rng


RNG = Aborted(error=RandomnessError, code="rng", detail={"exit_code": 9})
K = 256

CASES = (
    *(
        case(
            "AA-05",
            5,
            f"INTERNAL AUTHENTICATE answers {sw:04X}, protected",
            HOST.wired(INTERNAL_AUTHENTICATE, refusing(sw), protected=True),
            fails("chip.aa", Reason.CHIP_REFUSED, f"{sw:04X}"),
            f"{sw:04X}",
        )
        for sw in (0x6A88, 0x6D00, 0x6982, 0x6F00)
    ),
    case(
        "AA-05",
        5,
        "INTERNAL AUTHENTICATE answers 6D00 in clear: the session is over",
        HOST.wired(INTERNAL_AUTHENTICATE, answer(b"\x6d\x00"), protected=True),
        aborts("plain_response"),
        "in clear",
    ),
    case(
        "AA-07",
        5,
        "the answer of an earlier session",
        sending(earlier(HOST)),
        WRONG,
        "RSA",
    ),
    case(
        "AA-07",
        5,
        "the answer of an earlier session",
        sending(earlier(ECDSA), ECDSA),
        WRONG,
        "ECDSA",
    ),
    case("AA-08", 5, "the header is 4A", signing(lambda v, _: b"\x4a" + v[1:]), WRONG, "4A"),
    case("AA-08", 5, "the header is 00 6A, the hash being right", signing(shifted), WRONG, "00 6A"),
    case("AA-08", 5, "the header is BA", signing(lambda v, _: b"\xba" + v[1:]), WRONG, "BA"),
    case("AA-08", 5, "the header is 6B", signing(lambda v, _: b"\x6b" + v[1:]), WRONG, "6B"),
    case("AA-08", 5, "the trailer is BD", signing(lambda v, _: v[:-1] + b"\xbd"), WRONG, "BD"),
    case(
        "AA-08",
        5,
        "the trailer is 33 CC: another hash",
        signing(lambda v, _: v[:-2] + b"\x33\xcc"),
        WRONG,
        "33 CC",
    ),
    *(
        case(
            "AA-10",
            3,
            f"the answer: {name}",
            HOST.forging(Spot.AA_SIGNATURE, change),
            WRONG,
            name,
        )
        for name, change in (
            ("k - 1 bytes", lambda v: v[:-1]),
            ("k - 1 bytes, the first cut", lambda v: v[1:]),
            ("empty", lambda _: b""),
            ("all ones", lambda _: b"\xff" * K),
            ("n", lambda _: number(modulus())),
            ("0", lambda _: number(0)),
            ("1", lambda _: number(1)),
            ("n - 1", lambda _: number(modulus() - 1)),
        )
    ),
    case(
        "AA-10",
        3,
        "the answer: k + 1 bytes",
        sending(lambda v, _: b"\x00" + v),
        WRONG,
        "k + 1 bytes",
    ),
    *(
        case(
            "AA-10",
            3,
            f"ECDSA: {name}",
            ECDSA.forging(Spot.AA_SIGNATURE, change),
            WRONG,
            f"ECDSA {name}",
        )
        for name, change in (
            ("63 bytes", lambda v: v[:-1]),
            ("65 bytes", lambda v: v + b"\x00"),
            ("empty", lambda _: b""),
            ("zeros", lambda _: bytes(64)),
            ("s = n", lambda v: v[:32] + curve_by_name("P-256").n.to_bytes(32, "big")),
            ("s = 0", lambda v: v[:32] + bytes(32)),
        )
    ),
    case("AA-11", 5, "the hash is over M1 alone", signing(hashing(lambda m1, _: m1)), WRONG, "M1"),
    case(
        "AA-11",
        5,
        "the hash is over the challenge alone",
        signing(hashing(lambda _, rnd: rnd)),
        WRONG,
        "RND.IFD",
    ),
    case(
        "AA-11",
        5,
        "the hash is over challenge and M1",
        signing(hashing(lambda m1, rnd: rnd + m1)),
        WRONG,
        "turned round",
    ),
    case(
        "AA-13",
        3,
        "ActiveAuthenticationInfo names SHA-256, and the chip signs with SHA-1",
        sending(with_sha_1, ECDSA),
        WRONG,
        "other hash",
    ),
    case("AA-16", 3, "the random source of the terminal is constant", stuck, RNG, "constant"),
    *(
        case(
            "AA-16",
            3,
            f"the random source of the terminal gives the same again after {draws} draws",
            HOST.given(rng=Periodic(draws)),
            RNG,
            f"period {draws}",
        )
        for draws in (1, 2, 3)
    ),
)
