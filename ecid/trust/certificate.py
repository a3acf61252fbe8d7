"""X.509 certificates as values, decoded strictly from the received bytes (RFC 5280 §4.1).

The library's own loaders refuse real CSCA certificates (explicit curve parameters, odd
extensions), so this reads the structure itself and keeps the bytes that were signed. What
strict DER refuses is tried as BER and then has a deviation.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from hashlib import sha256

from ecid.encoding import der
from ecid.encoding.signature_algorithm import SignatureAlgorithm, parse_signature_algorithm
from ecid.encoding.spki import SubjectPublicKey, parse_spki
from ecid.errors import MalformedData
from ecid.lds.states import alpha_2
from ecid.trust import ber_certificate, names
from ecid.trust.extensions import Extension, Extensions
from ecid.trust.signed_object import RawExtension, SignedObject, extensions_of

#: The largest real one has under 4 KiB.
MAX_BYTES = 64 * 1024

#: RFC 5280 §4.1.2.2: at most 20 octets.
_MAX_SERIAL_BITS = 8 * 20 - 1


@der.sequence
class _Validity:
    not_before: der.UTCTime | der.GeneralizedTime
    not_after: der.UTCTime | der.GeneralizedTime


@der.sequence
class _TbsCertificate:
    version: der.Annotated[int, der.Default(0), der.Explicit(0)]
    serial: int
    algorithm: der.TLV
    issuer: der.TLV
    validity: _Validity
    subject: der.TLV
    public_key: der.TLV
    issuer_id: der.Annotated[der.BitString | None, der.Implicit(1)]
    subject_id: der.Annotated[der.BitString | None, der.Implicit(2)]
    extensions: der.Annotated[list[RawExtension] | None, der.Explicit(3)]


@dataclass(frozen=True)
class Certificate:
    """One certificate. The ``raw_*`` fields are the bytes as received."""

    raw: bytes = field(repr=False)
    raw_tbs: bytes = field(repr=False)
    """What the issuer signed."""
    raw_issuer: bytes = field(repr=False)
    raw_subject: bytes = field(repr=False)
    raw_public_key: bytes = field(repr=False)
    raw_algorithm: bytes = field(repr=False)
    """The signature algorithm outside the signed part."""
    raw_inner_algorithm: bytes = field(repr=False)
    """The signature algorithm inside the signed part; RFC 5280 §4.1.1.2 wants them equal."""
    signature: bytes = field(repr=False)
    version: int
    """As encoded: 2 is version 3, the only one with extensions (RFC 5280 §4.1.2.1)."""
    serial: int
    not_before: datetime
    not_after: datetime
    extensions: Extensions
    encoding: tuple[str, ...] = ()
    """Deviations of the encoding itself: empty, or ``ber_encoding``."""

    @cached_property
    def public_key(self) -> SubjectPublicKey:
        """The subject's key. Raises ``MalformedData`` or ``UnsupportedData``."""
        return parse_spki(self.raw_public_key, "certificate")

    @cached_property
    def signature_algorithm(self) -> SignatureAlgorithm:
        """The issuer's signature scheme. Raises ``MalformedData`` or ``UnsupportedData``."""
        return parse_signature_algorithm(self.raw_algorithm, "certificate")

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the whole certificate in lower-case hex."""
        return sha256(self.raw).hexdigest()

    @cached_property
    def country(self) -> str | None:
        """The subject's countryName in upper case, two letters where three are given."""
        named = names.country(self.raw_subject, "certificate")
        return named if named is None else alpha_2(named) or named

    @cached_property
    def common_name(self) -> str:
        """The subject's commonName."""
        return names.common_name(self.raw_subject, "certificate")

    @cached_property
    def deviations(self) -> tuple[str, ...]:
        """What in its fields and extensions breaks the profile and leaves no doubt all the same.

        ``ber_encoding``, ``serial_not_positive``, ``serial_too_long``, ``country_alpha_3`` and
        those of ``Extensions``. Never raises: whoever reads a broken name or extension is told.
        """
        found = {
            "serial_not_positive": self.serial <= 0,
            "serial_too_long": self.serial.bit_length() > _MAX_SERIAL_BITS,
            "country_alpha_3": self._has_alpha_3(),
        }
        codes = (code for code, there in found.items() if there)
        return tuple(dict.fromkeys((*self.encoding, *codes, *self.extensions.deviations)))

    def _has_alpha_3(self) -> bool:
        try:
            return names.country(self.raw_subject, "certificate") != self.country
        except MalformedData:
            return False

    @property
    def names_itself_issuer(self) -> bool:
        """Whether issuer and subject are the same, and the key identifiers do not say otherwise.

        A link certificate may bear one name twice: its key identifiers tell it apart.
        """
        if self.raw_issuer != self.raw_subject:
            return False
        authority = self.extensions.authority_key_identifier
        return authority is None or authority == self.extensions.subject_key_identifier

    def valid_at(self, moment: datetime) -> bool:
        """Whether ``moment`` (aware) lies in the validity period, both ends included."""
        return self.not_before <= moment <= self.not_after


def parse_certificate(data: bytes) -> Certificate:
    """Return the certificate that ``data`` (DER, else BER) consists of.

    Raises ``MalformedData``; keys and algorithms are looked at only when they are asked for, so
    that an anchor with an unknown curve does not spoil a list.
    """
    if len(data) > MAX_BYTES:
        raise MalformedData("certificate", "too_large")
    try:
        return _strict(data)
    except MalformedData as exc:
        try:
            parts = ber_certificate.parse(data)
        except MalformedData:
            raise exc from None  # the strict rule is the one that was broken
    return Certificate(
        raw=data,
        raw_tbs=parts.raw_tbs,
        raw_issuer=parts.raw_issuer,
        raw_subject=parts.raw_subject,
        raw_public_key=parts.raw_public_key,
        raw_algorithm=parts.raw_algorithm,
        raw_inner_algorithm=parts.raw_inner_algorithm,
        signature=parts.signature,
        version=parts.version,
        serial=parts.serial,
        not_before=parts.not_before,
        not_after=parts.not_after,
        extensions=Extensions(tuple(Extension(*entry) for entry in parts.extensions)),
        encoding=("ber_encoding",),
    )


def _strict(data: bytes) -> Certificate:
    outer = der.decode(SignedObject, data, "certificate")
    raw_tbs = der.tlv_raw(outer.tbs)
    tbs = der.decode(_TbsCertificate, raw_tbs, "certificate")
    return Certificate(
        raw=data,
        raw_tbs=raw_tbs,
        raw_issuer=der.tlv_raw(tbs.issuer),
        raw_subject=der.tlv_raw(tbs.subject),
        raw_public_key=der.tlv_raw(tbs.public_key),
        raw_algorithm=der.tlv_raw(outer.algorithm),
        raw_inner_algorithm=der.tlv_raw(tbs.algorithm),
        signature=der.bit_string_octets(outer.signature, "certificate"),
        version=tbs.version,
        serial=tbs.serial,
        not_before=tbs.validity.not_before.as_datetime(),
        not_after=tbs.validity.not_after.as_datetime(),
        extensions=extensions_of(tbs.extensions),
    )
