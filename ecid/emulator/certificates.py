"""X.509 certificates of emulated issuers, put together from parts (RFC 5280, Doc 9303-12 §7.1).

``CertificatePlan`` is every field of a certificate as a value: a test that needs a broken one
replaces a field (``dataclasses.replace``) and signs again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ecid.emulator.signing import SigningKey
from ecid.encoding import der_write as w
from ecid.encoding.spki import write_spki
from ecid.encoding.tlv import children, parse_one
from ecid_crypto.hashes import Hash
from ecid_crypto.public_key import PublicKey

_COUNTRY, _ORGANISATION, _UNIT, _LOCALITY = "2.5.4.6", "2.5.4.10", "2.5.4.11", "2.5.4.7"
_SERIAL, _COMMON_NAME = "2.5.4.5", "2.5.4.3"


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificatePlan:
    """The fields of a TBSCertificate (RFC 5280 §4.1.2); names, keys, extensions are complete DER.

    ``version`` is the number as encoded: 2 for v3; None leaves it out (v1).
    """

    serial: int
    issuer: bytes
    subject: bytes
    not_before: datetime
    not_after: datetime
    public_key: bytes
    extensions: tuple[bytes, ...] = ()
    hash_function: Hash = Hash.SHA384
    version: int | None = 2


def sign_certificate(plan: CertificatePlan, signer: SigningKey) -> bytes:
    """Return the DER certificate of ``plan`` signed by ``signer``."""
    algorithm = signer.algorithm(plan.hash_function)
    version = b"" if plan.version is None else w.explicit(0, w.integer(plan.version))
    extensions = w.explicit(3, w.seq(*plan.extensions)) if plan.extensions else b""
    tbs = w.seq(
        version,
        w.integer(plan.serial),
        algorithm,
        plan.issuer,
        w.seq(time(plan.not_before), time(plan.not_after)),
        plan.subject,
        plan.public_key,
        extensions,
    )
    return w.seq(tbs, algorithm, w.bits(signer.sign(plan.hash_function, tbs)))


def time(moment: datetime) -> bytes:
    """Return UTCTime until 2049 and GeneralizedTime after it (RFC 5280 §4.1.2.5)."""
    return w.utc_time(moment) if moment.year < 2050 else w.generalized_time(moment)


def name(
    country: str, organisation: str, common_name: str, *, unit: str = "", serial: str = ""
) -> bytes:
    """Return a Name in the order C, O, OU, serialNumber, CN; empty parts are left out."""
    parts = (
        (_COUNTRY, country, w.printable),
        (_ORGANISATION, organisation, w.utf8),
        (_UNIT, unit, w.utf8),
        (_SERIAL, serial, w.printable),
        (_COMMON_NAME, common_name, w.utf8),
    )
    return w.seq(*(w.set_of(w.seq(w.oid(o), write(text))) for o, text, write in parts if text))


def key_identifier(key: PublicKey) -> bytes:
    """Return SHA-1 of the BIT STRING content of the key (RFC 5280 §4.2.1.2, method 1)."""
    _, key_bits = children(parse_one(write_spki(key), 0x30, "SPKI"))
    return Hash.SHA1.digest(key_bits.value[1:])


def extension(dotted: str, value: bytes, *, critical: bool = False) -> bytes:
    """Return an Extension round the DER ``value`` (RFC 5280 §4.1)."""
    return w.seq(w.oid(dotted), w.boolean(True) if critical else b"", w.octets(value))


def basic_constraints(ca: bool, path_length: int | None = None, *, critical: bool = True) -> bytes:
    """Return BasicConstraints (RFC 5280 §4.2.1.9)."""
    length = b"" if path_length is None else w.integer(path_length)
    return extension("2.5.29.19", w.seq(w.boolean(True) if ca else b"", length), critical=critical)


def key_usage(*numbers: int, critical: bool = True) -> bytes:
    """Return KeyUsage with these bits: 0 digitalSignature, 5 keyCertSign, 6 cRLSign (below 8)."""
    octet = sum(0x80 >> number for number in numbers)
    unused = 7 - max(numbers, default=7)
    return extension("2.5.29.15", w.bits(bytes([octet]), unused), critical=critical)


def authority_key_identifier(identifier: bytes) -> bytes:
    """Return AuthorityKeyIdentifier with the key identifier only (RFC 5280 §4.2.1.1)."""
    return extension("2.5.29.35", w.seq(w.implicit(0, w.octets(identifier))))


def subject_key_identifier(identifier: bytes) -> bytes:
    """Return SubjectKeyIdentifier (RFC 5280 §4.2.1.2)."""
    return extension("2.5.29.14", w.octets(identifier))


def private_key_usage_period(start: datetime, end: datetime) -> bytes:
    """Return PrivateKeyUsagePeriod (RFC 3280 §4.2.1.4, Doc 9303-12 §7.1.1)."""
    period = (w.implicit(0, w.generalized_time(start)), w.implicit(1, w.generalized_time(end)))
    return extension("2.5.29.16", w.seq(*period))


def crl_distribution_point(url: str) -> bytes:
    """Return CRLDistributionPoints with one URL (RFC 5280 §4.2.1.13)."""
    full_name = w.explicit(0, w.implicit(6, w.ia5(url)))
    return extension("2.5.29.31", w.seq(w.seq(w.explicit(0, full_name))))


def subject_alternative_name(locality: str, url: str) -> bytes:
    """Return SubjectAltName: a directory name L and a URL (Doc 9303-12 §7.1.1.2)."""
    place = w.seq(w.set_of(w.seq(w.oid(_LOCALITY), w.utf8(locality))))
    return extension("2.5.29.17", w.seq(w.explicit(4, place), w.implicit(6, w.ia5(url))))
