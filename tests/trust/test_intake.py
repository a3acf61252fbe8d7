"""PEM blocks out of files, wherever they stand (RFC 7468)."""

from __future__ import annotations

import time
from base64 import b64encode, encodebytes
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecid.errors import MalformedData
from ecid.trust.intake import pem
from ecid.trust.intake.pem import blocks, is_pem

LABELS = [
    b"CERTIFICATE",
    b"X509 CERTIFICATE",
    b"TRUSTED CERTIFICATE",
    b"X509 CRL",
    b"PKCS7",
    b"CMS",
]


def block(content: bytes, label: bytes = b"CERTIFICATE", end: bytes = b"\n") -> bytes:
    """Return one PEM block with lines of 76 characters."""
    lines = encodebytes(content).replace(b"\n", end)
    return b"-----BEGIN " + label + b"-----" + end + lines + b"-----END " + label + b"-----" + end


def contents(data: bytes) -> list[bytes | None]:
    """Return the contents of every block."""
    return [content for _, content in blocks(data)]


def refused(data: bytes) -> str:
    """Return the rule that ``data`` breaks."""
    with pytest.raises(MalformedData) as caught:
        list(blocks(data))
    assert caught.value.where == "PEM"
    return caught.value.rule


@given(
    st.lists(st.tuples(st.binary(), st.sampled_from(LABELS)), min_size=1, max_size=4),
    st.sampled_from([b"\n", b"\r\n", b"\r"]),
)
def test_pem(given_: list[tuple[bytes, bytes]], end: bytes) -> None:
    """Any number of blocks, in order, with the line ends of any system."""
    data = b"".join(block(content, label, end) for content, label in given_)
    assert is_pem(data)
    assert list(blocks(data)) == [(label.decode(), content) for content, label in given_]


@given(st.binary(), st.from_regex(rb"[a-z \n]*", fullmatch=True))
def test_text_around(content: bytes, text: bytes) -> None:
    """Explanatory text before, between and after the blocks (§5.2)."""
    data = text + block(content) + text + block(content) + text
    assert contents(data) == [content, content]


def test_one_line() -> None:
    """Without line breaks, too."""
    data = b"-----BEGIN CERTIFICATE-----" + b64encode(b"x") + b"-----END CERTIFICATE-----"
    assert contents(data) == [b"x"]


@pytest.mark.parametrize("data", [b"", b"hello", b"\x31\x00", b"-----BEGIN ", b"-----END A-----"])
def test_no_block(data: bytes) -> None:
    """Files without the beginning of a block."""
    assert refused(data) == "no_block"


BROKEN = [b"A", b"AAA", b"A=AA", b"AA==AA==", b"AA=", b"AA!=", b"A:AA", b"QU-B"]


@pytest.mark.parametrize("content", BROKEN)
def test_not_base64(content: bytes) -> None:
    """A broken block is named, not passed over and not repaired; its neighbours are read."""
    broken = b"-----BEGIN CERTIFICATE-----\n" + content + b"\n-----END CERTIFICATE-----\n"
    assert contents(broken) == [None]
    assert contents(block(b"one") + broken + block(b"two")) == [b"one", None, b"two"]


def test_block_without_end() -> None:
    """Nor is one whose end is missing, in the middle or where a file was cut off."""
    cut = block(b"two" * 100)[:-40]
    assert contents(block(b"one") + cut + block(b"three")) == [b"one", None, b"three"]
    assert contents(block(b"one") + cut) == [b"one", None]
    assert contents(b"-----BEGIN CERTIFICATE-----") == [None]


def test_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """A limit above all signers in the world."""
    monkeypatch.setattr(pem, "MAX_BLOCKS", 2)
    assert contents(block(b"a") * 2) == [b"a", b"a"]
    assert refused(block(b"a") * 3) == "too_many"


@pytest.mark.parametrize("piece", [b"-----BEGIN A-----", b"-----BEGIN ", b"-----END A-----", b"-"])
def test_long_nonsense(piece: bytes) -> None:
    """A megabyte of half markers is done with at once."""
    data = piece * (2**20 // len(piece))
    started = time.perf_counter()
    with suppress(MalformedData):
        assert set(contents(data)) == {None}
    assert time.perf_counter() - started < 3  # some 20 ms on an idle machine


@given(st.binary(max_size=200))
def test_arbitrary_bytes(data: bytes) -> None:
    """Blocks or a named error, whatever stands between the markers."""
    for whole in (data, b"-----BEGIN CERTIFICATE-----" + data + b"-----END CERTIFICATE-----"):
        with suppress(MalformedData):
            assert contents(whole) is not None


def test_block_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """A block longer than any is not decoded; the next one is."""
    monkeypatch.setattr(pem, "MAX_BLOCK", 200)
    data = pem.block(bytes(200)) + pem.block(bytes(100))
    assert list(blocks(data)) == [("CERTIFICATE", None), ("CERTIFICATE", bytes(100))]


@given(st.binary(min_size=1, max_size=300))
def test_block_there_and_back(content: bytes) -> None:
    """What is written is what is read."""
    assert list(blocks(pem.block(content))) == [("CERTIFICATE", content)]
