"""BER-TLV: what is read, what is refused, and what survives a round trip."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecid.encoding.tlv import (
    MAX_DEPTH,
    MAX_NODES,
    Cursor,
    Tlv,
    children,
    encode,
    header,
    parse_one,
    walk,
)
from ecid.errors import EcidError, MalformedData

TAGS = st.sampled_from(
    [0x01, 0x02, 0x30, 0x61, 0x77, 0x87, 0x5F1F, 0x5F0E, 0x7F49, 0x7F61, 0x7F8101]
)


@given(TAGS, st.binary(max_size=400))
def test_what_is_written_is_read(tag: int, value: bytes) -> None:
    """Tag, value and the shortest length survive; the raw bytes are the ones received."""
    raw = encode(tag, value)
    read = parse_one(raw, tag, "x")
    assert (tag, value, raw, True) == (read.tag, read.value, read.raw, read.minimal)
    assert (tag, len(value), read.header_length) == header(raw[:8], "x")


@given(st.lists(st.tuples(TAGS, st.binary(max_size=20)), max_size=8))
def test_positions_count_from_the_start_of_the_input(parts: list[tuple[int, bytes]]) -> None:
    """A nested cursor reports the offsets of the whole input."""
    raw = encode(0x30, b"".join(encode(tag, value) for tag, value in parts))
    found = children(parse_one(raw, 0x30, "x"))
    assert [value for _, value in parts] == [node.value for node in found]
    assert all(raw[node.start :].startswith(node.raw) for node in found)


@given(st.binary(max_size=200))
def test_any_bytes_give_a_tree_or_an_error(data: bytes) -> None:
    """Whatever the bytes, walking ends in a tree within its bounds or in ``EcidError``."""
    try:
        nodes = list(walk(Cursor(data, where="x").read()))
    except EcidError:
        return
    assert all(node.raw in data for node in nodes)


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        ("", "truncated"),
        ("30", "truncated"),
        ("3002 00", "truncated"),
        ("3080 0000", "indefinite_length"),
        ("30FF 00", "length_too_long"),
        ("3085 0000000000", "length_too_long"),
        ("3084 FFFFFFFF", "truncated"),
        ("3082 01", "truncated"),
        ("0000", "tag_zero"),
        ("1F", "truncated"),
        ("1F81", "truncated"),
        ("1F8001 00", "tag_not_minimal"),
        ("1F818101 00", "tag_too_long"),
        ("0400", "unexpected_tag"),
        ("3000 00", "trailing_data"),
    ],
)
def test_refused(data: str, rule: str) -> None:
    """Every way to break a header has its own rule."""
    with pytest.raises(MalformedData) as caught:
        parse_one(bytes.fromhex(data), 0x30, "x")
    assert ("x", rule) == (caught.value.where, caught.value.rule)


@pytest.mark.parametrize("data", ["308100", "30820000", "3084000000 00", "30817F" + "00" * 127])
def test_a_length_longer_than_needed_is_flagged(data: str) -> None:
    """BER allows it, so it is read; DER does not, so it is told."""
    assert not parse_one(bytes.fromhex(data), 0x30, "x").minimal


def test_depth_is_capped() -> None:
    """One level more than the cap is refused; the cap itself is not."""
    data = b"\x04\x00"
    for _ in range(MAX_DEPTH):
        data = encode(0x30, data)
    assert len(list(walk(Cursor(data, where="x").read()))) == MAX_DEPTH + 1
    with pytest.raises(MalformedData) as caught:
        list(walk(Cursor(encode(0x30, data), where="x").read()))
    assert caught.value.rule == "too_deep"


@pytest.mark.parametrize("enough", [children, walk])
def test_objects_are_capped(enough: object) -> None:
    """Ten thousand and one objects side by side are refused by both ways of reading them."""
    node = Cursor(encode(0x30, b"\x05\x00" * (MAX_NODES + 1)), where="x").read()
    with pytest.raises(MalformedData) as caught:
        tuple(children(node) if enough is children else walk(node))
    assert caught.value.rule == "too_many_objects"


def test_objects_are_capped_over_the_whole_tree() -> None:
    """A hundred lists of a hundred and one objects are too many, though no list is."""
    node = Cursor(encode(0x30, encode(0x30, b"\x05\x00" * 101) * 100), where="x").read()
    with pytest.raises(MalformedData) as caught:
        list(walk(node))
    assert caught.value.rule == "too_many_objects"


def test_cursor_states() -> None:
    """Peeking reads nothing, and the end is an end."""
    cursor = Cursor(bytes.fromhex("5F1F0141"), where="x", base=7)
    assert (cursor.peek_tag(), cursor.position, cursor.at_end) == (0x5F1F, 7, False)
    assert cursor.read().value == b"A"
    assert (cursor.peek_tag(), cursor.position, cursor.at_end) == (None, 11, True)
    cursor.finish()


def test_no_value_in_repr_or_message() -> None:
    """Neither the object nor an error about it shows a byte of the value."""
    node: Tlv = parse_one(encode(0x61, b"CANARYNAME"), 0x61, "DG1")
    with pytest.raises(MalformedData) as caught:
        node.cursor().read(0x5F1F)
    assert "CANARY" not in repr(node) + repr(caught.value.fields)


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("der_nested_3000", "too_deep"),
        ("der_huge_tag", "truncated"),
        ("sod_len_4GiB", "truncated"),
        ("sod_gmrtd_indef", "indefinite_length"),
    ],
)
def test_hostile_files(corpus: Path, name: str, rule: str) -> None:
    """The published attack files end in one named rule each."""
    data = (corpus / "malformed" / f"{name}.bin").read_bytes()
    with pytest.raises(MalformedData) as caught:
        list(walk(Cursor(data, where="SOD").read()))
    assert caught.value.rule == rule
