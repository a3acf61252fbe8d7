"""The certificate extensions that Doc 9303-12 §7.1 gives a meaning, read on demand.

What an issuer got wrong in a way that leaves no doubt is read all the same and has a name in
``Extensions.deviations``; everything else that breaks its format is ``MalformedData``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from types import MappingProxyType
from typing import Any, TypeVar

from ecid.errors import MalformedData
from ecid.trust import extension_values as values
from ecid.trust.extension_values import Read

AUTHORITY_KEY_IDENTIFIER = "2.5.29.35"
SUBJECT_KEY_IDENTIFIER = "2.5.29.14"
KEY_USAGE = "2.5.29.15"
BASIC_CONSTRAINTS = "2.5.29.19"
EXTENDED_KEY_USAGE = "2.5.29.37"
PRIVATE_KEY_USAGE_PERIOD = "2.5.29.16"
NAME_CHANGE = "2.23.136.1.1.6.1"
DOCUMENT_TYPE_LIST = "2.23.136.1.1.6.2"

#: Marks the throw-away anchors of our own emulated cards; no state has it. X.667 arc.
EMULATED_MARKER = "2.25.181023459306139140458641771224554242611"

#: Extensions whose meaning this library takes into account: they may be critical.
UNDERSTOOD = frozenset(
    {
        AUTHORITY_KEY_IDENTIFIER,
        SUBJECT_KEY_IDENTIFIER,
        KEY_USAGE,
        BASIC_CONSTRAINTS,
        EXTENDED_KEY_USAGE,
        PRIVATE_KEY_USAGE_PERIOD,
        NAME_CHANGE,
        DOCUMENT_TYPE_LIST,
    }
)

#: Bits of KeyUsage, counted from the first (RFC 5280 §4.2.1.3).
DIGITAL_SIGNATURE, KEY_CERT_SIGN, CRL_SIGN = 0, 5, 6

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Extension:
    """One extension: its OID, whether it is critical, and the DER inside its OCTET STRING."""

    oid: str
    critical: bool
    value: bytes = field(repr=False)


@dataclass(frozen=True)
class Extensions:
    """All extensions of one certificate. Reading a broken one raises ``MalformedData``."""

    entries: tuple[Extension, ...]

    def find(self, oid: str) -> Extension | None:
        """Return the extension ``oid``; one that stands twice is ``MalformedData`` (§4.2)."""
        found = [entry for entry in self.entries if entry.oid == oid]
        if len(found) > 1:
            raise MalformedData("certificate", "extension_repeated")
        return found[0] if found else None

    @property
    def repeated(self) -> bool:
        """Whether any extension stands more than once, which RFC 5280 §4.2 forbids."""
        return any(count > 1 for count in Counter(entry.oid for entry in self.entries).values())

    @property
    def unknown_critical(self) -> bool:
        """Whether an extension is critical that this library does not understand."""
        return any(entry.critical and entry.oid not in UNDERSTOOD for entry in self.entries)

    @property
    def is_emulated(self) -> bool:
        """Whether the marker of our own emulated issuers is there (design, section 3)."""
        return any(entry.oid == EMULATED_MARKER for entry in self.entries)

    @cached_property
    def deviations(self) -> tuple[str, ...]:
        """What was overlooked: ``bare_key_identifier``, ``ber_encoding``, ``set_order`` and so on.

        ``broken_extension`` is for one that says nothing: the profile judges those it needs.
        """
        found = (_deviation(entry) for entry in self.entries)
        return tuple(dict.fromkeys(code for code in found if code is not None))

    @property
    def subject_key_identifier(self) -> bytes | None:
        """The identifier of the subject's key, or None."""
        return self._read(SUBJECT_KEY_IDENTIFIER, values.subject_key_identifier)

    @property
    def authority_key_identifier(self) -> bytes | None:
        """The identifier of the issuer's key, or None: absent, unreadable, or without a key.

        It only orders candidates, and the signature decides: one that says nothing names nobody.
        """
        found = self.find(AUTHORITY_KEY_IDENTIFIER)
        try:
            return None if found is None else values.authority_key_identifier(found.value).value
        except MalformedData:
            return None

    @property
    def is_ca(self) -> bool:
        """Whether BasicConstraints says CA; absent means no."""
        constraints = self._read(BASIC_CONSTRAINTS, values.basic_constraints)
        return constraints is not None and constraints.ca

    @property
    def path_length(self) -> int | None:
        """The pathLenConstraint, or None."""
        constraints = self._read(BASIC_CONSTRAINTS, values.basic_constraints)
        return None if constraints is None else constraints.path_length

    @property
    def private_key_usage(self) -> tuple[datetime | None, datetime | None] | None:
        """From when until when the private key may sign, or None: not said."""
        return self._read(PRIVATE_KEY_USAGE_PERIOD, values.private_key_usage)

    @property
    def key_usage(self) -> frozenset[int] | None:
        """The bits set in KeyUsage, or None where there is none."""
        return self._read(KEY_USAGE, values.key_usage)

    @property
    def extended_key_usage(self) -> tuple[str, ...] | None:
        """The purposes of ExtendedKeyUsage, or None where there is none."""
        return self._read(EXTENDED_KEY_USAGE, values.extended_key_usage)

    @property
    def document_types(self) -> frozenset[str] | None:
        """The document codes that the signer may sign, or None: any (Doc 9303-12 §7.1.1.6)."""
        return self._read(DOCUMENT_TYPE_LIST, values.document_types)

    def _read(self, oid: str, reader: Callable[[bytes], Read[T]]) -> T | None:
        found = self.find(oid)
        return None if found is None else reader(found.value).value


_READERS: Mapping[str, Callable[[bytes], Read[Any]]] = MappingProxyType(
    {
        AUTHORITY_KEY_IDENTIFIER: values.authority_key_identifier,
        SUBJECT_KEY_IDENTIFIER: values.subject_key_identifier,
        KEY_USAGE: values.key_usage,
        BASIC_CONSTRAINTS: values.basic_constraints,
        EXTENDED_KEY_USAGE: values.extended_key_usage,
        PRIVATE_KEY_USAGE_PERIOD: values.private_key_usage,
        DOCUMENT_TYPE_LIST: values.document_types,
    }
)


def _deviation(extension: Extension) -> str | None:
    """Return what is overlooked in one extension; ``broken_extension`` if it says nothing."""
    reader = _READERS.get(extension.oid)
    if reader is None:
        return None
    try:
        return reader(extension.value).deviation
    except MalformedData:
        return "broken_extension"
