"""The entry point: builds the commands in one language and turns every ending into an exit code."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

import ecid
from ecid.cli import (
    card,
    demo,
    emulate,
    explain,
    form,
    help_page,
    output,
    qr,
    read,
    trust,
    verify,
)
from ecid.cli.words import Words, language_of, visible
from ecid.errors import EcidError, Misuse, OutputError, StoreError

INTERRUPTED = 130


def entry_point() -> None:
    """Run ``ecid`` with the arguments of the process and leave with its exit code."""
    output.use_utf8()
    code = run(sys.argv[1:])
    if not output.flushed():
        code = OutputError.exit_code
    sys.exit(code)


def run(arguments: Sequence[str]) -> int:
    """Run ``ecid`` with ``arguments`` and return the exit code (design, section 3)."""
    try:
        return _run(Words(language_of(arguments)), arguments)
    except (BrokenPipeError, SystemExit):
        # Whoever read our output has gone, and so has the place to say so. click and rich meet
        # that with SystemExit of their own.
        return OutputError.exit_code


def _run(words: Words, arguments: Sequence[str]) -> int:
    try:
        return _invoke(build(words), arguments)
    except click.UsageError as exc:
        error: EcidError = _usage(exc)
    except EcidError as exc:
        error = exc
    except (click.Abort, KeyboardInterrupt):
        error = _Interrupted()
    except BrokenPipeError:
        raise
    except OSError as exc:
        # Files raise OutputError by themselves: what is left is the standard output.
        error = OutputError(path="stdout", cause=exc.strerror or "")
    except Exception as exc:  # noqa: BLE001 - the last border: a bug becomes exit code 1
        error = EcidError("internal", kind=type(exc).__name__, where=_place(exc))
    as_json = "--json" in arguments
    output.print_error(error, words, source=_source(arguments, error), as_json=as_json)
    return error.exit_code


def build(words: Words) -> help_page.Group:
    """Return the whole command tree with the texts of one language."""
    modules = (demo, read, verify, qr, form, trust, card, emulate, explain)
    group = help_page.make_group(words, "ecid", "cli.help", *(m.command(words) for m in modules))
    group.params.append(
        click.Option(
            ["--version"],
            is_flag=True,
            is_eager=True,
            expose_value=False,
            callback=_print_version,
            help=words("cli.option.version"),
        )
    )
    return group


class _Interrupted(EcidError):
    """The user pressed the interrupt key."""

    exit_code = INTERRUPTED
    default_code = "interrupted"


def _invoke(group: help_page.Group, arguments: Sequence[str]) -> int:
    try:
        code = group.main(list(arguments), prog_name="ecid", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as exc:
        click.echo(exc.ctx.get_help() if exc.ctx else "")
        return Misuse.exit_code
    return code if isinstance(code, int) else 0


def _usage(exc: click.UsageError) -> Misuse:
    """Return our own sentence for what click found wrong."""
    command = exc.ctx.command_path if exc.ctx else "ecid"
    if isinstance(exc, click.NoSuchOption):
        return Misuse("usage_no_such_option", name=visible(exc.option_name), command=command)
    if isinstance(exc, click.MissingParameter):
        return Misuse("usage_missing", name=_name(exc), command=command)
    if isinstance(exc, click.BadParameter) and exc.param is not None:
        kind = exc.param.type
        if isinstance(kind, click.Choice):
            known = ", ".join(map(str, kind.choices))
            return Misuse("usage_bad_choice", name=_name(exc), known=known)
    if isinstance(exc, click.BadParameter):
        return Misuse("usage_bad_value", name=_name(exc), command=command)
    if isinstance(exc, click.BadOptionUsage):
        return Misuse("usage_bad_value", name=visible(exc.option_name), command=command)
    if exc.ctx is not None and isinstance(exc.ctx.command, click.Group):
        return Misuse("usage_missing", name="COMMAND", command=command)
    return Misuse("usage_surplus", command=command)


def _name(exc: click.BadParameter) -> str:
    return "" if exc.param is None else exc.param.opts[0]


def _print_version(ctx: click.Context, _: click.Parameter, value: bool) -> None:
    if value:
        click.echo(f"ecid {ecid.__version__}")
        ctx.exit()


def _place(exc: Exception) -> str:
    """Return module and line of the bug; never a value, which may be somebody's data."""
    traceback = exc.__traceback__
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    if traceback is None:
        return "?"
    return f"{traceback.tb_frame.f_globals.get('__name__', '?')}:{traceback.tb_lineno}"


def _source(arguments: Sequence[str], error: EcidError) -> str | None:
    """Return what was to be read: the value of ``--card``, or the file a store stumbled over."""
    if isinstance(error, StoreError):
        named = error.fields.get("source", error.fields.get("path"))
        return None if named is None else str(named)
    for at, argument in enumerate(arguments[:-1]):
        if argument == "--card":
            return f"card:{arguments[at + 1]}"
    return None
