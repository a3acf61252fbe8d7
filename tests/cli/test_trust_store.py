"""``ecid trust list``, ``check``, ``export``, and the store in reading and verifying."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ecid.emulator import certificates as c
from ecid.emulator.pki import make_csca
from ecid.text import LANGUAGES, text
from ecid.trust.intake.pem import blocks
from ecid.trust.store import TrustStore
from ecid.trust.store_folder import SNAPSHOT, open_store
from forged_sod import ec_key
from inspection_kit import Command, issued
from trust_commands import DIGITS, refused
from trust_kit import (
    ROOT,
    document_signer,
    list_signer,
    master_list,
    roots,
)

pytestmark = pytest.mark.usefixtures("wide")


# list -------------------------------------------------------------------------------------------


def test_list(ecid: Command, filled: Path) -> None:
    """Anchors and lists as one object."""
    answer = ecid("trust", "list", "--store", filled, "--json")
    assert answer.code == 0
    assert list(answer.json) == ["schema", "digest", "anchors", "signers", "lists"]
    assert len(answer.json["anchors"]) == 5
    [root] = [each for each in answer.json["anchors"] if each["sha256"] == DIGITS]
    assert root == {
        "sha256": DIGITS,
        "country": "UT",
        "name": "CSCA UTOPIA",
        "serial": "4543494400000001",
        "not_before": "2021-01-19T18:00:00Z",
        "not_after": "2046-04-13T18:00:00Z",
        "emulated": False,
        "known_as": None,
        "provenance": [{"kind": "by_hand", "source": "root.cer", "list": None}],
        "deviations": [],
    }
    assert [each["kind"] for each in answer.json["lists"]] == ["revocation_list", "master_list"]


def test_list_of_one_country(ecid: Command, filled: Path) -> None:
    """Only its anchors and lists, however the code is written; none is no error."""
    for country, anchors, lists in (("at", 1, 0), ("AT", 1, 0), ("UT", 4, 2), ("XX", 0, 0)):
        answer = ecid("trust", "list", "--country", country, "--store", filled, "--json")
        assert answer.code == 0
        assert (len(answer.json["anchors"]), len(answer.json["lists"])) == (anchors, lists)


@pytest.mark.parametrize("language", LANGUAGES)
def test_list_in_words(ecid: Command, filled: Path, language: str) -> None:
    """A table with validity, on whose word, and the whole fingerprint."""
    answer = ecid("trust", "list", "--store", filled, "--lang", language)
    assert answer.code == 0
    for sentence in (
        DIGITS,
        "CSCA ATLANTIS",
        "2021-01-19 – 2046-04-13",
        text("cli.trust.column.provenance", language),
        text("cli.trust.provenance.master_list", language) + " list.ml",
    ):
        assert sentence in answer.out


def test_list_of_an_unknown_country(ecid: Command, filled: Path) -> None:
    """That there is none is said; three letters mean what they mean in a document."""
    answer = ecid("trust", "list", "--country", "XX", "--store", filled)
    assert text("cli.trust.none_of_country", "en") in answer.out
    austria = ecid("trust", "list", "--country", "AUT", "--store", filled, "--json")
    assert [each["country"] for each in austria.json["anchors"]] == ["AT"]
    wrong = ecid("trust", "list", "--country", "U2", "--store", filled, "--json")
    refused(wrong, "usage_bad_value", 2)


def test_list_into_a_file(ecid: Command, filled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nobody looks at a window, a line is as long as it is: a fingerprint is on one."""
    monkeypatch.setenv("COLUMNS", "60")
    answer = ecid("trust", "list", "--store", filled)
    assert any(DIGITS in line and "CSCA UTOPIA" in line for line in answer.out.splitlines())


@pytest.mark.parametrize("command", ["list", "check", "export"])
def test_store_that_is_none(
    ecid: Command, files: dict[str, Path], tmp_path: Path, command: str
) -> None:
    """A file, and the empty name, which would be the working directory."""
    arguments = ("trust", command, *([tmp_path / "out"] if command == "export" else []), "--json")
    refused(ecid(*arguments, "--store", files["text"]), "store_no_folder")
    refused(ecid(*arguments, "--store", ""), "usage_bad_value", 2)
    refused(ecid("trust", "export", "", "--store", tmp_path / "s", "--json"), "usage_bad_value", 2)


def test_empty_list(ecid: Command, store: Path) -> None:
    """An empty store is undetermined, not an error: nothing can be verified with it."""
    answer = ecid("trust", "list", "--store", store, "--json")
    assert (answer.code, answer.json["anchors"]) == (11, [])
    worded = ecid("trust", "list", "--store", store)
    assert worded.code == 11
    assert text("cli.trust.empty", "en") in worded.out


# check ------------------------------------------------------------------------------------------


