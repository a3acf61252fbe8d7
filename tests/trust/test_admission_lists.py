"""Which lists count, what they bring and take away, and what is older (Doc 9303-12 §9.1)."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecid.emulator import certificates as c
from ecid.emulator.pki import Authority, make_csca
from ecid.encoding import der_write as w
from ecid.trust.certificate import parse_certificate
from ecid.trust.entries import Kind, ListKind
from ecid.trust.intake.admission import admit
from ecid.trust.intake.contents import Found, contents
from ecid.trust.intake.rules import Rules
from ecid.trust.store import TrustStore
from ecid.trust.tolerance import Tolerances
from ecid_crypto.hashes import Hash
from forged_sod import ec_key, flipped
from trust_kit import (
    ATLANTIS,
    IMPORTED,
    NOW,
    ROOT,
    UTOPIA,
    broken_certificate,
    crl,
    deviation,
    deviation_list,
    document_signer,
    kinds,
    list_signer,
    master_list,
    raw_anchors,
    roots,
    signed_list,
    skips,
    take_in,
)

DSC = document_signer()
#: Two anchors that only lists vouch for.
MURKY, MUDDY = roots(2)


def test_master_list() -> None:
    """What a list that counts holds is anchored by it, and the list is in the store."""
    raw = master_list(ROOT.certificate, MURKY)
    found = take_in(ROOT.certificate, raw)
    assert raw_anchors(found.store) == {ROOT.certificate, MURKY}
    assert kinds(found.store, ROOT.certificate) == [Kind.BY_HAND, Kind.MASTER_LIST]
    [entry] = found.store.lists
    assert (entry.kind, entry.country, entry.this_update) == (ListKind.MASTER_LIST, "UT", NOW)
    assert (entry.count, entry.fingerprint) == (2, Hash.SHA256.digest(raw))
    assert found.store.shelf.take(entry.fingerprint) == raw
    assert [each.source for each in found.accepted] == ["1"]


def test_unanchored() -> None:
    """Of a list that nobody trusted has signed nothing counts, and it is named."""
    for base in ((), (ATLANTIS.certificate,)):
        store = take_in(*base, master_list(ROOT.certificate, MURKY)).store
        assert raw_anchors(store) == set(base)
        assert store.unanchored == (str(len(base)),)
        assert (store.lists, store.skipped) == ((), ())


def test_unanchored_and_what_else_is_wrong() -> None:
    """A weak hash is named beside the missing anchor."""
    store = take_in(master_list(MURKY, hash_function=Hash.SHA1)).store
    assert store.unanchored == ("0",)
    assert skips(store) == [("0", "weak_hash")]


@pytest.mark.parametrize(
    ("raw", "rule"),
    [
        (flipped(master_list(MURKY), -1), "signature_invalid"),
        (master_list(MURKY, signer=list_signer(purpose=None)), "dsc_profile"),
        (master_list(MURKY, digest=bytes(32)), "digest_mismatch"),
        (master_list(MURKY, certificates=()), "dsc_missing"),
        (master_list(MURKY, hash_function=Hash.SHA1), "weak_hash"),
        (signed_list("2.23.136.1.1.2", b"none", list_signer()), "unexpected_tag"),
        (deviation_list(deviation(("1.2.3",), w.octets(b"?"))), "documents"),
    ],
)
def test_refused(raw: bytes, rule: str) -> None:
    """A list with a fault is left out whole, with its reason; the anchor stays."""
    store = take_in(ROOT.certificate, raw).store
    assert raw_anchors(store) == {ROOT.certificate}
    assert (skips(store), store.lists, store.unanchored) == ([("1", rule)], (), ())


def test_a_list_may_vouch_for_the_next() -> None:
    """An anchor out of one list makes another count, in whatever order they come."""
    second = master_list(MURKY, signer=list_signer(ATLANTIS, country="AT"))
    first = master_list(ATLANTIS.certificate)
    for files in ((first, second), (second, first)):
        store = take_in(ROOT.certificate, *files).store
        assert raw_anchors(store) == {ROOT.certificate, ATLANTIS.certificate, MURKY}
        assert len(store.lists) == 2
    assert take_in(ROOT.certificate, second).store.unanchored == ("1",)


def test_one_malformed_of_500() -> None:
    """One broken certificate is named; the other 499 are there."""
    many = roots(499)
    seen: list[tuple[int, int]] = []
    found = admit(
        _pieces(ROOT.certificate, master_list(*many, broken_certificate())),
        TrustStore(),
        Rules(tolerances=Tolerances.load("field"), at=NOW, keeping=True),
        lambda _, done, total: seen.append((done, total)),
    )
    assert raw_anchors(found.store) == {ROOT.certificate, *many}
    [skipped] = found.store.skipped
    assert (skipped.rule, skipped.what) == ("not_der", "certificate 1")
    assert seen == [(done, 500) for done in range(1, 501)]


def _pieces(*files: bytes) -> list[tuple[str, Found]]:
    return [(str(n), each) for n, data in enumerate(files) for each in contents(data)]


def test_odd_ones_in_a_list() -> None:
    """A signer and a certificate of no authority in a master list never become anchors."""
    store = take_in(ROOT.certificate, master_list(MURKY, DSC.certificate)).store
    assert raw_anchors(store) == {ROOT.certificate, MURKY}
    assert skips(store) == [("1", "key_usage")]
    assert len(store.signers) == 0


def test_deviation_list() -> None:
    """It is kept with its number of entries; it makes no anchor."""
    raw = deviation_list(deviation(("1.2.3",)), deviation(("1.2.4",)))
    store = take_in(ROOT.certificate, raw).store
    [entry] = store.lists
    assert (entry.kind, entry.count) == (ListKind.DEVIATION_LIST, 2)
    assert raw_anchors(store) == {ROOT.certificate}


# Newer and older lists --------------------------------------------------------------------------

LATER = NOW + timedelta(days=30)


def test_newer_list_lets_go_of_what_only_the_older_had() -> None:
    """What stands in neither list nor on another's word is no anchor any more."""
    old = take_in(ROOT.certificate, ATLANTIS.certificate, master_list(MURKY, MUDDY)).store
    assert {MURKY, MUDDY} <= raw_anchors(old)
    new = take_in(master_list(MUDDY, at=LATER), base=old).store
    assert raw_anchors(new) == {ROOT.certificate, ATLANTIS.certificate, MUDDY}
    assert [entry.this_update for entry in new.lists] == [LATER]


