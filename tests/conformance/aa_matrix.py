"""Every kind of Active Authentication (Doc 9303-11 §6.1, §9.2.4, App. F)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ecid.lds import dg14, dg15
from ecid.outcome import SUCCESS
from ecid.protocols.active_authentication import (
    AnswerCheck,
    check_answer,
    derive_challenge,
    internal_authenticate,
)
from ecid.session.file_reader import short_read_length
from ecid_crypto.cipher import Cipher
from ecid_crypto.curves import CURVES
from ecid_crypto.hashes import Hash
from ecid_crypto.iso9796_2 import verify_scheme1
from ecid_crypto.public_key import RsaPublicKey
from tests.conformance.meeting import (
    assert_met,
    chip,
    issued,
    open_by_bac,
    read_group,
    terminal_rng,
)

RSA = tuple(f"RSA-{bits}" for bits in (1024, 1536, 2048, 3072, 4096))


@dataclass(frozen=True, slots=True)
class Cell:
    """One variant of Active Authentication: a key by name, and the hash of its signatures."""

    key: str
    hash: Hash

    def __str__(self) -> str:
        return f"{self.key}-{self.hash.value}"


def groups() -> Iterator[str]:
    """Yield every size of RSA that a card may have, then every curve."""
    yield from RSA
    yield from CURVES


def cells(key: str) -> Iterator[Cell]:
    """Yield the cells of ``key``: with RSA the hash is that of the trailer."""
    yield from (Cell(key, each) for each in Hash)


def meet(cell: Cell) -> None:
    """Open the chip by BAC, have it sign, check what it answers, and go on in the session."""
    label = str(cell)
    choice = {"key": cell.key, "hash": cell.hash.value}
    card, rng = chip(issued({"active_authentication": choice}), label), terminal_rng(label)
    session, keys = open_by_bac(card, rng)
    key = dg15.parse(read_group(session, 15)).key
    challenge = derive_challenge(rng(32), b"")
    answer = internal_authenticate(session, challenge, key, short_read_length(Cipher.TDES))
    assert answer.ok
    if isinstance(key, RsaPublicKey):
        infos = None
        assert verify_scheme1(key, answer.data, challenge) is cell.hash
    else:
        infos = dg14.parse(read_group(session, 14))
    assert check_answer(key, infos, challenge, answer.data) == AnswerCheck(SUCCESS)
    assert_met(session, keys, card)
