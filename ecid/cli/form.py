"""``ecid form``: the 25 essential services, their forms, and filling one from verified chips."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import click

from ecid import api
from ecid.cli import form_output, help_page, output
from ecid.cli.form_output import SCHEMA
from ecid.cli.inputs import load_evidence, moment, trust_store
from ecid.cli.words import Words
from ecid.errors import Misuse, NotProven, NotVerified
from ecid.inspection.checks import Verdict
from ecid.inspection.echo import echo
from ecid.inspection.policy import NAMES
from ecid.inspection.report import Report
from ecid.profiles.vietnam import document, forms
from ecid.profiles.vietnam.forms import Service
from ecid.storage import check_target, write_file
from ecid.trust.store import TrustStore

__all__ = ["SCHEMA", "command"]


def command(words: Words) -> click.Command:
    """Return the group of commands."""
    parts = (_list(words), _show(words), _fill(words))
    return help_page.make_group(words, "form", "cli.form.help", *parts)


def _list(words: Words) -> help_page.Command:
    def run(*, json: bool) -> int:
        if json:
            found = [form_output.service_to_dict(each) for each in forms.services()]
            output.print_json({"schema": SCHEMA, "services": found})
            return 0
        for each in forms.services():
            unsourced = "" if each.sourced else f"  ({words('cli.form.unsourced')})"
            click.echo(
                f"{each.number:2} {each.slug:28} {form_output.title(each, words)}{unsourced}"
            )
        return 0

    json_ = help_page.option(words, "--json", is_flag=True)
    return help_page.make(words, "list", "cli.form.list.help", run, json_)


def _show(words: Words) -> help_page.Command:
    def run(*, code: str, json: bool) -> int:
        service = forms.service(code)
        if json:
            fields = [form_output.field_to_dict(each) for each in service.fields]
            found = form_output.service_to_dict(service)
            output.print_json({"schema": SCHEMA, **found, "fields": fields})
        else:
            form_output.print_service(service, words)
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
        files = _people(service, person)
        if out is not None:
            _check_out(Path(out), [Path(template or ""), *files.values()])
        store, when = trust_store(trust, words), moment(at)
        reports = {role: _verified(file, store, policy, when) for role, file in files.items()}
        remarks = forms.remarks(service, reports)
        filled = forms.fill(service, reports)
        if template is not None and out is not None:
            write_file(Path(out), document.fill(Path(template), filled))
            click.echo(words("cli.form.written", path=out), err=True)
        if json:
            output.print_json(form_output.filled_to_dict(filled, reports, remarks))
        else:
            form_output.print_filled(filled, words)
        form_output.print_remarks(service, remarks, words)
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
    """Return the files by role key, from ``ROLE=FILE``. Raises ``Misuse``.

    People of a role for several are numbered in the order in which they come: ``member.1``.
    """
    files: dict[str, Path] = {}
    for each in given:
        word, equals, file = each.partition("=")
        if not equals or not file:
            raise Misuse("person_format", value=echo(each))
        role = service.role(word.strip().lower())
        if role.key in files:
            raise Misuse("person_twice", role=role.key)
        several = len([at for at in files if service.role_at(at) is role])
        files[f"{role.key}.{several + 1}" if role.repeat else role.key] = Path(file)
    if not files:
        known = ", ".join(role.key for role in service.roles)
        raise Misuse("person_missing", known=known)
    return files


def _check_out(out: Path, inputs: list[Path]) -> None:
    """Refuse to write where nothing can be written, or over what is read: it would be gone."""
    check_target(out)
    if any(_is_inside(out, each) for each in inputs):
        raise Misuse("output_is_input", path=out.name)


def _is_inside(out: Path, source: Path) -> bool:
    """Whether ``out`` is ``source``, or a file in the folder that it is."""
    try:
        return out.samefile(source) or out.parent.samefile(source)
    except OSError:
        return False


def _verified(file: Path, store: TrustStore, policy: str, when: datetime | None) -> Report:
    """Return the report about ``file``. Raises ``NotVerified`` for one that is not verified."""
    report = api.verify(load_evidence(file), trust=store, policy=policy, at=when)
    if report.verdict is Verdict.VERIFIED:
        return report
    refused = NotVerified if report.verdict is Verdict.FAILED else NotProven
    raise refused("form_not_verified", source=file.name, verdict=report.verdict.value)
