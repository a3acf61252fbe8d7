"""SecurityInfos as an issuer writes them, one function each (Doc 9303-11 §9.2, TR-03110-3 §A.1)."""

from __future__ import annotations

from ecid.emulator.personalise.dh_keys import write_dh_spki
from ecid.encoding import der_write as w
from ecid.encoding.oid import (
    ACTIVE_AUTHENTICATION,
    BSI_SMARTCARD,
    STANDARDISED_DOMAIN_PARAMETERS,
)
from ecid.encoding.spki import write_spki
from ecid_crypto.cipher import Cipher
from ecid_crypto.curves import encode_point, standardised_curve
from ecid_crypto.dh import DhPublicKey
from ecid_crypto.hashes import Hash
from ecid_crypto.public_key import EcPublicKey

#: Last arc of a protocol identifier: its cipher.
_CIPHERS = dict(zip(Cipher, (1, 2, 3, 4), strict=True))
_PACE = {("GM", True): 1, ("GM", False): 2, ("IM", True): 3, ("IM", False): 4, ("CAM", False): 6}
_PLAIN_ECDSA = "0.4.0.127.0.7.1.1.4.1"
_FIRST_CURVE = 8


def pace_info(mapping: str, cipher: Cipher, parameter_id: int) -> bytes:
    """Return a PACEInfo of version 2; ``mapping`` is GM, IM or CAM (§9.2.1)."""
    variant = _PACE[mapping, parameter_id < _FIRST_CURVE]
    oid = w.oid(f"{BSI_SMARTCARD}.4.{variant}.{_CIPHERS[cipher]}")
    return w.seq(oid, w.integer(2), w.integer(parameter_id))


def chip_authentication_info(finite_field: bool, cipher: Cipher, key_id: int | None) -> bytes:
    """Return a ChipAuthenticationInfo of version 1 (§9.2.5)."""
    oid = w.oid(f"{BSI_SMARTCARD}.3.{1 if finite_field else 2}.{_CIPHERS[cipher]}")
    return w.seq(oid, w.integer(1), _key_id(key_id))


def chip_authentication_public_key_info(
    key: EcPublicKey | DhPublicKey, encoding: str, key_id: int | None
) -> bytes:
    """Return a ChipAuthenticationPublicKeyInfo (§9.2.6).

    ``encoding`` of a point is ``explicit``, ``named`` or ``standardised`` (the number of the
    domain parameters); of a number ``x9.42`` or ``pkcs3``.
    """
    finite_field = isinstance(key, DhPublicKey)
    oid = w.oid(f"{BSI_SMARTCARD}.1.{1 if finite_field else 2}")
    return w.seq(oid, _spki(key, encoding), _key_id(key_id))


def terminal_authentication_info() -> bytes:
    """Return a TerminalAuthenticationInfo of version 1; EF.CVCA has its usual identifier."""
    return w.seq(w.oid(f"{BSI_SMARTCARD}.2"), w.integer(1))


def active_authentication_info(hash_function: Hash) -> bytes:
    """Return an ActiveAuthenticationInfo: ECDSA in plain form with this hash (§9.2.4)."""
    arc = list(Hash).index(hash_function) + 1
    return w.seq(w.oid(ACTIVE_AUTHENTICATION), w.integer(1), w.oid(f"{_PLAIN_ECDSA}.{arc}"))


def _spki(key: EcPublicKey | DhPublicKey, encoding: str) -> bytes:
    if isinstance(key, DhPublicKey):
        return write_dh_spki(key, pkcs3=encoding == "pkcs3")
    if encoding != "standardised":
        return write_spki(key, explicit=encoding == "explicit")
    number = next(n for n in range(8, 19) if standardised_curve(n) == key.curve)
    algorithm = w.seq(w.oid(STANDARDISED_DOMAIN_PARAMETERS), w.integer(number))
    return w.seq(algorithm, w.bits(encode_point(key.curve, key.point)))


def _key_id(key_id: int | None) -> bytes:
    return b"" if key_id is None else w.integer(key_id)
