"""Every hostile case, by the public interface; conftest prints the table of what they came to."""

from __future__ import annotations

from collections import defaultdict

import pytest

import cases_aa
import cases_aa_keys
import cases_alg
import cases_alg_curves
import cases_alg_keys
import cases_alg_names
import cases_bac
import cases_ca
import cases_ca_keys
import cases_cms
import cases_pace
import cases_pace_cam
import cases_pace_files
import cases_pace_keys
import cases_pki
import cases_pki_lists
import cases_pki_profile
import cases_pki_store
import cases_sm
import cases_ta
from ecid.testing import Case, run_case

pytestmark = pytest.mark.slow

MODULES = (
    cases_cms,
    cases_sm,
    cases_pki,
    cases_pki_profile,
    cases_pki_lists,
    cases_pki_store,
    cases_alg,
    cases_alg_names,
    cases_alg_curves,
    cases_alg_keys,
    cases_bac,
    cases_pace_keys,
    cases_pace,
    cases_pace_files,
    cases_pace_cam,
    cases_ca,
    cases_ca_keys,
    cases_aa,
    cases_aa_keys,
    cases_ta,
)
CASES: tuple[Case, ...] = tuple(case for module in MODULES for case in module.CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case(case: Case, request: pytest.FixtureRequest) -> None:
    """Everything that has to hold of a hostile case holds (``ecid.testing.harness``)."""
    row = [case.group, case.id, case.weight, False, False]
    request.node.user_properties.append(("hostile", row))  # also where the case cannot be made
    result = run_case(case)
    row[3:] = [result.passed, result.false_green]
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
        "AA": (12, 52),
        "ALG": (17, 73),
        "BAC": (7, 26),
        "CA": (12, 50),
        "CMS": (22, 91),
        "PACE": (19, 77),
        "PKI": (32, 135),
        "SM": (16, 62),
        "TA": (6, 13),
    }


def test_names() -> None:
    """No two cases have the same name."""
    assert len({case.name for case in CASES}) == len(CASES)
