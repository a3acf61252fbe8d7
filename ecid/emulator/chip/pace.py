"""PACE from the chip's side (Doc 9303-11 §4.4; the tokens and errors of TR-03110-3 §B.11).

Randomness is drawn in the order of the protocol: nonce, mapping key, ephemeral key. Integrated
mapping draws no mapping key.
"""

from __future__ import annotations

from collections.abc import Callable

from ecid.emulator.behaviour import DomainReference
from ecid.emulator.chip import passwords
from ecid.emulator.chip.command import (
    DATA_NOT_AS_EXPECTED,
    LAST_EXPECTED,
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
from ecid.emulator.chip.mapping import chip_authentication_data, map_nonce
from ecid.emulator.chip.objects import (
    DYNAMIC_AUTHENTICATION_DATA,
    authentication_data,
    objects,
    template_objects,
)
from ecid.emulator.chip.offers import Agreement, Mapping, PaceOffer, pace_offers
from ecid.emulator.chip.secure_messaging import SecureChannel
from ecid.emulator.chip.spots import Spot
from ecid.emulator.chip.state import Application, ChipState, PaceRun
from ecid.encoding.oid import encode_oid
from ecid.encoding.tlv import encode
from ecid.lds.cvc_types import INSPECTION_SYSTEM
from ecid_crypto.cipher import encrypt_cbc
from ecid_crypto.errors import CryptoError, InvalidMac
from ecid_crypto.kdf import derive_session_keys
from ecid_crypto.mac import mac, verify

_CHAT = 0x7F4C


def set_authentication_template(state: ChipState, command: Command) -> Answer:
    """Begin PACE: protocol in 80, password in 83, domain parameters in 84 (§4.4.4.1).

    With 7F4C the terminal asks for the references of the CVCA keys.
    """
    given = template_objects(command.data, {0x80, 0x83, 0x84, _CHAT})
    if 0x80 not in given or len(given.get(0x83, b"")) != 1:
        raise RefusalError(WRONG_DATA)
    password = given[0x83][0]
    at_master_file = state.application is Application.MASTER_FILE
    if not (at_master_file or state.behaviour.pace_in_application):
        raise RefusalError(NOT_IN_THIS_STATE)
    if state.secured and not _resumes(state, password):
        raise RefusalError(NOT_IN_THIS_STATE)
    if password in state.behaviour.pace_refuses:
        raise RefusalError(REFERENCE_NOT_FOUND)
    offer = _offer(state, given[0x80], given.get(0x84))
    run = PaceRun(offer, password, passwords.password_key(state, password, offer.cipher))
    run.names_authorities = state.behaviour.pace_names_authorities
    if _CHAT in given:
        _require_inspection_system(given[_CHAT])
        run.names_authorities = True
    state.pace = run
    return Answer(sw=passwords.selected(state, password))


def _resumes(state: ChipState, password: int) -> bool:
    """Tell whether PACE inside a session is the resumption of a suspended password."""
    return state.opened_with == passwords.CAN and passwords.suspended(state, password)


def _require_inspection_system(template: bytes) -> None:
    """Refuse an authorisation template of another terminal type; its bits say nothing here."""
    given = objects(template, {0x06, 0x53})
    if given.get(0x06) != encode_oid(INSPECTION_SYSTEM) or len(given.get(0x53, b"")) != 1:
        raise RefusalError(WRONG_DATA)


def _offer(state: ChipState, oid: bytes, reference: bytes | None) -> PaceOffer:
    offers = pace_offers(state.issued.files.get("CardAccess", b""))
    fitting = [offer for offer in offers if offer.oid == oid]
    if not fitting:
        raise RefusalError(WRONG_DATA)
    rule = state.behaviour.domain_reference
    if reference is None and rule is DomainReference.ALWAYS:
        raise RefusalError(DATA_NOT_AS_EXPECTED)
    if reference is not None:
        if rule is DomainReference.NEVER_IN_VAIN and len(fitting) == 1:
            raise RefusalError(WRONG_DATA)
        number = int.from_bytes(reference, "big")
        fitting = [offer for offer in fitting if offer.parameter_id == number]
    if len(fitting) != 1:  # none, or the terminal has to say which
        raise RefusalError(REFERENCE_NOT_FOUND)
    return fitting[0]


def general_authenticate(state: ChipState, command: Command) -> Answer:
    """Do the next of the four steps of PACE (§4.4.4.2).

    Whatever goes wrong ends the run: it begins again with MSE:Set AT.
    """
    run, state.pace = state.pace, None
    if run is None:
        raise RefusalError(NOT_IN_THIS_STATE)
    if command.p1 or command.p2:
        raise RefusalError(WRONG_P1_P2)
    if command.chained != (run.step < 4):
        raise RefusalError(LAST_EXPECTED)
    if command.le is None:
        raise RefusalError(WRONG_LENGTH)
    passwords.require_usable(state, run.password)
    try:
        answer = _STEPS[run.step - 1](state, run, command.data)
    except CryptoError as exc:
        raise RefusalError(NOT_AUTHENTICATED) from exc
    if run.step < 4:
        run.step += 1
        state.pace = run
    return answer


def _encrypted_nonce(state: ChipState, run: PaceRun, data: bytes) -> Answer:
    """Step 1: 7C{} to 7C{80 z}; the nonce is one key long, in whole blocks (§4.4.3.2)."""
    authentication_data(data, None)
    cipher = run.offer.cipher
    run.nonce = state.rng(-(-cipher.key_length // cipher.block_length) * cipher.block_length)
    sealed = encrypt_cbc(cipher, run.key, bytes(cipher.block_length), run.nonce)
    return _answer(state, Spot.PACE_NONCE, 0x80, sealed)


def _map_nonce(state: ChipState, run: PaceRun, data: bytes) -> Answer:
    """Step 2: 7C{81 ..} to 7C{82 ..}, of which integrated mapping leaves 82 empty (§4.4.3.3)."""
    terminal = authentication_data(data, 0x81)
    own = map_nonce(run, terminal, state.rng)
    return _answer(state, Spot.PACE_MAPPING, 0x82, own, terminal)


def _agree_key(state: ChipState, run: PaceRun, data: bytes) -> Answer:
    """Step 3: 7C{83 key} to 7C{84 key}, on the mapped generator (§4.4.3.4)."""
    run.terminal_public = authentication_data(data, 0x83)
    run.offer.domain.check(run.terminal_public)
    zeros = bytes(state.behaviour.pace_leading_zeros)
    while not run.secret or not run.secret.startswith(zeros):
        key = run.offer.domain.generate(state.rng)
        run.secret = key.shared_secret(run.terminal_public)
    run.own_public = key.public(run.generator)
    if run.own_public == run.terminal_public:  # §4.4.1 step 3
        raise RefusalError(NOT_AUTHENTICATED)
    return _answer(state, Spot.PACE_EPHEMERAL, 0x84, run.own_public, run.terminal_public)


def _authenticate(state: ChipState, run: PaceRun, data: bytes) -> Answer:
    """Step 4: 7C{85 token} to 7C{86 token ..}; secure messaging follows, its counter zero."""
    cipher = run.offer.cipher
    enc, mac_key = derive_session_keys(run.secret, cipher)
    theirs = authentication_data(data, 0x85)
    try:
        verify(_token(run, mac_key, run.own_public), theirs)
    except InvalidMac as exc:
        raise RefusalError(passwords.was_wrong(state, run.password)) from exc
    passwords.was_right(state, run.password)
    found = [(0x86, Spot.PACE_TOKEN, _token(run, mac_key, run.terminal_public))]
    if run.names_authorities:
        names = state.memory.authority_references
        found += [
            (tag, Spot.PACE_AUTHORITY, n) for tag, n in zip((0x87, 0x88), names, strict=False)
        ]
    if run.offer.mapping is Mapping.CHIP_AUTHENTICATION:
        sealed = chip_authentication_data(state.issued.chip_keys, run, enc, state.altered)
        found.append((0x8A, Spot.CAM_DATA, sealed))
    state.open(SecureChannel.from_secret(cipher, run.secret), run)
    inner = b"".join(_object(state, *each, theirs) for each in found)
    return Answer(encode(DYNAMIC_AUTHENTICATION_DATA, inner))


_Step = Callable[[ChipState, PaceRun, bytes], Answer]
_STEPS: tuple[_Step, ...] = (_encrypted_nonce, _map_nonce, _agree_key, _authenticate)


def _answer(state: ChipState, spot: Spot, tag: int, value: bytes, received: bytes = b"") -> Answer:
    inner = _object(state, tag, spot, value, received)
    return Answer(encode(DYNAMIC_AUTHENTICATION_DATA, inner))


def _object(state: ChipState, tag: int, spot: Spot, value: bytes, received: bytes) -> bytes:
    """Return a data object as it is sent, with the faults that the behaviour has there."""
    if spot in state.behaviour.omits:
        return b""
    tag = state.behaviour.retags.get(spot, tag)
    return encode(tag, state.altered(spot, value, received))


def _token(run: PaceRun, mac_key: bytes, public: bytes) -> bytes:
    """Return the MAC over a public key object: 7F49{06 protocol, 84 or 86 key} (§9.4.3, §9.4.1)."""
    tag = 0x84 if run.offer.agreement is Agreement.DH else 0x86
    key = encode(0x7F49, encode(0x06, run.offer.oid) + encode(tag, public))
    return mac(run.offer.cipher, mac_key, key)
