"""What a card-verifiable certificate says, as values (TR-03110-3 App. C and D)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import Enum

from ecid_crypto.curves import Curve, Point, curve_by_parameters
from ecid_crypto.errors import UnsupportedAlgorithm
from ecid_crypto.public_key import RsaPublicKey
from ecid_crypto.signature import Ecdsa, RsaPkcs1v15, RsaPss

INSPECTION_SYSTEM = "0.4.0.127.0.7.3.1.2.1"
"""id-IS: the terminal type whose rights protect DG3 and DG4 (TR-03110-3 §C.4.1)."""

TaScheme = RsaPkcs1v15 | RsaPss | Ecdsa
"""The signature schemes of Terminal Authentication (TR-03110-3 §A.6.3, §A.6.4)."""


class CvcRole(Enum):
    """Who the holder is: the two highest bits of the authorization (TR-03110-3 §C.4)."""

    TERMINAL = 0b00
    DV_FOREIGN = 0b01
    DV_DOMESTIC = 0b10
    CVCA = 0b11

    @property
    def is_verifier(self) -> bool:
        """Whether this is a document verifier, domestic or foreign."""
        return self in {CvcRole.DV_DOMESTIC, CvcRole.DV_FOREIGN}


@dataclass(frozen=True, slots=True)
class Chat:
    """The certificate holder authorization template: a terminal type, a role and rights.

    ``oid`` names the terminal type, ``authorization`` is the discretionary data as received: one
    byte for inspection systems, role in its two highest bits, rights in the others.
    """

    oid: str
    authorization: bytes

    @property
    def role(self) -> CvcRole:
        """Return the role."""
        return CvcRole(self.authorization[0] >> 6)

    @property
    def rights(self) -> bytes:
        """Return the authorization without the role; as many bytes, the two highest bits zero."""
        return bytes([self.authorization[0] & 0x3F]) + self.authorization[1:]

    @property
    def reads_fingerprints(self) -> bool:
        """Whether an inspection system may read DG3 (bit 0, TR-03110-3 §C.4.1)."""
        return self.oid == INSPECTION_SYSTEM and bool(self.authorization[-1] & 0x01)

    @property
    def reads_irises(self) -> bool:
        """Whether an inspection system may read DG4 (bit 1, TR-03110-3 §C.4.1)."""
        return self.oid == INSPECTION_SYSTEM and bool(self.authorization[-1] & 0x02)


@dataclass(frozen=True, slots=True)
class EcParameters:
    """Domain parameters as the certificate has them, none of them checked (TR-03110-3 §D.3.3).

    ``generator`` is a point encoded 04 || x || y.
    """

    p: int
    a: int
    b: int
    generator: bytes
    order: int
    cofactor: int

    def curve(self) -> Curve:
        """Return the known curve that has exactly these, else raise ``UnsupportedAlgorithm``.

        Parameters of the sender's choice let a signature verify that nobody made.
        """
        width = (self.p.bit_length() + 7) // 8
        if len(self.generator) != 1 + 2 * width or self.generator[0] != 0x04:
            raise UnsupportedAlgorithm("curve")
        x, y = self.generator[1 : 1 + width], self.generator[1 + width :]
        point = Point(int.from_bytes(x, "big"), int.from_bytes(y, "big"))
        return curve_by_parameters(self.p, self.a, self.b, point, self.order, self.cofactor)


@dataclass(frozen=True, slots=True)
class CvcEcKey:
    """A public point, and the domain parameters if the certificate has any.

    Only a CVCA's certificate has them; below it the issuer's apply (TR-03110-3 §D.3.3).
    """

    point: bytes
    parameters: EcParameters | None


@dataclass(frozen=True, slots=True)
class CvcPublicKey:
    """A public key with the scheme that signatures made with it use (TR-03110-3 §D.3)."""

    oid: str
    scheme: TaScheme
    key: RsaPublicKey | CvcEcKey


@dataclass(frozen=True, slots=True)
class CardVerifiableCertificate:
    """A certificate of Terminal Authentication. Nothing in it is verified.

    ``raw`` is the whole object 7F21, ``raw_body`` the object 7F4E as received, which is what
    ``signature`` is over. ``authority_reference`` (CAR) names the key that signed it and
    ``holder_reference`` (CHR) the key in it. ``effective`` and ``expiration`` are the first and
    the last day of validity; ``extensions`` is the object 65 or None.
    """

    raw: bytes = field(repr=False)
    raw_body: bytes = field(repr=False)
    authority_reference: str
    public_key: CvcPublicKey = field(repr=False)
    holder_reference: str
    authorization: Chat
    effective: date
    expiration: date
    extensions: bytes | None = field(repr=False)
    signature: bytes = field(repr=False)
