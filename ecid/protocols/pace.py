"""PACE with generic mapping over ECDH: the terminal's side (Doc 9303-11 §4.4, example G.1)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from hashlib import sha1

from ecid.encoding.oid import encode_oid
from ecid.encoding.tlv import encode
from ecid.errors import AccessDenied, AccessRefused, ProtocolError, UnsupportedData
from ecid.lds.security_infos import PaceInfo
from ecid.protocols.exchange import (
    authentication_objects,
    exchange,
    general_authenticate,
    require,
    single_object,
)
from ecid.session.keys import SessionKeys
from ecid_crypto import mac as macs
from ecid_crypto.cipher import Cipher, decrypt_cbc
from ecid_crypto.curves import Curve, Point, decode_point, encode_point, standardised_curve
from ecid_crypto.ec_key import EcPrivateKey
from ecid_crypto.errors import CryptoError, InvalidMac, UnsupportedAlgorithm
from ecid_crypto.kdf import KdfCounter, derive_key, derive_session_keys
from ecid_crypto.mapping import map_generic
from ecid_crypto.rng import Rng
from ecid_readers.apdu import CommandApdu
from ecid_readers.status import SW_OK
from ecid_readers.transport import Transport

_NONCE = 16
_VERSION = 2  # of PACE; no other was ever published (§9.2.1)


class PasswordReference(IntEnum):
    """Which password is meant, in DO'83' of MSE:Set AT (Doc 9303-11 §4.4.4.1)."""

    MRZ = 1
    CAN = 2


@dataclass(frozen=True, slots=True)
class PacePassword:
    """A password and the bytes f(π) that its key is derived from (Doc 9303-11 §9.7.3)."""

    reference: PasswordReference
    secret: bytes = field(repr=False)

    @classmethod
    def from_can(cls, can: str) -> PacePassword:
        """Return the card access number: its characters are the secret."""
        return cls(PasswordReference.CAN, can.encode("ascii"))

    @classmethod
    def from_mrz_information(cls, mrz_information: str) -> PacePassword:
        """Return the MRZ password: SHA-1 of number and dates with their check digits."""
        secret = sha1(mrz_information.encode("ascii"), usedforsecurity=False).digest()
        return cls(PasswordReference.MRZ, secret)

    @property
    def is_mrz(self) -> bool:
        """Whether this is the MRZ password."""
        return self.reference is PasswordReference.MRZ


@dataclass(frozen=True, slots=True)
class PaceParameters:
    """What one run of PACE uses: protocol OID, cipher and standardised curve."""

    oid: str
    cipher: Cipher
    curve: Curve
    parameter_id: int


def choose(offered: tuple[PaceInfo, ...]) -> PaceParameters:
    """Return the strongest of the ``offered`` PACEInfos that this library runs.

    Raises ``UnsupportedData`` if there is none: only ECDH with generic mapping over the
    standardised parameters 8 to 18 is implemented here.
    """
    usable = [p for p in map(_parameters, offered) if p is not None]
    if not usable:
        raise UnsupportedData("EF.CardAccess", "pace_variant")
    return max(usable, key=lambda p: (p.cipher.key_length, p.cipher.block_length, p.curve.bits))


def run_pace(
    card: Transport,
    parameters: PaceParameters,
    password: PacePassword,
    rng: Rng,
    *,
    name_parameters: bool = False,
) -> SessionKeys:
    """Authenticate with ``password`` and return the session keys, send sequence counter zero.

    Takes the private keys of mapping and key agreement from ``rng``, in this order.
    ``name_parameters`` adds DO'84' with the parameter id, for chips that offer several. Raises
    ``AccessRefused`` if the chip will not start, ``AccessDenied`` if it refuses the password,
    ``ProtocolError`` if it breaks the protocol or does not prove the same password
    (``access_unproven``), ``MalformedData`` for responses that are not TLV.
    """
    _set_authentication_template(card, parameters, password, name_parameters=name_parameters)
    nonce = _encrypted_nonce(card, parameters, password)
    generator = _map_nonce(card, parameters.curve, nonce, rng)
    ours, theirs, secret = _agree(card, parameters.curve, generator, rng)
    enc, mac = derive_session_keys(secret, parameters.cipher)
    _authenticate(card, parameters, mac, ours, theirs)
    return SessionKeys(parameters.cipher, enc, mac, ssc=bytes(parameters.cipher.block_length))


def authentication_token(parameters: PaceParameters, mac_key: bytes, point: Point) -> bytes:
    """Return the 8-byte token over the other side's public key (Doc 9303-11 §4.4.3.4)."""
    public_key = encode(0x06, encode_oid(parameters.oid))
    public_key += encode(0x86, encode_point(parameters.curve, point))
    return macs.mac(parameters.cipher, mac_key, encode(0x7F49, public_key))


