"""A trust store on disk: whole or not at all, whoever writes, and whoever is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from filelock import FileLock

from ecid.errors import OutputError, StoreError
from ecid.trust import store_folder
from ecid.trust.certificate import parse_certificate
from ecid.trust.chain import find_chain
from ecid.trust.store import TrustStore
from ecid.trust.store_folder import (
    LOCK,
    PACK_SUFFIX,
    SNAPSHOT,
    PackShelf,
    check_whole,
    history,
    is_store,
    open_store,
    save_store,
    user_folder,
)
from ecid_crypto.hashes import Hash
from forged_sod import verdict
from trust_kit import (
    ATLANTIS,
    NOW,
    ROOT,
    crl,
    document_signer,
    full_store,
    raw_anchors,
    take_in,
)

SIGNER, FULL = document_signer(), full_store()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a store of everything."""
    save_store(FULL, tmp_path / "store", NOW)
    return tmp_path / "store"


def pack(folder: Path) -> Path:
    """Return the only pack in ``folder``."""
    [found] = folder.glob(f"*{PACK_SUFFIX}")
    return found


# There and back ---------------------------------------------------------------------------------


def test_round_trip(folder: Path) -> None:
    """What was saved is what is opened: facts, certificates, lists, digest."""
    found = TrustStore.open(folder)
    assert (found.entries, found.lists) == (FULL.entries, FULL.lists)
    assert found.signers.entries() == FULL.signers.entries()
    assert found.digest == FULL.digest
    assert raw_anchors(found) == raw_anchors(FULL)
    kept = [each.fingerprint for each in FULL.lists]
    kept += [each.fingerprint for each in FULL.signers.entries()]
    assert list(map(found.shelf.take, kept)) == list(map(FULL.shelf.take, kept))
    check_whole(folder)


def test_saved_again(folder: Path) -> None:
    """Saving what was opened changes no digest and no pack."""
    before = pack(folder).read_bytes()
    save_store(open_store(folder), folder, NOW)
    assert pack(folder).read_bytes() == before
    assert open_store(folder).digest == FULL.digest


def test_absent(tmp_path: Path) -> None:
    """No folder, or one without a store, is the empty store: nothing is trusted."""
    for path in (tmp_path, tmp_path / "absent"):
        assert not is_store(path)
        assert open_store(path) == TrustStore()
        assert history(path) == ()


def test_empty_store(tmp_path: Path) -> None:
    """An empty store can be kept, too."""
    save_store(TrustStore(), tmp_path, NOW)
    assert is_store(tmp_path)
    assert open_store(tmp_path).digest == TrustStore().digest


def test_users_own_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """``ECID_STORE`` names it, else the system's place for data."""
    monkeypatch.setenv("ECID_STORE", str(tmp_path))
    assert user_folder() == tmp_path
    save_store(FULL, tmp_path, NOW)
    assert TrustStore.open() == FULL
    monkeypatch.delenv("ECID_STORE")
    assert user_folder().parts[-2:] == ("ecid", "trust")


def test_history(folder: Path) -> None:
    """Each import leaves a line: when, what came, what went; the last ten are kept."""
    less = take_in(ROOT.certificate).store
    save_store(less, folder, NOW + timedelta(hours=1))
    first, last = history(folder)
    assert (first.at, len(first.added), first.removed) == (NOW, 5, ())
    assert (last.at, last.added, len(last.removed)) == (NOW + timedelta(hours=1), (), 4)
    for number in range(12):
        save_store(less, folder, NOW + timedelta(days=number + 1))
    assert len(history(folder)) == 10


def test_files_of_the_owner(folder: Path) -> None:
    """Index and pack are readable by their owner only; nothing else is left behind."""
    names = {path.name for path in folder.iterdir()} - {LOCK}
    assert names == {SNAPSHOT, pack(folder).name}
    if sys.platform != "win32":
        assert {path.stat().st_mode & 0o077 for path in (folder / SNAPSHOT, pack(folder))} == {0}


def test_old_packs_are_cleared(folder: Path) -> None:
    """A pack stays for a day after it was replaced: somebody may have the store open."""
    old, opened = pack(folder), open_store(folder)
    os.utime(old, (0, 0))
    for each in (ROOT, ATLANTIS, ROOT):
        save_store(take_in(each.certificate).store, folder, NOW)
    assert raw_anchors(opened) == raw_anchors(FULL)
    yesterday = old.stat().st_mtime - 24 * 60 * 60 - 1
    os.utime(old, (yesterday, yesterday))
    save_store(take_in(ATLANTIS.certificate).store, folder, NOW)
    assert not old.exists()
    with pytest.raises(StoreError) as caught:
        open_again(opened)
    assert caught.value.code == "store_pack_gone"


def open_again(store: TrustStore) -> object:
    """Take a certificate that ``store`` has not taken before."""
    return TrustStore(store.entries, shelf=store.shelf).anchors


