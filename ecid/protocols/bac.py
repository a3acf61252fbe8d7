"""Basic Access Control: the terminal's side (Doc 9303-11 §4.3, worked example in D.2 and D.3)."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from hashlib import sha1

from ecid.errors import AccessDenied, ProtocolError
from ecid.protocols.exchange import exchange, require, tries_left
from ecid.session.keys import SessionKeys
from ecid_crypto import mac as macs
from ecid_crypto.cipher import Cipher, decrypt_cbc, encrypt_cbc
from ecid_crypto.errors import InvalidMac
from ecid_crypto.kdf import derive_session_keys
from ecid_crypto.rng import Rng
from ecid_readers.apdu import CommandApdu
from ecid_readers.status import SW_OK
from ecid_readers.transport import Transport

_ZERO_IV = bytes(8)
_CRYPTOGRAM = 32


@dataclass(frozen=True, slots=True)
class BacKey:
    """The document basic access keys K_Enc and K_MAC, 16 bytes each (Doc 9303-11 §9.7.2)."""

    enc: bytes = field(repr=False)
    mac: bytes = field(repr=False)

    @classmethod
    def from_mrz_information(cls, mrz_information: str) -> BacKey:
        """Derive the keys from document number, birth and expiry date with their check digits."""
        seed = sha1(mrz_information.encode("ascii"), usedforsecurity=False).digest()[:16]
        return cls(*derive_session_keys(seed, Cipher.TDES))

    def seal(self, plain: bytes) -> bytes:
        """Return cryptogram || MAC of ``plain`` (32 bytes), as EXTERNAL AUTHENTICATE carries it."""
        cryptogram = encrypt_cbc(Cipher.TDES, self.enc, _ZERO_IV, plain)
        return cryptogram + macs.mac(Cipher.TDES, self.mac, cryptogram)

    def open(self, sealed: bytes) -> bytes:
        """Verify the MAC of ``sealed`` (40 bytes), then decrypt it. Raises ``InvalidMac``."""
        cryptogram, tag = sealed[:_CRYPTOGRAM], sealed[_CRYPTOGRAM:]
        macs.verify(macs.mac(Cipher.TDES, self.mac, cryptogram), tag)
        return decrypt_cbc(Cipher.TDES, self.enc, _ZERO_IV, cryptogram)


def run_bac(card: Transport, key: BacKey, rng: Rng) -> SessionKeys:
    """Authenticate with ``key`` and return the 3DES session keys (Doc 9303-11 §4.3.1).

    Takes 8 random bytes RND.IFD and 16 random bytes K.IFD from ``rng``, in this order. Raises
    ``AccessDenied`` if the chip refuses the key, with the tries left if it says so, and
    ``ProtocolError``: a wrong answer, or a chip that does not prove the same key
    (``access_unproven``).
    """
    rnd_ic = require(card, CommandApdu(0x00, 0x84, 0x00, 0x00, le=8), "GET CHALLENGE")
    if len(rnd_ic) != 8:
        raise ProtocolError("GET CHALLENGE", SW_OK, "wrong_length")
    rnd_ifd, k_ifd = rng(8), rng(16)
    answer = _external_authenticate(card, key.seal(rnd_ifd + rnd_ic + k_ifd))
    k_ic = _open_answer(key, answer, rnd_ic, rnd_ifd)
    seed = bytes(ours ^ theirs for ours, theirs in zip(k_ifd, k_ic, strict=True))
    enc, mac = derive_session_keys(seed, Cipher.TDES)
    return SessionKeys(Cipher.TDES, enc, mac, ssc=rnd_ic[-4:] + rnd_ifd[-4:])


def _external_authenticate(card: Transport, data: bytes) -> bytes:
    command = CommandApdu(0x00, 0x82, 0x00, 0x00, data, le=_CRYPTOGRAM + 8)
    response = exchange(card, command)
    if response.sw != SW_OK:
        # The standard leaves the status word to the chip; none of them means anything else.
        raise AccessDenied(tries_left=tries_left(response.sw))
    return response.data


def _open_answer(key: BacKey, answer: bytes, rnd_ic: bytes, rnd_ifd: bytes) -> bytes:
    """Return K.IC once the MAC, RND.IC and RND.IFD are right (§4.3.1 step 4)."""
    step = "EXTERNAL AUTHENTICATE"
    if len(answer) != _CRYPTOGRAM + 8:
        raise ProtocolError(step, SW_OK, "wrong_length")
    try:
        plain = key.open(answer)
    except InvalidMac as exc:
        raise ProtocolError(step, SW_OK, "access_unproven") from exc
    if not hmac.compare_digest(rnd_ic + rnd_ifd, plain[:16]):
        raise ProtocolError(step, SW_OK, "access_unproven")
    return plain[16:]
