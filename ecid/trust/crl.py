"""Certificate revocation lists as values, decoded strictly from the received bytes (RFC 5280 §5).

Doc 9303-12 §7.1.4 knows complete lists of one CSCA and nothing else: a delta, or a list of some
certificates only, is named and never used as if it were the whole.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from hashlib import sha256

from ecid.encoding import der
from ecid.encoding.signature_algorithm import SignatureAlgorithm, parse_signature_algorithm
from ecid.encoding.tlv import children, parse_one
from ecid.errors import MalformedData
from ecid.trust import names
from ecid.trust.extensions import AUTHORITY_KEY_IDENTIFIER, Extensions
from ecid.trust.signed_object import RawExtension, SignedObject, extensions_of

WHERE = "CRL"

#: A million entries of the smallest kind.
MAX_BYTES = 32 * 1024 * 1024

CRL_NUMBER = "2.5.29.20"
DELTA_CRL_INDICATOR = "2.5.29.27"
ISSUING_DISTRIBUTION_POINT = "2.5.29.28"

_UNDERSTOOD = frozenset({CRL_NUMBER, AUTHORITY_KEY_IDENTIFIER})


@der.sequence
class _Revoked:
    serial: int
    date: der.UTCTime | der.GeneralizedTime
    extensions: list[RawExtension] | None


@der.sequence
class _TbsCertList:
    version: int | None
    algorithm: der.TLV
    issuer: der.TLV
    this_update: der.UTCTime | der.GeneralizedTime
    next_update: der.UTCTime | der.GeneralizedTime | None
    revoked: list[_Revoked] | None
    extensions: der.Annotated[list[RawExtension] | None, der.Explicit(0)]


@dataclass(frozen=True)
class RevocationList:
    """One complete list. The ``raw_*`` fields are the bytes as received."""

    raw: bytes = field(repr=False)
    raw_tbs: bytes = field(repr=False)
    raw_issuer: bytes = field(repr=False)
    raw_algorithm: bytes = field(repr=False)
    signature: bytes = field(repr=False)
    this_update: datetime
    next_update: datetime | None
    """None: not said. Doc 9303-12 §7.1.4 makes it mandatory, so such a list is never fresh."""
    revoked: frozenset[int] = field(repr=False)
    """Serial numbers of this issuer's certificates."""
    extensions: Extensions = field(repr=False)
    unsupported: str | None
    """Why the list cannot be used: ``delta``, ``partitioned``, ``unknown_critical_extension``,
    ``indirect``; None if it can."""

    @cached_property
    def signature_algorithm(self) -> SignatureAlgorithm:
        """The issuer's signature scheme. Raises ``MalformedData`` or ``UnsupportedData``."""
        return parse_signature_algorithm(self.raw_algorithm, WHERE)

    @cached_property
    def number(self) -> int | None:
        """The CRL number, or None (RFC 5280 §5.2.3)."""
        found = self.extensions.find(CRL_NUMBER)
        if found is None:
            return None
        return int.from_bytes(parse_one(found.value, 0x02, WHERE).value, "big", signed=True)

    @property
    def country(self) -> str | None:
        """The issuer's countryName in upper case."""
        return names.country(self.raw_issuer, WHERE)

    @cached_property
    def fingerprint(self) -> bytes:
        """SHA-256 of the whole list."""
        return sha256(self.raw).digest()


def parse_revocation_list(data: bytes) -> RevocationList:
    """Return the list that ``data`` (DER) consists of. Raises ``MalformedData``."""
    if len(data) > MAX_BYTES:
        raise MalformedData(WHERE, "too_large")
    outer = der.decode(SignedObject, data, WHERE)
    raw_tbs = der.tlv_raw(outer.tbs)
    tbs = der.decode(_TbsCertList, raw_tbs, WHERE)
    if tbs.version not in (None, 1):
        raise MalformedData(WHERE, "version")
    if der.tlv_raw(tbs.algorithm) != der.tlv_raw(outer.algorithm):
        raise MalformedData(WHERE, "algorithms_differ")
    entries = tbs.revoked or []
    extensions = extensions_of(tbs.extensions)
    return RevocationList(
        raw=data,
        raw_tbs=raw_tbs,
        raw_issuer=der.tlv_raw(tbs.issuer),
        raw_algorithm=der.tlv_raw(outer.algorithm),
        signature=der.bit_string_octets(outer.signature, WHERE),
        this_update=tbs.this_update.as_datetime(),
        next_update=None if tbs.next_update is None else tbs.next_update.as_datetime(),
        revoked=frozenset(entry.serial for entry in entries),
        extensions=extensions,
        unsupported=_unsupported(extensions, entries),
    )


def _unsupported(extensions: Extensions, entries: list[_Revoked]) -> str | None:
    """Return by what name the list is no complete list of its issuer (RFC 5280 §5.2)."""
    present = {entry.oid for entry in extensions.entries}
    if DELTA_CRL_INDICATOR in present:
        return "delta"
    if ISSUING_DISTRIBUTION_POINT in present:
        return "partitioned"
    if any(entry.critical and entry.oid not in _UNDERSTOOD for entry in extensions.entries):
        return "unknown_critical_extension"
    # The only critical extension of an entry is certificateIssuer: another issuer's certificate.
    critical = any(each.critical for entry in entries for each in entry.extensions or [])
    return "indirect" if critical else None


def is_revocation_list(data: bytes) -> bool:
    """Tell, from its first objects only, whether ``data`` is built like a CertificateList."""
    try:
        tbs = children(parse_one(data, 0x30, WHERE))[0]
        inside = tbs.cursor()
        first = inside.read()
        second = inside.read() if first.tag == 0x02 else first
        return second.tag == 0x30 and inside.read().tag == 0x30 and inside.peek_tag() in _TIMES
    except (MalformedData, IndexError):
        return False


_TIMES = (0x17, 0x18)
