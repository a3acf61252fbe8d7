"""DG1."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecid.encoding.tlv import encode
from ecid.errors import EcidError, MalformedData
from ecid.lds.dg1 import parse

ZONE = b"IDVNM0901234562000090123456<<29007150M3007158VNM<<<<<<<<<<<8NGUYEN<<VAN<MAU<<<<<<<<<<<<<<<"


def test_vietnamese_card() -> None:
    """cccd.md §1.5: 61 5D 5F1F 5A and 90 characters."""
    data = bytes.fromhex("615D5F1F5A") + ZONE
    assert encode(0x61, encode(0x5F1F, ZONE)) == data
    assert len(data) == 95
    mrz = parse(data).mrz
    assert (mrz.format, mrz.document_number, mrz.wrong_check_digits) == ("TD1", "090123456", ())


@pytest.mark.parametrize(
    ("name", "number", "surname"),
    [
        ("bsi-tr03105-5-reference/Datagroup1", "C11T002JM", "MUSTERMANN"),
        ("etsi2011/EF_DG1", "C11T002JM", "MUSTERMANN"),
        ("ucl2009-pypassport/Datagroup1", "EH123456", "SMITH"),
    ],
)
def test_published_chips(corpus: Path, name: str, number: str, surname: str) -> None:
    """The specimens: three passports, all check digits right, one state of a single letter."""
    mrz = parse((corpus / "chips" / f"{name}.bin").read_bytes()).mrz
    assert ("TD3", number, surname) == (mrz.format, mrz.document_number, mrz.surname)
    assert mrz.wrong_check_digits == ()
    assert (mrz.issuing_state == "D") is (surname == "MUSTERMANN")


@pytest.mark.parametrize(
    ("data", "where", "rule"),
    [
        (encode(0x75, encode(0x5F1F, ZONE)), "DG1", "unexpected_tag"),
        (encode(0x61, encode(0x5F1F, ZONE)) + b"\x00", "DG1", "trailing_data"),
        (encode(0x61, encode(0x5F1F, ZONE) + b"\x04\x00"), "DG1", "trailing_data"),
        (encode(0x61, encode(0x5F1F, ZONE[:-1])), "MRZ", "length"),
        (encode(0x61, encode(0x5F1F, ZONE[:-1] + b"\xff")), "MRZ", "charset"),
        (encode(0x61, b""), "DG1", "truncated"),
    ],
)
def test_refused(data: bytes, where: str, rule: str) -> None:
    """The wrong file, something beside the zone, no zone."""
    with pytest.raises(MalformedData) as caught:
        parse(data)
    assert (where, rule) == (caught.value.where, caught.value.rule)


@given(st.binary(max_size=120))
def test_any_bytes(data: bytes) -> None:
    """Whatever the bytes, a zone or ``EcidError``."""
    for candidate in (data, encode(0x61, data), encode(0x61, encode(0x5F1F, data))):
        with contextlib.suppress(EcidError):
            assert parse(candidate).mrz.lines
