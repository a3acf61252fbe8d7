"""Keys of finite-field Diffie-Hellman in SubjectPublicKeyInfo."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecid.encoding import der_write as w
from ecid.encoding.dh_spki import parse_dh_spki, write_dh_spki
from ecid.encoding.spki import write_spki
from ecid.errors import EcidError, MalformedData, UnsupportedData
from ecid_crypto.curves import curve_by_name
from ecid_crypto.dh import DhGroup, DhPublicKey, standardised_group
from ecid_crypto.public_key import EcPublicKey

GROUP = standardised_group(0)
Q = GROUP.q or 0
Y = pow(GROUP.g, 12345, GROUP.p)
KEY = DhPublicKey(GROUP, Y)
#: RFC 2409 group 2: a group that no standard of ours names, its order (p - 1) / 2.
OAKLEY = int(
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404"
    "DDEF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406"
    "B7EDEE386BFB5A899FA5AE9F24117C4B1FE649286651ECE65381FFFFFFFFFFFFFFFF",
    16,
)
PKCS3, X942, STANDARDISED = "1.2.840.113549.1.3.1", "1.2.840.10046.2.1", "0.4.0.127.0.7.1.2"


def spki(oid: str, parameters: bytes, y: int = Y) -> bytes:
    """Return a SubjectPublicKeyInfo."""
    return w.seq(w.seq(w.oid(oid), parameters), w.bits(w.integer(y)))


def numbers(*values: int) -> bytes:
    """Return a SEQUENCE of INTEGERs."""
    return w.seq(*map(w.integer, values))


FORMS = {
    "PKCS #3": spki(PKCS3, numbers(GROUP.p, GROUP.g)),
    "PKCS #3 with a length": spki(PKCS3, numbers(GROUP.p, GROUP.g, 160)),
    "X9.42": spki(X942, numbers(GROUP.p, GROUP.g, Q)),
    "X9.42 with a cofactor": spki(X942, numbers(GROUP.p, GROUP.g, Q, (GROUP.p - 1) // Q)),
    "X9.42 with a seed": spki(
        X942,
        w.seq(*map(w.integer, (GROUP.p, GROUP.g, Q)), w.seq(w.bits(b"seed"), w.integer(1))),
    ),
    "standardised": spki(STANDARDISED, w.integer(0)),
}


@pytest.mark.parametrize("form", FORMS)
def test_forms(form: str) -> None:
    """However the group is said, it is the standardised one, its order known."""
    assert parse_dh_spki(FORMS[form], "DG14") == KEY


def test_group_without_a_name() -> None:
    """Another group is taken as it is, with its order or without."""
    y = pow(4, 999, OAKLEY)
    bare = parse_dh_spki(spki(PKCS3, numbers(OAKLEY, 4), y), "DG14")
    assert bare == DhPublicKey(DhGroup("", OAKLEY, 4, None), y)
    full = parse_dh_spki(spki(X942, numbers(OAKLEY, 4, (OAKLEY - 1) // 2), y), "DG14")
    assert full.group.q == (OAKLEY - 1) // 2
    for key in (bare, full, KEY):
        assert parse_dh_spki(write_dh_spki(key), "DG14") == key


@pytest.mark.parametrize(
    ("der", "what"),
    [
        (spki(STANDARDISED, w.integer(3)), "standardised_domain_parameters"),
        (spki(STANDARDISED, w.integer(13)), "standardised_domain_parameters"),
        (spki("1.2.3", w.integer(0)), "1.2.3"),
        (spki(PKCS3, numbers(23, 5), 8), "dh_group"),
        (spki(PKCS3, numbers(1 << 9000, 5), 8), "dh_group"),
        (spki(PKCS3, numbers(GROUP.p - 1, GROUP.g)), "dh_group"),
        (spki(PKCS3, numbers(OAKLEY, 1)), "dh_group"),
        (spki(X942, numbers(GROUP.p, GROUP.g, Q + 2)), "dh_group"),
        (spki(X942, numbers(GROUP.p, GROUP.g + 1, Q)), "dh_group"),
        (spki(X942, numbers(OAKLEY, 4, 3)), "dh_group"),
    ],
)
def test_not_supported(der: bytes, what: str) -> None:
    """Another algorithm, and groups that nobody should compute in."""
    with pytest.raises(UnsupportedData) as caught:
        parse_dh_spki(der, "DG14")
    assert (caught.value.where, caught.value.what) == ("DG14", what)


CURVE = curve_by_name("P-256")


@pytest.mark.parametrize(
    ("der", "rule"),
    [
        (b"", "not_der"),
        (FORMS["X9.42"] + b"\x00", "not_der"),
        (spki(X942, numbers(GROUP.p, GROUP.g)), "not_der"),
        (spki(X942, w.null()), "key_parameters"),
        (w.seq(w.seq(w.oid(PKCS3)), w.bits(w.integer(Y))), "key_parameters"),
        (spki(PKCS3, numbers(-GROUP.p, GROUP.g)), "dh_parameters_not_positive"),
        (spki(X942, numbers(GROUP.p, GROUP.g, 0)), "dh_parameters_not_positive"),
        (spki(STANDARDISED, w.integer(0), 0), "dh_public_value"),
        (spki(STANDARDISED, w.integer(0), 1), "dh_public_value"),
        (spki(STANDARDISED, w.integer(0), GROUP.p - 1), "dh_public_value"),
        (spki(STANDARDISED, w.integer(0), GROUP.p), "dh_public_value"),
        (spki(STANDARDISED, w.integer(0), Y + GROUP.p), "dh_public_value"),
        (spki(STANDARDISED, w.integer(0), 2), "dh_public_value"),
        (spki(STANDARDISED, w.integer(0), -Y), "dh_public_value"),
        (w.seq(w.seq(w.oid(STANDARDISED), w.integer(0)), w.bits(w.octets(b"\x05"))), "not_der"),
    ],
)
def test_malformed(der: bytes, rule: str) -> None:
    """What is no key: each differs from a green one in one part (CA5)."""
    with pytest.raises(MalformedData) as caught:
        parse_dh_spki(der, "DG14")
    assert (caught.value.where, caught.value.rule) == ("DG14", rule)


def test_key_of_a_curve() -> None:
    """A key of another kind is named by its identifier."""
    with pytest.raises(UnsupportedData) as caught:
        parse_dh_spki(write_spki(EcPublicKey(CURVE, CURVE.g)), "DG14")
    assert caught.value.what == "1.2.840.10045.2.1"


@given(st.binary(max_size=200), st.sampled_from([PKCS3, X942, STANDARDISED]))
def test_any_bytes(data: bytes, oid: str) -> None:
    """Whatever the bytes, at whatever depth: a key or ``EcidError``."""
    algorithm = w.seq(w.oid(oid), data)
    for der in (data, w.seq(data), w.seq(algorithm, data), w.seq(algorithm, w.bits(data))):
        with contextlib.suppress(EcidError):
            parse_dh_spki(der, "DG14")


@given(st.lists(st.integers(-5, 1 << 1100), max_size=4), st.integers(-5, 1 << 1100))
def test_any_numbers(values: list[int], y: int) -> None:
    """Any group and any value, in bounded time."""
    for oid in (PKCS3, X942):
        with contextlib.suppress(EcidError):
            parse_dh_spki(spki(oid, numbers(*values), y), "DG14")
