"""Nodes of a DER tree, changed from outside."""

from __future__ import annotations

import pytest

from ecid.encoding import der_write as w
from ecid.errors import MalformedData, Misuse
from ecid.testing import append, flip, node, override

INNER = w.seq(w.integer(1), w.octets(b"two"))
TREE = w.seq(w.null(), w.explicit(0, INNER), w.boolean(True))


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ((), TREE),
        ((0,), w.null()),
        ((1, 0), INNER),
        ((1, 0, 1), w.octets(b"two")),
        ((-1,), w.boolean(True)),
        ((1, -1, -2), w.integer(1)),
    ],
)
def test_node(path: tuple[int, ...], expected: bytes) -> None:
    """A path counts children, from the end where it is negative."""
    assert expected == node(TREE, path)


def test_override_mends_every_length() -> None:
    """A node of another length is a tree of other lengths, and nothing else changes."""
    long = w.octets(bytes(300))
    expected = w.seq(w.null(), w.explicit(0, w.seq(w.integer(1), long)), w.boolean(True))
    assert expected == override(TREE, (1, 0, 1), long)


def test_override_by_function() -> None:
    """A function gets the present object."""
    assert w.null() == override(TREE, (0,), lambda raw: raw)[2:4]
    assert override(TREE, (), lambda raw: raw + b"more") == TREE + b"more"


def test_override_with_nothing_removes() -> None:
    """Empty bytes take the node away."""
    assert w.seq(w.explicit(0, INNER), w.boolean(True)) == override(TREE, (0,), b"")


def test_override_need_not_be_der() -> None:
    """Raw bytes are taken as they are."""
    assert w.seq(w.null()).replace(w.null(), b"\xff\xff") == override(
        w.seq(w.null()), (0,), b"\xff\xff"
    )


def test_append() -> None:
    """One more object, last inside the named one."""
    assert w.seq(w.integer(1), w.octets(b"two"), w.null()) == node(
        append(TREE, (1, 0), w.null()), (1, 0)
    )


def test_flip() -> None:
    """One bit of one byte."""
    assert flip(b"\x00\x00") == b"\x00\x01"
    assert flip(b"\x00\x00", 0, 7) == b"\x80\x00"


@pytest.mark.parametrize("path", [(3,), (-4,), (1, 1), (0, 0)])
def test_no_such_node(path: tuple[int, ...]) -> None:
    """A path that leads nowhere is the mistake of whoever wrote it."""
    with pytest.raises((Misuse, MalformedData)):
        override(TREE, path, b"")
