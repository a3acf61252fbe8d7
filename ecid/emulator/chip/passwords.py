"""The passwords of PACE and their retry counters (Doc 9303-11 §9.7.3; TR-03110-2 §3.3).

A counter falls with each wrong attempt and rises to its first value with a right one. With one
try left a password is suspended: only a session opened with the CAN may use that try. With
none it is blocked, until a session opened with the PUK resets it. MRZ and CAN of an eMRTD have
no counter unless the behaviour gives them one; where the CAN itself is suspended, nothing can
resume it, so its last try is an ordinary one.
"""

from __future__ import annotations

from ecid.emulator.chip.command import (
    BLOCKED,
    LOCKED,
    NOT_AUTHENTICATED,
    NOT_IN_THIS_STATE,
    OK,
    REFERENCE_NOT_FOUND,
    WRONG_LENGTH,
    WRONG_P1_P2,
    Answer,
    Command,
    RefusalError,
)
from ecid.emulator.chip.state import ChipState
from ecid_crypto.cipher import Cipher
from ecid_crypto.hashes import Hash
from ecid_crypto.kdf import KdfCounter, derive_key

MRZ, CAN, PIN, PUK = 1, 2, 3, 4
_TRIES_LEFT = 0x63C0


def password_key(state: ChipState, reference: int, cipher: Cipher) -> bytes:
    """Return Kπ of a password; 6A88 for one that the card lacks."""
    secrets = state.issued.secrets
    information = secrets.mrz_information
    passwords = {
        MRZ: Hash.SHA1.digest(information.encode("ascii")) if information else b"",
        CAN: secrets.can.encode(),
        PIN: secrets.pin.encode(),
        PUK: secrets.puk.encode(),
    }
    password = passwords.get(reference)
    if not password:
        raise RefusalError(REFERENCE_NOT_FOUND)
    return derive_key(password, KdfCounter.PASSWORD, cipher)


def selected(state: ChipState, reference: int) -> int:
    """Return what MSE:Set AT says of a password: 9000, or 63Cx if tries are missing (§B.11.1)."""
    first, left = state.behaviour.tries.get(reference), state.memory.tries.get(reference)
    return OK if left is None or left == first else _TRIES_LEFT | left


def require_usable(state: ChipState, reference: int) -> None:
    """Refuse a blocked password with 6983, a suspended one that was not resumed with 6985."""
    left = state.memory.tries.get(reference)
    if left == 0:
        raise RefusalError(BLOCKED)
    if suspended(state, reference) and state.opened_with != CAN:
        raise RefusalError(NOT_IN_THIS_STATE)


def suspended(state: ChipState, reference: int) -> bool:
    """Tell whether the last try of a password needs the CAN first."""
    return reference in (PIN, PUK) and state.memory.tries.get(reference) == 1


def was_right(state: ChipState, reference: int) -> None:
    """Give a password all of its tries back."""
    if reference in state.memory.tries:
        state.memory.tries[reference] = state.behaviour.tries[reference]


def was_wrong(state: ChipState, reference: int) -> int:
    """Take a try away; return 63Cx, or 6300 where nobody counts."""
    if reference not in state.memory.tries:
        return NOT_AUTHENTICATED
    state.memory.tries[reference] = max(0, state.memory.tries[reference] - 1)
    return _TRIES_LEFT | state.memory.tries[reference]


def reset_retry_counter(state: ChipState, command: Command) -> Answer:
    """RESET RETRY COUNTER without data: unblock a password in a session of the PUK (§B.13.2)."""
    if state.opened_with != PUK:
        raise RefusalError(LOCKED)
    if command.p1 != 0x03 or command.p2 not in state.memory.tries or command.p2 == PUK:
        raise RefusalError(WRONG_P1_P2)
    if command.data or command.le is not None:
        raise RefusalError(WRONG_LENGTH)
    was_right(state, command.p2)
    return Answer()
