"""Every sentence a person sees, in Vietnamese and English, looked up by key.

The catalogue is two TOML files with the same keys and the same placeholders (a test
compares them). Code holds keys and facts; words stand here alone.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Final

LANGUAGES: Final = ("vi", "en")


def text(key: str, language: str = "en", /, **fields: object) -> str:
    """Return the sentence ``key`` (dotted path) in ``language`` with ``fields`` filled in.

    Raises ``KeyError`` for a key or language that does not exist and for a missing field:
    a sentence with a hole in it must not reach a user.
    """
    return _catalogue(language)[key].format(**fields)


def has(key: str) -> bool:
    """Tell whether the catalogue holds ``key``."""
    return key in _catalogue("en")


def keys(language: str) -> frozenset[str]:
    """Return every key of ``language``, dotted."""
    return frozenset(_catalogue(language))


def template(key: str, language: str) -> str:
    """Return the sentence ``key`` with its placeholders unfilled."""
    return _catalogue(language)[key]


@cache
def _catalogue(language: str) -> dict[str, str]:
    if language not in LANGUAGES:
        raise KeyError(language)
    source = resources.files(__package__).joinpath(f"{language}.toml").read_text("utf-8")
    return dict(_flatten(tomllib.loads(source), ""))


def _flatten(table: dict[str, object], prefix: str) -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for name, value in table.items():
        if isinstance(value, dict):
            pairs += _flatten(value, f"{prefix}{name}.")
        else:
            pairs.append((f"{prefix}{name}", str(value)))
    return pairs
