"""Extensions as issuers write them: read, and said (Doc 9303-12 §7.1)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecid.encoding import der_write as w
from ecid.encoding.tlv import encode
from ecid.errors import MalformedData
from ecid.trust import extension_values as values
from ecid.trust.extension_values import Constraints, Read

SHORT, LONG = w.printable("I"), w.printable("ID")


@pytest.mark.parametrize(
    ("value", "constraints", "deviation"),
    [
        ("3000", (False, None), None),
        ("30030101FF", (True, None), None),
        ("30060101FF020100", (True, 0), None),
        ("3003010100", (False, None), "ber_encoding"),
        ("3081030101FF", (True, None), "ber_encoding"),
        ("3006010101020100", (True, 0), "boolean_encoding"),
    ],
)
def test_basic_constraints(
    value: str, constraints: tuple[bool, int | None], deviation: str | None
) -> None:
    """A FALSE that is written out, a TRUE of 01, a length of two octets: the same meaning."""
    found = values.basic_constraints(bytes.fromhex(value))
    assert found == Read(Constraints(*constraints), deviation)


@pytest.mark.parametrize(
    ("value", "identifier", "deviation"),
    [
        ("3003800199", "99", None),
        ("308103800199", "99", "ber_encoding"),
        ("3000", None, None),
        ("308100", None, "ber_encoding"),
    ],
)
def test_authority_key_identifier(
    value: str, identifier: str | None, deviation: str | None
) -> None:
    """A length that is not minimal does not hide the identifier."""
    found = values.authority_key_identifier(bytes.fromhex(value))
    expected = None if identifier is None else bytes.fromhex(identifier)
    assert found == Read(expected, deviation)


@pytest.mark.parametrize(
    ("value", "deviation"),
    [
        (w.seq(w.integer(0), w.set_of(SHORT, LONG)), None),
        (w.seq(w.integer(0), encode(0x31, LONG + SHORT)), "set_order"),
        (w.seq(w.integer(0), encode(0x31, w.utf8("I") + LONG)), "ber_encoding"),
    ],
)
def test_document_types(value: bytes, deviation: str | None) -> None:
    """Codes out of order or in another string type are the same codes."""
    assert values.document_types(value) == Read(frozenset({"I", "ID"}), deviation)


def test_document_types_that_are_none() -> None:
    """A code that is no text, and a list that is no set."""
    for value in (
        w.seq(w.integer(0), w.set_of(w.octets(b"I"))),
        w.seq(w.integer(0), w.set_of(w.utf8("Ị"))),
        w.seq(w.integer(0), w.seq(SHORT)),
    ):
        with pytest.raises(MalformedData) as caught:
            values.document_types(value)
        assert caught.value.rule == "not_der"


def test_private_key_usage() -> None:
    """Both ends, one, or none."""
    start = encode(0x80, b"20200101000000Z")
    assert values.private_key_usage(w.seq(start)) == Read((datetime(2020, 1, 1, tzinfo=UTC), None))
    assert values.private_key_usage(w.seq()) == Read((None, None))


READERS = (
    values.authority_key_identifier,
    values.basic_constraints,
    values.document_types,
    values.extended_key_usage,
    values.key_usage,
    values.private_key_usage,
    values.subject_key_identifier,
)


@pytest.mark.parametrize("reader", READERS)
@given(data=st.binary(max_size=40))
def test_any_bytes(reader: object, data: bytes) -> None:
    """A value or ``MalformedData``, in whatever wrapping."""
    assert callable(reader)
    for value in (data, encode(0x30, data), encode(0x04, data), encode(0x03, data)):
        try:
            found = reader(value)
        except MalformedData:
            continue
        assert isinstance(found, Read)
