"""Judging what was presented beside the chip: the printed zone, the QR code, a typed form.

Each is compared with the chip and every difference is named by its field, never by its value.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date
from typing import Final

from ecid.errors import EcidError, Misuse
from ecid.inspection.echo import echo
from ecid.inspection.evidence import Evidence, Origin
from ecid.inspection.folding import NO_EXPIRY, folded
from ecid.inspection.identity import Identity
from ecid.inspection.profile import Contents, Profile
from ecid.mrz.mrz import Mrz
from ecid.mrz.mrz import parse as parse_mrz
from ecid.outcome import Finding, Outcome, Reason, failed, not_supported, undetermined

FORM_FIELDS: Final = frozenset(
    name for name in Identity.__dataclass_fields__ if name not in {"no_expiry", "extra", "portrait"}
)
"""The identity keys that a typed form may carry."""


def check_mrz(evidence: Evidence, mrz: Mrz | None, profile: Profile) -> Finding:
    """Judge ``match.mrz``: the zone that was presented against DG1, exactly (TR-03135-1 §5.7.2)."""
    if mrz is not None and mrz.wrong_check_digits:
        return failed(Reason.MRZ_CHECK_DIGIT, fields=", ".join(mrz.wrong_check_digits))
    if evidence.presented_mrz is None:
        return not_supported(Reason.NOTHING_TO_COMPARE)
    if mrz is None:
        return undetermined(Reason.NOT_SUPPLIED)
    try:
        presented = parse_mrz(evidence.presented_mrz)
    except EcidError:
        return failed(Reason.MRZ_MISMATCH)
    different = _different_fields(presented, mrz)
    only_optional = all(name.startswith("optional_data") for name in different)
    if different and only_optional and not profile.optional_data_identifies:
        return undetermined(Reason.MRZ_OPTIONAL_DATA)
    if different or presented.lines != mrz.lines:
        return failed(Reason.MRZ_MISMATCH, fields=", ".join(different))
    return _agrees(evidence)


def check_qr(evidence: Evidence, contents: Contents | None, profile: Profile, at: date) -> Finding:
    """Judge ``match.qr``: the QR text that was presented, by the rules of the ``profile``."""
    if evidence.presented_qr is None or profile.match_qr is None:
        return not_supported(Reason.NOTHING_TO_COMPARE)
    if contents is None:
        return undetermined(Reason.NOT_SUPPLIED)
    found = profile.match_qr(evidence.presented_qr, contents, at)
    return _agrees(evidence, found.detail) if found.ok else found


def check_form(evidence: Evidence, identity: Callable[[], Identity | None]) -> Finding:
    """Judge ``match.form``: what somebody typed against the identity on the chip.

    Texts are compared as ``folding`` has it. A field that was left empty agrees with a chip that
    has nothing there; one that was filled in and that the chip does not have is different.
    """
    if evidence.presented_form is None:
        return not_supported(Reason.NOT_REQUESTED)
    try:
        form = parse_form(evidence.presented_form)
    except Misuse:
        return undetermined(Reason.MALFORMED)
    chip = identity()
    if chip is None:
        return undetermined(Reason.NOT_SUPPLIED)
    different = [name for name, typed in form.items() if not _same(name, typed, chip)]
    if different:
        return failed(Reason.FORM_MISMATCH, fields=", ".join(different))
    return _agrees(evidence)


def parse_form(text: str) -> Mapping[str, str]:
    """Return the fields of a typed form: a JSON object of identity keys and texts.

    A null says nothing about its field and is left out. Raises ``Misuse`` with ``form_format``
    for anything else, an empty form, a key that stands there twice, or one that no identity has.
    """
    found = _read_json(text)
    if not isinstance(found, dict):
        raise Misuse("form_format", field="JSON")
    for name, value in found.items():
        if name not in FORM_FIELDS:
            raise Misuse("form_field", field=echo(name), known=", ".join(sorted(FORM_FIELDS)))
        if not isinstance(value, str | None):
            raise Misuse("form_format", field=name)
    form = {name: value for name, value in found.items() if value is not None}
    if not form:
        raise Misuse("form_format", field="JSON")
    return form


def _read_json(text: str) -> object:
    """Return what ``text`` says. Of two equal keys one would go unseen, so they are refused."""
    try:
        return json.loads(text, object_pairs_hook=_unique)
    except (ValueError, RecursionError):
        pass
    # Outside of the handler: the exception there holds what was typed.
    raise Misuse("form_format", field="JSON")


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key twice")
    return found


def _agrees(evidence: Evidence, detail: Mapping[str, str | int | bool] | None = None) -> Finding:
    """Return the success of a comparison, which only the one who was presented with it can say.

    Whoever has the files of a chip can write into evidence what agrees with them.
    """
    if evidence.origin is Origin.LIVE:
        return Finding(Outcome.SUCCESSFUL, None, detail or {})
    return undetermined(Reason.RECORDED, **(detail or {}))


def _same(name: str, typed: str, chip: Identity) -> bool:
    permanent = name == "expiry_date" and chip.no_expiry
    return folded(name, typed) == folded(name, NO_EXPIRY if permanent else getattr(chip, name))


def _different_fields(one: Mrz, other: Mrz) -> list[str]:
    names = (
        "format",
        "document_code",
        "issuing_state",
        "document_number",
        "birth_date",
        "sex",
        "expiry_date",
        "nationality",
        "surname",
        "given_names",
        "optional_data_1",
        "optional_data_2",
    )
    return [name for name in names if getattr(one, name) != getattr(other, name)]
