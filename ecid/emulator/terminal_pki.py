"""What Terminal Authentication needs on both sides of an emulated card, and its files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ecid.emulator.keys import DhSecret, Secret
from ecid.emulator.pkcs8 import from_pkcs8, to_pkcs8
from ecid.errors import EcidError, MalformedData

CURRENT_FILE, PREVIOUS_FILE = "TA_CVCA.cvcert", "TA_CVCA_previous.cvcert"
LINK_FILE, VERIFIER_FILE, TERMINAL_FILE = "TA_link.cvcert", "TA_DV.cvcert", "TA_IS.cvcert"
TERMINAL_KEY_FILE = "TA_IS.pkcs8"

FILES = (
    CURRENT_FILE,
    PREVIOUS_FILE,
    LINK_FILE,
    VERIFIER_FILE,
    TERMINAL_FILE,
    TERMINAL_KEY_FILE,
)
"""Names of the files in a folder, beside those of the chip."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TerminalPki:
    """Card-verifiable certificates (DER) and the key of a terminal; empty where there is none.

    ``trusted`` are the certificates of the CVCA keys in the chip, the newest first, one or two;
    ``link`` leads from an older one to a newer; ``verifier`` and ``terminal`` are the chain of an
    inspection system, whose private key is ``key``.
    """

    trusted: tuple[bytes, ...] = field(default=(), repr=False)
    link: bytes = field(default=b"", repr=False)
    verifier: bytes = field(default=b"", repr=False)
    terminal: bytes = field(default=b"", repr=False)
    key: Secret | None = field(default=None, repr=False)

    def files(self) -> dict[str, bytes]:
        """Return the files of a folder by name, without empty ones."""
        current, previous = (*self.trusted, b"", b"")[:2]
        found = {
            CURRENT_FILE: current,
            PREVIOUS_FILE: previous,
            LINK_FILE: self.link,
            VERIFIER_FILE: self.verifier,
            TERMINAL_FILE: self.terminal,
            TERMINAL_KEY_FILE: b"" if self.key is None else to_pkcs8(self.key),
        }
        return {name: content for name, content in found.items() if content}

    @classmethod
    def from_files(cls, files: Mapping[str, bytes]) -> TerminalPki:
        """Return what stands in these files; raises ``MalformedData`` for a key that is none."""
        trusted = (files.get(CURRENT_FILE, b""), files.get(PREVIOUS_FILE, b""))
        return cls(
            trusted=tuple(filter(None, trusted)),
            link=files.get(LINK_FILE, b""),
            verifier=files.get(VERIFIER_FILE, b""),
            terminal=files.get(TERMINAL_FILE, b""),
            key=_key(files.get(TERMINAL_KEY_FILE, b"")),
        )


def _key(pkcs8: bytes) -> Secret | None:
    if not pkcs8:
        return None
    try:
        secret = from_pkcs8(pkcs8)
    except EcidError as exc:
        raise MalformedData(TERMINAL_KEY_FILE, "key") from exc
    if isinstance(secret, DhSecret):
        raise MalformedData(TERMINAL_KEY_FILE, "key")
    return secret
