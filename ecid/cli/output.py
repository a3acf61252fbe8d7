"""What a person sees: the report as tables, errors as two sentences, JSON as one object."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from datetime import date

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ecid import profiles
from ecid.cli.words import Words, visible
from ecid.errors import EcidError
from ecid.inspection.checks import Check, Verdict, Weight
from ecid.inspection.identity import Identity, Portrait
from ecid.inspection.report import Report
from ecid.outcome import Outcome, Reason
from ecid.text import has

ERROR_SCHEMA = "ecid-error/1"

#: Icon, word and colour always stand together: colour alone tells some people nothing.
_ICONS = {
    Outcome.SUCCESSFUL: ("✓", "green"),
    Outcome.FAILED: ("✗", "red"),
    Outcome.UNDETERMINED: ("?", "yellow"),
    Outcome.NOT_SUPPORTED: ("–", "bright_black"),
    Outcome.ABORTED: ("…", "bright_black"),
}
_VERDICT_ICONS = {
    Verdict.VERIFIED: ("✓", "bold green"),
    Verdict.FAILED: ("✗", "bold red"),
    Verdict.UNDETERMINED: ("?", "bold yellow"),
    Verdict.ABORTED: ("…", "bold"),
}


#: Of the identity: it says nothing to a person (glossary, field 16).
_FOR_PROGRAMS = {"chip_identifier"}

_ASIDE = {Reason.NOT_REQUESTED, Reason.NOT_OFFERED, Reason.NOTHING_TO_COMPARE}


def print_outcome(report: Report, words: Words, *, show_unverified: bool, as_json: bool) -> None:
    """Print the report, for people or as one JSON object."""
    if as_json:
        print_json(report.to_dict(show_unverified=show_unverified))
    else:
        print_report(report, words, show_unverified=show_unverified)


def print_report(report: Report, words: Words, *, show_unverified: bool) -> None:
    """Print verdict, checks, and the identity data as far as it may be shown."""
    console = Console(highlight=False, soft_wrap=False)
    _print_verdict(console, report, words)
    console.print(_checks(report, words))
    aside = ", ".join(check.id for check in report.checks if _is_aside(check))
    if aside:
        console.print(Text(words("cli.aside", checks=aside), style="bright_black"))
    if report.verdict is Verdict.VERIFIED:
        console.print(_identity(report.identity, report.profile, words))
        _print_exchange(console, report, words)
    elif show_unverified and report.unverified is not None:
        console.print(Text(words("cli.unverified"), style="bold yellow"))
        console.print(_identity(report.unverified, report.profile, words))
    for deviation in report.deviations:
        overlooked = words("cli.deviation", code=deviation.code, where=deviation.where)
        console.print(Text(visible(overlooked)))
    _print_cost(console, report, words)


def print_json(found: dict[str, object]) -> None:
    """Print one JSON object on a line of its own."""
    click.echo(json.dumps(found, ensure_ascii=False))


def print_error(error: EcidError, words: Words, *, source: str | None, as_json: bool) -> None:
    """Say what happened and what to do next: a sentence each, or the error object.

    Where standard output does not take the object, the sentences go to standard error.
    """
    try:
        _print_error(error, words, source, as_json=as_json)
    except BrokenPipeError:
        raise
    except OSError:
        with contextlib.suppress(OSError):
            _print_error(error, words, source, as_json=False)


def _print_error(error: EcidError, words: Words, source: str | None, *, as_json: bool) -> None:
    message, following = error.message(words.language), error.next_step(words.language)
    if as_json:
        print_json(
            {
                "schema": ERROR_SCHEMA,
                "source": source,
                "exit": error.exit_code,
                "code": error.code,
                "message": message,
                "next": following,
            }
        )
    else:
        click.echo(visible(f"{message} {words('cli.next', next=following)}"), err=True)


def use_utf8() -> None:
    """Write UTF-8 whatever the system's code page is: names need it, and JSON is defined so."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            # A terminal knows its own encoding; what that lacks is spelled out.
            encoding = stream.encoding if stream.isatty() else "utf-8"
            reconfigure(encoding=encoding, errors="backslashreplace")


def flushed() -> bool:
    """Whether everything printed has left; if not, what is stuck is dropped for a quiet exit."""
    if sys.stdout is None:
        return False
    try:
        sys.stdout.flush()
    except (OSError, ValueError):
        # Python would try again at exit and complain (library documentation, note on SIGPIPE).
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return False
    return True


def check_title(check: Check, words: Words) -> str:
    """Return the name of ``check`` for people."""
    if check.id.startswith("dg."):
        return words("check.dg", number=check.id.removeprefix("dg."))
    return words(f"check.{check.id}")


