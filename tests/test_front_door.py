"""The front door: one list of names, each of which resolves, and nothing heavy behind it."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

import ecid

SOURCE = Path(ecid.__file__).read_text("utf-8")


def declared_for_type_checkers() -> dict[str, str]:
    """Return the names imported under TYPE_CHECKING and their modules."""
    found: dict[str, str] = {}
    for node in ast.parse(SOURCE).body:
        if isinstance(node, ast.If):
            for statement in node.body:
                assert isinstance(statement, ast.ImportFrom)
                for alias in statement.names:
                    assert alias.asname == alias.name
                    found[alias.name] = str(statement.module)
    return found


def loaded(code: str) -> set[str]:
    """Return the modules that a fresh interpreter has loaded after ``code``."""
    script = f"{code}\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    return set(json.loads(done.stdout))


def test_every_name_is_declared_three_times_alike() -> None:
    """__all__, the lazy table and the imports for type checkers name the same."""
    lazy = {**ecid._HOME, **dict.fromkeys(ecid._MODULES, "ecid")}
    assert sorted(ecid.__all__) == sorted([*lazy, "__version__"])
    assert lazy == declared_for_type_checkers()


def test_names_are_sorted() -> None:
    """The list reads like an index."""
    assert ecid.__all__ == sorted(ecid.__all__)


@pytest.mark.parametrize("name", ecid.__all__)
def test_every_name_resolves(name: str) -> None:
    """Each name is there, is in dir(), and is documented where it is ours to document."""
    found = getattr(ecid, name)
    assert name in dir(ecid)
    if name != "__version__":
        assert found.__doc__


def test_the_contract_is_there() -> None:
    """What design.md section 3 shows exists under these names."""
    for name in (
        "read",
        "verify",
        "AccessSecret",
        "TrustStore",
        "Evidence",
        "Verdict",
        "EcidError",
    ):
        assert name in ecid.__all__
    for name in ("from_can", "from_mrz", "from_fields"):
        assert callable(getattr(ecid.AccessSecret, name))
    for name in ("from_folder", "load", "save"):
        assert callable(getattr(ecid.Evidence, name))
    for name in ("to_dict", "to_json"):
        assert callable(getattr(ecid.Report, name))


def test_no_other_name() -> None:
    """A name that does not exist is an AttributeError that says so."""
    with pytest.raises(AttributeError, match="no attribute 'get_report'"):
        _ = ecid.get_report


def test_import_is_light() -> None:
    """``import ecid`` loads no cryptography, no command line, and none of its own parts."""
    found = loaded("import ecid")
    heavy = {"cryptography", "click", "rich", "Crypto", "ecdsa", "cbor2", "asn1crypto", "smartcard"}
    assert heavy & {name.partition(".")[0] for name in found} == set()
    assert {name for name in found if name.startswith("ecid.")} == set()


def test_library_needs_no_command_line() -> None:
    """Reading and judging load neither click nor rich."""
    found = loaded("import ecid; ecid.read, ecid.verify, ecid.TrustStore, ecid.emulator")
    assert {"click", "rich"} & found == set()
    assert "ecid.inspection.verify" in found


def test_version() -> None:
    """There is one version."""
    assert ecid.__version__ == "0.1.0"
