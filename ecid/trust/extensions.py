"""The certificate extensions that Doc 9303-12 §7.1 gives a meaning, read on demand.

What an issuer got wrong in a way that leaves no doubt is read all the same and has a name in
``Extensions.deviations``; everything else that breaks its format is ``MalformedData``.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from ecid.encoding import der
from ecid.encoding.oid import decode_oid
from ecid.encoding.tlv import children, parse_one
from ecid.errors import MalformedData

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

_SHA1_LENGTH = 20


@der.sequence
class _AuthorityKeyIdentifier:
    key_identifier: der.Annotated[bytes | None, der.Implicit(0)]
    rest: der.Annotated[list[der.TLV] | None, der.Implicit(1)]
    serial: der.Annotated[int | None, der.Implicit(2)]


@der.sequence
class _BasicConstraints:
    ca: der.Annotated[bool, der.Default(False)]
    path_length: int | None


@der.sequence
class _Types:
    version: int
    types: der.SetOf[der.PrintableString]


@der.sequence
class _UsagePeriod:
    not_before: der.Annotated[der.GeneralizedTime | None, der.Implicit(0)]
    not_after: der.Annotated[der.GeneralizedTime | None, der.Implicit(1)]


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
        """What was overlooked: ``bare_key_identifier``, ``boolean_encoding``."""
        found = {
            "bare_key_identifier": self._bare_key_identifier() is not None,
            "boolean_encoding": self._constraints_with_any_true() is not None,
        }
        return tuple(code for code, there in found.items() if there)

    @property
    def subject_key_identifier(self) -> bytes | None:
        """The identifier of the subject's key, or None."""
        bare = self._bare_key_identifier()
        if bare is not None:
            return bare
        found = self.find(SUBJECT_KEY_IDENTIFIER)
        return None if found is None else parse_one(found.value, 0x04, "certificate").value

    @property
    def authority_key_identifier(self) -> bytes | None:
        """The identifier of the issuer's key, or None: no extension, or one without it."""
        found = self.find(AUTHORITY_KEY_IDENTIFIER)
        if found is None:
            return None
        return der.decode(_AuthorityKeyIdentifier, found.value, "certificate").key_identifier

    @property
    def is_ca(self) -> bool:
        """Whether BasicConstraints says CA; absent means no."""
        constraints = self._basic_constraints
        return constraints is not None and constraints.ca

    @property
    def path_length(self) -> int | None:
        """The pathLenConstraint, or None."""
        constraints = self._basic_constraints
        return None if constraints is None else constraints.path_length

    @property
    def private_key_usage(self) -> tuple[datetime | None, datetime | None] | None:
        """From when until when the private key may sign, or None: not said (RFC 3280 §4.2.1.4)."""
        found = self.find(PRIVATE_KEY_USAGE_PERIOD)
        if found is None:
            return None
        period = der.decode(_UsagePeriod, found.value, "certificate")
        ends = (period.not_before, period.not_after)
        start, end = (None if each is None else each.as_datetime() for each in ends)
        return start, end

    @property
    def key_usage(self) -> frozenset[int] | None:
        """The bits set in KeyUsage, or None where there is none."""
        found = self.find(KEY_USAGE)
        if found is None:
            return None
        bits = parse_one(found.value, 0x03, "certificate").value
        if not bits or bits[0] > 7:
            raise MalformedData("certificate", "key_usage")
        number = int.from_bytes(bits[1:], "big") >> bits[0]
        width = 8 * (len(bits) - 1) - bits[0]
        return frozenset(i for i in range(width) if number >> (width - 1 - i) & 1)

    @property
    def extended_key_usage(self) -> tuple[str, ...] | None:
        """The purposes of ExtendedKeyUsage, or None where there is none."""
        found = self.find(EXTENDED_KEY_USAGE)
        if found is None:
            return None
        purposes = children(parse_one(found.value, 0x30, "certificate"))
        return tuple(decode_oid(purpose.value, "certificate") for purpose in purposes)

    @property
    def document_types(self) -> frozenset[str] | None:
        """The document codes that the signer may sign, or None: any (Doc 9303-12 §7.1.1.6)."""
        found = self.find(DOCUMENT_TYPE_LIST)
        if found is None:
            return None
        return frozenset(
            t.as_str() for t in der.decode(_Types, found.value, "certificate").types.as_list()
        )

    @property
    def _basic_constraints(self) -> _BasicConstraints | None:
        found = self.find(BASIC_CONSTRAINTS)
        if found is None:
            return None
        mended = self._constraints_with_any_true() or found.value
        return der.decode(_BasicConstraints, mended, "certificate")

    def _constraints_with_any_true(self) -> bytes | None:
        """Return BasicConstraints with its TRUE as DER wants it, None if nothing is to be mended.

        BER takes any octet but zero for TRUE (X.690 §8.2.2); one issuer writes 01.
        """
        found = self.find(BASIC_CONSTRAINTS)
        start = bytes.fromhex("0101")
        if (
            found is None
            or found.value[2:4] != start
            or found.value[4:5] in (b"\x00", b"\xff", b"")
        ):
            return None
        return found.value[:4] + b"\xff" + found.value[5:]

    def _bare_key_identifier(self) -> bytes | None:
        """Return a subject key identifier that lacks its OCTET STRING header, None otherwise."""
        found = self.find(SUBJECT_KEY_IDENTIFIER)
        if found is None or len(found.value) != _SHA1_LENGTH:
            return None
        proper = found.value[:2] == bytes([0x04, _SHA1_LENGTH - 2])
        return None if proper else found.value
