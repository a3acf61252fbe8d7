"""An index that says something else of a certificate or list than it says itself (threat P12).

Whoever may write the folder may write an index with the right SHA-256 at its end. Then the digest
in the report is another one, and what is taken is compared with what the index says of it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecid.encoding.oid import DEVIATION_LIST_SIGNING_KEY
from ecid.errors import StoreError
from ecid.trust.certificate import parse_certificate
from ecid.trust.chain import find_chain
from ecid.trust.revocation import check_revocation
from ecid.trust.store import TrustStore
from ecid.trust.store_codec import entry_facts
from ecid.trust.store_folder import (
    PACK_SUFFIX,
    SNAPSHOT,
    check_whole,
    decode_snapshot,
    open_store,
    save_store,
)
from ecid_crypto.hashes import Hash
from trust_kit import (
    NOW,
    ROOT,
    crl,
    deviation,
    deviation_list,
    document_signer,
    list_signer,
    take_in,
)

SIGNER = parse_certificate(document_signer(serial=0x77).certificate)
ANCHOR = parse_certificate(ROOT.certificate)
OTHER_SIGNER = list_signer(purpose=DEVIATION_LIST_SIGNING_KEY)
DEVIATIONS = deviation_list(deviation(("1.2.3",)), signer=OTHER_SIGNER)
WHOLE = take_in(ROOT.certificate, SIGNER.raw, crl(0x77), DEVIATIONS).store

Change = Callable[[dict[str, Any]], None]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a store, not to be changed."""
    path = tmp_path_factory.mktemp("kept") / "store"
    save_store(WHOLE, path, NOW)
    return path


def tampered(folder: Path, change: Change) -> TrustStore:
    """Return the store of a changed index."""
    index = cbor2.loads((folder / SNAPSHOT).read_bytes()[:-32])
    change(index)
    body = cbor2.dumps(index, canonical=True)
    return decode_snapshot(body + Hash.SHA256.digest(body), folder)[0]


def in_list(kind: str, column: int, value: object) -> Change:
    """Change one column of a list."""

    def change(index: dict[str, Any]) -> None:
        [row] = [each for each in index["lists"] if each[0] == kind]
        row[column] = value

    return change


def in_anchor(column: int, value: object) -> Change:
    """Change one column of the anchor."""

    def change(index: dict[str, Any]) -> None:
        index["anchors"][0][column] = value

    return change


def damaged(use: Callable[[], object]) -> None:
    """Assert that ``use`` says that the store is damaged."""
    with pytest.raises(StoreError) as caught:
        use()
    assert caught.value.code == "store_damaged"


def test_control(folder: Path) -> None:
    """An index as it was written gives the same store, and everything in it can be taken."""
    store = tampered(folder, lambda _: None)
    assert store.digest == WHOLE.digest
    store.check()
    assert str(check_revocation(SIGNER, ANCHOR, store, NOW).reason) == "revoked"


CHANGES: dict[str, Change] = {
    "issuer of a revocation list": in_list("revocation_list", 3, bytes(32)),
    "key of a revocation list": in_list("revocation_list", 4, bytes(20)),
    "end of a revocation list": in_list("revocation_list", 7, 2**33),
    "number of a revocation list": in_list("revocation_list", 8, 0),
    "country of a deviation list": in_list("deviation_list", 2, "UX"),
    "kind of a deviation list": in_list("deviation_list", 0, "defect_list"),
    "publisher of a deviation list": in_list("deviation_list", 5, bytes(32)),
    "time of a deviation list": in_list("deviation_list", 6, 0),
    "country of an anchor": in_anchor(1, None),
    "serial number of an anchor": in_anchor(3, "5"),
    "key of an anchor": in_anchor(4, None),
    "name of an anchor": in_anchor(5, bytes(32)),
    "end of an anchor": in_anchor(8, 2**33),
    "marker of an anchor": in_anchor(9, True),
}


@pytest.mark.parametrize("name", CHANGES)
def test_changed_fact(folder: Path, name: str) -> None:
    """Another digest, and whoever takes the piece or checks the whole is told."""
    store = tampered(folder, CHANGES[name])
    assert store.digest != WHOLE.digest
    damaged(store.check)


