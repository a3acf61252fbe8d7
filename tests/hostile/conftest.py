"""The table of hostile cases at the end of a run, also where several processes ran them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

import pytest


@dataclass
class Group:
    """What the cases of one group came to; a case passes if each of its variants does."""

    weights: dict[str, int] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)
    false_greens: set[str] = field(default_factory=set)

    def add(self, case_id: str, weight: int, passed: bool, false_green: bool) -> None:
        """Count one variant."""
        self.weights[case_id] = weight
        if not passed:
            self.broken.add(case_id)
        if false_green:
            self.false_greens.add(case_id)

    def row(self, name: str) -> tuple[str, ...]:
        """Return the row of the table."""
        points = sum(self.weights.values())
        earned = sum(w for case_id, w in self.weights.items() if case_id not in self.broken)
        cases = len(self.weights)
        passed = f"{cases - len(self.broken)}/{cases}"
        return name, str(cases), f"{earned}/{points}", passed, str(len(self.false_greens))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print group, cases, points, passed and false greens."""
    groups: dict[str, Group] = defaultdict(Group)
    for outcome in ("passed", "failed"):
        for report in terminalreporter.stats.get(outcome, []):
            for key, row in getattr(report, "user_properties", ()):
                if key == "hostile" and report.when == "call":
                    groups[row[0]].add(*row[1:])
    if groups:
        _print(terminalreporter, groups)


def _print(terminal: pytest.TerminalReporter, groups: dict[str, Group]) -> None:
    terminal.section("hostile cases")
    rows = [("group", "cases", "points", "passed", "false greens")]
    rows += [group.row(name) for name, group in sorted(groups.items())]  # type: ignore[misc]
    widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]))]
    for row in rows:
        terminal.write_line(" | ".join(map(str.ljust, row, widths)).rstrip())
