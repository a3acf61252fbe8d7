"""A store as files that any other tool reads, and that make the same store again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from ecid.errors import EvidenceError, OutputError
from ecid.storage import read_file, shown, write_folder
from ecid.trust.entries import Entry, ListEntry, ListKind
from ecid.trust.intake import manifest, pem
from ecid.trust.store import TrustStore

SIGNERS = "signers.pem"
"""All document signers in one file: there are thirty thousand in the world."""

_SUFFIXES = {ListKind.MASTER_LIST: "ml", ListKind.REVOCATION_LIST: "crl"}

#: Only such files are ever removed again, if they are still what was written.
_OURS = re.compile(r"[A-Z]{2,3}_[0-9A-F_a-f-]{16,40}\.(cer|ml|crl|dvl)|" + re.escape(SIGNERS))


def export(store: TrustStore, folder: Path) -> tuple[str, ...]:
    """Write everything in ``store`` into ``folder`` and return the names of the files.

    What an earlier export left there and the store has no more is removed. Raises ``StoreError``
    (``store_damaged``) and ``OutputError``.
    """
    contents = {_file_name(each): store.shelf.take(each.fingerprint) for each in store.entries}
    contents |= {_list_name(each): store.shelf.take(each.fingerprint) for each in store.lists}
    signers = store.signers.entries()
    if signers:
        taken = (store.shelf.take(each.fingerprint) for each in signers)
        contents[SIGNERS] = b"".join(map(pem.block, taken))
    before = _earlier(folder)
    digests = {name: sha256(data).hexdigest() for name, data in contents.items()}
    write_folder(folder, contents | {manifest.NAME: manifest.dump(store, digests)})
    _remove(folder, {name: digest for name, digest in before.items() if name not in contents})
    return tuple(sorted(contents))


def _earlier(folder: Path) -> Mapping[str, str]:
    try:
        found = manifest.load(read_file(folder / manifest.NAME, manifest.MAX_BYTES))
    except EvidenceError:
        return {}
    return {} if found is None else found.files


def _remove(folder: Path, files: Mapping[str, str]) -> None:
    for name, digest in files.items():
        path = folder / name
        if not _OURS.fullmatch(name):
            continue
        try:
            if sha256(read_file(path, manifest.MAX_BYTES)).hexdigest() == digest:
                path.unlink()
        except EvidenceError:
            continue  # it is gone, or nothing of ours
        except OSError as exc:
            raise OutputError(path=shown(path), cause=exc.strerror or "") from exc


def _file_name(entry: Entry) -> str:
    """Return a name that any file system takes, and that no two certificates share."""
    serial = re.sub("[^0-9A-F-]", "", entry.serial)[-16:]
    return f"{_country(entry.country)}_{serial}_{entry.fingerprint.hex()[:16]}.cer"


def _list_name(each: ListEntry) -> str:
    suffix = _SUFFIXES.get(each.kind, "dvl")
    return f"{_country(each.country)}_{each.fingerprint.hex()[:16]}.{suffix}"


def _country(named: str | None) -> str:
    """Return a country as part of a file name: what is no code may be a path."""
    return named if named is not None and re.fullmatch("[A-Z]{2,3}", named, re.ASCII) else "XX"
