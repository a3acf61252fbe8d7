"""The errors of the hardware layer: one stable code each."""

from __future__ import annotations

import pytest

from ecid_readers import errors
from ecid_readers.errors import ReaderError

CODES = {
    "NoService": "no_service",
    "NoReader": "no_reader",
    "NoCard": "no_card",
    "CardRemoved": "card_removed",
    "LinkFailed": "link_failed",
    "PcscMissing": "pcsc_missing",
    "ReaderBusy": "reader_busy",
    "TransportTimeout": "timeout",
    "MalformedApdu": "malformed_apdu",
    "UnexpectedCommand": "unexpected_command",
    "ResponseTooLong": "response_too_long",
    "LoopGuard": "loop_guard",
}


def test_every_error_has_its_code() -> None:
    """The table above is complete, and every code is the one callers branch on."""
    found = {
        name: kind.code
        for name, kind in vars(errors).items()
        if isinstance(kind, type) and issubclass(kind, ReaderError) and kind is not ReaderError
    }
    assert found == CODES


@pytest.mark.parametrize("name", sorted(CODES))
def test_message_is_code_and_detail(name: str) -> None:
    """An error prints its code, and the detail where there is one."""
    kind = getattr(errors, name)
    assert str(kind()) == CODES[name]
    assert str(kind("Reader 0")) == f"{CODES[name]}: Reader 0"
