"""BER: bounded before it is read, made definite, and copied where it already is (X.690 §8)."""

from __future__ import annotations

import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyasn1.type import namedtype, univ

from ecid.encoding import ber
from ecid.encoding import der_write as w
from ecid.encoding.tlv import MAX_DEPTH, encode
from ecid.errors import MalformedData

END = b"\x00\x00"


def endless(tag: int, *inner: bytes) -> bytes:
    """Return a constructed object with an indefinite length."""
    return bytes([tag, 0x80]) + b"".join(inner) + END


def padded(tag: int, inner: bytes) -> bytes:
    """Return an object with its length in four octets."""
    return bytes([tag, 0x84]) + len(inner).to_bytes(4, "big") + inner


def nested(levels: int, *, indefinite: bool) -> bytes:
    """Return an empty SEQUENCE inside ``levels`` others."""
    found = w.seq()
    for _ in range(levels):
        found = endless(0x30, found) if indefinite else w.seq(found)
    return found


def refused(data: bytes) -> str:
    """Return the rule that ``data`` breaks."""
    with pytest.raises(MalformedData) as caught:
        ber.definite(data, "x")
    assert caught.value.where == "x"
    return caught.value.rule


ONE, TEXT = w.integer(1), w.octets(bytes(200))
DEFINITE = {
    "primitive": ONE,
    "empty": w.seq(),
    "nested": w.seq(ONE, w.set_of(TEXT), w.explicit(0, ONE)),
    # What BER allows besides the indefinite length is nobody's to change here.
    "length with leading zeros": padded(0x30, ONE),
    "padded number": w.seq(b"\x02\x02\x00\x01"),
    "TRUE as 01": w.seq(b"\x01\x01\x01"),
    "string in pieces": encode(0x24, TEXT + TEXT),
    "set out of order": w.set_of(TEXT, ONE, sort=False),
    "primitive that looks like an end": w.octets(END),
}


@pytest.mark.parametrize("name", DEFINITE)
def test_copied_as_it_came(name: str) -> None:
    """An object without an indefinite length inside may be what somebody signed."""
    data = DEFINITE[name]
    assert ber.definite(data, "x") == data
    assert ber.is_definite(data, "x")


INDEFINITE = {
    "empty": (endless(0x30), w.seq()),
    "outside": (endless(0x30, ONE, TEXT), w.seq(ONE, TEXT)),
    "inside": (w.seq(ONE, endless(0x31, TEXT)), w.seq(ONE, w.set_of(TEXT))),
    "twice": (endless(0x30, endless(0x31, TEXT)), w.seq(w.set_of(TEXT))),
    "in a row": (w.seq(endless(0x30), endless(0xA0, ONE)), w.seq(w.seq(), w.explicit(0, ONE))),
    "string in pieces": (endless(0x24, TEXT, TEXT), encode(0x24, TEXT + TEXT)),
    # The neighbour keeps its own length, and whoever holds an endless one gets a new one.
    "beside a long length": (endless(0x30, padded(0x30, ONE)), w.seq(padded(0x30, ONE))),
    "in a long length": (padded(0x30, endless(0x30)), w.seq(w.seq())),
    "end inside a string": (endless(0x30, w.octets(END)), w.seq(w.octets(END))),
}


@pytest.mark.parametrize("name", INDEFINITE)
def test_made_definite(name: str) -> None:
    """Only lengths change, and only those that are or hold an indefinite one (§8.1.3.6)."""
    data, expected = INDEFINITE[name]
    assert ber.definite(data, "x") == expected
    assert not ber.is_definite(data, "x")
    assert ber.is_definite(expected, "x")


