"""Status words: one is success, all have a meaning."""

from __future__ import annotations

import pytest

from ecid_readers.apdu import ResponseApdu
from ecid_readers.status import bytes_waiting, correct_length, describe

ALL = range(0x10000)


def test_only_9000_is_success() -> None:
    """Of all 65,536 status words exactly one is success."""
    assert [sw for sw in ALL if ResponseApdu(b"", sw).ok] == [0x9000]


def test_every_status_word_has_words() -> None:
    """No status word is left without a description, and none of another class says success."""
    assert all(describe(sw) for sw in ALL)
    assert [sw for sw in ALL if describe(sw) == "normal processing"] == [0x9000]


@pytest.mark.parametrize(
    ("sw", "words"),
    [
        (0x6A82, "file or application not found"),
        (0x6A8F, "wrong parameters P1-P2"),
        (0x63C2, "verification failed, 2 tries left"),
        (0x6110, "more data bytes available"),
        (0x1234, "unknown status"),
    ],
)
def test_descriptions(sw: int, words: str) -> None:
    """The exact word wins, then its class, then nothing is known."""
    assert words == describe(sw)


def test_lengths_in_status_words() -> None:
    """61xx and 6Cxx carry a length, in which 00 is 256; no other word does."""
    with_length = {sw: correct_length(sw) for sw in ALL if correct_length(sw) is not None}
    waiting = {sw: bytes_waiting(sw) for sw in ALL if bytes_waiting(sw) is not None}
    assert {0x6C00 + low: low or 256 for low in range(256)} == with_length
    assert {0x6100 + low: low or 256 for low in range(256)} == waiting
