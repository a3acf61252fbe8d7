"""The grammar of a protected response (Doc 9303-11 §9.8.4, Figure 4; ISO 7816-4 §10).

``[85|87] 99 8E`` and the status word: each object at most once, in this order, nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ecid.encoding.tlv import Cursor, Tlv
from ecid.errors import MalformedData, SecureMessagingError
from ecid_readers.apdu import ResponseApdu

TAG_CRYPTOGRAM_BER = 0x85
"""Encrypted BER-TLV data of a command with odd INS: no padding indicator."""

TAG_CRYPTOGRAM = 0x87
"""Encrypted data of a command with even INS: padding indicator 01 first."""

TAG_LE = 0x97
"""The Le of a protected command."""

TAG_STATUS = 0x99
"""The protected copy of the status word."""

TAG_MAC = 0x8E
"""The cryptographic checksum."""

STATUS_LENGTH = 4
"""Bytes of DO'99': tag, length, status word."""

MAC_OBJECT_LENGTH = 10
"""Bytes of DO'8E': tag, length, eight bytes of MAC."""

_RESPONSE_TAGS = (TAG_CRYPTOGRAM_BER, TAG_CRYPTOGRAM, TAG_STATUS, TAG_MAC)


@dataclass(frozen=True, slots=True)
class ProtectedResponse:
    """The objects of one response that keeps the grammar; nothing in it is verified yet."""

    cryptogram: Tlv | None
    """DO'85' or DO'87', absent where the answer has no data."""

    status: int
    """The status word of DO'99'; ``unpack`` does not compare it with the outer one."""

    mac: bytes = field(repr=False)
    """The eight bytes of DO'8E'."""

    covered: bytes = field(repr=False)
    """Everything before DO'8E', as received: what the MAC is about."""


def unpack(response: ResponseApdu, cryptogram_tag: int) -> ProtectedResponse:
    """Split the data of ``response`` into its objects.

    ``cryptogram_tag`` is 85 after a command with odd INS, else 87. Raises
    ``SecureMessagingError``: ``plain_response`` (with the status word) for data that does not
    even begin like a protected response, else the rule broken (``malformed``,
    ``unexpected_object``, ``duplicate_object``, ``object_order``, ``missing_status``,
    ``missing_mac``, ``status_length``, ``mac_length``).
    """
    body = response.data
    if body[:1] not in {bytes((tag,)) for tag in _RESPONSE_TAGS}:
        raise SecureMessagingError("plain_response", response.sw)
    objects = _objects(body, (cryptogram_tag, TAG_STATUS, TAG_MAC))
    status, mac = objects.get(TAG_STATUS), objects.get(TAG_MAC)
    if status is None:
        raise SecureMessagingError("missing_status")
    if mac is None:
        raise SecureMessagingError("missing_mac")
    if len(status.raw) != STATUS_LENGTH:
        raise SecureMessagingError("status_length")
    if len(mac.raw) != MAC_OBJECT_LENGTH:
        raise SecureMessagingError("mac_length")
    return ProtectedResponse(
        cryptogram=objects.get(cryptogram_tag),
        status=int.from_bytes(status.value, "big"),
        mac=mac.value,
        covered=body[: mac.start],
    )


def _objects(body: bytes, order: tuple[int, ...]) -> dict[int, Tlv]:
    """Read objects whose tags come from ``order``, in that order, each at most once."""
    found: dict[int, Tlv] = {}
    cursor = Cursor(body, where="secure_messaging")
    while not cursor.at_end:
        _admit(_read(cursor), order, found)
    return found


def _read(cursor: Cursor) -> Tlv:
    try:
        return cursor.read()
    except MalformedData as exc:
        raise SecureMessagingError("malformed") from exc


def _admit(read: Tlv, order: tuple[int, ...], found: dict[int, Tlv]) -> None:
    if read.tag not in order:
        raise SecureMessagingError("unexpected_object")
    if read.tag in found:
        raise SecureMessagingError("duplicate_object")
    if any(order.index(tag) > order.index(read.tag) for tag in found):
        raise SecureMessagingError("object_order")
    found[read.tag] = read
