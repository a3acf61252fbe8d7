"""A CVCA key that a chip trusts in Terminal Authentication (TR-03110-1 §3.5, TR-03110-3 §A.6)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from ecid_crypto.public_key import EcPublicKey, RsaPublicKey


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustPoint:
    """The public key of a CVCA, as a chip keeps it.

    ``reference`` is its holder reference (16 bytes at most), ``oid`` the signature algorithm
    (content bytes), ``rights`` the authorisation octet: role in the two highest bits, access to
    DG4 and DG3 in the two lowest.
    """

    reference: bytes
    oid: bytes
    key: EcPublicKey | RsaPublicKey = field(repr=False)
    rights: int
    expiration: date
