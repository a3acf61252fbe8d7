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
from ecid.emulator.chip.state import Application, ChipState
from ecid.emulator.keys import EcSecret, RsaSecret, generate_ec
from ecid_crypto.hashes import Hash
from ecid_crypto.rng import Rng

_HEADER, _TRAILER_SHA1 = b"\x6a", b"\xbc"


def internal_authenticate(state: ChipState, command: Command) -> Answer:
    """Sign the challenge of 8 bytes: ISO/IEC 9796-2 scheme 1 with RSA, plain ECDSA otherwise."""
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
    if isinstance(secret, RsaSecret):
        return Answer(sign_rsa(secret, command.data, state.rng))
    hash_function = active_authentication_hash(state.issued.files.get("DG14", b""))
    return Answer(sign_ecdsa(secret, hash_function or Hash.SHA256, command.data, state.rng))


def sign_rsa(secret: RsaSecret, challenge: bytes, rng: Rng) -> bytes:
    """Return the signature with partial recovery over M1 (from ``rng``) and the challenge.

    F = 6A || M1 || SHA-1(M1 || RND.IFD) || BC, as long as the modulus (Appendix F, steps 2 to 8).
    """
    length = (secret.n.bit_length() + 7) // 8
    m1 = rng(length - len(_HEADER) - Hash.SHA1.digest_length - len(_TRAILER_SHA1))
    representative = _HEADER + m1 + Hash.SHA1.digest(m1 + challenge) + _TRAILER_SHA1
    number = pow(int.from_bytes(representative, "big"), secret.d, secret.n)
    return number.to_bytes(length, "big")


def sign_ecdsa(secret: EcSecret, hash_function: Hash, message: bytes, rng: Rng) -> bytes:
    """Return r || s, each as long as the order (TR-03111 §4.2.1, plain format §5.2.1)."""
    curve = secret.curve
    digest = hash_function.digest(message)
    surplus = max(0, 8 * len(digest) - curve.n.bit_length())
    e = int.from_bytes(digest, "big") >> surplus
    r = s = 0
    while not (r and s):
        once = generate_ec(curve, rng)
        r = once.public.point.x % curve.n
        s = pow(once.scalar, -1, curve.n) * (e + r * secret.scalar) % curve.n
    width = curve.order_length
    return r.to_bytes(width, "big") + s.to_bytes(width, "big")
