"""``ecid qr``: what the text of a QR code says, with no chip and no claim that it is true."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import click

from ecid.cli import help_page, output
from ecid.cli.inputs import STDIN
from ecid.cli.words import Words, visible
from ecid.errors import Misuse
from ecid.profiles.vietnam import typed
from ecid.profiles.vietnam.typed import Typed

SCHEMA = "ecid-qr/1"
_UNREADABLE = 2


def command(words: Words) -> click.Command:
    """Return the command."""

    def run(*, text: str | None, json: bool) -> int:
        if text is None:
            raise Misuse("qr_missing")
        code = 0
        for each in _lines() if text == STDIN else (text,):
            found = typed.read(each)
            if json or text == STDIN:
                output.print_json({"schema": SCHEMA, **found.to_dict()})
            else:
                _print(found, words)
            if found.personal_number is None:
                code = _UNREADABLE
        return code

    return help_page.make(
        words,
        "qr",
        "cli.qr.help",
        run,
        click.Argument(["text"], required=False),
        help_page.option(words, "--json", is_flag=True),
    )


def _lines() -> Iterator[str]:
    """Yield the lines of standard input, one at a time, empty ones too; scanners write UTF-8."""
    if sys.stdin is None:
        raise Misuse("qr_missing")
    for line in getattr(sys.stdin, "buffer", sys.stdin):
        text = line if isinstance(line, str) else line.decode(errors="replace")
        yield text.removeprefix("\ufeff").strip()


def _print(found: Typed, words: Words) -> None:
    if found.damage is not None:
        message = words("cli.qr.damage", text=words(f"damage.{found.damage.value}"))
        click.echo(message, err=found.personal_number is None)
    if found.personal_number is None:
        return
    click.echo(words("cli.qr.unverified"))
    for name, value in found.repaired.items():
        shown = words(f"sex.{value}") if name == "sex" else value
        click.echo(f"{words(f'identity.{name}')}: {visible(str(shown))}")
    for reading in found.readings:
        click.echo(words("cli.qr.reading", mrz=reading))
    for day in found.expiry_candidates:
        shown = words("identity.no_expiry") if day is None else day.isoformat()
        click.echo(f"{words('cli.qr.candidates')}: {shown}")
