"""What a trust store knows of its certificates and lists without parsing any of them.

A store of all the world's certificates is opened for every card; these few facts decide which
one or two of them are looked at.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Protocol

from ecid.encoding.oid import CSCA_MASTER_LIST, DEFECT_LIST, DEVIATION_LIST
from ecid.errors import MalformedData, StoreError
from ecid.trust import names
from ecid.trust.certificate import Certificate
from ecid.trust.crl import RevocationList


class Kind(StrEnum):
    """On whose word a certificate is in the store."""

    BY_HAND = "by_hand"
    """A file with one certificate, given by the operator."""
    BUNDLE = "bundle"
    """A file with several certificates and no signature over them, given by the operator."""
    LINK = "link"
    """A link certificate, signed by an anchor that was there before."""
    MASTER_LIST = "master_list"
    """A master list whose signer chains to an anchor or to a stated fingerprint."""
    DIRECTORY = "directory"
    """An LDIF file of the ICAO PKD: enough for signers, never for anchors."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a certificate came from: the kind, the file, and the SHA-256 of the list, if any."""

    kind: Kind
    source: str
    list_digest: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One certificate. ``name_key`` and ``issuer_key`` are ``names.index_key`` of its names."""

    fingerprint: bytes
    """SHA-256 of the certificate: its name on the shelf."""
    country: str | None
    label: str
    """The common name, for people."""
    serial: str
    """The serial number in upper-case hex; with a minus sign where it is negative."""
    key_identifier: bytes | None
    name_key: bytes
    issuer_key: bytes
    not_before: datetime
    not_after: datetime
    emulated: bool
    provenances: tuple[Provenance, ...]
    deviations: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        certificate: Certificate,
        provenances: tuple[Provenance, ...],
        deviations: tuple[str, ...] = (),
    ) -> Entry:
        """Return what is to be known of ``certificate``. Raises ``MalformedData``."""
        subject, issuer = certificate.raw_subject, certificate.raw_issuer
        key = names.index_key(subject, "certificate")
        return cls(
            fingerprint=sha256(certificate.raw).digest(),
            country=certificate.country,
            label=certificate.common_name,
            serial=f"{certificate.serial:X}",
            key_identifier=certificate.extensions.subject_key_identifier,
            name_key=key,
            issuer_key=key if issuer == subject else names.index_key(issuer, "certificate"),
            not_before=certificate.not_before,
            not_after=certificate.not_after,
            emulated=certificate.extensions.is_emulated,
            provenances=provenances,
            deviations=deviations,
        )


class ListKind(StrEnum):
    """What a list in the store is."""

    MASTER_LIST = "master_list"
    REVOCATION_LIST = "revocation_list"
    DEVIATION_LIST = "deviation_list"
    DEFECT_LIST = "defect_list"


SIGNED_LISTS = {
    CSCA_MASTER_LIST: ListKind.MASTER_LIST,
    DEVIATION_LIST: ListKind.DEVIATION_LIST,
    DEFECT_LIST: ListKind.DEFECT_LIST,
}
"""What the content type of a SignedData says it is."""

#: RFC 5280 §5.2.3: at most 20 octets, of which one bit is the sign.
_MAX_NUMBER_BITS = 8 * 20 - 1


@dataclass(frozen=True, slots=True)
class ListEntry:
    """One list, and who issued it (``issuer_key``, ``key_identifier``).

    Of a revocation list number and times are its own, else ``this_update`` is the signing time.
    """

    kind: ListKind
    fingerprint: bytes
    source: str
    country: str | None
    issuer_key: bytes
    key_identifier: bytes | None
    this_update: datetime | None
    next_update: datetime | None = None
    number: int | None = None
    count: int = 0
    """How many certificates, serial numbers or entries it has."""
    anchor: bytes | None = None
    """The fingerprint of the anchor on whose word it counts; None for the operator's own."""
    publisher: bytes = b""
    """Of a signed list: ``names.index_key`` of its signer's role (``publisher_key``)."""

    @classmethod
    def of_revocation_list(cls, crl: RevocationList, source: str) -> ListEntry:
        """Return what is to be known of ``crl``.

        Raises ``MalformedData`` for an unreadable issuer, and for a CRL number longer than RFC
        5280 §5.2.3 allows.
        """
        number = crl.number
        if number is not None and number.bit_length() > _MAX_NUMBER_BITS:
            raise MalformedData("CRL", "crl_number")
        return cls(
            kind=ListKind.REVOCATION_LIST,
            fingerprint=crl.fingerprint,
            source=source,
            country=crl.country,
            issuer_key=names.index_key(crl.raw_issuer, "CRL"),
            key_identifier=crl.extensions.authority_key_identifier,
            this_update=crl.this_update,
            next_update=crl.next_update,
            number=number,
            count=len(crl.revoked),
        )

    @classmethod
    def of_signed_list(  # noqa: PLR0917 - what makes a list
        cls,
        kind: ListKind,
        raw: bytes,
        source: str,
        signer: Certificate,
        signed_at: datetime | None,
        country: str | None,
    ) -> ListEntry:
        """Return what is to be known of a list that ``signer`` signed, but for its contents.

        ``country`` is that of the anchor behind it. Raises ``MalformedData``.
        """
        return cls(
            kind=kind,
            fingerprint=sha256(raw).digest(),
            source=source,
            country=country,
            issuer_key=names.index_key(signer.raw_issuer, "certificate"),
            key_identifier=None,
            this_update=signed_at,
            publisher=publisher_key(signer),
        )


def publisher_key(signer: Certificate) -> bytes:
    """Return 32 bytes that stay the same when a publisher of lists renews its signer.

    From one generation of keys to the next, publishers change the serialNumber in the name of
    the signer, or a number in its common name, and nothing else.
    """
    role = sorted(
        (kind, "".join(c for c in text.casefold() if not c.isdigit()).strip())
        for kind, text in names.attributes(signer.raw_subject, "certificate")
        if kind != _SERIAL_NUMBER
    )
    return sha256(repr(role).encode("utf-8", "surrogatepass")).digest()


_SERIAL_NUMBER = "2.5.4.5"


class Shelf(Protocol):
    """Where the bytes are: by SHA-256. Raises ``StoreError`` for what is missing or damaged."""

    def take(self, fingerprint: bytes, /) -> bytes:
        """Return the bytes with this SHA-256."""
        ...


@dataclass(frozen=True, slots=True)
class MemoryShelf:
    """A shelf in memory."""

    contents: Mapping[bytes, bytes] = field(repr=False)

    def take(self, fingerprint: bytes, /) -> bytes:
        """Return the bytes with this SHA-256. Raises ``StoreError`` if there are none."""
        try:
            return self.contents[fingerprint]
        except KeyError:
            raise StoreError("store_damaged", path="memory") from None


@dataclass(frozen=True, slots=True)
class Layered:
    """What was found just now, on top of what was on the shelf before."""

    content: Mapping[bytes, bytes] = field(repr=False)
    below: Shelf

    def take(self, fingerprint: bytes, /) -> bytes:
        """Return the bytes with this SHA-256. Raises what the shelf below raises."""
        found = self.content.get(fingerprint)
        return self.below.take(fingerprint) if found is None else found
