"""The language of one run, and words in it."""

from __future__ import annotations

import locale
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from ecid.text import LANGUAGES, text


@dataclass(frozen=True, slots=True)
class Words:
    """Looks sentences up in one language."""

    language: str

    def __call__(self, key: str, /, **fields: object) -> str:
        """Return the sentence ``key``, filled in."""
        return text(key, self.language, **fields)


def language_of(arguments: Sequence[str]) -> str:
    """Return the language asked for with ``--lang``, else the system's, else English.

    It is needed before the arguments are parsed, since the help pages are made of it.
    """
    for at, argument in enumerate(arguments):
        if argument.startswith("--lang="):
            return _known(argument.partition("=")[2])
        if argument == "--lang" and at + 1 < len(arguments):
            return _known(arguments[at + 1])
    return _known((locale.getlocale()[0] or "")[:2])


def visible(value: str) -> str:
    """Return ``value`` with control and format characters spelled out.

    A name on a chip may hold what turns text round or moves a terminal's cursor.
    """
    return "".join(
        f"[U+{ord(c):04X}]"
        if unicodedata.category(c) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
        else c
        for c in value
    )


def _known(language: str) -> str:
    return language if language in LANGUAGES else "en"
