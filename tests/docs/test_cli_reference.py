"""``docs/reference/cli.md`` is what the command prints about itself.

``make docs`` writes it again: ``python tests/docs/test_cli_reference.py``.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from ecid.cli.main import build
from ecid.cli.words import Words

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "cli.md"

_HEAD = """\
# The command line

Written from the command itself by `make docs`. `--lang vi` prints every page in Vietnamese. Exit
codes stand in [exit-codes.md](exit-codes.md), checks and their reasons in [checks.md](checks.md).
"""


def page() -> str:
    """Return the page: one section for every command, in the order of ``ecid --help``."""
    sections = [
        f"\n## `{path}`\n\n```text\n{_help(command, path)}\n```\n"
        for path, command in _commands(build(Words("en")), "ecid")
    ]
    return _HEAD + "".join(sections)


def _commands(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        for name, child in command.commands.items():
            yield from _commands(child, f"{path} {name}")


def _help(command: click.Command, path: str) -> str:
    """Return the help page as a terminal of 100 columns shows it, whatever this one has."""
    context = click.Context(command, info_name=path, terminal_width=100, max_content_width=100)
    lines = command.get_help(context).splitlines()
    return "\n".join(line.rstrip() for line in lines)


def test_page_is_what_the_command_prints() -> None:
    """Whoever changes an option writes the page again with ``make docs``."""
    assert page() == PAGE.read_text("utf-8")


def test_every_command_is_there() -> None:
    """The page has a section for every command, and the tree is not empty."""
    paths = [path for path, _ in _commands(build(Words("en")), "ecid")]
    assert {"ecid", "ecid read", "ecid verify", "ecid card issue"} <= set(paths)
    text = PAGE.read_text("utf-8")
    assert [path for path in paths if f"\n## `{path}`\n" not in text] == []


if __name__ == "__main__":
    sys.exit(not PAGE.write_text(page(), "utf-8"))
