"""Every kind of Chip Authentication (Doc 9303-11 §6.2, §9.2.5, §9.2.6; TR-03110-3 §A.1.1.2)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ecid.emulator import IssuedCard
from ecid.lds import dg14
from ecid.protocols.chip_authentication import choose, run_chip_authentication
from ecid.session.secure_messaging import SecureMessaging
from ecid_crypto.cipher import Cipher
from ecid_crypto.curves import CURVES, standardised_curve
from ecid_crypto.dh import DH_GROUPS
from tests.conformance.meeting import (
    Row,
    assert_met,
    chip,
    issued,
    open_by_bac,
    read_group,
    terminal_rng,
)

NO_ID, ONE_ID, TWO_KEYS, NO_INFO = "no key id", "a key id", "two keys", "no info"
FORMS = (NO_ID, ONE_ID, TWO_KEYS, NO_INFO)

#: Key ids of the second form and of the third, where the lower one is to be taken.
_ID, _OTHER_ID = 5, 9


@dataclass(frozen=True, slots=True)
class Key:
    """A group or curve by name, and how DG14 writes the key."""

    name: str
    encoding: str

    @property
    def is_usual(self) -> bool:
        """Whether this encoding gets every form: both of numbers, explicit parameters of points."""
        return self.encoding in ("x9.42", "pkcs3", "explicit")

    def __str__(self) -> str:
        return f"{self.name}-{self.encoding}"


@dataclass(frozen=True, slots=True)
class Cell:
    """One variant of Chip Authentication."""

    key: Key
    cipher: Cipher
    form: str

    def __str__(self) -> str:
        return f"{self.key}-{self.cipher.value}-{self.form}"


def groups() -> Iterator[Key]:
    """Yield every group and curve in every encoding that it has."""
    for name in DH_GROUPS:
        yield from (Key(name, encoding) for encoding in ("x9.42", "pkcs3"))
    standardised = {standardised_curve(number).name for number in range(8, 19)}
    for name in CURVES:
        yield from (Key(name, encoding) for encoding in ("explicit", "named"))
        if name in standardised:
            yield Key(name, "standardised")


def cells(key: Key) -> Iterator[Cell]:
    """Yield the cells of ``key``; a key without ChipAuthenticationInfo means 3DES (§9.2.5)."""
    for cipher in Cipher:
        for form in (NO_ID, ONE_ID, TWO_KEYS) if key.is_usual else (NO_ID,):
            yield Cell(key, cipher, form)
    if key.is_usual:
        yield Cell(key, Cipher.TDES, NO_INFO)


def meet(cell: Cell) -> None:
    """Open the chip by BAC, authenticate it with the key of DG14, and read under the new keys."""
    label = str(cell)
    card, rng = chip(_card(cell), label), terminal_rng(label)
    session, _ = open_by_bac(card, rng)
    choice = choose(dg14.parse(read_group(session, 14)))
    assert choice is not None
    assert (choice.cipher, choice.domain.name) == (cell.cipher, cell.key.name)
    assert choice.key_id == (_ID if cell.form in (ONE_ID, TWO_KEYS) else None)
    keys = run_chip_authentication(session, choice, rng).keys
    assert_met(SecureMessaging(card, keys), keys, card)


def _card(cell: Cell) -> IssuedCard:
    cipher = "none" if cell.form == NO_INFO else cell.cipher.value
    row: Row = {"key": cell.key.name, "cipher": cipher, "encoding": cell.key.encoding}
    ids = {ONE_ID: (_ID,), TWO_KEYS: (_OTHER_ID, _ID)}.get(cell.form)
    rows = [row] if ids is None else [{**row, "key_id": number} for number in ids]
    return issued({"chip_authentication": rows})