@pytest.fixture
def nothing_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no particular anchor be wanted."""
    monkeypatch.setattr("ecid.trust.checkup.known_anchors", lambda: ())


@pytest.mark.usefixtures("nothing_wanted")
@pytest.mark.parametrize("language", LANGUAGES)
def test_check(ecid: Command, filled: Path, language: str) -> None:
    """A store in order: exit 0, countries, what the last import did."""
    answer = ecid("trust", "check", "--store", filled, "--json")
    assert answer.code == 0
    found = answer.json
    assert list(found) == [
        *("schema", "store", "digest", "checked_at", "ok", "anchors", "expired", "countries"),
        *("expiring", "known", "missing", "revocation_lists", "changed"),
    ]
    assert (found["ok"], found["anchors"], found["expired"]) == (True, 5, 0)
    assert [(e["country"], e["anchors"]) for e in found["countries"]] == [("AT", 1), ("UT", 4)]
    assert [each["fresh"] for each in found["revocation_lists"]] == [False]
    assert len(found["changed"]["added"]) == 5
    worded = ecid("trust", "check", "--store", filled, "--lang", language)
    assert worded.code == 0
    assert text("cli.trust.ok", language) in worded.out
    assert text("cli.trust.countries", language, count=2) in worded.out


@pytest.mark.parametrize("language", LANGUAGES)
def test_check_misses_an_anchor(ecid: Command, filled: Path, language: str) -> None:
    """Without the anchor of the identity card the store needs attention: exit 11."""
    answer = ecid("trust", "check", "--store", filled, "--json")
    assert (answer.code, answer.json["ok"]) == (11, False)
    assert answer.json["missing"] == ["vn_id_card_001"]
    worded = ecid("trust", "check", "--store", filled, "--lang", language)
    name = text("anchor.vn_id_card_001.name", language)
    assert worded.code == 11
    assert text("cli.trust.missing", language, name=name) in worded.out


def test_check_with_the_real_anchor(ecid: Command, store: Path, corpus: Path) -> None:
    """With it, the store is in order."""
    file = corpus / "pki" / "anchors" / "CSCA_Vietnam_001.cer"
    assert ecid("trust", "import", file, "--store", store).code == 0
    answer = ecid("trust", "check", "--store", store, "--json")
    assert (answer.code, answer.json["missing"]) == (0, [])
    [known] = [each for each in answer.json["known"] if each["code"] == "vn_id_card_001"]
    assert known["present"]


@pytest.mark.usefixtures("nothing_wanted")
@pytest.mark.parametrize(("days", "code"), [(89, 11), (91, 0)])
def test_check_before_the_end(
    ecid: Command, store: Path, tmp_path: Path, days: int, code: int
) -> None:
    """An anchor that ends within 90 days is spoken of in time."""
    begun, ends = datetime(2020, 1, 1, tzinfo=UTC), datetime.now(UTC) + timedelta(days=days)
    name = c.name("UT", "ecid emulator", "CSCA ENDING")
    ending = make_csca(ec_key("ending"), subject=name, validity=(begun, ends), marked=False)
    (tmp_path / "ending").write_bytes(ending.certificate)
    assert ecid("trust", "import", tmp_path / "ending", "--store", store).code == 0
    answer = ecid("trust", "check", "--store", store, "--json")
    assert (answer.code, len(answer.json["expiring"])) == (code, code == 11)
    worded = ecid("trust", "check", "--store", store)
    assert ("CSCA ENDING" in worded.out) == (code == 11)


def test_check_of_an_empty_store(ecid: Command, store: Path) -> None:
    """Nothing in it: exit 11."""
    answer = ecid("trust", "check", "--store", store, "--json")
    assert (answer.code, answer.json["anchors"], answer.json["changed"]) == (11, 0, None)
    assert text("cli.trust.empty", "en") in ecid("trust", "check", "--store", store).out


@pytest.mark.parametrize("part", [SNAPSHOT, "*.pack"])
def test_check_of_a_damaged_store(ecid: Command, filled: Path, part: str) -> None:
    """A changed byte in the index, or in a certificate that nobody asked for: exit 20."""
    [path] = filled.glob(part)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    refused(ecid("trust", "check", "--store", filled, "--json"), "store_damaged")


# export -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_export(ecid: Command, filled: Path, tmp_path: Path, language: str) -> None:
    """Every anchor and list as a file, out of which the same store can be made again."""
    out = tmp_path / "out"
    answer = ecid("trust", "export", out, "--store", filled, "--json")
    names = sorted(path.name for path in out.iterdir())
    assert (answer.code, [*answer.json["files"], "manifest.json"]) == (0, names)
    assert sorted(map(suffix, names)) == [*[".cer"] * 5, ".crl", ".json", ".ml"]
    assert ecid("trust", "import", out, "--store", tmp_path / "again").code == 0
    assert open_store(tmp_path / "again").digest == open_store(filled).digest
    worded = ecid("trust", "export", out, "--store", filled, "--lang", language)
    assert (worded.code, worded.out) == (0, "")
    assert text("cli.trust.exported", language, count=7, path=str(out)) in worded.err


def suffix(name: str) -> str:
    """Return what the name of a file ends in."""
    return Path(name).suffix


def test_export_of_a_signer(
    ecid: Command, store: Path, files: dict[str, Path], tmp_path: Path
) -> None:
    """Document signers go out, too, and come in again."""
    signer = tmp_path / "signer.cer"
    signer.write_bytes(document_signer().certificate)
    assert ecid("trust", "import", files["root.cer"], signer, "--store", store).code == 0
    out, again = tmp_path / "out", tmp_path / "again"
    assert ecid("trust", "export", out, "--store", store).code == 0
    assert [*blocks((out / "signers.pem").read_bytes())] == [("CERTIFICATE", signer.read_bytes())]
    assert ecid("trust", "import", out, "--store", again).code == 0
    assert open_store(again).digest == open_store(store).digest


def test_export_of_nothing(ecid: Command, store: Path, tmp_path: Path) -> None:
    """An empty store gives an empty folder and exit 11."""
    answer = ecid("trust", "export", tmp_path / "out", "--store", store, "--json")
    assert (answer.code, answer.json["files"]) == (11, [])


def test_export_that_cannot_be_written(ecid: Command, filled: Path, files: dict[str, Path]) -> None:
    """A file in the way is exit 22."""
    answer = ecid("trust", "export", files["text"], "--store", filled, "--json")
    refused(answer, "output_failed", 22)


# The store in reading and verifying -------------------------------------------------------------


@pytest.fixture
def own(
    ecid: Command, store: Path, files: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> Path:
    """Make a store that vouches for the shipped card the user's own."""
    monkeypatch.setenv("ECID_STORE", str(store))
    answer = ecid("trust", "import", files["emulated.cer"], "--allow-test-anchor", "--json")
    assert (answer.code, answer.json["store"]) == (0, str(store))
    return store


