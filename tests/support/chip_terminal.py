"""The smallest terminal that can talk to an emulated card, on `ecid_crypto` alone.

It shares nothing with ``ecid.session`` and ``ecid.protocols``, whose own tests meet the emulator
elsewhere. It believes the chip whatever does not need checking and asserts the rest.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

from ecid_crypto.cipher import Cipher, decrypt_cbc, encrypt_block, encrypt_cbc
from ecid_crypto.curves import curve_by_name, decode_point, encode_point
from ecid_crypto.ec_key import EcPrivateKey
from ecid_crypto.hashes import Hash
from ecid_crypto.kdf import KdfCounter, derive_key, derive_session_keys
from ecid_crypto.mac import mac, mac_padded
from ecid_crypto.mapping import map_generic
from ecid_crypto.padding import pad, unpad
from ecid_crypto.rng import Rng, system_rng

AID = bytes.fromhex("A0000002471001")
PACE_OID = bytes.fromhex("04007F00070202040202")
CA_OID = bytes.fromhex("04007F00070202030202")


class Reply(NamedTuple):
    """Data and status word of one exchange."""

    data: bytes
    sw: int


class Card(Protocol):
    """What answers APDUs."""

    def transmit(self, command: bytes, /) -> bytes:
        """Answer one command."""
        ...


def tlv(tag: int, value: bytes) -> bytes:
    """Return one data object with a DER length."""
    length = len(value)
    octets = b"" if length < 0x80 else length.to_bytes((length.bit_length() + 7) // 8, "big")
    first = bytes([0x80 | len(octets)]) if octets else bytes([length])
    return tag.to_bytes(max(1, (tag.bit_length() + 7) // 8), "big") + first + octets + value


def split(data: bytes) -> list[tuple[int, bytes, bytes]]:
    """Return (tag, value, raw) of each object with a one-byte tag in ``data``."""
    found, at = [], 0
    while at < len(data):
        start, tag, length = at, data[at], data[at + 1]
        at += 2
        if length & 0x80:
            count = length & 0x7F
            length = int.from_bytes(data[at : at + count], "big")
            at += count
        found.append((tag, data[at : at + length], data[start : at + length]))
        at += length
        assert at <= len(data)
    return found


class Session:
    """Secure messaging from the terminal's side, strict (Doc 9303-11 §9.8)."""

    def __init__(self, cipher: Cipher, enc: bytes, mac_key: bytes, counter: int = 0) -> None:
        self.cipher, self.enc, self.mac, self.counter = cipher, enc, mac_key, counter

    @classmethod
    def agreed(cls, cipher: Cipher, secret: bytes, counter: int = 0) -> Session:
        """Return the session of a shared secret."""
        return cls(cipher, *derive_session_keys(secret, cipher), counter)

    def protect(
        self,
        header: bytes,
        data: bytes = b"",
        le: int | None = None,
        *,
        extended: bool = False,
    ) -> bytes:
        """Return the protected command; ``le`` 256 and 65,536 are written as zeros."""
        self.counter += 1
        header = bytes([header[0] | 0x0C]) + header[1:4]
        body = b""
        if data:
            sealed = encrypt_cbc(self.cipher, self.enc, self._iv(), self._pad(data))
            body += tlv(0x85, sealed) if header[1] & 1 else tlv(0x87, b"\x01" + sealed)
        if le is not None:
            size = 2 if extended else 1
            body += tlv(0x97, (le % (1 << 8 * size)).to_bytes(size, "big"))
        covered = self._pad(self._pad(header) + body) if body else self._pad(header)
        body += tlv(0x8E, mac_padded(self.cipher, self.mac, self._ssc() + covered))
        if extended or len(body) > 255:
            return header + b"\x00" + len(body).to_bytes(2, "big") + body + b"\x00\x00"
        return header + bytes([len(body)]) + body + b"\x00"

    def open(self, response: bytes) -> Reply:
        """Return the plain reply; anything but [87|85] 99 8E with a right MAC is an error."""
        self.counter += 1
        parts = split(response[:-2])
        tags = [tag for tag, _, _ in parts]
        assert tags[-2:] == [0x99, 0x8E], "not protected"
        assert len(tags) == 2 or (len(tags) == 3 and tags[0] in (0x85, 0x87))
        covered = b"".join(raw for _, _, raw in parts[:-1])
        expected = mac_padded(self.cipher, self.mac, self._ssc() + self._pad(covered))
        assert expected == parts[-1][1], "wrong MAC"
        assert parts[-2][1] == response[-2:]
        data = b""
        if len(parts) == 3:
            sealed = parts[0][1][1:] if tags[0] == 0x87 else parts[0][1]
            data = unpad(decrypt_cbc(self.cipher, self.enc, self._iv(), sealed))
        return Reply(data, int.from_bytes(response[-2:], "big"))

    def _ssc(self) -> bytes:
        return self.counter.to_bytes(self.cipher.block_length, "big")

    def _pad(self, data: bytes) -> bytes:
        return pad(data, self.cipher.block_length)

    def _iv(self) -> bytes:
        if self.cipher is Cipher.TDES:
            return bytes(8)
        return encrypt_block(self.cipher, self.enc, self._ssc())


