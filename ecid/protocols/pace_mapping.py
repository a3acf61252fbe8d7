"""Steps 1 and 2 of PACE: the nonce, and the generator that it is mapped to (Doc 9303-11 §4.4.3.3).

Generic mapping hides the nonce behind an anonymous key agreement, integrated mapping hashes it
together with a second nonce. Chip authentication mapping is generic mapping whose agreement uses
a key that the chip later ties to its static one.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ecid.encoding.tlv import encode
from ecid.errors import ProtocolError
from ecid.protocols.exchange import (
    authentication_objects,
    general_authenticate,
    require,
    single_object,
)
from ecid.protocols.pace_choice import PaceParameters
from ecid.protocols.pace_password import PacePassword
from ecid_crypto.cipher import decrypt_cbc
from ecid_crypto.domain import Domain
from ecid_crypto.errors import CryptoError
from ecid_crypto.mapping import nonce_length
from ecid_crypto.rng import Rng
from ecid_readers.status import SW_OK
from ecid_readers.transport import Transport

_STEP = "PACE mapping"

#: The chip's nonce is one block long, shorter than its key.
NONCE_ONE_BLOCK = "pace_nonce_one_block"
#: DO'82' is left out of the answer of the integrated mapping, where it should stand empty.
MAPPING_DATA_ABSENT = "pace_mapping_data_absent"


@dataclass(frozen=True, slots=True)
class Nonce:
    """The decrypted nonce s, and what was irregular about it."""

    value: bytes = field(repr=False)
    deviations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MappedGenerator:
    """The generator, encoded, and the chip's public mapping key (None with integrated mapping)."""

    generator: bytes = field(repr=False)
    chip_key: bytes | None = field(repr=False)
    deviations: tuple[str, ...] = ()


def fetch_nonce(card: Transport, parameters: PaceParameters, password: PacePassword) -> Nonce:
    """Step 1: fetch the encrypted nonce z and decrypt it with K_π (§4.4.3.3).

    The nonce is as long as the key, in whole blocks. With generic and chip authentication mapping
    the clause leaves its length to the chip, and OpenPACE (libeac 1.1.2) sends a single block with
    every cipher: that is taken too, and named (``NONCE_ONE_BLOCK``). Any other length is
    ``ProtocolError``.
    """
    step = "PACE nonce"
    z = single_object(require(card, general_authenticate(b"", last=False), step), 0x80, step)
    if len(z) not in _nonce_lengths(parameters):
        raise ProtocolError(step, SW_OK, "wrong_length")
    cipher = parameters.cipher
    value = decrypt_cbc(cipher, password.key(cipher), bytes(cipher.block_length), z)
    return Nonce(value, (NONCE_ONE_BLOCK,) if len(z) < nonce_length(cipher) else ())


def map_nonce(
    card: Transport, parameters: PaceParameters, nonce: bytes, rng: Rng
) -> MappedGenerator:
    """Step 2: exchange what the mapping needs and return the generator.

    Takes from ``rng`` a private key, or the nonce t (one key long) with integrated mapping. Raises
    ``ProtocolError``: a public key that is none or is ours, or a generator that generates nothing.
    """
    if parameters.mapping == "IM":
        return _map_integrated(card, parameters, nonce, rng)
    domain = parameters.domain
    key = domain.generate(rng)
    chip_key = swap_public(card, domain, key.public(), _STEP, sent=0x81, received=0x82)
    try:
        generator = domain.map_generic(nonce, key.multiply(chip_key))
    except CryptoError as exc:
        raise ProtocolError(_STEP, SW_OK, "bad_point") from exc
    return MappedGenerator(generator, chip_key)


def swap_public(
    card: Transport, domain: Domain, ours: bytes, step: str, *, sent: int, received: int
) -> bytes:
    """Send our public key and return the chip's: a valid one of ``domain``, and not ours (§4.4.1).

    Both are encoded as §9.4 says, which is the only encoding: equal bytes are equal keys.
    """
    command = general_authenticate(encode(sent, ours), last=False, expected=len(ours))
    theirs = single_object(require(card, command, step), received, step)
    try:
        domain.check(theirs)
    except CryptoError as exc:
        raise ProtocolError(step, SW_OK, "bad_point") from exc
    if theirs == ours:
        raise ProtocolError(step, SW_OK, "identical_keys")
    return theirs


def _nonce_lengths(parameters: PaceParameters) -> tuple[int, ...]:
    cipher = parameters.cipher
    if parameters.mapping == "IM":
        return (nonce_length(cipher),)
    return nonce_length(cipher), cipher.block_length


def _map_integrated(
    card: Transport, parameters: PaceParameters, nonce: bytes, rng: Rng
) -> MappedGenerator:
    t = rng(parameters.cipher.key_length)
    command = general_authenticate(encode(0x81, t), last=False)
    found = authentication_objects(require(card, command, _STEP), _STEP)
    if not set(found) <= {0x82}:
        raise ProtocolError(_STEP, SW_OK, "unexpected_object")
    if found and found[0x82].value:
        raise ProtocolError(_STEP, SW_OK, "wrong_length")
    try:
        generator = parameters.domain.map_integrated(parameters.cipher, nonce, t)
    except CryptoError as exc:
        raise ProtocolError(_STEP, SW_OK, "bad_point") from exc
    return MappedGenerator(generator, None, () if found else (MAPPING_DATA_ABSENT,))
