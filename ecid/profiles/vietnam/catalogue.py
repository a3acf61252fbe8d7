"""The forms of the 25 essential services of Project 06, each a data file.

It says which form the service has, which people stand in it, and of each field whether it comes
from the chip, is derived (and from what), or has to be asked. A form that was not found in a
public source says so.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any

from ecid.errors import Misuse
from ecid.inspection.echo import echo


class From(StrEnum):
    """Where the content of a field comes from."""

    CHIP = "chip"
    DERIVED = "derived"
    ASK = "ask"


@dataclass(frozen=True, slots=True)
class Role:
    """A person in a form: the ``key`` of the data, names for people, other words for the key."""

    key: str
    vi: str
    en: str
    aliases: tuple[str, ...]
    sex: str | None = None
    """``male`` or ``female`` where the role is of one sex."""
    repeat: bool = False
    """Whether several people may have the role: they stand as ``member.1``, ``member.2``."""
    apart: tuple[str, ...] = ()
    """The roles that nobody has beside this one."""


@dataclass(frozen=True, slots=True)
class FormField:
    """A field of a form. ``key`` is an identity key where it comes from the chip."""

    person: str
    key: str
    vi: str
    en: str
    source: From

    @property
    def name(self) -> str:
        """The name of the field in the filled form: ``mother.full_name``."""
        return f"{self.person}.{self.key}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One service and its form. ``sourced`` is whether the form was seen in a public source."""

    number: int
    slug: str
    title_vi: str
    title_en: str
    form: str
    legal_basis: str
    sourced: bool
    roles: tuple[Role, ...]
    fields: tuple[FormField, ...]

    def role(self, word: str) -> Role:
        """Return the role called ``word``, by key or another word for it. Raises ``Misuse``."""
        for role in self.roles:
            if word in (role.key, *role.aliases):
                return role
        known = ", ".join(role.key for role in self.roles)
        raise Misuse("unknown_role", role=echo(word), known=known)

    def role_at(self, place: str) -> Role:
        """Return the role of whoever stands at ``place``: a key, or a key and a number."""
        return self.role(place.partition(".")[0])


@cache
def services() -> tuple[Service, ...]:
    """Return the 25 services in the order of their numbers."""
    folder = resources.files("ecid.profiles.vietnam").joinpath("services")
    tables = [
        tomllib.loads(each.read_text("utf-8"))
        for each in folder.iterdir()
        if each.name.endswith(".toml")
    ]
    return tuple(sorted(map(_service, tables), key=lambda service: service.number))


def service(code: str) -> Service:
    """Return the service with the number or slug ``code``. Raises ``Misuse`` if there is none."""
    wanted = code.strip().lower()
    number = wanted.lstrip("0") if wanted.isascii() and wanted.isdigit() else wanted
    for each in services():
        if number == str(each.number) or wanted == each.slug:
            return each
    raise Misuse("unknown_form", code=echo(code))


def _service(table: Mapping[str, Any]) -> Service:
    return Service(
        number=table["number"],
        slug=table["slug"],
        title_vi=table["title_vi"],
        title_en=table["title_en"],
        form=table["form"],
        legal_basis=table["legal_basis"],
        sourced=table["sourced"],
        roles=tuple(map(_role, table["person"])),
        fields=tuple(
            FormField(each["person"], each["key"], each["vi"], each["en"], From(each["from"]))
            for each in table["field"]
        ),
    )


def _role(table: Mapping[str, Any]) -> Role:
    return Role(
        key=table["role"],
        vi=table["vi"],
        en=table["en"],
        aliases=tuple(table["aliases"]),
        sex=table.get("sex"),
        repeat=table.get("repeat", False),
        apart=tuple(table.get("apart", ())),
    )
