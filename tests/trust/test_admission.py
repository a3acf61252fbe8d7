"""What counts of all that was found, and why the rest does not (Doc 9303-12 §9.1)."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecid.emulator import certificates as c
from ecid.emulator.pki import Authority, make_csca, make_document_signer
from ecid.encoding import der_write as w
from ecid.trust.certificate import Certificate, parse_certificate
from ecid.trust.chain import Chain, find_chain
from ecid.trust.entries import Kind
from ecid.trust.intake import certificates
from ecid.trust.intake.draft import MAX_NAMED
from ecid_crypto.hashes import Hash
from forged_sod import CSCA, ec_key, flipped
from trust_kit import (
    ATLANTIS,
    NOW,
    ROOT,
    UTOPIA,
    broken_certificate,
    certificates_only,
    crl,
    deviation,
    deviation_list,
    document_signer,
    kinds,
    ldif,
    list_signer,
    master_list,
    pem,
    raw_anchors,
    record,
    roots,
    skips,
    take_in,
)

DSC = document_signer()
#: Two anchors that only lists vouch for.
MURKY, MUDDY = roots(2)


def fingerprint(raw: bytes) -> str:
    """Return the SHA-256 of a certificate in hex."""
    return parse_certificate(raw).fingerprint


# The operator's word ----------------------------------------------------------------------------


def test_by_hand() -> None:
    """A single certificate is the operator's word, several in one file are a bundle."""
    store = take_in(ROOT.certificate, pem(ATLANTIS.certificate, MURKY)).store
    assert raw_anchors(store) == {ROOT.certificate, ATLANTIS.certificate, MURKY}
    assert kinds(store, ROOT.certificate) == [Kind.BY_HAND]
    assert kinds(store, MURKY) == [Kind.BUNDLE]
    assert store.skipped == ()


def test_twice() -> None:
    """The same certificate again adds only on whose word it is, too."""
    store = take_in(ROOT.certificate, pem(ROOT.certificate, MURKY), ROOT.certificate).store
    assert len(store.entries) == 2
    assert kinds(store, ROOT.certificate) == [Kind.BY_HAND, Kind.BUNDLE, Kind.BY_HAND]


def test_signers() -> None:
    """A document signer is kept for documents that leave theirs out, and is never an anchor."""
    store = take_in(DSC.certificate).store
    assert store.entries == ()
    [entry] = store.signers.entries()
    assert store.certificate(entry).raw == DSC.certificate


def test_directory() -> None:
    """LDIF files of the PKD give signers; a CSCA in them proves nothing."""
    for data in (ROOT.certificate, DSC.certificate):
        store = take_in(ldif(record("userCertificate", data))).store
        assert store.entries == ()
        assert skips(store) == (
            [("0", "directory_is_no_anchor")] if data != DSC.certificate else []
        )
        assert len(store.signers) == (data == DSC.certificate)


def anchor_with(*extensions: bytes) -> bytes:
    """Return a self-signed certificate with exactly these extensions."""
    return make_csca(ec_key("odd"), subject=UTOPIA, extensions=extensions).certificate


@pytest.mark.parametrize(
    ("raw", "rule"),
    [
        (anchor_with(c.basic_constraints(True, 0), c.key_usage(5, 6)), None),
        (anchor_with(c.basic_constraints(True, 0), c.key_usage(6)), "key_usage"),
        (anchor_with(c.key_usage(6)), "not_a_ca"),
        (anchor_with(), "not_a_ca"),
        (anchor_with(c.basic_constraints(True, 0)), "key_usage_absent"),
        (anchor_with(c.key_usage(5, 6)), "not_marked_as_ca"),
        (
            anchor_with(c.basic_constraints(True), c.basic_constraints(True)),
            "extension_repeated",
        ),
        (
            anchor_with(
                c.basic_constraints(True, 0),
                c.key_usage(5, 6),
                c.extension("2.25.1", w.null(), critical=True),
            ),
            "unknown_critical_extension",
        ),
        (flipped(ROOT.certificate, -1), "self_signature_signature_invalid"),
    ],
)
def test_profile_of_anchors(raw: bytes, rule: str | None) -> None:
    """What is no CSCA, or leans on something its country is not granted, has its rule."""
    store = take_in(raw).store
    assert skips(store) == ([] if rule is None else [("0", rule)])
    assert len(store.entries) == (rule is None)


