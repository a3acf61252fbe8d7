"""A store as files, and out of the files again (``ecid.trust.intake.export``, ``manifest``)."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecid.errors import OutputError
from ecid.trust.entries import Kind
from ecid.trust.intake import manifest
from ecid.trust.intake.admission import Admitted
from ecid.trust.intake.export import SIGNERS, export
from ecid.trust.intake.loading import files_in, gather
from ecid.trust.intake.rules import Rules
from ecid.trust.store import TrustStore
from ecid.trust.tolerance import Tolerances
from ecid_crypto.hashes import Hash
from trust_kit import (
    ATLANTIS,
    IMPORTED,
    NOW,
    ROOT,
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

MURKY, MUDDY = roots(2)
DSC, ODD = document_signer(), document_signer("odd", serial=3)
LATER = NOW + timedelta(days=30)
NON_CONFORMANT = ldif(record("userCertificate;binary", ODD.certificate, dn="cn=1,dc=nc-data,dc=x"))
LISTED = master_list(ATLANTIS.certificate, MURKY)
FULL = take_in(
    ROOT.certificate,
    pem(MUDDY, DSC.certificate),
    NON_CONFORMANT,
    LISTED,
    crl(5),
    deviation_list(deviation(("1.2.3",))),
).store


def gathered(folder: Path, base: TrustStore | None = None, stated: str = "") -> Admitted:
    """Return what is admitted of everything in ``folder``."""
    rules = Rules(
        tolerances=Tolerances.load("field"),
        at=IMPORTED,
        keeping=True,
        stated={stated} if stated else set(),
    )
    return gather(files_in(folder), base or TrustStore(), rules)


def names(folder: Path) -> set[str]:
    """Return the names of the files in ``folder``."""
    return {path.name for path in folder.iterdir()}


def test_there_and_back(tmp_path: Path) -> None:
    """The same store, on the same words, with the same flags."""
    files = export(FULL, tmp_path)
    assert names(tmp_path) == {*files, manifest.NAME}
    again = gathered(tmp_path).store
    assert (again.digest, again.skipped) == (FULL.digest, ())
    for raw in raw_anchors(FULL):
        assert kinds(again, raw) == kinds(FULL, raw)
    flags = {each.serial: each.deviations for each in again.signers.entries()}
    assert flags == {"77": (), "3": ("non_conformant",)}


def test_newer_list_after_an_export(tmp_path: Path) -> None:
    """What only a list had vouched for goes with it there, too."""
    export(FULL, tmp_path)
    newer = master_list(MURKY, at=LATER)
    stores = [take_in(newer, base=base).store for base in (FULL, gathered(tmp_path).store)]
    assert stores[0].digest == stores[1].digest
    assert ATLANTIS.certificate not in raw_anchors(stores[1])


def test_export_into_a_store_with_a_newer_list(tmp_path: Path) -> None:
    """The older list is a rollback; what only it had vouched for does not come in by hand."""
    export(FULL, tmp_path)
    base = take_in(ROOT.certificate, master_list(MURKY, at=LATER)).store
    found = gathered(tmp_path, base).store
    assert raw_anchors(found) == {ROOT.certificate, MURKY, MUDDY}
    assert sorted(rule for _, rule in skips(found)) == ["list_not_accepted", "rollback"]


def test_list_of_a_stated_signer(tmp_path: Path) -> None:
    """Nobody here has stated it again: what the folder holds is by hand, and no more."""
    signer = Hash.SHA256.digest(list_signer().certificate).hex()
    store = take_in(LISTED, stated={signer}).store
    assert raw_anchors(store) == {ATLANTIS.certificate, MURKY}
    export(store, tmp_path)
    again = gathered(tmp_path)
    assert raw_anchors(again.store) == {ATLANTIS.certificate, MURKY}
    assert kinds(again.store, MURKY) == [Kind.BUNDLE]
    assert len(again.store.unanchored) == 1


def test_stated_fingerprint_and_a_manifest(tmp_path: Path) -> None:
    """What an exporter says is no word of the operator's: only what was stated counts."""
    export(FULL, tmp_path)
    stated = Hash.SHA256.digest(MUDDY).hex()
    found = gathered(tmp_path, stated=stated)
    assert raw_anchors(found.store) == {MUDDY}
    assert found.unmatched == frozenset()


