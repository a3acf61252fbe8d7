"""``ecid form``: the 25 essential services, their forms, and filling one from verified chips."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ecid import api
from ecid.cli import help_page, output
from ecid.cli.inputs import load_evidence, moment, trust_store
from ecid.cli.words import Words, visible
from ecid.errors import Misuse, NotProven, NotVerified
from ecid.inspection.checks import Verdict
from ecid.inspection.policy import NAMES
from ecid.inspection.report import Report
from ecid.profiles.vietnam import document, forms
from ecid.profiles.vietnam.forms import FilledForm, FormField, Service
from ecid.storage import check_target, write_file
from ecid.trust.store import TrustStore

SCHEMA = "ecid-form/1"


def command(words: Words) -> click.Command:
    """Return the group of commands."""
    parts = (_list(words), _show(words), _fill(words))
    return help_page.make_group(words, "form", "cli.form.help", *parts)


def _list(words: Words) -> help_page.Command:
    def run(*, json: bool) -> int:
        if json:
            found = [_service_to_dict(each) for each in forms.services()]
            output.print_json({"schema": SCHEMA, "services": found})
            return 0
        for each in forms.services():
            unsourced = "" if each.sourced else f"  ({words('cli.form.unsourced')})"
            click.echo(f"{each.number:2} {each.slug:28} {_title(each, words)}{unsourced}")
        return 0

    json_ = help_page.option(words, "--json", is_flag=True)
    return help_page.make(words, "list", "cli.form.list.help", run, json_)


def _show(words: Words) -> help_page.Command:
    def run(*, code: str, json: bool) -> int:
        service = forms.service(code)
        if json:
            fields = [_field_to_dict(each) for each in service.fields]
            output.print_json({"schema": SCHEMA, **_service_to_dict(service), "fields": fields})
        else:
            _print_service(service, words)
        return 0

    return help_page.make(
        words,
        "show",
        "cli.form.show.help",
        run,
        click.Argument(["code"]),
        help_page.option(words, "--json", is_flag=True),
    )


def _fill(words: Words) -> help_page.Command:
    def run(
        *,
        code: str,
        person: tuple[str, ...],
        trust: tuple[str, ...],
        policy: str,
        at: str | None,
        template: str | None,
        out: str | None,
        json: bool,
    ) -> int:
        service = forms.service(code)
        if (template is None) is not (out is None):
            raise Misuse("template_and_out")
        if out is not None:
            check_target(Path(out))
        files = _people(service, person)
        store, when = trust_store(trust, words), moment(at)
        reports = {role: _verified(file, store, policy, when) for role, file in files.items()}
        filled = forms.fill(service, reports)
        if template is not None and out is not None:
            write_file(Path(out), document.fill(Path(template), filled))
            click.echo(words("cli.form.written", path=out), err=True)
        if json:
            output.print_json(_filled_to_dict(filled, reports))
        else:
            _print_filled(filled, words)
        click.echo(words("cli.form.not_live"), err=True)
        return 0

    return help_page.make(
        words,
        "fill",
        "cli.form.fill.help",
        run,
        click.Argument(["code"]),
        help_page.option(words, "--person", multiple=True),
        help_page.option(words, "--trust", multiple=True),
        help_page.option(
            words, "--policy", type=click.Choice(NAMES), default="passive", show_default=True
        ),
        help_page.option(words, "--at"),
        help_page.option(words, "--template"),
        help_page.option(words, "--out", about="document_out"),
        help_page.option(words, "--json", is_flag=True),
    )


def _people(service: Service, given: tuple[str, ...]) -> Mapping[str, Path]:
    """Return the files by role key, from ``ROLE=FILE``. Raises ``Misuse``."""
    files: dict[str, Path] = {}
    for each in given:
        word, equals, file = each.partition("=")
        if not equals or not file:
            raise Misuse("person_format", value=visible(each[:60]))
        role = service.role(word.strip().lower())
        if role.key in files:
            raise Misuse("person_twice", role=role.key)
        files[role.key] = Path(file)
    if not files:
        known = ", ".join(role.key for role in service.roles)
        raise Misuse("person_missing", known=known)
    return files


def _verified(file: Path, store: TrustStore, policy: str, when: datetime | None) -> Report:
    """Return the report about ``file``. Raises ``NotVerified`` for one that is not verified."""
    report = api.verify(load_evidence(file), trust=store, policy=policy, at=when)
    if report.verdict is Verdict.VERIFIED:
        return report
    refused = NotVerified if report.verdict is Verdict.FAILED else NotProven
    raise refused("form_not_verified", source=file.name, verdict=report.verdict.value)


def _filled_to_dict(filled: FilledForm, reports: Mapping[str, Report]) -> dict[str, object]:
    return {
        "schema": SCHEMA,
        **_service_to_dict(filled.service),
        "checked_live": False,
        "emulated": any(report.emulated for report in reports.values()),
        "fields": {
            each.wanted.name: {
                "value": each.value,
                "source": each.source,
                "person": each.wanted.person,
                "label_vi": each.wanted.vi,
                "label_en": each.wanted.en,
            }
            for each in filled.filled
        },
        "open": [_field_to_dict(each) for each in filled.open],
    }


def _service_to_dict(service: Service) -> dict[str, object]:
    return {
        "number": service.number,
        "slug": service.slug,
        "title_vi": service.title_vi,
        "title_en": service.title_en,
        "form": service.form,
        "legal_basis": service.legal_basis or None,
        "sourced": service.sourced,
        "persons": [
            {"role": role.key, "vi": role.vi, "en": role.en, "aliases": list(role.aliases)}
            for role in service.roles
        ],
    }


def _field_to_dict(field: FormField) -> dict[str, object]:
    return {
        "name": field.name,
        "person": field.person,
        "label_vi": field.vi,
        "label_en": field.en,
        "from": field.source.value,
        "chip": forms.PLACES.get(field.key),
    }


def _title(service: Service, words: Words) -> str:
    return service.title_vi if words.language == "vi" else service.title_en


def _label(field: FormField, words: Words) -> str:
    return field.vi if words.language == "vi" else field.en


def _person(service: Service, key: str, words: Words) -> str:
    role = service.role(key)
    return role.vi if words.language == "vi" else role.en


def _print_service(service: Service, words: Words) -> None:
    console = Console(highlight=False, soft_wrap=False)
    console.print(Text(f"{service.number}. {_title(service, words)}", style="bold"))
    console.print(Text(" · ".join(filter(None, (service.form, service.legal_basis)))))
    if not service.sourced:
        console.print(Text(words("cli.form.unsourced"), style="yellow"))
    table = Table(show_edge=False, pad_edge=False)
    for column in ("person", "field", "from"):
        table.add_column(words(f"cli.form.column.{column}"), overflow="fold")
    for each in service.fields:
        place = forms.PLACES.get(each.key, "")
        where = words(f"cli.form.from.{each.source.value}", place=place)
        table.add_row(_person(service, each.person, words), _label(each, words), where)
    console.print(table)


def _print_filled(filled: FilledForm, words: Words) -> None:
    """Print label and value with a tab between them, as a spreadsheet or an e-form takes it."""
    for each in filled.filled:
        who = _person(filled.service, each.wanted.person, words)
        click.echo(f"{who}: {_label(each.wanted, words)}\t{visible(each.value)}")
    for field in filled.open:
        who = _person(filled.service, field.person, words)
        click.echo(f"{who}: {_label(field, words)}\t", nl=True)
