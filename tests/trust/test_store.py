"""The trust store in memory: what ``--trust`` takes, what it skips and says so, and its digest."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecid.emulator import certificates as c
from ecid.emulator.pki import make_csca, make_document_signer
from ecid.encoding import der_write as w
from ecid.errors import EvidenceError, MalformedData, StoreError
from ecid.trust.certificate import parse_certificate
from ecid.trust.chain import find_chain
from ecid.trust.entries import Kind, Shelf
from ecid.trust.intake import loading
from ecid.trust.revocation import check_revocation
from ecid.trust.signed_data import SignerIdentifier
from ecid.trust.store import Skipped, TrustStore
from ecid.trust.store_folder import open_store, save_store
from forged_sod import CSCA, SIGNER, ec_key, verdict
from trust_kit import (
    ATLANTIS,
    NOW,
    ROOT,
    crl,
    deviation,
    deviation_list,
    document_signer,
    list_signer,
    master_list,
    pem,
    pkcs12_of,
    roots,
    take_in,
)

SECOND = make_csca(ec_key("second")).certificate
ROOTS = [CSCA.certificate, SECOND, *(make_csca(ec_key(f"root {n}")).certificate for n in range(3))]


def raw(store: TrustStore) -> list[bytes]:
    """Return the anchors as received."""
    return [anchor.raw for anchor in store.anchors]


def without(*extensions: bytes) -> bytes:
    """Return a self-signed certificate with exactly these extensions."""
    return make_csca(ec_key("other"), extensions=extensions).certificate


def test_empty() -> None:
    """Nothing is trusted unless it is loaded; the empty store has a digest too."""
    assert TrustStore().anchors == ()
    assert TrustStore.load().anchors == ()
    # SHA-256 of nothing (FIPS 180-4).
    assert TrustStore().digest == (
        "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    )


# Files and folders ------------------------------------------------------------------------------


def test_one_file(tmp_path: Path) -> None:
    """DER under any name."""
    file = tmp_path / "anchor.txt"
    file.write_bytes(CSCA.certificate)
    store = TrustStore.load(file)
    assert raw(store) == [CSCA.certificate]
    assert (store.skipped, store.unanchored) == ((), ())
    assert raw(TrustStore.load(str(file))) == [CSCA.certificate]


def test_folder(tmp_path: Path) -> None:
    """A folder of DER and PEM: every certificate once, hidden files and folders not looked at."""
    (tmp_path / "a.pem").write_bytes(CSCA.certificate)
    (tmp_path / "b.der").write_bytes(pem(CSCA.certificate, SECOND))
    (tmp_path / ".hidden").write_bytes(b"no certificate")
    (tmp_path / "folder").mkdir()
    store = TrustStore.load(tmp_path)
    assert raw(store) == [CSCA.certificate, SECOND]
    assert store.skipped == ()


def test_several_paths(tmp_path: Path) -> None:
    """Files and folders together."""
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "one").write_bytes(CSCA.certificate)
    (tmp_path / "two").write_bytes(SECOND)
    assert len(TrustStore.load(folder, tmp_path / "two", folder).anchors) == 2


def test_empty_folder(tmp_path: Path) -> None:
    """An empty folder is an empty store."""
    assert TrustStore.load(tmp_path) == TrustStore()


def test_every_kind(tmp_path: Path) -> None:
    """An anchor by hand, a list it vouches for, a revocation list, a signer."""
    files = {
        "anchor.cer": ROOT.certificate,
        "list.ml": master_list(ATLANTIS.certificate),
        "list.crl": crl(5),
        "signer.cer": document_signer().certificate,
    }
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    store = TrustStore.load(tmp_path)
    assert set(raw(store)) == {ROOT.certificate, ATLANTIS.certificate}
    assert (len(store.lists), len(store.signers), store.skipped) == (2, 1, ())
    assert [p.kind for p in store.entries[1].provenances] == [Kind.MASTER_LIST]


def test_unanchored_list(tmp_path: Path) -> None:
    """A list alone is no error and no anchor: the report says that nobody vouches for it."""
    (tmp_path / "list.ml").write_bytes(master_list(ATLANTIS.certificate))
    store = TrustStore.load(tmp_path)
    assert (store.entries, store.unanchored) == ((), ("list.ml",))


UNUSABLE = {
    "no key usage": (without(), "not_a_ca"),
    "no BasicConstraints": (without(c.key_usage(5, 6)), "not_marked_as_ca"),
    "may not sign certificates": (
        without(c.basic_constraints(True, 0), c.key_usage(6)),
        "key_usage",
    ),
    "BasicConstraints twice": (
        without(c.basic_constraints(True), c.basic_constraints(True)),
        "extension_repeated",
    ),
    "no certificate": (w.seq(w.octets(bytes(200))), "not_der"),
    "text": (b"hello", "unknown_format"),
    "empty": (b"", "unknown_format"),
    "broken PEM": (pem(SECOND).replace(b"M", b"=", 1), "not_base64"),
}


@pytest.mark.parametrize("name", UNUSABLE)
def test_skipped(tmp_path: Path, name: str) -> None:
    """What is no usable CSCA is named with its file and the rule; the rest is loaded."""
    content, rule = UNUSABLE[name]
    (tmp_path / "bad").write_bytes(content)
    (tmp_path / "good").write_bytes(CSCA.certificate)
    store = TrustStore.load(tmp_path)
    assert raw(store) == [CSCA.certificate]
    assert [(each.source, each.rule) for each in store.skipped] == [("bad", rule)]


@pytest.mark.parametrize("name", UNUSABLE)
def test_nothing_usable(tmp_path: Path, name: str) -> None:
    """Files of which none is usable are an error: an operator expects anchors."""
    content, rule = UNUSABLE[name]
    (tmp_path / "bad").write_bytes(content)
    with pytest.raises(StoreError) as caught:
        TrustStore.load(tmp_path)
    assert caught.value.code == "store_nothing_usable"
    assert caught.value.fields == {"count": 1, "rule": rule}
    assert caught.value.exit_code == 20


def test_one_bad_block(tmp_path: Path) -> None:
    """In a bundle only what is no CSCA is skipped; a signer is kept for what it is."""
    bundle = pem(CSCA.certificate, without(), SIGNER.certificate, SECOND)
    (tmp_path / "bundle.pem").write_bytes(bundle)
    store = TrustStore.load(tmp_path)
    assert raw(store) == [CSCA.certificate, SECOND]
    [skipped] = store.skipped
    assert skipped == Skipped("bundle.pem", "not_a_ca", "VN CSCA EMULATED 4543494400000001")
    assert len(store.signers) == 1


def test_missing_path(tmp_path: Path) -> None:
    """A path that does not exist is a mistake of the operator, not an empty store."""
    with pytest.raises(StoreError) as caught:
        TrustStore.load(tmp_path / "absent")
    assert caught.value.code == "store_path_missing"
    assert str(tmp_path / "absent") in caught.value.message()


def test_large_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file too large to be certificates is not read."""
    monkeypatch.setattr(loading, "MAX_FILE_BYTES", len(CSCA.certificate))
    (tmp_path / "a").write_bytes(CSCA.certificate)
    (tmp_path / "b").write_bytes(pem(SECOND))
    assert TrustStore.load(tmp_path).skipped == (Skipped("b", "too_large"),)


