"""Loaded evidence is a recording: what it can still show, and what it cannot."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ecid.inspection.evidence import Evidence, Origin
from ecid.inspection.evidence_file import dump, parse
from ecid.inspection.report import Report
from inspection_kit import judge, outcome

Map = dict[str, Any]


def test_loaded_evidence_is_recorded(report: Report, evidence: Evidence) -> None:
    """Opening and Chip Authentication cannot be shown again; Active Authentication can."""
    again = judge(parse(dump(evidence), "x"))
    assert report.verdict == "verified"
    assert again.evidence.origin is Origin.RECORDED
    assert outcome(again, "access") == ("undetermined", "recorded")
    assert outcome(again, "chip.ca") == ("undetermined", "recorded")
    assert outcome(again, "chip.aa") == ("successful", None)
    assert outcome(again, "chip") == ("successful", None)
    assert again.exit_code == 0


def test_loaded_evidence_under_counter(evidence: Evidence) -> None:
    """Under the policy of a live card a recording is undetermined at most."""
    again = judge(parse(dump(evidence), "x"), policy="counter")
    assert again.verdict == "undetermined"
    assert again.exit_code == 11


@pytest.mark.parametrize("field", ["randomness", "binding", "signature"])
def test_active_authentication_is_computed_again(evidence: Evidence, field: str) -> None:
    """With another challenge or answer on file the proof fails, whatever the rest says."""
    facts = evidence.active_authentication
    assert facts is not None
    value = getattr(facts, field)
    spoiled = bytes([value[0] ^ 1]) + value[1:] if value else b"other"
    other: Map = {field: spoiled}
    changed = replace(evidence, active_authentication=replace(facts, **other))
    again = judge(parse(dump(changed), "x"))
    assert outcome(again, "chip.aa") == ("failed", "wrong_answer")
    assert again.exit_code == 10


def test_timing_is_copied(evidence: Evidence) -> None:
    """What the reading cost stays with it."""
    assert evidence.timing is not None
    assert parse(dump(evidence), "x").timing == evidence.timing
