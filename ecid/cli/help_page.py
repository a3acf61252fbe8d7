"""Commands and options whose help pages come from the catalogue, headings included."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from ecid.cli.words import Words
from ecid.text import LANGUAGES


class Command(click.Command):
    """A click command that writes its page with the words of one language."""

    words: Words

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the line of use."""
        pieces = " ".join(self.collect_usage_pieces(ctx))
        formatter.write_usage(ctx.command_path, pieces, prefix=self.words("cli.usage"))

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options under their heading."""
        records = [r for p in self.get_params(ctx) if (r := p.get_help_record(ctx)) is not None]
        if records:
            with formatter.section(self.words("cli.options")):
                formatter.write_dl(records)

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """Return ``--help`` with its text in the right language."""
        option = super().get_help_option(ctx)
        if option is not None:
            option.help = self.words("cli.option.help")
        return option


class Group(Command, click.Group):
    """A click group that does the same and lists its commands."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, then the commands."""
        super().format_options(ctx, formatter)
        rows = [(name, command.get_short_help_str(80)) for name, command in self.commands.items()]
        with formatter.section(self.words("cli.commands")):
            formatter.write_dl(rows)


def make(
    words: Words,
    name: str,
    help_key: str,
    callback: Callable[..., Any],
    *params: click.Parameter,
) -> Command:
    """Return the command ``name``; every command takes ``--lang``."""
    command = Command(
        name, callback=callback, params=[*params, lang_option(words)], help=words(help_key)
    )
    command.words = words
    return command


def make_group(words: Words, name: str, help_key: str, *commands: Command) -> Group:
    """Return the group ``name`` with its ``commands``; called alone it shows its page."""
    group = Group(
        name,
        commands=list(commands),
        params=[lang_option(words)],
        help=words(help_key),
        no_args_is_help=True,
    )
    group.words = words
    return group


def option(words: Words, declaration: str, /, **attributes: Any) -> click.Option:
    """Return an option whose help stands under ``cli.option.<name>``."""
    name = declaration.lstrip("-").replace("-", "_")
    return click.Option([declaration], help=words(f"cli.option.{name}"), **attributes)


def lang_option(words: Words) -> click.Option:
    """Return ``--lang``; its value was looked at before, see ``words.language_of``."""
    return option(words, "--lang", type=click.Choice(LANGUAGES), expose_value=False)
