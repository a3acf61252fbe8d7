"""PACE: the terminal's side (Doc 9303-11 §4.4, examples G.1 to I.1).

Generic and integrated mapping over curves and finite fields, chip authentication mapping over
curves; ``pace_choice`` picks the variant, ``pace_mapping`` has steps 1 and 2, ``pace_cam`` the
chip's proof.
"""

from __future__ import annotations

from dataclasses import dataclass

from ecid.encoding.oid import encode_oid
from ecid.encoding.tlv import Tlv, encode
from ecid.errors import AccessDenied, AccessRefused, ProtocolError
from ecid.protocols.exchange import (
    authentication_objects,
    exchange,
    general_authenticate,
    tries_left,
)
from ecid.protocols.pace_cam import CamAnswer, check_cam, open_answer, static_keys
from ecid.protocols.pace_choice import PaceParameters, choose, is_ambiguous, ranked
from ecid.protocols.pace_mapping import MappedGenerator, fetch_nonce, map_nonce, swap_public
from ecid.protocols.pace_password import PacePassword, PasswordReference
from ecid.session.keys import SessionKeys
from ecid_crypto import mac as macs
from ecid_crypto.domain import DhDomain
from ecid_crypto.errors import InvalidMac
from ecid_crypto.kdf import derive_session_keys
from ecid_crypto.rng import Rng
from ecid_readers.apdu import CommandApdu, ResponseApdu
from ecid_readers.status import SW_OK
from ecid_readers.transport import Transport

__all__ = [
    "CamAnswer",
    "PaceParameters",
    "PacePassword",
    "PaceResult",
    "PasswordReference",
    "authentication_token",
    "check_cam",
    "choose",
    "is_ambiguous",
    "ranked",
    "run_pace",
    "static_keys",
]

_SELECTION = "PACE MSE:Set AT"

#: Answers to MSE:Set AT that some chips give to DO'84', and others to its absence (gmrtd 93, 108).
_OTHER_FORM = (0x6A80, 0x6A87, 0x6A88)

#: What the chip wanted against the rule of §4.4.4.1: DO'84' with one set of parameters only, ...
PARAMETERS_NAMED = "pace_parameters_named"
#: ... or none although it has several.
PARAMETERS_NOT_NAMED = "pace_parameters_not_named"


@dataclass(frozen=True, slots=True)
class PaceResult:
    """What a successful run gives.

    ``keys`` open the session, counter zero. ``chip_public`` is the chip's ephemeral public key,
    encoded, to which Terminal Authentication is bound. ``chip_authentication`` is there exactly
    after chip authentication mapping and still has to be checked. ``certification_authorities``
    are the references in DO'87' and DO'88', the most recent first. ``tries_left`` is what the
    chip warned of before the password was tried (63Cx), ``deviations`` name what was irregular.
    """

    keys: SessionKeys
    chip_public: bytes
    chip_authentication: CamAnswer | None = None
    certification_authorities: tuple[str, ...] = ()
    tries_left: int | None = None
    deviations: tuple[str, ...] = ()


def run_pace(
    card: Transport,
    parameters: PaceParameters,
    password: PacePassword,
    rng: Rng,
    *,
    name_parameters: bool = False,
) -> PaceResult:
    """Authenticate with ``password`` once and return the session keys.

    Takes from ``rng`` a private key for the mapping (or the nonce t of the integrated mapping) and
    one for the key agreement, in this order. ``name_parameters`` puts the parameter id into DO'84',
    which a chip with several sets wants (``is_ambiguous``); a chip that refuses the form it is
    given is asked once in the other one. Raises ``AccessRefused`` if the chip will not start
    (``password_blocked`` if that is why), ``AccessDenied`` if it refuses the password, with the
    tries left if it says so, ``ProtocolError`` if it breaks the protocol or does not prove the
    same password (``access_unproven``), ``MalformedData`` for responses that are not TLV.
    """
    tries, quirks = _select(card, parameters, password, name_parameters=name_parameters)
    nonce = fetch_nonce(card, parameters, password)
    mapped = map_nonce(card, parameters, nonce.value, rng)
    ours, theirs, secret = _agree(card, parameters, mapped.generator, rng)
    enc, mac = derive_session_keys(secret, parameters.cipher)
    answer = _authenticate(card, parameters, mac, ours, theirs)
    return PaceResult(
        keys=SessionKeys.with_zero_counter(parameters.cipher, enc, mac),
        chip_public=theirs,
        chip_authentication=_chip_authentication(parameters, mapped, enc, answer.get(0x8A)),
        certification_authorities=_authorities(answer),
        tries_left=tries,
        deviations=(*quirks, *nonce.deviations, *mapped.deviations),
    )


