"""A folder of card-verifiable certificates, as an operator gets them: ``--ta-chain DIR``."""

from __future__ import annotations

from pathlib import Path

from ecid.errors import EvidenceError, MalformedData, StoreError, UnsupportedData
from ecid.lds.cvc import MAX_CERTIFICATE, parse_cvc
from ecid.lds.cvc_types import CardVerifiableCertificate
from ecid.storage import read_file

MAX_FILES = 64
"""Most certificates of one folder; the search for a chain tries every pair of them."""

_OURS = {".cvcert", ".cvc", ".cv"}
_MAYBE = ".der"
_TAG = b"\x7f\x21"


def read_cv_certificates(folder: Path) -> tuple[CardVerifiableCertificate, ...]:
    """Return every certificate in ``folder``, by name, each one once.

    Files are taken by their ending: ``.cvcert``, ``.cvc``, ``.cv``, and ``.der`` if they start
    like a certificate, since keys are called so as well. Raises ``StoreError``:
    ``ta_chain_unreadable`` (``path``, ``rule``), ``ta_chain_too_large``.
    """
    try:
        files = sorted(p for p in folder.iterdir() if p.suffix.lower() in {*_OURS, _MAYBE})
    except (OSError, ValueError) as exc:
        raise StoreError("ta_chain_unreadable", path=str(folder)[:200], rule="no_folder") from exc
    if len(files) > MAX_FILES:
        raise StoreError("ta_chain_too_large", limit=MAX_FILES)
    found: dict[bytes, CardVerifiableCertificate] = {}
    for file in files:
        data = _read(file)
        if file.suffix.lower() == _MAYBE and not data.startswith(_TAG):
            continue
        certificate = _parse(file, data)
        found.setdefault(certificate.raw, certificate)
    return tuple(found.values())


def _read(file: Path) -> bytes:
    try:
        return read_file(file, MAX_CERTIFICATE + 1)
    except (OSError, EvidenceError) as exc:
        raise StoreError("ta_chain_unreadable", path=str(file), rule="unreadable") from exc


def _parse(file: Path, data: bytes) -> CardVerifiableCertificate:
    try:
        return parse_cvc(data)
    except MalformedData as exc:
        raise StoreError("ta_chain_unreadable", path=str(file), rule=exc.rule) from exc
    except UnsupportedData as exc:
        raise StoreError("ta_chain_unreadable", path=str(file), rule=exc.what) from exc
