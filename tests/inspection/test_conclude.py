"""The verdict: one pure function, and nothing that slips through it."""

from __future__ import annotations

from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecid.inspection.checks import CHECK_IDS, Check, Verdict, Weight, conclude
from ecid.outcome import Outcome

REQUIRED = frozenset({"sod.signature", "sod.chain", "dg.1"})
GREEN = [Check(i, Outcome.SUCCESSFUL, Weight.MANDATORY) for i in sorted(REQUIRED)]

checks = st.lists(
    st.builds(
        Check,
        id=st.sampled_from(CHECK_IDS),
        outcome=st.sampled_from(Outcome),
        weight=st.sampled_from(Weight),
    ),
    max_size=12,
)
required_ids = st.frozensets(st.sampled_from(CHECK_IDS), max_size=4)
#: Green as far as it goes, so that the search meets the interesting side, too.
nearly_green = checks.map(lambda more: [*GREEN, *more])


def expected(found: list[Check], required: frozenset[str]) -> Verdict:
    """Return the verdict as section 3 of the design says it, in other words than the code."""
    counting = [c for c in found if c.weight in (Weight.MANDATORY, Weight.OPTIONAL)]
    mandatory = [c for c in counting if c.weight is Weight.MANDATORY]
    if [c for c in counting if c.outcome is Outcome.FAILED]:
        return Verdict.FAILED
    if [c for c in mandatory if c.outcome is Outcome.ABORTED]:
        return Verdict.ABORTED
    ids = [c.id for c in mandatory]
    all_there = bool(required) and not required - set(ids) and len(ids) == len(set(ids))
    if all_there and all(c.outcome is Outcome.SUCCESSFUL for c in mandatory):
        return Verdict.VERIFIED
    return Verdict.UNDETERMINED


@given(st.one_of(checks, nearly_green), st.one_of(required_ids, st.just(REQUIRED)))
def test_against_the_contract(found: list[Check], required: frozenset[str]) -> None:
    """Any list of checks gets the verdict of the contract."""
    assert expected(found, required) == conclude(found, required)


@given(nearly_green, required_ids)
def test_verified_means_every_required_check(found: list[Check], required: frozenset[str]) -> None:
    """Verified only if each required id is there, mandatory and successful."""
    if conclude(found, required) is Verdict.VERIFIED:
        for check_id in required:
            [check] = [c for c in found if c.id == check_id and c.weight is Weight.MANDATORY]
            assert check.outcome is Outcome.SUCCESSFUL
        assert required


@given(checks)
def test_order_does_not_matter(found: list[Check]) -> None:
    """The verdict does not depend on the order of the checks."""
    assert conclude(found, REQUIRED) == conclude(list(reversed(found)), REQUIRED)


def test_green() -> None:
    """The control: all required checks successful."""
    assert conclude(GREEN, REQUIRED) is Verdict.VERIFIED


def test_precedence() -> None:
    """Failed beats aborted beats undetermined beats verified."""
    steps = [
        (Outcome.UNDETERMINED, Verdict.UNDETERMINED),
        (Outcome.ABORTED, Verdict.ABORTED),
        (Outcome.FAILED, Verdict.FAILED),
    ]
    found = list(GREEN)
    for outcome, verdict in steps:
        found.append(Check(f"dg.{len(found)}", outcome, Weight.MANDATORY))
        assert conclude(found, REQUIRED) is verdict


@pytest.mark.parametrize("missing", sorted(REQUIRED))
def test_left_out_is_not_green(missing: str) -> None:
    """A required check that is not there counts as undetermined."""
    found = [check for check in GREEN if check.id != missing]
    assert conclude(found, REQUIRED) is Verdict.UNDETERMINED


@pytest.mark.parametrize("weight", [Weight.OPTIONAL, Weight.EVALUATORY])
def test_demoted_is_not_green(weight: Weight) -> None:
    """A required check that does not count is as good as none."""
    found = [*GREEN[1:], Check(GREEN[0].id, Outcome.SUCCESSFUL, weight)]
    assert conclude(found, REQUIRED) is Verdict.UNDETERMINED


@pytest.mark.parametrize("outcome", [o for o in Outcome if o is not Outcome.SUCCESSFUL])
@pytest.mark.parametrize("at", range(3))
def test_any_other_outcome_is_not_green(outcome: Outcome, at: int) -> None:
    """Not supported, too, caps the verdict of a mandatory check."""
    found = list(GREEN)
    found[at] = Check(found[at].id, outcome, Weight.MANDATORY)
    assert conclude(found, REQUIRED) is not Verdict.VERIFIED


@pytest.mark.parametrize("stranger", [True, 1, "successful", "SUCCESSFUL", object(), None])
def test_truthy_stranger_is_not_green(stranger: object) -> None:
    """Only the very member SUCCESSFUL is a success, not what equals it or is true."""
    odd = Check(GREEN[0].id, cast("Outcome", stranger), Weight.MANDATORY)
    assert conclude([odd, *GREEN[1:]], REQUIRED) is Verdict.UNDETERMINED
    for weight in Weight:
        beside = Check("chip.ca", cast("Outcome", stranger), weight)
        assert conclude([beside, *GREEN], REQUIRED) is Verdict.UNDETERMINED


def test_empty_is_not_green() -> None:
    """Nothing to check is not the same as all good."""
    assert conclude([], REQUIRED) is Verdict.UNDETERMINED
    assert conclude([], frozenset()) is Verdict.UNDETERMINED
    assert conclude(GREEN, frozenset()) is Verdict.UNDETERMINED


@pytest.mark.parametrize("outcome", list(Outcome))
def test_evaluatory_checks_only_inform(outcome: Outcome) -> None:
    """Whatever an evaluatory check says, the verdict is what it was."""
    more = Check("document.expiry", outcome, Weight.EVALUATORY)
    assert conclude([*GREEN, more], REQUIRED) is Verdict.VERIFIED


def test_optional_checks_can_only_harm() -> None:
    """An optional check need not be successful, but its failure fails."""
    verdicts = {
        o: conclude([*GREEN, Check("chip.ca", o, Weight.OPTIONAL)], REQUIRED) for o in Outcome
    }
    assert verdicts.pop(Outcome.FAILED) is Verdict.FAILED
    assert set(verdicts.values()) == {Verdict.VERIFIED}


@pytest.mark.parametrize(
    ("outcomes", "harmless"),
    [((Outcome.SUCCESSFUL, Outcome.UNDETERMINED), False), ((Outcome.SUCCESSFUL,) * 2, False)],
)
def test_a_check_answered_twice(outcomes: tuple[Outcome, ...], harmless: bool) -> None:
    """Two answers to one mandatory question are no answer."""
    twice = [Check("dg.1", outcome, Weight.MANDATORY) for outcome in outcomes]
    found = [check for check in GREEN if check.id != "dg.1"] + twice
    assert (conclude(found, REQUIRED) is Verdict.VERIFIED) is harmless
