"""What ``ecid form`` prints: a form and its fields, for people and as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ecid.cli.words import Words, visible
from ecid.inspection.report import Report
from ecid.profiles.vietnam import forms
from ecid.profiles.vietnam.forms import FilledForm, FormField, Oddity, Remark, Role, Service

SCHEMA = "ecid-form/1"
_REMARKS = {
    Oddity.DOCUMENT_EXPIRED: "cli.form.remark.document_expired",
    Oddity.SAME_PERSON: "cli.form.remark.same_person",
    Oddity.UNLIKE_SEX: "cli.form.remark.unlike_sex",
}


def filled_to_dict(
    filled: FilledForm, reports: Mapping[str, Report], remarks: Sequence[Remark]
) -> dict[str, object]:
    """Return the filled form as JSON has it; ``expired`` are the places of expired cards."""
    expired = [at for r in remarks if r.oddity is Oddity.DOCUMENT_EXPIRED for at in r.places]
    return {
        "schema": SCHEMA,
        **service_to_dict(filled.service),
        "checked_live": False,
        "emulated": any(report.emulated for report in reports.values()),
        "expired": expired,
        "findings": [{"code": r.oddity.value, "persons": list(r.places)} for r in remarks],
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
        "open": [field_to_dict(each) for each in filled.open],
    }


def service_to_dict(service: Service) -> dict[str, object]:
    """Return a service without its fields."""
    return {
        "number": service.number,
        "slug": service.slug,
        "title_vi": service.title_vi,
        "title_en": service.title_en,
        "form": service.form,
        "legal_basis": service.legal_basis or None,
        "sourced": service.sourced,
        "persons": [_role_to_dict(role) for role in service.roles],
    }


def _role_to_dict(role: Role) -> dict[str, object]:
    return {
        "role": role.key,
        "vi": role.vi,
        "en": role.en,
        "aliases": list(role.aliases),
        "sex": role.sex,
        "repeat": role.repeat,
    }


def field_to_dict(field: FormField) -> dict[str, object]:
    """Return a field of a form, and where its content is expected."""
    return {
        "name": field.name,
        "person": field.person,
        "label_vi": field.vi,
        "label_en": field.en,
        "from": field.source.value,
        "chip": forms.PLACES.get(field.key),
    }


def title(service: Service, words: Words) -> str:
    """Return what the service is called."""
    return service.title_vi if words.language == "vi" else service.title_en


def _label(field: FormField, words: Words) -> str:
    return field.vi if words.language == "vi" else field.en


def person(service: Service, at: str, words: Words) -> str:
    """Return who stands at a place of the form: ``mother``, ``member of household 2``."""
    role, number = service.role_at(at), at.partition(".")[2]
    return " ".join(filter(None, (role.vi if words.language == "vi" else role.en, number)))


def print_service(service: Service, words: Words) -> None:
    """Print the page of a form."""
    console = Console(highlight=False, soft_wrap=False)
    console.print(Text(f"{service.number}. {title(service, words)}", style="bold"))
    console.print(Text(" · ".join(filter(None, (service.form, service.legal_basis)))))
    if not service.sourced:
        console.print(Text(words("cli.form.unsourced"), style="yellow"))
    table = Table(show_edge=False, pad_edge=False)
    for column in ("person", "field", "from"):
        table.add_column(words(f"cli.form.column.{column}"), overflow="fold")
    for each in service.fields:
        place = forms.PLACES.get(each.key, "")
        where = words(f"cli.form.from.{each.source.value}", place=place)
        table.add_row(person(service, each.person, words), _label(each, words), where)
    console.print(table)


def print_filled(filled: FilledForm, words: Words) -> None:
    """Print label and value with a tab between them, as a spreadsheet or an e-form takes it."""
    for each in filled.filled:
        who = person(filled.service, each.wanted.person, words)
        click.echo(f"{who}: {_label(each.wanted, words)}\t{visible(each.value)}")
    for field in filled.open:
        who = person(filled.service, field.person, words)
        click.echo(f"{who}: {_label(field, words)}\t", nl=True)


def print_remarks(service: Service, remarks: Sequence[Remark], words: Words) -> None:
    """Say on standard error what is odd, one line each."""
    for each in remarks:
        who = ", ".join(person(service, at, words) for at in each.places)
        click.echo(words(_REMARKS[each.oddity], persons=who), err=True)
