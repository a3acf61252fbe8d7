"""Our own mistakes: with any one function broken, no report is ever verified."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from types import ModuleType

import pytest

from ecid.errors import MalformedData, UnsupportedData
from ecid.inspection import (
    facts,
    judge_access,
    judge_chip,
    judge_files,
    judge_match,
    judge_security,
)
from ecid.inspection import verify as verifying
from ecid.inspection.evidence import Evidence
from ecid.protocols import document_signer, passive_authentication
from ecid.trust import chain, revocation, signer, signer_profile, signing_time, verification
from ecid_crypto.errors import CryptoError
from inspection_kit import judge

MODULES = (
    passive_authentication,
    document_signer,
    signing_time,
    chain,
    revocation,
    signer,
    signer_profile,
    verification,
    judge_access,
    judge_chip,
    judge_files,
    judge_match,
    judge_security,
)


class Truthy:
    """Something that is true, equal to everything, and no finding."""

    def __bool__(self) -> bool:
        """Answer yes."""
        return True

    def __eq__(self, other: object) -> bool:
        """Answer yes."""
        return True

    def __hash__(self) -> int:
        """Return any number."""
        return 1


class Broken(Exception):
    """What no code of ours expects."""


def raising(error: Exception) -> Callable[..., object]:
    """Return a function that raises ``error`` whatever it is given."""

    def broken(*_: object, **__: object) -> object:
        raise error

    return broken


RAISES: dict[str, Callable[..., object]] = {
    "raises": raising(Broken()),
    "raises MalformedData": raising(MalformedData("x", "y")),
    "raises UnsupportedData": raising(UnsupportedData("x", "y")),
    "raises CryptoError": raising(CryptoError("x")),
}
RAISING = list(RAISES.values())
FAILURES: dict[str, Callable[..., object]] = {
    **RAISES,
    "returns None": lambda *_, **__: None,
    "returns a truthy stranger": lambda *_, **__: Truthy(),
    "returns True": lambda *_, **__: True,
}

#: What may return anything without harm, and why. It may never raise and leave a verdict.
HARMLESS = {
    # Whose tolerances count is asked of a document that needs none.
    "_country",
    # It raises or returns nothing.
    "_check_numbers",
    # Their honest answer about genuine data is just this value: no rule broken, not absent.
    "_broken_rule",
    "_absent",
    # What the answer to Active Authentication amounts to: Chip Authentication proves the chip, too.
    "answer_of",
    # They give the two sides of a comparison, and two equal nothings are equal.
    "_offers",
    "_different_fields",
    # When it was signed: its certificates are valid now, too.
    "signing_time",
}


def functions() -> Iterator[tuple[ModuleType, str]]:
    """Yield every function that the modules define."""
    for module in MODULES:
        for name, found in vars(module).items():
            if inspect.isfunction(found) and found.__module__ == module.__name__:
                yield module, name


CASES = [(module, name) for module, name in functions()]


def harmless(function: Callable[..., object], name: str) -> bool:
    """Whether a function may return anything: a predicate's yes is honest on genuine data."""
    return name in HARMLESS or function.__annotations__["return"] in ("bool", bool)


def verdict(evidence: Evidence) -> str:
    """Return the verdict, or how judging ended without one."""
    try:
        return judge(evidence, policy="counter").verdict.value
    except Exception as exc:  # noqa: BLE001 - any end that is no verdict will do
        return type(exc).__name__


def used(module: ModuleType, name: str) -> list[ModuleType]:
    """Return the modules that have the function under its name."""
    found = getattr(module, name)
    return [m for m in (*MODULES, facts, verifying) if getattr(m, name, None) is found]


def test_there_is_something_to_break() -> None:
    """The list is that of the code, not an empty one, and so are the exceptions to it."""
    assert len(CASES) > 60
    assert {name for _, name in CASES} >= HARMLESS


def test_control(evidence: Evidence) -> None:
    """Unbroken, the evidence is verified."""
    assert verdict(evidence) == "verified"


@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES)
@pytest.mark.parametrize(
    ("module", "name"), CASES, ids=[f"{m.__name__.rpartition('.')[2]}.{n}" for m, n in CASES]
)
def test_broken(
    evidence: Evidence,
    monkeypatch: pytest.MonkeyPatch,
    module: ModuleType,
    name: str,
    failure: Callable[..., object],
) -> None:
    """With one function broken in one way the verdict is anything but verified."""
    calls: list[str] = []

    def broken(*arguments: object, **options: object) -> object:
        calls.append(name)
        return failure(*arguments, **options)

    function = getattr(module, name)
    for owner in used(module, name):
        monkeypatch.setattr(owner, name, broken)
    found = verdict(evidence)
    if not calls:
        assert found == "verified"  # genuine data never comes this way
    elif failure in RAISING or not harmless(function, name):
        assert found != "verified"
