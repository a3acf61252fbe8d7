"""What a terminal authenticates itself with to an emulated card, and the same with one flaw.

kit = TerminalKit()
card = kit.trusted_by(issue("eac-ecdsa"))       its chip now knows the authority of the kit
kit.credential()                                a terminal that may read DG3 and DG4
kit.credential(terminal={"expiration": date(2025, 1, 1)})
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from types import MappingProxyType
from typing import Any

from ecid.emulator import cvc_issuing as cvc
from ecid.emulator.issued import IssuedCard
from ecid.emulator.keys import EcSecret, Secret, generate_ec
from ecid.emulator.personalise.data_groups import cvca
from ecid.emulator.pkcs8 import to_pkcs8
from ecid.emulator.terminal_pki import TerminalPki
from ecid.errors import Misuse
from ecid.lds.cvc import parse_cvc
from ecid.protocols.terminal_credential import TerminalCredential
from ecid.protocols.terminal_key import FileTerminalKey
from ecid_crypto.curves import curve_by_name
from ecid_crypto.rng import SeededRng

_ALGORITHM = "ECDSA-SHA-256"
_RIGHTS = cvc.READ_DG3 | cvc.READ_DG4
_START, _END = date(2021, 1, 19), date(2046, 4, 13)

Changes = Mapping[str, Any]
"""Fields of ``CvcPlan`` that are other than they should be."""

NOTHING: Changes = MappingProxyType({})


def terminal_of(card: IssuedCard) -> TerminalCredential:
    """Return certificates and key of the terminal that was issued with ``card``.

    Raises ``Misuse`` for a card that was issued without one.
    """
    pki = card.terminal
    if pki.key is None:
        raise Misuse
    held = (*pki.trusted, pki.link, pki.verifier, pki.terminal)
    return _credential(pki.key, *filter(None, held))


@dataclass(frozen=True)
class TerminalKit:
    """An authority for terminals, a document verifier and a terminal; keys come from ``label``.

    ``name`` begins the references of all three.
    """

    label: str = "kit"
    name: str = "UTKIT"
    authority_rights: int = _RIGHTS

    @cached_property
    def authority(self) -> bytes:
        """The certificate (DER) of the authority, which a chip trusts."""
        return self._certificate("CVCA", "CVCA", cvc.CVCA | self.authority_rights, NOTHING)

    def trusted_by(self, card: IssuedCard) -> IssuedCard:
        """Return ``card`` with a chip that trusts this authority, and no other."""
        files = {**card.files, "CVCA": cvca([self._reference("CVCA")])}
        return replace(card, files=files, terminal=TerminalPki(trusted=(self.authority,)))

    def credential(
        self, *, verifier: Changes = NOTHING, terminal: Changes = NOTHING
    ) -> TerminalCredential:
        """Return the credential of the terminal, its certificates changed and signed as changed."""
        held = (
            self.authority,
            self._certificate("CVCA", "DV", cvc.DV_DOMESTIC | _RIGHTS, verifier),
            self._certificate("DV", "IS", cvc.TERMINAL | _RIGHTS, terminal),
        )
        return _credential(self._key("IS"), *held)

    def _certificate(self, issuer: str, holder: str, rights: int, changes: Changes) -> bytes:
        plan = cvc.CvcPlan(
            authority=self._reference(issuer),
            holder=self._reference(holder),
            key=self._key(holder),
            algorithm=_ALGORITHM,
            authorisation=rights,
            effective=_START,
            expiration=_END,
            explicit=holder == "CVCA",
        )
        rng = SeededRng(f"ecid testing/{self.label}/{holder}".encode())
        return cvc.issue_cvc(replace(plan, **changes), self._key(issuer), _ALGORITHM, rng)

    def _key(self, holder: str) -> EcSecret:
        rng = SeededRng(f"ecid testing/{self.label}/{holder}/key".encode())
        return generate_ec(curve_by_name("P-256"), rng)

    def _reference(self, holder: str) -> bytes:
        return f"{self.name}{holder}00001".encode("ascii")


def _credential(key: Secret, *certificates: bytes) -> TerminalCredential:
    held = tuple(map(parse_cvc, certificates))
    return TerminalCredential(held, FileTerminalKey.from_bytes(to_pkcs8(key)))
