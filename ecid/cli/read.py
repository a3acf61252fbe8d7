"""``ecid read``: one card, read and verified."""

from __future__ import annotations

from pathlib import Path

import click

from ecid import api
from ecid.cli import help_page, output
from ecid.cli.inputs import (
    access_secret,
    data_groups,
    emulated_card,
    expected_form,
    terminal_credential,
    trust_store,
)
from ecid.cli.progress import shown
from ecid.cli.words import Words
from ecid.errors import Misuse
from ecid.inspection.folder import write as write_card
from ecid.inspection.policy import NAMES
from ecid.inspection.report import Report
from ecid.lds.files import by_name
from ecid.storage import check_target

_SECRETS = ("qr", "can", "mrz", "document_number", "birth_date", "expiry_date")


def command(words: Words) -> click.Command:
    """Return the command."""

    def run(
        *,
        card: str | None,
        fault: str | None,
        reader: str | None,
        timeout: float,
        trust: tuple[str, ...],
        policy: str,
        profile: str | None,
        dg: str | None,
        binding: str | None,
        ta_chain: str | None,
        ta_key: str | None,
        expect: str | None,
        save: str | None,
        dump: str | None,
        show_unverified: bool,
        json: bool,
        **secrets: str | None,
    ) -> int:
        if fault is not None and card is None:
            raise Misuse("fault_without_card")
        if reader is not None and card is not None:
            raise Misuse("reader_and_card")
        if save is not None:
            check_target(Path(save))
        typed = None if expect is None else expected_form(Path(expect))
        terminal = terminal_credential(ta_chain, ta_key)
        wanted = data_groups(dg, with_rights=terminal is not None)
        store = trust_store(trust, words)
        chip = None if card is None else emulated_card(card, fault)
        secret = access_secret(secrets, words)
        with shown(words) as on_progress:
            report = api.read(
                secret,
                card=chip,
                reader=reader,
                trust=store,
                policy=policy,
                profile=profile,
                data_groups=wanted,
                binding=binding,
                expect=typed,
                terminal=terminal,
                timeout=timeout,
                on_progress=on_progress,
            )
        _store(report, save, dump, words)
        output.print_outcome(report, words, show_unverified=show_unverified, as_json=json)
        return report.exit_code

    return help_page.make(words, "read", "cli.read.help", run, *_options(words))


def _options(words: Words) -> list[click.Option]:
    option = help_page.option
    return [
        option(words, "--card"),
        option(words, "--fault"),
        option(words, "--reader"),
        option(words, "--timeout", type=click.FloatRange(1, 3600), default=30, show_default=True),
        *(option(words, "--" + name.replace("_", "-")) for name in _SECRETS),
        option(words, "--trust", multiple=True),
        option(words, "--policy", type=click.Choice(NAMES), default="counter", show_default=True),
        option(words, "--profile"),
        option(words, "--dg"),
        option(words, "--binding"),
        option(words, "--expect"),
        option(words, "--ta-chain"),
        option(words, "--ta-key"),
        option(words, "--save"),
        option(words, "--dump"),
        option(words, "--show-unverified", is_flag=True),
        option(words, "--json", is_flag=True),
    ]


def _store(report: Report, save: str | None, dump: str | None, words: Words) -> None:
    """Write what was asked for; standard error says what was written."""
    if save is not None:
        report.evidence.save(save)
        click.echo(words("cli.saved", path=save), err=True)
    if dump is not None:
        files = report.evidence.files
        write_card(Path(dump), {by_name(name).folder_name: files[name] for name in files})
        click.echo(words("cli.dumped", path=dump, count=len(report.evidence.files)), err=True)
