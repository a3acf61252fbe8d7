"""Active Authentication from the chip's side (Doc 9303-11 §6.1, Appendix F)."""

from __future__ import annotations

from ecid.emulator.chip.command import (
    INS_NOT_SUPPORTED,
    LOCKED,
    WRONG_LENGTH,
    WRONG_P1_P2,
    Answer,
    Command,
    RefusalError,
)
from ecid.emulator.chip.offers import active_authentication_hash
from ecid.emulator.chip.spots import Spot
from ecid.emulator.chip.state import Application, ChipState
from ecid.emulator.keys import RsaSecret, Secret
from ecid.emulator.plain_ecdsa import sign_ecdsa
from ecid.encoding import der_write as w
from ecid_crypto.hashes import Hash
from ecid_crypto.rng import Rng

#: Trailers by hash: BC means SHA-1, the others end in CC (ISO/IEC 9796-2, ISO/IEC 10118-3).
_TRAILERS = {
    Hash.SHA1: b"\xbc",
    Hash.SHA224: b"\x38\xcc",
    Hash.SHA256: b"\x34\xcc",
    Hash.SHA384: b"\x36\xcc",
    Hash.SHA512: b"\x35\xcc",
}


def internal_authenticate(state: ChipState, command: Command) -> Answer:
    """Sign the challenge of 8 bytes: ISO/IEC 9796-2 scheme 1 with RSA, ECDSA otherwise."""
    if state.application is not Application.EMRTD:
        raise RefusalError(state.behaviour.outside_application)
    if not state.secured:
        raise RefusalError(LOCKED)
    if command.p1 or command.p2:
        raise RefusalError(WRONG_P1_P2)
    secret = state.issued.chip_keys.active_authentication
    if secret is None:
        raise RefusalError(INS_NOT_SUPPORTED)
    if len(command.data) != 8 or command.le is None:
        raise RefusalError(WRONG_LENGTH)
    signature = _signature(state, secret, command.data)
    return Answer(state.altered(Spot.AA_SIGNATURE, signature, command.data))


def _signature(state: ChipState, secret: Secret, challenge: bytes) -> bytes:
    behaviour = state.behaviour
    if isinstance(secret, RsaSecret):
        f = representative(secret, behaviour.active_authentication_hash, challenge, state.rng)
        return power(secret, state.altered(Spot.AA_REPRESENTATIVE, f, challenge))
    hash_function = active_authentication_hash(state.issued.files.get("DG14", b""))
    signed = sign_ecdsa(secret, hash_function or Hash.SHA256, challenge, state.rng)
    return _as_der(signed) if behaviour.active_authentication_der else signed


def representative(secret: RsaSecret, hash_function: Hash, challenge: bytes, rng: Rng) -> bytes:
    """Return F = 6A || M1 || H(M1 || RND.IFD) || trailer, as long as the modulus.

    M1 comes from ``rng`` and fills what is left (Appendix F, steps 2 to 8).
    """
    trailer = _TRAILERS[hash_function]
    m1 = rng(_length(secret) - 1 - hash_function.digest_length - len(trailer))
    return b"\x6a" + m1 + hash_function.digest(m1 + challenge) + trailer


def power(secret: RsaSecret, representative: bytes) -> bytes:
    """Return the signature of a message representative: its d-th power modulo n."""
    number = pow(int.from_bytes(representative, "big"), secret.d, secret.n)
    return number.to_bytes(_length(secret), "big")


def _length(secret: RsaSecret) -> int:
    return (secret.n.bit_length() + 7) // 8


def _as_der(plain: bytes) -> bytes:
    half = len(plain) // 2
    return w.seq(*(w.integer(int.from_bytes(part, "big")) for part in (plain[:half], plain[half:])))