def test_too_many_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder with more files than there are certificates in the world is refused."""
    monkeypatch.setattr(loading, "MAX_FILES", 2)
    for name in "ab":
        (tmp_path / name).write_bytes(CSCA.certificate)
    assert len(TrustStore.load(tmp_path).anchors) == 1
    (tmp_path / "c").write_bytes(CSCA.certificate)
    with pytest.raises(StoreError) as caught:
        TrustStore.load(tmp_path)
    assert caught.value.code == "store_too_large"


def test_unreadable_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that the system does not let us read stops the loading."""
    (tmp_path / "a").write_bytes(CSCA.certificate)

    def refuse(path: Path, _: int) -> bytes:
        raise EvidenceError("evidence_unreadable", path=str(path), cause="")

    monkeypatch.setattr(loading, "read_file", refuse)
    with pytest.raises(StoreError) as caught:
        TrustStore.load(tmp_path)
    assert caught.value.code == "store_path_unreadable"


def test_one_locked_file(tmp_path: Path) -> None:
    """A PKCS #12 file that does not open is named and stops nobody; alone it is the error."""
    (tmp_path / "a.p12").write_bytes(pkcs12_of(CSCA.certificate, password="x"))
    with pytest.raises(StoreError) as caught:
        TrustStore.load(tmp_path)
    assert caught.value.code == "password_missing"
    (tmp_path / "b.cer").write_bytes(SECOND)
    store = TrustStore.load(tmp_path)
    assert (raw(store), store.skipped) == ([SECOND], (Skipped("a.p12", "password_missing"),))


