"""``ecid trust import``: what comes in, what does not, and why."""

from __future__ import annotations

import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ecid.cli import trust as trust_command
from ecid.emulator.pki import make_csca
from ecid.encoding import der_write as w
from ecid.text import LANGUAGES, text
from ecid.trust.intake.admission import Admitted
from ecid.trust.intake.loading import gather
from ecid.trust.store_folder import SNAPSHOT, open_store, save_store
from ecid_crypto.hashes import Hash
from forged_sod import ec_key
from inspection_kit import Command
from trust_commands import DIGITS, LIST, fingerprint, refused
from trust_kit import (
    ATLANTIS,
    NOW,
    ROOT,
    broken_certificate,
    crl,
    document_signer,
    ldif,
    master_list,
    pkcs12_of,
    raw_anchors,
    record,
    roots,
    take_in,
)

pytestmark = pytest.mark.usefixtures("wide")


# import -----------------------------------------------------------------------------------------


def test_import(ecid: Command, store: Path, files: dict[str, Path]) -> None:
    """What came, on whose word, and what was left out, as one object."""
    names = ("root.cer", "list.ml", "revoked.crl", "text")
    answer = ecid("trust", "import", *(files[n] for n in names), "--store", store, "--json")
    assert (answer.code, answer.err) == (0, "")
    found = answer.json
    assert list(found) == [
        *("schema", "store", "digest", "anchors", "signers", "added", "removed"),
        *("lists", "skipped", "unanchored"),
    ]
    assert (found["schema"], found["store"]) == ("ecid-trust/1", str(store))
    assert found["digest"] == open_store(store).digest
    assert (found["anchors"], found["signers"], len(found["added"])) == (5, 0, 5)
    assert (found["removed"], found["unanchored"]) == ([], [])
    assert found["skipped"] == [
        {"source": "text", "what": "", "rule": "unknown_format", "count": 1}
    ]
    listed, revoked = found["lists"]
    assert (revoked["kind"], revoked["source"], revoked["count"]) == (
        "revocation_list",
        "revoked.crl",
        1,
    )
    assert listed == {
        "kind": "master_list",
        "sha256": Hash.SHA256.digest(LIST).hex(),
        "source": "list.ml",
        "country": "UT",
        "this_update": "2026-01-01T12:00:00Z",
        "next_update": None,
        "number": None,
        "count": 4,
        "deviations": [],
    }


def test_import_of_a_folder(ecid: Command, store: Path, tmp_path: Path) -> None:
    """A folder is all the files in it."""
    folder = tmp_path / "folder"
    folder.mkdir()
    for number, each in enumerate(roots(3)):
        (folder / f"{number}.cer").write_bytes(each)
    answer = ecid("trust", "import", folder, "--store", store, "--json")
    assert (answer.code, answer.json["anchors"]) == (0, 3)


def test_import_again(ecid: Command, filled: Path, files: dict[str, Path]) -> None:
    """The same files again are no mistake and change nothing."""
    answer = ecid("trust", "import", files["list.ml"], "--store", filled, "--json")
    assert answer.code == 0
    assert (answer.json["added"], answer.json["removed"]) == ([], [])


def test_import_of_a_newer_list(ecid: Command, filled: Path, tmp_path: Path) -> None:
    """What the newer list has no more is gone, and said."""
    (tmp_path / "new.ml").write_bytes(master_list(*roots(2), at=NOW + timedelta(days=1)))
    answer = ecid("trust", "import", tmp_path / "new.ml", "--store", filled, "--json")
    gone = {fingerprint(each) for each in (ATLANTIS.certificate, roots(3)[2])}
    assert (answer.code, set(answer.json["removed"])) == (0, gone)


@pytest.mark.parametrize("language", LANGUAGES)
def test_import_in_words(ecid: Command, store: Path, files: dict[str, Path], language: str) -> None:
    """For people: how many came, the list, what was left out, the digest."""
    names = ("root.cer", "list.ml", "text")
    arguments = ("trust", "import", *(files[n] for n in names), "--store", store)
    answer = ecid(*arguments, "--lang", language)
    assert answer.code == 0
    for sentence in (
        text("cli.trust.imported", language, added=5, total=5, path=str(store)),
        text("cli.trust.kind.master_list", language),
        text("cli.warning.skipped", language, source="text", rule="unknown_format"),
        text("cli.trust.digest", language, digest=open_store(store).digest),
    ):
        assert sentence in answer.out


