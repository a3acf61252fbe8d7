"""``ecid card``: emulated cards, to look at and to give to other tools."""

from __future__ import annotations

from pathlib import Path

import click

from ecid import emulator
from ecid.cli import help_page
from ecid.cli.words import Words
from ecid.emulator.definitions import shipped
from ecid.errors import Misuse

_WIDTH = 26
_UNCONFIRMED = " (unconfirmed: nobody has published such a chip)"


def command(words: Words) -> click.Command:
    """Return the group of commands."""
    return help_page.make_group(words, "card", "cli.card.help", _list(words), _issue(words))


def _list(words: Words) -> help_page.Command:
    def run() -> int:
        for name, card in shipped().items():
            click.echo(f"{name:{_WIDTH}} {card.doc}{'' if card.confirmed else _UNCONFIRMED}")
        for fault, line in emulator.fault_lines():
            click.echo(f"  --fault {fault:{_WIDTH}} {line}")
        return 0

    return help_page.make(words, "list", "cli.card.list.help", run)


def _issue(words: Words) -> help_page.Command:
    def run(name: str, out: str, seed: int) -> int:
        if name not in emulator.names():
            raise Misuse("unknown_card", name=name)
        card = emulator.issue(name, seed=seed)
        card.save(Path(out))
        click.echo(words("cli.issued", name=name, path=out, count=len(card.files)), err=True)
        return 0

    return help_page.make(
        words,
        "issue",
        "cli.card.issue.help",
        run,
        click.Argument(["name"]),
        help_page.option(words, "--out", required=True),
        help_page.option(words, "--seed", type=click.IntRange(0), default=0, show_default=True),
    )
