"""Secure messaging from the chip's side (Doc 9303-11 §9.8).

The send sequence counter is raised before each command and before each response. Whatever is
wrong with a command ends the session: the caller drops it, and answers in the clear.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ecid.emulator.chip.command import (
    SM_OBJECT_MISSING,
    SM_OBJECT_WRONG,
    WRONG_LENGTH,
    Answer,
    Command,
    RefusalError,
)
from ecid.encoding.tlv import Cursor, Tlv, encode
from ecid.errors import MalformedData
from ecid_crypto.cipher import Cipher, decrypt_cbc, encrypt_block, encrypt_cbc
from ecid_crypto.errors import CryptoError
from ecid_crypto.kdf import derive_session_keys
from ecid_crypto.mac import mac_padded, verify
from ecid_crypto.padding import pad, unpad

_FIXED = 4 + 10  # DO'99' and DO'8E', which every response has


@dataclass(slots=True)
class SecureChannel:
    """One session; ``counter`` is the SSC, as wide as a block of the cipher."""

    cipher: Cipher
    enc: bytes = field(repr=False)
    mac: bytes = field(repr=False)
    counter: int = field(default=0, repr=False)

    @classmethod
    def from_secret(cls, cipher: Cipher, secret: bytes, counter: int = 0) -> SecureChannel:
        """Return the session whose keys come from a shared secret (§9.7.1, §9.8.3)."""
        enc, mac = derive_session_keys(secret, cipher)
        return cls(cipher, enc, mac, counter)

    def unprotect(self, command: Command) -> Command:
        """Return the plain command; class byte without the bits of secure messaging.

        Raises ``RefusalError`` with 6987, 6988 or 6700: the session is then over.
        """
        self._advance()
        if command.le is None:
            raise RefusalError(WRONG_LENGTH)  # a protected response always has data
        body, expected, code = _split(command)
        covered = self._pad(command.header) + b"".join(
            part.raw for part in (body, expected) if part
        )
        try:
            verify(self._mac(covered, with_body=bool(body or expected)), code.value)
            data = b"" if body is None else self._decrypt(body)
        except CryptoError as exc:
            raise RefusalError(SM_OBJECT_WRONG) from exc
        le = None if expected is None else _le(expected.value)
        cla = command.cla & ~0x0C
        return Command(cla, command.ins, command.p1, command.p2, data, le, command.extended)

    def protect(self, answer: Answer, *, odd_instruction: bool = False) -> bytes:
        """Return the protected response APDU: [87 or 85] 99 8E, and the status word again."""
        self._advance()
        sw = answer.sw.to_bytes(2, "big")
        body = self._encrypt(answer.data, odd_instruction) if answer.data else b""
        body += encode(0x99, sw)
        code = mac_padded(self.cipher, self.mac, self._ssc + self._pad(body))
        return body + encode(0x8E, code) + sw

    def largest_answer(self, limit: int) -> int:
        """Return how many plain bytes fit a protected response of ``limit`` bytes without SW."""
        block = self.cipher.block_length
        for blocks in range(limit // block, 0, -1):
            if len(encode(0x87, bytes(1 + blocks * block))) + _FIXED <= limit:
                return blocks * block - 1
        return 0

    @property
    def _ssc(self) -> bytes:
        return self.counter.to_bytes(self.cipher.block_length, "big")

    def _advance(self) -> None:
        self.counter = (self.counter + 1) % (1 << 8 * self.cipher.block_length)

    def _pad(self, data: bytes) -> bytes:
        return pad(data, self.cipher.block_length)

    def _mac(self, covered: bytes, *, with_body: bool) -> bytes:
        # The header is already padded; objects after it are padded again, together (§9.8.4).
        padded = self._pad(covered) if with_body else covered
        return mac_padded(self.cipher, self.mac, self._ssc + padded)

    @property
    def _iv(self) -> bytes:
        if self.cipher is Cipher.TDES:
            return bytes(8)
        return encrypt_block(self.cipher, self.enc, self._ssc)

    def _encrypt(self, data: bytes, odd_instruction: bool) -> bytes:
        cryptogram = encrypt_cbc(self.cipher, self.enc, self._iv, self._pad(data))
        if odd_instruction:
            return encode(0x85, cryptogram)
        return encode(0x87, b"\x01" + cryptogram)

    def _decrypt(self, body: Tlv) -> bytes:
        cryptogram = body.value
        if body.tag == 0x87:
            if cryptogram[:1] != b"\x01":
                raise RefusalError(SM_OBJECT_WRONG)
            cryptogram = cryptogram[1:]
        if not cryptogram:
            raise RefusalError(SM_OBJECT_WRONG)
        return unpad(decrypt_cbc(self.cipher, self.enc, self._iv, cryptogram))


def _split(command: Command) -> tuple[Tlv | None, Tlv | None, Tlv]:
    """Return (87 or 85, 97, 8E) of a command: in this order, each once, nothing else (§9.8.4)."""
    body_tag = 0x85 if command.ins & 1 else 0x87
    try:
        cursor = Cursor(command.data, where="command")
        body = cursor.read() if cursor.peek_tag() == body_tag else None
        expected = cursor.read() if cursor.peek_tag() == 0x97 else None
        if cursor.at_end:
            raise RefusalError(SM_OBJECT_MISSING)
        code = cursor.read(0x8E)
        cursor.finish()
    except MalformedData as exc:
        raise RefusalError(SM_OBJECT_WRONG) from exc
    return body, expected, code


def _le(value: bytes) -> int:
    """Return the number of bytes that DO'97' asks for; one or two octets, zero for the most."""
    if len(value) not in (1, 2):
        raise RefusalError(SM_OBJECT_WRONG)
    return int.from_bytes(value, "big") or (256 if len(value) == 1 else 65_536)
