"""An eavesdropper that has the session keys, to make responses that only their MAC gets right.

The rules of Doc 9303-11 §9.8 are broken in one place only if everything else is right, and that
takes the keys. They come from the emulated card itself.
"""

from __future__ import annotations

from dataclasses import replace

from ecid.emulator.chip.secure_messaging import SecureChannel
from ecid.encoding.tlv import Cursor, encode
from ecid_crypto.cipher import Cipher, decrypt_cbc, encrypt_block, encrypt_cbc
from ecid_crypto.mac import mac_padded
from ecid_crypto.padding import pad, unpad

CRYPTOGRAM, STATUS, MAC = 0x87, 0x99, 0x8E


def objects_of(response: bytes) -> list[bytes]:
    """Return the complete data objects of a protected response, without its status word."""
    cursor, found = Cursor(response[:-2], where="response"), []
    while not cursor.at_end:
        found.append(cursor.read().raw)
    return found


class Spy:
    """The keys of a session as they stood for one response; changing nothing in the card."""

    def __init__(self, channel: SecureChannel) -> None:
        self._channel = replace(channel)

    @property
    def keys(self) -> tuple[bytes, bytes]:
        """The session keys for encryption and for the MAC."""
        return self._channel.enc, self._channel.mac

    @property
    def block_length(self) -> int:
        """Bytes in a block of the session's cipher."""
        return self._channel.cipher.block_length

    def later(self, steps: int = 1) -> Spy:
        """Return the same session with the send sequence counter further on."""
        return Spy(replace(self._channel, counter=self._channel.counter + steps))

    def seal(self, *objects: bytes, sw: int = 0x9000) -> bytes:
        """Return the response of these objects, with the right MAC over them and ``sw`` after it.

        The objects are taken as they are: DO'99' is one of them, or missing.
        """
        body = b"".join(objects)
        return body + encode(MAC, self.mac(body)) + sw.to_bytes(2, "big")

    def mac(self, body: bytes) -> bytes:
        """Return the eight bytes of MAC over ``body`` (§9.8.6)."""
        return mac_padded(self._channel.cipher, self._channel.mac, self._ssc + self.pad(body))

    def pad(self, data: bytes) -> bytes:
        """Return ``data`` padded by ISO 9797-1 method 2."""
        return pad(data, self.block_length)

    def encrypt(self, blocks: bytes) -> bytes:
        """Return whole blocks encrypted; whether they are padded is the caller's affair."""
        channel = self._channel
        return encrypt_cbc(channel.cipher, channel.enc, self._iv, blocks)

    def cryptogram(self, blocks: bytes) -> bytes:
        """Return DO'87' round the encrypted ``blocks``."""
        return encode(CRYPTOGRAM, b"\x01" + self.encrypt(blocks))

    def plain(self, response: bytes) -> bytes:
        """Return the plain data of the card's own ``response`` to a command with even INS."""
        value = Cursor(response, where="response").read(CRYPTOGRAM).value
        channel = self._channel
        return unpad(decrypt_cbc(channel.cipher, channel.enc, self._iv, value[1:]))

    @property
    def _ssc(self) -> bytes:
        return self._channel.counter.to_bytes(self.block_length, "big")

    @property
    def _iv(self) -> bytes:
        if self._channel.cipher is Cipher.TDES:
            return bytes(self.block_length)
        return encrypt_block(self._channel.cipher, self._channel.enc, self._ssc)
