"""Secure messaging of Doc 9303-11 §9.8 (ISO 7816-4 §10), as a transport round a transport.

The inner transport sees no plain APDU. The MAC is verified before anything is decrypted.
Whatever breaks a rule ends the session for good: there is no second try, no
re-synchronisation of the counter, and no way back to clear.
"""

from __future__ import annotations

from dataclasses import replace

from ecid.encoding.tlv import Tlv, encode
from ecid.errors import SecureMessagingError
from ecid.session.keys import SessionKeys
from ecid.session.protected_response import (
    TAG_CRYPTOGRAM,
    TAG_CRYPTOGRAM_BER,
    TAG_LE,
    TAG_MAC,
    ProtectedResponse,
    unpack,
)
from ecid_crypto.cipher import Cipher, decrypt_cbc, encrypt_block, encrypt_cbc
from ecid_crypto.errors import InvalidMac, InvalidPadding
from ecid_crypto.mac import mac_padded, verify
from ecid_crypto.padding import pad, unpad
from ecid_readers.apdu import EXTENDED_LE, SHORT_DATA, SHORT_LE, CommandApdu, ResponseApdu
from ecid_readers.errors import ReaderError
from ecid_readers.transport import Transport

_SECURED = 0x0C  # CLA: secure messaging, header authenticated (ISO 7816-4 §5.4.1)
_INDICATOR = b"\x01"  # padding-content indicator: padding method 2 (§9.8.4)


class SecureMessaging:
    """A transport round ``inner`` that protects commands and verifies responses.

    ``transmit`` takes and gives plain APDUs; CLA is of the first interindustry class. A
    protected command is short where it fits short fields and the plain one was short too. A
    response longer than a short Le allows is accepted as long as the data inside it is not
    longer than the plain Le. A session has one user at a time: while an exchange is under way, it
    is closed to everybody else (``session_closed``).
    """

    def __init__(self, inner: Transport, keys: SessionKeys) -> None:
        self._inner = inner
        self._channel: _Channel | None = _Channel(keys)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(alive={self.alive})"

    @property
    def alive(self) -> bool:
        """Whether the session still stands; once False it stays False."""
        return self._channel is not None

    def transmit(self, command: bytes, /) -> bytes:
        """Send the plain ``command`` protected; return plain data and the status of DO'99'.

        Raises ``SecureMessagingError`` (``reason``: the rule broken) for every response that
        is not a correctly protected one, plain errors included, and ``session_closed`` ever
        after. An exception of the inner transport passes unchanged and closes the session
        too, since nobody knows whether the chip counted. ``MalformedApdu``: ``command`` is
        no APDU (nothing happened), or does not fit once protected (the session is closed).
        """
        plain = CommandApdu.decode(command)
        channel = self._channel
        if channel is None:
            raise SecureMessagingError("session_closed")
        # Closed while the exchange is under way: only a verified answer opens it again.
        self._channel = None
        raw = self._inner.transmit(channel.protect(plain).encode())
        answer = channel.verify(_decode(raw), plain)
        self._channel = channel
        return answer.encode()


