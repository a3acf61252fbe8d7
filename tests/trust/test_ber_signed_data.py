"""SignedData that is BER and not DER: streamed lengths, content in pieces, sets out of order."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecid.emulator import cms
from ecid.encoding import der_write as w
from ecid.encoding.oid import LDS_SECURITY_OBJECT, SIGNED_DATA
from ecid.encoding.tlv import Tlv, children, encode, parse_one
from ecid.errors import MalformedData
from ecid.lds.security_object import unwrap_sod
from ecid.protocols.passive_authentication import authenticate
from ecid.trust import ber_signed_data
from ecid.trust.signed_data import parse_signed_data
from ecid.trust.tolerance import NOTHING
from ecid_crypto.hashes import Hash
from forged_sod import (
    CONTENT,
    GREEN,
    SIGNER,
    TRUST,
    all_verdicts,
    flipped,
    genuine,
    signed_data_parts,
    verdicts,
)

DER = unwrap_sod(genuine())
PARTS = tuple(signed_data_parts(genuine()))
VERSION, DIGESTS, ENCAPSULATED, CERTIFICATES, SIGNERS = range(5)


def endless(tlv: bytes) -> bytes:
    """Return a constructed object with an indefinite length."""
    return tlv[:1] + b"\x80" + parse_one(tlv, tlv[0], "x").value + b"\x00\x00"


def padded(tlv: bytes) -> bytes:
    """Return an object with its length in four octets."""
    value = parse_one(tlv, tlv[0], "x").value
    return tlv[:1] + b"\x84" + len(value).to_bytes(4, "big") + value


def info(*parts: bytes) -> bytes:
    """Return a ContentInfo of a SignedData with these parts."""
    return w.seq(w.oid(SIGNED_DATA), w.explicit(0, w.seq(*parts)))


def with_part(index: int, part: bytes) -> bytes:
    """Return the control with one part of its SignedData replaced."""
    parts = [*PARTS]
    parts[index] = part
    return info(*parts)


def part(index: int) -> bytes:
    """Return one part of the SignedData of the control."""
    return PARTS[index]


def content_in(octets: bytes) -> bytes:
    """Return the encapsulated content with these octets (complete, whatever their form)."""
    return with_part(ENCAPSULATED, w.seq(w.oid(LDS_SECURITY_OBJECT), w.explicit(0, octets)))


PIECES = w.octets(CONTENT[:50]) + w.octets(b"") + w.octets(CONTENT[50:])
SHA512 = w.seq(w.oid(Hash.SHA512.oid))
SHA256 = w.seq(w.oid(Hash.SHA256.oid))
BER = {
    "streamed": endless(DER),
    "long length": padded(DER),
    "streamed inside": with_part(ENCAPSULATED, endless(part(ENCAPSULATED))),
    "content in pieces": content_in(encode(0x24, PIECES)),
    "content streamed in pieces": content_in(endless(encode(0x24, PIECES))),
    "content in pieces of pieces": content_in(encode(0x24, encode(0x24, PIECES))),
    "long length of the content": content_in(padded(w.octets(CONTENT))),
    "certificates streamed": with_part(CERTIFICATES, endless(part(CERTIFICATES))),
    "signers streamed": with_part(SIGNERS, endless(part(SIGNERS))),
    "every set": info(
        part(VERSION), *(endless(part(n)) for n in (DIGESTS, ENCAPSULATED, CERTIFICATES, SIGNERS))
    ),
}


@pytest.mark.parametrize("name", BER)
def test_forms(name: str) -> None:
    """Each reads as its DER twin does, under a name."""
    control = parse_signed_data(DER, "SOD")
    assert control.deviations == ()
    found = parse_signed_data(BER[name], "SOD")
    assert found == replace(control, deviations=("ber_encoding",))


@pytest.mark.parametrize("name", BER)
def test_signature_of_a_form(name: str) -> None:
    """The signature holds, and for nobody who is granted nothing; a changed one never does."""
    sod = encode(0x77, BER[name])
    result = authenticate(sod, TRUST)
    assert all_verdicts(result) == GREEN
    assert {(d.code, d.where) for d in result.deviations} == {("ber_encoding", "SOD")}
    strict = all_verdicts(authenticate(sod, TRUST, NOTHING))
    assert strict == ("undetermined not_tolerated", *GREEN[1:])
    for value in (Hash.SHA256.digest(CONTENT), CONTENT[-32:]):
        assert verdicts(flipped(sod, sod.index(value)))[1].startswith("failed")


def test_order_of_a_set() -> None:
    """Where all lengths are DER, the order of a set is what was not."""
    sets = {True: w.set_of(SHA256, SHA512), False: w.set_of(SHA256, SHA512, sort=False)}
    if sets[True] == sets[False]:
        sets[False] = w.set_of(SHA512, SHA256, sort=False)
    control = parse_signed_data(with_part(DIGESTS, sets[True]), "SOD")
    found = parse_signed_data(with_part(DIGESTS, sets[False]), "SOD")
    assert (control.deviations, found.deviations) == ((), ("set_order",))
    assert set(found.digest_algorithms) == {Hash.SHA256.oid, Hash.SHA512.oid}
    assert found.signers == control.signers
    streamed = parse_signed_data(endless(with_part(DIGESTS, sets[False])), "SOD")
    assert streamed.deviations == ("ber_encoding",)


@pytest.mark.parametrize(
    ("version", "deviations"),
    [("020103", ()), ("02020003", ("ber_encoding",))],
)
def test_padded_number(version: str, deviations: tuple[str, ...]) -> None:
    """Lengths that are DER make it no matter of order: a padded number has its own name."""
    raw = with_part(0, bytes.fromhex(version))
    assert parse_signed_data(raw, "SOD").deviations == deviations


def test_members_come_whole() -> None:
    """Certificates, lists and signers are complete objects with definite lengths."""
    crls = w.implicit(1, w.set_of(endless(w.seq(w.null()))))
    parts = [*PARTS]
    parts[CERTIFICATES] = w.implicit(0, w.set_of(SIGNER.certificate, endless(w.seq())))
    found = ber_signed_data.parse(endless(info(*parts[:-1], crls, parts[-1])), "SOD")
    assert set(found.certificates) == {SIGNER.certificate, w.seq()}
    assert found.crls == (w.seq(w.null()),)
    assert found.signers == (children(parse_one(part(SIGNERS), 0x31, "x"))[0].raw,)


def test_what_may_be_absent() -> None:
    """Content, certificates and signers, as far as the format goes."""
    bare = info(part(VERSION), w.set_of(), w.seq(w.oid(LDS_SECURITY_OBJECT)), w.set_of())
    found = parse_signed_data(endless(bare), "SOD")
    assert found.content is None
    assert (found.digest_algorithms, found.certificates, found.crls, found.signers) == ((),) * 4


BROKEN = {
    "another content": w.seq(w.oid("1.2.840.113549.1.7.1"), w.explicit(0, w.octets(b""))),
    "another type of the same content": w.seq(
        w.oid("1.2.840.113549.1.7.3"), w.explicit(0, w.seq(*PARTS))
    ),
    "no content": w.seq(w.oid(SIGNED_DATA)),
    "content without tag": w.seq(w.oid(SIGNED_DATA), w.seq(*PARTS)),
    "content with a primitive tag": w.seq(w.oid(SIGNED_DATA), encode(0x80, w.seq(*PARTS))),
    "content under another tag": w.seq(w.oid(SIGNED_DATA), w.explicit(1, w.seq(*PARTS))),
    "two contents": w.seq(*[each.raw for each in children(parse_one(DER, 0x30, "x"))], w.null()),
    "octets that are text": content_in(w.utf8("x")),
    "pieces that are text": content_in(encode(0x24, w.utf8("x"))),
    "version that is none": with_part(VERSION, w.octets(b"\x03")),
    "algorithm that is none": with_part(DIGESTS, w.set_of(w.seq(w.null()))),
    "algorithm without identifier": with_part(DIGESTS, w.set_of(w.seq())),
    "long object identifier": with_part(
        ENCAPSULATED, w.seq(encode(0x06, b"\x2a" + b"\xff" * 20 + b"\x7f"))
    ),
    "part too many": info(*PARTS, w.null()),
    "part too few": info(*PARTS[:-1]),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken(name: str) -> None:
    """What is no SignedData in BER either is refused, streamed or not."""
    for data in (BROKEN[name], endless(BROKEN[name])):
        with pytest.raises(MalformedData) as caught:
            parse_signed_data(data, "SOD")
        assert caught.value.where == "SOD"
        assert caught.value.rule in {"not_der", "not_signed_data"}
        with pytest.raises(MalformedData):
            ber_signed_data.parse(data, "SOD")


def test_unsigned_attributes_of_a_streamed_signer() -> None:
    """They are read over in whatever form they come."""
    parts = [each.raw for each in children(children(parse_one(part(SIGNERS), 0x31, "x"))[0])]
    unsigned = w.implicit(1, w.set_of(cms.attribute("1.2.3", w.null())))
    signers = w.set_of(endless(w.seq(*parts, endless(unsigned))))
    assert verdicts(encode(0x77, with_part(SIGNERS, signers))) == GREEN


def test_signed_attributes_of_a_streamed_signer() -> None:
    """Signed is their DER (RFC 5652 §5.4): a length without end was made after signing."""
    parts = [each.raw for each in children(children(parse_one(part(SIGNERS), 0x31, "x"))[0])]
    assert parts[3][0] == 0xA0
    parts[3] = endless(parts[3])
    streamed = endless(with_part(SIGNERS, w.set_of(w.seq(*parts))))
    assert verdicts(encode(0x77, streamed)) == GREEN


def test_published(corpus: Path) -> None:
    """A Belgian passport of 2009: streamed, its content in pieces."""
    data = unwrap_sod((corpus / "chips" / "ucl2009-pypassport" / "EF_SOD.bin").read_bytes())
    found = parse_signed_data(data, "SOD")
    assert (found.version, found.content_type) == (1, "1.2.840.113549.1.7.1")
    assert found.deviations == ("ber_encoding",)
    assert (len(found.certificates), len(found.signers)) == (1, 1)


@given(st.data())
def test_any_lengths(data: st.DataObject) -> None:
    """Whichever lengths outside of certificates and signers are BER, the same is read."""
    loose = _loosened(parse_one(DER, 0x30, "x"), data, {SIGNER.certificate})
    found = parse_signed_data(loose, "SOD")
    control = parse_signed_data(DER, "SOD")
    assert replace(found, deviations=()) == control
    assert (found.deviations == ()) == (loose == DER)


def _loosened(node: Tlv, data: st.DataObject, kept: set[bytes]) -> bytes:
    if node.raw in kept or node.raw in (part(SIGNERS), part(DIGESTS)):
        return node.raw
    inner = node.value
    if node.constructed:
        inner = b"".join(_loosened(child, data, kept) for child in children(node))
        if data.draw(st.booleans()):
            return bytes([node.tag, 0x80]) + inner + b"\x00\x00"
    if data.draw(st.booleans()):
        return bytes([node.tag, 0x84]) + len(inner).to_bytes(4, "big") + inner
    return encode(node.tag, inner)


@given(st.binary(max_size=300), st.integers(0, len(DER)))
def test_any_bytes(data: bytes, at: int) -> None:
    """Parts or ``MalformedData``, also of a SignedData that was overwritten."""
    overwritten = DER[:at] + data + DER[at + len(data) :]
    for candidate in (data, endless(w.seq(data)), overwritten):
        with suppress(MalformedData):
            assert isinstance(ber_signed_data.parse(candidate, "SOD").version, int)