@pytest.mark.skipif(sys.platform != "linux", reason="names are bytes on Linux only")
def test_name_that_is_no_text(tmp_path: Path) -> None:
    """Where something came from can be written and printed, whatever the file is called."""
    with open(os.fsencode(tmp_path) + b"/csca-\xff.cer", "wb") as file:
        file.write(CSCA.certificate)
    store = TrustStore.load(tmp_path)
    [provenance] = store.entries[0].provenances
    assert provenance.source == "csca-\ufffd.cer"
    save_store(store, tmp_path / "store", NOW)
    assert open_store(tmp_path / "store").digest == store.digest


def test_paths_that_the_system_refuses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name too long, or nobody lets us look: the path is named, and it is exit 20."""
    long = tmp_path / ("a" * 300)
    for use in (TrustStore.load, TrustStore.open):
        with pytest.raises(StoreError) as caught:
            use(long)
        assert str(caught.value.fields["path"]).startswith(str(tmp_path))

    def refuse(_: Path) -> bool:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "is_dir", refuse)
    monkeypatch.setattr(Path, "is_file", refuse)
    for use in (TrustStore.load, TrustStore.open):
        with pytest.raises(StoreError) as caught:
            use(tmp_path)
        assert (caught.value.code, caught.value.exit_code) == ("store_path_unreadable", 20)


def test_of() -> None:
    """Certificates by hand are taken as they are, if they are certificates."""
    assert raw(TrustStore.of(CSCA.certificate, SECOND)) == [CSCA.certificate, SECOND]
    with pytest.raises(MalformedData):
        TrustStore.of(b"\x30\x00")


# Candidates -------------------------------------------------------------------------------------


def test_country_of_candidates() -> None:
    """The same on both sides; a signer without one meets any, an anchor without one no other."""
    key = ec_key("shared")
    anchors = {
        country: make_csca(key, subject=c.name(country, "x", "CSCA"), marked=False)
        for country in ("UT", "UX")
    }
    anchors[""] = make_csca(key, subject=NAMELESS, marked=False)
    store = TrustStore.of(*(each.certificate for each in anchors.values()))

    def found(subject: bytes) -> list[str]:
        made = make_document_signer(key, anchors["UT"], serial=5, subject=subject)
        candidates = store.candidates(parse_certificate(made.certificate))
        return sorted(each.entry.country or "" for each in candidates)

    assert found(c.name("UT", "x", "DS")) == ["UT"]
    assert found(c.name("UY", "x", "DS")) == []
    assert found(NAMELESS) == ["", "UT", "UX"]


NAMELESS = w.seq(w.set_of(w.seq(w.oid("2.5.4.3"), w.utf8("nobody's"))))


# The digest -------------------------------------------------------------------------------------


@given(st.permutations(ROOTS))
def test_digest_does_not_depend_on_the_order(anchors: list[bytes]) -> None:
    """The digest names the set of anchors."""
    assert TrustStore.of(*anchors).digest == TrustStore.of(*ROOTS).digest


@given(st.sets(st.sampled_from(ROOTS)), st.sets(st.sampled_from(ROOTS)))
def test_digest_names_the_anchors(one: set[bytes], other: set[bytes]) -> None:
    """Two sets have the same digest if they are the same."""
    same = TrustStore.of(*one).digest == TrustStore.of(*other).digest
    assert same == (one == other)


def test_digest_names_everything_a_verdict_depends_on() -> None:
    """Anchors, signers, each list: with one more of any, another digest."""
    signer = document_signer().certificate
    more = [b"", ATLANTIS.certificate, signer, crl(5), crl(6), deviation_list(deviation(("1.2",)))]
    digests = {take_in(ROOT.certificate, *filter(None, [each])).store.digest for each in more}
    assert len(digests) == len(more)


def test_marked_anchor() -> None:
    """The emulated CSCA can be told apart, wherever it was loaded from."""
    store = TrustStore.of(*ROOTS)
    assert all(anchor.extensions.is_emulated for anchor in store.anchors)
    assert all(entry.emulated for entry in store.entries)
    plain = TrustStore.of(make_csca(ec_key("plain"), marked=False).certificate)
    assert not plain.anchors[0].extensions.is_emulated
    assert not plain.entries[0].emulated


# What is taken from the shelf -------------------------------------------------------------------


@dataclass
class Counting:
    """A shelf that counts what is taken from it."""

    below: Shelf
    taken: list[bytes] = field(default_factory=list)

    def take(self, fingerprint: bytes, /) -> bytes:
        """Return the bytes with this SHA-256."""
        self.taken.append(fingerprint)
        return self.below.take(fingerprint)


def counting(store: TrustStore) -> tuple[TrustStore, Counting]:
    """Return ``store`` on a shelf that counts."""
    shelf = Counting(store.shelf)
    return TrustStore(store.entries, store.signers, store.lists, shelf), shelf


def test_one_card_takes_one_anchor() -> None:
    """Of a store of many anchors and lists, one certificate is looked at for one signer."""
    many = take_in(ROOT.certificate, ATLANTIS.certificate, pem(*roots(50)), crl(issuer=ATLANTIS))
    store, shelf = counting(many.store)
    signer = parse_certificate(document_signer().certificate)
    for _ in range(3):
        assert verdict(find_chain(signer, store).finding) == "successful"
    assert [each.hex() for each in shelf.taken] == [parse_certificate(ROOT.certificate).fingerprint]


def test_revocation_takes_the_list_of_the_issuer() -> None:
    """And of all revocation lists the one of its issuer, once."""
    lists = (crl(5), crl(issuer=ATLANTIS))
    store, shelf = counting(take_in(ROOT.certificate, ATLANTIS.certificate, *lists).store)
    anchor = parse_certificate(ROOT.certificate)
    signer = parse_certificate(document_signer().certificate)
    for _ in range(3):
        assert check_revocation(signer, anchor, store, NOW).ok
    assert shelf.taken == [store.lists[0].fingerprint]


# Signers and deviations -------------------------------------------------------------------------


def test_signers_by_what_names_them() -> None:
    """A document that leaves its signer out names it by serial number or by key."""
    one = document_signer(serial=0xAB)
    two = document_signer("dsc 2", 0xCD)
    store = take_in(ROOT.certificate, one.certificate, two.certificate).store

    def found(identifier: SignerIdentifier) -> list[bytes]:
        return [each.raw for each in store.signers_named(identifier)]

    issuer = ROOT.plan.subject
    assert found(SignerIdentifier(raw_issuer=issuer, serial=0xAB)) == [one.certificate]
    assert found(SignerIdentifier(raw_issuer=issuer, serial=0xEF)) == []
    key = c.key_identifier(two.key.public)
    assert found(SignerIdentifier(key_identifier=key)) == [two.certificate]
    assert found(SignerIdentifier(key_identifier=bytes(20))) == []


def test_known_deviations() -> None:
    """Every entry of every list that is not about certificates, with its list."""
    lists = deviation_list(deviation(("1.2.3",)), deviation(("1.2.4",)))
    store = take_in(ROOT.certificate, lists, master_list()).store
    found = list(store.known_deviations())
    assert {known.kinds for _, known in found} == {("1.2.3",), ("1.2.4",)}
    assert {entry.country for entry, _ in found} == {"UT"}


def test_damage_is_not_passed_over() -> None:
    """A certificate or list that the shelf does not have stops the judgement (design, 20)."""
    whole = take_in(ROOT.certificate, crl(5), deviation_list(), list_signer().certificate).store
    empty = TrustStore(whole.entries, whole.signers, whole.lists)
    anchor = parse_certificate(ROOT.certificate)
    signer = parse_certificate(document_signer().certificate)
    identifier = SignerIdentifier(key_identifier=c.key_identifier(list_signer().key.public))
    for use in (
        lambda: find_chain(signer, empty),
        lambda: check_revocation(signer, anchor, empty, NOW),
        lambda: list(empty.known_deviations()),
        lambda: list(empty.signers_named(identifier)),
    ):
        with pytest.raises(StoreError) as caught:
            use()
        assert caught.value.code == "store_damaged"