def test_hidden_revocation(folder: Path) -> None:
    """The list that is not found cannot be looked at: the digest alone tells."""
    store = tampered(folder, CHANGES["issuer of a revocation list"])
    assert str(check_revocation(SIGNER, ANCHOR, store, NOW).reason) == "no_crl"
    assert store.digest != WHOLE.digest


def test_hidden_deviation(folder: Path) -> None:
    """What was overlooked in an anchor is part of the digest."""
    assert tampered(folder, in_anchor(10, ["path_length"])).digest != WHOLE.digest


def test_taking_compares(folder: Path) -> None:
    """The anchor of a chain, a revocation list and a list of deviations, each when it is used."""
    anchor = tampered(folder, CHANGES["marker of an anchor"])
    damaged(lambda: find_chain(SIGNER, anchor))
    listed = tampered(folder, CHANGES["end of a revocation list"])
    damaged(lambda: check_revocation(SIGNER, ANCHOR, listed, NOW))
    deviations = tampered(folder, CHANGES["country of a deviation list"])
    damaged(lambda: list(deviations.known_deviations()))


def test_provenance_is_no_fact(folder: Path) -> None:
    """On whose word something is there changes no verdict, so not the digest either."""
    words = in_anchor(11, [["by_hand", "elsewhere.cer", ""]])
    assert tampered(folder, words).digest == WHOLE.digest


def test_signers_are_counted_and_digested(folder: Path) -> None:
    """The index of signers must be the one that the digest was made of."""
    for place, value in ((1, bytes(32)), (2, 7)):

        def change(index: dict[str, Any], place: int = place, value: object = value) -> None:
            index["signers"][place] = value

        damaged(tampered(folder, change).signers.entries)


def test_marked_signer(folder: Path) -> None:
    """The facts of a signer are compared, too, when it is taken for a document."""
    [entry] = open_store(folder).signers.entries()
    assert entry_facts(entry)[0] == Hash.SHA256.digest(SIGNER.raw)


_PROVENANCE = [["by_hand", 5, None]]
WRONG: list[object] = [None, True, 5, -5, 1.5, b"", b"x" * 33, "x", "", [1], [[1]], _PROVENANCE]


@given(
    st.sampled_from(["anchors", "lists"]),
    st.integers(0, 11),
    st.sampled_from(WRONG) | st.binary(max_size=4) | st.integers(),
)
def test_any_column_of_another_type(folder: Path, part: str, column: int, value: object) -> None:
    """A row is refused as a whole, or everything the store is asked for works with it."""

    def change(index: dict[str, Any]) -> None:
        index[part][0][column] = value

    with suppress(StoreError):
        store = tampered(folder, change)
        assert store.digest.startswith("sha256:")
        assert all(isinstance(entry.label, str) for entry in store.entries)
        assert all(isinstance(entry.source, str) for entry in store.lists)
        find_chain(SIGNER, store)
        check_revocation(SIGNER, ANCHOR, store, NOW)
        list(store.known_deviations())


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("signers", [bytes(32), b"", -5]),
        ("changes", [[0, "abc", []]]),
        ("changes", [[0, [5], []]]),
        ("pack", 5),
        ("places", []),
    ],
)
def test_other_parts(folder: Path, part: str, value: object) -> None:
    """The same for what stands beside the rows."""
    damaged(lambda: tampered(folder, lambda index: index.__setitem__(part, value)))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes")
def test_pack_that_is_a_pipe(tmp_path: Path) -> None:
    """Nobody waits for whoever writes into it."""
    save_store(WHOLE, tmp_path / "store", NOW)
    [pack] = (tmp_path / "store").glob(f"*{PACK_SUFFIX}")
    pack.unlink()
    os.mkfifo(pack)
    damaged(lambda: check_whole(tmp_path / "store"))


def test_index_gone(tmp_path: Path) -> None:
    """A pack without its index is a loss and no empty store; nor is a link that leads nowhere."""
    store = tmp_path / "store"
    save_store(WHOLE, store, NOW)
    (store / SNAPSHOT).unlink()
    damaged(lambda: open_store(store))
    damaged(lambda: save_store(WHOLE, store, NOW))
    (store / SNAPSHOT).symlink_to(tmp_path / "nowhere")
    damaged(lambda: open_store(store))
    assert open_store(tmp_path / "absent") == TrustStore()
