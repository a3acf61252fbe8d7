"""The source that the mutants change is there: a mutant of what is gone tests nothing."""

from __future__ import annotations

import pytest

from tests.mutants.run import ROOT, Mutant, mutants


@pytest.mark.parametrize("mutant", mutants(), ids=lambda mutant: mutant.name)
def test_quoted_source(mutant: Mutant) -> None:
    """Each text stands in its file exactly once, and the tests beside it exist."""
    for edit in mutant.edits:
        assert (ROOT / edit.file).read_text("utf-8").count(edit.text) == 1, edit
    for test in mutant.tests:
        path, _, name = test.partition("::")
        assert (ROOT / path).exists(), test
        if name:
            source = (ROOT / path).read_text("utf-8")
            assert f"def {name.partition('[')[0]}(" in source, test