BROKEN = {
    "empty": (b"", "truncated"),
    "a tag": (b"\x30", "truncated"),
    "an end": (END, "bad_tag"),
    "one octet short": (w.seq(ONE)[:-1], "truncated"),
    "longer than its parent": (w.seq(b"\x02\x05\x01"), "truncated"),
    "bytes after it": (w.seq(ONE) + b"\x00", "trailing_data"),
    "bytes after its end": (endless(0x30, ONE) + END, "trailing_data"),
    "without its end": (b"\x30\x80" + ONE, "truncated"),
    "with half of its end": (b"\x30\x80" + ONE + b"\x00", "truncated"),
    "its end outside the parent": (w.seq(b"\x30\x80" + ONE) + END, "truncated"),
    "an end where none is due": (w.seq(ONE, END), "bad_tag"),
    "primitive without length": (b"\x04\x80" + TEXT + END, "indefinite_length"),
    "tag of several octets": (b"\x3f\x81\x01\x00", "bad_tag"),
    "length of five octets": (b"\x04\x85" + bytes(4) + b"\x01x", "length_too_long"),
    "reserved length": (b"\x04\xff" + bytes(200), "length_too_long"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken(name: str) -> None:
    """What is no BER says which rule it breaks, before pyasn1 sees a byte of it."""
    data, rule = BROKEN[name]
    assert refused(data) == rule
    with pytest.raises(MalformedData) as caught:
        ber.decode(data, univ.Any(), "x")
    assert caught.value.rule == rule


@pytest.mark.parametrize("indefinite", [False, True])
def test_depth(indefinite: bool) -> None:
    """As deep as the cursor goes, and no step further."""
    assert ber.definite(nested(MAX_DEPTH, indefinite=indefinite), "x") == nested(
        MAX_DEPTH, indefinite=False
    )
    assert refused(nested(MAX_DEPTH + 1, indefinite=indefinite)) == "too_deep"


def test_number_of_objects(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are counted over the whole tree, the outermost included."""
    monkeypatch.setattr(ber, "MAX_NODES", 7)
    assert ber.definite(w.seq(w.seq(*[ONE] * 3), w.seq(ONE)), "x")
    assert refused(w.seq(w.seq(*[ONE] * 3), w.seq(ONE, ONE))) == "too_many_objects"


@pytest.mark.parametrize("opening", [b"\x30\x80", b"\x24\x80", b"\x30\x84\x7f\xff\xff\xff"])
def test_bombs(opening: bytes) -> None:
    """A megabyte of beginnings takes no time: depth and lengths are bounded first."""
    start = time.monotonic()
    assert refused(opening * (1_000_000 // len(opening))) in {"too_deep", "truncated"}
    assert time.monotonic() - start < 1


# Read by pyasn1 ---------------------------------------------------------------------------

_PAIR = univ.Sequence(
    componentType=namedtype.NamedTypes(
        namedtype.NamedType("number", univ.Integer()),
        namedtype.NamedType("rest", univ.Any()),
    )
)


@pytest.mark.parametrize(
    "data",
    [
        w.seq(ONE, w.seq(TEXT)),
        endless(0x30, ONE, w.seq(TEXT)),
        endless(0x30, ONE, endless(0x30, TEXT)),
        padded(0x30, b"\x02\x02\x00\x01" + endless(0x30, TEXT)),
    ],
)
def test_decode(data: bytes) -> None:
    """Whatever the form, a field of any type comes whole and with a definite length."""
    found = ber.decode(data, _PAIR, "x")
    assert (int(found["number"]), bytes(found["rest"])) == (1, w.seq(TEXT))


@pytest.mark.parametrize(
    "data",
    [
        w.seq(),
        w.seq(ONE),
        w.seq(TEXT, ONE),
        w.seq(ONE, ONE, ONE),
        w.set_of(ONE, TEXT),
        ONE,
    ],
)
def test_not_of_the_type(data: bytes) -> None:
    """Proper BER that is something else."""
    with pytest.raises(MalformedData) as caught:
        ber.decode(data, _PAIR, "x")
    assert (caught.value.where, caught.value.rule) == ("x", "not_ber")


@pytest.mark.parametrize("error", [ValueError, TypeError, OverflowError, RecursionError])
def test_refused(error: type[Exception]) -> None:
    """Foreign exceptions become ours, with their cause; our own pass."""
    with pytest.raises(MalformedData) as caught, ber.refused("x"):
        raise error
    assert (caught.value.where, caught.value.rule) == ("x", "not_ber")
    assert isinstance(caught.value.__cause__, error)
    with pytest.raises(MalformedData) as caught, ber.refused("x"):
        raise MalformedData("y", "own")
    assert (caught.value.where, caught.value.rule) == ("y", "own")


# Any bytes --------------------------------------------------------------------------------


@given(st.binary(max_size=300))
def test_any_bytes(data: bytes) -> None:
    """A definite object, which is left alone from then on, or ``MalformedData``."""
    for candidate in (data, b"\x30\x80" + data, endless(0x30, data)):
        with suppress(MalformedData):
            found = ber.definite(candidate, "x")
            assert ber.definite(found, "x") == found
            assert len(found) <= len(candidate) + 8 * MAX_DEPTH
        with suppress(MalformedData):
            ber.decode(candidate, _PAIR, "x")


TREES = st.recursive(
    st.binary(max_size=200).map(lambda value: (0x04, value)),
    lambda inner: st.tuples(st.sampled_from([0x30, 0x31, 0xA0]), st.lists(inner, max_size=4)),
    max_leaves=20,
)


def written(tree: object, ends: st.DataObject | None) -> bytes:
    """Return ``tree`` in DER, or with ``ends`` as somebody who streams some of it."""
    assert isinstance(tree, tuple)
    tag, value = tree
    if isinstance(value, bytes):
        return encode(tag, value)
    inner = b"".join(written(each, ends) for each in value)
    if ends is not None and ends.draw(st.booleans()):
        return endless(tag, inner)
    return encode(tag, inner)


@given(TREES, st.data())
def test_any_tree(tree: object, ends: st.DataObject) -> None:
    """Whichever of the lengths of a DER object are left open, the DER object comes back."""
    der = written(tree, None)
    assert ber.definite(written(tree, ends), "x") == der
    assert ber.is_definite(der, "x")