def test_what_a_killed_import_left_is_cleared(folder: Path) -> None:
    """Half a file under its own name costs nothing but room, and the next import takes it away."""
    left, other = folder / ".ecid-abc.part", folder / "notes.part"
    left.write_bytes(b"half")
    other.write_bytes(b"mine")
    save_store(FULL, folder, NOW)
    assert (left.exists(), other.exists()) == (False, True)


# What one card costs ----------------------------------------------------------------------------


@dataclass
class Counted:
    """What was taken from packs."""

    fingerprints: list[bytes] = field(default_factory=list)


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Counted:
    """Count what is taken from any pack."""
    found, take = Counted(), PackShelf.take

    def counting(self: PackShelf, fingerprint: bytes, /) -> bytes:
        found.fingerprints.append(fingerprint)
        return take(self, fingerprint)

    monkeypatch.setattr(PackShelf, "take", counting)
    return found


def test_one_anchor_is_taken(folder: Path, counted: Counted) -> None:
    """Opening takes nothing; a chain to one anchor takes that one, once."""
    store = open_store(folder)
    assert (store.digest, counted.fingerprints) == (FULL.digest, [])
    signer = parse_certificate(SIGNER.certificate)
    for _ in range(2):
        assert verdict(find_chain(signer, store).finding) == "successful"
    assert counted.fingerprints == [Hash.SHA256.digest(ROOT.certificate)]


# Writers that are killed, and two at once -------------------------------------------------------

KILLED = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from ecid.trust import store_folder
from ecid.trust.store import TrustStore
moment, folder, certificate = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]).read_bytes()
die = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
replace, fsync, clear, left = os.replace, os.fsync, store_folder._clear, [0, "folder", 1, "folder"]
def replacing(source, target):
    if moment == f"before {Path(target).suffix}":
        die()
    replace(source, target)
    if moment == f"after {Path(target).suffix}":
        die()
def syncing(handle):
    if moment == f"file {left.pop(0)}":
        die()
    fsync(handle)
os.replace, os.fsync = replacing, syncing
if moment == "clearing":
    store_folder._clear = die
store_folder.save_store(TrustStore.of(certificate), folder, datetime.now(UTC))
"""

MOMENTS = {
    "file 0": False,
    "before .pack": False,
    "after .pack": False,
    "file folder": False,
    "file 1": False,
    "before .cbor": False,
    "after .cbor": True,
    "clearing": True,
}
"""When the writer is killed, and whether its store counts already."""


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
@pytest.mark.parametrize("moment", MOMENTS)
def test_killed(folder: Path, tmp_path: Path, moment: str) -> None:
    """Whoever is killed leaves the old store or the new one, whole, and no lock."""
    (tmp_path / "anchor").write_bytes(ATLANTIS.certificate)
    files = (str(folder), str(tmp_path / "anchor"))
    arguments = [sys.executable, "-I", "-c", KILLED, moment, *files]
    done = subprocess.run(arguments, check=False, timeout=60, capture_output=True)
    assert done.returncode == -signal.SIGKILL, done.stderr
    expected = TrustStore.of(ATLANTIS.certificate) if MOMENTS[moment] else FULL
    check_whole(folder)
    assert open_store(folder).digest == expected.digest
    save_store(FULL, folder, NOW)
    check_whole(folder)
    assert open_store(folder).digest == FULL.digest


def test_busy(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While somebody writes, the next waits; in the end it gives up and says so."""
    monkeypatch.setattr(store_folder, "_LOCK_SECONDS", 0.1)
    with FileLock(folder / LOCK), pytest.raises(StoreError) as caught:
        save_store(TrustStore(), folder, NOW)
    assert caught.value.code == "store_busy"
    assert open_store(folder).digest == FULL.digest


def test_two_imports_at_once(folder: Path) -> None:
    """Of two that began with the same store, the second must begin again: none is lost."""
    begun = open_store(folder)
    one, other = (take_in(raw, base=begun).store for raw in (crl(5, 6, number=2), crl(5, number=3)))
    save_store(one, folder, NOW, begun)
    with pytest.raises(StoreError) as caught:
        save_store(other, folder, NOW, begun)
    assert caught.value.code == "store_busy"
    assert open_store(folder).digest == one.digest


def test_many_writers_and_readers(folder: Path) -> None:
    """Whatever the order, every reader meets one whole store."""
    versions = [FULL, take_in(ROOT.certificate).store, take_in(ATLANTIS.certificate).store]
    seen: list[str] = []
    wrong: list[BaseException] = []

    def write(store: TrustStore) -> None:
        for _ in range(5):
            save_store(store, folder, NOW)

    def read() -> None:
        try:
            for _ in range(40):
                seen.append(open_store(folder).digest)
        except StoreError as exc:
            wrong.append(exc)

    threads = [threading.Thread(target=write, args=(each,)) for each in versions]
    threads += [threading.Thread(target=read) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert set(seen) <= {each.digest for each in versions}
    check_whole(folder)


def test_folder_that_cannot_be_written(tmp_path: Path) -> None:
    """A file in the way of the folder is a result that cannot be written."""
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OutputError):
        save_store(FULL, tmp_path / "file", NOW)
    with pytest.raises(OutputError):
        save_store(FULL, tmp_path / "file" / "store", NOW)
