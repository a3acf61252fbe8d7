"""Taking files apart: what is in them, whatever they are wrapped in, and nothing believed."""

from __future__ import annotations

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import NoEncryption, pkcs12
from hypothesis import given
from hypothesis import strategies as st

from ecid.emulator import cms
from ecid.encoding import der_write as w
from ecid.encoding.oid import DATA, SIGNED_DATA
from ecid.trust.entries import Kind, ListKind
from ecid.trust.intake import contents as contents_module
from ecid.trust.intake.contents import (
    MAX_ITERATIONS,
    Found,
    FoundCertificate,
    FoundList,
    FoundRevocationList,
    Unreadable,
    contents,
)
from forged_sod import SIGNER, genuine
from trust_kit import (
    ATLANTIS,
    ROOT,
    broken_certificate,
    certificates_only,
    crl,
    defect_list,
    deviation_list,
    ldif,
    list_signer,
    master_list,
    pem,
    pkcs12_of,
    record,
    signed_list,
)

NC_DATA = "cn=1,o=dsc,c=UT,dc=nc-data,dc=download,dc=pkd,dc=icao,dc=int"


def short(found: Found) -> tuple[str, bytes | str]:
    """Return what was found in two words: on whose word, and the bytes; or the rule."""
    if isinstance(found, FoundCertificate):
        return found.kind.value, found.certificate.raw
    if isinstance(found, FoundList):
        return found.kind.value, found.raw
    if isinstance(found, FoundRevocationList):
        return "crl", found.crl.raw
    return "unreadable", found.rule


def parts(data: bytes, password: str | None = None) -> list[tuple[str, bytes | str]]:
    """Return everything in ``data``."""
    return [short(found) for found in contents(data, password)]


# Single objects ---------------------------------------------------------------------------------

SINGLE = {
    "certificate": (ROOT.certificate, "by_hand"),
    "revocation list": (crl(5), "crl"),
    "master list": (master_list(ATLANTIS.certificate), "master_list"),
    "deviation list": (deviation_list(), "deviation_list"),
    "defect list": (defect_list(), "defect_list"),
}


@pytest.mark.parametrize("name", SINGLE)
def test_single(name: str) -> None:
    """Each object, in DER and as one block of PEM with any label."""
    data, kind = SINGLE[name]
    assert parts(data) == [(kind, data)]
    assert parts(pem(data)) == [(kind, data)]
    assert parts(b"Bag Attributes\n" + pem(data, label="X509 CRL")) == [(kind, data)]


def test_kinds_of_lists() -> None:
    """A list is told by the type of its signed content."""
    kinds = [found.kind for each in SINGLE.values() for found in _lists(each[0])]
    assert kinds == [ListKind.MASTER_LIST, ListKind.DEVIATION_LIST, ListKind.DEFECT_LIST]


def _lists(data: bytes) -> list[FoundList]:
    return [found for found in contents(data) if isinstance(found, FoundList)]


