"""DG13 in any order and with fields of any length comes out as it went in."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ecid.encoding import der_write as w
from ecid.encoding.tlv import encode
from ecid.lds.dg13 import parse

#: Both sides of every change in the form of a length, and the longest that was asked for.
LENGTHS = (0, 1, 127, 128, 255, 300)
LETTERS = "aAăâđêôơưẩỗữ 1,"


def text_of(length: int, letter: str) -> str:
    """Return a text of exactly ``length`` bytes of UTF-8, of ``letter`` as far as it goes."""
    size = len(letter.encode())
    return letter * (length // size) + "x" * (length % size)


texts = st.builds(text_of, st.sampled_from(LENGTHS), st.sampled_from(LETTERS))
fields = st.dictionaries(st.integers(1, 40), texts, max_size=24).flatmap(
    lambda found: st.permutations(sorted(found.items()))
)


def dg13_of(entries: list[tuple[int, str]]) -> bytes:
    """Return a DG13 that holds ``entries`` in this order."""
    members = (w.seq(w.integer(number), w.utf8(value)) for number, value in entries)
    body = w.seq(w.integer(1), w.oid("1.0.10646.1.0.8"), w.set_of(*members, sort=False))
    return encode(0x6D, body)


@given(fields)
def test_round_trip(entries: list[tuple[int, str]]) -> None:
    """Numbers, texts and their order, unknown numbers among them."""
    found = parse(dg13_of(entries))
    assert [(entry.id, entry.values) for entry in found.fields] == [
        (number, (value,)) for number, value in entries
    ]
    assert all(entry.normalised and not entry.uninterpreted for entry in found.fields)


@given(st.lists(texts, min_size=1, max_size=5))
def test_several_names(names: list[str]) -> None:
    """Nested lists give one name each; an empty one keeps its place."""
    members = (w.seq(w.utf8(name)) if name else w.seq() for name in names)
    body = w.seq(w.integer(1), w.oid("1.0.10646.1.0.8"), w.set_of(w.seq(w.integer(13), *members)))
    assert parse(encode(0x6D, body)).fields[0].values == tuple(names)