def test_what_was_left_out_has_a_name() -> None:
    """Of many certificates in a file, which one it was: country, name, serial number."""
    bad = make_csca(ec_key("odd"), subject=UTOPIA, serial=0xABC, extensions=())
    [skipped] = take_in(pem(ROOT.certificate, bad.certificate)).store.skipped
    assert (skipped.rule, skipped.what) == ("not_a_ca", "UT CSCA UTOPIA ABC")


# Test anchors -----------------------------------------------------------------------------------


def test_test_anchors() -> None:
    """Emulated anchors get into no store that lasts, by hand or in a list, unless allowed."""
    listed = master_list(CSCA.certificate)
    for files in ((CSCA.certificate,), (ROOT.certificate, listed)):
        refused = take_in(*files).store
        assert CSCA.certificate not in raw_anchors(refused)
        assert [rule for _, rule in skips(refused)] == ["test_anchor"]
        allowed, passing = take_in(*files, allow_test=True), take_in(*files, keeping=False)
        assert CSCA.certificate in raw_anchors(allowed.store) & raw_anchors(passing.store)


# Stated fingerprints ----------------------------------------------------------------------------


def test_stated() -> None:
    """With a fingerprint stated, of all certificates by hand only that one counts."""
    found = take_in(ROOT.certificate, ATLANTIS.certificate, stated={fingerprint(ROOT.certificate)})
    assert raw_anchors(found.store) == {ROOT.certificate}
    assert skips(found.store) == [("1", "fingerprint_not_stated")]
    assert found.unmatched == frozenset()


def test_stated_and_not_there() -> None:
    """A fingerprint that nothing has is told."""
    wanted = fingerprint(ATLANTIS.certificate)
    assert take_in(ROOT.certificate, stated={wanted}).unmatched == {wanted}


def test_stated_issuer_of_a_list() -> None:
    """The fingerprint of the signer's CA makes a list count that carries it."""
    stated = {fingerprint(ROOT.certificate)}
    found = take_in(master_list(ROOT.certificate, MURKY), stated=stated)
    assert raw_anchors(found.store) == {ROOT.certificate, MURKY}
    assert found.unmatched == frozenset()
    without = take_in(master_list(MURKY), stated=stated)
    assert without.store.entries == ()
    assert without.unmatched == stated


# Link certificates ------------------------------------------------------------------------------


NAME_CHANGE = c.extension("2.23.136.1.1.6.1", w.null())


def linked(key: str, name: str, issuer: Authority, hash_function: Hash = Hash.SHA384) -> Authority:
    """Return a link certificate of ``issuer`` for a new key and name, which says that it is one."""
    return child(key, name, issuer, NAME_CHANGE, hash_function=hash_function)


def child(key: str, name: str, issuer: Authority, *more: bytes, **options: Any) -> Authority:
    """Return a CA certificate of another key and name that ``issuer`` has signed."""
    subject, made = c.name("UT", "ecid emulator", name), ec_key(key)
    extensions = (
        c.basic_constraints(True, 0),
        c.authority_key_identifier(c.key_identifier(issuer.key.public)),
        c.subject_key_identifier(c.key_identifier(made.public)),
        c.key_usage(5, 6),
        *more,
    )
    return make_csca(
        made, subject=subject, issuer=issuer, marked=False, extensions=extensions, **options
    )


FIRST = linked("first", "CSCA SECOND GENERATION", ROOT)
THIRD = linked("third", "CSCA THIRD GENERATION", FIRST)
STRAY = linked("stray", "CSCA STRAY", ATLANTIS)


@given(st.permutations([ROOT.certificate, FIRST.certificate, THIRD.certificate, STRAY.certificate]))
def test_link_certificates(files: list[bytes]) -> None:
    """What a trusted key has signed needs no fingerprint of its own, in any order."""
    store = take_in(*files, stated={fingerprint(ROOT.certificate)}).store
    assert raw_anchors(store) == {ROOT.certificate, FIRST.certificate, THIRD.certificate}
    assert kinds(store, THIRD.certificate) == [Kind.LINK]
    assert [rule for _, rule in skips(store)] == ["fingerprint_not_stated"]


def test_link_from_an_anchor_that_was_there() -> None:
    """The issuer of a link certificate may be in the store already."""
    base = take_in(ROOT.certificate).store
    stated = {fingerprint(ATLANTIS.certificate)}
    store = take_in(FIRST.certificate, ATLANTIS.certificate, base=base, stated=stated).store
    assert kinds(store, FIRST.certificate) == [Kind.LINK]


