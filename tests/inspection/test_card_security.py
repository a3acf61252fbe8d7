"""EF.CardSecurity and chip authentication mapping in a whole reading (Doc 9303-11 §4.4.3.5)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ecid.emulator import EmulatedCard, IssuedCard
from ecid.inspection.checks import Verdict
from ecid.inspection.evidence import Evidence, MappingFacts
from ecid.inspection.report import Report
from ecid.testing.der import flip
from ecid.trust.store import TrustStore
from inspection_kit import changed, issued, judge, outcome, read, trust_of

CAM = "pace-cam-aes128-13"
CHECKS = ("cardsecurity", "chip.cam", "access.binding")


@pytest.fixture(scope="module")
def card() -> IssuedCard:
    """Return a card that opens with chip authentication mapping."""
    return issued(CAM)


def found(report: Report) -> dict[str, tuple[str, str | None]]:
    """Return the three checks that the file touches."""
    return {check: outcome(report, check) for check in CHECKS}


def test_control(card: IssuedCard) -> None:
    """The file is signed, the answer fits its key, and what it offers is what was read."""
    report = read(card)
    assert found(report) == dict.fromkeys(CHECKS, ("successful", None))
    assert report.verdict is Verdict.VERIFIED
    assert report.evidence.files["CardSecurity"] == card.files["CardSecurity"]


def test_card_without_it() -> None:
    """Other cards have no such file, and nobody asks for it."""
    report = read(issued())
    assert outcome(report, "cardsecurity") == ("not_supported", "not_offered")
    assert outcome(report, "chip.cam") == ("not_supported", "not_offered")


@pytest.mark.parametrize(
    ("at", "expected"),
    [(-1, ("failed", "signature_invalid")), (0, ("failed", "malformed"))],
)
def test_changed_file(card: IssuedCard, at: int, expected: tuple[str, str]) -> None:
    """A signature that does not hold: the answer proves a key that nobody signed."""
    forged = changed(card, CardSecurity=flip(card.files["CardSecurity"], at))
    report = read(forged)
    assert outcome(report, "cardsecurity") == expected
    assert outcome(report, "chip.cam")[0] in {"failed", "undetermined"}
    assert report.verdict is Verdict.FAILED


def test_unknown_anchor(card: IssuedCard) -> None:
    """Nobody vouches for the signer: open, and the mapping is worth no more."""
    report = read(card, trust=TrustStore())
    assert outcome(report, "cardsecurity") == ("undetermined", "no_csca")
    assert outcome(report, "chip.cam") == ("undetermined", "key_not_authenticated")


def test_file_withheld(card: IssuedCard) -> None:
    """A chip that maps with chip authentication has the file (Doc 9303-10 §3.11.4)."""
    report = read(EmulatedCard(changed(card, CardSecurity=None)))
    assert outcome(report, "cardsecurity") == ("failed", "file_withheld")
    assert outcome(report, "chip.cam")[0] == "undetermined"
    assert report.verdict is Verdict.FAILED


def test_file_of_another_card(card: IssuedCard) -> None:
    """A signed file with the key of another chip: the answer does not fit it."""
    other = issued("utopia-td3").files["CardSecurity"]
    report = read(EmulatedCard(changed(card, CardSecurity=other)))
    assert outcome(report, "chip.cam") == ("failed", "wrong_answer")
    assert report.verdict is Verdict.FAILED


def test_file_of_another_state(card: IssuedCard) -> None:
    """Signed under an anchor of another country than the data: two documents, not one."""
    foreign = issued("vn-cccd-2021")
    trust = TrustStore.of(card.csca, foreign.csca)
    mixed = changed(foreign, CardSecurity=card.files["CardSecurity"])
    report = judge(Evidence(files=mixed.files, source="folder"), trust)
    assert outcome(report, "cardsecurity") == ("failed", "country_mismatch")


@pytest.mark.parametrize("data", [None, bytes(32), b"\x01" * 32])
def test_wrong_answer(card: IssuedCard, data: bytes | None) -> None:
    """No data, zero, or another number than CA_IC."""
    evidence = read(card).evidence
    assert evidence.mapping is not None
    wrong = replace(evidence, mapping=replace(evidence.mapping, data=data))
    assert outcome(judge(evidence, trust_of(card)), "chip.cam") == ("successful", None)
    report = judge(wrong, trust_of(card))
    assert outcome(report, "chip.cam")[0] == "failed"


def test_unknown_parameters(card: IssuedCard) -> None:
    """Facts of parameters that nobody has are no proof and no crash."""
    evidence = read(card).evidence
    odd = MappingFacts(parameter_id=31, mapping_key=b"\x04", data=b"\x01")
    report = judge(replace(evidence, mapping=odd), trust_of(card))
    assert outcome(report, "chip.cam") == ("undetermined", "unsupported_algorithm")


def test_recorded(card: IssuedCard, tmp_path: Path) -> None:
    """From a file the signature is judged again; the mapping was for that session alone."""
    evidence = read(card).evidence
    evidence.save(tmp_path / "x.ecid")
    loaded = Evidence.load(tmp_path / "x.ecid")
    assert loaded.mapping == evidence.mapping
    report = judge(loaded, trust_of(card))
    assert outcome(report, "cardsecurity") == ("successful", None)
    assert outcome(report, "chip.cam") == ("undetermined", "recorded")
