"""LDIF files of the ICAO PKD: objects out of records, whatever else stands there (RFC 2849)."""

from __future__ import annotations

from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecid.trust.intake import ldif as ldif_module
from ecid.trust.intake.ldif import Value, is_ldif, values
from trust_kit import folded, ldif, record

CONFORMANT = "cn=1,o=dsc,c=UT,dc=data,dc=download,dc=pkd,dc=icao,dc=int"
NON_CONFORMANT = "cn=1,o=dsc,c=UT,dc=nc-data,dc=download,dc=pkd,dc=icao,dc=int"
OBJECTS = [
    "userCertificate",
    "cACertificate",
    "certificateRevocationList",
    "authorityRevocationList",
    "pkdMasterListContent",
    "CscaMasterListData",
    "pkdDeviationListContent",
]


def found(data: bytes) -> list[Value]:
    """Return every object of an LDIF file."""
    return list(values(data))


def contents(data: bytes) -> list[bytes | None]:
    """Return the bytes of every object."""
    return [each.content for each in values(data)]


# The three files of the PKD ---------------------------------------------------------------------


def test_001() -> None:
    """Signers and revocation lists, with the option that says they are binary."""
    data = ldif(
        b"dn: dc=data,dc=download,dc=pkd,dc=icao,dc=int\ndc: data\nobjectClass: top\n",
        record("userCertificate;binary", b"signer"),
        record("certificateRevocationList;binary", b"crl"),
    )
    assert found(data) == [
        Value("usercertificate", b"signer"),
        Value("certificaterevocationlist", b"crl"),
    ]


def test_002() -> None:
    """Master lists: one value of many thousand lines."""
    large = bytes(range(256)) * 4_000
    data = ldif(record("pkdMasterListContent", large, "cn=UT,o=ml,c=UT,dc=data"))
    assert data.count(b"\n") > 10_000
    assert found(data) == [Value("pkdmasterlistcontent", large)]


def test_003() -> None:
    """The branch of signers that break the profile marks what is in it, and nothing after it."""
    data = ldif(
        record("userCertificate;binary", b"one"),
        record("userCertificate;binary", b"two", NON_CONFORMANT),
        record("userCertificate;binary", b"three"),
    )
    assert [each.non_conformant for each in values(data)] == [False, True, False]


def test_non_conformant_in_base64() -> None:
    """A name with letters that are not ASCII is written in base64."""
    for dn, expected in ((CONFORMANT, False), (NON_CONFORMANT.replace("1", "é"), True)):
        written = folded(b"dn:: " + b64encode(dn.encode()), 30)
        data = b"version: 1\n" + written + b"userCertificate;binary:: b25l\n"
        assert found(data) == [Value("usercertificate", b"one", expected)]


def test_branch_in_other_letters() -> None:
    """Names of attributes and branches have no case."""
    data = ldif(record("USERCERTIFICATE;BINARY", b"one", NON_CONFORMANT.upper()))
    assert found(data) == [Value("usercertificate", b"one", True)]


@pytest.mark.parametrize("attribute", OBJECTS)
def test_attributes(attribute: str) -> None:
    """Every attribute that holds an object."""
    assert found(ldif(record(attribute, b"x"))) == [Value(attribute.lower(), b"x")]


def test_other_attributes() -> None:
    """Conformance texts, hashes and pictures are none of our business."""
    data = ldif(
        record("pkdConformanceText", b"text"),
        record("jpegPhoto", b"picture"),
        b"dn: x\nuserCertificate: plain text\nuserCertificate:< file:///etc/passwd\n",
    )
    assert found(data) == []


# Lines ------------------------------------------------------------------------------------------


@given(
    st.lists(st.tuples(st.sampled_from(OBJECTS), st.binary(max_size=200)), max_size=4),
    st.integers(2, 80),
    st.sampled_from([b"\n", b"\r\n"]),
)
def test_folded_lines(objects: list[tuple[str, bytes]], width: int, end: bytes) -> None:
    """A line goes on where the next begins with a space, wherever it was cut (note 2)."""
    records = [record(name, value, width=width, end=end) for name, value in objects]
    assert contents(end.join([b"version: 1" + end, *records])) == [v for _, v in objects]


def test_comments() -> None:
    """A comment may stand anywhere and may itself be folded; its content is passed over."""
    comment = b"# userCertificate:: eA==\n folded\n"
    data = comment + b"version: 1\n" + comment + record("userCertificate", b"x") + comment
    assert is_ldif(data)
    assert contents(data) == [b"x"]


def test_no_line_end_at_the_end() -> None:
    """The last line need not be ended."""
    assert contents(b"dn: x\nuserCertificate:: eA==") == [b"x"]


def test_space_round_the_value() -> None:
    """Fillers before a value (FILL), and what an editor leaves behind it."""
    assert contents(b"dn: x\nuserCertificate::   eA==  \n") == [b"x"]


@pytest.mark.parametrize("value", [b"e", b"eA=", b"eA==eA==", b"e$A=", b"=", b"eA==="])
def test_broken_base64(value: bytes) -> None:
    """A value that is no base64 is said to be unreadable; those beside it are read."""
    broken = b"dn: y\nuserCertificate;binary:: " + value + b"\n"
    data = ldif(record("userCertificate", b"x"), broken, record("cACertificate", b"z"))
    assert contents(data) == [b"x", None, b"z"]


def test_empty_value() -> None:
    """Nothing in base64 is nothing, not an error."""
    assert contents(b"dn: x\nuserCertificate::\n") == [b""]


# What is LDIF -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"version: 1\n", True),
        (b"dn: x\n", True),
        (b"dn:: eA==\n", True),
        (b"# comment\n# another\n\nversion: 1\n", True),
        (b"\r\n\r\nVersion: 1\r\n", True),
        (b"", False),
        (b"hello", False),
        (b"-----BEGIN CERTIFICATE-----", False),
        (b"0\x82\x01\x00", False),
        (b"# only a comment", False),
        (b"#" * 10_000, False),
        (b"#\n" * 2_000, False),
    ],
)
def test_is_ldif(data: bytes, expected: bool) -> None:
    """It begins with a version or a record, comments aside."""
    assert is_ldif(data) == expected


@given(st.binary(max_size=300))
def test_arbitrary_bytes(data: bytes) -> None:
    """Objects or nothing, never an exception."""
    assert is_ldif(data) in {True, False}
    for whole in (
        data,
        b"dn: x\nuserCertificate:: " + data,
        b"dn:: " + data + b"\ncACertificate:: ",
    ):
        for each in values(whole):
            assert each.content is None or isinstance(each.content, bytes)


@pytest.mark.parametrize("width", [10_000, 76, 2])
def test_value_too_long(monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    """A value longer than any is not joined, however it is folded; the next one is read."""
    monkeypatch.setattr(ldif_module, "MAX_VALUE", 400)
    long, short = (
        record("userCertificate", bytes(400), width=width),
        record("userCertificate", b"x"),
    )
    assert [each.content for each in values(long + short)] == [None, b"x"]
    fits = record("userCertificate", bytes(280), width=width)
    assert [each.content for each in values(fits)] == [bytes(280)]


@pytest.mark.parametrize("start", [b"", b"\n\n# c\n folded\n", b"#" + b"x" * 100_000 + b"\n"])
def test_beginning(start: bytes) -> None:
    """Comments before the first line may be as long as they like."""
    assert is_ldif(start + b"version: 1\n")
    assert is_ldif(start + b"DN: cn=x\n")
    assert not is_ldif(start + b"-----BEGIN CERTIFICATE-----\ndn: x\n")