@pytest.mark.parametrize(("table", "admitted"), [("field", False), ("lenient", True)])
def test_link_with_a_weak_hash(table: str, admitted: bool) -> None:
    """A link signed over SHA-1 is nobody's word, unless the table grants that."""
    weak = linked("first", "CSCA SECOND GENERATION", ROOT, hash_function=Hash.SHA1)
    stated = {fingerprint(ROOT.certificate)}
    store = take_in(ROOT.certificate, weak.certificate, stated=stated, table=table).store
    assert (weak.certificate in raw_anchors(store)) is admitted


def test_forged_link() -> None:
    """A link certificate whose signature does not hold is nobody's."""
    rogue = make_csca(ec_key("rogue"), subject=UTOPIA, marked=False)
    forged = linked("first", "CSCA SECOND GENERATION", rogue)
    store = take_in(
        ROOT.certificate, forged.certificate, stated={fingerprint(ROOT.certificate)}
    ).store
    assert raw_anchors(store) == {ROOT.certificate}


def test_authority_under_an_anchor() -> None:
    """What an anchor signed for another authority is no link: there are no sub-CAs in this PKI."""
    sub = child("sub", "SOME MINISTRY", ROOT).certificate
    base = take_in(ROOT.certificate).store
    stated = {fingerprint(ATLANTIS.certificate)}
    store = take_in(sub, ATLANTIS.certificate, base=base, stated=stated).store
    assert raw_anchors(store) == {ROOT.certificate, ATLANTIS.certificate}
    assert skips(store) == [("0", "fingerprint_not_stated")]


def test_link_under_the_same_name() -> None:
    """A change of keys alone needs no word of a change of names."""
    same = make_csca(ec_key("first"), subject=UTOPIA, issuer=ROOT, marked=False).certificate
    stated = {fingerprint(ROOT.certificate)}
    assert kinds(take_in(ROOT.certificate, same, stated=stated).store, same) == [Kind.LINK]


def test_anchor_again_is_no_link() -> None:
    """An anchor that is there has signed itself; that makes no word more."""
    base = take_in(ROOT.certificate).store
    stated = {fingerprint(ATLANTIS.certificate)}
    store = take_in(ROOT.certificate, ATLANTIS.certificate, base=base, stated=stated).store
    assert kinds(store, ROOT.certificate) == [Kind.BY_HAND]


@pytest.mark.parametrize("revoked", [True, False])
def test_revoked_link(revoked: bool) -> None:
    """A link that its issuer has revoked links nothing; nor one that is revoked later."""
    link = child("first", "CSCA SECOND", ROOT, NAME_CHANGE, serial=0x123).certificate
    files = (ROOT.certificate, link, ATLANTIS.certificate)
    stated = {fingerprint(ROOT.certificate), fingerprint(ATLANTIS.certificate)}
    said = crl(0x123 if revoked else 0x124)
    at_once = take_in(*files, said, stated=stated).store
    before = take_in(link, base=take_in(ROOT.certificate, said).store, stated=stated).store
    after = take_in(said, base=take_in(*files, stated=stated).store).store
    for store in (at_once, before, after):
        assert (link in raw_anchors(store)) is not revoked
        assert [rule for _, rule in skips(store)] == (["revoked"] if revoked else [])


# Stated fingerprints that do not count ----------------------------------------------------------


def test_stated_test_anchor() -> None:
    """An emulated CSCA vouches for no list either, unless test anchors are allowed."""
    emulated = make_csca(ec_key("emulated"), subject=UTOPIA)
    listed = master_list(MURKY, emulated.certificate, signer=list_signer(emulated))
    stated = {fingerprint(emulated.certificate)}
    found = take_in(listed, stated=stated)
    assert (found.store.entries, found.store.unanchored) == ((), ("0",))
    assert found.unmatched == stated
    assert found.refused == dict.fromkeys(stated, "test_anchor")
    allowed = take_in(listed, stated=stated, allow_test=True)
    assert raw_anchors(allowed.store) == {MURKY, emulated.certificate}
    assert allowed.unmatched == frozenset()


def test_stated_issuer_must_be_one() -> None:
    """Whoever may not be an anchor vouches for no list, whatever was stated."""
    ended = make_csca(
        ec_key("ended"),
        subject=UTOPIA,
        marked=False,
        validity=(NOW - timedelta(days=9000), NOW - timedelta(days=8000)),
    )
    listed = master_list(MURKY, ended.certificate, signer=list_signer(ended))
    found = take_in(listed, stated={fingerprint(ended.certificate)})
    assert (found.store.entries, found.store.unanchored) == ((), ("0",))


