"""Basic Access Control from the chip's side (Doc 9303-11 §4.3)."""

from __future__ import annotations

import hmac

from ecid.emulator.chip.command import (
    INS_NOT_SUPPORTED,
    NOT_AUTHENTICATED,
    NOT_IN_THIS_STATE,
    WRONG_LENGTH,
    WRONG_P1_P2,
    Answer,
    Command,
    RefusalError,
)
from ecid.emulator.chip.secure_messaging import SecureChannel
from ecid.emulator.chip.spots import Spot
from ecid.emulator.chip.state import Application, ChipState
from ecid_crypto.cipher import Cipher, decrypt_cbc, encrypt_cbc
from ecid_crypto.errors import CryptoError
from ecid_crypto.hashes import Hash
from ecid_crypto.kdf import derive_session_keys
from ecid_crypto.mac import mac, verify

_IV = bytes(8)


def get_challenge(state: ChipState, command: Command) -> Answer:
    """Return RND.IC, 8 bytes, good for the next command only."""
    _require_bac(state, command)
    if command.data or command.le != 8:
        raise RefusalError(WRONG_LENGTH)
    state.challenge = state.altered(Spot.CHALLENGE, state.rng(8))
    return Answer(state.challenge)


def external_authenticate(state: ChipState, command: Command) -> Answer:
    """Check the terminal's cryptogram and return ours; secure messaging follows (§4.3.1).

    6300 for a wrong MAC or challenge; a challenge serves one attempt.
    """
    _require_bac(state, command)
    challenge, state.challenge = state.challenge, None
    if challenge is None:
        raise RefusalError(NOT_IN_THIS_STATE)
    if len(command.data) != 40 or command.le not in (40, 256):
        raise RefusalError(WRONG_LENGTH)
    enc, mac_key = _access_keys(state)
    rnd_ifd, rnd_ic, k_ifd = _opened(enc, mac_key, command.data)
    if not hmac.compare_digest(rnd_ic, challenge):
        raise RefusalError(NOT_AUTHENTICATED)
    k_ic = state.rng(16)
    seed = bytes(a ^ b for a, b in zip(k_ifd, k_ic, strict=True))
    counter = int.from_bytes(rnd_ic[4:] + rnd_ifd[4:], "big")
    state.open(SecureChannel.from_secret(Cipher.TDES, seed, counter))
    nonces = state.altered(Spot.BAC_NONCES, rnd_ic + rnd_ifd + k_ic)
    sealed = encrypt_cbc(Cipher.TDES, enc, _IV, nonces)
    return Answer(state.altered(Spot.BAC_ANSWER, sealed + mac(Cipher.TDES, mac_key, sealed)))


def _require_bac(state: ChipState, command: Command) -> None:
    if state.application is not Application.EMRTD:
        raise RefusalError(state.behaviour.outside_application)
    if not state.behaviour.basic_access:
        raise RefusalError(INS_NOT_SUPPORTED)
    if command.p1 or command.p2:
        raise RefusalError(WRONG_P1_P2)
    # Under secure messaging access is granted already; a chip without an MRZ has no keys.
    if state.secured or not state.issued.secrets.mrz_information:
        raise RefusalError(NOT_IN_THIS_STATE)


def _access_keys(state: ChipState) -> tuple[bytes, bytes]:
    """Return the document basic access keys (Doc 9303-11 §9.7.2)."""
    information = state.issued.secrets.mrz_information
    seed = Hash.SHA1.digest(information.encode("ascii"))[:16]
    return derive_session_keys(seed, Cipher.TDES)


def _opened(enc: bytes, mac_key: bytes, data: bytes) -> tuple[bytes, bytes, bytes]:
    """Return RND.IFD, RND.IC and K.IFD of the terminal's cryptogram, its MAC checked first."""
    sealed, code = data[:32], data[32:]
    try:
        verify(mac(Cipher.TDES, mac_key, sealed), code)
    except CryptoError as exc:
        raise RefusalError(NOT_AUTHENTICATED) from exc
    plain = decrypt_cbc(Cipher.TDES, enc, _IV, sealed)
    return plain[:8], plain[8:16], plain[16:]
