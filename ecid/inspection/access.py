"""Opening the chip: EF.CardAccess, then PACE, then BAC where the rules allow it.

PACE comes before BAC. One attempt is made per secret the user gave. BAC is tried only where PACE
is not offered or the chip refuses to start it, never after a cryptographic failure (design,
section 6, item 10): a chip must not be able to talk us down.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from ecid.errors import (
    AccessDenied,
    AccessRefused,
    EcidError,
    FileLocked,
    LimitExceeded,
    MalformedData,
    ProtocolError,
)
from ecid.inspection.evidence import Absence, AccessFacts, MappingFacts
from ecid.lds.files import CARD_ACCESS, CARD_SECURITY
from ecid.lds.security_infos import PaceInfo, parse_card_access
from ecid.mrz.mrz import Mrz
from ecid.protocols import bac, pace
from ecid.protocols.bac import BacKey
from ecid.protocols.exchange import exchange
from ecid.protocols.pace import PaceParameters, PacePassword, PaceResult
from ecid.protocols.terminal_authentication import compressed
from ecid.session.file_reader import read_file, select_application, short_read_length
from ecid.session.keys import SessionKeys
from ecid.session.secure_messaging import SecureMessaging
from ecid_crypto.rng import Rng
from ecid_readers.apdu import CommandApdu
from ecid_readers.transport import Transport

#: The eMRTD application (Doc 9303-10 §3.5.1).
EMRTD_AID = bytes.fromhex("A0000002471001")


#: Of the variants of PACE that a chip offers; one that refuses so many refuses them all.
_MOST_VARIANTS = 4


class Passwords(Protocol):
    """What one person gave to open the chip, as the protocols take it."""

    @property
    def pace_passwords(self) -> tuple[PacePassword, ...]:
        """The passwords for PACE, in the order in which they are tried; at least one."""

    @property
    def bac_keys(self) -> tuple[BacKey, ...]:
        """The keys for BAC, likeliest first; empty where there is none."""

    @property
    def mrz(self) -> Mrz | None:
        """The whole zone where that is what was given: ``match.mrz`` compares it with DG1."""

    @property
    def qr(self) -> str | None:
        """The QR text where that is what was given: ``match.qr`` compares it with the chip."""


@dataclass(frozen=True, slots=True)
class OpenChip:
    """An open session in the eMRTD application, and what was learned on the way."""

    session: SecureMessaging
    keys: SessionKeys
    facts: AccessFacts
    card_access: bytes | None
    pace: PaceOpening | None = None
    """What PACE gave besides the keys, None after BAC."""


@dataclass(frozen=True, slots=True)
class PaceOpening:
    """A run of PACE: its parameters and result, and EF.CardSecurity where the mapping needs it."""

    parameters: PaceParameters
    result: PaceResult
    card_security: bytes | Absence | None = None

    @property
    def chip_identity(self) -> bytes:
        """Return ID_PICC for Terminal Authentication (TR-03110-1 §3.5)."""
        return compressed(self.parameters.domain, self.result.chip_public)

    @property
    def mapping(self) -> MappingFacts | None:
        """Return what the chip said to prove itself, None with other mappings."""
        answer = self.result.chip_authentication
        if answer is None:
            return None
        return MappingFacts(
            parameter_id=self.parameters.parameter_id,
            mapping_key=answer.mapping_key,
            data=answer.data,
        )


def read_card_access(card: Transport) -> bytes | None:
    """Return EF.CardAccess, or None if the chip has none that can be read (Doc 9303-11 §3.6).

    A chip stands at the master file after power-on, so it is asked there first; SELECT MF comes
    last, because the Vietnamese card does not know it.
    """
    longest = short_read_length(None)
    for use_sfi, select_master_file in ((False, False), (True, False), (False, True)):
        if select_master_file and not _select_master_file(card):
            return None
        try:
            return read_file(card, CARD_ACCESS, max_read=longest, use_sfi=use_sfi)
        except (ProtocolError, MalformedData, LimitExceeded):
            continue  # whether one was signed is judged later: access.binding
    return None


def open_chip(card: Transport, secret: Passwords, rng: Rng) -> OpenChip:
    """Run access control on a freshly reset ``card`` and select the eMRTD application.

    PACE with each password in turn, as long as the chip refuses to start it; then BAC. Where a
    password was derived, the next one is tried after a wrong one; a password that was given is
    tried once. Raises ``AccessDenied``: the chip refused the secret (``wrong_key``), or it is a
    card access number and the chip offers no PACE (``can_needs_pace``); else what the protocols
    raise.
    """
    card_access = read_card_access(card)
    offered = _offered(card_access)
    trouble: AccessRefused | AccessDenied | None = None
    for password in secret.pace_passwords if offered else ():
        try:
            return _by_pace(card, password, offered, rng, card_access)
        except AccessRefused as exc:
            trouble = trouble or exc
        except AccessDenied as exc:
            if not password.is_mrz:
                raise
            trouble = exc
    # After a wrong key there is no BAC, whatever the chip then refuses to start.
    if trouble is not None and (isinstance(trouble, AccessDenied) or not secret.bac_keys):
        raise trouble
    return _by_bac(card, secret, rng, card_access, pace_refused=trouble is not None)


def _by_pace(
    card: Transport,
    password: PacePassword,
    offered: tuple[PaceInfo, ...],
    rng: Rng,
    card_access: bytes | None,
) -> OpenChip:
    parameters, result = _first_that_starts(card, password, offered, rng)
    keys = result.keys
    session = SecureMessaging(card, keys)
    opening = PaceOpening(parameters, result, _card_security(session, result))
    select_application(session, EMRTD_AID)
    facts = AccessFacts(
        protocol="PACE",
        mapping=parameters.mapping,
        cipher=keys.cipher.value,
        parameter_id=parameters.parameter_id,
        password=password.reference.name,
        deviations=(*result.deviations, *_refused_variant(parameters, offered)),
    )
    return OpenChip(session, keys, facts, card_access, opening)


def _first_that_starts(
    card: Transport, password: PacePassword, offered: tuple[PaceInfo, ...], rng: Rng
) -> tuple[PaceParameters, PaceResult]:
    """Run the best variant that the chip starts; a refusal at MSE tries no password."""
    refused: AccessRefused | None = None
    for parameters in pace.ranked(offered)[:_MOST_VARIANTS]:
        try:
            return parameters, pace.run_pace(
                card, parameters, password, rng, name_parameters=pace.is_ambiguous(offered)
            )
        except AccessRefused as exc:
            refused = refused or exc
            if exc.code != "access_refused":
                break
    assert refused is not None
    raise refused


def _refused_variant(parameters: PaceParameters, offered: tuple[PaceInfo, ...]) -> tuple[str, ...]:
    return () if parameters == pace.choose(offered) else ("pace_variant_refused",)


def _card_security(session: SecureMessaging, result: PaceResult) -> bytes | Absence | None:
    """Return EF.CardSecurity, which stands at the master file; None where nothing needs it."""
    if result.chip_authentication is None:
        return None
    longest = short_read_length(result.keys.cipher)
    try:
        return read_file(session, CARD_SECURITY, max_read=longest)
    except FileLocked:
        return Absence.LOCKED
    except (MalformedData, LimitExceeded):
        return Absence.MALFORMED
    except ProtocolError:
        return Absence.ABSENT


def _by_bac(
    card: Transport,
    secret: Passwords,
    rng: Rng,
    card_access: bytes | None,
    *,
    pace_refused: bool,
) -> OpenChip:
    if not secret.bac_keys:
        raise AccessDenied("can_needs_pace")
    select_application(card, EMRTD_AID)
    keys = _first_that_opens(card, secret.bac_keys, rng)
    facts = AccessFacts(
        protocol="BAC", cipher=keys.cipher.value, password="MRZ", pace_refused=pace_refused
    )
    return OpenChip(SecureMessaging(card, keys), keys, facts, card_access)


def _first_that_opens(card: Transport, keys: tuple[BacKey, ...], rng: Rng) -> SessionKeys:
    """Run BAC with each of a few derived keys; with one key that was given, once."""
    *before, last = keys
    for key in before:
        try:
            return bac.run_bac(card, key, rng)
        except AccessDenied:
            continue
    return bac.run_bac(card, last, rng)


def _offered(card_access: bytes | None) -> tuple[PaceInfo, ...]:
    """Return the PACEInfos; an unreadable EF.CardAccess offers nothing, and judging will say so."""
    if card_access is None:
        return ()
    try:
        return parse_card_access(card_access).pace
    except EcidError:
        return ()


def _select_master_file(card: Transport) -> bool:
    return exchange(card, CommandApdu(0x00, 0xA4, 0x00, 0x0C, b"\x3f\x00")).ok