def _parameters(info: PaceInfo) -> PaceParameters | None:
    generic = info.mapping == "GM" and info.key_agreement == "ECDH"
    if not generic or info.version != _VERSION or info.parameter_id is None:
        return None
    try:
        curve = standardised_curve(info.parameter_id)
    except UnsupportedAlgorithm:
        return None
    return PaceParameters(info.oid, info.cipher, curve, info.parameter_id)


def _set_authentication_template(
    card: Transport, parameters: PaceParameters, password: PacePassword, *, name_parameters: bool
) -> None:
    """MSE:Set AT. 63Cx only warns how many tries are left (§4.4.4.1)."""
    data = encode(0x80, encode_oid(parameters.oid)) + encode(0x83, bytes([password.reference]))
    if name_parameters:
        data += encode(0x84, bytes([parameters.parameter_id]))
    response = exchange(card, CommandApdu(0x00, 0x22, 0xC1, 0xA4, data))
    if response.sw != SW_OK and not 0x63C1 <= response.sw <= 0x63CF:
        raise AccessRefused("PACE MSE:Set AT", response.sw)


def _encrypted_nonce(card: Transport, parameters: PaceParameters, password: PacePassword) -> bytes:
    """Step 1: fetch the encrypted nonce z and decrypt it with K_π (§4.4.3.3)."""
    step = "PACE nonce"
    z = single_object(require(card, general_authenticate(b"", last=False), step), 0x80, step)
    if len(z) != _NONCE:
        raise ProtocolError(step, SW_OK, "wrong_length")
    key = derive_key(password.secret, KdfCounter.PASSWORD, parameters.cipher)
    return decrypt_cbc(parameters.cipher, key, bytes(parameters.cipher.block_length), z)


def _map_nonce(card: Transport, curve: Curve, nonce: bytes, rng: Rng) -> Point:
    """Step 2: the generic mapping, an anonymous agreement that hides the nonce (§4.4.3.3.1)."""
    step = "PACE mapping"
    private = EcPrivateKey.generate(curve, rng)
    ours = private.public_point()
    theirs = _swap_points(card, curve, ours, step, sent=0x81, received=0x82)
    try:
        return map_generic(curve, nonce, private.multiply(theirs))
    except CryptoError as exc:
        raise ProtocolError(step, SW_OK, "bad_point") from exc


def _agree(card: Transport, curve: Curve, generator: Point, rng: Rng) -> tuple[Point, Point, bytes]:
    """Step 3: key agreement over the mapped generator. Return both public keys and the secret."""
    step = "PACE key agreement"
    private = EcPrivateKey.generate(curve, rng)
    ours = private.public_point(generator)
    theirs = _swap_points(card, curve, ours, step, sent=0x83, received=0x84)
    return ours, theirs, private.shared_secret(theirs)


def _swap_points(
    card: Transport, curve: Curve, ours: Point, step: str, *, sent: int, received: int
) -> Point:
    """Send our public key and return the chip's, which must be a point and not ours (§4.4.1)."""
    command = general_authenticate(encode(sent, encode_point(curve, ours)), last=False)
    encoded = single_object(require(card, command, step), received, step)
    try:
        theirs = decode_point(curve, encoded)
    except CryptoError as exc:
        raise ProtocolError(step, SW_OK, "bad_point") from exc
    if theirs == ours:
        raise ProtocolError(step, SW_OK, "identical_keys")
    return theirs


def _authenticate(
    card: Transport, parameters: PaceParameters, mac_key: bytes, ours: Point, theirs: Point
) -> None:
    """Step 4: exchange the tokens; ours covers the chip's key and the other way round."""
    step = "PACE mutual authentication"
    token = authentication_token(parameters, mac_key, theirs)
    response = exchange(card, general_authenticate(encode(0x85, token), last=True))
    if response.sw != SW_OK:
        # The chip saw our token first: whatever it answers, it did not accept the password.
        raise AccessDenied
    answer = authentication_objects(response.data, step)
    # 87 and 88 name certification authorities for terminal authentication (§4.4.4.2).
    if 0x86 not in answer or not set(answer) <= {0x86, 0x87, 0x88}:
        raise ProtocolError(step, SW_OK, "unexpected_object")
    try:
        macs.verify(authentication_token(parameters, mac_key, ours), answer[0x86].value)
    except InvalidMac as exc:
        raise ProtocolError(step, SW_OK, "access_unproven") from exc
