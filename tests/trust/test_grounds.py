"""What goes when a newer list takes an anchor away, and what stays (Doc 9303-12 §9.1)."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256

from ecid.emulator.pki import make_csca
from ecid.encoding.oid import DEVIATION_LIST_SIGNING_KEY
from ecid.trust.entries import ListKind
from ecid.trust.store import TrustStore
from trust_kit import (
    ATLANTIS,
    NOW,
    ROOT,
    crl,
    deviation,
    deviation_list,
    kinds,
    list_signer,
    master_list,
    raw_anchors,
    roots,
    skips,
    take_in,
)

LATER, LATEST = NOW + timedelta(days=30), NOW + timedelta(days=60)
MURKY, MUDDY = roots(2)


def _atlantean(*certificates: bytes) -> bytes:
    return master_list(*certificates, signer=list_signer(ATLANTIS, country="AT"))


def _store(*files: bytes, base: TrustStore | None = None) -> TrustStore:
    return take_in(*files, base=base).store


def test_list_goes_with_its_anchor() -> None:
    """Also where it holds its own anchor: the two do not hold each other up."""
    atlantean = _atlantean(ATLANTIS.certificate, MUDDY)
    old = _store(ROOT.certificate, master_list(ATLANTIS.certificate, MURKY), atlantean)
    assert raw_anchors(old) == {ROOT.certificate, ATLANTIS.certificate, MURKY, MUDDY}
    new = _store(master_list(MURKY, at=LATER), base=old)
    assert raw_anchors(new) == {ROOT.certificate, MURKY}
    assert [entry.this_update for entry in new.lists] == [LATER]
    assert skips(new) == [("2", "anchor_gone")]


def test_what_the_list_had_vouched_for_goes_too() -> None:
    """Lists of deviations and the anchors of the anchors' lists: all the way down."""
    signer = list_signer(ATLANTIS, purpose=DEVIATION_LIST_SIGNING_KEY, country="AT")
    deviations = deviation_list(deviation(("1.2.3",)), signer=signer)
    old = _store(ROOT.certificate, master_list(ATLANTIS.certificate), deviations)
    assert len(old.lists) == 2
    new = _store(master_list(at=LATER), base=old)
    assert [entry.kind for entry in new.lists] == [ListKind.MASTER_LIST]


def test_list_stays_where_its_anchor_has_another_ground() -> None:
    """The operator gave the anchor by hand as well."""
    given = (ROOT.certificate, ATLANTIS.certificate, master_list(ATLANTIS.certificate))
    old = _store(*given, _atlantean(MUDDY))
    new = _store(master_list(at=LATER), base=old)
    assert raw_anchors(new) == {ROOT.certificate, ATLANTIS.certificate, MUDDY}
    assert len(new.lists) == 2
    assert skips(new) == []


def test_revocation_list_stays() -> None:
    """It stands on no list; without its anchor nobody asks it."""
    old = _store(ROOT.certificate, master_list(ATLANTIS.certificate), crl(issuer=ATLANTIS))
    new = _store(master_list(at=LATER), base=old)
    assert ListKind.REVOCATION_LIST in [entry.kind for entry in new.lists]


def test_list_of_a_stated_anchor_is_renewed() -> None:
    """The ground of the first version is the ground of the next, and of the one after it."""
    stated = [sha256(ROOT.certificate).hexdigest()]
    store = take_in(master_list(ROOT.certificate, MURKY), stated=stated).store
    for at, held in ((LATER, MUDDY), (LATEST, MURKY)):
        store = _store(master_list(ROOT.certificate, held, at=at), base=store)
        assert raw_anchors(store) == {ROOT.certificate, held}
        assert skips(store) == []


def test_renewed_list_without_its_own_anchor() -> None:
    """It still stands on what the operator stated, and so does its anchor: it is by hand."""
    stated = [sha256(ROOT.certificate).hexdigest()]
    first = take_in(master_list(ROOT.certificate, MURKY), stated=stated).store
    second = _store(master_list(MURKY, at=LATER), base=first)
    assert raw_anchors(second) == {ROOT.certificate, MURKY}
    assert skips(second) == []


def test_list_finds_another_anchor_of_the_same_key() -> None:
    """The one that vouched is gone, the renewed one of the same key is there."""
    renewed = make_csca(
        ATLANTIS.key, subject=ATLANTIS.plan.subject, serial=7, marked=False
    ).certificate
    old = _store(ROOT.certificate, master_list(ATLANTIS.certificate, renewed), _atlantean(MUDDY))
    for left in (ATLANTIS.certificate, renewed):
        new = _store(master_list(left, at=LATER), base=old)
        assert raw_anchors(new) == {ROOT.certificate, left, MUDDY}
        assert skips(new) == []
        assert kinds(new, MUDDY) == kinds(old, MUDDY)
