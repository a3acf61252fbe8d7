"""What certificates and revocation lists have in common on the wire (RFC 5280 §4.1.1, §5.1.1)."""

from __future__ import annotations

from ecid.encoding import der
from ecid.trust.extensions import Extension, Extensions


@der.sequence
class SignedObject:
    """The three parts: what is signed, the signature algorithm, the signature."""

    tbs: der.TLV
    algorithm: der.TLV
    signature: der.BitString


@der.sequence
class RawExtension:
    """One extension as it is encoded."""

    oid: der.ObjectIdentifier
    critical: der.Annotated[bool, der.Default(False)]
    value: bytes


def extensions_of(found: list[RawExtension] | None) -> Extensions:
    """Return the extensions in the order received; none where the field is absent."""
    return Extensions(
        tuple(Extension(e.oid.dotted_string, e.critical, e.value) for e in found or [])
    )