class _Channel:
    """Keys and counter of a session that is alive."""

    def __init__(self, keys: SessionKeys) -> None:
        self._cipher, self._enc, self._mac = keys.cipher, keys.enc, keys.mac
        self._ssc = keys.ssc

    def protect(self, plain: CommandApdu) -> CommandApdu:
        """Return the protected command (§9.8.4, Figure 3): [85|87] [97] 8E."""
        self._count()
        secured = replace(plain, cla=plain.cla | _SECURED)
        objects = self._command_objects(plain)
        covered = pad(secured.header, self._cipher.block_length)
        if objects:
            # Without objects the padded header is already whole blocks (ISO 7816-4 §10.3.3).
            covered += pad(objects, self._cipher.block_length)
        body = objects + encode(TAG_MAC, self._checksum(covered))
        extended = plain.extended or len(body) > SHORT_DATA
        le = EXTENDED_LE if extended else SHORT_LE
        return replace(secured, data=body, le=le, extended=extended)

    def verify(self, response: ResponseApdu, plain: CommandApdu) -> ResponseApdu:
        """Return the plain response to ``plain``; SecureMessagingError if a rule is broken."""
        self._count()
        cryptogram_tag = _cryptogram_tag(plain)
        protected = unpack(response, cryptogram_tag)
        self._verify_mac(protected)
        if protected.status != response.sw:
            raise SecureMessagingError("status_mismatch")
        data = b"" if protected.cryptogram is None else self._decrypt(protected.cryptogram)
        if len(data) > (plain.le or 0):
            raise SecureMessagingError("too_long")
        return ResponseApdu(data, protected.status)

    def _command_objects(self, plain: CommandApdu) -> bytes:
        objects = b""
        if plain.data:
            objects += self._encrypt(_cryptogram_tag(plain), plain.data)
        if plain.le is not None:
            objects += encode(TAG_LE, _le_value(plain.le))
        return objects

    def _encrypt(self, tag: int, data: bytes) -> bytes:
        padded = pad(data, self._cipher.block_length)
        cryptogram = encrypt_cbc(self._cipher, self._enc, self._iv(), padded)
        return encode(tag, _INDICATOR + cryptogram if tag == TAG_CRYPTOGRAM else cryptogram)

    def _decrypt(self, cryptogram: Tlv) -> bytes:
        blocks = cryptogram.value
        if cryptogram.tag == TAG_CRYPTOGRAM:
            if not blocks.startswith(_INDICATOR):
                raise SecureMessagingError("padding_indicator")
            blocks = blocks[1:]
        if not blocks or len(blocks) % self._cipher.block_length:
            raise SecureMessagingError("bad_cryptogram_length")
        return self._unpad(decrypt_cbc(self._cipher, self._enc, self._iv(), blocks))

    def _unpad(self, padded: bytes) -> bytes:
        try:
            data = unpad(padded)
        except InvalidPadding as exc:
            raise SecureMessagingError("padding") from exc
        if len(padded) - len(data) > self._cipher.block_length:
            # Method 2 never adds a whole block of zeros: there would be two texts for one.
            raise SecureMessagingError("padding")
        return data

    def _verify_mac(self, protected: ProtectedResponse) -> None:
        covered = pad(protected.covered, self._cipher.block_length)
        try:
            verify(self._checksum(covered), protected.mac)
        except InvalidMac as exc:
            raise SecureMessagingError("wrong_mac") from exc

    def _checksum(self, padded: bytes) -> bytes:
        return mac_padded(self._cipher, self._mac, self._ssc + padded)

    def _iv(self) -> bytes:
        """Return the IV: zero for 3DES (§9.8.6.1), the encrypted counter for AES (§9.8.6.2)."""
        if self._cipher is Cipher.TDES:
            return bytes(self._cipher.block_length)
        return encrypt_block(self._cipher, self._enc, self._ssc)

    def _count(self) -> None:
        """Add one to the counter before each command and each response (§9.8.2)."""
        width = len(self._ssc)
        # After BAC the counter starts at random, so it may pass its end; both sides wrap.
        following = (int.from_bytes(self._ssc, "big") + 1) % 256**width
        self._ssc = following.to_bytes(width, "big")


def _decode(raw: bytes) -> ResponseApdu:
    try:
        return ResponseApdu.decode(raw)
    except ReaderError as exc:
        raise SecureMessagingError("malformed") from exc


def _cryptogram_tag(plain: CommandApdu) -> int:
    return TAG_CRYPTOGRAM_BER if plain.ins & 1 else TAG_CRYPTOGRAM


def _le_value(le: int) -> bytes:
    """Return Le as DO'97' holds it: one byte up to 256 (00), else two (0000 is 65,536)."""
    if le <= SHORT_LE:
        return bytes((le % SHORT_LE,))
    return (le % EXTENDED_LE).to_bytes(2, "big")