def test_newer_list_keeps_what_somebody_else_vouches_for() -> None:
    """The operator's own word, and the list of another state."""
    foreign = master_list(MUDDY, signer=list_signer(ATLANTIS, country="AT"))
    old = take_in(
        ROOT.certificate, ATLANTIS.certificate, MURKY, foreign, master_list(MURKY, MUDDY)
    ).store
    new = take_in(master_list(at=LATER), base=old).store
    assert {MURKY, MUDDY} <= raw_anchors(new)
    assert kinds(new, MURKY) == [Kind.BY_HAND]
    assert kinds(new, MUDDY) == [Kind.MASTER_LIST]


@pytest.mark.parametrize("older", [NOW - timedelta(seconds=1), None])
def test_rollback_of_a_master_list(older: datetime | None) -> None:
    """An older list, or one that does not say how old it is, changes nothing."""
    base = take_in(ROOT.certificate, master_list(MURKY)).store
    found = take_in(master_list(MUDDY, at=older), base=base)
    assert skips(found.store) == [("0", "rollback")]
    assert (found.store.digest, found.count) == (base.digest, 0)


def test_the_same_list_again() -> None:
    """It is not older than itself, and adds nothing."""
    base = take_in(ROOT.certificate, master_list(MURKY)).store
    found = take_in(master_list(MURKY), base=base)
    assert (found.store.digest, found.store.skipped) == (base.digest, ())
    assert found.count > 0


def test_no_signing_time_after_none() -> None:
    """Of two lists that do not say when they were made, the one that is there stays."""
    base = take_in(ROOT.certificate, master_list(MURKY, at=None)).store
    found = take_in(master_list(MURKY, MUDDY, at=None), base=base)
    assert skips(found.store) == [("0", "rollback")]
    assert found.store.digest == base.digest
    again = take_in(master_list(MURKY, at=None), base=base).store
    assert (again.digest, again.skipped) == (base.digest, ())


