"""A trust store on disk whose bytes were changed: noticed, named, never passed over."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecid.errors import StoreError
from ecid.trust import store_folder
from ecid.trust.certificate import parse_certificate
from ecid.trust.chain import find_chain
from ecid.trust.store_folder import (
    PACK_SUFFIX,
    SNAPSHOT,
    check_whole,
    decode_snapshot,
    history,
    open_store,
    save_store,
)
from ecid_crypto.hashes import Hash
from trust_kit import (
    NOW,
    ROOT,
    document_signer,
    full_store,
)

SIGNER, FULL = document_signer(), full_store()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a store of everything."""
    save_store(FULL, tmp_path / "store", NOW)
    return tmp_path / "store"


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the same, made once; not to be changed."""
    path = tmp_path_factory.mktemp("kept") / "store"
    save_store(FULL, path, NOW)
    return path


def pack(folder: Path) -> Path:
    """Return the only pack in ``folder``."""
    [found] = folder.glob(f"*{PACK_SUFFIX}")
    return found


def flip(path: Path, at: int, change: int = 1) -> None:
    """Change one byte of a file."""
    data = bytearray(path.read_bytes())
    data[at] ^= change
    path.write_bytes(data)


def damaged(use: Callable[[], object]) -> None:
    """Assert that calling ``use`` says that the store is damaged, which is exit 20."""
    with pytest.raises(StoreError) as caught:
        use()
    assert (caught.value.code, caught.value.exit_code) == ("store_damaged", 20)


@given(st.data())
def test_one_flipped_byte_in_the_index(kept: Path, data: st.DataObject) -> None:
    """Wherever it is, the store is not opened."""
    index = bytearray((kept / SNAPSHOT).read_bytes())
    index[data.draw(st.integers(0, len(index) - 1))] ^= data.draw(st.integers(1, 255))
    damaged(lambda: decode_snapshot(bytes(index), kept))


@given(st.data())
def test_index_cut_off(kept: Path, data: st.DataObject) -> None:
    """Nor is it where the index is shorter than it was, or empty."""
    index = (kept / SNAPSHOT).read_bytes()
    damaged(lambda: decode_snapshot(index[: data.draw(st.integers(0, len(index) - 1))], kept))


def test_damaged_index_on_disk(folder: Path) -> None:
    """Every way into the store notices; an import leaves the damage as it is."""
    flip(folder / SNAPSHOT, 100)
    before = (folder / SNAPSHOT).read_bytes()
    damaged(lambda: open_store(folder))
    damaged(lambda: history(folder))
    damaged(lambda: check_whole(folder))
    damaged(lambda: save_store(FULL, folder, NOW))
    assert (folder / SNAPSHOT).read_bytes() == before


def test_huge_index(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An index larger than any is not read."""
    monkeypatch.setattr(store_folder, "MAX_SNAPSHOT", 100)
    damaged(lambda: open_store(folder))


values = st.recursive(
    st.none() | st.integers() | st.binary(max_size=40) | st.text(max_size=10) | st.booleans(),
    lambda inner: st.lists(inner, max_size=12) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=20,
)


@given(values, st.sampled_from(["pack", "places", "anchors", "signers", "lists", "changes", None]))
def test_index_of_another_shape(kept: Path, value: object, part: str | None) -> None:
    """Whoever writes an index of his own, with the right digest, gets the same clear error."""
    body = (kept / SNAPSHOT).read_bytes()[:-32]
    changed = cbor2.loads(body) | {part: value} if part else value
    written = cbor2.dumps(changed)
    with suppress(StoreError):
        store, _ = decode_snapshot(written + Hash.SHA256.digest(written), kept)
        assert store.digest.startswith("sha256:")


def test_other_version(folder: Path) -> None:
    """A store that a later version wrote is not guessed at."""
    body = cbor2.dumps(cbor2.loads((folder / SNAPSHOT).read_bytes()[:-32]) | {"schema": "x/2"})
    (folder / SNAPSHOT).write_bytes(body + Hash.SHA256.digest(body))
    with pytest.raises(StoreError) as caught:
        open_store(folder)
    assert caught.value.code == "store_version"


def test_one_flipped_byte_in_the_pack(folder: Path) -> None:
    """It is noticed when that certificate is taken, and by the check of everything."""
    place = pack(folder).read_bytes().index(ROOT.certificate)
    flip(pack(folder), place + len(ROOT.certificate) // 2)
    store = open_store(folder)
    whole = [e for e in store.entries if e.fingerprint != Hash.SHA256.digest(ROOT.certificate)]
    assert all(store.certificate(each) for each in whole)
    signer = parse_certificate(SIGNER.certificate)
    damaged(lambda: find_chain(signer, store))
    damaged(lambda: check_whole(folder))


def test_any_flipped_byte_in_the_pack(folder: Path) -> None:
    """No byte of the pack may change without the check noticing: a sample of all of them."""
    size = pack(folder).stat().st_size
    for at in {*range(0, size, 97), size - 1}:
        flip(pack(folder), at)
        damaged(lambda: check_whole(folder))
        flip(pack(folder), at)
    check_whole(folder)


def test_pack_missing_or_cut_off(folder: Path) -> None:
    """The same where the pack ends early, or is gone."""
    path = pack(folder)
    path.write_bytes(path.read_bytes()[:-1])
    damaged(lambda: check_whole(folder))
    path.unlink()
    with pytest.raises(StoreError) as caught:
        check_whole(folder)
    assert (caught.value.code, caught.value.exit_code) == ("store_pack_gone", 20)


def test_signers_index_damaged(folder: Path) -> None:
    """The index of signers is an object in the pack like any other."""
    path = pack(folder)
    flip(path, path.stat().st_size - 1)
    damaged(open_store(folder).signers.entries)
