"""A terminal whose cryptography is that of libeac; only the commands round it are ours."""

from __future__ import annotations

from typing import Protocol

from chip_terminal import Card, tlv
from ecid.encoding.oid import encode_oid
from libeac import CA, PACE, EacContext
from libeac_apdus import AID, SW_OK, EacMessaging, Reply, Request, value
from libeac_suites import Suite, map_integrated

_LONG = 65536
_SHORT_FILE_LIMIT = 0xDF


class Sendable(Protocol):
    """A protected command."""

    def encode(self) -> bytes:
        """Return what is sent."""
        ...


class Messaging(Protocol):
    """The terminal's side of secure messaging."""

    def protect(self, plain: Request, /) -> Sendable:
        """Return the protected command."""
        ...

    def open(self, response: bytes, /) -> Reply:
        """Return the plain response."""
        ...


class EacTerminal:
    """Drives one card; protected as soon as there are keys."""

    def __init__(self, card: Card) -> None:
        self.side = EacContext()
        self.chip_public = b""
        """The chip's ephemeral public value of PACE."""
        self.messaging: Messaging | None = None
        self._card = card

    def send(self, header: str, data: bytes = b"", le: int | None = None) -> Reply:
        """Send one command, protected where there is a session."""
        plain = Request(bytes.fromhex(header), data, le)
        if self.messaging is None:
            response = self._card.transmit(plain.encode())
            return Reply(response[:-2], int.from_bytes(response[-2:], "big"))
        response = self._card.transmit(self.messaging.protect(plain).encode())
        return self.messaging.open(response)

    def ok(self, header: str, data: bytes = b"", le: int | None = None) -> bytes:
        """Send one command that has to succeed, and return what it brings."""
        reply = self.send(header, data, le)
        assert reply.sw == SW_OK, f"{header}: {reply.sw:04X}"
        return reply.data

    # -- PACE

    def pace(
        self, suite: Suite, reference: int, secret: bytes, *, kind: int | None = None
    ) -> Reply:
        """Run PACE; on success switch secure messaging on. Return the last reply.

        ``kind`` is that of ``secret``, if it is not the one that ``reference`` says.
        """
        self.side.init_pace(suite.oid, suite.parameter_id)
        mechanism = tlv(0x80, encode_oid(suite.oid)) + tlv(0x83, bytes([reference]))
        self.ok("0022C1A4", mechanism)
        self.side.decrypt_nonce(secret, kind or reference, self._step(b"", 0x80))
        self._map(suite)
        ours = self.side.ephemeral_key()
        self.chip_public = self._step(tlv(0x83, ours), 0x84)
        self.side.agree(self.chip_public)
        token = tlv(0x7C, tlv(0x85, self.side.token(self.chip_public)))
        reply = self.send("00860000", token, 256)
        if reply.sw == SW_OK:
            assert self.side.verify_token(value(value(reply.data, 0x7C), 0x86))
            self._switch(PACE)
        return reply

    def _map(self, suite: Suite) -> None:
        ours = self._mapping_data()
        theirs = self._step(tlv(0x81, ours), 0x82)
        if suite.mapping == "GM":
            self.side.map_generator(theirs)
            return
        assert theirs == b"", "82 is empty for the integrated mapping (§4.4.5.2.2)"
        map_integrated(self.side, suite, ours)

    def _mapping_data(self) -> bytes:
        return self.side.mapping_data()

    def _step(self, data: bytes, tag: int) -> bytes:
        le = _LONG if len(data) > 200 else 256
        return value(value(self.ok("10860000", tlv(0x7C, data), le), 0x7C), tag)

    # -- Chip and Terminal Authentication

    def chip_authentication(
        self, oid: str, parameter_id: int, chip_public: bytes, *, key_id: int | None = None
    ) -> bytes:
        """Run version 1 with MSE:Set AT and GENERAL AUTHENTICATE; return Comp of our key."""
        self.side.init_ca(oid, parameter_id)
        ours, compressed = self.side.ca_ephemeral_key()
        reference = b"" if key_id is None else tlv(0x84, bytes([key_id]))
        self.ok("002241A4", tlv(0x80, encode_oid(oid)) + reference)
        le = _LONG if len(ours) > 200 else 256
        answer = self.ok("00860000", tlv(0x7C, tlv(0x80, ours)), le)
        assert answer == tlv(0x7C, b"")
        self.side.ca_agree(chip_public)
        self._switch(CA)
        return compressed

    def set_key_agreement_template(
        self, oid: str, parameter_id: int, chip_public: bytes, *, key_id: int | None = None
    ) -> bytes:
        """Run version 1 with MSE:Set KAT, which 3DES allows; return Comp of our key."""
        self.side.init_ca(oid, parameter_id)
        ours, compressed = self.side.ca_ephemeral_key()
        reference = b"" if key_id is None else tlv(0x84, bytes([key_id]))
        self.ok("002241A6", tlv(0x91, ours) + reference)
        self.side.ca_agree(chip_public)
        self._switch(CA)
        return compressed

    def terminal_authentication(
        self,
        chain: tuple[bytes, ...],
        references: tuple[bytes, ...],
        key: bytes,
        id_ic: bytes,
        compressed: bytes,
    ) -> Reply:
        """Run version 1 with certificates (7F21) from the anchor down; return the last reply.

        ``references`` are the authority reference of each certificate, and last the holder
        reference of the terminal; ``key`` is its PKCS #8. What the chip refuses is returned.
        """
        for certificate, authority in zip(chain, references, strict=False):
            self.ok("002281B6", tlv(0x83, authority))
            reply = self.send("002A00BE", unwrapped(certificate))
            if reply.sw != SW_OK:
                return reply
        # A terminal of libeac looks at its own certificate alone: for the algorithm.
        self.side.init_ta(chain[-1], key)
        self.ok("002281A4", tlv(0x83, references[-1]))
        challenge = self.ok("00840000", le=8)
        return self.send("00820000", self._sign(challenge, id_ic, compressed))

    def _sign(self, challenge: bytes, id_ic: bytes, compressed: bytes) -> bytes:
        return self.side.sign(challenge, id_ic, compressed)

    # -- files

    def select_application(self) -> None:
        """Select the eMRTD application."""
        self.ok("00A4040C", AID)

    def read_file(self, file_id: int) -> bytes:
        """Select an elementary file and read all of it, in short pieces."""
        self.ok("00A4020C", file_id.to_bytes(2, "big"))
        head = self.ok("00B00000", le=4)
        size, width = head[1], 2
        if size & 0x80:
            width += size & 0x7F
            size = int.from_bytes(head[2:width], "big")
        found = b""
        while len(found) < width + size:
            at, left = len(found), width + size - len(found)
            found += self.ok(f"00B0{at:04X}", le=min(left, _SHORT_FILE_LIMIT))
        return found

    def _switch(self, which: int) -> None:
        self.side.start_secure_messaging(which)
        self.messaging = EacMessaging(self.side)


def unwrapped(certificate: bytes) -> bytes:
    """Return what stands in 7F21: body and signature, as PSO:Verify Certificate carries them."""
    assert certificate[:2] == b"\x7f\x21"
    return value(b"\x21" + certificate[2:], 0x21)
