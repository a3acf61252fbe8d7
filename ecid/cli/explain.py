"""``ecid explain``: the page of a code, whatever kind of code it is."""

from __future__ import annotations

import re

import click

from ecid import text
from ecid.cli import help_page
from ecid.cli.words import Words
from ecid.errors import Misuse
from ecid.inspection.echo import echo

#: Per kind of code, where its meaning stands and where the next action, if it has one.
KINDS = {
    "check": ("check.{}", None),
    "reason": ("reason.{}.text", "reason.{}.next"),
    "error": ("error.{}.message", "error.{}.next"),
    "deviation": ("deviation.{}", "cli.explain.deviation_next"),
    "damage": ("damage.{}", None),
}
_DATA_GROUP = re.compile(r"dg\.([1-9]|1[0-6])", re.ASCII)


def command(words: Words) -> click.Command:
    """Return the command."""

    def run(*, code: str) -> int:
        found = pages(code.strip().lower(), words)
        if not found:
            raise Misuse("unknown_code", code=echo(code))
        click.echo("\n\n".join(found))
        return 0

    return help_page.make(words, "explain", "cli.explain.help", run, click.Argument(["code"]))


def pages(code: str, words: Words) -> list[str]:
    """Return every page about ``code``; the same word may be a reason and an error."""
    key = "dg" if _DATA_GROUP.fullmatch(code) else code
    return [
        _page(code, kind, [each.format(key) for each in keys if each], words)
        for kind, keys in KINDS.items()
        if text.has(keys[0].format(key))
    ]


def _page(code: str, kind: str, keys: list[str], words: Words) -> str:
    """Return the title, what the code means, and the next action where there is one."""
    sentences = (text.template(key, words.language) for key in keys)
    number = code.partition(".")[2] or "…"
    meaning, *following = (_general(each.replace("{number}", number)) for each in sentences)
    lines = [f"{code} ({words(f'cli.explain.{kind}')})", meaning]
    lines += [words("cli.next", next=each) for each in following]
    return "\n".join(lines)


def _general(sentence: str) -> str:
    """Return ``sentence`` with an ellipsis where a report or error puts its facts."""
    filled = re.sub(r"(?<!\{)\{[a-z_]+\}(?!\})", "…", sentence)
    return filled.replace("{{", "{").replace("}}", "}")
