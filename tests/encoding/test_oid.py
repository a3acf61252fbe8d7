"""Object identifiers in both directions."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecid.encoding.oid import decode_oid, encode_oid
from ecid.encoding.tlv import Cursor
from ecid.errors import EcidError, MalformedData, Misuse

ARCS = st.lists(st.integers(0, 2**64), max_size=8)


@given(st.integers(0, 2), st.integers(0, 39), ARCS)
def test_round_trip(first: int, second: int, rest: list[int]) -> None:
    """Every identifier comes back as it was written."""
    dotted = ".".join(map(str, [first, second, *rest]))
    assert dotted == decode_oid(encode_oid(dotted))


@given(st.binary(max_size=140))
def test_any_bytes(value: bytes) -> None:
    """What decodes encodes to the same bytes; the rest is an error."""
    try:
        dotted = decode_oid(value)
    except EcidError:
        return
    assert value == encode_oid(dotted)


@pytest.mark.parametrize(
    ("content", "dotted"),
    [
        ("2A864886F70D010101", "1.2.840.113549.1.1.1"),
        ("28D316010008", "1.0.10646.1.0.8"),
        ("883703", "2.999.3"),
    ],
)
def test_published(content: str, dotted: str) -> None:
    """Published encodings (RFC 8017 A.1, X.690 §8.19.5) hold in both directions."""
    assert (dotted, content) == (
        decode_oid(bytes.fromhex(content)),
        encode_oid(dotted).hex().upper(),
    )


@pytest.mark.parametrize(
    "content", ["", "80", "2A80", "2A8001", "2A86", "2A" * 129, "2A" + "FF" * 19 + "7F"]
)
def test_refused_content(content: str) -> None:
    """Empty, cut off, padded, too many or too large arcs are refused."""
    with pytest.raises(MalformedData) as caught:
        decode_oid(bytes.fromhex(content))
    assert caught.value.rule == "bad_oid"


@pytest.mark.parametrize(
    "dotted", ["", "1", "3.1", "1.40", "1.2.", "1.2.03", "1.2.٣", "1.2.-1", "0.05"]
)
def test_refused_text(dotted: str) -> None:
    """What is no identifier is the caller's mistake."""
    with pytest.raises(Misuse):
        encode_oid(dotted)


def test_huge_arc(corpus: Path) -> None:
    """The published attack file with an endless arc is refused."""
    data = (corpus / "malformed" / "der_huge_oid_arc.bin").read_bytes()
    with pytest.raises(MalformedData):
        decode_oid(Cursor(data, where="x").read(0x06).value)
