"""CMS SignedData, decoded and not judged (RFC 5652 §5)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ecid.emulator import cms
from ecid.emulator.pki import CSCA_NAME, SIGNING_TIME
from ecid.encoding import der_write as w
from ecid.encoding.oid import (
    CONTENT_TYPE,
    LDS_SECURITY_OBJECT,
    MESSAGE_DIGEST,
    SIGNED_DATA,
)
from ecid.encoding.tlv import encode, parse_one
from ecid.errors import MalformedData
from ecid.lds.security_object import unwrap_sod
from ecid.trust.signed_data import SignedData, SignerInfo, parse_signed_data
from ecid.trust.signing_time import signing_time
from ecid_crypto.hashes import Hash
from forged_sod import (
    ATTRIBUTES,
    CONTENT,
    SIGNATURE,
    SIGNER,
    genuine,
    signed_data_parts,
    signer_parts,
    with_attributes,
    with_signed_data_part,
    with_signer_part,
)


def parsed(sod: bytes) -> SignedData:
    """Return the SignedData inside ``sod``."""
    return parse_signed_data(unwrap_sod(sod), "SOD")


def signer(sod: bytes) -> SignerInfo:
    """Return its only signer."""
    (found,) = parsed(sod).signers
    return found


def refused(sod: bytes) -> str:
    """Return the rule that ``sod`` breaks."""
    with pytest.raises(MalformedData) as caught:
        parsed(sod)
    assert caught.value.where == "SOD"
    return caught.value.rule


def test_fields() -> None:
    """Everything as it was signed."""
    found = parsed(genuine())
    assert (found.version, found.content_type) == (3, LDS_SECURITY_OBJECT)
    assert (found.digest_algorithms, found.crls, found.deviations) == ((Hash.SHA256.oid,), (), ())
    assert found.content == CONTENT
    assert found.certificates == (SIGNER.certificate,)
    info = signer(genuine())
    assert (info.version, info.identifier.raw_issuer) == (1, CSCA_NAME)
    assert info.identifier.serial == 0x45434944_00000013
    assert info.identifier.key_identifier is None
    assert w.seq(w.oid(Hash.SHA256.oid)) == info.raw_digest_algorithm
    assert SIGNER.key.algorithm(Hash.SHA256) == info.raw_signature_algorithm
    assert w.octets(info.signature) == signer_parts(genuine())[SIGNATURE]


def test_signed_attributes_are_kept_as_received() -> None:
    """Only the tag is another one: what was signed is the SET (§5.4)."""
    received = signer_parts(genuine())[ATTRIBUTES]
    info = signer(genuine())
    assert info.signed_attributes == b"\x31" + received[1:]
    assert received[0] == 0xA0


def test_attributes() -> None:
    """Each by its type, with its only value."""
    info = signer(genuine())
    assert info.attribute(CONTENT_TYPE, "SOD").raw == w.oid(LDS_SECURITY_OBJECT)
    assert info.attribute(MESSAGE_DIGEST, "SOD").value == Hash.SHA256.digest(CONTENT)
    with pytest.raises(MalformedData) as caught:
        info.attribute("1.2.3", "SOD")
    assert caught.value.rule == "signed_attributes"


def test_no_signed_attributes() -> None:
    """Where there are none, asking for one is an error, also asking whether."""
    info = signer(genuine(attributes=()))
    assert info.signed_attributes is None
    for ask in (info.attribute,):
        with pytest.raises(MalformedData) as caught:
            ask(CONTENT_TYPE, "SOD")
        assert caught.value.rule == "signed_attributes"


def test_key_identifier() -> None:
    """The other choice of SignerIdentifier."""
    sod = with_signer_part(genuine(), 1, cms.key_identifier(b"key"))
    identifier = signer(sod).identifier
    assert (identifier.key_identifier, identifier.raw_issuer, identifier.serial) == (
        b"key",
        None,
        None,
    )


@pytest.mark.parametrize("number", [-1, 0, 127, 128, 1 << 160])
def test_serial_numbers(number: int) -> None:
    """Signed like those of certificates."""
    sod = with_signer_part(genuine(), 1, w.seq(CSCA_NAME, w.integer(number)))
    assert signer(sod).identifier.serial == number


def test_without_certificates_and_signers() -> None:
    """Both may be absent as far as the format goes."""
    found = parsed(genuine(certificates=(), signer_infos=()))
    assert (found.certificates, found.signers) == ((), ())


def test_crls_are_cut_out() -> None:
    """Revocation lists may stand behind the certificates; they are not looked into."""
    parts = signed_data_parts(genuine())
    crls = w.implicit(1, w.set_of(w.seq(), w.null()))
    inner = w.seq(w.oid(SIGNED_DATA), w.explicit(0, w.seq(*parts[:-1], crls, parts[-1])))
    found = parse_signed_data(inner, "SOD")
    assert found == replace(parsed(genuine()), crls=(w.null(), w.seq()))


SETS = {
    "certificates": (SIGNER.certificate, w.seq()),
    "crls": (w.seq(), w.null()),
}


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("sort", [True, False])
def test_set_order(name: str, sort: bool) -> None:
    """A SET OF certificates or lists may be out of order, and is then said to be."""
    members = SETS[name]
    bag = w.implicit(list(SETS).index(name), w.set_of(*members, sort=sort))
    parts = signed_data_parts(genuine())
    together = [*parts[:3], *([bag] if name == "certificates" else [parts[3], bag]), parts[-1]]
    inner = w.seq(w.oid(SIGNED_DATA), w.explicit(0, w.seq(*together)))
    found = parse_signed_data(inner, "SOD")
    kept = found.certificates if name == "certificates" else found.crls
    assert set(kept) == set(members)
    assert (list(kept) == list(members)) is not sort
    assert found.deviations == (() if sort else ("set_order",))


def test_detached() -> None:
    """A SignedData without content has None, not the empty string."""
    detached = with_signed_data_part(genuine(), 2, w.seq(w.oid(LDS_SECURITY_OBJECT)))
    empty = w.seq(w.oid(LDS_SECURITY_OBJECT), w.explicit(0, w.octets(b"")))
    assert parsed(detached).content is None
    assert parsed(with_signed_data_part(genuine(), 2, empty)).content == b""


def _infos(info: bytes) -> bytes:
    return with_signed_data_part(genuine(), -1, w.set_of(info))


PARTS = signer_parts(genuine())
SHORTENED = {n: _infos(w.seq(*PARTS[:n])) for n in range(6)}


@pytest.mark.parametrize("count", SHORTENED)
def test_shortened_signer(count: int) -> None:
    """A SignerInfo that ends early."""
    assert refused(SHORTENED[count]) == "truncated"


BROKEN = {
    "signer with an extra part": (_infos(w.seq(*PARTS, w.null())), "trailing_data"),
    "signer that is no sequence": (_infos(w.octets(b"")), "unexpected_tag"),
    "identifier with an extra part": (
        with_signer_part(genuine(), 1, w.seq(CSCA_NAME, w.integer(1), w.null())),
        "trailing_data",
    ),
    "identifier of another kind": (with_signer_part(genuine(), 1, w.null()), "signer_identifier"),
    "version as another type": (with_signed_data_part(genuine(), 0, w.octets(b"\x03")), "not_der"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken(name: str) -> None:
    """Extra and foreign parts are refused by name; see ``test_ber_signed_data`` for BER."""
    sod, rule = BROKEN[name]
    assert refused(sod) == rule


def test_attribute_with_an_extra_part() -> None:
    """The attributes are taken apart when one is asked for."""
    attribute = w.seq(w.oid(CONTENT_TYPE), w.set_of(), w.null())
    sod = with_signer_part(genuine(), ATTRIBUTES, w.implicit(0, w.set_of(attribute)))
    with pytest.raises(MalformedData) as caught:
        signer(sod).attribute(CONTENT_TYPE, "SOD")
    assert caught.value.rule == "trailing_data"


def test_nothing_is_printed() -> None:
    """Neither hashes nor signatures stand in a repr."""
    text = repr(parsed(genuine()))
    assert "content=" not in text
    assert "signature=" not in text


# What nobody signed, and what BER writes otherwise ---------------------------------------


@pytest.mark.parametrize("odd", ["3080020101", "1f8101", "0000", "31" * 200])
def test_unsigned_attributes_are_not_looked_into(odd: str) -> None:
    """They are nobody's word, so what stands in them spoils nothing (RFC 5652 §5.3)."""
    unsigned = encode(0xA1, bytes.fromhex(odd))
    parts = signer_parts(genuine())
    sod = with_signer_part(genuine(), SIGNATURE, parts[SIGNATURE] + unsigned)
    assert parsed(sod) == parsed(genuine())


