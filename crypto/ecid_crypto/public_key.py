"""Public keys as numbers. Reading them from certificates is not the business of this package."""

from __future__ import annotations

from dataclasses import dataclass

from ecid_crypto.curves import Curve, Point
from ecid_crypto.errors import InvalidKey


@dataclass(frozen=True, slots=True)
class RsaPublicKey:
    """An RSA public key (RFC 8017 §3.1), not checked: see ``check_rsa``."""

    n: int
    """Modulus."""
    e: int
    """Public exponent."""

    @property
    def bits(self) -> int:
        """Return the length of the modulus in bits."""
        return self.n.bit_length()

    @property
    def byte_length(self) -> int:
        """Return the length of the modulus, and so of a signature, in bytes."""
        return (self.bits + 7) // 8


@dataclass(frozen=True, slots=True)
class EcPublicKey:
    """A public key on an elliptic curve; the point is checked when it is used."""

    curve: Curve
    """Domain parameters."""
    point: Point
    """The public point."""


PublicKey = RsaPublicKey | EcPublicKey
"""Any public key this package can use."""


def check_rsa(key: RsaPublicKey) -> None:
    """Return quietly if ``key`` is one a verifier can use, else raise ``InvalidKey``.

    Modulus odd, of 1024 to 8192 bits; exponent odd and 3 <= e < 2**33. The bounds keep a hostile
    key from costing minutes; whether 1024 bits are enough is a question of policy.
    """
    if key.n <= 0 or not 1024 <= key.bits <= 8192:
        raise InvalidKey("rsa_modulus_length")
    if key.n % 2 == 0:
        raise InvalidKey("rsa_modulus_even")
    if not 3 <= key.e < 1 << 33 or key.e % 2 == 0:
        raise InvalidKey("rsa_exponent")