UNREADABLE = {
    "nothing": (b"", "unknown_format"),
    "text": (b"hello", "unknown_format"),
    "picture": (b"\x89PNG", "unknown_format"),
    "empty sequence": (w.seq(), "unknown_format"),
    "short object": (broken_certificate(), "unknown_format"),
    "no certificate": (w.seq(w.octets(bytes(200))), "not_der"),
    "certificate with bytes after it": (ROOT.certificate + b"\x00", "not_der"),
    "SOD of a card": (genuine(), "unknown_format"),
    "other signed data": (signed_list("1.2.3", b"x", list_signer()), "unknown_list"),
    "broken signed data": (w.seq(w.oid(SIGNED_DATA), w.octets(bytes(200))), "not_der"),
    "empty block": (pem(b""), "not_der"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_unreadable(name: str) -> None:
    """What is none of these has one rule and no exception."""
    data, rule = UNREADABLE[name]
    [found] = contents(data)
    assert found == Unreadable(rule)


def test_broken_revocation_list() -> None:
    """What begins like a revocation list is refused as one."""
    assert parts(crl(version=2)) == [("unreadable", "version")]


# Several in one file ----------------------------------------------------------------------------


def test_bundle() -> None:
    """Several certificates in PEM are a list that nobody signed."""
    data = pem(ROOT.certificate, ATLANTIS.certificate)
    assert parts(data) == [("bundle", ROOT.certificate), ("bundle", ATLANTIS.certificate)]


def test_one_bad_block() -> None:
    """A broken block, and one that holds no certificate, do not spoil the others."""
    cut = pem(ROOT.certificate).replace(b"\nMII", b"\n*II", 1)
    assert cut != pem(ROOT.certificate)
    data = pem(ROOT.certificate) + cut + pem(broken_certificate()) + pem(ATLANTIS.certificate)
    assert parts(data) == [
        ("bundle", ROOT.certificate),
        ("unreadable", "not_base64"),
        ("unreadable", "not_der"),
        ("bundle", ATLANTIS.certificate),
    ]


def test_certificates_only() -> None:
    """PKCS #7 without a signer: one certificate is by hand, several are a bundle."""
    alone = certificates_only(ROOT.certificate)
    assert parts(alone) == [("by_hand", ROOT.certificate)]
    both = certificates_only(ROOT.certificate, ATLANTIS.certificate, crls=(crl(),))
    assert sorted(map(str, parts(both))) == sorted(
        map(
            str,
            [("bundle", ROOT.certificate), ("bundle", ATLANTIS.certificate), ("crl", crl())],
        )
    )
    assert parts(pem(alone, label="PKCS7")) == [("by_hand", ROOT.certificate)]


def test_certificates_only_with_a_broken_one() -> None:
    """One that is none is named, the others are there."""
    data = certificates_only(ROOT.certificate, broken_certificate(1))
    assert set(parts(data)) == {("bundle", ROOT.certificate), ("unreadable", "not_der")}


def test_signed_data_that_is_no_list() -> None:
    """With content or with a signer it is no mere envelope: nothing is taken out of it."""
    info = cms.signer_info(list_signer(), b"", ())
    signed = cms.signed_data(
        b"x",
        (info,),
        (ROOT.certificate,),
        digest_algorithms=(),
        content_type=DATA,
    )
    assert parts(signed) == [("unreadable", "unknown_list")]


# LDIF -------------------------------------------------------------------------------------------


def test_directory() -> None:
    """Certificates of the PKD are its word; those it calls broken are marked."""
    data = ldif(
        record("userCertificate;binary", SIGNER.certificate),
        record("userCertificate;binary", SIGNER.certificate, NC_DATA),
        record("certificateRevocationList;binary", crl()),
        record("pkdMasterListContent", master_list()),
    )
    assert parts(data) == [
        ("directory", SIGNER.certificate),
        ("directory", SIGNER.certificate),
        ("crl", crl()),
        ("master_list", master_list()),
    ]
    marks = [f.non_conformant for f in contents(data) if isinstance(f, FoundCertificate)]
    assert marks == [False, True]


def test_one_bad_record() -> None:
    """Broken base64, and a value that is no certificate, do not spoil the others."""
    good = record("userCertificate", SIGNER.certificate)
    data = ldif(
        good,
        b"dn: x\nuserCertificate:: e*\n",
        record("userCertificate", broken_certificate()),
        good,
    )
    assert parts(data) == [
        ("directory", SIGNER.certificate),
        ("unreadable", "not_base64"),
        ("unreadable", "not_der"),
        ("directory", SIGNER.certificate),
    ]


def test_pkcs12_in_a_directory() -> None:
    """A value that would ask for a password does not stop the import of all others."""
    locked = pkcs12_of(ROOT.certificate, password="x")
    good = record("userCertificate", SIGNER.certificate)
    assert parts(ldif(record("userCertificate", locked), good)) == [
        ("unreadable", "not_der"),
        ("directory", SIGNER.certificate),
    ]
    assert [kind for kind, _ in parts(pem(locked, ROOT.certificate))] == ["unreadable", "bundle"]


def test_markers_of_pem_inside_other_files() -> None:
    """A name or a comment that looks like a PEM marker changes nothing."""
    marker = b"# -----BEGIN CERTIFICATE-----\n"
    data = marker + ldif(record("userCertificate", SIGNER.certificate))
    assert parts(data) == [("directory", SIGNER.certificate)]
    listed = master_list(pem(b"x"))
    assert b"-----BEGIN " in listed
    assert parts(listed) == [("master_list", listed)]


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "byte order mark"])
def test_nothing_out_of_a_directory_is_by_hand(mark: bytes) -> None:
    """Not in PKCS #7, not as PEM after it, however it begins and however long its comments."""
    both = certificates_only(ROOT.certificate, SIGNER.certificate)
    data = mark + b"#" + b"x" * 70_000 + b"\n" + ldif(record("userCertificate;binary", both))
    data += b"# \n" + pem(ATLANTIS.certificate)
    assert parts(data) == [("directory", ROOT.certificate), ("directory", SIGNER.certificate)]
    assert parts(mark + pem(ROOT.certificate)) == [("by_hand", ROOT.certificate)]


