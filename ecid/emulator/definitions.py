"""The shipped cards, one TOML file each."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType

from ecid.emulator.definition import CardDefinition, parse_definition
from ecid.emulator.table import malformed
from ecid.errors import Misuse

_ENDING = ".toml"
_BASE = "same_as"


def names() -> tuple[str, ...]:
    """Return the names of the shipped cards, the first Vietnamese one first."""
    return tuple(_tables())


def definition(name: str) -> CardDefinition:
    """Return the shipped card ``name``; raises ``Misuse`` if there is none."""
    if name not in _tables():
        raise Misuse
    return shipped()[name]


@cache
def shipped() -> Mapping[str, CardDefinition]:
    """Return every shipped card by its name."""
    return MappingProxyType({name: parse_definition(name, _whole(name)) for name in _tables()})


@cache
def _tables() -> Mapping[str, Mapping[str, object]]:
    folder = resources.files("ecid.emulator").joinpath("cards")
    found = {
        entry.name.removesuffix(_ENDING): tomllib.loads(entry.read_text("utf-8"))
        for entry in folder.iterdir()
        if entry.name.endswith(_ENDING)
    }
    order = sorted(found, key=lambda name: (not name.startswith("vn-cccd"), name))
    return MappingProxyType({name: found[name] for name in order})


def _whole(name: str) -> dict[str, object]:
    """Return a table with what it takes from another card; its own keys count, whole."""
    table = dict(_tables()[name])
    base = table.pop(_BASE, None)
    if base is None:
        return table
    if not isinstance(base, str) or _BASE in _tables().get(base, {_BASE: ""}):
        raise malformed(_BASE)
    return dict(_tables()[base]) | table
