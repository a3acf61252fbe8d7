"""Defect D4: shared secrets that start with zero bytes are used in full length.

A secret like that comes up once in 256 runs, or once in 65,536, and a reader that shortens it fails
in the field and never in a test. Here it is forced: the chip knows the terminal's private key a,
picks the secret element Q it wants and sends Q / a as its public key.
"""

from __future__ import annotations

from functools import cache

import pytest

from ecid.protocols.chip_authentication import (
    ChipAuthenticationChoice,
    run_chip_authentication,
)
from ecid.protocols.pace import PacePassword, run_pace
from ecid_crypto.cipher import Cipher
from ecid_crypto.curves import decompress_point, encode_point
from ecid_crypto.dh import encode_public
from ecid_crypto.domain import DhDomain, Domain, EcDomain, standardised_domain
from ecid_crypto.errors import CryptoError
from ecid_crypto.kdf import derive_session_keys
from ecid_crypto.rng import ScriptedRng, SeededRng
from pace_chip import PaceChip, suite
from scripted_card import FunctionCard, tlv

CAN = PacePassword.from_can("123456")

#: Steps of the walk through a finite field in search of elements that start with zeros.
_WALK = 1 << 18


def order(domain: Domain) -> int:
    """Return the order of the group."""
    if isinstance(domain, EcDomain):
        return domain.curve.n
    assert isinstance(domain, DhDomain)
    assert domain.group.q is not None
    return domain.group.q


def scalar(domain: Domain, seed: bytes) -> tuple[int, bytes]:
    """Return a private key, and the bytes that a source must give for it."""
    length = (order(domain).bit_length() + 7) // 8
    number = int.from_bytes(SeededRng(seed)(length + 8), "big") % (order(domain) - 1) + 1
    return number, number.to_bytes(length, "big")


def element(domain: Domain, zeros: int, seed: int) -> bytes:
    """Return an element whose secret starts with exactly so many zero bytes."""
    if isinstance(domain, DhDomain):
        found = _walked(domain)[zeros]
        return found[seed % len(found)]
    assert isinstance(domain, EcDomain)
    width = domain.curve.field_length
    rng = SeededRng(b"element %d" % seed)
    while True:
        x = bytes(zeros) + bytes((rng(1)[0] | 1,)) + rng(width - zeros - 1)
        try:
            return encode_point(domain.curve, decompress_point(domain.curve, b"\x02" + x))
        except CryptoError:
            continue


@cache
def _walked(domain: DhDomain) -> dict[int, list[bytes]]:
    """Return elements of the subgroup that start with one and with two zero bytes."""
    group, found = domain.group, dict[int, list[bytes]]({1: [], 2: []})
    width, y = group.field_length, group.g
    for _ in range(_WALK):
        y = y * group.g % group.p
        zeros = width - (y.bit_length() + 7) // 8
        if zeros in found:
            found[zeros].append(encode_public(group, y))
    return found


def secret_of(domain: Domain, shared: bytes) -> bytes:
    """Return the shared secret of an element: its x-coordinate, or itself."""
    if isinstance(domain, DhDomain):
        return shared.rjust(domain.group.field_length, b"\x00")
    return shared[1 : 1 + (len(shared) - 1) // 2]


class ForcingChip(PaceChip):
    """Makes the shared secret that of ``wanted``, knowing the terminal's private key."""

    wanted: bytes
    terminal: int

    def _agree(self, value: bytes) -> bytes:
        domain = self.parameters.domain
        inverse = domain.key(pow(self.terminal, -1, order(domain)))
        self._theirs, self.public = value, inverse.multiply(self.wanted)
        self.secret = secret_of(domain, self.wanted)
        return tlv(0x7C, tlv(0x84, self.public)) + b"\x90\x00"


def run_forced_pace(arcs: str, number: int, zeros: int, seed: int) -> None:
    """Run PACE to a secret with so many zeros; both sides must have the same keys."""
    parameters = suite(arcs, number)
    domain = parameters.domain
    _, first = scalar(domain, b"mapping %d" % seed)
    if parameters.mapping == "IM":
        first = SeededRng(b"nonce %d" % seed)(parameters.cipher.key_length)
    chip = ForcingChip(parameters, CAN, rng=SeededRng(b"chip %d" % seed))
    chip.terminal, second = scalar(domain, b"agreement %d" % seed)
    chip.wanted = element(domain, zeros, seed)
    result = run_pace(chip, parameters, CAN, ScriptedRng(first, second))
    assert chip.secret.startswith(bytes(zeros))
    assert chip.secret[zeros]
    assert chip.session_keys() == (result.keys.enc, result.keys.mac)


def run_forced_chip_authentication(cipher: Cipher, number: int, zeros: int, seed: int) -> None:
    """Run Chip Authentication to a secret with so many zeros."""
    domain = standardised_domain(number)
    terminal, drawn = scalar(domain, b"ephemeral %d" % seed)
    wanted = element(domain, zeros, seed)
    static = domain.key(pow(terminal, -1, order(domain))).multiply(wanted)
    choice = ChipAuthenticationChoice("0.4.0.127.0.7.2.2.3.2.2", cipher, domain, static, None)
    card = FunctionCard(lambda _: b"\x7c\x00\x90\x00")
    keys = run_chip_authentication(card, choice, ScriptedRng(drawn)).keys
    secret = secret_of(domain, wanted)
    assert secret.startswith(bytes(zeros))
    assert derive_session_keys(secret, cipher) == (keys.enc, keys.mac)


@pytest.mark.parametrize("zeros", [1, 2])
@pytest.mark.parametrize(
    ("arcs", "number"),
    [("2.2", 12), ("2.4", 13), ("2.1", 18), ("4.2", 12), ("6.2", 12), ("1.2", 0), ("3.4", 0)],
)
def test_d04_leading_zeros_in_pace(arcs: str, number: int, zeros: int) -> None:
    """Every mapping, over curves and finite fields."""
    for seed in range(5):
        run_forced_pace(arcs, number, zeros, seed)


@pytest.mark.parametrize("zeros", [1, 2])
@pytest.mark.parametrize("cipher", Cipher)
@pytest.mark.parametrize("number", [0, 12, 13, 18])
def test_d04_leading_zeros_in_chip_authentication(cipher: Cipher, number: int, zeros: int) -> None:
    """Every cipher, over curves and finite fields."""
    for seed in range(5):
        run_forced_chip_authentication(cipher, number, zeros, seed)


@pytest.mark.deep
@pytest.mark.parametrize("zeros", [1, 2])
@pytest.mark.parametrize(("arcs", "number"), [("2.2", 12), ("1.2", 0)])
def test_d04_two_thousand_runs_of_pace(arcs: str, number: int, zeros: int) -> None:
    """2,000 seeded runs each, over a curve and over a finite field (PA10, POS-17)."""
    for seed in range(2000):
        run_forced_pace(arcs, number, zeros, seed)


@pytest.mark.deep
@pytest.mark.parametrize("zeros", [1, 2])
@pytest.mark.parametrize("number", [12, 0])
def test_d04_two_thousand_runs_of_chip_authentication(number: int, zeros: int) -> None:
    """2,000 seeded runs each, over a curve and over a finite field (POS-17)."""
    for seed in range(2000):
        run_forced_chip_authentication(Cipher.AES_128, number, zeros, seed)