FIRST_GENERATION, SECOND_GENERATION = (
    make_csca(ec_key(f"generation {n}"), subject=c.name("UT", "x", f"CSCA {n}"), marked=False)
    for n in (1, 2)
)
BOTH_GENERATIONS = (FIRST_GENERATION.certificate, SECOND_GENERATION.certificate)


def _published(*certificates: bytes, by: Authority, label: str, at: datetime = NOW) -> bytes:
    """Return a list whose signer is called ``label``, under one generation of the CSCA."""
    return master_list(*certificates, signer=list_signer(by, label=label), at=at)


@pytest.mark.parametrize("label", ["List Signer", "List Signer 02", "LIST SIGNER 7"])
def test_rollback_under_a_former_csca(label: str) -> None:
    """A publisher renews its CSCA and its signer, numbers and all; its old lists stay out."""
    new = _published(*BOTH_GENERATIONS, by=SECOND_GENERATION, label=label)
    old = _published(MURKY, by=FIRST_GENERATION, label="List Signer 1", at=NOW - timedelta(days=9))
    base = take_in(SECOND_GENERATION.certificate, new).store
    store = take_in(old, base=base).store
    assert skips(store) == [("0", "rollback")]
    assert store.digest == base.digest
    earlier = take_in(*BOTH_GENERATIONS, old).store
    assert MURKY in raw_anchors(earlier)
    assert raw_anchors(take_in(new, base=earlier).store) == set(BOTH_GENERATIONS)


def test_serial_number_of_the_signer() -> None:
    """Nor does the serialNumber in its name make another publisher (as in Germany's lists)."""
    lists = [
        master_list(each, signer=list_signer(label=label, subject=_numbered(label)), at=at)
        for each, label, at in ((MURKY, "0035A", NOW), (MUDDY, "0039B", LATER))
    ]
    assert raw_anchors(take_in(ROOT.certificate, *lists).store) == {ROOT.certificate, MUDDY}


def _numbered(number: str) -> bytes:
    parts = (("2.5.4.6", w.printable("UT")), ("2.5.4.5", w.printable(number)))
    named = (*parts, ("2.5.4.3", w.utf8("CSCA Master List Signer")))
    return w.seq(*(w.set_of(w.seq(w.oid(kind), value)) for kind, value in named))


def test_two_publishers_under_one_csca() -> None:
    """Neither takes the other's place."""
    one = _published(MURKY, by=ROOT, label="Passports")
    other = _published(MUDDY, by=ROOT, label="Travel Documents", at=LATER)
    for files in ((one, other), (other, one)):
        store = take_in(ROOT.certificate, *files).store
        assert raw_anchors(store) == {ROOT.certificate, MURKY, MUDDY}
        assert store.skipped == ()


def test_list_of_the_future() -> None:
    """It would keep every true list out until then."""
    late = master_list(MURKY, at=IMPORTED + timedelta(days=2))
    store = take_in(ROOT.certificate, late).store
    assert (skips(store), store.lists) == ([("1", "signed_in_future")], ())
    soon = take_in(ROOT.certificate, master_list(MURKY, at=IMPORTED + timedelta(hours=23))).store
    assert MURKY in raw_anchors(soon)


# Revoked signers of lists -----------------------------------------------------------------------

REVOKED = list_signer(serial=0x99, label="revoked")


@pytest.mark.parametrize("revoked", [True, False])
def test_revoked_signer(revoked: bool) -> None:
    """Its list counts no more: known before, at once in any order, or said later."""
    raw = master_list(ATLANTIS.certificate, signer=REVOKED)
    said = crl(0x99 if revoked else 0x98)
    before = take_in(ROOT.certificate, said).store
    stores = [take_in(raw, base=before).store]
    stores += [take_in(*files).store for files in permutations((ROOT.certificate, said, raw))]
    for store in stores:
        assert (ATLANTIS.certificate in raw_anchors(store)) is not revoked
        assert [rule for _, rule in skips(store)] == (["revoked"] if revoked else [])
    later = take_in(said, base=take_in(ROOT.certificate, raw).store).store
    assert (ATLANTIS.certificate in raw_anchors(later)) is not revoked
    assert skips(later) == ([("1", "signer_revoked")] if revoked else [])


