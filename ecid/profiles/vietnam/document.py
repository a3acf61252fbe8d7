"""Filling a Word template: placeholders such as ``{{ mother.full_name }}``, filled by docxtpl.

The template is the office's own file, and still only data: it is rendered in a sandbox, and a
placeholder of a person in the form that no field has stays empty.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from ecid.errors import EvidenceError, Misuse
from ecid.profiles.vietnam.forms import FilledForm
from ecid.storage import read_file

MAX_TEMPLATE = 16 * 1024 * 1024


def fill(template: Path, filled: FilledForm) -> bytes:
    """Return the document that ``template`` (.docx) becomes with the fields of ``filled``.

    Raises ``EvidenceError`` for a file that cannot be read, ``Misuse`` for one that is no
    template (``template_unusable``) or without the extra ``forms`` (``forms_missing``).
    """
    data = read_file(template, MAX_TEMPLATE + 1)
    if len(data) > MAX_TEMPLATE:
        raise EvidenceError("evidence_too_large", path=str(template), limit=MAX_TEMPLATE)
    try:
        from docxtpl import DocxTemplate  # noqa: PLC0415 - optional, and asked for only here
        from jinja2.sandbox import ImmutableSandboxedEnvironment  # noqa: PLC0415
    except ImportError as exc:
        raise Misuse("forms_missing") from exc
    try:
        document = DocxTemplate(io.BytesIO(data))
        document.render(_context(filled), ImmutableSandboxedEnvironment(autoescape=True))
        target = io.BytesIO()
        document.save(target)
    except Exception as exc:  # broken ZIP, broken XML, or whatever a placeholder computes
        raise Misuse("template_unusable", path=template.name) from exc
    return target.getvalue()


def _context(filled: FilledForm) -> dict[str, Any]:
    """Return the values by person and key; a person nobody was named for is empty."""
    context: dict[str, Any] = {role.key: {} for role in filled.service.roles}
    for each in filled.filled:
        context[each.wanted.person][each.wanted.key] = each.value
    return context