def test_too_many_values(monkeypatch: pytest.MonkeyPatch) -> None:
    """After as many as no directory has, no more are read."""
    monkeypatch.setattr(contents_module, "MAX_VALUES", 3)
    good = record("userCertificate", SIGNER.certificate)
    assert [kind for kind, _ in parts(ldif(*[good] * 3))] == ["directory"] * 3
    assert parts(ldif(*[good] * 4))[3:] == [("unreadable", "too_many")]


# PKCS #12 ---------------------------------------------------------------------------------------


def test_pkcs12() -> None:
    """With its password: certificates, and nothing else."""
    one = pkcs12_of(ROOT.certificate, password="cà phê")
    assert parts(one, "cà phê") == [("by_hand", ROOT.certificate)]
    both = pkcs12_of(ROOT.certificate, ATLANTIS.certificate, password="x")
    assert parts(both, "x") == [("bundle", ROOT.certificate), ("bundle", ATLANTIS.certificate)]


@pytest.mark.parametrize(
    ("password", "code"), [(None, "password_missing"), ("y", "password_wrong")]
)
def test_pkcs12_does_not_open(password: str | None, code: str) -> None:
    """Without the right password that is said, and not that the file is broken."""
    assert parts(pkcs12_of(ROOT.certificate, password="x"), password) == [("unreadable", code)]


def test_pkcs12_that_is_no_der() -> None:
    """A length in more bytes than it needs: it is read, and no warning reaches a terminal."""
    held = x509.load_der_x509_certificate(ROOT.certificate)
    good = pkcs12.serialize_key_and_certificates(None, None, held, None, NoEncryption())
    assert good[1] == 0x82
    assert parts(b"\x30\x83\x00" + good[2:]) == [("by_hand", ROOT.certificate)]


@pytest.mark.parametrize("where", ["mac", "inside"])
def test_pkcs12_that_asks_for_minutes(where: str) -> None:
    """How often a key is derived is looked at before it is (RFC 7292 §4, RFC 8018 §A)."""

    def pfx(count: int) -> bytes:
        derived = w.seq(w.octets(bytes(128)), w.integer(count))
        safe = w.seq(w.oid("1.2.840.113549.1.7.1"), w.explicit(0, w.octets(w.seq(derived))))
        mac = w.seq(w.seq(w.null(), w.octets(b"digest")), w.octets(b"saltsalt"), w.integer(count))
        return w.seq(w.integer(3), *([safe, mac] if where == "mac" else [safe]))

    assert parts(pfx(MAX_ITERATIONS), "x") == [("unreadable", "password_wrong")]
    assert parts(pfx(MAX_ITERATIONS + 1), "x") == [("unreadable", "too_many_iterations")]


# Anything ---------------------------------------------------------------------------------------


@given(st.binary(max_size=300))
def test_arbitrary_bytes(data: bytes) -> None:
    """Contents or a named refusal, in every kind of wrapping."""
    wrapped = [data, w.seq(w.integer(3), data), pem(data), ldif(record("userCertificate", data))]
    for each in wrapped:
        assert all(found is not None for found in contents(each))


@pytest.mark.parametrize("name", SINGLE)
@given(st.data())
def test_one_changed_byte(name: str, data: st.DataObject) -> None:
    """Whatever byte of an object is changed: contents or a rule, nothing else."""
    whole = SINGLE[name][0]
    at = data.draw(st.integers(0, len(whole) - 1))
    change = data.draw(st.integers(1, 255))
    changed = whole[:at] + bytes([whole[at] ^ change]) + whole[at + 1 :]
    for found in contents(changed):
        assert short(found)[0] in {kind.value for kind in (*Kind, *ListKind)} | {
            "crl",
            "unreadable",
        }
