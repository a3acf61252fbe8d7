"""Cards and reports that several tests of the inspection look at; made once."""

from __future__ import annotations

import pytest

from ecid.emulator import IssuedCard
from ecid.inspection.evidence import Evidence
from ecid.inspection.report import Report
from inspection_kit import by_mrz, issued, read


@pytest.fixture(scope="session")
def card() -> IssuedCard:
    """Return the shipped card."""
    return issued()


@pytest.fixture(scope="session")
def report(card: IssuedCard) -> Report:
    """Return the report of a live reading with the MRZ."""
    return read(card, by_mrz(card))


@pytest.fixture(scope="session")
def evidence(report: Report) -> Evidence:
    """Return the live evidence of that reading."""
    return report.evidence
