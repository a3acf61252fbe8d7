"""A chip whose cryptography is that of libeac; only the dispatch of commands round it is ours.

It believes a terminal whatever has nothing to do with the protocols.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from chip_terminal import split, tlv
from ecid.encoding.oid import encode_oid
from libeac import CA, PACE, EacContext
from libeac_apdus import AID, SW_OK, EacMessaging, Reply, Request, value
from libeac_library import RefusedError
from libeac_suites import Suite, map_integrated, nonce_length

_OK = Reply(b"", SW_OK)
_DENIED, _REFUSED, _ABSENT = Reply(b"", 0x6300), Reply(b"", 0x6A80), Reply(b"", 0x6A82)
_SM_WRONG = b"\x69\x88"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChipSetup:
    """What a chip offers: one suite of PACE, one key for CA, one anchor for TA."""

    suite: Suite
    passwords: Mapping[int, bytes]
    """By reference; the MRZ is the whole zone of a TD1."""
    files: Mapping[int, bytes] = field(default_factory=dict)
    ca_oid: str = ""
    ca_parameter_id: int = 13
    ca_key: bytes = b""
    """The private number."""
    cvca: bytes = b""


class EacChip:
    """Answers command APDUs from power-on at the master file."""

    def __init__(self, setup: ChipSetup) -> None:
        self.setup = setup
        self.side = EacContext()
        self.side.init_pace(setup.suite.oid, setup.suite.parameter_id)
        self.terminal_is_authentic = False
        self.compressed = b""
        """Comp of the terminal's key of Chip Authentication."""
        self.pace_public = b""
        """Our ephemeral public value of PACE."""
        self._password = 0
        self._chain_begun = False
        self._their_public = b""
        self._current = b""
        self._messaging: EacMessaging | None = None
        self._next: int | None = None

    def transmit(self, command: bytes, /) -> bytes:
        """Answer one command, protected as soon as there are keys."""
        request = Request.decode(command)
        if self._messaging is None:
            response = self._answer(request)
            raw = response.data + response.sw.to_bytes(2, "big")
        else:
            plain = self._messaging.unprotect(request)
            if plain is None:
                self._messaging = None
                return _SM_WRONG
            raw = self._messaging.answer(self._answer(plain), odd=bool(plain.header[1] & 1))
        if self._next is not None:
            self.side.start_secure_messaging(self._next)
            self._messaging, self._next = EacMessaging(self.side), None
        return raw

    def _answer(self, request: Request) -> Reply:
        handler = self._handlers().get(request.header[1:].hex().upper())
        if handler is None and request.header[1] == 0xB0:
            return self._read(request)
        try:
            return _REFUSED if handler is None else handler(request)
        except RefusedError:
            return _DENIED

    def _handlers(self) -> Mapping[str, Callable[[Request], Reply]]:
        return {
            "22C1A4": self._set_pace,
            "860000": self._general_authenticate,
            "A4040C": lambda request: _OK if request.data == AID else _ABSENT,
            "A4020C": self._select,
            "2241A4": self._set_chip_authentication,
            "2241A6": self._set_key_agreement,
            "2281B6": lambda _: _OK,
            "2A00BE": self._verify_certificate,
            "2281A4": lambda _: _OK,
            "840000": lambda _: Reply(self.side.challenge(), SW_OK),
            "820000": self._verify_terminal,
        }

    # -- PACE

    def _set_pace(self, request: Request) -> Reply:
        if value(request.data, 0x80) != encode_oid(self.setup.suite.oid):
            return _REFUSED
        self._password = value(request.data, 0x83)[0]
        return _OK

    def _general_authenticate(self, request: Request) -> Reply:
        content = value(request.data, 0x7C)
        if not content:
            return _dynamic(0x80, self._encrypted_nonce())
        tag, theirs, _ = split(content)[0]
        return {
            0x80: self._agree_chip_authentication,
            0x81: self._map,
            0x83: self._agree,
            0x85: self._prove,
        }[tag](theirs)

    def _encrypted_nonce(self) -> bytes:
        encrypted = self.side.encrypted_nonce(*self._secret())
        if self.setup.suite.mapping == "IM":
            # libeac draws one block whatever the cipher; l has to be at least k (§4.4.3.3). What a
            # longer cryptogram decrypts to is as good a nonce.
            wanted = nonce_length(self.setup.suite.cipher)
            while len(encrypted) < wanted:
                encrypted += self.side.encrypted_nonce(*self._secret())
            self.side.decrypt_nonce(*self._secret(), encrypted)
        return encrypted

    def _secret(self) -> tuple[bytes, int]:
        return self.setup.passwords[self._password], self._password

    def _map(self, theirs: bytes) -> Reply:
        if self.setup.suite.mapping == "IM":
            self._map_integrated(theirs)
            return _dynamic(0x82, b"")
        ours = self.side.mapping_data()
        self.side.map_generator(theirs)
        return _dynamic(0x82, ours)

    def _map_integrated(self, theirs: bytes) -> None:
        map_integrated(self.side, self.setup.suite, theirs)

    def _agree(self, theirs: bytes) -> Reply:
        self.pace_public = self.side.ephemeral_key()
        self.side.agree(theirs)
        self._their_public = theirs
        return _dynamic(0x84, self.pace_public)

    def _prove(self, token: bytes) -> Reply:
        if not self.side.verify_token(token):
            return _DENIED
        self._next = PACE
        return _dynamic(0x86, self.side.token(self._their_public))

    # -- Chip Authentication

    def _set_chip_authentication(self, request: Request) -> Reply:
        given = value(request.data, 0x80)
        return _OK if given == encode_oid(self.setup.ca_oid) else _REFUSED

    def _set_key_agreement(self, request: Request) -> Reply:
        self._agree_chip_authentication(value(request.data, 0x91))
        return _OK

    def _agree_chip_authentication(self, theirs: bytes) -> Reply:
        self.side.init_ca(self.setup.ca_oid, self.setup.ca_parameter_id)
        self.side.set_chip_key(self.setup.ca_key)
        self.side.ca_agree(theirs)
        self.compressed = self.side.compress(CA, theirs)
        self._next = CA
        return Reply(tlv(0x7C, b""), SW_OK)

    # -- Terminal Authentication

    def _verify_certificate(self, request: Request) -> Reply:
        if not self._chain_begun:
            self.side.init_ta(self.setup.cvca)
            self._chain_begun = True
        self.side.import_certificate(b"\x7f" + tlv(0x21, request.data))
        return _OK

    def _verify_terminal(self, request: Request) -> Reply:
        id_ic = self.side.compress(PACE, self.pace_public)
        if not self.side.verify_terminal(request.data, id_ic, self.compressed):
            return _DENIED
        self.terminal_is_authentic = True
        return _OK

    # -- files

    def _select(self, request: Request) -> Reply:
        found = self.setup.files.get(int.from_bytes(request.data, "big"))
        self._current = found or b""
        return _ABSENT if found is None else _OK

    def _read(self, request: Request) -> Reply:
        p1, p2 = request.header[2:]
        if p1 & 0x80:
            return _ABSENT
        at = p1 << 8 | p2
        if at >= len(self._current):
            return Reply(b"", 0x6B00)
        return Reply(self._current[at : at + min(request.le or 0, 0xDF)], SW_OK)


def _dynamic(tag: int, content: bytes) -> Reply:
    return Reply(tlv(0x7C, tlv(tag, content)), SW_OK)