def test_unanchored_among_others(ecid: Command, store: Path, files: dict[str, Path]) -> None:
    """A list that nobody vouches for is named; what came with it is imported."""
    both = (files["atlantis.cer"], files["list.ml"])
    answer = ecid("trust", "import", *both, "--store", store, "--json")
    assert (answer.code, answer.json["anchors"]) == (0, 1)
    assert answer.json["unanchored"] == ["list.ml"]
    worded = ecid("trust", "import", *both, "--store", store)
    assert text("cli.warning.unanchored", "en", source="list.ml") in worded.out


def test_known_anchor(ecid: Command, store: Path, corpus: Path) -> None:
    """An anchor known by name is named, and that its fingerprint is to be compared."""
    file = corpus / "pki" / "anchors" / "CSCA_Vietnam_001.cer"
    answer = ecid("trust", "import", file, "--store", store)
    assert answer.code == 0
    digest = fingerprint(file.read_bytes())
    assert text("anchor.vn_id_card_001.name", "en") in answer.out
    assert text("cli.trust.confirm", "en", digest=digest) in answer.out


# import of what is not usable: exit 20, and the store is as it was ------------------------------


def test_nothing_usable(ecid: Command, store: Path, files: dict[str, Path]) -> None:
    """Files of which nothing is usable: the rule, and no store."""
    found = refused(
        ecid("trust", "import", files["text"], "--store", store, "--json"), "store_nothing_usable"
    )
    assert "unknown_format" in str(found["message"])
    assert not store.exists()


def test_unanchored(ecid: Command, store: Path, files: dict[str, Path], tmp_path: Path) -> None:
    """A list alone is nobody's word; a second fault is named beside it."""
    found = refused(
        ecid("trust", "import", files["list.ml"], "--store", store, "--json"), "store_unanchored"
    )
    assert "(no_csca)" in str(found["message"])
    (tmp_path / "weak.ml").write_bytes(master_list(hash_function=Hash.SHA1))
    weak = ecid("trust", "import", tmp_path / "weak.ml", "--store", store, "--json")
    assert "(no_csca, weak_hash)" in str(refused(weak, "store_unanchored")["message"])
    assert not store.exists()


@pytest.mark.parametrize(
    "older",
    [
        master_list(*roots(1), at=NOW - timedelta(seconds=1)),
        crl(number=0),
    ],
)
def test_rollback(ecid: Command, filled: Path, tmp_path: Path, older: bytes) -> None:
    """A list older than that of the store is refused; the store is as it was, byte for byte."""
    before = (filled / SNAPSHOT).read_bytes()
    (tmp_path / "older").write_bytes(older)
    answer = ecid("trust", "import", tmp_path / "older", "--store", filled, "--json")
    assert "older" in str(refused(answer, "store_rollback")["message"])
    assert (filled / SNAPSHOT).read_bytes() == before


def test_test_anchor(ecid: Command, store: Path, files: dict[str, Path]) -> None:
    """The anchor of emulated cards gets in only where somebody says so."""
    arguments = ("trust", "import", files["emulated.cer"], "--store", store, "--json")
    assert "test_anchor" in str(refused(ecid(*arguments), "store_nothing_usable")["message"])
    answer = ecid(*arguments, "--allow-test-anchor")
    assert (answer.code, answer.json["anchors"]) == (0, 1)


def test_missing_path(ecid: Command, store: Path, tmp_path: Path) -> None:
    """A path that does not exist, and no path at all."""
    arguments = ("trust", "import", "--store", store, "--json")
    absent = tmp_path / "absent"
    assert refused(ecid(*arguments, absent), "store_path_missing")["source"] == str(absent)
    refused(ecid(*arguments), "usage_missing", 2)