class Terminal:
    """Drives one card; ``session`` protects every command once it is there."""

    def __init__(self, card: Card, rng: Rng = system_rng) -> None:
        self.card, self.rng = card, rng
        self.session: Session | None = None

    def raw(self, command: bytes | str) -> Reply:
        """Send a command as it is."""
        octets = bytes.fromhex(command) if isinstance(command, str) else command
        response = self.card.transmit(octets)
        return Reply(response[:-2], int.from_bytes(response[-2:], "big"))

    def send(
        self, header: str, data: bytes = b"", le: int | None = None, *, extended: bool = False
    ) -> Reply:
        """Send a command, protected if there is a session."""
        octets = bytes.fromhex(header)
        if self.session is not None:
            protected = self.session.protect(octets, data, le, extended=extended)
            return self.session.open(self.card.transmit(protected))
        if extended or len(data) > 255:
            body = b"\x00" + len(data).to_bytes(2, "big") + data
            return self.raw(octets + body + (b"" if le is None else bytes(2)))
        body = bytes([len(data)]) + data if data else b""
        return self.raw(octets + body + (b"" if le is None else bytes([le % 256])))

    def select_application(self) -> Reply:
        """SELECT the eMRTD application."""
        return self.send("00A4040C", AID)

    def select(self, fid: int) -> Reply:
        """SELECT a file in the current application."""
        return self.send("00A4020C", fid.to_bytes(2, "big"))

    def read(self, offset: int, le: int, *, extended: bool = False) -> Reply:
        """READ BINARY from the current file."""
        return self.send(f"00B0{offset:04X}", le=le, extended=extended)

    def read_file(self, fid: int, step: int = 200) -> bytes:
        """Return a whole file, read by its identifier."""
        assert self.select(fid).sw == 0x9000
        content = b""
        while True:
            reply = self.read(len(content), step)
            if reply.sw == 0x6B00:
                return content
            content += reply.data
            if reply.sw == 0x6282:
                return content
            assert reply.sw == 0x9000

    def bac(self, mrz_information: str) -> Reply:
        """Run BAC in the eMRTD application; on 9000 the session is open."""
        challenge = self.raw("0084000008").data
        seed = Hash.SHA1.digest(mrz_information.encode())[:16]
        enc, mac_key = derive_session_keys(seed, Cipher.TDES)
        ours, k_ifd = self.rng(8), self.rng(16)
        sealed = encrypt_cbc(Cipher.TDES, enc, bytes(8), ours + challenge + k_ifd)
        data = sealed + mac(Cipher.TDES, mac_key, sealed)
        reply = self.raw(b"\x00\x82\x00\x00\x28" + data + b"\x28")
        if reply.sw == 0x9000:
            assert mac(Cipher.TDES, mac_key, reply.data[:32]) == reply.data[32:]
            plain = decrypt_cbc(Cipher.TDES, enc, bytes(8), reply.data[:32])
            assert plain[:16] == challenge + ours
            secret = bytes(a ^ b for a, b in zip(k_ifd, plain[16:], strict=True))
            counter = int.from_bytes(challenge[4:] + ours[4:], "big")
            self.session = Session.agreed(Cipher.TDES, secret, counter)
        return reply

    def pace(self, password: bytes, reference: int = 2) -> Reply:
        """Run PACE-ECDH-GM-AES-128 on brainpoolP256r1; ``password`` is the CAN or SHA-1(MRZ)."""
        curve, cipher = curve_by_name("brainpoolP256r1"), Cipher.AES_128
        data = tlv(0x80, PACE_OID) + tlv(0x83, bytes([reference]))
        reply = self.send("0022C1A4", data)
        if reply.sw != 0x9000:
            return reply
        key = derive_key(password, KdfCounter.PASSWORD, cipher)
        sealed = self._step("10", b"")
        nonce = decrypt_cbc(cipher, key, bytes(16), sealed)
        ours = EcPrivateKey.generate(curve, self.rng)
        theirs = self._step("10", tlv(0x81, encode_point(curve, ours.public_point())))
        shared = ours.multiply(decode_point(curve, theirs))
        mapped = map_generic(curve, nonce, shared)
        ours = EcPrivateKey.generate(curve, self.rng)
        own_public = encode_point(curve, ours.public_point(mapped))
        theirs = self._step("10", tlv(0x83, own_public))
        secret = ours.shared_secret(decode_point(curve, theirs))
        _, mac_key = derive_session_keys(secret, cipher)
        token = mac(cipher, mac_key, _key_object(theirs))
        reply = self.send("00860000", tlv(0x7C, tlv(0x85, token)), 256)
        if reply.sw == 0x9000:
            expected = mac(cipher, mac_key, _key_object(own_public))
            assert reply.data == tlv(0x7C, tlv(0x86, expected))
            self.session = Session.agreed(cipher, secret)
        return reply

    def chip_authentication(self, encoded_public: bytes) -> Reply:
        """Run CA with AES-128 against the chip's point in DG14; new keys are in use after it."""
        curve = curve_by_name("brainpoolP256r1")
        ours = EcPrivateKey.generate(curve, self.rng)
        assert self.send("002241A4", tlv(0x80, CA_OID)).sw == 0x9000
        point = encode_point(curve, ours.public_point())
        reply = self.send("00860000", tlv(0x7C, tlv(0x80, point)), 256)
        if reply.sw == 0x9000:
            assert reply.data == b"\x7c\x00"
            secret = ours.shared_secret(decode_point(curve, encoded_public))
            self.session = Session.agreed(Cipher.AES_128, secret)
        return reply

    def _step(self, cla: str, inner: bytes) -> bytes:
        reply = self.send(f"{cla}860000", tlv(0x7C, inner), 256)
        assert reply.sw == 0x9000
        return split(split(reply.data)[0][1])[0][1]


def _key_object(encoded: bytes) -> bytes:
    return tlv(0x7F49, tlv(0x06, PACE_OID) + tlv(0x86, encoded))
