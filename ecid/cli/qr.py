"""``ecid qr``: what the text of a QR code says, with no chip and no claim that it is true."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import date

import click

from ecid.cli import help_page, output
from ecid.cli.inputs import STDIN
from ecid.cli.words import Words, visible
from ecid.errors import Misuse
from ecid.profiles.vietnam import typed
from ecid.profiles.vietnam.forms import written_date
from ecid.profiles.vietnam.typed import Typed
from ecid.text import has

SCHEMA = "ecid-qr/1"
_UNREADABLE = 2


def command(words: Words) -> click.Command:
    """Return the command."""

    def run(*, text: str | None, json: bool) -> int:
        if text is None:
            raise Misuse("qr_missing")
        code = 0
        for each in _lines(words) if text == STDIN else (text,):
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


def _lines(words: Words) -> Iterator[str]:
    """Yield the lines of standard input, one at a time, empty ones too; scanners write UTF-8.

    Programs of Windows like to write UTF-16, every other byte of which is zero: that is said once.
    """
    if sys.stdin is None:
        raise Misuse("qr_missing")
    hinted = False
    for line in getattr(sys.stdin, "buffer", sys.stdin):
        text = line if isinstance(line, str) else line.decode(errors="replace")
        if not hinted and text.count("\0") > len(text) // 3:
            click.echo(words("cli.qr.utf16"), err=True)
            hinted = True
        yield text.removeprefix("\ufeff").strip()


def _print(found: Typed, words: Words) -> None:
    if found.damage is not None:
        message = words("cli.qr.damage", text=words(f"damage.{found.damage.value}"))
        click.echo(message, err=found.personal_number is None)
    for reading in found.readings:
        click.echo(words("cli.qr.reading", mrz=reading), err=found.personal_number is None)
    if found.personal_number is None:
        return
    click.echo(words("cli.qr.unverified"))
    for name, value in found.repaired.items():
        click.echo(f"{_label(name, found.edition, words)}: {_shown(name, value, words)}")
    for day in found.expiry_candidates:
        click.echo(f"{words('cli.qr.candidates')}: {_expiry(day, words)}")


def _label(name: str, edition: str, words: Words) -> str:
    """Return what the field is called on a card of this edition."""
    own = f"identity_{edition}.{name}"
    return words(own if has(own) else f"identity.{name}")


def _shown(name: str, value: str, words: Words) -> str:
    if name == "sex":
        return words(f"sex.{value}")
    return visible(_date(value, words) if name.endswith("_date") else value)


def _expiry(day: date | None, words: Words) -> str:
    return words("identity.no_expiry") if day is None else _date(day.isoformat(), words)


def _date(value: str, words: Words) -> str:
    """Return an ISO date as people write it; English readers would not know which is the day."""
    return written_date(value) if words.language == "vi" else value
