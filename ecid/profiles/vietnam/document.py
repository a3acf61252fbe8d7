"""Filling a Word template: placeholders such as ``{{ mother.full_name }}``, filled by docxtpl.

The template is the office's own file, and still only data: nothing runs in it but placeholders
and conditions. A field of the form that nobody has content for stays empty; a placeholder that
the form does not have is refused, since it would stay empty for good.
"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

from ecid.errors import Misuse
from ecid.profiles.vietnam.forms import FilledForm
from ecid.storage import read_file

MAX_TEMPLATE = 16 * 1024 * 1024

#: Of all files in the template, unpacked; pictures in it are packed already.
MAX_UNPACKED = 64 * 1024 * 1024
MAX_PARTS = 2_000


class Person:
    """What placeholders reach of one person: texts by key, and nothing else."""

    def __init__(self) -> None:
        """Hold nothing yet."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}(<personal data>)"


class People:
    """Several people of one role, by number; one that nobody was named for is empty."""

    def __init__(self) -> None:
        """Hold nobody yet."""
        self._by_number: dict[int, Person] = {}

    def __getitem__(self, number: int) -> Person:
        """Return the person with ``number``, from 1."""
        return self._by_number.setdefault(number, Person())

    def __repr__(self) -> str:
        return f"{type(self).__name__}(<personal data>)"


def fill(template: Path, filled: FilledForm) -> bytes:
    """Return the document that ``template`` (.docx) becomes with the fields of ``filled``.

    Raises ``EvidenceError`` for a file that cannot be read, ``Misuse`` for one that is no
    template or too large (``template_unusable``), for a placeholder that the form does not have
    (``template_placeholder``), and without the extra ``forms`` (``forms_missing``).
    """
    data = read_file(template, MAX_TEMPLATE + 1)
    try:
        from docxtpl import DocxTemplate  # noqa: PLC0415 - optional, and asked for only here

        from ecid.profiles.vietnam.placeholders import (  # noqa: PLC0415
            Placeholders,
            UnknownPlaceholder,
        )
    except ImportError as exc:
        raise Misuse("forms_missing") from exc
    unknown = ""
    try:
        _check_size(data)
        document = DocxTemplate(io.BytesIO(data))
        allowed = Placeholders(known_names(filled), autoescape=True)
        document.render(_context(filled), allowed)
        target = io.BytesIO()
        document.save(target)
        return target.getvalue()
    except UnknownPlaceholder as exc:
        unknown = exc.name
    except Exception:  # noqa: BLE001, S110 - broken ZIP, broken XML, or what a placeholder computes
        pass
    # Outside of the handlers: the exceptions there hold what the chips said.
    if unknown:
        raise Misuse("template_placeholder", path=template.name, name=unknown)
    raise Misuse("template_unusable", path=template.name)


def known_names(filled: FilledForm) -> frozenset[str]:
    """Return the placeholders that the form has; ``#`` stands for the number of a person."""
    service = filled.service
    repeated = {role.key for role in service.roles if role.repeat}
    return frozenset(
        f"{each.person}{'.#' * (each.person in repeated)}.{each.key}" for each in service.fields
    )


def _check_size(data: bytes) -> None:
    """Raise ``ValueError`` for more than we hold; ``zipfile`` unpacks no more than is declared."""
    if len(data) > MAX_TEMPLATE:
        raise ValueError("too large")
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        parts = packed.infolist()
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
        raise ValueError("too large")


def _context(filled: FilledForm) -> dict[str, Any]:
    """Return the values by person and key; a person nobody was named for is empty."""
    roles = filled.service.roles
    context: dict[str, Any] = {role.key: People() if role.repeat else Person() for role in roles}
    for each in filled.filled:
        role, _, number = each.wanted.person.partition(".")
        person = context[role][int(number)] if number else context[role]
        setattr(person, each.wanted.key, each.value)
    return context
