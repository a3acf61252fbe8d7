"""The trust store: what it takes, what it skips and says so, and its digest."""

from __future__ import annotations

from base64 import encodebytes
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecid.emulator import certificates as c
from ecid.emulator.pki import make_csca
from ecid.encoding import der_write as w
from ecid.errors import MalformedData, StoreError
from ecid.trust import store as store_module
from ecid.trust.store import Skipped, TrustStore
from forged_sod import CSCA, SIGNER, ec_key

SECOND = make_csca(ec_key("second")).certificate
ROOTS = [CSCA.certificate, SECOND, *(make_csca(ec_key(f"root {n}")).certificate for n in range(3))]


def pem(*certificates: bytes) -> bytes:
    """Return the certificates in PEM."""
    blocks = (encodebytes(certificate) for certificate in certificates)
    return b"".join(
        b"-----BEGIN CERTIFICATE-----\n" + block + b"-----END CERTIFICATE-----\n"
        for block in blocks
    )


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


def test_one_file(tmp_path: Path) -> None:
    """DER under any name."""
    file = tmp_path / "anchor.txt"
    file.write_bytes(CSCA.certificate)
    store = TrustStore.load(file)
    assert raw(store) == [CSCA.certificate]
    assert store.skipped == ()
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


UNUSABLE = {
    "document signer": (SIGNER.certificate, "not_a_ca"),
    "no BasicConstraints": (without(c.key_usage(5, 6)), "not_a_ca"),
    "may not sign certificates": (
        without(c.basic_constraints(True, 0), c.key_usage(6)),
        "key_usage",
    ),
    "BasicConstraints twice": (
        without(c.basic_constraints(True), c.basic_constraints(True)),
        "extension_repeated",
    ),
    "no certificate": (w.seq(), "not_der"),
    "text": (b"hello", "neither_der_nor_pem"),
    "empty": (b"", "neither_der_nor_pem"),
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
    assert store.skipped == (Skipped("bad", rule),)


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
    """In a bundle only what is no CSCA is skipped."""
    (tmp_path / "bundle.pem").write_bytes(pem(CSCA.certificate, SIGNER.certificate, SECOND))
    store = TrustStore.load(tmp_path)
    assert raw(store) == [CSCA.certificate, SECOND]
    assert store.skipped == (Skipped("bundle.pem", "not_a_ca"),)


def test_missing_path(tmp_path: Path) -> None:
    """A path that does not exist is a mistake of the operator, not an empty store."""
    with pytest.raises(StoreError) as caught:
        TrustStore.load(tmp_path / "absent")
    assert caught.value.code == "store_path_missing"
    assert str(tmp_path / "absent") in caught.value.message()


def test_large_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file too large to be certificates is not read."""
    monkeypatch.setattr(store_module, "MAX_FILE_BYTES", len(CSCA.certificate))
    (tmp_path / "a").write_bytes(CSCA.certificate)
    (tmp_path / "b").write_bytes(pem(SECOND))
    assert TrustStore.load(tmp_path).skipped == (Skipped("b", "too_large"),)


def test_too_many_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder with more files than there are certificates in the world is refused."""
    monkeypatch.setattr(store_module, "MAX_FILES", 2)
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

    def refuse(_: Path) -> bytes:
        raise PermissionError

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(StoreError) as caught:
        TrustStore.load(tmp_path)
    assert caught.value.code == "store_path_unreadable"


def test_of() -> None:
    """Certificates by hand are taken as they are, if they are certificates."""
    assert raw(TrustStore.of(CSCA.certificate, SECOND)) == [CSCA.certificate, SECOND]
    with pytest.raises(MalformedData):
        TrustStore.of(b"\x30\x00")


@given(st.permutations(ROOTS))
def test_digest_does_not_depend_on_the_order(roots: list[bytes]) -> None:
    """The digest names the set of anchors."""
    assert TrustStore.of(*roots).digest == TrustStore.of(*ROOTS).digest


@given(st.sets(st.sampled_from(ROOTS)), st.sets(st.sampled_from(ROOTS)))
def test_digest_names_the_anchors(one: set[bytes], other: set[bytes]) -> None:
    """Two sets have the same digest if they are the same."""
    same = TrustStore.of(*one).digest == TrustStore.of(*other).digest
    assert same == (one == other)


def test_marked_anchor() -> None:
    """The emulated CSCA can be told apart, wherever it was loaded from."""
    assert all(anchor.extensions.is_emulated for anchor in TrustStore.of(*ROOTS).anchors)
    plain = make_csca(ec_key("plain"), marked=False).certificate
    assert not TrustStore.of(plain).anchors[0].extensions.is_emulated