def test_users_own_store(ecid: Command, folder: Path, own: Path) -> None:
    """Without ``--trust`` the user's store vouches, in reading and in verifying."""
    read = ecid("read", "--card", folder, "--can", issued().secrets.can, "--json")
    verified = ecid("verify", folder, "--json")
    for answer in (read, verified):
        assert (answer.code, answer.json["verdict"]) == (0, "verified")
        assert answer.json["trust"] == {"digest": open_store(own).digest, "anchors": 1}


def test_without_a_store(ecid: Command, folder: Path) -> None:
    """The control: where there is no store, there is no anchor."""
    answer = ecid("verify", folder, "--json")
    assert answer.code == 11
    assert answer.check("sod.chain")["reason"] == "no_csca"


def test_trust_takes_the_place_of_the_store(
    ecid: Command, folder: Path, own: Path, files: dict[str, Path]
) -> None:
    """With ``--trust`` only that counts."""
    assert own.is_dir()
    assert ecid("verify", folder, "--trust", files["root.cer"], "--json").code == 11


def test_store_as_trust(ecid: Command, folder: Path, own: Path, files: dict[str, Path]) -> None:
    """``--trust`` takes the folder of a store, alone or with certificates beside it; one only."""
    assert ecid("verify", folder, "--trust", own, "--json").code == 0
    both = ecid("verify", folder, "--trust", own, "--trust", files["root.cer"], "--json")
    assert (both.code, both.json["trust"]["anchors"]) == (0, 2)
    refused(ecid("verify", folder, "--trust", own, "--trust", own, "--json"), "store_twice")


@pytest.mark.parametrize("part", [SNAPSHOT, "*.pack"])
def test_damaged_store(ecid: Command, folder: Path, own: Path, part: str) -> None:
    """A damaged store stops reading and verifying; it never passes for one without anchors."""
    [path] = own.glob(part)
    data = bytearray(path.read_bytes())
    data[100] ^= 1
    path.write_bytes(data)
    refused(ecid("verify", folder, "--json"), "store_damaged")
    reading = ("read", "--card", folder, "--can", issued().secrets.can, "--json")
    answer = ecid(*reading)
    assert (answer.code, answer.json["code"]) == (20, "store_damaged")


def test_unanchored_list_in_the_report(
    ecid: Command, folder: Path, anchor: Path, files: dict[str, Path]
) -> None:
    """A list nobody vouches for stands in the report and on standard error; nothing else does."""
    trust = ("--trust", anchor, "--trust", files["list.ml"])
    answer = ecid("verify", folder, *trust, "--json")
    assert (answer.code, answer.json["trust"]["anchors"]) == (0, 1)
    assert {"code": "unanchored_list", "where": "list.ml"} in answer.json["deviations"]
    assert text("cli.warning.unanchored", "en", source="list.ml") in answer.err
    control = ecid("verify", folder, "--trust", anchor, "--json")
    assert "unanchored_list" not in str(control.json["deviations"])


def test_list_that_counts_is_not_in_the_report(
    ecid: Command, folder: Path, anchor: Path, tmp_path: Path
) -> None:
    """The same list with the anchor of its signer beside it."""
    (tmp_path / "root").write_bytes(ROOT.certificate)
    (tmp_path / "good.ml").write_bytes(master_list(*roots(3), signer=list_signer()))
    paths = (anchor, tmp_path / "root", tmp_path / "good.ml")
    answer = ecid("verify", folder, *(a for p in paths for a in ("--trust", p)), "--json")
    assert (answer.code, answer.json["trust"]["anchors"]) == (0, 5)
    assert "unanchored_list" not in str(answer.json["deviations"])
    assert TrustStore.load(*paths).unanchored == ()
