"""What this slice must show, through the command that a person runs."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ecid import api
from ecid.emulator import IssuedCard, load, reissue
from ecid.inspection.evidence import Evidence
from ecid.trust.store import TrustStore
from inspection_kit import Command, by_mrz, issued, outcome, read

NOWADAYS = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def ecid(capsys: pytest.CaptureFixture[str]) -> Command:
    """Return the command."""
    return Command(capsys)


@pytest.fixture
def folder(ecid: Command, tmp_path: Path) -> Path:
    """Return a folder that ``card issue`` has written."""
    target = tmp_path / "card"
    assert ecid("card", "issue", "vn-cccd-2021", "--out", target, "--seed", 7).code == 0
    return target


def flip(file: Path, at: int) -> None:
    """Turn over the lowest bit of one byte of ``file``."""
    data = bytearray(file.read_bytes())
    data[at] ^= 1
    file.write_bytes(data)


def test_issued_card_is_verified(ecid: Command, folder: Path) -> None:
    """An issued folder verifies under the CSCA beside it, marked as emulated."""
    answer = ecid("verify", folder, "--trust", folder / "csca.der", "--json")
    assert answer.code == 0
    assert answer.json["verdict"] == "verified"
    assert answer.json["emulated"] is True
    assert answer.json["identity"]["personal_number"] == "000090123456"


def test_issue_says_what_it_wrote(ecid: Command, folder: Path) -> None:
    """The folder holds files, secrets and keys for any other tool."""
    names = {path.name for path in folder.iterdir()}
    secrets = json.loads((folder / "secrets.json").read_text("utf-8"))
    assert {"EF_SOD.bin", "EF_DG1.bin", "csca.der", "DG14_sk.pkcs8", "DG15_sk.pkcs8"} <= names
    assert {"mrz", "can", "qr", "document_number", "birth_date", "expiry_date"} <= set(secrets)


def test_same_seed_writes_the_same_bytes(ecid: Command, folder: Path, tmp_path: Path) -> None:
    """Issuing is deterministic, and another seed makes another card."""
    again, other = tmp_path / "again", tmp_path / "other"
    ecid("card", "issue", "vn-cccd-2021", "--out", again, "--seed", 7)
    ecid("card", "issue", "vn-cccd-2021", "--out", other, "--seed", 8)
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert files == {path.name: path.read_bytes() for path in again.iterdir()}
    assert files["EF_SOD.bin"] != (other / "EF_SOD.bin").read_bytes()


@pytest.mark.parametrize("at", [0, 1, 5, 40, 94])
def test_altered_dg1_is_failed(ecid: Command, folder: Path, at: int) -> None:
    """One bit of DG1 turned over: exit 10, and dg.1 says why."""
    flip(folder / "EF_DG1.bin", at)
    answer = ecid("verify", folder, "--trust", folder / "csca.der", "--json")
    assert answer.code == 10
    assert answer.check("dg.1")["outcome"] == "failed"
    assert answer.check("dg.1")["reason"] == "hash_mismatch"
    assert answer.check("dg.2")["outcome"] == "successful"
    assert answer.json["identity"] is None


@pytest.mark.parametrize("at", range(95))
def test_every_byte_of_dg1_counts(at: int) -> None:
    """Whatever byte of DG1 is altered, the report fails at dg.1 (control: the card as issued)."""
    card = issued()
    data = card.files["DG1"]
    assert len(data) == 95
    altered = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
    evidence = Evidence(files={**card.files, "DG1": altered})
    report = api.verify(evidence, trust=TrustStore.of(card.csca), at=NOWADAYS)
    assert outcome(report, "dg.1") == ("failed", "hash_mismatch")
    assert report.exit_code == 10


def test_without_anchor_it_is_undetermined(ecid: Command, folder: Path) -> None:
    """Without --trust nothing vouches: exit 11, sod.chain undetermined, no_csca."""
    answer = ecid("verify", folder, "--json")
    assert answer.code == 11
    assert answer.check("sod.chain")["outcome"] == "undetermined"
    assert answer.check("sod.chain")["reason"] == "no_csca"
    assert answer.check("sod.signature")["outcome"] == "successful"
    assert answer.json["identity"] is None
    assert answer.json["emulated"] is False


def test_live_reading(ecid: Command, folder: Path) -> None:
    """PACE with the CAN, Chip Authentication and Active Authentication, exit 0."""
    can = json.loads((folder / "secrets.json").read_text("utf-8"))["can"]
    anchor = folder / "csca.der"
    answer = ecid("read", "--card", folder, "--can", can, "--trust", anchor, "--json")
    assert answer.code == 0
    assert answer.json["access"]["protocol"] == "PACE"
    assert answer.json["access"]["password"] == "CAN"
    for check_id in ("access", "access.binding", "chip", "chip.ca", "chip.aa"):
        assert answer.check(check_id)["outcome"] == "successful"


def test_wrong_can(ecid: Command, folder: Path) -> None:
    """A wrong CAN ends in one clear sentence and exit 5."""
    answer = ecid("read", "--card", folder, "--can", "000000", "--trust", folder / "csca.der")
    assert answer.code == 5
    assert answer.out == ""
    [warning, sentence] = answer.err.splitlines()
    assert warning.startswith("Warning:")
    assert sentence.startswith("The chip refused the key")


def test_wrong_can_as_json(ecid: Command, folder: Path) -> None:
    """With --json it is the error object, alone on standard output."""
    answer = ecid("read", "--card", folder, "--can", "000000", "--json")
    assert answer.code == 5
    assert set(answer.json) == {"schema", "source", "exit", "code", "message", "next"}
    assert answer.json["schema"] == "ecid-error/1"
    assert answer.json["source"] == f"card:{folder}"
    assert (answer.json["exit"], answer.json["code"]) == (5, "wrong_key")


def test_process(folder: Path) -> None:
    """The same through a process of its own, the secret on its standard input."""
    secrets = json.loads((folder / "secrets.json").read_text("utf-8"))
    command = [sys.executable, "-m", "ecid", "read", "--card", str(folder), "--can", "-"]
    command += ["--trust", str(folder / "csca.der"), "--json"]
    done = subprocess.run(command, input=secrets["can"].encode(), capture_output=True, check=False)
    assert done.returncode == 0
    assert done.stderr == b""
    report = json.loads(done.stdout.decode("utf-8"))
    assert report["verdict"] == "verified"
    assert report["identity"]["full_name"] == "Nguyễn Văn Mẫu"


def test_process_leaves_with_the_exit_code(tmp_path: Path) -> None:
    """The exit code of the process is the one of the contract."""
    command = [sys.executable, "-m", "ecid", "verify", str(tmp_path), "--json"]
    done = subprocess.run(command, capture_output=True, check=False)
    assert done.returncode == 21
    assert json.loads(done.stdout)["code"] == "evidence_no_files"


@pytest.fixture
def bsi(corpus: Path, tmp_path: Path) -> Path:
    """Return the BSI reference set without DG15, which its SOD does not list."""
    source = corpus / "chips" / "bsi-tr03105-5-reference"
    target = tmp_path / "bsi"
    shutil.copytree(source, target)
    (target / "Datagroup15.bin").unlink()
    return target


@pytest.mark.parametrize("at", [(), ("--at", "2014-06-01T00:00:00Z")])
def test_bsi_reference_set(ecid: Command, bsi: Path, at: tuple[str, ...]) -> None:
    """Signature and the five hashes are right; its CSCA is not published, hence exit 11."""
    answer = ecid("verify", bsi, *at, "--json")
    assert answer.code == 11
    assert answer.check("sod.signature")["outcome"] == "successful"
    for number in (1, 2, 3, 4, 14):
        assert answer.check(f"dg.{number}")["outcome"] == "successful"
    assert answer.check("sod.chain")["outcome"] == "undetermined"
    assert answer.check("sod.chain")["reason"] == "no_csca"
    assert {"code": "set_order", "where": "DG14"} in answer.json["deviations"]


def test_bsi_reference_set_with_unlisted_dg15(ecid: Command, bsi: Path, corpus: Path) -> None:
    """With DG15 in the folder there is a file that nobody signed: failed, exit 10."""
    shutil.copy(corpus / "chips" / "bsi-tr03105-5-reference" / "Datagroup15.bin", bsi)
    answer = ecid("verify", bsi, "--json")
    assert answer.code == 10
    assert answer.check("dg.15")["outcome"] == "failed"
    assert answer.check("dg.15")["reason"] == "unlisted"
    assert answer.check("dg.1")["outcome"] == "successful"


@pytest.fixture
def bsi_card(corpus: Path) -> IssuedCard:
    """Return the reference set issued again: a SOD that lists DG15, and its two private keys."""
    folder = corpus / "chips" / "bsi-tr03105-5-reference"
    original = load(folder)
    return reissue(
        original.files,
        ca_key_pkcs8=(folder / "DG14_sk.pkcs8").read_bytes(),
        aa_key_pkcs8=(folder / "DG15_sk.pkcs8").read_bytes(),
        secrets=original.secrets,
    )


def test_bsi_keys_prove_the_chip(bsi_card: IssuedCard) -> None:
    """BAC, Chip Authentication on brainpoolP224r1 with 3DES, Active Authentication RSA-1024."""
    report = read(bsi_card, by_mrz(bsi_card), at=NOWADAYS)
    assert report.evidence.access is not None
    assert (report.evidence.access.protocol, report.evidence.access.cipher) == ("BAC", "3DES")
    assert outcome(report, "chip.ca") == ("successful", None)
    assert outcome(report, "chip.aa") == ("successful", None)
    assert outcome(report, "dg.15") == ("successful", None)
    assert outcome(report, "sod.chain") == ("successful", None)


def test_bsi_card_as_a_whole(bsi_card: IssuedCard) -> None:
    """The specimen is German and our issuer is not; its EF.COM never listed DG15; it expired."""
    report = read(bsi_card, by_mrz(bsi_card), at=NOWADAYS)
    failures = {check.id for check in report.checks if check.outcome == "failed"}
    assert failures == {"lds.state", "lds.com", "document.expiry"}
    assert outcome(report, "lds.state") == ("failed", "country_mismatch")
    assert report.exit_code == 10


def test_bsi_keys_in_a_clone(bsi_card: IssuedCard) -> None:
    """The same files round other keys: the chip is found out."""
    clone = replace(bsi_card, chip_keys=issued().chip_keys)
    report = read(clone, by_mrz(bsi_card), at=NOWADAYS)
    assert outcome(report, "chip.ca")[0] == "failed"
    assert outcome(report, "chip")[0] == "failed"
