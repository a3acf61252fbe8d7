"""The language of one run, and words in it."""

from __future__ import annotations

import locale
import os
import sys
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
    return next(filter(None, map(_spoken, _system_names())), "en")


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


def _system_names() -> list[str]:
    """Return what the system says of its language, the most telling first."""
    names = [os.environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG")]
    if sys.platform == "win32":
        names.append(locale.windows_locale.get(_windows_language(), ""))
    return [*names, locale.getlocale()[0] or ""]


def _windows_language() -> int:
    """Return the language of the Windows user interface, which the environment does not tell."""
    import ctypes  # noqa: PLC0415 - wanted on one system only

    return int(getattr(ctypes, "windll").kernel32.GetUserDefaultUILanguage())  # noqa: B009


def _spoken(name: str) -> str | None:
    """Return the language of a locale: ``vi_VN.UTF-8``, ``en-US``, ``Vietnamese_Vietnam``."""
    folded = name.casefold()
    if folded in {"", "c", "posix"} or folded.startswith(("c.", "c_")):
        return None
    return (
        "vi" if folded.startswith(("vi_", "vi-", "vi.", "vietnamese")) or folded == "vi" else "en"
    )


def _known(language: str) -> str:
    return language if language in LANGUAGES else "en"
