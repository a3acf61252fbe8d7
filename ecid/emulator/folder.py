"""A folder of raw files taken for a card: ours, or what another tool has written."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ecid.emulator import terminal_pki
from ecid.emulator.behaviour import PROFILES
from ecid.emulator.behaviour_settings import adjusted
from ecid.emulator.issued import (
    AA_KEY_FILE,
    CA_KEY_FILE,
    CardSecrets,
    ChipKeys,
    IssuedCard,
    ca_key_file,
)
from ecid.emulator.keys import AgreementSecret, DhSecret, RsaSecret, Secret
from ecid.emulator.pkcs8 import from_pkcs8
from ecid.encoding.tlv import parse_one
from ecid.errors import EcidError, EvidenceError, MalformedData
from ecid.lds.files import recognise

MAX_FILE = 1 << 20
"""Larger files are not those of a chip."""


def load(folder: Path | str) -> IssuedCard:
    """Return the card that ``folder`` holds, ours or one that another tool has written.

    Without ``card.json`` the chip behaves as the standard says; without ``secrets.json`` its
    secrets are taken from DG1; without a private key it cannot run that protocol. Raises
    ``EvidenceError`` for a folder or file that cannot be read, or a folder without chip files.
    """
    folder = Path(folder)
    try:
        present = {path.name: path for path in sorted(folder.iterdir()) if path.is_file()}
        files = dict(_chip_files(present))
        extra = {name: _read(present[name]) for name in _EXTRAS if name in present}
        if not files:
            raise EvidenceError("evidence_no_files", path=str(folder))
        return _card(folder.name, files, extra)
    except OSError as exc:
        raise EvidenceError(path=str(folder), cause=exc.strerror or "") from exc
    except _Unusable as exc:
        raise EvidenceError("card_folder_unusable", path=str(folder), file=str(exc)) from exc


_EXTRAS = (
    "csca.der",
    "secrets.json",
    "card.json",
    AA_KEY_FILE,
    CA_KEY_FILE,
    *(ca_key_file(key_id) for key_id in range(256)),
    *terminal_pki.FILES,
)


def _chip_files(present: dict[str, Path]) -> Iterator[tuple[str, bytes]]:
    for name, path in present.items():
        known = recognise(name)
        if known is not None:
            yield known.name, _read(path)


class _Unusable(Exception):
    """A file beside those of the chip is not what it should be; the text is its name."""


def _read(path: Path) -> bytes:
    if path.stat().st_size > MAX_FILE:
        raise _Unusable(path.name)
    return path.read_bytes()


def _card(name: str, files: dict[str, bytes], extra: dict[str, bytes]) -> IssuedCard:
    settings = _object(extra, "card.json")
    profile, seed = settings.get("profile", "standard"), settings.get("seed", 0)
    behaviour, country = settings.get("behaviour", {}), settings.get("country", "VN")
    if profile not in PROFILES or not isinstance(seed, int) or not isinstance(behaviour, dict):
        raise _Unusable("card.json")
    if not isinstance(country, str) or not re.fullmatch("[A-Z]{2}", country):
        raise _Unusable("card.json")
    try:
        adjusted(profile, behaviour)
        terminal = terminal_pki.TerminalPki.from_files(extra)
    except MalformedData as exc:
        raise _Unusable("card.json" if exc.where == "definition" else exc.where) from exc
    return IssuedCard(
        name=name,
        files=files,
        secrets=_secrets(files, extra),
        chip_keys=_keys(extra),
        csca=extra.get("csca.der", b""),
        profile=profile,
        seed=seed,
        settings=behaviour,
        country=country,
        terminal=terminal,
    )


def _secrets(files: dict[str, bytes], extra: dict[str, bytes]) -> CardSecrets:
    if "secrets.json" in extra:
        found = _object(extra, "secrets.json")
        try:
            return CardSecrets(**{key: str(value) for key, value in found.items()})
        except TypeError as exc:
            raise _Unusable("secrets.json") from exc
    try:
        zone = parse_one(files.get("DG1", b""), 0x61, "DG1").cursor().read(0x5F1F).value
        return CardSecrets.from_mrz(zone.decode("ascii"))
    except (EcidError, UnicodeDecodeError):
        return CardSecrets()  # nobody can open this chip, and that is worth emulating, too


def _object(extra: dict[str, bytes], name: str) -> dict[str, Any]:
    """Return the JSON object in the file ``name``, an empty one where there is no such file."""
    try:
        found = json.loads(extra.get(name, b"{}"))
    except (ValueError, RecursionError) as exc:
        raise _Unusable(name) from exc
    if not isinstance(found, dict):
        raise _Unusable(name)
    return found


def _keys(extra: dict[str, bytes]) -> ChipKeys:
    aa = _key(extra, AA_KEY_FILE)
    if isinstance(aa, DhSecret):
        raise _Unusable(AA_KEY_FILE)
    by_id = {n: _agreement(extra, ca_key_file(n)) for n in range(256) if ca_key_file(n) in extra}
    return ChipKeys(
        chip_authentication=_agreement(extra, CA_KEY_FILE),
        active_authentication=aa,
        by_key_id={n: secret for n, secret in by_id.items() if secret is not None},
    )


def _agreement(extra: dict[str, bytes], name: str) -> AgreementSecret | None:
    secret = _key(extra, name)
    return None if isinstance(secret, RsaSecret) else secret


def _key(extra: dict[str, bytes], name: str) -> Secret | DhSecret | None:
    if name not in extra:
        return None
    try:
        return from_pkcs8(extra[name])
    except EcidError as exc:
        raise _Unusable(name) from exc
