"""Personal data and keys, and every place where they must not turn up.

A canary is looked for in several spellings: as it is, in hexadecimal, in base64 at each of the
three offsets, backwards, in UTF-16, and the way ``repr`` writes bytes.
"""

from __future__ import annotations

import base64
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ecid.emulator.issued import IssuedCard
from ecid.inspection.checks import Verdict
from ecid.inspection.report import Report
from ecid.mrz.mrz import parse

SHORTEST = 6
"""Fewer bytes than these are met by chance."""

_SLICE = 24


@dataclass(frozen=True, slots=True)
class Traces:
    """Everything that one attempt has left behind."""

    logs: str = field(repr=False)
    output: str = field(repr=False)
    errors: str = field(repr=False)
    error: BaseException | None = field(repr=False)
    report: Report | None = field(repr=False)
    temporary: Path


Sink = Callable[[Traces], Iterable[bytes | str]]


def _exception(traces: Traces) -> Iterator[str]:
    """Yield the words of an exception, of those behind it, and what they carry."""
    if traces.error is not None:
        yield from traceback.format_exception(traces.error)
    error, seen = traces.error, set[int]()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield from (repr(error), repr(error.args), repr(vars(error)))
        error = error.__cause__ or error.__context__


def _report(traces: Traces) -> Iterator[str]:
    """Yield what a report says of itself; its identity belongs in it once it is verified."""
    if traces.report is not None:
        yield from (repr(traces.report), str(traces.report), repr(traces.report.unverified))
        yield repr([check.to_dict() for check in traces.report.checks])
        if traces.report.verdict is not Verdict.VERIFIED:
            yield traces.report.to_json()


def _evidence(traces: Traces) -> Iterator[str]:
    if traces.report is not None:
        yield from (repr(traces.report.evidence), str(traces.report.evidence))


def _temporary(traces: Traces) -> Iterator[bytes | str]:
    for path in sorted(traces.temporary.rglob("*")):
        yield path.name
        if path.is_file():
            yield path.read_bytes()


SINKS: dict[str, Sink] = {
    "logs": lambda traces: [traces.logs],
    "standard output": lambda traces: [traces.output],
    "standard error": lambda traces: [traces.errors],
    "exception": _exception,
    "report": _report,
    "evidence": _evidence,
    "temporary files": _temporary,
}
"""Where canaries are looked for, by name. What writes somewhere new adds its sink here."""


def canaries(holder: IssuedCard, session_keys: Iterable[bytes] = ()) -> Mapping[str, bytes]:
    """Return what may not leak of the ``holder`` of a valid card, by name."""
    secrets = holder.secrets
    found = {
        "mrz": secrets.mrz,
        "can": secrets.can,
        "document number": secrets.document_number,
        "qr": secrets.qr,
        **_printed(secrets.mrz, secrets.qr),
        **_dates("birth date", secrets.birth_date, "19"),
        **_dates("expiry date", secrets.expiry_date, "20"),
    }
    values = {name: text.encode() for name, text in found.items()}
    values |= {f"session key {n}": key for n, key in enumerate(session_keys)}
    values |= _portrait(holder.files.get("DG2", b""))
    return {name: value for name, value in values.items() if len(value) >= SHORTEST}


def spellings(value: bytes) -> Mapping[str, bytes]:
    """Return ``value`` in every spelling that is looked for."""
    text = _text(value)
    shifted = (base64.b64encode(bytes(n) + value) for n in range(3))
    # The characters at both ends also hold bits of the neighbours.
    inner = [c[-(-n * 8 // 6) : (n + len(value)) * 8 // 6] for n, c in enumerate(shifted)]
    return {
        "raw": value,
        "hex": value.hex().encode(),
        "HEX": value.hex().upper().encode(),
        **{f"base64+{n}": code for n, code in enumerate(inner)},
        "reversed": value[::-1],
        "UTF-16LE": text.encode("utf-16-le"),
        "UTF-16BE": text.encode("utf-16-be"),
        "repr": repr(value)[2:-1].encode(),
        "escaped": ascii(text)[1:-1].encode(),
    }


def leaks(
    traces: Traces, hidden: Mapping[str, bytes], sinks: Mapping[str, Sink] | None = None
) -> Iterator[str]:
    """Yield, for each canary found in a sink, its name, its spelling and the sink.

    The canary itself is not repeated, so that the finding can be printed.
    """
    for name, sink in (SINKS if sinks is None else sinks).items():
        content = b"\n".join(map(_bytes, sink(traces)))
        for canary, value in hidden.items():
            for spelling, needle in spellings(value).items():
                if needle in content:
                    yield f"{canary} ({spelling}) in {name}"


def _printed(mrz: str, qr: str) -> Mapping[str, str]:
    zone = parse(mrz)
    parts = dict(enumerate(qr.split("|")))
    return {
        "surname": zone.surname,
        "given names": zone.given_names,
        "personal number": parts.get(0, ""),
        "old number": parts.get(1, ""),
        "full name": parts.get(2, ""),
        "residence": parts.get(5, ""),
    }


def _dates(name: str, yymmdd: str, century: str) -> Mapping[str, str]:
    if len(yymmdd) != len("YYMMDD"):
        return {}
    year, month, day = century + yymmdd[:2], yymmdd[2:4], yymmdd[4:]
    spelt = (yymmdd, f"{year}-{month}-{day}", f"{day}/{month}/{year}", f"{day}{month}{year}")
    return {f"{name} {number}": date for number, date in enumerate(spelt)}


def _portrait(dg2: bytes) -> Mapping[str, bytes]:
    """Return slices of the picture, from places where they are more than padding."""
    places = (len(dg2) // 8, len(dg2) // 4, len(dg2) // 3)
    slices = {f"portrait at {at}": dg2[at : at + _SLICE] for at in places}
    return {name: part for name, part in slices.items() if len(set(part)) > SHORTEST}


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


def _bytes(content: bytes | str) -> bytes:
    return content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass")
