"""PACE with generic mapping over an elliptic curve, the chip's side (Doc 9303-11 §4.4).

Randomness is drawn in the order of the protocol: nonce, mapping key, ephemeral key.
"""

from __future__ import annotations

from collections.abc import Callable

from ecid.emulator.chip.command import (
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
from ecid.emulator.chip.objects import authentication_data, objects, wrap_authentication_data
from ecid.emulator.chip.offers import PaceOffer, pace_offers
from ecid.emulator.chip.secure_messaging import SecureChannel
from ecid.emulator.chip.state import Application, ChipState, PaceRun
from ecid.encoding.tlv import encode
from ecid_crypto.cipher import Cipher, encrypt_cbc
from ecid_crypto.curves import Point, decode_point, encode_point
from ecid_crypto.ec_key import EcPrivateKey
from ecid_crypto.errors import CryptoError
from ecid_crypto.hashes import Hash
from ecid_crypto.kdf import KdfCounter, derive_key, derive_session_keys
from ecid_crypto.mac import mac, verify
from ecid_crypto.mapping import map_generic

_MRZ, _CAN = b"\x01", b"\x02"


def set_authentication_template(state: ChipState, command: Command) -> Answer:
    """Begin PACE: protocol in 80, password in 83, domain parameters in 84 (§4.4.4.1)."""
    at_master_file = state.application is Application.MASTER_FILE
    if state.secured or not (at_master_file or state.behaviour.pace_in_application):
        raise RefusalError(NOT_IN_THIS_STATE)
    given = objects(command.data, {0x80, 0x83, 0x84})
    if 0x80 not in given or 0x83 not in given:
        raise RefusalError(WRONG_DATA)
    if int.from_bytes(given[0x83], "big") in state.behaviour.pace_refuses:
        raise RefusalError(REFERENCE_NOT_FOUND)
    offer = _offer(state, given[0x80], given.get(0x84))
    state.pace = PaceRun(offer, _password_key(state, given[0x83], offer.cipher))
    return Answer()


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
    return Answer(wrap_authentication_data(0x80, sealed))


def _map_nonce(state: ChipState, run: PaceRun, data: bytes) -> Answer:
    """Step 2: 7C{81 point} to 7C{82 point}; the mapped generator is s·G + H (§4.4.3.3.1)."""
    curve = run.offer.curve
    terminal = decode_point(curve, authentication_data(data, 0x81))
    key = EcPrivateKey.generate(curve, state.rng)
    own = key.public_point()
    _require_different(own, terminal)
    run.generator = map_generic(curve, run.nonce, key.multiply(terminal))
    return Answer(wrap_authentication_data(0x82, encode_point(curve, own)))


def _agree_key(state: ChipState, run: PaceRun, data: bytes) -> Answer:
    """Step 3: 7C{83 point} to 7C{84 point}, on the mapped generator (§4.4.3.4)."""
    curve = run.offer.curve
    run.terminal_public = decode_point(curve, authentication_data(data, 0x83))
    key = EcPrivateKey.generate(curve, state.rng)
    run.own_public = key.public_point(run.generator)
    _require_different(run.own_public, run.terminal_public)
    run.secret = key.shared_secret(run.terminal_public)
    return Answer(wrap_authentication_data(0x84, encode_point(curve, run.own_public)))


def _authenticate(state: ChipState, run: PaceRun, data: bytes) -> Answer:
    """Step 4: 7C{85 token} to 7C{86 token}; secure messaging follows with a counter of zero."""
    cipher = run.offer.cipher
    _, mac_key = derive_session_keys(run.secret, cipher)
    verify(_token(run, mac_key, run.own_public), authentication_data(data, 0x85))
    state.next_session = SecureChannel.from_secret(cipher, run.secret)
    token = _token(run, mac_key, run.terminal_public)
    return Answer(wrap_authentication_data(0x86, token))


_Step = Callable[[ChipState, PaceRun, bytes], Answer]
_STEPS: tuple[_Step, ...] = (_encrypted_nonce, _map_nonce, _agree_key, _authenticate)


def _offer(state: ChipState, oid: bytes, parameter_id: bytes | None) -> PaceOffer:
    offers = pace_offers(state.issued.files.get("CardAccess", b""))
    fitting = [offer for offer in offers if offer.oid == oid]
    if not fitting:
        raise RefusalError(WRONG_DATA)
    if parameter_id is not None:
        number = int.from_bytes(parameter_id, "big")
        fitting = [offer for offer in fitting if offer.parameter_id == number]
    if len(fitting) != 1:  # none, or the terminal has to say which
        raise RefusalError(REFERENCE_NOT_FOUND)
    return fitting[0]


def _password_key(state: ChipState, reference: bytes, cipher: Cipher) -> bytes:
    """Return Kπ of the password that 83 names (§9.7.3); 6A88 for one that the card lacks."""
    secrets = state.issued.secrets
    information = secrets.mrz_information
    passwords = {
        _MRZ: Hash.SHA1.digest(information.encode("ascii")) if information else b"",
        _CAN: secrets.can.encode(),
    }
    password = passwords.get(reference)
    if not password:
        raise RefusalError(REFERENCE_NOT_FOUND)
    return derive_key(password, KdfCounter.PASSWORD, cipher)


def _require_different(own: Point, terminal: Point) -> None:
    """Refuse a terminal that sends our key back to us (§4.4.1 step 3)."""
    if own == terminal:
        raise RefusalError(NOT_AUTHENTICATED)


def _token(run: PaceRun, mac_key: bytes, public: Point | None) -> bytes:
    """Return the MAC over a public key object: 7F49{06 protocol, 86 point} (§4.4.3.4, §9.4.1)."""
    assert public is not None
    point = encode(0x86, encode_point(run.offer.curve, public))
    return mac(run.offer.cipher, mac_key, encode(0x7F49, encode(0x06, run.offer.oid) + point))
