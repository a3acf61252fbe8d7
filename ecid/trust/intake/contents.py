"""Taking a file apart: certificates and lists, whatever they are wrapped in.

DER and PEM, PKCS #7 without signers, CMS lists, LDIF, revocation lists, PKCS #12. Nothing is
believed here; ``admission`` decides what counts. What cannot be read has a name, and never
spoils its neighbours.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise

from cryptography.hazmat.primitives.serialization import Encoding, pkcs12

from ecid.encoding.tlv import children, parse_one, walk
from ecid.errors import MalformedData
from ecid.trust.certificate import Certificate, parse_certificate
from ecid.trust.crl import RevocationList, is_revocation_list, parse_revocation_list
from ecid.trust.entries import SIGNED_LISTS, Kind, ListKind, Provenance
from ecid.trust.intake import ldif, pem
from ecid.trust.signed_data import SignedData, parse_signed_data

#: Of a key derivation in PKCS #12; today's tools write up to 600,000.
MAX_ITERATIONS = 5_000_000

_SIGNED_DATA_START = bytes.fromhex("06092a864886f70d010702")
#: In one directory; that of the ICAO PKD has some 30,000 signers.
MAX_VALUES = 100_000

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class FoundCertificate:
    """A certificate, and on whose word it would be there."""

    certificate: Certificate
    kind: Kind
    non_conformant: bool = False
    claims: tuple[Provenance, ...] = ()
    """On whose word it was where it was exported. Whoever exported it says so, and nobody else."""

    @property
    def listed_only(self) -> bool:
        """Whether only lists vouched for it where it was exported."""
        return bool(self.claims) and not self.given

    @property
    def given(self) -> tuple[Provenance, ...]:
        """Who vouched for it but lists, which have to do that again."""
        return tuple(each for each in self.claims if each.kind is not Kind.MASTER_LIST)


@dataclass(frozen=True, slots=True)
class FoundList:
    """A signed list: its bytes and what they decode to."""

    kind: ListKind
    raw: bytes = field(repr=False)
    signed: SignedData = field(repr=False)


@dataclass(frozen=True, slots=True)
class FoundRevocationList:
    """A revocation list."""

    crl: RevocationList


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Something that is none of these, and the rule it broke."""

    rule: str


Found = FoundCertificate | FoundList | FoundRevocationList | Unreadable


def contents(data: bytes, password: str | None = None) -> Iterator[Found]:
    """Yield everything in the bytes of one file, in order.

    ``password`` is for PKCS #12; without the right one the file is ``Unreadable``
    (``password_missing``, ``password_wrong``). What begins like LDIF is never taken for anything
    else: whatever else stands in it, nobody vouches for.
    """
    data = data.removeprefix(_BYTE_ORDER_MARK)
    if _is_der(data):
        yield from _pkcs12(data, password) if _is_pkcs12(data) else _der(data, Kind.BY_HAND)
    elif ldif.is_ldif(data):
        yield from _ldif(data)
    elif pem.is_pem(data):
        yield from _pem(data)
    else:
        yield Unreadable("unknown_format")


def _is_der(data: bytes) -> bool:
    """Whether ``data`` is a SEQUENCE and no text: all we look for is longer than 127 bytes."""
    return data[:1] == b"\x30" and data[1:2] > b"\x7f"


def _pem(data: bytes) -> Iterator[Found]:
    """Several certificates in one file are a bundle: a list that nobody signed."""
    kind = Kind.BUNDLE if data.count(b"-----BEGIN ") > 1 else Kind.BY_HAND
    try:
        for _, content in pem.blocks(data):
            if content is None:
                yield Unreadable("not_base64")
            else:
                yield from _der(content, kind)
    except MalformedData as exc:
        yield Unreadable(exc.rule)


def _ldif(data: bytes) -> Iterator[Found]:
    for number, value in enumerate(ldif.values(data)):
        if number == MAX_VALUES:
            yield Unreadable("too_many")
            return
        if value.content is None:
            yield Unreadable("not_base64")
            continue
        for found in _der(value.content, Kind.DIRECTORY):
            if isinstance(found, FoundCertificate):
                yield replace(found, non_conformant=value.non_conformant)
            else:
                yield found


def _der(data: bytes, kind: Kind) -> Iterator[Found]:
    if _SIGNED_DATA_START in data[:32]:
        yield from _signed(data, kind)
    elif is_revocation_list(data):
        yield _revocation_list(data)
    else:
        yield _certificate(data, kind)


def _certificate(data: bytes, kind: Kind) -> FoundCertificate | Unreadable:
    try:
        return FoundCertificate(parse_certificate(data), kind)
    except MalformedData as exc:
        return Unreadable(exc.rule)


def _revocation_list(data: bytes) -> FoundRevocationList | Unreadable:
    try:
        return FoundRevocationList(parse_revocation_list(data))
    except MalformedData as exc:
        return Unreadable(exc.rule)


def _signed(data: bytes, kind: Kind) -> Iterator[Found]:
    try:
        signed = parse_signed_data(data, "CMS")
    except MalformedData as exc:
        yield Unreadable(exc.rule)
        return
    if signed.content_type in SIGNED_LISTS:
        yield FoundList(SIGNED_LISTS[signed.content_type], data, signed)
    elif signed.content is None and not signed.signers:
        several = kind is Kind.BY_HAND and len(signed.certificates) > 1
        together = Kind.BUNDLE if several else kind
        for raw in signed.certificates:
            yield _certificate(raw, together)
        for raw in signed.crls:
            yield _revocation_list(raw)
    else:
        yield Unreadable("unknown_list")


def _is_pkcs12(data: bytes) -> bool:
    """Whether ``data`` begins like a PFX: version 3, then the SignedData or Data it holds."""
    try:
        parts = children(parse_one(data, 0x30, "PKCS12"))
    except MalformedData:
        return False
    return 2 <= len(parts) <= 3 and parts[0].raw == bytes.fromhex("020103")


def _asks_for_too_much(data: bytes) -> bool:
    """Whether a key derivation in the file would take minutes: how often stands after the salt.

    That is so in MacData, PBE-parameter and PBKDF2-params alike (RFC 7292 §4, RFC 8018 §A).
    """
    waiting = [data]
    while waiting:
        try:
            nodes = list(walk(parse_one(waiting.pop(), 0x30, "PKCS12")))
        except MalformedData:
            continue  # no structure, so there is nothing to derive in it
        waiting += [each.value for each in nodes if each.tag == 0x04]
        counts = [after for salt, after in pairwise(nodes) if (salt.tag, after.tag) == (4, 2)]
        if any(int.from_bytes(each.value, "big") > MAX_ITERATIONS for each in counts):
            return True
    return False


def _pkcs12(data: bytes, password: str | None) -> Iterator[Found]:
    """Yield the certificates; a private key in the file is not for us and is dropped."""
    if _asks_for_too_much(data):
        yield Unreadable("too_many_iterations")
        return
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that it is BER: said to developers, not to operators
            held = pkcs12.load_pkcs12(data, None if password is None else password.encode())
    except ValueError:
        yield Unreadable("password_wrong" if password else "password_missing")
        return
    found = [held.cert, *held.additional_certs]
    raw = [each.certificate.public_bytes(Encoding.DER) for each in found if each is not None]
    kind = Kind.BUNDLE if len(raw) > 1 else Kind.BY_HAND
    for each in raw:
        yield _certificate(each, kind)