def test_two_imports_at_once(
    ecid: Command, filled: Path, files: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever was overtaken by another import is told to begin again."""

    def overtaken(*arguments: Any) -> Admitted:
        save_store(take_in(ROOT.certificate).store, filled, NOW)
        return gather(*arguments)

    monkeypatch.setattr(trust_command, "gather", overtaken)
    answer = ecid("trust", "import", files["atlantis.cer"], "--store", filled, "--json")
    refused(answer, "store_busy")
    assert raw_anchors(open_store(filled)) == {ROOT.certificate}


def test_store_that_cannot_be_written(ecid: Command, files: dict[str, Path]) -> None:
    """A file in the way of the store is exit 22."""
    arguments = ("trust", "import", files["root.cer"], "--store", files["text"], "--json")
    refused(ecid(*arguments), "output_failed", 22)


def test_revocation_lists_and_signers_are_told(
    ecid: Command, store: Path, files: dict[str, Path], tmp_path: Path
) -> None:
    """Whoever imports them alone reads that they came."""
    assert ecid("trust", "import", files["root.cer"], "--store", store).code == 0
    (tmp_path / "dsc.cer").write_bytes(document_signer().certificate)
    both = (files["revoked.crl"], tmp_path / "dsc.cer")
    answer = ecid("trust", "import", *both, "--store", store)
    assert text("cli.trust.kind.revocation_list", "en") + " of UT" in answer.out
    assert text("cli.trust.signers", "en", count=1, total=1) in answer.out


def test_folder_without_files(ecid: Command, store: Path, tmp_path: Path) -> None:
    """Folders in a folder are not looked into, and that is said."""
    (tmp_path / "empty" / "inside").mkdir(parents=True)
    answer = ecid("trust", "import", tmp_path / "empty", "--store", store, "--json")
    assert str(tmp_path / "empty") in str(refused(answer, "store_no_files")["message"])


def test_a_great_many_refusals(ecid: Command, store: Path, tmp_path: Path) -> None:
    """They are counted by rule, on every way out."""
    bad = ldif(*[record("userCertificate", broken_certificate())] * 300)
    (tmp_path / "bad.ldif").write_bytes(bad)
    answer = ecid("trust", "import", tmp_path / "bad.ldif", "--store", store)
    assert answer.code == 20
    counted = text("cli.trust.skipped", "en", count=300, rule="not_der")
    assert answer.err.splitlines()[0] == counted
    assert len(answer.err.splitlines()) == 2


@pytest.mark.parametrize("country", ["[/x]", "\x1b]0;pwn\x07", "../OUT"])
def test_hostile_country(ecid: Command, store: Path, tmp_path: Path, country: str) -> None:
    """A certificate that calls its country so is no anchor, and what it says moves no cursor."""
    named = w.seq(
        *(w.set_of(w.seq(w.oid(k), w.utf8(v))) for k, v in (("2.5.4.6", country), ("2.5.4.3", "x")))
    )
    made = make_csca(ec_key("hostile"), subject=named, marked=False)
    (tmp_path / "hostile.cer").write_bytes(made.certificate)
    answer = ecid("trust", "import", tmp_path / "hostile.cer", "--store", store)
    assert (answer.code, "(country)" in answer.err) == (20, True)
    assert "\x1b" not in answer.out + answer.err


# Fingerprints -----------------------------------------------------------------------------------

COLONS = ":".join(DIGITS[i : i + 2] for i in range(0, 64, 2)).upper()


@pytest.mark.parametrize("written", [DIGITS, COLONS, COLONS.replace(":", " ")])
def test_fingerprint(ecid: Command, store: Path, files: dict[str, Path], written: str) -> None:
    """Stated as people write it, it picks the certificate out of what was given."""
    both = (files["root.cer"], files["atlantis.cer"], "--fingerprint", written)
    answer = ecid("trust", "import", *both, "--store", store, "--json")
    assert (answer.code, answer.json["added"]) == (0, [DIGITS])
    assert [each["rule"] for each in answer.json["skipped"]] == ["fingerprint_not_stated"]


def test_fingerprint_of_the_issuer_of_a_list(ecid: Command, store: Path, tmp_path: Path) -> None:
    """A list counts with the stated fingerprint of its signer's CA, which it holds."""
    (tmp_path / "list").write_bytes(master_list(ROOT.certificate, ATLANTIS.certificate))
    arguments = ("trust", "import", tmp_path / "list", "--store", store, "--json")
    answer = ecid(*arguments, "--fingerprint", DIGITS)
    assert (answer.code, answer.json["anchors"]) == (0, 2)


def test_fingerprint_of_nothing(ecid: Command, store: Path, files: dict[str, Path]) -> None:
    """One that no certificate has stops the import: something is not what was published."""
    arguments = ("trust", "import", files["atlantis.cer"], "--store", store, "--json")
    found = refused(ecid(*arguments, "--fingerprint", DIGITS), "fingerprint_unmatched")
    assert DIGITS in str(found["message"])
    assert not store.exists()


def test_fingerprint_of_what_may_not_count(
    ecid: Command, store: Path, files: dict[str, Path]
) -> None:
    """It is there and refused: the rule is said, nothing is imported."""
    stated = fingerprint(files["emulated.cer"].read_bytes())
    both = (files["emulated.cer"], files["root.cer"], "--fingerprint", stated)
    found = refused(
        ecid("trust", "import", *both, "--store", store, "--json"), "fingerprint_refused"
    )
    assert "test_anchor" in str(found["message"])
    assert not store.exists()


def test_fingerprint_again(ecid: Command, store: Path, files: dict[str, Path]) -> None:
    """What is in the store already need not be given again to be met."""
    stated = ("--fingerprint", DIGITS, "--store", store, "--json")
    assert ecid("trust", "import", files["root.cer"], *stated).code == 0
    assert ecid("trust", "import", files["revoked.crl"], *stated).code == 0


@pytest.mark.parametrize("written", ["", "abc", DIGITS[:-1], DIGITS + "0", "g" + DIGITS[1:]])
def test_fingerprint_format(
    ecid: Command, store: Path, files: dict[str, Path], written: str
) -> None:
    """What is no SHA-256 is a mistake of the call."""
    arguments = ("trust", "import", files["root.cer"], "--store", store, "--json")
    refused(ecid(*arguments, "--fingerprint", written), "fingerprint_format", 2)


# Passwords --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("typed", "code"), [("x \n", 0), ("x \r\n", 0), ("x \n\n", 20), ("x", 20)])
def test_password_with_a_space_at_its_end(
    ecid: Command,
    store: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    typed: str,
    code: int,
) -> None:
    """One end of the line is taken away, and nothing else."""
    (tmp_path / "locked.p12").write_bytes(pkcs12_of(ROOT.certificate, password="x "))
    monkeypatch.setattr("sys.stdin", io.StringIO(typed, newline=""))
    arguments = (tmp_path / "locked.p12", "--password", "-", "--store", store)
    assert ecid("trust", "import", *arguments).code == code


def test_locked_file_among_others(ecid: Command, store: Path, files: dict[str, Path]) -> None:
    """It is named and stops nobody."""
    both = (files["locked.p12"], files["atlantis.cer"])
    answer = ecid("trust", "import", *both, "--store", store, "--json")
    assert (answer.code, answer.json["anchors"]) == (0, 1)
    assert [each["rule"] for each in answer.json["skipped"]] == ["password_missing"]


@pytest.mark.parametrize(
    ("arguments", "typed", "code", "exit_code"),
    [
        (("--password", "-"), "đúng\n", None, 0),
        (("--password", "-"), "sai\n", "password_wrong", 20),
        ((), "", "password_missing", 20),
        (("--password", "đúng"), "", "password_stdin", 2),
    ],
)
def test_password(
    ecid: Command,
    store: Path,
    files: dict[str, Path],
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    typed: str,
    code: str | None,
    exit_code: int,
) -> None:
    """From standard input only, and nowhere in what is printed."""
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    answer = ecid("trust", "import", files["locked.p12"], *arguments, "--store", store, "--json")
    if code is None:
        assert (answer.code, answer.json["added"]) == (0, [DIGITS])
    else:
        refused(answer, code, exit_code)
    assert "đúng" not in answer.out + answer.err
    assert "sai" not in answer.out + answer.err
