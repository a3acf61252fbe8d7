"""The evidence file: deterministic CBOR, closed by a digest against accidents.

A CBOR array (RFC 8949 §4.2) of the format's name, one map, and the SHA-256 of every byte before
that last item. There is no verdict inside: it is judged again each time it is opened.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from dataclasses import fields
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

import cbor2

from ecid import storage
from ecid.errors import EvidenceError, Misuse
from ecid.inspection.evidence import (
    Absence,
    AccessFacts,
    ActiveAuthenticationFacts,
    ChipAnswer,
    ChipAuthenticationFacts,
    Evidence,
    MappingFacts,
    Origin,
    TerminalFacts,
    Timing,
)
from ecid.lds.files import by_name

FORMAT = "ecid-evidence/1"
MAX_BYTES = 2 * 1024 * 1024

_HEAD = cbor2.dumps([FORMAT, None, None])[: 1 + 1 + len(FORMAT)]
_DIGEST_ITEM = 2 + 32  # 58 20, then the bytes
_MAX_DEPTH = 6
_MAX_ITEMS = 500
_TAG, _STRINGS, _SHORT_HEADS, _LONGEST_HEAD = 6, (2, 3), 24, 27
_MAX_INTEGER = 2**53 - 1  # what every reader of the JSON report can hold

_PARTS = {
    "access": AccessFacts,
    "chip_authentication": ChipAuthenticationFacts,
    "active_authentication": ActiveAuthenticationFacts,
    "mapping": MappingFacts,
    "terminal": TerminalFacts,
    "timing": Timing,
}
_TEXTS = ("source", "profile", "presented_mrz", "presented_qr", "presented_form")

#: Codes are printed for people: nothing that a terminal would obey.
_CODE = re.compile("[a-z0-9_]{1,64}")

T = TypeVar("T")


def dump(evidence: Evidence) -> bytes:
    """Return the bytes of the file: the same evidence gives the same bytes."""
    body = cbor2.dumps([FORMAT, _to_map(evidence), bytes(32)], canonical=True)
    return body[:-32] + sha256(body[:-_DIGEST_ITEM]).digest()


def save(evidence: Evidence, path: Path) -> None:
    """Write ``evidence`` to ``path`` in one step. Raises ``OutputError``."""
    storage.write_file(path, dump(evidence))


def load(path: Path) -> Evidence:
    """Return the evidence in the file ``path``, always as ``RECORDED``.

    Raises ``EvidenceError``: unreadable, too large, digest wrong, or not this format.
    """
    return parse(storage.read_file(path, MAX_BYTES + 1), str(path))


def parse(data: bytes, source: str) -> Evidence:
    """Return the evidence that ``data`` is; ``source`` names it in errors and in the report."""
    if len(data) > MAX_BYTES:
        raise EvidenceError("evidence_too_large", path=source, limit=MAX_BYTES)
    if not data.startswith(_HEAD):
        raise EvidenceError("evidence_other", path=source)
    if not hmac.compare_digest(sha256(data[:-_DIGEST_ITEM]).digest(), data[-32:]):
        raise EvidenceError("evidence_damaged", path=source)
    try:
        return _from_items(_decode(data), data[-32:], source)
    except _Malformed as exc:
        raise EvidenceError("evidence_malformed", path=source, rule=str(exc)) from None


class _Malformed(Exception):
    """The decoded items are not those of an evidence file; the text names the rule."""


def _scan(data: bytes) -> None:
    """Walk over the heads of all items once, before anything is built of them (RFC 8949 §3).

    Tags ask a decoder to compute and containers cost a hundred times their bytes in memory; an
    evidence file has no tags and about a hundred items.
    """
    at = items = 0
    while at < len(data):
        major, info = data[at] >> 5, data[at] & 0x1F
        at, items = at + 1, items + 1
        if major == _TAG or info > _LONGEST_HEAD or items > _MAX_ITEMS:
            raise _Malformed("not_evidence")
        size = 1 << info - _SHORT_HEADS if info >= _SHORT_HEADS else 0
        argument = int.from_bytes(data[at : at + size], "big") if size else info
        at += size + (argument if major in _STRINGS else 0)


def _decode(data: bytes) -> object:
    _scan(data)
    try:
        items = cbor2.loads(
            data,
            max_depth=_MAX_DEPTH,
            allow_indefinite=False,
            allow_duplicate_keys=False,
            strict_hashable_types=True,
        )
        again = cbor2.dumps(items, canonical=True)
    except (cbor2.CBORError, ValueError, TypeError, RecursionError, OverflowError) as exc:
        raise _Malformed("not_cbor") from exc
    if again != data:
        raise _Malformed("not_deterministic")
    return items


def _to_map(evidence: Evidence) -> dict[str, object]:
    found: dict[str, object] = {
        "files": dict(evidence.files),
        "missing": {name: absence.value for name, absence in evidence.missing.items()},
    }
    for name in _TEXTS:
        value: str | None = getattr(evidence, name)
        # A path may hold bytes that are no text.
        found[name] = value and value.encode("utf-8", "backslashreplace").decode("utf-8")
    for name in _PARTS:
        part = getattr(evidence, name)
        found[name] = None if part is None else _part_to_map(part)
    return found


def _part_to_map(part: object) -> dict[str, object]:
    values = {f.name: getattr(part, f.name) for f in fields(part)}  # type: ignore[arg-type]
    return {name: str(v) if isinstance(v, ChipAnswer) else v for name, v in values.items()}


def _from_items(items: object, digest: bytes, source: str) -> Evidence:
    # The last item is the digest and nothing round it: what it could hold, nobody would check.
    if not (isinstance(items, list) and len(items) == 3 and items[0] == FORMAT):
        raise _Malformed("format")
    if items[2] != digest:
        raise _Malformed("digest")
    found = _map(items[1], "map")
    if set(found) != {"files", "missing", *_TEXTS, *_PARTS}:
        raise _Malformed("keys")
    _optional_text(found["source"], "source")
    return Evidence(
        origin=Origin.RECORDED,
        source=source,
        files=_files(found["files"]),
        missing=_missing(found["missing"]),
        profile=_optional_text(found["profile"], "profile"),
        presented_mrz=_optional_text(found["presented_mrz"], "presented_mrz"),
        presented_qr=_optional_text(found["presented_qr"], "presented_qr"),
        presented_form=_optional_text(found["presented_form"], "presented_form"),
        access=_part(AccessFacts, found["access"]),
        chip_authentication=_part(ChipAuthenticationFacts, found["chip_authentication"]),
        active_authentication=_part(ActiveAuthenticationFacts, found["active_authentication"]),
        mapping=_part(MappingFacts, found["mapping"]),
        terminal=_part(TerminalFacts, found["terminal"]),
        timing=_part(Timing, found["timing"]),
    )


def _files(value: object) -> Mapping[str, bytes]:
    files: dict[str, bytes] = {}
    for name, content in _map(value, "files").items():
        # One byte past the limit is how a folder's oversize file is kept, to be judged so.
        if not isinstance(content, bytes) or len(content) > _limit(name) + 1:
            raise _Malformed("files")
        files[name] = content
    return files


def _missing(value: object) -> Mapping[str, Absence]:
    missing: dict[str, Absence] = {}
    for name, absence in _map(value, "missing").items():
        _limit(name)
        try:
            missing[name] = Absence(str(absence))
        except ValueError:
            raise _Malformed("missing") from None
    return missing


def _limit(name: str) -> int:
    try:
        return by_name(name).max_bytes
    except Misuse:
        raise _Malformed("file_name") from None


def _part(kind: type[T], value: object) -> T | None:
    """Return the dataclass ``kind`` made of ``value``, every field of its declared type."""
    if value is None:
        return None
    found = _map(value, kind.__name__)
    types: dict[str, str] = {f.name: str(f.type) for f in fields(kind)}  # type: ignore[arg-type]
    if set(found) != set(types):
        raise _Malformed(kind.__name__)
    return kind(**{name: _typed(found[name], types[name]) for name in types})


def _typed(value: object, declared: str) -> object:
    """Return ``value`` if it is of the type ``declared`` (as written in the source)."""
    if declared == "ChipAnswer":
        try:
            return ChipAnswer(str(value))
        except ValueError:
            raise _Malformed("ChipAnswer") from None
    if declared.endswith(" | None") and value is None:
        return None
    if declared == "tuple[str, ...]":
        return _codes(value)
    wanted = {"str": str, "int": int, "bytes": bytes, "bool": bool}[
        declared.split(" ", maxsplit=1)[0]
    ]
    if type(value) is not wanted or (isinstance(value, int) and not 0 <= value <= _MAX_INTEGER):
        raise _Malformed(declared)
    return value


def _codes(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise _Malformed("codes")
    if not all(isinstance(each, str) and _CODE.fullmatch(each) for each in value):
        raise _Malformed("codes")
    return tuple(value)


def _map(value: object, rule: str) -> dict[str, object]:
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        raise _Malformed(rule)
    return value


def _optional_text(value: object, rule: str) -> str | None:
    if value is not None and not isinstance(value, str):
        raise _Malformed(rule)
    return value
