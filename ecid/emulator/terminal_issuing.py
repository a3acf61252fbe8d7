"""The keys and certificates of Terminal Authentication that a card definition asks for."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache

from ecid.emulator import cvc_issuing as cvc
from ecid.emulator.chip_keys import signing_key
from ecid.emulator.definition import CardDefinition, TerminalAuthenticationChoice
from ecid.emulator.keys import Secret
from ecid.emulator.terminal_pki import TerminalPki
from ecid_crypto.rng import SeededRng

CURRENT, PREVIOUS = b"UTCVCAEMUL00002", b"UTCVCAEMUL00001"
VERIFIER, TERMINAL = b"UTDVEMUL00001", b"UTISEMUL00001"
"""References of the keys: country, mnemonic, number."""

_START, _VERIFIER_START, _TERMINAL_START = date(2021, 1, 19), date(2021, 6, 2), date(2021, 6, 3)
_END = date(2046, 4, 13)
_RIGHTS = {"DG3": cvc.READ_DG3, "DG4": cvc.READ_DG4}


def terminal_pki(definition: CardDefinition, seed: int) -> TerminalPki:
    """Return the certificates for a card; nothing for one whose chip trusts no key we have.

    Cards with the same choice and seed have the same.
    """
    choice = definition.terminal_authentication
    return TerminalPki() if choice is None or not choice.key else _made(choice, seed)


@cache
def _made(choice: TerminalAuthenticationChoice, seed: int) -> TerminalPki:
    rng = SeededRng(f"ecid emulator/terminal/{choice.algorithm}/{choice.key}/{seed}".encode())
    new, verifier, terminal = (signing_key(choice.key, rng) for _ in range(3))
    rights = sum(_RIGHTS[name] for name in set(choice.rights))
    algorithm = choice.algorithm

    def plan(authority: bytes, holder: bytes, key: Secret, role: int, start: date) -> cvc.CvcPlan:
        return cvc.CvcPlan(
            authority=authority,
            holder=holder,
            key=key,
            algorithm=algorithm,
            authorisation=role | rights,
            effective=start,
            expiration=_END,
            explicit=role == cvc.CVCA,
        )

    role = cvc.DV_FOREIGN if choice.foreign else cvc.DV_DOMESTIC
    own = plan(CURRENT, CURRENT, new, cvc.CVCA, _START)
    below = plan(CURRENT, VERIFIER, verifier, role, _VERIFIER_START)
    last = plan(VERIFIER, TERMINAL, terminal, cvc.TERMINAL, _TERMINAL_START)
    made = TerminalPki(
        trusted=(cvc.issue_cvc(own, new, algorithm, rng),),
        verifier=cvc.issue_cvc(below, new, algorithm, rng),
        terminal=cvc.issue_cvc(last, verifier, algorithm, rng),
        key=terminal,
    )
    if choice.knows == "current":
        return made
    old = signing_key(choice.key, rng)
    first = plan(PREVIOUS, PREVIOUS, old, cvc.CVCA, _START)
    link = plan(PREVIOUS, CURRENT, new, cvc.CVCA, _START)
    before = cvc.issue_cvc(first, old, algorithm, rng)
    return replace(
        made,
        trusted=(before,) if choice.knows == "previous" else (*made.trusted, before),
        link=cvc.issue_cvc(link, old, algorithm, rng),
    )
