"""EF.SOD's envelope and the LDS security object."""

from __future__ import annotations

import contextlib
import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecid.encoding import der_write as w
from ecid.encoding.tlv import Tlv, children, encode, parse_one
from ecid.errors import EcidError, MalformedData, UnsupportedData
from ecid.lds.security_object import (
    DataGroupHash,
    LdsSecurityObject,
    parse_lds_security_object,
    surplus,
    unwrap_sod,
)

SHA256 = "2.16.840.1.101.3.4.2.1"


def security_object(
    numbers: list[int],
    *,
    version: int = 0,
    parameters: bytes = b"\x05\x00",
    info: bytes = b"",
) -> bytes:
    """Return an LDSSecurityObject whose hashes are 32 times the number."""
    hashes = [w.seq(w.integer(n), w.octets(bytes([n & 0xFF]) * 32)) for n in numbers]
    algorithm = w.seq(w.oid(SHA256), parameters)
    return w.seq(w.integer(version), algorithm, w.seq(*hashes), info)


INFO = w.seq(w.printable("0108"), w.printable("040000"))


def econtent(cms: bytes) -> bytes:
    """Return the eContent of a SignedData in DER."""
    signed_data = children(children(parse_one(cms, 0x30, "SOD"))[1])[0]
    content_info = children(signed_data)[2]
    return children(children(content_info)[1])[0].value


@given(st.lists(st.integers(1, 16), min_size=1, max_size=16, unique=True), st.booleans())
def test_round_trip(numbers: list[int], with_info: bool) -> None:
    """Both versions, any set of data groups, in the order received."""
    info = INFO if with_info else b""
    read = parse_lds_security_object(security_object(numbers, version=len(info) and 1, info=info))
    versions = ("0108", "040000") if with_info else (None, None)
    hashes = tuple(DataGroupHash(n, bytes([n]) * 32) for n in numbers)
    assert LdsSecurityObject(int(with_info), SHA256, hashes, *versions) == read


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (security_object([]), "no_data_group_hash"),
        (security_object([1, 2, 1]), "duplicate_data_group"),
        (security_object([0]), "data_group_number"),
        (security_object([17]), "data_group_number"),
        (security_object([255]), "data_group_number"),
        (security_object([-1]), "data_group_number"),
        (security_object([1], version=1), "version_info"),
        (security_object([1], info=INFO), "version_info"),
        (security_object([1], parameters=w.integer(1)), "hash_parameters"),
        (security_object([1]) + b"\x00", "not_der"),
        (security_object([1]).replace(b"\x04\x20", b"\x04\x81\x20"), "not_der"),
        (b"", "not_der"),
    ],
)
def test_refused(data: bytes, rule: str) -> None:
    """No hash, one twice, numbers that do not exist (verdict-and-threats L2, L3), no DER."""
    with pytest.raises(MalformedData) as caught:
        parse_lds_security_object(data)
    assert ("SOD", rule) == (caught.value.where, caught.value.rule)


def test_later_versions() -> None:
    """A version that does not exist yet is not supported, which is not a forgery."""
    with pytest.raises(UnsupportedData):
        parse_lds_security_object(security_object([1], version=2, info=INFO))


def test_unknown_hash_is_kept() -> None:
    """Which hash is acceptable is judged later (here MD5); absent parameters are in order."""
    hashes = w.seq(w.seq(w.integer(1), w.octets(b"x")))
    data = w.seq(w.integer(0), w.seq(w.oid("1.2.840.113549.2.5")), hashes)
    assert parse_lds_security_object(data).hash_algorithm == "1.2.840.113549.2.5"


@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    """Whatever the bytes, a list or ``EcidError``."""
    for candidate in (data, w.seq(w.integer(0), data)):
        with pytest.raises(EcidError):
            parse_lds_security_object(candidate)
    with contextlib.suppress(EcidError):
        assert unwrap_sod(data) in data
    assert unwrap_sod(encode(0x77, data)) == data


@pytest.mark.parametrize("tail", [b"", b"\x00", b"\x90\x00", bytes(300)])
def test_what_follows_the_envelope(tail: bytes) -> None:
    """Bytes after the object are hashed by nobody (L8): thrown away, and counted."""
    file = encode(0x77, b"x") + tail
    assert unwrap_sod(file) == b"x"
    assert surplus(file) == len(tail)


@pytest.mark.parametrize("file", [b"", b"\x77", b"\x77\x02x", b"\x78\x01x", b"\x77\x80x\x00\x00"])
def test_no_envelope(file: bytes) -> None:
    """What is no object 77 of definite length has nothing inside and nothing behind."""
    for read in (unwrap_sod, surplus):
        with pytest.raises(MalformedData):
            read(file)


# BER --------------------------------------------------------------------------------------


def long_length(tlv: bytes, octets: int = 2) -> bytes:
    """Return a short object with its length in more octets than it needs."""
    return tlv[:1] + bytes([0x80 | octets]) + (len(tlv) - 2).to_bytes(octets, "big") + tlv[2:]


