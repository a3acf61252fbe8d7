"""An issued card as a value: its files, its secrets and its private keys."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from types import MappingProxyType

from ecid.emulator.behaviour import CardBehaviour
from ecid.emulator.behaviour_settings import adjusted
from ecid.emulator.keys import AgreementSecret, Secret
from ecid.emulator.pkcs8 import to_pkcs8
from ecid.emulator.terminal_pki import TerminalPki
from ecid.errors import EcidError
from ecid.lds.files import by_name
from ecid.mrz.mrz import mrz_information, parse
from ecid.storage import write_folder

CA_KEY_FILE, AA_KEY_FILE = "DG14_sk.pkcs8", "DG15_sk.pkcs8"
"""Names of the private keys in a folder, as the BSI reference data set has them."""


def ca_key_file(key_id: int) -> str:
    """Return the name of the private key with this identifier in a folder."""
    return f"DG14_sk_{key_id}.pkcs8"


@dataclass(frozen=True, slots=True, kw_only=True)
class CardSecrets:
    """What is printed on a card and opens its chip; empty where it is not known.

    ``mrz`` has no line ends; dates are YYMMDD; ``document_number`` is that of the MRZ.
    """

    mrz: str = field(default="", repr=False)
    can: str = field(default="", repr=False)
    qr: str = field(default="", repr=False)
    pin: str = field(default="", repr=False)
    puk: str = field(default="", repr=False)
    document_number: str = field(default="", repr=False)
    birth_date: str = field(default="", repr=False)
    expiry_date: str = field(default="", repr=False)

    @property
    def mrz_information(self) -> str:
        """Return the input of the BAC and PACE keys (Doc 9303-11 §9.7.2), empty if unknown."""
        try:
            return mrz_information(self.document_number, self.birth_date, self.expiry_date)
        except EcidError:
            return ""

    @classmethod
    def from_mrz(cls, mrz: str, *, can: str = "", qr: str = "") -> CardSecrets:
        """Return the secrets that stand in ``mrz``; raises ``MalformedData("MRZ", rule)``."""
        zone = parse(mrz)
        return cls(
            mrz="".join(zone.lines),
            can=can,
            qr=qr,
            document_number=zone.document_number,
            birth_date=zone.birth_date,
            expiry_date=zone.expiry_date,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ChipKeys:
    """The private keys in the chip; without one, the chip cannot run that protocol.

    ``chip_authentication`` is the key without identifier; ``by_key_id`` holds those that have one.
    """

    chip_authentication: AgreementSecret | None = field(default=None, repr=False)
    active_authentication: Secret | None = field(default=None, repr=False)
    by_key_id: Mapping[int, AgreementSecret] = field(
        default_factory=lambda: MappingProxyType({}), repr=False
    )

    @property
    def all_chip_authentication(self) -> tuple[AgreementSecret, ...]:
        """Return every key of Chip Authentication, the one without identifier first."""
        first = () if self.chip_authentication is None else (self.chip_authentication,)
        return (*first, *self.by_key_id.values())

    def chip_authentication_key(self, key_id: int | None) -> AgreementSecret | None:
        """Return the key with this identifier; where there is none of it, the one without."""
        found = None if key_id is None else self.by_key_id.get(key_id)
        return self.chip_authentication if found is None else found


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedCard:
    """Everything that was made when a card was issued.

    ``files`` are whole files by the names of ``ecid.lds.files`` ("COM", "DG1", "CardAccess");
    ``csca`` is the DER certificate a verifier needs, empty if unknown; ``profile`` names the
    behaviour of the chip (``ecid.emulator.behaviour``), ``seed`` what the keys were made from.
    ``settings`` is what differs from that profile, ``country`` the issuer's in two letters,
    ``terminal`` what Terminal Authentication needs on both sides, and ``today`` the date that the
    chip believes in when it is first used.
    """

    name: str
    files: Mapping[str, bytes] = field(repr=False)
    secrets: CardSecrets = field(repr=False)
    chip_keys: ChipKeys = field(repr=False)
    csca: bytes = field(repr=False)
    profile: str = "standard"
    seed: int = 0
    settings: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    country: str = "VN"
    terminal: TerminalPki = field(default_factory=TerminalPki)
    today: date = date(2021, 6, 1)

    @property
    def behaviour(self) -> CardBehaviour:
        """Return how the chip behaves."""
        return adjusted(self.profile, self.settings)

    def save(self, folder: Path | str) -> None:
        """Write the card as a folder of files that any other tool can be tested with.

        Raises ``OutputError`` if a file cannot be written; each appears whole or not at all.
        """
        write_folder(Path(folder), self._contents())

    def _contents(self) -> dict[str, bytes]:
        keys = self.chip_keys
        contents = {by_name(name).folder_name: data for name, data in self.files.items()}
        if self.csca:
            contents["csca.der"] = self.csca
        if keys.chip_authentication is not None:
            contents[CA_KEY_FILE] = to_pkcs8(keys.chip_authentication, explicit=True)
        for key_id, secret in keys.by_key_id.items():
            contents[ca_key_file(key_id)] = to_pkcs8(secret, explicit=True)
        if keys.active_authentication is not None:
            contents[AA_KEY_FILE] = to_pkcs8(keys.active_authentication)
        contents["secrets.json"] = _json(_present(self.secrets))
        contents["card.json"] = _json(self._settings())
        return contents | self.terminal.files()

    def _settings(self) -> dict[str, object]:
        """Return what no file of the chip says; what is usual is left out."""
        found: dict[str, object] = {"profile": self.profile, "seed": self.seed}
        if self.settings:
            found["behaviour"] = dict(self.settings)
        if self.country != "VN":
            found["country"] = self.country
        return found


def _present(secrets: CardSecrets) -> dict[str, str]:
    """Return the secrets by name; PIN and PUK only where the card has them."""
    found = asdict(secrets)
    return {name: text for name, text in found.items() if text or name not in {"pin", "puk"}}


def _json(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()