@pytest.mark.parametrize("name", ["attributes", "version", "signature"])
def test_signer_info_in_ber(name: str) -> None:
    """The same signer by another encoding, and it is said."""
    parts = signer_parts(genuine())
    attributes, signature = parse_one(parts[ATTRIBUTES], 0xA0, "x").value, parts[SIGNATURE]
    in_ber = {
        "attributes": (ATTRIBUTES, b"\xa0\x80" + attributes + bytes(2)),
        "version": (0, bytes.fromhex("02020001")),
        "signature": (SIGNATURE, encode(0x24, signature)),
    }
    found = signer(with_signer_part(genuine(), *in_ber[name]))
    assert parsed(with_signer_part(genuine(), *in_ber[name])).deviations == ("ber_encoding",)
    assert (found.version, found.signature) == (1, signer(genuine()).signature)
    assert found == signer(genuine())


@pytest.mark.parametrize(("time", "deviations"), [("%S", ()), ("", ("ber_encoding",))])
def test_signing_time_without_seconds(time: str, deviations: tuple[str, ...]) -> None:
    """BER lets them out; the time counts all the same, and it is said."""
    value = encode(0x17, SIGNING_TIME.strftime(f"%y%m%d%H%M{time}Z").encode())
    stamped = cms.attribute("1.2.840.113549.1.9.5", value)
    sod = with_attributes(*cms.signed_attributes(CONTENT), stamped)
    assert parsed(sod).deviations == deviations
    assert signing_time(signer(sod)) == SIGNING_TIME
