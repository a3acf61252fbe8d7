"""The signed SOD of an emulated document, one function for each layer (Doc 9303-10 §4.6.2).

Every part may be given instead of computed, so that a forged SOD differs from a genuine one in
exactly the part a test is about.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from ecid.emulator.certificates import time
from ecid.emulator.signing import SigningKey
from ecid.encoding import der_write as w
from ecid.encoding.oid import (
    CONTENT_TYPE,
    LDS_SECURITY_OBJECT,
    MESSAGE_DIGEST,
    SECURITY_OBJECT,
    SIGNED_DATA,
    SIGNING_TIME,
)
from ecid.encoding.tlv import children, encode, parse_one
from ecid_crypto.hashes import Hash


@dataclass(frozen=True, slots=True)
class Signer:
    """A document signer: its certificate (DER) and the private key that belongs to it."""

    certificate: bytes = field(repr=False)
    key: SigningKey = field(repr=False)


def sign_sod(
    data_groups: Mapping[int, bytes],
    signer: Signer,
    *,
    signing_time: datetime | None = None,
    hash_function: Hash = Hash.SHA256,
    econtent: bytes | None = None,
    attributes: Sequence[bytes] | None = None,
    signer_infos: Sequence[bytes] | None = None,
    certificates: Sequence[bytes] | None = None,
    content_type: str = LDS_SECURITY_OBJECT,
    version: int = 3,
) -> bytes:
    """Return EF.SOD over whole data groups (number to file bytes), in tag 77.

    ``attributes`` are complete Attributes; an empty sequence leaves signedAttrs out.
    ``signer_infos`` and ``certificates`` replace the one SignerInfo and the one certificate.
    """
    content = lds_security_object(data_groups, hash_function) if econtent is None else econtent
    if signer_infos is None:
        if attributes is None:
            attributes = signed_attributes(
                content, hash_function, signing_time=signing_time, content_type=content_type
            )
        signer_infos = (signer_info(signer, content, attributes, hash_function=hash_function),)
    signed = signed_data(
        content,
        signer_infos,
        (signer.certificate,) if certificates is None else certificates,
        digest_algorithms=(digest_algorithm(hash_function),),
        content_type=content_type,
        version=version,
    )
    return wrap_sod(signed)


def sign_card_security(
    security_infos: bytes, signer: Signer, signing_time: datetime, hash_function: Hash = Hash.SHA256
) -> bytes:
    """Return EF.CardSecurity: signed SecurityInfos without another tag (Doc 9303-11 §9.2.10)."""
    attributes = signed_attributes(
        security_infos, hash_function, content_type=SECURITY_OBJECT, signing_time=signing_time
    )
    info = signer_info(signer, security_infos, attributes, hash_function=hash_function)
    return signed_data(
        security_infos,
        (info,),
        (signer.certificate,),
        digest_algorithms=(digest_algorithm(hash_function),),
        content_type=SECURITY_OBJECT,
    )


def lds_security_object(
    data_groups: Mapping[int, bytes],
    hash_function: Hash = Hash.SHA256,
    *,
    version: int = 0,
    digests: Mapping[int, bytes] | None = None,
    lds_version: tuple[str, str] | None = None,
) -> bytes:
    """Return an LDSSecurityObject in ascending order of data groups (Doc 9303-10 §4.6.2.3).

    ``digests`` gives the hash values directly; ``lds_version`` is (LDS, Unicode) for version 1.
    """
    if digests is None:
        digests = {n: hash_function.digest(data) for n, data in sorted(data_groups.items())}
    entries = (w.seq(w.integer(n), w.octets(value)) for n, value in digests.items())
    info = b"" if lds_version is None else w.seq(*map(w.printable, lds_version))
    algorithm = digest_algorithm(hash_function, null=True)
    return w.seq(w.integer(version), algorithm, w.seq(*entries), info)


def signed_attributes(
    econtent: bytes,
    hash_function: Hash = Hash.SHA256,
    *,
    content_type: str = LDS_SECURITY_OBJECT,
    signing_time: datetime | None = None,
    message_digest: bytes | None = None,
) -> tuple[bytes, ...]:
    """Return contentType, signingTime (if given) and messageDigest (RFC 5652 §11)."""
    digest = hash_function.digest(econtent) if message_digest is None else message_digest
    moment = () if signing_time is None else (attribute(SIGNING_TIME, time(signing_time)),)
    return (
        attribute(CONTENT_TYPE, w.oid(content_type)),
        *moment,
        attribute(MESSAGE_DIGEST, w.octets(digest)),
    )


def attribute(dotted: str, *values: bytes) -> bytes:
    """Return an Attribute with these values (RFC 5652 §5.3)."""
    return w.seq(w.oid(dotted), w.set_of(*values))


def signer_info(
    signer: Signer,
    econtent: bytes,
    attributes: Sequence[bytes],
    *,
    hash_function: Hash = Hash.SHA256,
    signature_hash: Hash | None = None,
    identifier: bytes | None = None,
    version: int = 1,
    signature: bytes | None = None,
    sort: bool = True,
) -> bytes:
    """Return a SignerInfo (RFC 5652 §5.3), signed over the attributes in DER SET order.

    Without attributes the signature is over ``econtent``. ``identifier`` is a SignerIdentifier,
    by default issuer and serial number of the signer; ``sort=False`` keeps the order given.
    """
    as_set = w.set_of(*attributes, sort=sort)
    signature_hash = signature_hash or hash_function
    if signature is None:
        signature = signer.key.sign(signature_hash, as_set if attributes else econtent)
    return w.seq(
        w.integer(version),
        issuer_and_serial(signer.certificate) if identifier is None else identifier,
        digest_algorithm(hash_function),
        w.implicit(0, as_set) if attributes else b"",
        signer.key.algorithm(signature_hash),
        w.octets(signature),
    )


def issuer_and_serial(certificate: bytes) -> bytes:
    """Return the IssuerAndSerialNumber of a v3 certificate (RFC 5652 §10.2.4)."""
    tbs = children(parse_one(certificate, 0x30, "certificate"))[0]
    _, serial, _, issuer, *_ = children(tbs)
    return w.seq(issuer.raw, serial.raw)


def key_identifier(identifier: bytes) -> bytes:
    """Return a SignerIdentifier by subject key identifier (RFC 5652 §5.3)."""
    return w.implicit(0, w.octets(identifier))


def digest_algorithm(hash_function: Hash, *, null: bool = False) -> bytes:
    """Return the AlgorithmIdentifier of a hash, parameters absent or NULL (RFC 5754 §2)."""
    return w.seq(w.oid(hash_function.oid), w.null() if null else b"")


def signed_data(
    econtent: bytes,
    signer_infos: Sequence[bytes],
    certificates: Sequence[bytes],
    *,
    digest_algorithms: Sequence[bytes],
    content_type: str = LDS_SECURITY_OBJECT,
    version: int = 3,
) -> bytes:
    """Return a ContentInfo with SignedData (RFC 5652 §5.1)."""
    encapsulated = w.seq(w.oid(content_type), w.explicit(0, w.octets(econtent)))
    signed = w.seq(
        w.integer(version),
        w.set_of(*digest_algorithms),
        encapsulated,
        w.implicit(0, w.set_of(*certificates)) if certificates else b"",
        w.set_of(*signer_infos),
    )
    return w.seq(w.oid(SIGNED_DATA), w.explicit(0, signed))


def wrap_sod(content_info: bytes) -> bytes:
    """Return EF.SOD: the ContentInfo in application tag 23 (Doc 9303-10 §4.6.2)."""
    return encode(0x77, content_info)
