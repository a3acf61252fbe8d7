"""Filling a Word template: placeholders such as ``{{ mother.full_name }}``, filled by docxtpl.

The template is the office's own file, and still only data: nothing runs in it but placeholders
and conditions, and a placeholder of a person in the form that no field has stays empty.
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


def fill(template: Path, filled: FilledForm) -> bytes:
    """Return the document that ``template`` (.docx) becomes with the fields of ``filled``.

    Raises ``EvidenceError`` for a file that cannot be read, ``Misuse`` for one that is no
    template or too large (``template_unusable``) and without the extra ``forms``
    (``forms_missing``).
    """
    data = read_file(template, MAX_TEMPLATE + 1)
    try:
        from docxtpl import DocxTemplate  # noqa: PLC0415 - optional, and asked for only here

        from ecid.profiles.vietnam.placeholders import Placeholders  # noqa: PLC0415
    except ImportError as exc:
        raise Misuse("forms_missing") from exc
    try:
        _check_size(data)
        document = DocxTemplate(io.BytesIO(data))
        document.render(_context(filled), Placeholders(autoescape=True))
        target = io.BytesIO()
        document.save(target)
    except Exception as exc:  # broken ZIP, broken XML, or whatever a placeholder computes
        raise Misuse("template_unusable", path=template.name) from exc
    return target.getvalue()


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
    context: dict[str, Any] = {role.key: {} for role in filled.service.roles}
    for each in filled.filled:
        context[each.wanted.person][each.wanted.key] = each.value
    return context