def without_length(tlv: bytes) -> bytes:
    """Return a constructed object with an indefinite length."""
    value = parse_one(tlv, tlv[0], "x").value
    return tlv[:1] + b"\x80" + value + b"\x00\x00"


DER = security_object([1])
VERSION, ALGORITHM, HASHES = (child.raw for child in children(parse_one(DER, 0x30, "x")))
BER = {
    "control": (DER, ()),
    "length with a leading zero": (long_length(DER), ("ber_encoding",)),
    "length of four octets": (long_length(DER, 4), ("ber_encoding",)),
    "length without end": (without_length(DER), ("ber_encoding",)),
    "inner length without end": (
        w.seq(VERSION, without_length(ALGORITHM), HASHES),
        ("ber_encoding",),
    ),
    "long length of a number": (w.seq(long_length(VERSION), ALGORITHM, HASHES), ("ber_encoding",)),
}


@pytest.mark.parametrize("name", BER)
def test_ber_lengths(name: str) -> None:
    """Lengths may be those of BER, and then that is said; what they hold is the same."""
    data, deviations = BER[name]
    read = parse_lds_security_object(data)
    assert read.deviations == deviations
    assert replace(read, deviations=()) == parse_lds_security_object(DER)


NOT_EVEN_BER = {
    "padded number": w.seq(b"\x02\x02\x00\x00", ALGORITHM, HASHES),
    "string in pieces": w.seq(
        VERSION, ALGORITHM, w.seq(w.seq(w.integer(1), encode(0x24, w.octets(b"x"))))
    ),
    "length without end and without the end": without_length(DER)[:-1],
    "two objects": without_length(DER) + without_length(DER),
    "end inside a definite length": w.seq(VERSION, ALGORITHM, HASHES, b"\x00\x00"),
    "primitive without length": w.seq(b"\x02\x80\x00\x00\x00", ALGORITHM, HASHES),
}


@pytest.mark.parametrize("name", NOT_EVEN_BER)
def test_more_than_lengths(name: str) -> None:
    """Everything else is refused under the rule of strict DER."""
    with pytest.raises(MalformedData) as caught:
        parse_lds_security_object(NOT_EVEN_BER[name])
    assert (caught.value.where, caught.value.rule) == ("SOD", "not_der")


@given(st.lists(st.integers(1, 16), min_size=1, max_size=16, unique=True), st.data())
def test_any_ber_lengths(numbers: list[int], data: st.DataObject) -> None:
    """Whichever lengths are written in BER, what is read is the same."""
    der = security_object(numbers)
    ber = _loosened(parse_one(der, 0x30, "x"), data)
    read = parse_lds_security_object(ber)
    assert replace(read, deviations=()) == parse_lds_security_object(der)
    assert (read.deviations == ()) == (ber == der)


def _loosened(node: Tlv, data: st.DataObject) -> bytes:
    inner = node.value
    if node.constructed:
        inner = b"".join(_loosened(child, data) for child in children(node))
        if data.draw(st.booleans()):
            return bytes([node.tag, 0x80]) + inner + b"\x00\x00"
    if data.draw(st.booleans()):
        return bytes([node.tag, 0x84]) + len(inner).to_bytes(4, "big") + inner
    return encode(node.tag, inner)


@pytest.mark.parametrize("name", ["sod_len_4GiB", "sod_gmrtd_indef", "der_nested_3000"])
def test_hostile_files(corpus: Path, name: str) -> None:
    """The published attack files are refused, at the envelope or inside."""
    data = (corpus / "malformed" / f"{name}.bin").read_bytes()
    with pytest.raises(MalformedData):
        parse_lds_security_object(unwrap_sod(data))


def test_published_chip(corpus: Path) -> None:
    """The hashes of the BSI specimen, in the issuer's order, are those of its files."""
    chip = corpus / "chips" / "bsi-tr03105-5-reference"
    read = parse_lds_security_object(econtent(unwrap_sod((chip / "EF_SOD.bin").read_bytes())))
    assert (read.version, read.hash_algorithm) == (0, SHA256)
    assert [entry.number for entry in read.hashes] == [1, 2, 3, 14, 4]
    for entry in read.hashes:
        data = (chip / f"Datagroup{entry.number}.bin").read_bytes()
        assert hashlib.sha256(data).digest() == entry.value


def test_envelope_of_a_ber_sod(corpus: Path) -> None:
    """What is inside may be BER with indefinite lengths: the envelope does not look (30 80)."""
    data = (corpus / "chips" / "ucl2009-pypassport" / "EF_SOD.bin").read_bytes()
    assert unwrap_sod(data).startswith(b"\x30\x80")


def test_repr_hides_the_hashes() -> None:
    """A hash of DG1 is as good as the number to whoever guesses numbers."""
    assert repr(b"\x07" * 32) not in repr(parse_lds_security_object(security_object([7])))
