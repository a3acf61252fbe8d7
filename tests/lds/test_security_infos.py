"""SecurityInfos in EF.CardAccess and DG14, and the key of DG15."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsa_key import PUBLIC
from ecid.encoding import der_write as w
from ecid.encoding.dh_spki import write_dh_spki
from ecid.encoding.oid import EC_PUBLIC_KEY
from ecid.encoding.spki import write_ec_parameters, write_spki
from ecid.encoding.tlv import children, encode, parse_one
from ecid.errors import EcidError, MalformedData
from ecid.lds import dg14, dg15
from ecid.lds.protocol_oids import chip_authentication_protocol, pace_protocol
from ecid.lds.security_infos import (
    MAX_KEYS,
    ActiveAuthenticationInfo,
    PaceDomainParameterInfo,
    SecurityInfos,
    TerminalAuthenticationInfo,
    parse,
    parse_card_access,
)
from ecid_crypto.cipher import Cipher
from ecid_crypto.curves import curve_by_name, encode_point
from ecid_crypto.dh import DhPublicKey, standardised_group
from ecid_crypto.public_key import EcPublicKey, RsaPublicKey

STANDARDISED = "0.4.0.127.0.7.1.2"
ROOT = "0.4.0.127.0.7.2.2"
CURVE = curve_by_name("brainpoolP256r1")
SPKI = write_spki(EcPublicKey(CURVE, CURVE.g), explicit=True)

#: EF.CardAccess of the Vietnamese card, 54 bytes (cccd.md §2).
CARD_ACCESS = bytes.fromhex(
    "3134300d060804007f0007020202020101300f060a04007f00070202030202020101"
    "3012060a04007f0007020204020202010202010d"
)


def info(oid: str, *members: bytes) -> bytes:
    """Return one SecurityInfo."""
    return w.seq(w.oid(oid), *members)


def one(entry: bytes) -> SecurityInfos:
    """Return what a set of this one entry gives."""
    return parse(w.set_of(entry), "DG14")


def test_vietnamese_card_access() -> None:
    """cccd.md §2: TA 1, CA with AES-128 and no key number, PACE-GM with AES-128 on curve 13."""
    read = parse_card_access(CARD_ACCESS)
    assert len(CARD_ACCESS) == 54
    (pace,), (chip,) = read.pace, read.chip_authentication
    assert (pace.mapping, pace.key_agreement, pace.cipher) == ("GM", "ECDH", Cipher.AES_128)
    assert (pace.version, pace.parameter_id) == (2, 13)
    assert (
        chip.key_agreement,
        chip.cipher,
        chip.version,
        chip.key_id,
    ) == ("ECDH", Cipher.AES_128, 1, None)
    assert (TerminalAuthenticationInfo(1),) == read.terminal_authentication
    assert (read.unknown, read.deviations) == ((), ())
    assert w.set_of(*read.raw_entries) == CARD_ACCESS


@pytest.mark.parametrize("name", ["bsi-tr03105-5-reference/Datagroup14", "etsi2011/EF_DG14"])
def test_published_dg14_in_the_wrong_order(corpus: Path, name: str) -> None:
    """The BSI specimen breaks the order of the set: read, and named."""
    data = (corpus / "chips" / f"{name}.bin").read_bytes()
    read = dg14.parse(data)
    assert read.deviations == ("set_order",)
    (key,) = read.chip_authentication_keys
    assert isinstance(key.key, EcPublicKey)
    assert (key.key.curve.name, key.reason) == ("brainpoolP224r1", None)
    assert [entry.cipher for entry in read.chip_authentication] == [Cipher.TDES]
    assert data.endswith(b"".join(read.raw_entries))


def test_only_the_order_is_forgiven() -> None:
    """A set that is wrong in more than its order is not DER."""
    entries = [info(f"{ROOT}.2", w.integer(1)), info("1.2.3", w.null())]
    wrong = w.set_of(*sorted(entries, reverse=True), sort=False)
    assert parse(wrong, "DG14").deviations == ("set_order",)
    for broken in (
        wrong.replace(b"\x31\x17", b"\x31\x81\x17"),
        wrong + b"\x00",
        b"\x30" + wrong[1:],
    ):
        with pytest.raises(MalformedData):
            parse(broken, "DG14")


@pytest.mark.parametrize("mapping", ["GM", "IM", "CAM"])
@pytest.mark.parametrize("agreement", ["DH", "ECDH"])
def test_pace_identifiers(mapping: str, agreement: str) -> None:
    """TR-03110-3 §A.1.1.1: five families of four ciphers; CAM with DH or 3DES does not exist."""
    arc = {
        ("GM", "DH"): 1,
        ("GM", "ECDH"): 2,
        ("IM", "DH"): 3,
        ("IM", "ECDH"): 4,
        ("CAM", "ECDH"): 6,
    }
    for number, cipher in enumerate(Cipher, start=1):
        family = arc.get((mapping, agreement), 5)
        read = pace_protocol(f"{ROOT}.4.{family}.{number}")
        if family == 5 or (mapping == "CAM" and cipher is Cipher.TDES):
            assert read is None
        else:
            assert read is not None
            assert (mapping, agreement, cipher) == (read.mapping, read.key_agreement, read.cipher)


def test_chip_authentication_identifiers() -> None:
    """TR-03110-3 §A.1.1.2: two families of four ciphers and nothing else."""
    for family, agreement in ((1, "DH"), (2, "ECDH")):
        for number, cipher in enumerate(Cipher, start=1):
            read = chip_authentication_protocol(f"{ROOT}.3.{family}.{number}")
            assert read is not None
            assert (agreement, cipher) == (read.key_agreement, read.cipher)
    for other in ("3.3.1", "3.2.5", "3.2", "3.2.2.1", "4.2.2"):
        assert chip_authentication_protocol(f"{ROOT}.{other}") is None


def test_key_numbers() -> None:
    """Several keys are told apart by their numbers."""
    read = parse(
        w.set_of(
            info(f"{ROOT}.3.2.2", w.integer(1), w.integer(1)),
            info(f"{ROOT}.3.2.4", w.integer(1), w.integer(2)),
            info(f"{ROOT}.1.2", SPKI, w.integer(1)),
            info(f"{ROOT}.1.2", SPKI, w.integer(2)),
        ),
        "DG14",
    )
    assert {1, 2} == {entry.key_id for entry in read.chip_authentication}
    assert [(k.key_id, k.spki) for k in read.chip_authentication_keys] == [(1, SPKI), (2, SPKI)]


def test_keys_that_cannot_be_used_do_not_spoil_the_file() -> None:
    """Toy groups and unknown curves leave a reason; the other entries are there."""
    toy = w.seq(w.integer(23), w.integer(5), w.integer(11))
    dh = w.seq(w.seq(w.oid("1.2.840.10046.2.1"), toy), w.bits(w.integer(8)))
    odd = w.seq(w.seq(w.oid("1.2.840.10045.2.1"), w.oid("1.3.132.0.10")), w.bits(b"\x04"))
    entries = w.set_of(
        info(f"{ROOT}.1.1", dh), info(f"{ROOT}.1.2", odd), info(f"{ROOT}.2", w.integer(1))
    )
    read = parse(entries, "DG14")
    found = {
        (entry.key_agreement, entry.key, entry.reason) for entry in read.chip_authentication_keys
    }
    assert {("DH", None, "dh_group"), ("ECDH", None, "1.3.132.0.10")} == found
    assert (TerminalAuthenticationInfo(1),) == read.terminal_authentication


def test_finite_field_keys() -> None:
    """A key of id-PK-DH beside one of id-PK-ECDH, each with its id."""
    group = standardised_group(2)
    key = DhPublicKey(group, pow(group.g, 99, group.p))
    standardised = w.seq(w.seq(w.oid(STANDARDISED), w.integer(2)), w.bits(w.integer(key.y)))
    read = parse(
        w.set_of(
            info(f"{ROOT}.1.1", write_dh_spki(key), w.integer(1)),
            info(f"{ROOT}.1.1", standardised, w.integer(2)),
            info(f"{ROOT}.1.2", SPKI, w.integer(3)),
        ),
        "DG14",
    )
    found = {entry.key_id: entry.key for entry in read.chip_authentication_keys}
    assert {1: key, 2: key, 3: EcPublicKey(CURVE, CURVE.g)} == found
    assert {entry.reason for entry in read.chip_authentication_keys} == {None}
    assert str(key.y) not in repr(read)


def test_finite_field_key_that_is_none() -> None:
    """A public value outside its group spoils the file, as a point off the curve does."""
    bad = w.seq(w.seq(w.oid(STANDARDISED), w.integer(2)), w.bits(w.integer(1)))
    with pytest.raises(MalformedData) as caught:
        one(info(f"{ROOT}.1.1", bad))
    assert caught.value.rule == "dh_public_value"


def test_other_kinds() -> None:
    """Active Authentication, EF.CVCA, proprietary PACE parameters, and unknown entries."""
    plain = "0.4.0.127.0.7.1.1.4.1.3"
    active = one(info("2.23.136.1.1.5", w.integer(1), w.oid(plain)))
    assert (ActiveAuthenticationInfo(1, plain),) == active.active_authentication
    cvca = w.seq(w.octets(b"\x01\x1c"), w.octets(b"\x1c"))
    terminal = one(info(f"{ROOT}.2", w.integer(1), cvca))
    assert (TerminalAuthenticationInfo(1, 0x011C, 0x1C),) == terminal.terminal_authentication
    parameters = w.seq(w.oid("0.4.0.127.0.7.1.2"), w.integer(13))
    domain = one(info(f"{ROOT}.4.2", parameters, w.integer(40)))
    assert (
        PaceDomainParameterInfo(f"{ROOT}.4.2", parameters, 40),
    ) == domain.pace_domain_parameters
    assert one(info("1.2.3", w.utf8("x"), w.null())).unknown == ("1.2.3",)


def test_key_deviations_are_told() -> None:
    """What a key brings along is told once for the file, and the key is there."""
    members = children(parse_one(write_ec_parameters(CURVE), 0x30, "x"))
    algorithm = w.seq(w.oid(EC_PUBLIC_KEY), w.seq(*(node.raw for node in members[:-1])))
    spki = w.seq(algorithm, w.bits(encode_point(CURVE, CURVE.g)))
    entries = (info(f"{ROOT}.1.2", spki, w.integer(number)) for number in (1, 2))
    read = parse(w.set_of(*entries), "DG14")
    assert [EcPublicKey(CURVE, CURVE.g)] * 2 == [key.key for key in read.chip_authentication_keys]
    assert read.deviations == ("cofactor_absent",)


@pytest.mark.parametrize(
    ("entry", "rule"),
    [
        (info(f"{ROOT}.4.2.2"), "not_der"),
        (info(f"{ROOT}.4.2.2", w.utf8("2")), "not_der"),
        (info(f"{ROOT}.4.2.2", w.integer(2), w.integer(13), w.null()), "not_der"),
        (info(f"{ROOT}.2", w.integer(1), w.seq(w.octets(b"\x01"))), "cvca_file"),
        (info(f"{ROOT}.2", w.integer(1), w.seq(w.octets(b"ab"), w.octets(b"cd"))), "cvca_file"),
        (info(f"{ROOT}.1.2", write_spki(RsaPublicKey(15, 3))), "key_kind"),
        (info(f"{ROOT}.1.2", write_spki(PUBLIC)), "key_kind"),
        (w.integer(1), "not_der"),
    ],
)
def test_refused(entry: bytes, rule: str) -> None:
    """A known entry that breaks its definition spoils the file."""
    with pytest.raises(MalformedData) as caught:
        one(entry)
    assert ("DG14", rule) == (caught.value.where, caught.value.rule)


def test_compressed_point_of_a_chip() -> None:
    """Read as everywhere else, and said: Doc 9303-11 §9.4 wants the uncompressed form."""
    algorithm = w.seq(w.oid(EC_PUBLIC_KEY), w.oid(CURVE.oid))
    octets = bytes([2 + CURVE.g.y % 2]) + CURVE.g.x.to_bytes(CURVE.field_length, "big")
    spki = w.seq(algorithm, w.bits(octets))
    read = one(info(f"{ROOT}.1.2", spki))
    assert read.chip_authentication_keys[0].key == EcPublicKey(CURVE, CURVE.g)
    assert read.deviations == ("compressed_point",)
    assert dg15.parse(encode(0x6F, spki)).deviations == ("compressed_point",)


@given(st.binary(max_size=120))
def test_any_bytes(data: bytes) -> None:
    """Whatever the bytes, at whatever depth: values or ``EcidError``."""
    for candidate in (
        data,
        w.set_of(data),
        w.set_of(w.seq(data)),
        w.set_of(info(f"{ROOT}.1.2", data)),
    ):
        with contextlib.suppress(EcidError):
            assert isinstance(parse(candidate, "DG14"), SecurityInfos)
        with contextlib.suppress(EcidError):
            assert isinstance(dg14.parse(encode(0x6E, candidate)), SecurityInfos)
        with pytest.raises(EcidError):
            dg15.parse(encode(0x6F, candidate))


@pytest.mark.parametrize("name", ["bsi-tr03105-5-reference/Datagroup15", "etsi2011/EF_DG15"])
def test_published_dg15(corpus: Path, name: str) -> None:
    """The specimens carry an RSA key of 1024 bits."""
    read = dg15.parse((corpus / "chips" / f"{name}.bin").read_bytes())
    assert isinstance(read.key, RsaPublicKey)
    assert (read.key.bits, read.deviations) == (1024, ())


def test_worked_examples(corpus: Path) -> None:
    """Doc 9303-11 Appendices G.1, G.2 and I.1: the PACEInfo and the key of PACE-CAM."""
    vectors = json.loads((corpus / "vectors" / "icao-9303-11.json").read_text("utf-8"))
    groups = {group["id"]: group["values"] for group in vectors["groups"]}
    found = {
        name: one(bytes.fromhex(groups[name]["pace_info"]["hex"])).pace[0]
        for name in ("G.1", "G.2", "I.1")
    }
    assert {name: (pace.mapping, pace.key_agreement) for name, pace in found.items()} == {
        "G.1": ("GM", "ECDH"),
        "G.2": ("GM", "DH"),
        "I.1": ("CAM", "ECDH"),
    }
    assert {Cipher.AES_128} == {pace.cipher for pace in found.values()}
    entry = bytes.fromhex(groups["I.1"]["chip_authentication_public_key_info"]["hex"])
    (key,) = one(entry).chip_authentication_keys
    assert isinstance(key.key, EcPublicKey)
    assert key.key.curve == CURVE
    x, y = key.key.point
    assert f"{x:064X}{y:064X}" == groups["I.1"]["pk_ic"]["hex"]


def test_too_many_keys() -> None:
    """A file of keys would cost as much to read as to break: there is a limit."""
    p256 = curve_by_name("P-256")
    spki = write_spki(EcPublicKey(p256, p256.g))

    def keys(count: int) -> bytes:
        rows = [w.seq(w.oid("0.4.0.127.0.7.2.2.1.2"), spki, w.integer(n)) for n in range(count)]
        return w.set_of(*rows)

    assert len(parse(keys(MAX_KEYS), "DG14").chip_authentication_keys) == MAX_KEYS
    with pytest.raises(MalformedData) as caught:
        parse(keys(MAX_KEYS + 1), "DG14")
    assert caught.value.rule == "too_many_keys"