def test_forged_manifest(tmp_path: Path) -> None:
    """Whatever it claims of a certificate, it stays what the file makes of it at most."""
    (tmp_path / "dsc.cer").write_bytes(DSC.certificate)
    (tmp_path / "001.ldif").write_bytes(ldif(record("cACertificate;binary", MURKY)))
    row = {"provenance": [["by_hand", "x", ""]], "flags": []}
    prints = (Hash.SHA256.digest(raw).hex() for raw in (DSC.certificate, MURKY))
    claims = {"schema": manifest.SCHEMA, "files": {}, "certificates": dict.fromkeys(prints, row)}
    (tmp_path / manifest.NAME).write_text(json.dumps(claims))
    store = gathered(tmp_path).store
    assert store.entries == ()
    assert skips(store) == [("001.ldif", "directory_is_no_anchor")]


def test_export_again(tmp_path: Path) -> None:
    """What the store has no more is removed; what is not ours, or was changed, stays."""
    (tmp_path / "notes.txt").write_text("mine")
    before = set(export(FULL, tmp_path))
    smaller = take_in(ROOT.certificate).store
    mine = next(name for name in before if name.endswith(".ml"))
    (tmp_path / mine).write_bytes(b"changed")
    [kept] = export(smaller, tmp_path)
    assert names(tmp_path) == {kept, mine, "notes.txt", manifest.NAME}


@pytest.mark.parametrize("name", ["../victim", "victim", "/etc/passwd", "a/../victim"])
def test_manifest_that_names_other_files(tmp_path: Path, name: str) -> None:
    """A manifest of somebody else's removes nothing but files of ours."""
    folder = tmp_path / "out"
    folder.mkdir()
    for victim in (folder / "victim", tmp_path / "victim"):
        victim.write_bytes(b"precious")
    files = {name: Hash.SHA256.digest(b"precious").hex()}
    claims = {"schema": manifest.SCHEMA, "files": files, "certificates": {}}
    (folder / manifest.NAME).write_text(json.dumps(claims))
    export(take_in(ROOT.certificate).store, folder)
    assert (folder / "victim").exists()
    assert (tmp_path / "victim").exists()


def test_signers_are_one_file(tmp_path: Path) -> None:
    """However many there are: a folder with more than ten thousand files is not read."""
    export(FULL, tmp_path)
    assert SIGNERS in names(tmp_path)
    assert len([name for name in names(tmp_path) if name.endswith(".cer")]) == len(FULL.entries)


def test_names_of_files(tmp_path: Path) -> None:
    """A country that is no code, or a serial number, never leads out of the folder."""
    bad = tuple(replace(each, country="../UX", serial="../../1F") for each in FULL.entries)
    files = export(TrustStore(bad, shelf=FULL.shelf), tmp_path / "out")
    assert names(tmp_path) == {"out"}
    assert all(name.startswith("XX_1F_") for name in files)


def test_folder_in_the_way(tmp_path: Path) -> None:
    """A file where the folder should be."""
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OutputError):
        export(FULL, tmp_path / "file")


# The manifest -----------------------------------------------------------------------------------


def test_manifest_says_what_the_store_says() -> None:
    """Provenances and flags by fingerprint."""
    said = manifest.load(manifest.dump(FULL, {"a.cer": "00"}))
    assert said is not None
    assert said.files == {"a.cer": "00"}
    entries = (*FULL.entries, *FULL.signers.entries())
    assert len(said.certificates) == len(entries)
    for each in entries:
        words, flag = said.certificates[each.fingerprint.hex()]
        assert (words, flag) == (each.provenances, "non_conformant" in each.deviations)


@given(st.binary(max_size=200) | st.text().map(str.encode))
def test_no_manifest(data: bytes) -> None:
    """Anything else is none, and no error."""
    assert manifest.load(data) is None


@pytest.mark.parametrize(
    "change",
    [
        {"schema": "x"},
        {"files": [1]},
        {"files": {"a": 5}},
        {"certificates": []},
        {"certificates": {"aa": {}}},
        {"certificates": {"aa": {"provenance": [["god", "x", ""]], "flags": []}}},
        {"certificates": {"aa": {"provenance": [["by_hand", 5, ""]], "flags": []}}},
        {"certificates": {"aa": {"provenance": [["by_hand"]], "flags": []}}},
        {"certificates": {"aa": {"provenance": [], "flags": 5}}},
    ],
)
def test_broken_manifest(change: dict[str, object]) -> None:
    """One part of another shape, and it is none of ours."""
    good = {"schema": manifest.SCHEMA, "files": {}, "certificates": {}}
    assert manifest.load(json.dumps(good).encode()) == manifest.Manifest()
    assert manifest.load(json.dumps({**good, **change}).encode()) is None


def test_file_of_that_name(tmp_path: Path) -> None:
    """One that is no manifest is a file like any other."""
    (tmp_path / manifest.NAME).write_bytes(ROOT.certificate)
    assert raw_anchors(gathered(tmp_path).store) == {ROOT.certificate}
