"""Group AA: the key of DG15, which an answer counts with only if it is authentic."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

from Crypto.Util.number import isPrime

from chips import INTERNAL_AUTHENTICATE, Host, aa_chip, cam_chip, case
from ecid import Outcome, Verdict
from ecid.emulator.issued import IssuedCard
from ecid.emulator.keys import RsaSecret, Secret
from ecid.emulator.personalise.data_groups import com, dg15
from ecid.encoding.oid import encode_oid
from ecid.encoding.tlv import encode
from ecid.outcome import Reason
from ecid.testing import (
    Judged,
    StoredFolder,
    Subject,
    canary_card,
    fails,
    flip,
    resigned,
    rsa_key,
    sod_of,
    stays_open,
    stays_open_beside,
    with_files,
)
from ecid_crypto.rng import Rng, SeededRng
from ecid_crypto.roca import has_roca_fingerprint

HOST, ALONE, ECDSA = Host(canary_card), Host(aa_chip), Host(cam_chip)


# Whose key it is.


def holding(card: IssuedCard, key: Secret) -> IssuedCard:
    """Return a chip that signs with ``key``; its files are as they were."""
    keys = card.chip_keys
    return replace(card, chip_keys=replace(keys, active_authentication=key))


def own_key(card: IssuedCard) -> IssuedCard:
    """Return a chip with a key of its own, and a DG15 of its own that nobody signed."""
    key = rsa_key("copy").secret
    return with_files(holding(card, key), DG15=dg15(key.public))


def unlisted(card: IssuedCard) -> IssuedCard:
    """Return the card with a genuine SOD that does not list DG15, nor does EF.COM."""
    without = with_files(card, DG15=None, COM=com((1, 2, 3, 13, 14)))
    return with_files(without, DG15=card.files["DG15"], SOD=sod_of(without))


def listed_in_com(card: IssuedCard) -> IssuedCard:
    """Return the same, but EF.COM lists DG15."""
    return with_files(unlisted(card), COM=card.files["COM"])


def stored(change: Callable[[IssuedCard], IssuedCard]) -> Callable[[], Subject]:
    """Return the folder of the card as changed."""
    return lambda: StoredFolder(holder=canary_card(), card=change(canary_card()))


def with_info(oid: str) -> Callable[[IssuedCard], IssuedCard]:
    """Return a change of the signature algorithm that ActiveAuthenticationInfo names."""

    def change(card: IssuedCard) -> IssuedCard:
        named = encode(0x06, encode_oid("0.4.0.127.0.7.1.1.4.1.3"))
        assert card.files["DG14"].count(named) == 1
        other = encode(0x06, encode_oid(oid))
        assert len(other) == len(named)
        return resigned(card, DG14=card.files["DG14"].replace(named, other))

    return change


# Weak keys.


@cache
def roca_key() -> RsaSecret:
    """Return a key whose primes are k·M + (65537^a mod M), as CVE-2017-15361 made them."""
    rng = SeededRng(b"ecid testing/roca")
    p, q = _roca_prime(rng), _roca_prime(rng)
    return RsaSecret(p * q, 65537, pow(65537, -1, (p - 1) * (q - 1)), p, q)


def _roca_prime(rng: Rng) -> int:
    """Return a prime of 1,024 bits whose highest two are set; M is the product of 126 primes."""
    product = 1
    for prime in filter(isPrime, range(2, 702)):
        product *= prime
    while True:
        power = pow(65537, int.from_bytes(rng(8), "big"), product)
        start = int.from_bytes(rng(128), "big") | 3 << 1022
        candidate = start - start % product + power
        if candidate.bit_length() == 1024 and candidate >> 1022 == 3 and isPrime(candidate):
            return candidate


def weak(card: IssuedCard) -> IssuedCard:
    """Return the card with such a key, signed by its issuer."""
    key = roca_key()
    assert has_roca_fingerprint(key.public)
    return resigned(holding(card, key), DG15=dg15(key.public))


def beside(outcome: Outcome, reason: Reason) -> Judged:
    """Return the expectation of ``chip.aa`` in a report that has failed for something else."""
    return Judged(
        check="chip.aa",
        outcomes=frozenset({outcome}),
        reasons=frozenset({reason}),
        verdicts=frozenset({Verdict.FAILED}),
    )


CASES = (
    case(
        "AA-01",
        5,
        "DG15 has a key of the copy's, its hash does not fit, and the answer is right",
        HOST.with_card(own_key),
        fails("chip.aa", Reason.KEY_NOT_AUTHENTICATED),
    ),
    case(
        "AA-02",
        5,
        "the SOD does not list DG15: it is not even read, and a chip that could prove itself in no "
        "other way has proven nothing",
        ALONE.with_card(unlisted),
        Judged(
            check="chip",
            outcomes=frozenset({Outcome.NOT_SUPPORTED}),
            reasons=frozenset({Reason.NOT_OFFERED}),
        ),
        "live",
        sent={(INTERNAL_AUTHENTICATE, True): 0},
    ),
    case(
        "AA-02",
        5,
        "the SOD does not list DG15, EF.COM does, and Chip Authentication succeeds",
        HOST.with_card(listed_in_com),
        fails("lds.com", Reason.COM_MISMATCH),
        "live, in EF.COM",
    ),
    case(
        "AA-02",
        5,
        "the SOD does not list DG15, and it lies in the folder",
        stored(unlisted),
        fails("dg.15", Reason.UNLISTED),
        "folder",
    ),
    case(
        "AA-04",
        5,
        "DG15 is listed, and SELECT answers 6A82",
        HOST.with_card(lambda card: with_files(card, DG15=None)),
        fails("chip.aa", Reason.FILE_WITHHELD),
    ),
    case(
        "AA-13",
        3,
        "ActiveAuthenticationInfo names an algorithm that is none, signed by the issuer; the chip "
        "also stands by Chip Authentication, so the open check alone takes nothing away",
        ECDSA.with_card(with_info("0.4.0.127.0.7.1.1.4.1.9")),
        stays_open_beside("chip.aa", Reason.UNSUPPORTED_ALGORITHM),
        "no algorithm",
    ),
    case(
        "AA-14",
        3,
        "the key of DG15 has the fingerprint of CVE-2017-15361, signed by the issuer",
        ALONE.with_card(weak),
        stays_open("chip.aa", Reason.WEAK_KEY, "roca"),
        "alone",
    ),
    case(
        "AA-14",
        3,
        "the same, and Chip Authentication succeeds: it is what the chip stands by",
        HOST.with_card(weak),
        stays_open_beside("chip.aa", Reason.WEAK_KEY, "roca"),
        "beside Chip Authentication",
    ),
    case(
        "AA-17",
        5,
        "the signature of the SOD is wrong, and the answer is right: the key is not authentic",
        HOST.with_card(lambda card: with_files(card, SOD=flip(card.files["SOD"]))),
        beside(Outcome.UNDETERMINED, Reason.KEY_NOT_AUTHENTICATED),
    ),
)
