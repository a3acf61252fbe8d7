"""Chip Authentication from the chip's side (Doc 9303-11 §6.2)."""

from __future__ import annotations

from ecid.emulator.chip.command import (
    CHAINING_NOT_SUPPORTED,
    LOCKED,
    NOT_AUTHENTICATED,
    NOT_IN_THIS_STATE,
    REFERENCE_NOT_FOUND,
    WRONG_DATA,
    WRONG_LENGTH,
    WRONG_P1_P2,
    Answer,
    Command,
    RefusalError,
)
from ecid.emulator.chip.objects import (
    DYNAMIC_AUTHENTICATION_DATA,
    authentication_data,
    template_objects,
)
from ecid.emulator.chip.offers import (
    Agreement,
    ChipAuthenticationOffer,
    chip_authentication_offers,
)
from ecid.emulator.chip.secure_messaging import SecureChannel
from ecid.emulator.chip.spots import Spot
from ecid.emulator.chip.state import Application, ChipState, compressed
from ecid.emulator.keys import DhSecret
from ecid.encoding.tlv import encode
from ecid_crypto.cipher import Cipher
from ecid_crypto.errors import CryptoError


def set_authentication_template(state: ChipState, command: Command) -> Answer:
    """MSE:Set AT: protocol in 80, key reference in 84 if there are several (§6.2.4.2)."""
    offers = _offers(state)
    given = template_objects(command.data, {0x80, 0x84})
    if 0x80 not in given:
        raise RefusalError(WRONG_DATA)
    fitting = [offer for offer in offers if offer.oid == given[0x80]]
    if not fitting:
        raise RefusalError(WRONG_DATA)
    state.chip_authentication = _referenced(fitting, given.get(0x84))
    return Answer()


def set_key_agreement_template(state: ChipState, command: Command) -> Answer:
    """MSE:Set KAT: the terminal's key in 91; for 3DES only (§6.2.4.1)."""
    offers = [offer for offer in _offers(state) if offer.cipher is Cipher.TDES]
    given = template_objects(command.data, {0x91, 0x84})
    if 0x91 not in given or not offers:
        raise RefusalError(WRONG_DATA)
    _agree(state, _referenced(offers, given.get(0x84)), given[0x91], WRONG_DATA)
    return Answer()


def general_authenticate(state: ChipState, command: Command) -> Answer:
    """Return 7C{} under the old keys; the new ones serve from the next command on."""
    offer, state.chip_authentication = state.chip_authentication, None
    if offer is None:
        raise RefusalError(NOT_IN_THIS_STATE)
    if command.p1 or command.p2:
        raise RefusalError(WRONG_P1_P2)
    if command.chained:
        raise RefusalError(CHAINING_NOT_SUPPORTED)
    if command.le is None:
        raise RefusalError(WRONG_LENGTH)
    _agree(state, offer, authentication_data(command.data, 0x80))
    return Answer(encode(DYNAMIC_AUTHENTICATION_DATA, b""))


def _offers(state: ChipState) -> tuple[ChipAuthenticationOffer, ...]:
    """Return what DG14 offers; access control comes first, and a chip without a key has none."""
    if not state.secured:
        raise RefusalError(LOCKED)
    if state.application is not Application.EMRTD:
        raise RefusalError(NOT_IN_THIS_STATE)
    if not state.issued.chip_keys.all_chip_authentication:
        raise RefusalError(REFERENCE_NOT_FOUND)
    return chip_authentication_offers(state.issued.files.get("DG14", b""))


def _referenced(
    offers: list[ChipAuthenticationOffer], reference: bytes | None
) -> ChipAuthenticationOffer:
    """Return the offer with this key identifier, which is needed if there are several: 6A88."""
    if reference is not None:
        number = int.from_bytes(reference, "big")
        offers = [offer for offer in offers if offer.key_id == number]
    if len(offers) != 1:
        raise RefusalError(REFERENCE_NOT_FOUND)
    return offers[0]


def _agree(
    state: ChipState,
    offer: ChipAuthenticationOffer,
    encoded: bytes,
    invalid: int = NOT_AUTHENTICATED,
) -> None:
    """Agree on new keys; ``invalid`` is the answer to a public value that is none."""
    secret = state.issued.chip_keys.chip_authentication_key(offer.key_id)
    if secret is None or isinstance(secret, DhSecret) is not (offer.agreement is Agreement.DH):
        raise RefusalError(REFERENCE_NOT_FOUND)
    try:
        shared = secret.agreement.shared_secret(encoded)
    except CryptoError as exc:
        raise RefusalError(invalid) from exc
    shared = state.altered(Spot.CA_SECRET, shared, encoded)
    state.renew(SecureChannel.from_secret(offer.cipher, shared), compressed(secret.domain, encoded))
