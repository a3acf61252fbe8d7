"""ECDSA on every curve, with the nonce from a generator: chips and terminals sign like this."""

from __future__ import annotations

from ecid.emulator.keys import EcSecret, generate_ec
from ecid_crypto.hashes import Hash
from ecid_crypto.rng import Rng


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
