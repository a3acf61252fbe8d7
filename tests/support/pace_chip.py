"""A chip's side of PACE with generic mapping, written from Doc 9303-11 §4.4 for the tests."""

from __future__ import annotations

from ecid_crypto.cipher import Cipher, encrypt_cbc
from ecid_crypto.curves import Curve, Point, decode_point, encode_point
from ecid_crypto.ec_key import EcPrivateKey
from ecid_crypto.kdf import KdfCounter, derive_key, derive_session_keys
from ecid_crypto.mac import mac
from ecid_crypto.mapping import map_generic
from ecid_crypto.rng import SeededRng
from ecid_readers.apdu import CommandApdu
from scripted_card import tlv


class PaceChip:
    """Runs PACE once with ``password``; a ``careless`` one answers whatever our token is."""

    def __init__(
        self, oid: str, cipher: Cipher, curve: Curve, password: bytes, *, careless: bool = False
    ) -> None:
        self._oid, self._cipher, self._curve = oid, cipher, curve
        self._careless = careless
        self._rng = SeededRng(b"pace chip")
        self._key = derive_key(password, KdfCounter.PASSWORD, cipher)
        self.nonce = self._rng(16)
        self._generator = self._theirs = self._ours = curve.g
        self._secret = b""

    def session_keys(self) -> tuple[bytes, bytes]:
        """Return the keys the chip arrived at."""
        return derive_session_keys(self._secret, self._cipher)

    def transmit(self, command: bytes, /) -> bytes:
        """Answer MSE:Set AT and the four GENERAL AUTHENTICATE."""
        apdu = CommandApdu.decode(command)
        if apdu.ins == 0x22:
            return b"\x90\x00"
        content = _value(apdu.data)
        if not content:
            iv = bytes(self._cipher.block_length)
            return self._objects(0x80, encrypt_cbc(self._cipher, self._key, iv, self.nonce))
        tag, value = content[0], _value(content)
        return {0x81: self._map, 0x83: self._agree, 0x85: self._prove}[tag](value)

    def _map(self, value: bytes) -> bytes:
        private = EcPrivateKey.generate(self._curve, self._rng)
        shared = private.multiply(decode_point(self._curve, value))
        self._generator = map_generic(self._curve, self.nonce, shared)
        return self._objects(0x82, encode_point(self._curve, private.public_point()))

    def _agree(self, value: bytes) -> bytes:
        private = EcPrivateKey.generate(self._curve, self._rng)
        self._theirs = decode_point(self._curve, value)
        self._ours = private.public_point(self._generator)
        self._secret = private.shared_secret(self._theirs)
        return self._objects(0x84, encode_point(self._curve, self._ours))

    def _prove(self, value: bytes) -> bytes:
        if not self._careless and value != self._token(self._ours):
            return b"\x63\x00"
        return self._objects(0x86, self._token(self._theirs))

    def _token(self, point: Point) -> bytes:
        last = int(self._oid.rpartition(".")[2])
        oid = bytes.fromhex("04007F000702020402") + bytes((last,))
        key = tlv(0x06, oid) + tlv(0x86, encode_point(self._curve, point))
        return mac(self._cipher, self.session_keys()[1], b"\x7f" + tlv(0x49, key))

    def _objects(self, tag: int, value: bytes) -> bytes:
        return tlv(0x7C, tlv(tag, value)) + b"\x90\x00"


def _value(data: bytes) -> bytes:
    """Return what stands behind a tag of one byte and a length of one or two."""
    return data[3:] if data[1] == 0x81 else data[2:]
