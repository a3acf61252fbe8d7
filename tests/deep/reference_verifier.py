"""A second opinion on a SOD: certificate and signature by ``cryptography``, the rest by hand.

Shares no code with ``ecid``. It is asked one thing only: is the signature valid, under a
certificate that the CSCA signed, over attributes that hold the digest of the content.
"""

from __future__ import annotations

import hashlib

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

Node = tuple[int, bytes, bytes]  # tag, value, whole object

_SIGNED_DATA = bytes.fromhex("2A864886F70D010702")
_LDS = bytes.fromhex("678108010101")
_CONTENT_TYPE = bytes.fromhex("2A864886F70D010903")
_MESSAGE_DIGEST = bytes.fromhex("2A864886F70D010904")
_DIGESTS = {
    bytes.fromhex("608648016503040201"): "sha256",
    bytes.fromhex("608648016503040202"): "sha384",
    bytes.fromhex("608648016503040203"): "sha512",
    bytes.fromhex("608648016503040204"): "sha224",
}
_ECDSA: dict[bytes, hashes.HashAlgorithm] = {
    bytes.fromhex("2A8648CE3D040301"): hashes.SHA224(),
    bytes.fromhex("2A8648CE3D040302"): hashes.SHA256(),
    bytes.fromhex("2A8648CE3D040303"): hashes.SHA384(),
    bytes.fromhex("2A8648CE3D040304"): hashes.SHA512(),
}


class Refused(Exception):
    """The bytes are not a SOD of the kind that this verifier knows."""


def is_valid(sod: bytes, csca: bytes) -> bool:
    """Whether ``sod`` is signed by a certificate inside it that ``csca`` (DER) signed."""
    try:
        return _verify(sod, csca)
    except (Refused, InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError, IndexError):
        return False


def _verify(sod: bytes, csca: bytes) -> bool:
    oid, wrapped = _many(_one(_one(sod, 0x77), 0x30))
    if oid[:2] != (0x06, _SIGNED_DATA):
        raise Refused
    parts = _many(_one(_one(wrapped[2], 0xA0), 0x30))
    content = _content(parts[2])
    if parts[0][2] != b"\x02\x01\x03":
        raise Refused
    bag = [raw for tag, value, _ in parts if tag == 0xA0 for _, _, raw in _many(value)]
    [info] = _many(_one(parts[-1][2], 0x31))
    version, identifier, digest, attributes, algorithm, signature = _many(_one(info[2], 0x30))[:6]
    listed = [_first(entry) for entry in _many(_one(parts[1][2], 0x31))]
    if version[2] != b"\x02\x01\x01" or attributes[0] != 0xA0 or _first(digest) not in listed:
        raise Refused
    _check_attributes(attributes[1], content, _first(digest))
    signer = _signer(bag, identifier)
    signer.verify_directly_issued_by(x509.load_der_x509_certificate(csca))
    key = signer.public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise Refused
    hash_ = _ECDSA.get(_first(algorithm))
    if hash_ is None or signature[0] != 0x04:
        raise Refused
    key.verify(signature[1], b"\x31" + attributes[2][1:], ec.ECDSA(hash_))
    return True


def _content(encapsulated: Node) -> bytes:
    kind, wrapped = _many(_one(encapsulated[2], 0x30))
    if kind[:2] != (0x06, _LDS):
        raise Refused
    return _one(_one(wrapped[2], 0xA0), 0x04)


def _check_attributes(attributes: bytes, content: bytes, digest: bytes) -> None:
    found: dict[bytes, bytes] = {}
    for _, attribute, _ in _many(attributes):
        kind, values = _many(attribute)
        if kind[1] in found:
            raise Refused
        found[kind[1]] = _one(values[2], 0x31)
    if digest not in _DIGESTS or _one(found.get(_CONTENT_TYPE, b""), 0x06) != _LDS:
        raise Refused
    computed = hashlib.new(_DIGESTS[digest], content).digest()
    if _one(found.get(_MESSAGE_DIGEST, b""), 0x04) != computed:
        raise Refused


def _signer(bag: list[bytes], identifier: Node) -> x509.Certificate:
    """Return the certificate with the issuer and serial number that the signer names."""
    issuer, serial = _many(_one(identifier[2], 0x30))
    if serial[0] != 0x02:
        raise Refused
    for raw in bag:
        found = x509.load_der_x509_certificate(raw)
        number = int.from_bytes(serial[1], "big", signed=True)
        if (found.issuer.public_bytes(), found.serial_number) == (issuer[2], number):
            return found
    raise Refused


def _first(node: Node) -> bytes:
    """Return the OID of an AlgorithmIdentifier."""
    return _many(_one(node[2], 0x30))[0][1]


def _one(data: bytes, tag: int) -> bytes:
    [(found, value, _)] = _many(data)
    if found != tag:
        raise Refused
    return value


def _many(data: bytes) -> list[Node]:
    """Return the DER objects that ``data`` consists of: one-byte tags, shortest lengths."""
    found, at = [], 0
    while at < len(data):
        first, start = data[at + 1], at + 2
        length = first
        if first >= 0x80:
            start += first & 0x7F
            length = int.from_bytes(data[at + 2 : start], "big")
            shortest = length.to_bytes(max(1, (length.bit_length() + 7) // 8), "big")
            if data[at + 2 : start] != shortest or length < 0x80:
                raise Refused
        if start + length > len(data):
            raise Refused
        found.append((data[at], data[start : start + length], data[at : start + length]))
        at = start + length
    return found
