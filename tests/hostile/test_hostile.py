"""Every hostile case, by the public interface; conftest prints the table of what they came to."""

from __future__ import annotations

from collections import defaultdict

import pytest

import cases_cms
import cases_sm
from ecid.testing import Case, run_case

pytestmark = pytest.mark.slow

CASES = (*cases_cms.CASES, *cases_sm.CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case(case: Case, request: pytest.FixtureRequest) -> None:
    """Everything that has to hold of a hostile case holds (``ecid.testing.harness``)."""
    result = run_case(case)
    row = [case.group, case.id, case.weight, result.passed, result.false_green]
    request.node.user_properties.append(("hostile", row))
    assert [f"{v.assertion}: {v.seen}" for v in result.violations] == [], case.mutation


def test_points() -> None:
    """The list has so many cases and points in each group (attack-cases.txt)."""
    weights: dict[str, set[int]] = defaultdict(set)
    for case in CASES:
        weights[case.id].add(case.weight)
    assert all(len(found) == 1 for found in weights.values())
    totals: dict[str, list[int]] = defaultdict(list)
    for case_id, found in weights.items():
        totals[case_id.partition("-")[0]] += found
    assert {group: (len(w), sum(w)) for group, w in totals.items()} == {
        "CMS": (22, 91),
        "SM": (16, 62),
    }


def test_names() -> None:
    """No two cases have the same name."""
    assert len({case.name for case in CASES}) == len(CASES)
