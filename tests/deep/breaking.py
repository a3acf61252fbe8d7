"""Every function of the verifier, found in the code, and the means to break one of them."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from types import ModuleType
from typing import Any

import pytest

from ecid.inspection import (
    checks,
    facts,
    judge_access,
    judge_chip,
    judge_files,
    judge_match,
    judge_security,
    policy,
    verify,
)
from ecid.outcome import Outcome
from ecid.protocols import card_security, document_signer, passive_authentication
from ecid.trust import (
    anchor_profile,
    certificate,
    chain,
    extensions,
    listed,
    names,
    revocation,
    signed_data,
    signed_object,
    signer,
    signer_profile,
    signing_time,
    store,
    tolerance,
    verification,
)

MODULES: tuple[ModuleType, ...] = (
    passive_authentication,
    document_signer,
    card_security,
    signing_time,
    anchor_profile,
    certificate,
    chain,
    extensions,
    listed,
    names,
    revocation,
    signed_data,
    signed_object,
    signer,
    signer_profile,
    store,
    tolerance,
    verification,
    judge_access,
    judge_chip,
    judge_files,
    judge_match,
    judge_security,
    facts,
    verify,
    checks,
    policy,
)

Plain = Callable[..., Any]


class Truthy:
    """Something that is true, equal to everything, and no finding."""

    outcome = "successful"
    reason = None

    def __init__(self) -> None:
        self.detail: dict[str, str] = {}

    def __bool__(self) -> bool:
        return True

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return hash(Outcome.SUCCESSFUL)


@dataclass(frozen=True, slots=True)
class Place:
    """A function or method: its module, the class it stands in (or None), and its name."""

    module: ModuleType
    owner: type | None
    name: str

    def __str__(self) -> str:
        parts = [self.module.__name__.rpartition(".")[2], self.name]
        if self.owner is not None:
            parts.insert(1, self.owner.__name__)
        return ".".join(parts)


@dataclass
class Calls:
    """What a function answered while it was watched."""

    answers: list[object] = field(default_factory=list)


def places() -> Iterator[Place]:
    """Yield every function and every method, property and class method of the modules."""
    for module in MODULES:
        for name, found in vars(module).items():
            if getattr(found, "__module__", None) != module.__name__:
                continue
            if inspect.isfunction(found):
                yield Place(module, None, name)
            elif inspect.isclass(found):
                yield from (
                    Place(module, found, method)
                    for method, value in vars(found).items()
                    if _function_of(value) is not None and not method.startswith("__")
                )


def watch(patch: pytest.MonkeyPatch, place: Place) -> Calls:
    """Keep what the function at ``place`` answers from now on."""
    calls, original = Calls(), _original(place)

    def watched(*args: object, **kwargs: object) -> object:
        answer = original(*args, **kwargs)
        calls.answers.append(answer)
        return answer

    _put(patch, place, watched)
    return calls


def break_(patch: pytest.MonkeyPatch, place: Place, fault: Plain) -> None:
    """Put ``fault`` in the place of the function, wherever it was imported to."""
    _put(patch, place, fault)


def _original(place: Place) -> Plain:
    if place.owner is None:
        found: Plain = getattr(place.module, place.name)
        return found
    function = _function_of(vars(place.owner)[place.name])
    assert function is not None
    return function


def _put(patch: pytest.MonkeyPatch, place: Place, function: Plain) -> None:
    if place.owner is not None:
        kind = type(vars(place.owner)[place.name])
        wrapped = property if kind in (property, cached_property) else kind
        new = function if inspect.isfunction(vars(place.owner)[place.name]) else wrapped(function)
        patch.setattr(place.owner, place.name, new)
        return
    original = getattr(place.module, place.name)
    for module in [m for name, m in sys.modules.items() if name.startswith("ecid")]:
        if vars(module).get(place.name) is original:
            patch.setattr(module, place.name, function)


def _function_of(value: object) -> Plain | None:
    """Return the function behind a method, a property or a class method."""
    if inspect.isfunction(value):
        return value
    if isinstance(value, property):
        return value.fget
    if isinstance(value, cached_property):
        return value.func
    if isinstance(value, classmethod | staticmethod):
        found: Plain = value.__func__
        return found
    return None
