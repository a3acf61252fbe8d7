"""The private key of the terminal: what Terminal Authentication asks of it, and the key in a file.

Whoever keeps the key elsewhere (a smart card, a module, a server) writes a class with ``public``
and ``sign``; nothing else of this package sees a terminal's private key.
"""

from __future__ import annotations

import base64
import re
from pathlib import Path
from typing import Protocol

from ecid.encoding import der_write as w
from ecid.encoding.oid import EC_PUBLIC_KEY, encode_oid
from ecid.encoding.spki import parse_ec_parameters
from ecid.encoding.tlv import children, parse_one
from ecid.errors import EcidError, EvidenceError, StoreError, UnsupportedData
from ecid.lds.cvc_public_key import TA_SCHEMES
from ecid.storage import read_file
from ecid_crypto.errors import CryptoError
from ecid_crypto.public_key import EcPublicKey, RsaPublicKey
from ecid_crypto.signing_key import SigningKey

_MAX_FILE = 65_536
_WHERE = "PKCS8"
_PEM = re.compile(rb"-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\s]+)-----END PRIVATE KEY-----\s*")


class TerminalKey(Protocol):
    """Signs for the terminal, wherever its private key lives."""

    @property
    def public(self) -> RsaPublicKey | EcPublicKey:
        """Return the public key; the terminal's certificate is the one that has it."""
        ...

    def sign(self, oid: str, message: bytes) -> bytes:
        """Return the signature over ``message`` (not hashed) by algorithm ``oid``, an id-TA-*.

        RSA: as long as the modulus. ECDSA: r || s, each as long as the order (TR-03111 §5.2.1).
        Raises an ``EcidError`` if it cannot.
        """
        ...


class FileTerminalKey:
    """A ``TerminalKey`` in memory, from a PKCS #8 file; its repr does not show it."""

    __slots__ = ("_key",)

    def __init__(self, key: SigningKey) -> None:
        self._key = key

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._key!r})"

    @classmethod
    def from_bytes(cls, data: bytes, password: bytes | None = None) -> FileTerminalKey:
        """Return the key of a PKCS #8 object, DER or PEM, encrypted with ``password`` or not.

        Curve parameters written out in full are taken if they are those of a known curve, in a
        key that is not encrypted. Raises ``StoreError("ta_key_unreadable")`` with the ``rule``:
        ``password_missing``, ``not_encrypted``, ``key_unreadable``, ``key_kind``, ``curve``.
        """
        try:
            return cls(SigningKey.from_pkcs8(_with_named_curve(data), password))
        except CryptoError as exc:
            raise StoreError("ta_key_unreadable", rule=exc.rule) from None

    @classmethod
    def load(cls, path: Path, password: bytes | None = None) -> FileTerminalKey:
        """Return the key in the file ``path``: see ``from_bytes``."""
        try:
            data = read_file(path, _MAX_FILE)
        except EvidenceError:
            raise StoreError("ta_key_unreadable", rule="no_file") from None
        return cls.from_bytes(data, password)

    @property
    def public(self) -> RsaPublicKey | EcPublicKey:
        """Return the public key."""
        return self._key.public

    def sign(self, oid: str, message: bytes) -> bytes:
        """Return the signature over ``message``; raises ``UnsupportedData`` if it cannot."""
        scheme = TA_SCHEMES.get(oid)
        if scheme is None:
            raise UnsupportedData("terminal key", oid)
        try:
            return self._key.sign(scheme, message)
        except CryptoError as exc:
            raise UnsupportedData("terminal key", exc.rule) from exc


def _with_named_curve(data: bytes) -> bytes:
    """Return ``data`` with explicit curve parameters replaced by the name of the curve they are.

    The library that reads the key refuses explicit ones, which OpenPACE writes. Anything that is
    not such a key is returned as it is, for the library to judge.
    """
    pem = _PEM.fullmatch(data.strip())
    try:
        der = base64.b64decode(pem[1]) if pem else data
        version, algorithm, private = children(parse_one(der, 0x30, _WHERE))[:3]
        oid, parameters = children(algorithm)
        if oid.value != encode_oid(EC_PUBLIC_KEY) or parameters.tag != 0x30:
            return data
        curve, _ = parse_ec_parameters(parameters.raw, _WHERE)
        inner = [part.raw for part in children(parse_one(private.value, 0x30, _WHERE))[:2]]
    except (EcidError, ValueError):
        return data
    named = w.seq(oid.raw, w.oid(curve.oid))
    return w.seq(version.raw, named, w.octets(w.seq(*inner)))