@pytest.mark.parametrize(
    ("raw", "rule"), [(make_csca(ec_key("emulated")).certificate, "test_anchor")]
)
def test_stated_and_refused(raw: bytes, rule: str) -> None:
    """A certificate that is there and may not count is not met, and its rule is known."""
    found = take_in(raw, ROOT.certificate, stated={fingerprint(raw)})
    assert found.unmatched == {fingerprint(raw)}
    assert found.refused == {fingerprint(raw): rule}


def test_stated_and_there_already() -> None:
    """What is in the store, or is the anchor of a newer list, is met."""
    stated = {fingerprint(ROOT.certificate)}
    first = take_in(master_list(ROOT.certificate, MURKY), stated=stated)
    newer = master_list(MURKY, MUDDY, at=NOW + timedelta(days=1))
    second = take_in(newer, base=first.store, stated=stated)
    assert (first.unmatched, second.unmatched) == (frozenset(), frozenset())
    assert raw_anchors(second.store) == {ROOT.certificate, MURKY, MUDDY}
    assert take_in(crl(), base=first.store, stated=stated).unmatched == frozenset()


def test_stated_signer_of_documents() -> None:
    """A stated document signer is met by being kept."""
    assert take_in(DSC.certificate, stated={fingerprint(DSC.certificate)}).unmatched == frozenset()


def test_anchors_of_no_country() -> None:
    """They come in like others, and are no candidate for a signer that names its country."""
    nobody = make_csca(ec_key("nobody"), subject=NOBODY, marked=False)
    store = take_in(ROOT.certificate, master_list(nobody.certificate)).store
    assert raw_anchors(store) == {ROOT.certificate, nobody.certificate}
    of_a_state = parse_certificate(document_signer("of a state", issuer=nobody).certificate)
    assert of_a_state.country == "UT"
    assert store.candidates(of_a_state) == ()
    of_none = make_document_signer(ec_key("none"), nobody, subject=NOBODY).certificate
    assert [c.entry.label for c in store.candidates(parse_certificate(of_none))] == ["CSCA NOBODY"]


NOBODY = w.seq(w.set_of(w.seq(w.oid("2.5.4.3"), w.utf8("CSCA NOBODY"))))


# A great many -----------------------------------------------------------------------------------


def test_many_with_one_fault_are_counted() -> None:
    """The first hundred are named, the others counted."""
    broken = ldif(*[record("userCertificate", broken_certificate())] * 250)
    store = take_in(ROOT.certificate, broken).store
    assert len(store.skipped) == MAX_NAMED + 1
    assert (store.skipped[-1].rule, store.skipped[-1].count) == ("not_der", 250 - MAX_NAMED)


def test_a_chain_of_links_takes_each_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the worst order, too, a link is tried only when an anchor comes that may be its issuer."""
    chain = [ROOT]
    for number in range(12):
        chain.append(linked(f"generation {number}", f"CSCA {number}", chain[-1]))
    tried: list[bytes] = []

    def counting(certificate: Certificate, *arguments: Any) -> Chain:
        tried.append(certificate.raw)
        return find_chain(certificate, *arguments)

    monkeypatch.setattr(certificates, "find_chain", counting)
    links = [each.certificate for each in chain[:0:-1]]
    stated = {fingerprint(ROOT.certificate)}
    store = take_in(pem(*links), ROOT.certificate, stated=stated).store
    assert len(store.entries) == len(chain)
    assert len(tried) <= 3 * len(links)


# Everything together ----------------------------------------------------------------------------


@cache
def _everything() -> tuple[bytes, ...]:
    return (
        ROOT.certificate,
        pem(ATLANTIS.certificate, MURKY),
        certificates_only(DSC.certificate),
        master_list(MUDDY),
        master_list(CSCA.certificate, MURKY, at=NOW + timedelta(days=30)),
        master_list(FIRST.certificate, signer=list_signer(ATLANTIS, country="AT")),
        crl(5, number=1),
        crl(5, 6, number=2),
        crl(issuer=ATLANTIS),
        deviation_list(deviation(("1.2.3",))),
    )


@given(st.permutations(range(10)))
def test_order_does_not_matter(order: list[int]) -> None:
    """The same files in any order make the same store."""
    files = _everything()
    expected = take_in(*files).store
    assert len(expected.entries) == 4
    assert len(expected.lists) == 5
    assert take_in(*(files[at] for at in order)).store.digest == expected.digest


def test_nothing() -> None:
    """Nothing given, nothing changed."""
    base = take_in(ROOT.certificate).store
    found = take_in(base=base)
    assert (found.store.digest, found.count) == (base.digest, 0)
