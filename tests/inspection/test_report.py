"""The report as JSON: the shape that other people's scripts rely on, typed by hand."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256

import pytest

from ecid.emulator import IssuedCard
from ecid.inspection.checks import Check, Verdict, Weight
from ecid.inspection.evidence import Evidence
from ecid.inspection.report import Report
from ecid.outcome import Outcome
from ecid.trust.store import TrustStore
from inspection_kit import judge, stored

#: design.md section 3, "Report JSON".
KEYS = [
    "schema",
    "source",
    "verdict",
    "emulated",
    "policy",
    "trust",
    "profile",
    "checked_at",
    "access",
    "checks",
    "deviations",
    "identity",
    "files",
    "timing",
]
IDENTITY = [
    "document_type",
    "document_number",
    "issuing_state",
    "surname",
    "given_names",
    "nationality_code",
    "personal_number",
    "full_name",
    "birth_date",
    "sex",
    "nationality",
    "ethnicity",
    "religion",
    "place_of_origin",
    "place_of_residence",
    "identifying_features",
    "issue_date",
    "expiry_date",
    "no_expiry",
    "father_name",
    "mother_name",
    "spouse_name",
    "old_id_number",
    "chip_identifier",
    "extra",
    "portrait",
]
IDS = [
    "access",
    "access.binding",
    "sod.format",
    "sod.signature",
    "sod.signer",
    "sod.chain",
    "sod.time",
    "sod.revocation",
    "cardsecurity",
    "dg.1",
    "dg.2",
    "dg.3",
    "dg.13",
    "dg.14",
    "dg.15",
    "lds.com",
    "lds.state",
    "lds.crosscheck",
    "chip",
    "chip.ca",
    "chip.aa",
    "chip.cam",
    "terminal",
    "match.mrz",
    "match.qr",
    "match.form",
    "match.person",
    "match.registry",
    "document.expiry",
]


def test_top_level_keys(report: Report) -> None:
    """The keys and their order are those of the contract."""
    assert list(report.to_dict()) == KEYS
    assert report.to_dict()["schema"] == "ecid-report/1"


def test_every_check(report: Report) -> None:
    """Every check of the contract is there once, in its order, each with five keys."""
    checks = json.loads(report.to_json())["checks"]
    assert [check["id"] for check in checks] == IDS
    assert {tuple(check) for check in checks} == {("id", "outcome", "weight", "reason", "detail")}


def test_inner_objects(report: Report, card: IssuedCard) -> None:
    """Policy, trust, access, timing, files: the keys of the contract."""
    found = json.loads(report.to_json())
    assert list(found["policy"]) == ["name", "digest"]
    assert found["policy"] == {"name": "counter", "digest": report.policy.digest}
    assert found["trust"] == {"digest": TrustStore.of(card.csca).digest, "anchors": 1}
    assert {"protocol", "mapping", "cipher", "parameter_id", "password"} <= set(found["access"])
    assert list(found["timing"]) == ["total_ms", "apdus", "bytes_sent", "bytes_received"]
    digest = sha256(card.files["DG1"]).hexdigest()
    assert found["files"]["DG1"] == {"bytes": 95, "sha256": digest}


def test_access_of_the_vietnamese_card(report: Report) -> None:
    """How the chip was opened, in the words of the contract."""
    found = json.loads(report.to_json())["access"]
    assert found["protocol"] == "PACE"
    assert found["mapping"] == "GM"
    assert found["cipher"] == "AES-128"
    assert isinstance(found["parameter_id"], int)


def test_identity_keys(report: Report) -> None:
    """Identity has the keys of the contract in the order of the contract."""
    identity = json.loads(report.to_json())["identity"]
    assert list(identity) == IDENTITY
    assert list(identity["portrait"]) == ["media_type", "width", "height", "base64"]
    assert identity["extra"] == {}


def test_identity_values(report: Report) -> None:
    """What the card of the invented man says, field by field."""
    identity = json.loads(report.to_json())["identity"]
    portrait = identity.pop("portrait")
    assert (portrait["media_type"], portrait["width"], portrait["height"]) == (
        "image/jpeg",
        480,
        640,
    )
    assert identity == {
        "document_type": "ID",
        "document_number": "090123456",
        "issuing_state": "VNM",
        "surname": "NGUYEN",
        "given_names": "VAN MAU",
        "nationality_code": "VNM",
        "personal_number": "000090123456",
        "full_name": "Nguyễn Văn Mẫu",
        "birth_date": "1990-07-15",
        "sex": "male",
        "nationality": "Việt Nam",
        "ethnicity": "Kinh",
        "religion": "Không",
        "place_of_origin": "Xã Mẫu, Huyện Mẫu, Tỉnh Mẫu",
        "place_of_residence": "Số 1 Đường Mẫu, Phường Mẫu, Quận Mẫu, Tỉnh Mẫu",
        "identifying_features": "Nốt ruồi C: 1cm dưới sau mắt trái",
        "issue_date": "2021-06-01",
        "expiry_date": "2030-07-15",
        "no_expiry": False,
        "father_name": "Nguyễn Văn Cha",
        "mother_name": "Trần Thị Mẹ",
        "spouse_name": "Lê Thị Vợ",
        "old_id_number": "012345678",
        "chip_identifier": "0294AABBCCDD0000",
        "extra": {},
    }


def test_identity_only_if_verified(card: IssuedCard) -> None:
    """Identity is null without a verdict; unverified is there only if asked for."""
    report = judge(stored(card), TrustStore())
    assert report.to_dict()["identity"] is None
    assert "unverified" not in report.to_dict()
    shown = report.to_dict(show_unverified=True)
    assert shown["identity"] is None
    assert list(shown) == [*KEYS, "unverified"]
    assert isinstance(shown["unverified"], dict)
    assert list(shown["unverified"]) == IDENTITY


def test_no_unverified_beside_identity(report: Report) -> None:
    """Where the data is verified it stands once, under its right name."""
    assert list(report.to_dict(show_unverified=True)) == KEYS


def test_unverified_without_data() -> None:
    """With nothing to show it is null."""
    assert judge(Evidence()).to_dict(show_unverified=True)["unverified"] is None


def test_checked_at(card: IssuedCard) -> None:
    """The moment is in UTC, to the second, and ends with Z."""
    hanoi = datetime(2026, 1, 1, 5, 30, 59, 999, tzinfo=timezone(timedelta(hours=7)))
    report = judge(stored(card), at=hanoi)
    assert report.to_dict()["checked_at"] == "2025-12-31T22:30:59Z"
    assert report.checked_at == hanoi.astimezone(UTC)


def test_folder_has_no_timing(card: IssuedCard) -> None:
    """Timing and access of a folder are null."""
    found = judge(stored(card)).to_dict()
    assert found["timing"] is None
    assert found["access"] is None


def test_json_is_one_line_of_real_letters(report: Report) -> None:
    """JSON keeps Vietnamese letters, stands on one line, and is what to_dict says."""
    text = report.to_json()
    assert "\n" not in text
    assert "Nguyễn" in text
    assert json.loads(text) == json.loads(json.dumps(report.to_dict()))
    assert "\n" in report.to_json(indent=1)


def test_unknown_check(report: Report) -> None:
    """Asking for a check that does not exist is a KeyError."""
    with pytest.raises(KeyError):
        report.check("sod")


def altered(report: Report, *changes: tuple[str, Outcome], verdict: Verdict) -> Report:
    """Return ``report`` with some outcomes and the verdict replaced."""
    outcomes = dict(changes)
    checks = tuple(replace(c, outcome=outcomes.get(c.id, c.outcome)) for c in report.checks)
    return replace(report, checks=checks, verdict=verdict)


@pytest.mark.parametrize(
    ("changes", "verdict", "code"),
    [
        ((), Verdict.VERIFIED, 0),
        ((("document.expiry", Outcome.FAILED),), Verdict.VERIFIED, 12),
        ((("dg.1", Outcome.FAILED),), Verdict.FAILED, 10),
        ((("match.mrz", Outcome.FAILED),), Verdict.FAILED, 13),
        ((("match.mrz", Outcome.FAILED), ("match.qr", Outcome.FAILED)), Verdict.FAILED, 13),
        ((("match.mrz", Outcome.FAILED), ("dg.1", Outcome.FAILED)), Verdict.FAILED, 10),
        ((("match.mrz", Outcome.FAILED), ("document.expiry", Outcome.FAILED)), Verdict.FAILED, 13),
        ((), Verdict.UNDETERMINED, 11),
        ((), Verdict.ABORTED, 9),
    ],
)
def test_exit_code(
    report: Report, changes: tuple[tuple[str, Outcome], ...], verdict: Verdict, code: int
) -> None:
    """Each verdict has its exit code; 13 only if nothing but matches failed."""
    assert altered(report, *changes, verdict=verdict).exit_code == code


def test_check_to_dict() -> None:
    """A check without reason has null."""
    check = Check("dg.1", Outcome.SUCCESSFUL, Weight.MANDATORY)
    assert check.to_dict() == {
        "id": "dg.1",
        "outcome": "successful",
        "weight": "mandatory",
        "reason": None,
        "detail": {},
    }
