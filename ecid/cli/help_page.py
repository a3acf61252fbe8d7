"""Commands and options whose help pages come from the catalogue, headings included."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from ecid.cli.words import Words, visible
from ecid.errors import Misuse
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
        # Newer click has a line for arguments, too; ours stand in the line of use alone.
        options = [param for param in self.get_params(ctx) if isinstance(param, click.Option)]
        records = [r for option in options if (r := option.get_help_record(ctx)) is not None]
        if records:
            with formatter.section(self.words("cli.options")):
                formatter.write_dl(records)

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """Return ``--help`` with its text in the right language."""
        option = super().get_help_option(ctx)
        if option is not None:
            option.help = self.words("cli.option.help")
        return option


class Option(click.Option):
    """A click option whose remarks in brackets come from the catalogue, too."""

    words: Words

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """Return declaration and text; click has its remarks in English only."""
        record, extra = super().get_help_record(ctx), self.get_help_extra(ctx)
        if record is None:
            return None
        remarks = [extra["range"]] if "range" in extra else []
        if "default" in extra:
            remarks.append(self.words("cli.default", value=extra["default"]))
        if self.required:
            remarks.append(self.words("cli.required"))
        return record[0], (self.help or "") + "".join(f"  [{remark}]" for remark in remarks)


class Group(Command, click.Group):
    """A click group that does the same and lists its commands."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that ``args`` begin with. Raises ``Misuse`` if there is none."""
        if args[0] not in self.commands:
            raise Misuse("usage_no_such_command", name=visible(args[0]), command=ctx.command_path)
        return super().resolve_command(ctx, args)

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
        name,
        callback=callback,
        params=[*params, lang_option(words)],
        help=words(help_key),
        options_metavar=words("cli.metavar.options"),
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
        options_metavar=words("cli.metavar.options"),
        subcommand_metavar=words("cli.metavar.command"),
        no_args_is_help=True,
    )
    group.words = words
    return group


def option(
    words: Words, declaration: str, /, *, about: str | None = None, **attributes: Any
) -> click.Option:
    """Return an option whose help stands under ``cli.option.<name>``, or ``<about>``."""
    name = about or declaration.lstrip("-").replace("-", "_")
    made = Option([declaration], help=words(f"cli.option.{name}"), **attributes)
    made.words = words
    return made


def lang_option(words: Words) -> click.Option:
    """Return ``--lang``; its value was looked at before, see ``words.language_of``."""
    return option(words, "--lang", type=click.Choice(LANGUAGES), expose_value=False)
