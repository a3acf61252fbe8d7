"""``ecid emulate``: an emulated card on a virtual PC/SC reader, for whatever uses readers."""

from __future__ import annotations

import click

from ecid.cli import help_page
from ecid.cli.inputs import emulated_card
from ecid.cli.words import Words
from ecid.errors import CardRemoved, Misuse, NoReader
from ecid_readers.vpcd import DEFAULT_PORT, Slot

DEFAULT_CARD = "vn-cccd-2021"
_ADDRESS = f"127.0.0.1:{DEFAULT_PORT}"


def command(words: Words) -> click.Command:
    """Return the command."""

    def run(*, card: str, fault: str | None, vpcd: str) -> int:
        host, port = _address(vpcd)
        chip = emulated_card(card, fault)
        try:
            slot = Slot(host, port)
        except OSError:
            raise NoReader("no_vpcd", address=vpcd) from None
        click.echo(words("cli.emulating", name=chip.name, address=vpcd), err=True)
        try:
            slot.serve(chip)
        except CardRemoved:
            click.echo(words("cli.card_left"), err=True)
        finally:
            slot.close()
        return 0

    return help_page.make(
        words,
        "emulate",
        "cli.emulate.help",
        run,
        help_page.option(words, "--card", default=DEFAULT_CARD, show_default=True),
        help_page.option(words, "--fault"),
        help_page.option(
            words,
            "--vpcd",
            is_flag=False,
            flag_value=_ADDRESS,
            default=_ADDRESS,
            show_default=True,
        ),
    )


def _address(value: str) -> tuple[str, int]:
    """Return host and port of ``HOST:PORT``, ``HOST`` or ``:PORT``."""
    host, _, port = value.rpartition(":") if ":" in value else (value, "", str(DEFAULT_PORT))
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise Misuse("address_format", value=value)
    return host or "127.0.0.1", int(port)
