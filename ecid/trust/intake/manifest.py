"""What an exported store says of its files: on whose word each certificate was in it.

A manifest is the word of whoever exported the folder. It never adds trust: a certificate that
only lists vouched for is let in by its lists again, and without a manifest each would be by hand.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ecid.trust import store_codec
from ecid.trust.entries import Entry, Kind, Provenance
from ecid.trust.intake.contents import Found, FoundCertificate
from ecid.trust.store import TrustStore

NAME = "manifest.json"
SCHEMA = "ecid-export/1"

#: As large as a file may be; that of the whole PKD has some ten megabytes.
MAX_BYTES = 256 * 1024 * 1024

_NON_CONFORMANT = "non_conformant"

#: What a broken manifest does to its reader.
_WRONG = (ValueError, TypeError, LookupError, AttributeError, RecursionError)


@dataclass(frozen=True, slots=True)
class Manifest:
    """Provenances and flags by fingerprint in hex; SHA-256 in hex of every file by name."""

    certificates: Mapping[str, tuple[tuple[Provenance, ...], bool]] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)

    def claimed(self, found: Found) -> Found:
        """Return ``found`` with what the manifest says of it; what is in directories stays so."""
        if not isinstance(found, FoundCertificate) or found.kind is Kind.DIRECTORY:
            return found
        claims, flag = self.certificates.get(found.certificate.fingerprint, ((), False))
        return replace(found, claims=claims, non_conformant=found.non_conformant or flag)


def dump(store: TrustStore, files: Mapping[str, str]) -> bytes:
    """Return the manifest of ``store``, which was exported as ``files``."""
    entries = (*store.entries, *store.signers.entries())
    found = {
        "schema": SCHEMA,
        "digest": store.digest,
        "files": dict(sorted(files.items())),
        "certificates": {each.fingerprint.hex(): _row(each) for each in entries},
    }
    return json.dumps(found, ensure_ascii=False, indent=1).encode() + b"\n"


def load(data: bytes) -> Manifest | None:
    """Return the manifest that ``data`` is, or None: it is none of ours."""
    try:
        found = json.loads(data)
        if found["schema"] != SCHEMA:
            return None
        certificates = {name: _claims(row) for name, row in found["certificates"].items()}
        files = dict(found["files"])
        store_codec.texts(list(files.values()))
    except _WRONG:
        return None
    return Manifest(certificates, files)


def _row(entry: Entry) -> dict[str, object]:
    provenance = [[each.kind.value, each.source, each.list_digest] for each in entry.provenances]
    flags = [_NON_CONFORMANT] if _NON_CONFORMANT in entry.deviations else []
    return {"provenance": provenance, "flags": flags}


def _claims(row: Mapping[str, Any]) -> tuple[tuple[Provenance, ...], bool]:
    provenances = (store_codec.texts(each) for each in row["provenance"])
    found = tuple(Provenance(Kind(kind), source, lists) for kind, source, lists in provenances)
    return found, _NON_CONFORMANT in row["flags"]
