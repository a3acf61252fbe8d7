"""EF.COM."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecid.encoding.tlv import encode
from ecid.errors import EcidError, MalformedData
from ecid.lds.com import Com, parse


def com(tags: bytes, version: bytes = b"0107", unicode: bytes = b"040000") -> bytes:
    """Return EF.COM with this list."""
    return encode(0x60, encode(0x5F01, version) + encode(0x5F36, unicode) + encode(0x5C, tags))


def test_vietnamese_card() -> None:
    """cccd.md §1.5: 26 bytes, six data groups, DG15 before DG14."""
    data = bytes.fromhex("60185f0104303130375f36063034303030305c066175636d6f6e")
    assert com(bytes.fromhex("6175636d6f6e")) == data
    assert Com("0107", "040000", (1, 2, 3, 13, 15, 14)) == parse(data)


@pytest.mark.parametrize(
    ("folder", "groups"),
    [("bsi-tr03105-5-reference", (1, 2, 3, 4, 14)), ("ucl2009-pypassport", (1, 2, 7, 11, 12))],
)
def test_published_chips(corpus: Path, folder: str, groups: tuple[int, ...]) -> None:
    """The published specimens."""
    data = (corpus / "chips" / folder / "EF_COM.bin").read_bytes()
    assert Com("0107", "040000", groups) == parse(data)


def test_unknown_tags_are_kept() -> None:
    """What is no data group is told apart, not dropped."""
    assert parse(com(b"\x61\x71\x01")) == Com("0107", "040000", (1,), (0x71, 0x01))


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (com(b"\x61\x61"), "duplicate_data_group"),
        (com(b"\x61", version=b"107"), "version"),
        (com(b"\x61", version=b"010A"), "version"),
        (com(b"\x61", unicode=b"04000\xb2"), "version"),
        (com(b"\x61") + b"\x00", "trailing_data"),
        (encode(0x60, encode(0x5F36, b"040000")), "unexpected_tag"),
        (encode(0x61, b""), "unexpected_tag"),
    ],
)
def test_refused(data: bytes, rule: str) -> None:
    """A list with a group twice, versions that are none, the wrong file."""
    with pytest.raises(MalformedData) as caught:
        parse(data)
    assert ("COM", rule) == (caught.value.where, caught.value.rule)


@given(st.binary(max_size=60), st.binary(max_size=20))
def test_any_bytes(data: bytes, tags: bytes) -> None:
    """Whatever the bytes, a list or ``EcidError``."""
    for candidate in (data, encode(0x60, data), com(tags)):
        with contextlib.suppress(EcidError):
            assert all(1 <= number <= 16 for number in parse(candidate).data_groups)