def _print_verdict(console: Console, report: Report, words: Words) -> None:
    icon, style = _VERDICT_ICONS[report.verdict]
    console.print(Text(f"{icon} {words(f'verdict.{report.verdict.value}')}", style=style))
    if report.exit_code == 12:
        expired = Text(f"! {words('reason.document_expired.text')}", style="bold yellow")
        console.print(expired)
    if report.emulated:
        console.print(Text(words("cli.emulated"), style="bold magenta"))
    console.print(Text(words("cli.source", source=visible(report.evidence.source))))


def _checks(report: Report, words: Words) -> Table:
    table = Table(show_edge=False, pad_edge=False)
    for column in ("outcome", "check", "reason"):
        table.add_column(words(f"cli.table.{column}"), overflow="fold")
    for check in report.checks:
        if _is_aside(check):
            continue
        icon, style = _ICONS[check.outcome]
        outcome = Text(f"{icon} {words(f'outcome.{check.outcome.value}')}", style=style)
        title = Text(check_title(check, words))
        if check.weight is not Weight.MANDATORY:
            title.append(f" · {words(f'weight.{check.weight.value}')}", style="bright_black")
        table.add_row(outcome, title, _reason(check, words))
    return table


def _is_aside(check: Check) -> bool:
    """Whether nobody asked for this, so that a line of its own would only be in the way."""
    return check.outcome is Outcome.NOT_SUPPORTED and check.reason in _ASIDE


def _reason(check: Check, words: Words) -> Text:
    """Return the sentence of the reason, what to do about it, and the words for the manual."""
    if check.reason is None:
        return Text()
    sentence = Text(words(f"reason.{check.reason.value}.text"))
    if check.outcome in {Outcome.FAILED, Outcome.UNDETERMINED}:
        if check.counts:
            following = words(f"reason.{check.reason.value}.next")
            sentence.append(" " + words("cli.next", next=following))
        facts = [f"{check.id}: {check.reason.value}", *map(str, check.detail.values())]
        sentence.append(f" [{visible(', '.join(facts))}]", style="bright_black")
    return sentence


def _identity(identity: Identity, profile: str, words: Words) -> Table:
    edition = profiles.by_name(profile).edition(identity)
    table = Table(show_edge=False, pad_edge=False)
    table.add_column(words("cli.table.field"))
    table.add_column(words("cli.table.value"), overflow="fold")
    for name in identity.__dataclass_fields__:
        value = getattr(identity, name)
        if name == "extra":
            for key, found in identity.extra.items():
                table.add_row(Text(key), Text(visible(str(found))))
        elif value not in (None, False) and name not in _FOR_PROGRAMS:
            table.add_row(Text(_label(name, edition, words)), Text(_value(name, value, words)))
    return table


def _label(name: str, edition: str, words: Words) -> str:
    """Return what the field is called on a document of this edition."""
    own = f"identity_{edition}.{name}"
    return words(own if has(own) else f"identity.{name}")


def _print_exchange(console: Console, report: Report, words: Words) -> None:
    """Say when the card has to be exchanged and at which age that is, where there is a rule."""
    found = profiles.by_name(report.profile).exchange(report.identity)
    if found is not None:
        age, day = found
        console.print(Text(words("cli.exchange", age=age, date=words("cli.date", day=day))))
    elif report.identity.no_expiry:
        console.print(Text(words("cli.no_exchange")))


def _value(name: str, value: object, words: Words) -> str:
    if name == "sex":
        return words(f"sex.{value}")
    if isinstance(value, Portrait):
        return words("cli.portrait", media_type=value.media_type, bytes=len(value.data))
    if name.endswith("_date"):
        return _day(str(value), words)
    return words("cli.yes") if value is True else visible(str(value))


def _day(iso: str, words: Words) -> str:
    """Return an ISO date as people write it; what is none stays as it is."""
    try:
        return words("cli.date", day=date.fromisoformat(iso))
    except ValueError:
        return visible(iso)


def _print_cost(console: Console, report: Report, words: Words) -> None:
    access, timing = report.evidence.access, report.evidence.timing
    if access is not None:
        # An evidence file may say anything here; as Text it is no markup of the console's.
        opened = words("cli.access", protocol=access.protocol, cipher=access.cipher)
        console.print(Text(visible(opened)))
    if timing is not None:
        moved = timing.bytes_sent + timing.bytes_received
        cost = words("cli.cost", apdus=timing.apdus, bytes=moved, ms=timing.total_ms)
        console.print(Text(cost))
