"""The passwords of PACE: what a person gives, and the bytes that keys are derived from."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from hashlib import sha1

from ecid.errors import Misuse
from ecid_crypto.cipher import Cipher
from ecid_crypto.kdf import KdfCounter, derive_key


class PasswordReference(IntEnum):
    """Which password is meant, in DO'83' of MSE:Set AT (Doc 9303-11 §4.4.4.1, TR-03110-3 §B.1).

    Travel documents have the first two; PIN and PUK belong to identity cards.
    """

    MRZ = 1
    CAN = 2
    PIN = 3
    PUK = 4


@dataclass(frozen=True, slots=True)
class PacePassword:
    """A password and the bytes f(π) that its key is derived from (Doc 9303-11 §9.7.3)."""

    reference: PasswordReference
    secret: bytes = field(repr=False)

    @classmethod
    def from_mrz_information(cls, mrz_information: str) -> PacePassword:
        """Return the MRZ password: SHA-1 of number and dates with their check digits."""
        secret = sha1(mrz_information.encode("ascii"), usedforsecurity=False).digest()
        return cls(PasswordReference.MRZ, secret)

    @classmethod
    def from_can(cls, can: str) -> PacePassword:
        """Return the card access number: its characters are the secret."""
        return cls(PasswordReference.CAN, _characters(can))

    @classmethod
    def from_pin(cls, pin: str) -> PacePassword:
        """Return the personal identification number: its characters are the secret."""
        return cls(PasswordReference.PIN, _characters(pin))

    @classmethod
    def from_puk(cls, puk: str) -> PacePassword:
        """Return the PIN unblock key: its characters are the secret."""
        return cls(PasswordReference.PUK, _characters(puk))

    @property
    def is_mrz(self) -> bool:
        """Whether this is the MRZ password."""
        return self.reference is PasswordReference.MRZ

    def key(self, cipher: Cipher) -> bytes:
        """Return K_π, with which ``cipher`` encrypts the nonce: KDF(f(π), 3)."""
        return derive_key(self.secret, KdfCounter.PASSWORD, cipher)


def _characters(password: str) -> bytes:
    """Return the ISO 8859-1 bytes of ``password`` (§9.7.3); what has none raises ``Misuse``."""
    try:
        return password.encode("latin-1")
    except UnicodeEncodeError:
        raise Misuse from None