def test_revoked_by_what_the_list_itself_brought() -> None:
    """The new key of its CSCA comes in the list, and has revoked its signer: out it goes again."""
    new = make_csca(ec_key("rollover"), subject=UTOPIA, serial=2, marked=False)
    raw = master_list(new.certificate, MURKY, signer=REVOKED)
    found = take_in(ROOT.certificate, raw, crl(0x99, issuer=new))
    assert raw_anchors(found.store) == {ROOT.certificate}
    assert ("1", "signer_revoked") in skips(found.store)
    assert found.accepted == ()


def test_no_revocation_list_is_no_fault() -> None:
    """Nor an old one: only what says revoked takes a list away."""
    stale = crl(0x98, next_update=NOW - timedelta(days=1))
    raw = master_list(ATLANTIS.certificate, signer=REVOKED)
    assert ATLANTIS.certificate in raw_anchors(take_in(ROOT.certificate, stale, raw).store)


# Revocation lists -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "rule"),
    [
        (crl(5), None),
        (crl(5, issuer=ATLANTIS), "crl_issuer_unknown"),
        (crl(5, key=ec_key("rogue"), named_key=ROOT.key), "crl_bad_signature"),
        (crl(5, number=2**159), "crl_number"),
        (crl(5, more=(c.extension("2.5.29.27", w.integer(1)),)), "crl_delta"),
        (crl(5, more=(c.extension("2.5.29.28", w.seq()),)), "crl_partitioned"),
        (
            crl(5, more=(c.extension("2.25.1", w.null(), critical=True),)),
            "crl_unknown_critical_extension",
        ),
        (crl(5, more=(c.extension("2.5.29.20", w.integer(2)),)), "extension_repeated"),
    ],
)
def test_revocation_list(raw: bytes, rule: str | None) -> None:
    """A store that lasts keeps complete lists of its own anchors, rightly signed."""
    store = take_in(ROOT.certificate, raw).store
    assert skips(store) == ([] if rule is None else [("1", rule)])
    assert [entry.count for entry in store.lists] == ([1] if rule is None else [])


def test_revocation_list_before_its_anchor() -> None:
    """The order of files does not matter, nor that the anchor comes out of a list."""
    files = (crl(issuer=ATLANTIS), master_list(ATLANTIS.certificate), ROOT.certificate)
    store = take_in(*files).store
    assert (store.skipped, len(store.lists)) == ((), 2)


@pytest.mark.parametrize(
    "older",
    [
        crl(number=1, this_update=NOW),
        crl(number=3, this_update=NOW - timedelta(days=11)),
        crl(number=None, this_update=NOW - timedelta(days=11)),
    ],
)
def test_rollback_of_a_revocation_list(older: bytes) -> None:
    """A smaller number or an earlier date: the newer list stays, and whom it revokes."""
    base = take_in(ROOT.certificate, crl(5, number=2)).store
    store = take_in(older, base=base).store
    assert skips(store) == [("0", "rollback")]
    assert store.digest == base.digest


def test_newer_revocation_list() -> None:
    """A greater number takes the place of the smaller one."""
    base = take_in(ROOT.certificate, crl(5, number=2)).store
    store = take_in(crl(5, 6, number=3), base=base).store
    assert [(entry.number, entry.count) for entry in store.lists] == [(3, 2)]


FORGED = crl(number=99, this_update=NOW, key=ec_key("rogue"), named_key=ROOT.key)


@given(st.permutations([ROOT.certificate, crl(5), FORGED, FORGED]))
def test_forged_list_never_takes_the_place_of_a_good_one(files: list[bytes]) -> None:
    """Given with ``--trust``, a newer and empty forgery stands beside the genuine list."""
    store = take_in(*files, keeping=False).store
    anchor = parse_certificate(ROOT.certificate)
    found = {found.fingerprint for found, _ in store.revocation_lists(anchor)}
    assert found == {Hash.SHA256.digest(crl(5)), Hash.SHA256.digest(FORGED)}
    assert store.skipped == ()
