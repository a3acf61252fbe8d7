"""The issuer that the hostile cases have in common, and the card that is their control."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from ecid.emulator import certificates as c
from ecid.emulator.issued import IssuedCard
from ecid.emulator.pki import SIGNING_TIME, Authority, Signer
from ecid.emulator.signing import SigningKey
from ecid.outcome import Reason
from ecid.testing import (
    Judged,
    Limits,
    ScriptedKey,
    canary_card,
    csca,
    dsc,
    ec_key,
    fails,
    issuer_of,
    signed_by,
)
from ecid.testing.keys import Signing
from ecid.trust.extensions import AUTHORITY_KEY_IDENTIFIER
from entries import Setup

VN = issuer_of(canary_card())[0]
"""The country signing authority that the control is verified with."""

SIGNER_SERIAL = 0x0D5C
AKI = AUTHORITY_KEY_IDENTIFIER

SOON = Limits(seconds=1)
"""What a hostile key may cost: as long as an honest card, and not much more."""


@cache
def good_signer() -> Signer:
    """Return a document signer with nothing wrong."""
    return dsc(VN, serial=SIGNER_SERIAL)


@cache
def good_card() -> IssuedCard:
    """Return the card that it signed."""
    return signed_by(canary_card(), good_signer())


def by(signer: Callable[[], Signer], enclosed: Sequence[Callable[[], bytes]] = ()) -> Setup:
    """Return the setup of a card with another signer; ``enclosed`` also lie in its EF.SOD."""
    made = signer()
    certificates = (made.certificate, *(each() for each in enclosed))
    return Setup(holder=good_card(), card=signed_by(good_card(), made, certificates=certificates))


def signer_with(**changes: Any) -> Callable[[], Setup]:
    """Return the maker of a card whose signer differs in what ``dsc`` is told."""
    return lambda: by(lambda: dsc(VN, **{"serial": SIGNER_SERIAL, **changes}))


def as_authority(signer: Signer, subject: bytes) -> Authority:
    """Return ``signer`` in the place of an authority, which it is not."""
    return Authority(signer.certificate, _plan(subject, signer.key), signer.key)


def _plan(subject: bytes, key: SigningKey) -> c.CertificatePlan:
    return csca("VN", key, subject=subject).plan


@cache
def rogue(name: str = "CSCA EMULATED Rogue", *, same_name: bool = False) -> Authority:
    """Return an authority of somebody else's, by a name of its own or by that of ``VN``."""
    return csca("VN", ec_key("rogue"), name=name, subject=VN.plan.subject if same_name else None)


def key_identifier_of(authority: Authority) -> bytes:
    """Return the authority key identifier (Extension) that names ``authority``."""
    return c.authority_key_identifier(c.key_identifier(authority.key.public))


@cache
def laos() -> Authority:
    """Return the genuine authority of another state."""
    return csca("LA", name="CSCA EMULATED Laos")


# Signers by their key.


def signer_of(key: SigningKey) -> Signer:
    """Return a document signer with this key."""
    return dsc(VN, key)


def card_of(key: SigningKey, moment: datetime = SIGNING_TIME) -> IssuedCard:
    """Return the card that it signed."""
    return signed_by(canary_card(), signer_of(key), signing_time=moment)


def signed(
    key: SigningKey,
    signing: Signing | None = None,
    *,
    identifier: bytes | None = None,
    moment: datetime = SIGNING_TIME,
) -> Setup:
    """Return a card with the certificate of ``key`` and a signature of ``signing``.

    ``identifier`` is the signature algorithm that EF.SOD names, the right one if None.
    """
    forger = Signer(signer_of(key).certificate, ScriptedKey(key, signing, identifier))
    return Setup(
        holder=card_of(key, moment), card=signed_by(canary_card(), forger, signing_time=moment)
    )


def with_key(spki: bytes, key: SigningKey, signing: Signing | None = None) -> Setup:
    """Return a card whose signer has the public key ``spki``, and whose SOD ``key`` has signed."""
    signer = Signer(dsc(VN, key, public_key=spki).certificate, ScriptedKey(key, signing))
    return Setup(holder=card_of(key), card=signed_by(canary_card(), signer))


def weak(rule: str) -> Judged:
    """Return the expectation that the key of the signer breaks this rule."""
    return fails("sod.signer", Reason.WEAK_KEY, rule)
