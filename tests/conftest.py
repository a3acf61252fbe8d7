"""What every test may ask for."""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import settings

# No test reads, or writes, the trust store of whoever runs it.
os.environ["ECID_STORE"] = os.path.join(tempfile.gettempdir(), "ecid-tests-have-no-store")

settings.register_profile("quick", max_examples=30, deadline=None)
settings.register_profile("full", max_examples=100, deadline=None)
settings.load_profile(os.environ.get("ECID_HYPOTHESIS", "full"))

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def corpus() -> Path:
    """Return the folder of real certificates and published vectors (``ECID_CORPUS``)."""
    folder = Path(os.environ.get("ECID_CORPUS", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        if os.environ.get("CI") == "true":
            pytest.fail("the corpus is absent and CI may not do without it")
        pytest.skip("corpus absent (set ECID_CORPUS)")
    return folder


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Count the skipped tests by reason, so that none is skipped unseen."""
    reasons: Counter[str] = Counter()
    for report in terminalreporter.stats.get("skipped", []):
        longrepr = report.longrepr
        reasons[longrepr[2] if isinstance(longrepr, tuple) else str(longrepr)] += 1
    for reason, count in sorted(reasons.items()):
        terminalreporter.write_line(f"skipped {count}: {reason}")
    if not reasons:
        terminalreporter.write_line("skipped 0")
