"""Every suite of PACE with every password (Doc 9303-11 §4.4.3, §9.5.1; TR-03110-3 §A.1.1.1)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from ecid.emulator import EmulatedCard, IssuedCard
from ecid.inspection.access import EMRTD_AID, read_card_access
from ecid.lds.files import CARD_SECURITY
from ecid.lds.security_infos import parse_card_access
from ecid.outcome import SUCCESS
from ecid.protocols.card_security import authenticate_card_security
from ecid.protocols.pace import (
    CamAnswer,
    PacePassword,
    PasswordReference,
    check_cam,
    choose,
    run_pace,
    static_keys,
)
from ecid.session.file_reader import read_file, select_application
from ecid.session.secure_messaging import SecureMessaging
from ecid.trust.store import TrustStore
from ecid_crypto.cipher import Cipher
from ecid_crypto.curves import standardised_curve
from tests.conformance.meeting import SHORT_READ, Row, assert_met, chip, issued, terminal_rng

#: Finite fields, then curves; P-224 is the one whose prime the integrated mapping cannot use.
FIELDS, CURVES, P224 = range(3), range(8, 19), 10


@dataclass(frozen=True, slots=True)
class Suite:
    """One row of the matrix: a variant of PACE with standardised domain parameters."""

    mapping: str
    cipher: Cipher
    parameter_id: int

    @property
    def agreement(self) -> str:
        """Return the kind of key agreement."""
        return "DH" if self.parameter_id in FIELDS else "ECDH"

    def __str__(self) -> str:
        return f"{self.mapping}-{self.agreement}-{self.cipher.value}-{self.parameter_id}"


@dataclass(frozen=True, slots=True)
class Cell:
    """A suite and the password that opens it."""

    suite: Suite
    password: PasswordReference

    def __str__(self) -> str:
        return f"{self.suite}-{self.password.name}"


def groups() -> Iterator[Suite]:
    """Yield every suite that the standards know, in the order of the page."""
    for mapping in ("GM", "IM", "CAM"):
        for ids in (FIELDS, CURVES):
            for cipher in Cipher:
                if mapping == "CAM" and (ids is FIELDS or cipher is Cipher.TDES):
                    continue
                for number in ids:
                    if not (mapping == "IM" and number == P224):
                        yield Suite(mapping, cipher, number)


def cells(suite: Suite) -> Iterator[Cell]:
    """Yield the cells of ``suite``: one for each password."""
    yield from (Cell(suite, password) for password in PasswordReference)


def meet(cell: Cell) -> None:
    """Open a chip that offers the suite with the password, and read from it under the keys."""
    suite, label = cell.suite, str(cell)
    card = chip(_card(suite), label)
    parameters = choose(parse_card_access(read_card_access(card) or b"").pace)
    assert (parameters.mapping, parameters.cipher) == (suite.mapping, suite.cipher)
    assert parameters.parameter_id == suite.parameter_id
    password = _password(card.issued, cell.password)
    result = run_pace(card, parameters, password, terminal_rng(label))
    session = SecureMessaging(card, result.keys)
    assert (result.chip_authentication is not None) == (suite.mapping == "CAM")
    if result.chip_authentication is not None:
        _assert_proven(session, card, result.chip_authentication, suite.parameter_id)
    select_application(session, EMRTD_AID)
    assert_met(session, result.keys, card)


def _assert_proven(
    session: SecureMessaging, card: EmulatedCard, answer: CamAnswer, parameter_id: int
) -> None:
    """Assert that the chip proved the key that an authentic EF.CardSecurity holds."""
    raw = read_file(session, CARD_SECURITY, max_read=SHORT_READ)
    found = authenticate_card_security(raw, TrustStore.of(card.issued.csca))
    assert found.finding == SUCCESS
    assert found.infos is not None
    [static] = static_keys(answer.domain, parameter_id, found.infos)
    assert check_cam(answer, static) == SUCCESS


@lru_cache(maxsize=2)
def _card(suite: Suite) -> IssuedCard:
    offered: Row = {
        "mapping": suite.mapping,
        "cipher": suite.cipher.value,
        "parameters": suite.parameter_id,
    }
    table: Row = {"pin": "935562", "puk": "4870243291", "pace": [offered]}
    if suite.mapping == "CAM":
        key: Row = {
            "key": standardised_curve(suite.parameter_id).name,
            "cipher": suite.cipher.value,
            "key_id": suite.parameter_id,  # its number is that of the parameters (§9.2.1)
        }
        table["chip_authentication"] = [key]
    return issued(table)


def _password(card: IssuedCard, reference: PasswordReference) -> PacePassword:
    secrets = card.secrets
    match reference:
        case PasswordReference.MRZ:
            return PacePassword.from_mrz_information(secrets.mrz_information)
        case PasswordReference.CAN:
            return PacePassword.from_can(secrets.can)
        case PasswordReference.PIN:
            return PacePassword.from_pin(secrets.pin)
        case PasswordReference.PUK:
            return PacePassword.from_puk(secrets.puk)
