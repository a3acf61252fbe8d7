"""The examples in README and docs run, and what they print is what they say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
_BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_python_examples_run(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every python block of a page runs, one after another, in one namespace."""
    monkeypatch.chdir(tmp_path)
    namespace: dict[str, object] = {"__name__": "example"}
    for block in _BLOCK.findall(page.read_text("utf-8")):
        exec(compile(block, str(page), "exec"), namespace)


def test_readme_example_is_verified(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the README promises about its example holds."""
    monkeypatch.chdir(tmp_path)
    namespace: dict[str, object] = {}
    (block,) = _BLOCK.findall((ROOT / "README.md").read_text("utf-8"))
    lines = [f"assert {line}" if line.startswith("again.") else line for line in block.splitlines()]
    code = "\n".join(line.split("  #")[0].rstrip() for line in lines)
    code = code.replace('check("chip.aa").outcome', 'check("chip.aa").outcome == "successful"')
    code = code.replace('check("chip.ca").reason', 'check("chip.ca").reason == "recorded"')
    exec(code + '\nassert report.verdict == "verified"', namespace)


def test_every_decision_is_in_the_list() -> None:
    """The index names every page of docs/decisions, and no page that is not there."""
    folder = ROOT / "docs" / "decisions"
    listed = set(
        re.findall(r"\((\d{4}-[a-z0-9-]+\.md)\)", (folder / "README.md").read_text("utf-8"))
    )
    assert {path.name for path in folder.glob("0*.md")} == listed


def test_links_within_the_docs_lead_somewhere() -> None:
    """Relative links of every page exist."""
    broken = [
        f"{page.name}: {target}"
        for page in PAGES
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text("utf-8"))
        if not (page.parent / target).exists()
    ]
    assert broken == []
