"""Certificates out of files: DER as it is, PEM wherever it stands (RFC 7468)."""

from __future__ import annotations

from base64 import b64encode, encodebytes
from contextlib import suppress

import pytest
from ecid.trust.pem import certificates_in
from hypothesis import given
from hypothesis import strategies as st

from ecid.errors import MalformedData

LABELS = [b"CERTIFICATE", b"X509 CERTIFICATE", b"TRUSTED CERTIFICATE"]


def block(content: bytes, label: bytes = b"CERTIFICATE", end: bytes = b"\n") -> bytes:
    """Return one PEM block with lines of 76 characters."""
    lines = encodebytes(content).replace(b"\n", end)
    return b"-----BEGIN " + label + b"-----" + end + lines + b"-----END " + label + b"-----" + end


def refused(data: bytes) -> str:
    """Return the rule that ``data`` breaks."""
    with pytest.raises(MalformedData) as caught:
        certificates_in(data)
    assert caught.value.where == "certificate"
    return caught.value.rule


@given(st.binary())
def test_der(rest: bytes) -> None:
    """What begins like DER is handed on as one certificate, whole."""
    assert certificates_in(b"\x30" + rest) == (b"\x30" + rest,)


@given(
    st.lists(st.tuples(st.binary(), st.sampled_from(LABELS)), min_size=1, max_size=4),
    st.sampled_from([b"\n", b"\r\n", b"\r"]),
)
def test_pem(contents: list[tuple[bytes, bytes]], end: bytes) -> None:
    """Any number of blocks, in order, with the line ends of any system."""
    data = b"".join(block(content, label, end) for content, label in contents)
    assert certificates_in(data) == tuple(content for content, _ in contents)


@given(st.binary(), st.from_regex(rb"[a-z \n]*", fullmatch=True))
def test_text_around(content: bytes, text: bytes) -> None:
    """Explanatory text before, between and after the blocks (§5.2)."""
    data = text + block(content) + text + block(content) + text
    assert certificates_in(data) == (content, content)


def test_one_line() -> None:
    """Without line breaks, too."""
    data = b"-----BEGIN CERTIFICATE-----" + b64encode(b"x") + b"-----END CERTIFICATE-----"
    assert certificates_in(data) == (b"x",)


def test_other_labels_are_passed_over() -> None:
    """A private key beside a certificate is none of our business."""
    data = block(b"secret", b"PRIVATE KEY") + block(b"certificate")
    assert certificates_in(data) == (b"certificate",)
    assert refused(block(b"secret", b"PRIVATE KEY")) == "neither_der_nor_pem"


@pytest.mark.parametrize("data", [b"", b"hello", b"\x31\x00", b"-----BEGIN CERTIFICATE-----"])
def test_neither(data: bytes) -> None:
    """Files without any certificate."""
    assert refused(data) == "neither_der_nor_pem"


@pytest.mark.parametrize("content", [b"A", b"AAA", b"A=AA", b"AA==AA==", b"AA=", b"AA!=", b"A:AA"])
def test_not_base64(content: bytes) -> None:
    """A broken block is refused, not passed over and not repaired."""
    data = b"-----BEGIN CERTIFICATE-----\n" + content + b"\n-----END CERTIFICATE-----\n"
    assert refused(data) == "not_base64"
    assert refused(block(b"good") + data) == "not_base64"


@given(st.binary(max_size=200))
def test_arbitrary_bytes(data: bytes) -> None:
    """Certificates or a named error, whatever stands between the markers."""
    for whole in (data, b"-----BEGIN CERTIFICATE-----" + data + b"-----END CERTIFICATE-----"):
        with suppress(MalformedData):
            assert certificates_in(whole)
