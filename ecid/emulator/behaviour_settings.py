"""A behaviour as card definitions and folders write it: a profile, and what differs from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from ecid.emulator.behaviour import (
    CardBehaviour,
    DomainReference,
    LongAnswer,
    profile,
)
from ecid.errors import MalformedData
from ecid_crypto.hashes import Hash

_WHERE = "definition"


def adjusted(profile_name: str, settings: Mapping[str, object]) -> CardBehaviour:
    """Return the behaviour of a profile with some fields set; the faults cannot be set here.

    Values are those of TOML and JSON. Raises ``Misuse`` for an unknown profile, and
    ``MalformedData("definition", rule)``: ``behaviour_unknown`` or ``behaviour_value``.
    """
    changes: dict[str, Any] = {}
    for name, value in settings.items():
        if name not in _READ:
            raise MalformedData(_WHERE, "behaviour_unknown")
        try:
            changes[name] = _READ[name](value)
        except (ValueError, TypeError) as exc:
            raise MalformedData(_WHERE, "behaviour_value") from exc
    return replace(profile(profile_name), **changes)


def _number(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= 65_536:
        raise ValueError
    return value


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _names(value: object) -> frozenset[str]:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise TypeError
    return frozenset(value)


def _numbers(value: object) -> frozenset[int]:
    if not isinstance(value, list):
        raise TypeError
    return frozenset(map(_number, value))


def _tries(value: object) -> Mapping[int, int]:
    """Return tries by password; keys of TOML and JSON are texts."""
    if not isinstance(value, dict):
        raise TypeError
    found = {int(name): _number(tries) for name, tries in value.items()}
    if not all(1 <= name <= 4 and 1 <= tries <= 15 for name, tries in found.items()):
        raise ValueError
    return MappingProxyType(found)


def _ascii(value: object) -> bytes:
    if not isinstance(value, str) or len(value) > 15:
        raise ValueError
    return value.encode("ascii")


_READ: Mapping[str, Callable[[Any], object]] = MappingProxyType(
    {
        "select_master_file": _number,
        "outside_application": _number,
        "locked_files": _names,
        "basic_access": _flag,
        "pace_in_application": _flag,
        "pace_refuses": _numbers,
        "domain_reference": DomainReference,
        "pace_names_authorities": _flag,
        "tries": _tries,
        "extended_length": _flag,
        "max_read": _number,
        "largest_le": _number,
        "long_read_is_sent": _flag,
        "long_answer": LongAnswer,
        "active_authentication_hash": Hash,
        "active_authentication_der": _flag,
        "historical_bytes": _ascii,
    }
)
