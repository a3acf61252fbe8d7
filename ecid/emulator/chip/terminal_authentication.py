"""Terminal Authentication version 1 from the chip's side (Doc 9303-11 §7.1).

It comes after Chip Authentication, or PACE with chip authentication mapping, in the same session,
and what it grants ends when the keys change.
"""

from __future__ import annotations

from ecid.emulator.chip.command import (
    LOCKED,
    NOT_AUTHENTICATED,
    NOT_IN_THIS_STATE,
    REFERENCE_NOT_FOUND,
    WRONG_DATA,
    WRONG_LENGTH,
    WRONG_P1_P2,
    Answer,
    Command,
    RefusalError,
)
from ecid.emulator.chip.cv_certificates import CVCA, TERMINAL, CertifiedKey, check
from ecid.emulator.chip.objects import template_objects
from ecid.emulator.chip.spots import Spot
from ecid.emulator.chip.state import ChipState
from ecid.mrz.checksum import check_digit
from ecid_crypto.errors import CryptoError
from ecid_crypto.signature import verify

_CHALLENGE = 8


def set_signature_template(state: ChipState, command: Command) -> Answer:
    """MSE:Set DST: the key in 83 is to verify the next certificate (§7.1.5.1)."""
    reference = _named(state, command)
    known = [key for key in _keys(state) if key.reference == reference and key.role != TERMINAL]
    if not known:
        raise RefusalError(REFERENCE_NOT_FOUND)
    state.terminal.issuer = known[0]
    return Answer()


def verify_certificate(state: ChipState, command: Command) -> Answer:
    """PSO:VERIFY CERTIFICATE: import the key of body and signature (§7.1.5.2)."""
    _require_chip_authentication(state)
    if (command.p1, command.p2) != (0x00, 0xBE):
        raise RefusalError(WRONG_P1_P2)
    if command.le is not None:
        raise RefusalError(WRONG_LENGTH)
    issuer, state.terminal.issuer = state.terminal.issuer, None
    state.terminal.holder = None
    if issuer is None:
        raise RefusalError(NOT_IN_THIS_STATE)
    imported, today = check(command.data, issuer, state.memory.today)
    if imported.reference in state.memory.authority_references:  # known already (§7.1.4.3.7)
        raise RefusalError(NOT_IN_THIS_STATE)
    state.memory.today = today
    if imported.role == CVCA:
        state.memory.trust(imported)
    else:
        state.terminal.imported = imported
    return Answer()


def set_authentication_template(state: ChipState, command: Command) -> Answer:
    """MSE:Set AT: the key in 83 is the terminal's (§7.1.5.3)."""
    reference = _named(state, command)
    imported = state.terminal.imported
    if imported is None or imported.reference != reference or imported.role != TERMINAL:
        raise RefusalError(REFERENCE_NOT_FOUND)
    state.terminal.holder = imported
    return Answer()


def get_challenge(state: ChipState, command: Command) -> Answer:
    """Return r_IC, 8 bytes, good for the next command only."""
    if command.p1 or command.p2:
        raise RefusalError(WRONG_P1_P2)
    if command.data or command.le != _CHALLENGE:
        raise RefusalError(WRONG_LENGTH)
    state.terminal.challenge = state.rng(_CHALLENGE)
    return Answer(state.altered(Spot.TERMINAL_CHALLENGE, state.terminal.challenge))


def external_authenticate(state: ChipState, command: Command) -> Answer:
    """Check the terminal's signature over ID_IC || r_IC || Comp(PK_IFD), and grant its rights."""
    challenge, state.terminal.challenge = state.terminal.challenge, None
    holder, state.terminal.holder = state.terminal.holder, None
    if command.p1 or command.p2:
        raise RefusalError(WRONG_P1_P2)
    if challenge is None or holder is None:
        raise RefusalError(NOT_IN_THIS_STATE)
    if state.authenticated:
        raise RefusalError(LOCKED)  # once in a session (§7.1.3)
    if command.le is not None or not command.data:
        raise RefusalError(WRONG_LENGTH)
    message = _identity(state) + challenge + state.access.terminal_key
    try:
        verify(holder.scheme, holder.key, command.data, message)
    except CryptoError as exc:
        raise RefusalError(NOT_AUTHENTICATED) from exc
    state.rights, state.authenticated = holder.rights, True
    return Answer()


def _identity(state: ChipState) -> bytes:
    """Return ID_IC: the compressed key of PACE, or the document number with its check digit."""
    if state.access.chip_key:
        return state.access.chip_key
    number = state.issued.secrets.document_number.ljust(9, "<")
    return (number + check_digit(number)).encode("ascii")


def _named(state: ChipState, command: Command) -> bytes:
    """Return the key reference in 83."""
    _require_chip_authentication(state)
    given = template_objects(command.data, {0x83})
    if 0x83 not in given or command.le is not None:
        raise RefusalError(WRONG_DATA)
    return given[0x83]


def _keys(state: ChipState) -> tuple[CertifiedKey, ...]:
    imported = state.terminal.imported
    return (*state.memory.trust_points, *(() if imported is None else (imported,)))


def _require_chip_authentication(state: ChipState) -> None:
    if not state.access.terminal_key:
        raise RefusalError(NOT_IN_THIS_STATE)
