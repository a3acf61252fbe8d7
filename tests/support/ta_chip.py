"""A chip that only does Terminal Authentication, written apart from the code under test.

It trusts CVCA keys by name, takes certificates one by one, and grants rights. It checks by the
test kit's own keys: what ``cvc_kit`` did not sign is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from cvc_kit import Holder, verifies
from ecid_readers.apdu import CommandApdu, ResponseApdu

OK, REFUSED, NOT_FOUND, ORDER = 0x9000, 0x6300, 0x6A88, 0x6985

Answer = Callable[[CommandApdu], ResponseApdu | None]


@dataclass
class TaChip:
    """A ``Transport``; ``holders`` are all keys it could learn of, ``trusted`` those it knows."""

    holders: list[Holder]
    trusted: set[str]
    bound: bytes
    challenge: bytes = bytes(range(8))
    spoil: Mapping[int, Answer] = field(default_factory=dict)
    commands: list[CommandApdu] = field(default_factory=list)
    issuer: str = ""
    terminal: str = ""
    open: bool = False

    def transmit(self, command: bytes, /) -> bytes:
        """Answer one command; ``spoil`` may answer in its place, by INS."""
        apdu = CommandApdu.decode(command)
        self.commands.append(apdu)
        spoil = self.spoil.get(apdu.ins)
        spoilt = None if spoil is None else spoil(apdu)
        return (spoilt or self._answer(apdu)).encode()

    def _answer(self, apdu: CommandApdu) -> ResponseApdu:
        steps: dict[tuple[int, int, int, int], Callable[[CommandApdu], int]] = {
            (0x00, 0x22, 0x81, 0xB6): self._set_dst,
            (0x00, 0x2A, 0x00, 0xBE): self._verify,
            (0x00, 0x22, 0x81, 0xA4): self._set_at,
            (0x00, 0x82, 0x00, 0x00): self._authenticate,
        }
        if (apdu.ins, apdu.p1, apdu.p2, apdu.le, apdu.data) == (0x84, 0, 0, 8, b""):
            return ResponseApdu(self.challenge, OK)
        step = steps.get((apdu.cla, apdu.ins, apdu.p1, apdu.p2))
        return ResponseApdu(b"", step(apdu) if step else 0x6D00)

    def _named(self, data: bytes) -> str:
        assert data[0] == 0x83
        assert data[1] == len(data) - 2
        return data[2:].decode("iso-8859-1")

    def _set_dst(self, apdu: CommandApdu) -> int:
        self.issuer = self._named(apdu.data)
        return OK if self.issuer in self.trusted else NOT_FOUND

    def _verify(self, apdu: CommandApdu) -> int:
        for holder in self.holders:
            # 7F21 and its length are all that the command leaves out.
            if holder.raw.endswith(apdu.data) and len(holder.raw) - len(apdu.data) <= 6:
                issuer = next(h for h in self.holders if h.name == self.issuer)
                signature = apdu.data[-_signature_length(issuer) :]
                body = apdu.data[: -_signature_length(issuer) - _header(issuer)]
                if verifies(issuer.private, issuer.algorithm, signature, body):
                    self.trusted.add(holder.name)
                    return OK
        return REFUSED

    def _set_at(self, apdu: CommandApdu) -> int:
        self.terminal = self._named(apdu.data)
        return OK if self.terminal in self.trusted else NOT_FOUND

    def _authenticate(self, apdu: CommandApdu) -> int:
        if not self.terminal:
            return ORDER
        holder = next(h for h in self.holders if h.name == self.terminal)
        identity, public = self.bound[:-32], self.bound[-32:]
        message = identity + self.challenge + public
        self.open = verifies(holder.private, holder.algorithm, apdu.data, message)
        return OK if self.open else REFUSED


def _signature_length(issuer: Holder) -> int:
    size = issuer.private.key_size
    return size // 8 if issuer.curve is None else 2 * ((size + 7) // 8)


def _header(issuer: Holder) -> int:
    """Return the length of 5F37 and of its length field."""
    length = _signature_length(issuer)
    return 3 if length < 0x80 else 4 if length < 0x100 else 5
