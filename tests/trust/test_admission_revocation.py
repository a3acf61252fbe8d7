"""Which revocation lists are kept, and which of two stays (RFC 5280 §5, Doc 9303-12 §7.1.4)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ecid.emulator import certificates as c
from ecid.emulator.pki import make_csca
from ecid.trust.certificate import parse_certificate
from ecid.trust.revocation import check_revocation
from ecid.trust.store import TrustStore
from ecid_crypto.hashes import Hash
from forged_sod import ec_key
from trust_kit import (
    IMPORTED,
    NOW,
    ROOT,
    UTOPIA,
    crl,
    crl_number,
    document_signer,
    skips,
    take_in,
)

# Whose list, and which of two -------------------------------------------------------------------

#: An anchor of the name of ``ROOT``, and of another key.
TWIN = make_csca(ec_key("twin"), subject=UTOPIA, serial=3, marked=False)
SIGNER = parse_certificate(document_signer(serial=0x77).certificate)


def _revocation(store: TrustStore) -> str:
    finding = check_revocation(SIGNER, parse_certificate(ROOT.certificate), store, NOW)
    return finding.reason.value if finding.reason else "good"


@pytest.mark.parametrize("keeping", [True, False])
@pytest.mark.parametrize("named", [True, False], ids=["names the key", "names no key"])
def test_twin_does_not_displace(keeping: bool, named: bool) -> None:
    """An empty list that a namesake has signed says nothing for the key it names."""
    day = NOW - timedelta(days=1)
    if named:
        genuine = crl(0x77, number=5)
        forged = crl(key=TWIN.key, named_key=ROOT.key, number=6, this_update=day)
    else:
        genuine = crl(0x77, extensions=(), version=None)
        forged = crl(key=TWIN.key, extensions=(), version=None, this_update=day)
    anchors = (ROOT.certificate, TWIN.certificate)
    for files in ((genuine, forged), (forged, genuine)):
        store = take_in(*anchors, *files, keeping=keeping).store
        assert _revocation(store) == "revoked"
    assert _revocation(take_in(*anchors, keeping=keeping).store) == "no_crl"


def test_key_identifier_of_its_own() -> None:
    """An issuer may call its key in its lists otherwise than in its certificate (RFC 5280)."""
    own = (c.authority_key_identifier(b"\x11" * 20), *crl_number(1))
    store = take_in(ROOT.certificate, crl(0x77, extensions=own)).store
    assert (len(store.lists), _revocation(store)) == (1, "revoked")


def test_anchor_in_two_certificates() -> None:
    """One key in two certificates: that one may sign no lists does not hide the other's."""
    usage = (
        c.basic_constraints(True, 0),
        c.authority_key_identifier(c.key_identifier(ROOT.key.public)),
        c.subject_key_identifier(c.key_identifier(ROOT.key.public)),
        c.key_usage(5),
    )
    other = make_csca(ROOT.key, subject=UTOPIA, serial=9, marked=False, extensions=usage)
    store = take_in(ROOT.certificate, other.certificate, crl(0x77)).store
    anchor = parse_certificate(other.certificate)
    finding = check_revocation(SIGNER, anchor, store, NOW)
    assert finding.reason is not None
    assert finding.reason.value == "revoked"


@pytest.mark.parametrize("keeping", [True, False])
def test_weak_list_is_kept(keeping: bool) -> None:
    """Over SHA-1 somebody may be said to be revoked, and nobody to be good."""
    for revoked, said in ((0x77, "revoked"), (0x78, "weak_hash")):
        weak = crl(revoked, hash_function=Hash.SHA1)
        store = take_in(ROOT.certificate, weak, keeping=keeping).store
        assert (_revocation(store), store.skipped) == (said, ())


@pytest.mark.parametrize("keeping", [True, False])
def test_weak_list_never_displaces(keeping: bool) -> None:
    """A newer one stands beside the better one; a better one takes the place of an older one."""
    weak = crl(number=9, hash_function=Hash.SHA1)
    for files in ((crl(0x77), weak), (weak, crl(0x77))):
        store = take_in(ROOT.certificate, *files, keeping=keeping).store
        assert (len(store.lists), _revocation(store)) == (2, "revoked")
    newer = take_in(ROOT.certificate, weak, crl(0x77, number=10), keeping=keeping).store
    assert [entry.number for entry in newer.lists] == [10]
    newest = take_in(crl(number=11, hash_function=Hash.SHA1), base=store).store
    assert sorted(entry.number or 0 for entry in newest.lists) == [1, 11]


def test_revocation_list_of_the_future() -> None:
    """A store that lasts does not keep it; elsewhere it is said when it is used."""
    late = IMPORTED + timedelta(days=2)
    future = crl(this_update=late, next_update=late + timedelta(days=9), number=9)
    store = take_in(ROOT.certificate, future).store
    assert (skips(store), store.lists) == ([("1", "signed_in_future")], ())
    beside = take_in(ROOT.certificate, future, crl(0x77), keeping=False).store
    assert (len(beside.lists), _revocation(beside)) == (2, "revoked")


@pytest.mark.parametrize("keeping", [True, False])
@pytest.mark.parametrize(("bits", "count"), [(159, 1), (160, 0), (20_000, 0)])
def test_long_number(bits: int, count: int, keeping: bool) -> None:
    """A CRL number has at most 20 octets (RFC 5280 §5.2.3)."""
    found = take_in(ROOT.certificate, crl(number=2**bits - 1), keeping=keeping)
    assert len(found.store.lists) == count
    assert [rule for _, rule in skips(found.store)] == ["crl_number"] * (1 - count)
