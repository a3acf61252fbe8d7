"""READ BINARY in its three forms, and the length that suits a link (ISO 7816-4 §11.2.3)."""

from __future__ import annotations

from dataclasses import dataclass

from ecid.encoding.tlv import encode, encode_length, parse_one
from ecid.session.protected_response import MAC_OBJECT_LENGTH, STATUS_LENGTH
from ecid_crypto.cipher import Cipher
from ecid_readers.apdu import SHORT_LE, CommandApdu, ResponseApdu

LAST_SHORT_OFFSET = 0x7FFF
"""Highest offset that P1-P2 of the even INS can name; beyond it the odd INS is used."""

_READ_BINARY = 0xB0
_READ_BINARY_ODD = 0xB1
_SFI = 0x80  # bit 8 of P1: the other bits hold a short identifier
_TAG_OFFSET = 0x54
_TAG_DATA = 0x53


def short_read_length(cipher: Cipher | None) -> int:
    """Return the most plain bytes whose protected response fits 256 bytes with its status.

    Without secure messaging (``None``) 256. Else of the 256 bytes DO'8E' takes 10, DO'99' 4
    and the status word 2; of the 240 left, DO'87' takes 3 for tag and length and 1 for the
    padding indicator; of the 236 left only whole blocks count, and padding needs one byte of
    them: 223 with AES, 231 with 3DES (Doc 9303-11 §9.8.4; design section 6, item 1).
    """
    if cipher is None:
        return SHORT_LE
    room = SHORT_LE - MAC_OBJECT_LENGTH - STATUS_LENGTH - 2
    room -= 1 + len(encode_length(room)) + 1
    return room - room % cipher.block_length - 1


@dataclass(frozen=True, slots=True)
class Read:
    """One READ BINARY: where it starts, how many response bytes it asks for.

    ``sfi`` addresses the file by short identifier instead of the current one, with offsets of
    at most 255. ``le`` counts response bytes: the data, and beyond ``LAST_SHORT_OFFSET`` the
    header of DO'53' round it.
    """

    offset: int
    le: int
    sfi: int | None = None

    @classmethod
    def up_to(cls, wanted: int, offset: int, longest: int, sfi: int | None = None) -> Read:
        """Return the read of ``wanted`` data bytes, or as many as ``longest`` bytes carry."""
        if offset > LAST_SHORT_OFFSET:
            wanted += 1 + len(encode_length(wanted))
        return cls(offset, min(wanted, longest), sfi)

    def command(self) -> CommandApdu:
        """Return the command APDU."""
        if self.offset > LAST_SHORT_OFFSET:
            position = self.offset.to_bytes(-(-self.offset.bit_length() // 8), "big")
            return CommandApdu(0x00, _READ_BINARY_ODD, 0, 0, encode(_TAG_OFFSET, position), self.le)
        p1 = self.offset >> 8 if self.sfi is None else _SFI | self.sfi
        return CommandApdu(0x00, _READ_BINARY, p1, self.offset & 0xFF, le=self.le)

    def data(self, answer: ResponseApdu, where: str) -> bytes:
        """Return the file bytes in ``answer``, never more than were asked for.

        Raises ``MalformedData`` if DO'53' is expected and the answer is something else.
        """
        if self.offset > LAST_SHORT_OFFSET and answer.data:
            return parse_one(answer.data, _TAG_DATA, where).value[: self.le]
        return answer.data[: self.le]
