"""The public key of a card-verifiable certificate: object 7F49 (TR-03110-3 §D.3, §A.6)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ecid.encoding.oid import decode_oid
from ecid.encoding.tlv import Cursor, Tlv
from ecid.errors import MalformedData, UnsupportedData
from ecid.lds.cvc_types import CvcEcKey, CvcPublicKey, EcParameters, TaScheme
from ecid.lds.protocol_oids import TERMINAL_AUTHENTICATION
from ecid_crypto.hashes import Hash
from ecid_crypto.public_key import RsaPublicKey
from ecid_crypto.signature import Ecdsa, RsaPkcs1v15, RsaPss


def _pss(hash_function: Hash) -> RsaPss:
    """Return PSS as §A.6.3 wants it: one hash for both, and a salt as long as its digest."""
    return RsaPss(hash_function, hash_function, hash_function.digest_length)


TA_SCHEMES: Mapping[str, TaScheme] = MappingProxyType(
    {
        f"{TERMINAL_AUTHENTICATION}.1.1": RsaPkcs1v15(Hash.SHA1),
        f"{TERMINAL_AUTHENTICATION}.1.2": RsaPkcs1v15(Hash.SHA256),
        f"{TERMINAL_AUTHENTICATION}.1.3": _pss(Hash.SHA1),
        f"{TERMINAL_AUTHENTICATION}.1.4": _pss(Hash.SHA256),
        f"{TERMINAL_AUTHENTICATION}.1.5": RsaPkcs1v15(Hash.SHA512),
        f"{TERMINAL_AUTHENTICATION}.1.6": _pss(Hash.SHA512),
        f"{TERMINAL_AUTHENTICATION}.2.1": Ecdsa(Hash.SHA1, "plain"),
        f"{TERMINAL_AUTHENTICATION}.2.2": Ecdsa(Hash.SHA224, "plain"),
        f"{TERMINAL_AUTHENTICATION}.2.3": Ecdsa(Hash.SHA256, "plain"),
        f"{TERMINAL_AUTHENTICATION}.2.4": Ecdsa(Hash.SHA384, "plain"),
        f"{TERMINAL_AUTHENTICATION}.2.5": Ecdsa(Hash.SHA512, "plain"),
    }
)
"""id-TA-RSA-* and id-TA-ECDSA-* (TR-03110-3 §A.6.3, §A.6.4) by identifier."""


def parse_public_key(template: Tlv) -> CvcPublicKey:
    """Return the key in the object 7F49.

    Raises ``MalformedData`` if it breaks §D.3, ``UnsupportedData`` for other algorithms. Whether
    the numbers make a key that can be used, only using it tells.
    """
    cursor = template.cursor()
    oid = decode_oid(primitive(cursor, 0x06), template.where)
    scheme = TA_SCHEMES.get(oid)
    if scheme is None:
        raise UnsupportedData(template.where, "public_key_algorithm")
    key = _ec_key(cursor) if isinstance(scheme, Ecdsa) else _rsa_key(cursor)
    cursor.finish()
    return CvcPublicKey(oid, scheme, key)


def primitive(cursor: Cursor, tag: int) -> bytes:
    """Return the value of the next object, which has ``tag``, the shortest length and content.

    Raises ``MalformedData``: ``length_not_minimal`` (§D: DER), ``empty``, or what a cursor
    raises.
    """
    read = minimal(cursor.read(tag))
    if not read.value:
        raise MalformedData(read.where, "empty", read.start)
    return read.value


def minimal(read: Tlv) -> Tlv:
    """Return ``read`` if its length is the shortest possible."""
    if not read.minimal:
        raise MalformedData(read.where, "length_not_minimal", read.start)
    return read


def _rsa_key(cursor: Cursor) -> RsaPublicKey:
    return RsaPublicKey(_unsigned(cursor, 0x81), _unsigned(cursor, 0x82))


def _ec_key(cursor: Cursor) -> CvcEcKey:
    if cursor.peek_tag() == 0x86:
        return CvcEcKey(primitive(cursor, 0x86), None)
    p, a, b = (_unsigned(cursor, tag) for tag in (0x81, 0x82, 0x83))
    generator, order = primitive(cursor, 0x84), _unsigned(cursor, 0x85)
    point = primitive(cursor, 0x86)
    # All or nothing, except the cofactor, which is 1 on every curve that is allowed (§D.3.3).
    cofactor = 1 if cursor.at_end else _unsigned(cursor, 0x87)
    return CvcEcKey(point, EcParameters(p, a, b, generator, order, cofactor))


def _unsigned(cursor: Cursor, tag: int) -> int:
    """Return an unsigned integer in as few bytes as it needs (§D.2.1.1)."""
    at = cursor.position
    value = primitive(cursor, tag)
    if value[0] == 0 and len(value) > 1:
        raise MalformedData("CVC", "leading_zero", at)
    return int.from_bytes(value, "big")