def authentication_token(parameters: PaceParameters, mac_key: bytes, public: bytes) -> bytes:
    """Return the 8-byte token over the other side's ``public`` key (Doc 9303-11 §4.4.3.4).

    The key stands in a public key data object 7F49 without domain parameters (§9.4.5): tag 86 for
    a point, tag 84 for a number.
    """
    tag = 0x84 if isinstance(parameters.domain, DhDomain) else 0x86
    public_key = encode(0x06, encode_oid(parameters.oid)) + encode(tag, public)
    return macs.mac(parameters.cipher, mac_key, encode(0x7F49, public_key))


def _select(
    card: Transport, parameters: PaceParameters, password: PacePassword, *, name_parameters: bool
) -> tuple[int | None, tuple[str, ...]]:
    """MSE:Set AT, in the other form if the chip wants that. Return tries left and the quirk."""
    response = _set_authentication_template(card, parameters, password, named=name_parameters)
    quirks: tuple[str, ...] = ()
    if response.sw in _OTHER_FORM:
        named = not name_parameters
        response = _set_authentication_template(card, parameters, password, named=named)
        quirks = (PARAMETERS_NAMED if named else PARAMETERS_NOT_NAMED,)
    tries = tries_left(response.sw)
    if tries == 0:
        raise AccessRefused(_SELECTION, response.sw, "password_blocked")
    if response.sw != SW_OK and tries is None:
        raise AccessRefused(_SELECTION, response.sw)
    return tries, quirks


def _set_authentication_template(
    card: Transport, parameters: PaceParameters, password: PacePassword, *, named: bool
) -> ResponseApdu:
    data = encode(0x80, encode_oid(parameters.oid)) + encode(0x83, bytes([password.reference]))
    if named:
        data += encode(0x84, bytes([parameters.parameter_id]))
    return exchange(card, CommandApdu(0x00, 0x22, 0xC1, 0xA4, data))


def _agree(
    card: Transport, parameters: PaceParameters, generator: bytes, rng: Rng
) -> tuple[bytes, bytes, bytes]:
    """Step 3: key agreement over the mapped generator. Return both public keys and the secret."""
    key = parameters.domain.generate(rng)
    ours = key.public(generator)
    step = "PACE key agreement"
    theirs = swap_public(card, parameters.domain, ours, step, sent=0x83, received=0x84)
    return ours, theirs, key.shared_secret(theirs)


def _authenticate(
    card: Transport, parameters: PaceParameters, mac_key: bytes, ours: bytes, theirs: bytes
) -> dict[int, Tlv]:
    """Step 4: exchange the tokens; ours covers the chip's key and the other way round."""
    step = "PACE mutual authentication"
    token = authentication_token(parameters, mac_key, theirs)
    response = exchange(card, general_authenticate(encode(0x85, token), last=True))
    if response.sw != SW_OK:
        # The chip saw our token first: whatever it answers, it did not accept the password.
        raise AccessDenied(tries_left=tries_left(response.sw))
    answer = authentication_objects(response.data, step)
    allowed = _ALLOWED | {0x8A} if parameters.mapping == "CAM" else _ALLOWED
    if 0x86 not in answer or not set(answer) <= allowed:
        raise ProtocolError(step, SW_OK, "unexpected_object")
    try:
        macs.verify(authentication_token(parameters, mac_key, ours), answer[0x86].value)
    except InvalidMac as exc:
        raise ProtocolError(step, SW_OK, "access_unproven") from exc
    return answer


#: The token, and names of authorities for terminal authentication, asked for or not (§4.4.5).
_ALLOWED = frozenset({0x86, 0x87, 0x88})

#: Longest certification authority reference (TR-03110-3 §A.6.1).
_REFERENCE = 16


def _authorities(answer: dict[int, Tlv]) -> tuple[str, ...]:
    values = [answer[tag].value for tag in (0x87, 0x88) if tag in answer]
    if not all(0 < len(value) <= _REFERENCE for value in values):
        raise ProtocolError("PACE mutual authentication", SW_OK, "wrong_length")
    return tuple(value.decode("latin-1") for value in values)


def _chip_authentication(
    parameters: PaceParameters, mapped: MappedGenerator, enc_key: bytes, data: Tlv | None
) -> CamAnswer | None:
    if parameters.mapping != "CAM" or mapped.chip_key is None:
        return None
    encrypted = None if data is None else data.value
    return open_answer(parameters.domain, parameters.cipher, enc_key, mapped.chip_key, encrypted)
